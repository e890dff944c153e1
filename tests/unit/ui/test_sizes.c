/*
 * test_sizes.c - every size from 300x100 down to 1x1, every page: nothing leaves its cells, and the
 * verdict is the last to go. Run under ASan this is the proof of clipping.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "farshore/ui/ui.h"

#include "grid.h"
#include "ui_impl.h"
#include "world.h"

static const int cols_tried[] = {1,   2,   3,   5,   9,   12,  17,  20,  25, 33,
                                 39,  40,  59,  60,  72,  79,  80,  81,  99, 100,
                                 110, 119, 120, 121, 150, 199, 200, 299, 300};
static const int rows_tried[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  11,
                                 12, 17, 18, 23, 24, 30, 36, 50, 100};

/* A frame is whole: each row's widths add up to its columns, no control byte in any cell. */
static void check_frame(const struct grid *grid)
{
    for (int y = 0; y < grid->rows; y++) {
        int cols = 0;
        for (int x = 0; x < grid->cols; x++) {
            const struct cell *cell = grid_cell(grid, x, y);
            cols += cell->width;
            assert_true(cell->width != 2 || x + 1 < grid->cols);
            assert_true((cell->width == 0) == (cell->text[0] == '\0'));
            for (const char *c = cell->text; *c != '\0'; c++) {
                assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
            }
        }
        assert_int_equal(cols, grid->cols);
    }
}

static void draw_all_sizes(struct world *world, const char *keys)
{
    for (int is_ascii = 0; is_ascii < 2; is_ascii++) {
        struct ui_options options = {.is_ascii = is_ascii == 1};
        struct ui *ui;

        assert_int_equal(ui_create(&options, &ui, NULL), ST_OK);
        ui_resize(ui, 80, 24);
        (void)ui_draw(ui, world->model);
        ui_input_bytes(ui, world->model, keys, strlen(keys));
        for (size_t c = 0; c < sizeof(cols_tried) / sizeof(cols_tried[0]); c++) {
            for (size_t r = 0; r < sizeof(rows_tried) / sizeof(rows_tried[0]); r++) {
                ui_resize(ui, cols_tried[c], rows_tried[r]);
                (void)ui_draw(ui, world->model);
                check_frame(&ui->grid);
                /* The verdict stands whatever the size: DOWN begins with its glyph. */
                const struct cell *verdict = grid_cell(&ui->grid, 0, rows_tried[r] >= 2 ? 1 : 0);
                assert_string_equal(verdict->text, "!");
            }
        }
        ui_destroy(ui);
    }
}

static void every_page_fits_every_size(void **state)
{
    static const char *const keys[] = {
        "",    "?",     "?G", "l",  "L",      "e",     "d", "j\r", "j\rG", "\t\tj\r",  "z",
        "\tz", "\t\tz", "u",  "uG", "/AGENT", ":so\t", "P", "l\r", "s",    "\t\t\t\tz"};
    static struct world world;

    (void)state;
    world_init(&world, 3);
    for (int i = 0; i < 40; i++) {
        static char names[40][24];
        (void)snprintf(names[i], sizeof(names[i]), "MIRROR_%02d_\xe6\x97\xa5", i);
        world_add_mirror(&world, names[i] + 7, names[i])->behind = i % 7 == 0 ? 500 : 0;
    }
    world_start(&world);
    world_run(&world, 20);
    world_kill(&world, 0);
    world_run(&world, 20);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        draw_all_sizes(&world, keys[i]);
    }
    world_destroy(&world);
}

static void the_same_state_gives_the_same_frame(void **state)
{
    struct ui_options options = {.is_ascii = false};
    static struct world world;
    struct ui *a;
    struct ui *b;

    (void)state;
    world_init(&world, 3);
    world_start(&world);
    world_run(&world, 5);
    assert_int_equal(ui_create(&options, &a, NULL), ST_OK);
    assert_int_equal(ui_create(&options, &b, NULL), ST_OK);
    ui_resize(a, 120, 36);
    (void)ui_draw(a, world.model);
    ui_resize(a, 33, 7);
    (void)ui_draw(a, world.model);
    ui_resize(a, 120, 36);
    ui_resize(b, 120, 36);
    (void)ui_draw(a, world.model);
    (void)ui_draw(b, world.model);
    assert_true(ui_hash(a) == ui_hash(b));
    ui_destroy(a);
    ui_destroy(b);
    world_destroy(&world);
}

static void nothing_new_is_not_a_new_frame(void **state)
{
    struct ui_options options = {.is_ascii = false};
    static struct world world;
    struct ui *ui;

    (void)state;
    world_init(&world, 3);
    world_start(&world);
    assert_int_equal(ui_create(&options, &ui, NULL), ST_OK);
    assert_true(ui_draw(ui, world.model));
    assert_true(ui_present(ui));
    assert_false(ui_draw(ui, world.model));
    world_run(&world, 1);
    assert_true(ui_draw(ui, world.model));
    ui_destroy(ui);
    world_destroy(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_fits_every_size),
        cmocka_unit_test(the_same_state_gives_the_same_frame),
        cmocka_unit_test(nothing_new_is_not_a_new_frame),
    };

    return cmocka_run_group_tests_name("ui_sizes", tests, NULL, NULL);
}
