/*
 * term_ncurses.c - a grid as the bytes of a terminal type, worked out by ncurses.
 *
 * Why:   terminfo and a good diff are not worth writing again.
 * How:   newterm() on a memfd; endwin() and a second doupdate() once, so that ncurses stops
 *        flushing at each cursor movement; then cells that changed are put into stdscr, doupdate()
 *        writes, and what stands in the memfd is taken out.
 * Rules: names of ncurses live here only. Widths are ours (utf8proc); where the C library counts
 *        another width for a character, blocks of "_" stand for it, so that columns never shift.
 * See:   src/ui/term.c
 */
#define NCURSES_WIDECHAR 1
#include "term_ncurses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>
#include <term.h>

#include "farshore/base/text.h"

struct term_ncurses {
    SCREEN *screen;
    FILE *file;
    int memory_fd;
    bool has_colors;
    attr_t attributes[ROLES];
    short pairs[ROLES];
    attr_t selected;
};

/* Distance of two colours, squared. */
static int color_distance(const struct theme_color *color, int red, int green, int blue)
{
    int r = color->red - red;
    int g = color->green - green;
    int b = color->blue - blue;

    return r * r + g * g + b * b;
}

/* The nearest of the 6x6x6 cube and the greys. */
static short nearest_of_256(const struct theme_color *color)
{
    static const int steps[] = {0, 95, 135, 175, 215, 255};
    int best = INT32_MAX;
    short found = 16;

    for (int i = 0; i < 240; i++) {
        int grey = 8 + 10 * (i - 216);
        int red = i < 216 ? steps[i / 36] : grey;
        int green = i < 216 ? steps[i / 6 % 6] : grey;
        int blue = i < 216 ? steps[i % 6] : grey;
        int distance = color_distance(color, red, green, blue);
        if (distance < best) {
            best = distance;
            found = (short)(16 + i);
        }
    }
    return found;
}

/* The nearest of the eight that every colour terminal has. */
static short nearest_of_8(const struct theme_color *color)
{
    int best = INT32_MAX;
    short found = 0;

    for (int i = 0; i < 8; i++) {
        int distance = color_distance(color, (i & 1) * 205, (i >> 1 & 1) * 205, (i >> 2) * 205);
        if (distance < best) {
            best = distance;
            found = (short)i;
        }
    }
    return found;
}

/* An index of 256 as red, green, blue, by xterm's table. */
static struct theme_color rgb_of_index(int index)
{
    static const int steps[] = {0, 95, 135, 175, 215, 255};
    struct theme_color color = {.kind = COLOR_KIND_RGB};

    if (index >= 232) {
        color.red = color.green = color.blue = (uint8_t)(8 + 10 * (index - 232));
    } else if (index >= 16) {
        color.red = (uint8_t)steps[(index - 16) / 36];
        color.green = (uint8_t)steps[(index - 16) / 6 % 6];
        color.blue = (uint8_t)steps[(index - 16) % 6];
    }
    return color;
}

/* A theme's colour as a number of this terminal; -1 is its own default. */
static short color_number(const struct theme_color *color)
{
    struct theme_color rgb = *color;

    if (color->kind == COLOR_KIND_DEFAULT) {
        return -1;
    }
    if (color->kind == COLOR_KIND_INDEX) {
        if (color->index < COLORS) {
            return color->index;
        }
        if (color->index < 16) {
            return color->index % 8;
        }
        rgb = rgb_of_index(color->index);
    }
    return COLORS >= 256 ? nearest_of_256(&rgb) : nearest_of_8(&rgb);
}

static attr_t attributes_of(unsigned attributes)
{
    attr_t out = A_NORMAL;

    out |= (attributes & THEME_BOLD) != 0 ? A_BOLD : 0;
    out |= (attributes & THEME_DIM) != 0 ? A_DIM : 0;
    out |= (attributes & THEME_UNDERLINE) != 0 ? A_UNDERLINE : 0;
    out |= (attributes & THEME_REVERSE) != 0 ? A_REVERSE : 0;
    return out;
}

