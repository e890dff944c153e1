/*
 * layout.c - which panel stands where.
 *
 * Why:   from 300x100 to 1x1 something useful must stand on the screen, the verdict always.
 * How:   every block asks for rows; a list of steps takes rows away until the rest fits; what
 *        remains over goes to events.
 * Rules: no drawing and no model here; any size is fine.
 * See:   tests/unit/ui/test_sizes.c
 */
#include "layout.h"

#include <string.h>

/* Vertical blocks: in a wide screen evidence, links and DNS share one. */
enum block {
    BLOCK_REGIONS,
    BLOCK_EVIDENCE,
    BLOCK_LINKS,
    BLOCK_DNS,
    BLOCK_MIDDLE,
    BLOCK_MIRRORS,
    BLOCK_EVENTS,
    BLOCKS
};

/* Take rows from a block down to a floor. */
struct step {
    enum block block;
    int floor;
};

static const struct step wide_steps[] = {
    {BLOCK_EVENTS, 6},  {BLOCK_MIRRORS, 8}, {BLOCK_EVENTS, 4},  {BLOCK_MIDDLE, 6},
    {BLOCK_MIRRORS, 5}, {BLOCK_EVENTS, 2},  {BLOCK_MIDDLE, 0},  {BLOCK_REGIONS, 4},
    {BLOCK_MIRRORS, 3}, {BLOCK_EVENTS, 0},  {BLOCK_REGIONS, 2}, {BLOCK_MIRRORS, 0},
    {BLOCK_REGIONS, 0},
};

static const struct step narrow_steps[] = {
    {BLOCK_EVIDENCE, 0}, {BLOCK_EVENTS, 3},  {BLOCK_MIRRORS, 8}, {BLOCK_LINKS, 3},
    {BLOCK_EVENTS, 2},   {BLOCK_MIRRORS, 5}, {BLOCK_DNS, 0},     {BLOCK_EVENTS, 1},
    {BLOCK_LINKS, 2},    {BLOCK_MIRRORS, 3}, {BLOCK_EVENTS, 0},  {BLOCK_LINKS, 0},
    {BLOCK_REGIONS, 3},  {BLOCK_MIRRORS, 0}, {BLOCK_REGIONS, 0},
};

static const struct step tight_steps[] = {
    {BLOCK_EVIDENCE, 0}, {BLOCK_DNS, 0},     {BLOCK_EVENTS, 1},  {BLOCK_MIRRORS, 3},
    {BLOCK_LINKS, 1},    {BLOCK_EVENTS, 0},  {BLOCK_LINKS, 0},   {BLOCK_REGIONS, 2},
    {BLOCK_MIRRORS, 2},  {BLOCK_MIRRORS, 0}, {BLOCK_REGIONS, 0},
};

bool layout_is_wide(int cols)
{
    return cols >= LAYOUT_WIDE_COLS;
}

