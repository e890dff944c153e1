/*
 * test_golden.c - whole screens against files in tests/golden/ui.
 *
 * FS_GOLDEN_UPDATE=1 writes them anew; then look at each difference as a tired newcomer would.
 */
#include "cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/ui/ui.h"

#include "grid.h"
#include "ui_impl.h"
#include "world.h"

enum look {
    LOOK_UTF8,
    LOOK_ASCII,
    LOOK_ROLES /* ASCII with a letter for each role: what colour or weight would add */
};

struct size {
    int cols, rows;
};

static const struct size sizes[] = {{120, 36}, {80, 24}, {40, 12}};

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);

    if (file != NULL && text != NULL) {
        size_t got = fread(text, 1, (1 << 20) - 1, file);
        text[got] = '\0';
        fclose(file);
    }
    return text;
}

static void compare(const char *name, const struct size *size, const char *look,
                    const struct strbuf *got)
{
    char path[512];
    char *wanted;

    (void)snprintf(path, sizeof(path), "%s/%s-%dx%d-%s.txt", FS_GOLDEN_DIR, name, size->cols,
                   size->rows, look);
    if (getenv("FS_GOLDEN_UPDATE") != NULL) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(got->text, 1, got->length, file), got->length);
        fclose(file);
    }
    wanted = read_file(path);
    if (strcmp(wanted, got->text) != 0) {
        print_error("%s differs; FS_GOLDEN_UPDATE=1 writes it anew. Got:\n%s\n", path, got->text);
    }
    assert_string_equal(wanted, got->text);
    free(wanted);
}

/* What `:check` shows; NULL: its page is not open. */
static const struct ui_check *check;

/* Keys to press before looking; "" none. */
static void shoot(struct world *world, const char *name, const char *keys, const struct size *size,
                  enum look look)
{
    static const char *const looks[] = {"utf8", "ascii", "mono"};
    struct ui_options options = {.is_ascii = look != LOOK_UTF8};
    struct strbuf text;
    struct theme theme;
    struct ui *ui;

    theme_init(&theme);
    theme_make_mono(&theme);
    options.theme = look == LOOK_ROLES ? &theme : NULL;
    assert_int_equal(ui_create(&options, &ui, NULL), ST_OK);
    ui_resize(ui, size->cols, size->rows);
    if (check != NULL) {
        ui_set_check(ui, check);
        ui_open_check(ui);
    }
    (void)ui_draw(ui, world->model);
    ui_input_bytes(ui, world->model, keys, strlen(keys));
    (void)ui_draw(ui, world->model);
    strbuf_init(&text, alloc_heap());
    if (look == LOOK_ROLES) {
        grid_dump_roles(&ui->grid, &text);
    } else {
        ui_dump(ui, &text);
    }
    compare(name, size, looks[look], &text);
    strbuf_destroy(&text);
    ui_destroy(ui);
}

static void shoot_all(struct world *world, const char *name)
{
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        shoot(world, name, "", &sizes[i], LOOK_UTF8);
        shoot(world, name, "", &sizes[i], LOOK_ASCII);
    }
    shoot(world, name, "", &sizes[0], LOOK_ROLES);
    shoot(world, name, "", &sizes[1], LOOK_ROLES);
}

static void all_well_is_read_at_a_glance(void **state)
{
    static struct world world;

    (void)state;
    world_init(&world, 3);
    world_start(&world);
    world_run(&world, 75);
    shoot_all(&world, "well");
    shoot(&world, "well", "", &(struct size){200, 50}, LOOK_ASCII);
    world_destroy(&world);
}

static void a_killed_region_stands_out(void **state)
{
    static struct world world;

    (void)state;
    world_init(&world, 3);
    world_start(&world);
    world_run(&world, 60);
    world_kill(&world, 0);
    world_run(&world, 38);
    shoot_all(&world, "killed");
    shoot(&world, "killed", "", &(struct size){200, 50}, LOOK_UTF8);
    world_destroy(&world);
}

