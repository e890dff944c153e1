/*
 * test_model_forget.c - what is deleted on the servers leaves the tables, and what must not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world world;

/* A model of few rows: a table that only grew would overflow soon. */
static const struct model_limits few = {
    .regions = 4, .servers = 8, .streams = 6, .mirrors = 3, .log_lines = 64};

static void begin_few(void)
{
    world_begin(&world, 7);
    model_destroy(world.model);
    world.model = model_create(alloc_heap(), &few);
    assert_non_null(world.model);
    world_settings(&world, NS_PER_S, 10 * NS_PER_S);
    for (unsigned i = 0; i < 3; i++) {
        struct event event = {.type = EVT_REGION};
        event.u.region.region = world_region_name(i * 3);
        world_post(&world, &event);
        world_conn(&world, world_region_name(i * 3), CONN_UP);
    }
    world.leader = 6;
}

static void post_pair(const char *origin, const char *mirror, uint64_t seq)
{
    struct event event = world_stream("APP", origin, 0, seq);
    world_post(&world, &event);
    event = world_stream("APP", mirror, 3, seq);
    world_post(&world, &event);
    event = world_mirror("APP", mirror, origin, 0);
    world_post(&world, &event);
}

/* A second in which all that live list their streams, and this pair is (or is not) among them. */
static void second_with(const char *origin, const char *mirror, bool is_leaders_only)
{
    world_second(&world);
    if (origin != NULL) {
        struct event event = world_stream("APP", origin, 0, 10);
        world_post(&world, &event);
    }
    if (mirror != NULL) {
        struct event event = world_stream("APP", mirror, 3, 10);
        world_post(&world, &event);
        event = world_mirror("APP", mirror, origin != NULL ? origin : "ORIGIN", 0);
        world_post(&world, &event);
    }
    for (unsigned i = 0; i < world.servers; i++) {
        struct event event = {.type = EVT_STREAMS};
        event.u.streams = (struct evt_streams){.server = world_server_name(i),
                                               .cluster = world_region_name(i),
                                               .is_leaders_only = is_leaders_only,
                                               .is_complete = true};
        if (world.is_alive[i] && !world.is_deaf[i / 3]) {
            world_post(&world, &event);
        }
    }
}

static void seconds_with(const char *origin, const char *mirror, unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        second_with(origin, mirror, false);
    }
}

static bool is_shown(const char *stream)
{
    struct mirror_view view;
    for (size_t i = 0; i < view_mirrors(world.model); i++) {
        view_mirror(world.model, i, &view);
        if (strcmp(view.stream, stream) == 0) {
            return true;
        }
    }
    return false;
}

static void kill_region(unsigned region)
{
    for (unsigned i = region * 3; i < region * 3 + 3 && i < world.servers; i++) {
        world.is_alive[i] = false;
    }
}

static void a_deleted_mirror_is_shown_for_a_minute_then_removed(void **state)
{
    (void)state;
    begin_few();
    seconds_with("ORIGIN", "MIRROR", 5);
    seconds_with("ORIGIN", NULL, 5);
    struct mirror_view view = world_mirror_view(&world, "APP", "MIRROR");
    assert_int_equal(view.state, MIRROR_LAST_KNOWN);
    assert_non_null(strstr(view.error, "deleted"));
    seconds_with("ORIGIN", NULL, 50);
    assert_true(is_shown("MIRROR"));
    seconds_with("ORIGIN", NULL, 15);
    assert_false(is_shown("MIRROR"));
    assert_true(world_has_change(&world, "shown no more"));
    seconds_with("ORIGIN", "MIRROR", 2); /* the same name, made anew */
    assert_int_equal(world_mirror_view(&world, "APP", "MIRROR").state, MIRROR_CAUGHT_UP);
    world_end(&world);
}