bool layout_is_tight(int rows)
{
    return rows < LAYOUT_TIGHT_ROWS;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Shrink blocks until they fit; the rows left over go to events. */
static void fit(int blocks[BLOCKS], int rows, const struct step *steps, size_t count)
{
    int sum = 0;

    for (int i = 0; i < BLOCKS; i++) {
        sum += blocks[i];
    }
    for (size_t i = 0; i < count && sum > rows; i++) {
        int *block = &blocks[steps[i].block];
        int take = smaller(sum - rows, *block - steps[i].floor);
        if (take > 0) {
            *block -= take;
            sum -= take;
        }
    }
    if (sum < rows && blocks[BLOCK_EVENTS] > 0) {
        blocks[BLOCK_EVENTS] += rows - sum;
    }
}

static void place_middle(struct layout *out, int y, int rows, const int wanted[UI_PANELS])
{
    int right_x = out->split + 1;
    int right_cols = larger(out->body.cols - right_x, 0);
    int dns = smaller(wanted[PANEL_DNS], larger(rows - wanted[PANEL_LINKS], 0));
    int links = rows - dns;

    if (dns < 2) {
        links = rows >= 5 ? rows - 2 : rows;
        dns = rows - links;
    }
    out->panels[PANEL_EVIDENCE] = (struct rect){0, y, out->split, rows};
    out->panels[PANEL_LINKS] = (struct rect){right_x, y, right_cols, links};
    out->panels[PANEL_DNS] = (struct rect){right_x, y + links, right_cols, dns};
}

static int place(struct layout *out, enum ui_panel panel, int y, int rows)
{
    out->panels[panel] = (struct rect){0, y, out->body.cols, rows};
    return y + rows;
}

static void place_wide(struct layout *out, const int wanted[UI_PANELS])
{
    int blocks[BLOCKS] = {0};
    int y = out->body.y;

    blocks[BLOCK_REGIONS] = wanted[PANEL_REGIONS];
    blocks[BLOCK_MIDDLE] = larger(wanted[PANEL_EVIDENCE], wanted[PANEL_LINKS] + wanted[PANEL_DNS]);
    blocks[BLOCK_MIRRORS] = wanted[PANEL_MIRRORS];
    blocks[BLOCK_EVENTS] = wanted[PANEL_EVENTS];
    fit(blocks, out->body.rows, wide_steps, sizeof(wide_steps) / sizeof(wide_steps[0]));
    y = place(out, PANEL_REGIONS, y, blocks[BLOCK_REGIONS]);
    if (blocks[BLOCK_MIDDLE] > 0) {
        place_middle(out, y, blocks[BLOCK_MIDDLE], wanted);
    }
    y += blocks[BLOCK_MIDDLE];
    y = place(out, PANEL_MIRRORS, y, blocks[BLOCK_MIRRORS]);
    (void)place(out, PANEL_EVENTS, y, blocks[BLOCK_EVENTS]);
}

static void place_narrow(struct layout *out, const int wanted[UI_PANELS])
{
    int blocks[BLOCKS] = {0};
    int y = out->body.y;

    blocks[BLOCK_REGIONS] = wanted[PANEL_REGIONS];
    blocks[BLOCK_EVIDENCE] = wanted[PANEL_EVIDENCE];
    blocks[BLOCK_LINKS] = wanted[PANEL_LINKS];
    blocks[BLOCK_DNS] = wanted[PANEL_DNS];
    blocks[BLOCK_MIRRORS] = wanted[PANEL_MIRRORS];
    blocks[BLOCK_EVENTS] = wanted[PANEL_EVENTS];
    if (out->is_tight) {
        fit(blocks, out->body.rows, tight_steps, sizeof(tight_steps) / sizeof(tight_steps[0]));
    } else {
        fit(blocks, out->body.rows, narrow_steps, sizeof(narrow_steps) / sizeof(narrow_steps[0]));
    }
    y = place(out, PANEL_REGIONS, y, blocks[BLOCK_REGIONS]);
    y = place(out, PANEL_EVIDENCE, y, blocks[BLOCK_EVIDENCE]);
    y = place(out, PANEL_LINKS, y, blocks[BLOCK_LINKS]);
    y = place(out, PANEL_DNS, y, blocks[BLOCK_DNS]);
    y = place(out, PANEL_MIRRORS, y, blocks[BLOCK_MIRRORS]);
    (void)place(out, PANEL_EVENTS, y, blocks[BLOCK_EVENTS]);
}

void layout_compute(struct layout *out, int cols, int rows, const int wanted[UI_PANELS])
{
    memset(out, 0, sizeof(*out));
    out->is_wide = layout_is_wide(cols);
    out->is_tight = layout_is_tight(rows);
    out->top_rows = smaller(rows, 3);
    out->verdict_row = rows >= 2 ? 1 : 0;
    out->has_keys = rows >= 8;
    out->split = out->is_wide ? cols / 2 - 1 : cols;
    out->body = (struct rect){0, out->top_rows, cols,
                              larger(rows - out->top_rows - (out->has_keys ? 1 : 0), 0)};
    if (out->is_wide && !out->is_tight) {
        place_wide(out, wanted);
    } else {
        out->is_wide = false;
        out->split = cols;
        place_narrow(out, wanted);
    }
}

void layout_zoom(struct layout *layout, enum ui_panel panel)
{
    memset(layout->panels, 0, sizeof(layout->panels));
    layout->panels[panel] = layout->body;
}
