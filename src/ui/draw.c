/*
 * draw.c - lines of text and values in an area.
 *
 * Why:   trust is printed in one place, or it is forgotten in one.
 * How:   a line is a pen in one row; every helper moves it right.
 * Rules: nothing here knows what the values mean; widths are columns, never bytes.
 * See:   tests/unit/ui/test_sizes.c
 */
#include "draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/number.h"
#include "farshore/base/text.h"

struct line line_begin(const struct area *area, int row)
{
    return (struct line){.area = *area, .row = row, .at = 0, .marks = 0};
}

void line_mark(struct line *line, unsigned marks)
{
    line->marks = marks;
    area_repeat(&line->area, line->at, line->row, ROLE_TEXT, marks, " ", line_left(line));
}

void line_put(struct line *line, enum theme_role role, const char *text)
{
    line->at += area_put(&line->area, line->at, line->row, role, line->marks, text);
}

void line_printf(struct line *line, enum theme_role role, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    line_put(line, role, text);
}

const char *glyph_text(const struct area *area, enum theme_glyph glyph)
{
    return area->theme->glyphs[glyph][area->grid->is_ascii ? 1 : 0];
}

void line_glyph(struct line *line, enum theme_role role, enum theme_glyph glyph)
{
    line_put(line, role, glyph_text(&line->area, glyph));
}

void line_to(struct line *line, int column)
{
    if (column > line->at) {
        line->at = column;
    }
}

int line_left(const struct line *line)
{
    return line->at < line->area.cols ? line->area.cols - line->at : 0;
}

void line_field(struct line *line, enum theme_role role, int cols, const char *text)
{
    int end = line->at + cols;
    struct line field = *line;

    if (grid_text_cols(text, line->area.grid->is_ascii) <= cols) {
        line_put(line, role, text);
    } else if (cols > 0) {
        field.area.cols = end - 1 < field.area.cols ? end - 1 : field.area.cols;
        line_put(&field, role, text);
        line->at = end - 1;
        line_glyph(line, role, GLYPH_MORE);
    }
    line->at = end;
}

size_t words_that_fit(const char *text, int cols, bool is_ascii)
{
    char part[512];
    size_t length;

    if (grid_text_cols(text, is_ascii) <= cols) {
        return strlen(text);
    }
    text_copy(part, sizeof(part), text);
    for (char *blank = strrchr(part, ' '); blank != NULL; blank = strrchr(part, ' ')) {
        *blank = '\0';
        length = strlen(part);
        if (grid_text_cols(part, is_ascii) <= cols) {
            return length;
        }
    }
    return 0;
}

void line_words(struct line *line, enum theme_role role, int cols, const char *text)
{
    int end = line->at + cols;
    char part[512];
    size_t length = words_that_fit(text, cols, line->area.grid->is_ascii);

    if (text[length] != '\0') {
        length = words_that_fit(text, cols - 1, line->area.grid->is_ascii);
    }
    if (length == 0 || length >= sizeof(part)) {
        line_field(line, role, cols, text); /* one long word, or room for none */
        return;
    }
    memcpy(part, text, length);
    part[length] = '\0';
    line_put(line, role, part);
    if (text[length] != '\0') {
        line_glyph(line, role, GLYPH_MORE);
    }
    line->at = end;
}

void line_field_right(struct line *line, enum theme_role role, int cols, const char *text)
{
    int width = grid_text_cols(text, line->area.grid->is_ascii);

    if (width >= cols) {
        line_field(line, role, cols, text);
    } else {
        line->at += cols - width;
        line_put(line, role, text);
    }
}

static void print_cpu(char *out, int64_t milli_pct)
{
    int64_t tenths = milli_pct / 100;

    (void)snprintf(out, VALUE_TEXT_BYTES, "%lld.%lld%%", (long long)(tenths / 10),
                   (long long)(tenths % 10));
}

static void print_form(char *out, enum value_form form, int64_t number)
{
    switch (form) {
    case FORM_COUNT:
        (void)number_print_grouped(out, number);
        break;
    case FORM_SHORT:
        (void)number_print_short(out, number);
        break;
    case FORM_RTT:
        (void)duration_print_rtt(out, number);
        break;
    case FORM_LAG:
        (void)duration_print_lag(out, number);
        break;
    case FORM_AGE:
        (void)duration_print_age(out, number);
        break;
    case FORM_BYTES:
        (void)number_print_bytes(out, number);
        break;
    case FORM_RATE:
        (void)number_print_short(out, number);
        (void)strcat(out, "/s");
        break;
    case FORM_CPU:
        print_cpu(out, number);
        break;
    }
}

enum theme_role value_text(char *out, enum value_form form, const struct value *value)
{
    switch (value->trust) {
    case TRUST_OK:
        print_form(out, form, value->number);
        return ROLE_TEXT;
    case TRUST_STALE:
    case TRUST_LAST_KNOWN:
        out[0] = '~';
        print_form(out + 1, form, value->number);
        return ROLE_STALE;
    case TRUST_UNKNOWN:
        break;
    }
    (void)strcpy(out, "-");
    return ROLE_NO_VALUE;
}

