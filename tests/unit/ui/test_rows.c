/*
 * test_rows.c - the order of mirrors is worked out when it may have changed, and only then.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "rows.h"
#include "world.h"

#define MIRRORS 40

static void set_up(struct world *world)
{
    static char names[MIRRORS][16];

    world_init(world, 3);
    for (int i = 2; i < MIRRORS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "S%02d_MIRROR", i);
        world_add_mirror(world, names[i] + 1, names[i]);
    }
    world_start(world);
    world_run(world, 10);
}

static void assert_like_fresh(const struct mirror_rows *rows, const struct world *world,
                              const struct ui_state *state)
{
    struct mirror_rows fresh;

    mirror_rows_init(&fresh, alloc_heap());
    mirror_rows_update(&fresh, world->model, state);
    assert_int_equal(rows->count, fresh.count);
    assert_int_equal(rows->all, fresh.all);
    assert_int_equal(rows->trouble, fresh.trouble);
    assert_int_equal(rows->selected, fresh.selected);
    assert_memory_equal(rows->states, fresh.states, sizeof(fresh.states));
    for (size_t i = 0; i < fresh.count; i++) {
        assert_string_equal(rows->rows[i].stream, fresh.rows[i].stream);
    }
    mirror_rows_destroy(&fresh);
}

static void rows_kept_up_are_like_rows_made_afresh(void **unused)
{
    static struct world world;
    struct mirror_rows rows;
    struct ui_state state = {.sort = SORT_TROUBLE};

    (void)unused;
    set_up(&world);
    mirror_rows_init(&rows, alloc_heap());
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < world.mirrors; i++) {
            world.mirror[i].behind = (round * 31 + i * 17) % 7 == 0 ? 900 + i : 0;
            world.mirror[i].rate = 100;
        }
        state.sort = (enum ui_sort)(round / 15 % UI_SORTS);
        (void)strcpy(state.filter, round % 9 == 8 ? "s1" : "");
        (void)strcpy(state.selected[PANEL_MIRRORS].name, "S07_MIRROR");
        (void)strcpy(state.selected[PANEL_MIRRORS].group, "APP");
        state.selected[PANEL_MIRRORS].is_set = round > 5;
        world_run(&world, 1);
        if (round == 50) {
            world_kill(&world, 0);
        }
        mirror_rows_update(&rows, world.model, &state);
        assert_like_fresh(&rows, &world, &state);
    }
    mirror_rows_destroy(&rows);
    world_destroy(&world);
}

/* A row is spoilt on purpose: it stays so for as long as nothing about mirrors has changed. */
static void nothing_is_sorted_while_mirrors_do_not_change(void **unused)
{
    static struct world world;
    struct mirror_rows rows;
    struct ui_state state = {.sort = SORT_NAME};

    (void)unused;
    set_up(&world);
    world.streams_every_s = 1000000;
    mirror_rows_init(&rows, alloc_heap());
    mirror_rows_update(&rows, world.model, &state);
    rows.rows[0].key = 7;
    world_put(&world, (struct event){.type = EVT_NOTE,
                                     .u.note = {.severity = SEV_INFO, .source = "t", .text = "t"}});
    world_put(&world, (struct event){.type = EVT_TICK});
    mirror_rows_update(&rows, world.model, &state);
    assert_int_equal(rows.rows[0].key, 7);
    state.sort = SORT_TROUBLE;
    mirror_rows_update(&rows, world.model, &state);
    assert_int_not_equal(rows.rows[0].key, 7);
    mirror_rows_destroy(&rows);
    world_destroy(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_kept_up_are_like_rows_made_afresh),
        cmocka_unit_test(nothing_is_sorted_while_mirrors_do_not_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
