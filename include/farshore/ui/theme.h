/*
 * theme.h - colours and glyphs by role, from line files.
 *
 *     color <role> <fg> <bg> [bold] [dim] [underline] [reverse]
 *     glyph <name> "<utf8>" "<ascii>"
 *
 * A colour is `default` (the terminal's own), a name (red, bright-red…), 0-255 or #rrggbb. `#` at
 * the start of a line or alone as a word begins a comment. A bad line is reported with file:line
 * and the nearest valid name, and skipped; the rest holds. Colour only repeats what word, glyph and
 * position say.
 *
 * Parsers are pure functions over (text, length): the app reads the file.
 */
#ifndef FARSHORE_UI_THEME_H
#define FARSHORE_UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/ui/problems.h"

/* What a cell means; a theme says how it looks. */
enum theme_role {
    ROLE_TEXT,
    ROLE_DIM,
    ROLE_TOP,
    ROLE_MODE,
    ROLE_READ_ONLY,
    ROLE_WRITE,
    ROLE_RULE,
    ROLE_TITLE,
    ROLE_FOCUS,
    ROLE_HEAD,
    ROLE_LABEL,
    ROLE_SELECTED,
    ROLE_STALE,
    ROLE_NO_VALUE,
    ROLE_SPARK,
    ROLE_OK,
    ROLE_INFO,
    ROLE_UNKNOWN,
    ROLE_WARN,
    ROLE_CRIT,
    ROLE_KEY,
    ROLE_KEY_TEXT,
    ROLE_PROMPT,
    ROLE_POPUP,
    ROLES,
};

enum theme_glyph {
    GLYPH_CRIT,
    GLYPH_WARN,
    GLYPH_UNKNOWN,
    GLYPH_OK,
    GLYPH_INFO,
    GLYPH_RULE,
    GLYPH_BAR,
    GLYPH_CROSS,
    GLYPH_TEE,
    GLYPH_CORNER_TL,
    GLYPH_CORNER_TR,
    GLYPH_CORNER_BL,
    GLYPH_CORNER_BR,
    GLYPH_CURSOR,
    GLYPH_ARROW,
    GLYPH_MORE,
    GLYPH_LINK_UP,
    GLYPH_LINK_DEGRADED,
    GLYPH_LINK_DOWN,
    GLYPH_SPARK_0,
    GLYPH_SPARK_1,
    GLYPH_SPARK_2,
    GLYPH_SPARK_3,
    GLYPH_SPARK_4,
    GLYPH_SPARK_5,
    GLYPH_SPARK_6,
    GLYPH_SPARK_7,
    GLYPH_SPARK_8,
    GLYPH_SPARK_9,
    GLYPHS,
};

enum theme_color_kind {
    COLOR_KIND_DEFAULT,
    COLOR_KIND_INDEX, /* of the 256 palette; 0-15 are the terminal's own */
    COLOR_KIND_RGB
};

struct theme_color {
    enum theme_color_kind kind;
    uint8_t index;
    uint8_t red, green, blue;
};

#define THEME_BOLD 1u
#define THEME_DIM 2u
#define THEME_UNDERLINE 4u
#define THEME_REVERSE 8u

struct theme_style {
    struct theme_color foreground, background;
    unsigned attributes;
};

#define THEME_GLYPH_BYTES 13

struct theme {
    struct theme_style styles[ROLES];
    char glyphs[GLYPHS][2][THEME_GLYPH_BYTES]; /* [UTF-8, ASCII] */
};

/* The built-in theme: the same text as themes/default.theme. */
void theme_init(struct theme *theme);

/*
 * Read a theme's lines over what the theme already says.
 *
 * name      for messages: the file's name.
 * text      count bytes, any content.
 * problems  bad lines are added; may be NULL.
 *
 * Returns   ST_OK, or ST_INVALID when there was any problem (the good lines hold).
 */
enum fs_status theme_parse(struct theme *theme, const char *name, const char *text, size_t count,
                           struct problems *problems);

/* Take every colour out; attributes stay. For NO_COLOR and `--no-color`. */
void theme_make_mono(struct theme *theme);

const char *theme_role_name(enum theme_role role);

#endif