static void rows_of_deleted_streams_are_used_again(void **state)
{
    (void)state;
    char origin[] = "ORIGIN_a";
    char mirror[] = "MIRROR_a";
    begin_few();
    for (char name = 'a'; name < 'z'; name++) {
        origin[7] = name;
        mirror[7] = name;
        seconds_with(origin, mirror, 4);
        assert_true(is_shown(mirror));
        seconds_with(NULL, NULL, 70);
        assert_int_equal(view_mirrors(world.model), 0);
    }
    struct model_overflow lost = model_overflow(world.model);
    assert_int_equal(lost.streams + lost.mirrors + lost.memory, 0);
    world_end(&world);
}

static void a_mirror_that_is_deleted_while_its_origin_is_dead_stays(void **state)
{
    (void)state;
    begin_few();
    seconds_with("ORIGIN", "MIRROR", 5);
    kill_region(0);
    seconds_with(NULL, "MIRROR", 20);
    seconds_with(NULL, NULL, 300);
    assert_true(is_shown("MIRROR"));
    assert_true(world_has_change(&world, "its origin is silent too"));
    struct mirror_view view = world_mirror_view(&world, "APP", "MIRROR");
    assert_int_equal(view.last_seq.number, 10);
    assert_non_null(strstr(view.error, "deleted"));
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = true;
    }
    seconds_with("ORIGIN", NULL, 3); /* it is there: nothing hangs on that mirror any more */
    assert_false(is_shown("MIRROR"));
    world_end(&world);
}

static void a_mirror_whose_origin_we_never_saw_stays_while_a_region_is_silent(void **state)
{
    (void)state;
    begin_few();
    kill_region(0); /* before we looked */
    seconds_with(NULL, "MIRROR", 5);
    seconds_with(NULL, NULL, 200);
    assert_true(is_shown("MIRROR"));
    world_end(&world);
}

static void an_origin_stays_while_a_mirror_of_it_does(void **state)
{
    (void)state;
    begin_few();
    seconds_with("ORIGIN", "MIRROR", 5);
    for (unsigned i = 0; i < 200; i++) {
        second_with(NULL, "MIRROR", false);
    }
    assert_true(world_has_change(&world, "stream ORIGIN is gone"));
    assert_string_equal(world_mirror_view(&world, "APP", "MIRROR").origin, "ORIGIN");
    assert_int_equal(world_mirror_view(&world, "APP", "MIRROR").state, MIRROR_LAST_KNOWN);
    world_end(&world);
}

static void among_leaders_only_a_deleted_mirror_is_found_after_a_minute(void **state)
{
    (void)state;
    begin_few();
    for (unsigned i = 0; i < 5; i++) {
        second_with("ORIGIN", "MIRROR", true);
    }
    for (unsigned i = 0; i < 55; i++) {
        second_with("ORIGIN", NULL, true);
        assert_false(world_has_change(&world, "is gone")); /* it may be without a leader */
    }
    for (unsigned i = 0; i < 10; i++) {
        second_with("ORIGIN", NULL, true);
    }
    assert_true(world_has_change(&world, "mirror MIRROR is gone"));
    assert_non_null(strstr(world_mirror_view(&world, "APP", "MIRROR").error, "without a leader"));
    for (unsigned i = 0; i < 65; i++) {
        second_with("ORIGIN", NULL, true);
    }
    assert_false(is_shown("MIRROR"));
    world_end(&world);
}

static void among_leaders_only_nothing_is_gone_while_a_server_is_silent(void **state)
{
    (void)state;
    begin_few();
    for (unsigned i = 0; i < 5; i++) {
        second_with("ORIGIN", "MIRROR", true);
    }
    world.is_alive[5] = false;
    for (unsigned i = 0; i < 200; i++) {
        second_with("ORIGIN", NULL, true);
    }
    assert_true(is_shown("MIRROR"));
    assert_false(world_has_change(&world, "is gone"));
    world_end(&world);
}

