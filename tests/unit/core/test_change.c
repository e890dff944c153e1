/*
 * test_change.c - the log of changes, and what counts as one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world world;

static void changes_count_changes_of_state_alone(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world.leader = 6;
    world_seconds(&world, 5);
    uint64_t changes = model_changes(world.model);
    uint64_t revision = model_revision(world.model);
    world_seconds(&world, 10);
    struct event note = {.type = EVT_NOTE, .u.note = {SEV_WARN, "config", "text"}};
    struct event fault = {.type = EVT_FAULT, .u.fault = {"kill rg1", "ok", true}};
    world_post(&world, &note);
    world_post(&world, &fault);
    assert_true(model_changes(world.model) == changes);
    assert_true(model_revision(world.model) > revision);
    assert_true(world_has_change(&world, "config: text"));
    world.is_alive[0] = false;
    world_seconds(&world, 5);
    assert_true(model_changes(world.model) > changes);
    world_end(&world);
}

static void a_tick_of_a_quiet_world_is_no_revision(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world.leader = 6;
    world_seconds(&world, 5);
    uint64_t revision = model_revision(world.model);
    world_pass(&world, 250 * WORLD_MS);
    world_tick(&world);
    assert_true(model_revision(world.model) == revision);
    world_end(&world);
}

static void the_log_keeps_the_newest_lines(void **state)
{
    (void)state;
    char text[32];
    world_begin(&world, 7);
    for (unsigned i = 0; i < 1000; i++) {
        struct event note = {.type = EVT_NOTE, .u.note = {SEV_INFO, NULL, text}};
        snprintf(text, sizeof(text), "line %u", i);
        world_post(&world, &note);
    }
    assert_int_equal(view_changes(world.model), 512);
    struct change_view view;
    view_change(world.model, 0, &view);
    assert_string_equal(view.text, "line 999");
    view_change(world.model, 511, &view);
    assert_string_equal(view.text, "line 488");
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_count_changes_of_state_alone),
        cmocka_unit_test(a_tick_of_a_quiet_world_is_no_revision),
        cmocka_unit_test(the_log_keeps_the_newest_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
