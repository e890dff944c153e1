/*
 * layout.h - which panel stands where, for any size. Pure numbers.
 *
 * Wide screens (100 columns and more) stand regions side by side, and evidence beside links and
 * DNS; narrow ones stack. What does not fit shrinks in a fixed order and then goes; the verdict
 * line is the last.
 */
#ifndef FARSHORE_UI_PRIVATE_LAYOUT_H
#define FARSHORE_UI_PRIVATE_LAYOUT_H

#include <stdbool.h>

#include "state.h"

#define LAYOUT_WIDE_COLS 100
#define LAYOUT_TIGHT_ROWS 18 /* below it panels go without a header of their own */

struct rect {
    int x, y, cols, rows;
};

struct layout {
    bool is_wide;
    bool is_tight;
    int top_rows;    /* 1: verdict; 2: with the first line; 3: all */
    int verdict_row; /* where line 2 stands */
    bool has_keys;
    int split; /* column of the bar between left and right; wide only */
    struct rect body;
    struct rect panels[UI_PANELS]; /* rows 0: not shown */
};

/* rows[p]: what each panel would like, its header included. */
void layout_compute(struct layout *out, int cols, int rows, const int wanted[UI_PANELS]);

/* Only this panel, below the top lines. */
void layout_zoom(struct layout *layout, enum ui_panel panel);

bool layout_is_wide(int cols);
bool layout_is_tight(int rows);

#endif