static void load_styles(struct term_ncurses *self, const struct theme *theme)
{
    short pairs = 0;

    for (size_t i = 0; i < ROLES; i++) {
        const struct theme_style *style = &theme->styles[i];
        short foreground = self->has_colors ? color_number(&style->foreground) : -1;
        short background = self->has_colors ? color_number(&style->background) : -1;

        self->attributes[i] = attributes_of(style->attributes);
        self->pairs[i] = 0;
        if ((foreground >= 0 || background >= 0) && pairs + 1 < COLOR_PAIRS) {
            self->pairs[i] = ++pairs;
            (void)init_pair(self->pairs[i], foreground, background);
        }
    }
    self->selected = self->attributes[ROLE_SELECTED];
    if (self->selected == A_NORMAL) {
        self->selected = A_REVERSE;
    }
}

void term_ncurses_set_theme(struct term_ncurses *self, const struct theme *theme)
{
    set_term(self->screen);
    load_styles(self, theme);
}

/* Take what ncurses has written so far; returns the count. out NULL throws it away. */
static size_t take_bytes(struct term_ncurses *self, struct strbuf *out)
{
    off_t end = lseek(self->memory_fd, 0, SEEK_CUR);
    size_t count = end > 0 ? (size_t)end : 0;
    size_t done = 0;
    char chunk[4096];

    while (out != NULL && done < count) {
        size_t part = count - done < sizeof(chunk) ? count - done : sizeof(chunk);
        ssize_t got = pread(self->memory_fd, chunk, part, (off_t)done);
        if (got <= 0) {
            out->has_failed = true;
            break;
        }
        strbuf_put_bytes(out, chunk, (size_t)got);
        done += (size_t)got;
    }
    (void)lseek(self->memory_fd, 0, SEEK_SET);
    return count;
}

/*
 * ncurses cannot ask a memory file for its size and refuses a terminal whose description has none
 * (linux, dumb), so it is told one; the real size follows. Ours hold, not the caller's variables.
 */
static SCREEN *new_screen(const char *name, FILE *file)
{
    use_env(TRUE);
    (void)setenv("LINES", "24", 1);
    (void)setenv("COLUMNS", "80", 1);
    SCREEN *screen = newterm(name, file, stdin);
    (void)unsetenv("LINES");
    (void)unsetenv("COLUMNS");
    return screen;
}

static bool open_screen(struct term_ncurses *self, const char *name, struct err *err)
{
    self->memory_fd = memfd_create("farshore-frame", MFD_CLOEXEC);
    self->file = self->memory_fd >= 0 ? fdopen(self->memory_fd, "w") : NULL;
    if (self->file == NULL) {
        if (self->memory_fd >= 0) {
            close(self->memory_fd);
        }
        err_set(err, ST_IO, "no memory file for the terminal's frames");
        return false;
    }
    self->screen = new_screen(name, self->file);
    if (self->screen == NULL) {
        self->screen = new_screen("dumb", self->file);
    }
    if (self->screen == NULL) {
        fclose(self->file);
        err_set(err, ST_UNSUPPORTED, "terminfo knows neither this terminal (TERM=%s) nor \"dumb\"",
                name);
        return false;
    }
    if (cursor_address == NULL) {
        delscreen(self->screen);
        fclose(self->file);
        err_set(err, ST_UNSUPPORTED, "this terminal (TERM=%s) cannot place its cursor", name);
        return false;
    }
    return true;
}

struct term_ncurses *term_ncurses_create(const char *name, const struct theme *theme, bool is_mono,
                                         int cols, int rows, struct err *err)
{
    struct term_ncurses *self = calloc(1, sizeof(*self));

    if (self == NULL) {
        err_set(err, ST_NO_MEMORY, "no memory for the terminal");
        return NULL;
    }
    if (!open_screen(self, name, err)) {
        free(self);
        return NULL;
    }
    set_term(self->screen);
    self->has_colors = !is_mono && has_colors();
    if (self->has_colors) {
        start_color();
        self->has_colors = use_default_colors() != ERR && COLORS >= 8;
    }
    load_styles(self, theme);
    (void)resize_term(rows, cols);
    (void)leaveok(stdscr, TRUE);
    (void)scrollok(stdscr, FALSE);
    (void)wnoutrefresh(stdscr);
    doupdate();
    endwin();
    doupdate(); /* ncurses is in its running state from here on: no more flush per movement */
    (void)take_bytes(self, NULL);
    return self;
}