static void a_server_that_left_the_meta_group_is_forgotten_and_a_crashed_one_is_not(void **state)
{
    (void)state;
    begin_few();
    world_seconds(&world, 5);
    world.is_alive[2] = false;
    world_seconds(&world, 300);
    assert_int_equal(world_server(&world, "rg1-n3").state, SERVER_DOWN);
    assert_int_equal(world_region(&world, "rg1").verdict, VERDICT_DEGRADED);
    world.is_removed[2] = true;
    world_seconds(&world, 3);
    assert_int_equal(view_servers(world.model), 6);
    assert_int_equal(world_region(&world, "rg1").verdict, VERDICT_OK);
    assert_int_equal(world_region(&world, "rg1").servers, 2);
    world.is_alive[2] = true; /* another of that name */
    world.is_removed[2] = false;
    world_seconds(&world, 3);
    assert_int_equal(view_servers(world.model), 7);
    assert_int_equal(world_server(&world, "rg1-n3").state, SERVER_UP);
    world_end(&world);
}

static void a_dead_regions_servers_are_never_forgotten(void **state)
{
    (void)state;
    begin_few();
    world_seconds(&world, 5);
    kill_region(0);
    world.is_removed[0] = world.is_removed[1] = world.is_removed[2] = true;
    world_seconds(&world, 300);
    assert_int_equal(view_servers(world.model), 7);
    assert_int_equal(world_region(&world, "rg1").verdict, VERDICT_DOWN);
    world_end(&world);
}

static void also_put(void *context, const struct event *event)
{
    model_apply(context, event);
}

static void forgetting_is_the_same_in_replay(void **state)
{
    (void)state;
    begin_few();
    struct model *replay = model_create(alloc_heap(), &few);
    struct model *live = world.model;
    world.model = model_create(alloc_heap(), &few);
    model_destroy(live);
    world.also = (struct event_sink){.put = also_put, .context = replay};
    seconds_with("ORIGIN", "MIRROR", 5);
    seconds_with("ORIGIN", "OTHER", 80);
    world.is_alive[2] = false;
    world.is_removed[2] = true;
    seconds_with("THIRD", "MIRROR", 100);
    assert_true(model_digest(world.model) == model_digest(replay));
    assert_true(is_shown("MIRROR"));
    assert_false(is_shown("OTHER"));
    model_destroy(replay);
    world_end(&world);
}

static void forgetting_gives_its_memory_back(void **state)
{
    (void)state;
    struct counting_alloc counting;
    counting_begin(&counting);
    world_begin_with(&world, 7, &counting.alloc);
    post_pair("ORIGIN", "MIRROR", 5);
    seconds_with(NULL, NULL, 5);
    world_end(&world);
    assert_int_equal(counting.bytes, 0);
    counting_begin(&counting);
    world_begin_with(&world, 7, &counting.alloc);
    world.leader = 6;
    seconds_with("ORIGIN", "MIRROR", 5);
    world.is_alive[2] = false;
    world.is_removed[2] = true;
    seconds_with(NULL, NULL, 100);
    assert_int_equal(view_servers(world.model), 6);
    world_end(&world);
    assert_int_equal(counting.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deleted_mirror_is_shown_for_a_minute_then_removed),
        cmocka_unit_test(rows_of_deleted_streams_are_used_again),
        cmocka_unit_test(a_mirror_that_is_deleted_while_its_origin_is_dead_stays),
        cmocka_unit_test(a_mirror_whose_origin_we_never_saw_stays_while_a_region_is_silent),
        cmocka_unit_test(an_origin_stays_while_a_mirror_of_it_does),
        cmocka_unit_test(among_leaders_only_a_deleted_mirror_is_found_after_a_minute),
        cmocka_unit_test(among_leaders_only_nothing_is_gone_while_a_server_is_silent),
        cmocka_unit_test(a_server_that_left_the_meta_group_is_forgotten_and_a_crashed_one_is_not),
        cmocka_unit_test(a_dead_regions_servers_are_never_forgotten),
        cmocka_unit_test(forgetting_is_the_same_in_replay),
        cmocka_unit_test(forgetting_gives_its_memory_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