/*
 * A number that is too wide is written shorter, because a cut one reads as another number: counts
 * as 12.3M, and whatever has tenths without them.
 */
static void shorten_value(char *out, enum value_form form, size_t cols, const struct value *value)
{
    char *point;

    if (strlen(out) > cols && form == FORM_COUNT) {
        (void)value_text(out, FORM_SHORT, value);
    }
    point = strlen(out) > cols ? strchr(out, '.') : NULL;
    if (point != NULL && point[1] >= '0' && point[1] <= '9') {
        memmove(point, point + 2, strlen(point + 2) + 1);
    }
}

void line_value(struct line *line, enum value_form form, int cols, const struct value *value)
{
    char text[VALUE_TEXT_BYTES];
    enum theme_role role = value_text(text, form, value);

    if (cols > 0) {
        shorten_value(text, form, (size_t)cols, value);
    }
    if (cols > 0) {
        line_field_right(line, role, cols, text);
    } else {
        line_put(line, role, text);
    }
}

void line_age(struct line *line, enum theme_role role, int cols, int64_t age_ns)
{
    char text[DURATION_TEXT_BYTES] = "never";

    if (age_ns >= 0) {
        (void)duration_print_age(text, age_ns);
    }
    if (cols > 0) {
        line_field_right(line, role, cols, text);
    } else {
        line_put(line, role, text);
    }
}

void line_clock(struct line *line, enum theme_role role, int64_t for_ns)
{
    char text[DURATION_TEXT_BYTES];

    (void)duration_print_clock(text, for_ns < 0 ? 0 : for_ns);
    line_put(line, role, text);
}

void line_tally(struct line *line, enum theme_role role, uint64_t count)
{
    char text[NUMBER_TEXT_BYTES];

    (void)number_print_grouped(text, (int64_t)count);
    line_put(line, role, text);
}

void line_tally_of(struct line *line, enum theme_role role, uint64_t part, uint64_t whole)
{
    line_tally(line, role, part);
    line_put(line, role, "/");
    line_tally(line, role, whole);
}

enum theme_role role_of_severity(enum severity severity)
{
    switch (severity) {
    case SEV_OK:
        return ROLE_OK;
    case SEV_INFO:
        return ROLE_INFO;
    case SEV_UNKNOWN:
        return ROLE_UNKNOWN;
    case SEV_WARN:
        return ROLE_WARN;
    case SEV_CRIT:
        return ROLE_CRIT;
    }
    return ROLE_UNKNOWN;
}

void line_severity(struct line *line, enum severity severity)
{
    static const enum theme_glyph glyphs[] = {
        [SEV_OK] = GLYPH_OK,     [SEV_INFO] = GLYPH_INFO, [SEV_UNKNOWN] = GLYPH_UNKNOWN,
        [SEV_WARN] = GLYPH_WARN, [SEV_CRIT] = GLYPH_CRIT,
    };
    enum theme_glyph glyph = severity <= SEV_CRIT ? glyphs[severity] : GLYPH_UNKNOWN;

    line_field(line, role_of_severity(severity), 2, glyph_text(&line->area, glyph));
}

void line_history(struct line *line, const char *history)
{
    for (; *history != '\0'; history++) {
        char c = *history;
        if (c == '#') {
            line_glyph(line, ROLE_SPARK, GLYPH_LINK_UP);
        } else if (c == '+') {
            line_glyph(line, ROLE_SPARK, GLYPH_LINK_DEGRADED);
        } else if (c == '.') {
            line_glyph(line, ROLE_SPARK, GLYPH_LINK_DOWN);
        } else if (c >= '0' && c <= '9') {
            line_glyph(line, ROLE_SPARK, (enum theme_glyph)(GLYPH_SPARK_0 + (c - '0')));
        } else {
            line_put(line, ROLE_DIM, "?");
        }
    }
}

void line_rule_to(struct line *line, int column)
{
    int end = column < line->area.cols ? column : line->area.cols;

    if (line->at < end) {
        area_repeat(&line->area, line->at, line->row, ROLE_RULE, line->marks,
                    glyph_text(&line->area, GLYPH_RULE), end - line->at);
        line->at = end;
    }
}

void line_segments(struct line *line, struct segment *segments, int count, int gap)
{
    bool is_ascii = line->area.grid->is_ascii;
    bool is_first = true;

    while (true) {
        int width = -gap;
        int worst = -1;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (segments[i].text[0] == '\0') {
                continue;
            }
            width += gap + grid_text_cols(segments[i].text, is_ascii);
            kept++;
            if (worst < 0 || segments[i].rank >= segments[worst].rank) {
                worst = i;
            }
        }
        if (width <= line_left(line) || kept <= 1) {
            break;
        }
        if (gap > 1 && width - (gap - 1) * (kept - 1) <= line_left(line)) {
            gap--; /* closer together before anything goes */
        } else if (segments[worst].rank == 0) {
            break;
        } else {
            segments[worst].text[0] = '\0';
        }
    }
    for (int i = 0; i < count; i++) {
        if (segments[i].text[0] != '\0') {
            line->at += is_first ? 0 : gap;
            line_put(line, segments[i].role, segments[i].text);
            is_first = false;
        }
    }
}
