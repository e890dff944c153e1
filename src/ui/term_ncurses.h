/*
 * term_ncurses.h - the one place that speaks to ncurses.
 */
#ifndef FARSHORE_UI_PRIVATE_TERM_NCURSES_H
#define FARSHORE_UI_PRIVATE_TERM_NCURSES_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/base/err.h"
#include "farshore/base/strbuf.h"
#include "farshore/ui/theme.h"

#include "grid.h"

struct term_ncurses;

/* A screen for that terminal type, writing to memory. An unknown type becomes "dumb". */
struct term_ncurses *term_ncurses_create(const char *name, const struct theme *theme, bool is_mono,
                                         int cols, int rows, struct err *err);
void term_ncurses_set_theme(struct term_ncurses *self, const struct theme *theme);
void term_ncurses_destroy(struct term_ncurses *self);

/* Append what takes the terminal (alternate screen, no cursor) and what gives it back. */
void term_ncurses_put_enter(const struct term_ncurses *self, struct strbuf *out);
void term_ncurses_put_leave(const struct term_ncurses *self, struct strbuf *out);

void term_ncurses_resize(struct term_ncurses *self, int cols, int rows);

/*
 * Append the bytes that turn the screen from `shown` into `grid`; is_full ignores what was shown.
 * Returns how many there are.
 */
size_t term_ncurses_draw(struct term_ncurses *self, const struct grid *grid,
                         const struct grid *shown, bool is_full, struct strbuf *out);

#endif