static void a_start_in_the_dark_says_so(void **state)
{
    static struct world world;

    (void)state;
    world_init(&world, 3);
    world_start_dark(&world);
    world_run(&world, 3);
    shoot_all(&world, "dark");
    world_destroy(&world);
}

static void a_model_without_events_is_drawn(void **state)
{
    static struct world world;

    (void)state;
    world_init(&world, 3);
    shoot_all(&world, "empty");
    world_destroy(&world);
}

static void two_regions_alone_warn_of_the_quorum(void **state)
{
    static struct world world;

    (void)state;
    world_init(&world, 2);
    world_start(&world);
    world_run(&world, 40);
    shoot_all(&world, "quorum");
    world_destroy(&world);
}

static const char *const hostile_names[9] = {
    "n\\x1B[31mred",
    "\xe6\x97\xa5\xe6\x9c\xac-\xe6\x9d\xb1\xe4\xba\xac-\xe3\x82\xb5\xe3\x83\xbc",
    "cafe\xcc\x81-\xc3\xa9",
    "a-name-that-is-far-longer-than-any-column-would-like-it-to-be-0123456789",
    "\xf0\x9f\x9a\x80-rocket",
    "rg2-n3",
    "%s%n%d",
    "x",
    "y",
};

static void hostile_names_break_nothing(void **state)
{
    static struct world world;
    struct world_mirror *mirror;

    (void)state;
    world_init(&world, 3);
    world.names = hostile_names;
    mirror =
        world_add_mirror(&world, "ORIGIN|WITH|BARS", "%s%n-\\x1B]0;title\\x07-and-so-on-for-long");
    mirror->behind = 1204;
    mirror->rate = 210;
    mirror = world_add_mirror(&world, "WIDE",
                              "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae"
                              "\xe5\x90\x8d\xe5\x89\x8d\xe3\x81\xa7\xe3\x81\x99");
    mirror->holes = 12;
    world_start(&world);
    world_run(&world, 30);
    mirror->is_stalled = true;
    world_run(&world, 8);
    shoot_all(&world, "hostile");
    world_destroy(&world);
}

static void many_mirrors_fold_those_without_trouble(void **state)
{
    static const char *const names[] = {"ORDERS", "PAYMENTS", "LEDGER",   "AUDIT",   "SESSIONS",
                                        "NOTIFY", "RISK",     "WEBHOOKS", "REFUNDS", "RATES"};
    static struct world world;

    (void)state;
    world_init(&world, 3);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        static char mirrors[10][32];
        (void)snprintf(mirrors[i], sizeof(mirrors[i]), "%s_MIRROR", names[i]);
        struct world_mirror *mirror = world_add_mirror(&world, names[i], mirrors[i]);
        mirror->rate = 10;
        mirror->behind = i == 0 ? 1204 : i == 1 ? 80 : 0;
    }
    world_start(&world);
    world_run(&world, 130);
    shoot_all(&world, "many");
    shoot(&world, "many-unfolded", "uGk", &sizes[1], LOOK_ASCII);
    shoot(&world, "many-filtered", "/ord\r", &sizes[1], LOOK_ASCII);
    shoot(&world, "many-by-name", "ss", &sizes[1], LOOK_ASCII);
    world_destroy(&world);
}

