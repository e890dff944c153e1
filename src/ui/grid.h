/*
 * grid.h - a screen as cells: what every panel draws into and every backend reads from.
 *
 * A cell holds one cluster (a character with its combining marks), its columns, and the role that a
 * theme turns into colours. A grid knows no terminal: it can be shown, dumped, hashed or compared.
 * Text that is not plain never reaches a cell: controls, invalid UTF-8 and zero-width characters
 * are written as \xNN, one group a byte; in ASCII mode so is everything beyond ASCII, because an
 * operator must be able to tell two names apart, and a replacement character hides that.
 */
#ifndef FARSHORE_UI_PRIVATE_GRID_H
#define FARSHORE_UI_PRIVATE_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/alloc.h"
#include "farshore/base/strbuf.h"
#include "farshore/ui/theme.h"

#define CELL_TEXT_BYTES 13 /* longer clusters lose their last marks */

/* Marks lie over the role: they add the attributes of another role. */
#define MARK_SELECTED 1u

struct cell {
    char text[CELL_TEXT_BYTES]; /* NUL-terminated; "" is the right half of a wide cluster */
    uint8_t width;              /* columns: 1, 2, or 0 for that right half */
    uint8_t role;               /* enum theme_role */
    uint8_t marks;
};

struct grid {
    const struct fs_alloc *alloc;
    struct cell *cells; /* row by row */
    size_t capacity;    /* cells allocated */
    int cols, rows;
    bool is_ascii;
};

/* The part of a grid that may be drawn on; everything outside is clipped. */
struct area {
    struct grid *grid;
    const struct theme *theme;
    int x, y, cols, rows;
};

void grid_init(struct grid *grid, const struct fs_alloc *alloc);
void grid_destroy(struct grid *grid);

/* Set the size (at least 1x1) and blank it. False when memory is out: the old size then stays. */
bool grid_resize(struct grid *grid, int cols, int rows);

/* Blank every cell. */
void grid_blank(struct grid *grid);

/* Copy cells and size, of the same size only rows that differ; false when memory is out. */
bool grid_copy(struct grid *to, const struct grid *from);

/* Is that row the same in two grids of equal size? */
bool grid_row_equal(const struct grid *a, const struct grid *b, int row);

bool grid_equal(const struct grid *a, const struct grid *b);

/* The cell at a place inside the grid. */
const struct cell *grid_cell(const struct grid *grid, int x, int y);

/* Append the text of all rows, each ended by a newline, trailing blanks kept. */
void grid_dump(const struct grid *grid, struct strbuf *out);

/* As grid_dump() with a line of role letters under each row: for tests of what colour would say. */
void grid_dump_roles(const struct grid *grid, struct strbuf *out);

/* A hash over texts, roles, marks and size. */
uint64_t grid_hash(const struct grid *grid);

/* Columns that the text takes on a grid of this mode. */
int grid_text_cols(const char *text, bool is_ascii);

/* The whole grid as an area. */
struct area grid_area(struct grid *grid, const struct theme *theme);

/* A part of an area; clipped to it, possibly empty. */
struct area area_part(const struct area *area, int x, int y, int cols, int rows);

/*
 * Write text at (x, y) of the area; what lies outside is clipped.
 *
 * Returns the columns that the whole text takes, clipped or not.
 */
int area_put(const struct area *area, int x, int y, enum theme_role role, unsigned marks,
             const char *text);

/* The same text so many times one after the other; a glyph of one column each. */
void area_repeat(const struct area *area, int x, int y, enum theme_role role, unsigned marks,
                 const char *glyph, int times);

/* Fill a rectangle of the area with blanks of a role. */
void area_fill(const struct area *area, int x, int y, int cols, int rows, enum theme_role role);

#endif
