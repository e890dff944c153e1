/*
 * draw.h - lines of text and values in an area.
 *
 * The functions here that print a measured number take struct value, and print its trust with it:
 * stale and last known are dim and begin with "~", unknown is "-" (or "?" on request). So drawing
 * code cannot show a number as better than it is. line_tally() is for what is no measurement: how
 * many rows there are, how many servers of how many.
 */
#ifndef FARSHORE_UI_PRIVATE_DRAW_H
#define FARSHORE_UI_PRIVATE_DRAW_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/core/view.h"

#include "grid.h"

/* How a value's number is written. */
enum value_form {
    FORM_COUNT, /* 1,204 */
    FORM_SHORT, /* 18.2k */
    FORM_RTT,   /* 2.1ms, of nanoseconds */
    FORM_LAG,   /* 2.9s, of nanoseconds */
    FORM_AGE,   /* 38s, of nanoseconds */
    FORM_BYTES, /* 1.2 MiB */
    FORM_RATE,  /* 210/s */
    FORM_CPU,   /* 12.5%, of thousandths of a percent */
};

#define VALUE_TEXT_BYTES 48

/* Writes from left to right in one row of an area. */
struct line {
    struct area area;
    int row;
    int at; /* next column */
    unsigned marks;
};

struct line line_begin(const struct area *area, int row);

/* Blank the whole row in its marks, so that a selected row is one bar. */
void line_mark(struct line *line, unsigned marks);

void line_put(struct line *line, enum theme_role role, const char *text);
void line_printf(struct line *line, enum theme_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void line_glyph(struct line *line, enum theme_role role, enum theme_glyph glyph);

/* Go to a column; blanks between. Never goes back. */
void line_to(struct line *line, int column);

/* Columns left in the row. */
int line_left(const struct line *line);

/* Text in exactly cols columns: cut with the `more` glyph, or filled with blanks. */
void line_field(struct line *line, enum theme_role role, int cols, const char *text);

/* As line_field(), but what is too long ends after a whole word. */
void line_words(struct line *line, enum theme_role role, int cols, const char *text);

/* How much of text, in whole words, fits into cols; text_bytes when all of it does. */
size_t words_that_fit(const char *text, int cols, bool is_ascii);

void line_field_right(struct line *line, enum theme_role role, int cols, const char *text);

/* A value with its trust; cols > 0 aligns it to the right in that many columns. */
void line_value(struct line *line, enum value_form form, int cols, const struct value *value);

/* The same as text: out holds VALUE_TEXT_BYTES. Returns the role to show it in. */
enum theme_role value_text(char *out, enum value_form form, const struct value *value);

/* An age, "never" below 0. */
void line_age(struct line *line, enum theme_role role, int cols, int64_t age_ns);

/* How long a state lasts: 00:38. */
void line_clock(struct line *line, enum theme_role role, int64_t for_ns);

/* Exact counts of the console's own: "3", or "2/3". */
void line_tally(struct line *line, enum theme_role role, uint64_t count);
void line_tally_of(struct line *line, enum theme_role role, uint64_t part, uint64_t whole);

/* The glyph of a severity in two columns, in its role. */
void line_severity(struct line *line, enum severity severity);

/* A bar of link states (# + . ?) or of lag (0-9 ?), oldest first. */
void line_history(struct line *line, const char *history);

enum theme_role role_of_severity(enum severity severity);
const char *glyph_text(const struct area *area, enum theme_glyph glyph);

/* Fill the rest of the row with the rule glyph. */
void line_rule_to(struct line *line, int column);

/* Parts of a line in order of their place, dropped from the highest rank until the rest fits. */
struct segment {
    enum theme_role role;
    int rank; /* 0 stays to the last */
    char text[96];
};

/* Put the segments that fit, gap blanks between; the last one that stays is cut if it must. */
void line_segments(struct line *line, struct segment *segments, int count, int gap);

#endif