static void pages_and_popups_keep_the_three_lines(void **state)
{
    static struct world world;

    (void)state;
    world_init(&world, 3);
    world_start(&world);
    world_run(&world, 60);
    world_kill(&world, 0);
    world_run(&world, 12);
    for (size_t i = 0; i < 2; i++) {
        shoot(&world, "help", "?", &sizes[i], LOOK_ASCII);
        shoot(&world, "help-scrolled", "?G", &sizes[i], LOOK_ASCII);
        shoot(&world, "detail-mirror", "j\r", &sizes[i], LOOK_ASCII);
        shoot(&world, "detail-server", "\t\tj\r", &sizes[i], LOOK_ASCII);
        shoot(&world, "page-links", "l", &sizes[i], LOOK_ASCII);
        shoot(&world, "page-log", "L", &sizes[i], LOOK_ASCII);
        shoot(&world, "page-evidence", "e", &sizes[i], LOOK_ASCII);
        shoot(&world, "page-dns", "d", &sizes[i], LOOK_ASCII);
        shoot(&world, "zoom-regions", "\t\tz", &sizes[i], LOOK_ASCII);
        shoot(&world, "danger", "P", &sizes[i], LOOK_ASCII);
        shoot(&world, "prompt", ":so\t", &sizes[i], LOOK_ASCII);
    }
    world_destroy(&world);
}

/* A survey of rg2 alone, with a stream that a long remedy hangs on. */
static void begin_facts(struct ready_facts *facts, const struct world *world)
{
    static const char *const streams[] = {"AGENTESE", "EVENTS", "KV_FARSHORE_STATE", "SCRATCH"};
    ready_facts_begin(facts, alloc_heap());
    facts->mono_ns = model_mono_ns(world->model) - INT64_C(3000000000);
    facts->lag_warn_ns = INT64_C(180000000000);
    for (unsigned i = 0; i < 2; i++) {
        static const char *const regions[] = {"rg1", "rg2"};
        *ready_add_region(facts) = (struct ready_region){
            .name = regions[i], .role = (enum region_role)i, .servers = 3, .listed = 3};
        *ready_add_login(facts) = (struct ready_login){.region = regions[i],
                                                       .kind = READY_LOGIN_APP,
                                                       .state = READY_LOGIN_UNTESTED,
                                                       .why = "not armed"};
    }
    for (unsigned i = 0; i < 4; i++) {
        struct ready_stream *row = ready_add_stream(facts);
        assert_non_null(row);
        row->account = "APP";
        row->name = streams[i];
        row->region = i == 2 ? "rg2" : "rg1";
        row->leader = i == 2 ? "rg2-n1" : "rg1-n1";
    }
    ready_facts_settle(facts);
}

static void the_check_page_says_what_to_do(void **state)
{
    static struct world world;
    struct ready_facts facts;
    struct ready_report report;
    struct ui_check shown = {NULL, "asking the servers; this takes a few seconds"};

    (void)state;
    world_init(&world, 3);
    world_start(&world);
    world_run(&world, 20);
    check = &shown;
    shoot(&world, "page-check-begins", "", &sizes[1], LOOK_ASCII);
    begin_facts(&facts, &world);
    ready_judge(world.model, &facts, alloc_heap(), &report);
    world_run(&world, 5);
    shown = (struct ui_check){&report, NULL};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        shoot(&world, "page-check", "", &sizes[i], LOOK_ASCII);
    }
    shoot(&world, "page-check", "", &sizes[0], LOOK_UTF8);
    shoot(&world, "page-check", "", &sizes[1], LOOK_ROLES);
    shoot(&world, "page-check-end", "G", &sizes[1], LOOK_ASCII);
    check = NULL;
    ready_report_end(&report);
    ready_facts_end(&facts);
    world_destroy(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_well_is_read_at_a_glance),
        cmocka_unit_test(a_killed_region_stands_out),
        cmocka_unit_test(a_start_in_the_dark_says_so),
        cmocka_unit_test(a_model_without_events_is_drawn),
        cmocka_unit_test(two_regions_alone_warn_of_the_quorum),
        cmocka_unit_test(hostile_names_break_nothing),
        cmocka_unit_test(many_mirrors_fold_those_without_trouble),
        cmocka_unit_test(pages_and_popups_keep_the_three_lines),
        cmocka_unit_test(the_check_page_says_what_to_do),
    };

    return cmocka_run_group_tests_name("ui_golden", tests, NULL, NULL);
}
