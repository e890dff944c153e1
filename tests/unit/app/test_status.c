/*
 * test_status.c - the printed status of three situations, byte for byte, and its exit codes.
 *
 * FS_UPDATE_GOLDEN=1 writes the files anew; say in the commit what a reader now sees.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "farshore/base/duration.h"
#include "status.h"
#include "world.h"

#define LAG_WARN_NS (3 * NS_PER_MINUTE)

static struct strbuf out;

static void compare(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", FS_GOLDEN_DIR, name);
    assert_false(out.has_failed);
    if (getenv("FS_UPDATE_GOLDEN") != NULL) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fwrite(out.text, 1, out.length, file);
        fclose(file);
        return;
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail_msg("%s is missing; FS_UPDATE_GOLDEN=1 writes it", path);
        return;
    }
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    text[length] = '\0';
    if (strcmp(text, out.text) != 0) {
        print_error("%s differs; this is what is printed now:\n%s\n", name, out.text);
    }
    assert_string_equal(out.text, text);
    free(text);
}

static void check_all(const struct world *world, const char *name, enum status_exit code)
{
    char file[64];
    char why[256];
    assert_int_equal(status_judge(world->model, LAG_WARN_NS, why, sizeof(why)), code);
    strbuf_init(&out, alloc_heap());
    status_json(world->model, LAG_WARN_NS, &out);
    cJSON *tree = cJSON_Parse(out.text);
    assert_non_null(tree);
    cJSON_Delete(tree);
    strbuf_put_char(&out, '\n');
    snprintf(file, sizeof(file), "%s.json", name);
    compare(file);
    strbuf_reset(&out);
    status_text(world->model, LAG_WARN_NS, &out);
    snprintf(file, sizeof(file), "%s.txt", name);
    compare(file);
    strbuf_reset(&out);
    status_prometheus(world->model, LAG_WARN_NS, &out);
    snprintf(file, sizeof(file), "%s.prom", name);
    compare(file);
    strbuf_destroy(&out);
}

static void nothing_answers_is_unknown(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    check_all(&world, "empty", STATUS_UNKNOWN);
    world_end(&world);
}

static void all_is_well(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world_run(&world, 10);
    check_all(&world, "well", STATUS_OK);
    world_end(&world);
}

static void a_silent_region_is_a_warning_and_then_critical(void **state)
{
    (void)state;
    struct world world;
    char why[256];
    world_begin(&world);
    world_run(&world, 10);
    world.is_rg1_dead = true;
    world_run(&world, 4);
    assert_int_equal(status_judge(world.model, LAG_WARN_NS, why, sizeof(why)), STATUS_WARNING);
    world_run(&world, 16);
    check_all(&world, "down", STATUS_CRITICAL);
    world_end(&world);
}

static void a_label_is_escaped_in_prometheus(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    strbuf_init(&out, alloc_heap());
    status_prometheus(world.model, LAG_WARN_NS, &out);
    assert_non_null(strstr(out.text, "config=\"prod \\\"east\\\"\""));
    strbuf_destroy(&out);
    world_end(&world);
}

static void every_region_has_its_witnesses(void **state)
{
    (void)state;
    struct world world;
    struct status_witness rows[STATUS_WITNESSES];
    world_begin(&world);
    world_run(&world, 10);
    world.is_rg1_dead = true;
    world_run(&world, 4);
    size_t count = status_witnesses(world.model, 0, rows);
    assert_int_equal(count, 4);
    assert_string_equal(rows[0].name, "connection rg1");
    assert_int_equal(rows[0].says, WITNESS_SILENT);
    assert_string_equal(rows[1].name, "servers rg1");
    assert_int_equal(rows[1].class, 'A');
    assert_int_equal(rows[1].says, WITNESS_SILENT);
    assert_int_equal(rows[2].class, 'B');
    assert_int_equal(rows[2].says, WITNESS_SILENT);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_answers_is_unknown),
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(a_silent_region_is_a_warning_and_then_critical),
        cmocka_unit_test(a_label_is_escaped_in_prometheus),
        cmocka_unit_test(every_region_has_its_witnesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