void term_ncurses_destroy(struct term_ncurses *self)
{
    if (self == NULL) {
        return;
    }
    endwin();
    (void)take_bytes(self, NULL);
    delscreen(self->screen);
    fclose(self->file);
    free(self);
}

/* A capability without its padding, which a terminal of today does not need. */
static void put_capability(const char *capability, struct strbuf *out)
{
    if (capability == NULL) {
        return;
    }
    while (*capability != '\0') {
        const char *end =
            capability[0] == '$' && capability[1] == '<' ? strchr(capability, '>') : NULL;
        if (end != NULL) {
            capability = end + 1;
        } else {
            strbuf_put_char(out, *capability++);
        }
    }
}

void term_ncurses_put_enter(const struct term_ncurses *self, struct strbuf *out)
{
    (void)self;
    put_capability(enter_ca_mode, out);
    put_capability(cursor_invisible, out);
}

void term_ncurses_put_leave(const struct term_ncurses *self, struct strbuf *out)
{
    (void)self;
    put_capability(exit_attribute_mode, out);
    put_capability(orig_pair, out);
    if (exit_ca_mode == NULL) {
        strbuf_put(out, "\r\n"); /* no other screen to go back to: leave ours above the prompt */
    }
    put_capability(cursor_normal, out);
    put_capability(exit_ca_mode, out);
}

void term_ncurses_resize(struct term_ncurses *self, int cols, int rows)
{
    set_term(self->screen);
    (void)resize_term(rows, cols);
}

/* Decode a cell; false when the C library would count other columns than we do. */
static bool cell_chars(const struct cell *cell, wchar_t *out, size_t room)
{
    const char *text = cell->text;
    size_t left = strlen(text);
    size_t used = 0;
    uint32_t codepoint;

    while (left > 0 && used + 1 < room) {
        size_t bytes = text_decode(text, left, &codepoint);
        if (bytes == 0) {
            return false;
        }
        if (wcwidth((wchar_t)codepoint) != (used == 0 ? (int)cell->width : 0)) {
            return false;
        }
        out[used++] = (wchar_t)codepoint;
        text += bytes;
        left -= bytes;
    }
    out[used] = L'\0';
    return used > 0;
}

static void put_cell(const struct term_ncurses *self, const struct cell *cell, int x, int y)
{
    attr_t attributes = self->attributes[cell->role];
    wchar_t chars[CCHARW_MAX + 1];
    cchar_t out;

    if ((cell->marks & MARK_SELECTED) != 0) {
        attributes ^= self->selected;
    }
    if (cell->text[1] == '\0' && (unsigned char)cell->text[0] < 0x80) {
        chars[0] = (wchar_t)cell->text[0];
        chars[1] = L'\0';
    } else if (!cell_chars(cell, chars, CCHARW_MAX)) {
        for (int i = 0; i < cell->width; i++) {
            (void)setcchar(&out, L"_", attributes, self->pairs[cell->role], NULL);
            (void)mvadd_wch(y, x + i, &out);
        }
        return;
    }
    (void)setcchar(&out, chars, attributes, self->pairs[cell->role], NULL);
    (void)mvadd_wch(y, x, &out);
}

size_t term_ncurses_draw(struct term_ncurses *self, const struct grid *grid,
                         const struct grid *shown, bool is_full, struct strbuf *out)
{
    int cols = grid->cols < COLS ? grid->cols : COLS;
    int rows = grid->rows < LINES ? grid->rows : LINES;
    bool has_shown = !is_full && shown->cols == grid->cols && shown->rows == grid->rows;

    set_term(self->screen);
    if (is_full) {
        (void)werase(stdscr);
        (void)clearok(curscr, TRUE);
    }
    for (int y = 0; y < rows; y++) {
        if (has_shown && grid_row_equal(grid, shown, y)) {
            continue;
        }
        for (int x = 0; x < cols; x++) {
            const struct cell *cell = grid_cell(grid, x, y);
            bool is_same =
                has_shown && memcmp(cell, grid_cell(shown, x, y), sizeof(struct cell)) == 0;
            if (!is_same && cell->width != 0) {
                put_cell(self, cell, x, y);
            }
        }
    }
    (void)wnoutrefresh(stdscr);
    doupdate();
    return take_bytes(self, out);
}
