/*
 * theme.c - roles, glyphs and the lines that set them.
 *
 * Why:   what a cell means is decided in C, how it looks in a file.
 * How:   two tables of names; a line is found by its first word; the built-in theme is the file
 *        themes/default.theme itself, compiled in.
 * Rules: a glyph has the same columns in both modes, else columns would not line up; it holds no
 *        control character.
 * See:   tests/unit/ui/test_theme.c
 */
#include "farshore/ui/theme.h"

#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/base/number.h"
#include "farshore/base/text.h"

#include "builtin_theme.h"
#include "grid.h"
#include "linefile.h"

static const char *const role_names[ROLES] = {
    [ROLE_TEXT] = "text",
    [ROLE_DIM] = "dim",
    [ROLE_TOP] = "top",
    [ROLE_MODE] = "mode",
    [ROLE_READ_ONLY] = "read-only",
    [ROLE_WRITE] = "write",
    [ROLE_RULE] = "rule",
    [ROLE_TITLE] = "title",
    [ROLE_FOCUS] = "focus",
    [ROLE_HEAD] = "head",
    [ROLE_LABEL] = "label",
    [ROLE_SELECTED] = "selected",
    [ROLE_STALE] = "stale",
    [ROLE_NO_VALUE] = "no-value",
    [ROLE_SPARK] = "spark",
    [ROLE_OK] = "sev.ok",
    [ROLE_INFO] = "sev.info",
    [ROLE_UNKNOWN] = "sev.unknown",
    [ROLE_WARN] = "sev.warn",
    [ROLE_CRIT] = "sev.crit",
    [ROLE_KEY] = "key",
    [ROLE_KEY_TEXT] = "key-text",
    [ROLE_PROMPT] = "prompt",
    [ROLE_POPUP] = "popup",
};

static const char *const glyph_names[GLYPHS] = {
    [GLYPH_CRIT] = "sev.crit",
    [GLYPH_WARN] = "sev.warn",
    [GLYPH_UNKNOWN] = "sev.unknown",
    [GLYPH_OK] = "sev.ok",
    [GLYPH_INFO] = "sev.info",
    [GLYPH_RULE] = "rule",
    [GLYPH_BAR] = "bar",
    [GLYPH_CROSS] = "cross",
    [GLYPH_TEE] = "tee",
    [GLYPH_CORNER_TL] = "corner-tl",
    [GLYPH_CORNER_TR] = "corner-tr",
    [GLYPH_CORNER_BL] = "corner-bl",
    [GLYPH_CORNER_BR] = "corner-br",
    [GLYPH_CURSOR] = "cursor",
    [GLYPH_ARROW] = "arrow",
    [GLYPH_MORE] = "more",
    [GLYPH_LINK_UP] = "link.up",
    [GLYPH_LINK_DEGRADED] = "link.degraded",
    [GLYPH_LINK_DOWN] = "link.down",
    [GLYPH_SPARK_0] = "spark.0",
    [GLYPH_SPARK_1] = "spark.1",
    [GLYPH_SPARK_2] = "spark.2",
    [GLYPH_SPARK_3] = "spark.3",
    [GLYPH_SPARK_4] = "spark.4",
    [GLYPH_SPARK_5] = "spark.5",
    [GLYPH_SPARK_6] = "spark.6",
    [GLYPH_SPARK_7] = "spark.7",
    [GLYPH_SPARK_8] = "spark.8",
    [GLYPH_SPARK_9] = "spark.9",
};

static const char *const color_names[] = {
    "black",        "red",           "green",       "yellow",         "blue",
    "magenta",      "cyan",          "white",       "bright-black",   "bright-red",
    "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white", "default",
};
#define COLOR_NAMES (sizeof(color_names) / sizeof(color_names[0]))
#define COLOR_NAMED 16

static const char *const attribute_names[] = {"bold", "dim", "underline", "reverse"};
#define ATTRIBUTES (sizeof(attribute_names) / sizeof(attribute_names[0]))

/* Two columns where the screens leave two, one elsewhere. */
static int glyph_cols(enum theme_glyph glyph)
{
    return glyph == GLYPH_CRIT || glyph == GLYPH_ARROW ? 2 : 1;
}

const char *theme_role_name(enum theme_role role)
{
    return role < ROLES ? role_names[role] : "?";
}

/* Index of word in names; count when absent. */
static size_t find_name(const char *word, const char *const *names, size_t count)
{
    size_t i = 0;

    while (i < count && strcmp(word, names[i]) != 0) {
        i++;
    }
    return i;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

static bool parse_rgb(const char *word, struct theme_color *out)
{
    uint8_t parts[3];

    if (strlen(word) != 7) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        int high = hex_digit(word[1 + 2 * i]);
        int low = hex_digit(word[2 + 2 * i]);
        if (high < 0 || low < 0) {
            return false;
        }
        parts[i] = (uint8_t)(high * 16 + low);
    }
    *out = (struct theme_color){
        .kind = COLOR_KIND_RGB, .red = parts[0], .green = parts[1], .blue = parts[2]};
    return true;
}

static bool parse_color(struct linefile *file, const char *word, struct theme_color *out)
{
    size_t named = find_name(word, color_names, COLOR_NAMES);
    uint64_t number;

    if (named < COLOR_NAMES) {
        *out = (struct theme_color){.kind =
                                        named < COLOR_NAMED ? COLOR_KIND_INDEX : COLOR_KIND_DEFAULT,
                                    .index = named < COLOR_NAMED ? (uint8_t)named : 0};
        return true;
    }
    if (word[0] == '#') {
        if (parse_rgb(word, out)) {
            return true;
        }
    } else if (number_parse_u64(word, strlen(word), &number) && number < 256) {
        *out = (struct theme_color){.kind = COLOR_KIND_INDEX, .index = (uint8_t)number};
        return true;
    }
    linefile_unknown(file, "colour", word, color_names, COLOR_NAMES);
    return false;
}

static void parse_color_line(struct theme *theme, struct linefile *file)
{
    struct theme_style style = {.attributes = 0};
    size_t role;

    if (file->words < 4) {
        linefile_problem(file, "expected: color <role> <fg> <bg> [attributes]");
        return;
    }
    role = find_name(file->word[1], role_names, ROLES);
    if (role == ROLES) {
        linefile_unknown(file, "role", file->word[1], role_names, ROLES);
        return;
    }
    if (!parse_color(file, file->word[2], &style.foreground) ||
        !parse_color(file, file->word[3], &style.background)) {
        return;
    }
    for (size_t i = 4; i < file->words; i++) {
        size_t attribute = find_name(file->word[i], attribute_names, ATTRIBUTES);
        if (attribute == ATTRIBUTES) {
            linefile_unknown(file, "attribute", file->word[i], attribute_names, ATTRIBUTES);
            return;
        }
        style.attributes |= 1u << attribute;
    }
    theme->styles[role] = style;
}

/* Is text something that the glyph may be? Reports why not. */
static bool check_glyph(struct linefile *file, enum theme_glyph glyph, const char *text,
                        bool is_ascii)
{
    int wanted = glyph_cols(glyph);

    for (const char *c = text; is_ascii && *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80) {
            linefile_problem(file, "the second text of glyph \"%s\" must be ASCII",
                             glyph_names[glyph]);
            return false;
        }
    }
    if (strlen(text) >= THEME_GLYPH_BYTES || !text_is_clean(text, strlen(text))) {
        linefile_problem(file, "glyph \"%s\" is not plain printable text", glyph_names[glyph]);
        return false;
    }
    if (grid_text_cols(text, is_ascii) != wanted) {
        linefile_problem(file, "glyph \"%s\" must take %d column%s", glyph_names[glyph], wanted,
                         wanted == 1 ? "" : "s");
        return false;
    }
    return true;
}

static void parse_glyph_line(struct theme *theme, struct linefile *file)
{
    size_t glyph;

    if (file->words != 4) {
        linefile_problem(file, "expected: glyph <name> \"<utf8>\" \"<ascii>\"");
        return;
    }
    glyph = find_name(file->word[1], glyph_names, GLYPHS);
    if (glyph == GLYPHS) {
        linefile_unknown(file, "glyph", file->word[1], glyph_names, GLYPHS);
        return;
    }
    if (check_glyph(file, (enum theme_glyph)glyph, file->word[2], false) &&
        check_glyph(file, (enum theme_glyph)glyph, file->word[3], true)) {
        text_copy(theme->glyphs[glyph][0], THEME_GLYPH_BYTES, file->word[2]);
        text_copy(theme->glyphs[glyph][1], THEME_GLYPH_BYTES, file->word[3]);
    }
}

enum fs_status theme_parse(struct theme *theme, const char *name, const char *text, size_t count,
                           struct problems *problems)
{
    static const char *const commands[] = {"color", "glyph"};
    struct linefile file;

    linefile_begin(&file, name, text, count, problems);
    while (linefile_next(&file)) {
        if (strcmp(file.word[0], "color") == 0) {
            parse_color_line(theme, &file);
        } else if (strcmp(file.word[0], "glyph") == 0) {
            parse_glyph_line(theme, &file);
        } else {
            linefile_unknown(&file, "command", file.word[0], commands, 2);
        }
    }
    return file.has_problem ? ST_INVALID : ST_OK;
}

void theme_init(struct theme *theme)
{
    enum fs_status status;

    memset(theme, 0, sizeof(*theme));
    for (size_t i = 0; i < GLYPHS; i++) {
        const char *blank = glyph_cols((enum theme_glyph)i) == 2 ? "  " : " ";
        text_copy(theme->glyphs[i][0], THEME_GLYPH_BYTES, blank);
        text_copy(theme->glyphs[i][1], THEME_GLYPH_BYTES, blank);
    }
    status =
        theme_parse(theme, "built-in", (const char *)builtin_theme, sizeof(builtin_theme), NULL);
    FS_ASSERT(status == ST_OK);
}

void theme_make_mono(struct theme *theme)
{
    static const struct theme_color none = {.kind = COLOR_KIND_DEFAULT};

    for (size_t i = 0; i < ROLES; i++) {
        theme->styles[i].foreground = none;
        theme->styles[i].background = none;
    }
}
