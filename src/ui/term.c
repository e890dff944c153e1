/*
 * term.c - show grids on a terminal, through ncurses behind a memfd.
 *
 * Why:   ncurses flushes after each cursor movement until its first endwin(), blocks in write(2)
 *        when nobody reads, and knows only two signals (measured: facts of terminals, 4.2 and 4.3).
 * How:   newterm() writes into a memfd; once endwin() and refresh() have moved ncurses to its
 *        running state, each doupdate() only collects bytes, which leave as BSU + bytes + ESU in
 *        one write on a descriptor of our own, opened non-blocking. Modes and restore are ours.
 * Rules: nothing is drawn while a frame is unsent. Text of a cell comes from grid.c, which lets no
 *        control byte through. Every way out goes through term_restore_now().
 * See:   docs/ARCHITECTURE.md; tests/e2e/test_console.py
 */
#include "farshore/ui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "farshore/base/text.h"

#include "grid.h"
#include "term_ncurses.h"
#include "term_out.h"

#define YANK_BYTES 74994 /* of base64; more is dropped by terminals (k9s measured it) */
#define STALLED_DRAWS 5  /* frames not drawn in a row: the reader was away, paint afresh */
#define DRAW_RESERVE_BYTES 16384

static const char sync_begin[] = "\033[?2026h";
static const char sync_end[] = "\033[?2026l";
static const char ask_sync[] = "\033[?2026$p";

struct term {
    int fd; /* ours, non-blocking */
    struct term_ncurses *ncurses;
    struct term_out out;
    struct termios cooked;
    struct term_stats stats;
    struct grid shown;
    char title[128];
    unsigned deferred_in_row;
    bool is_ascii;
    bool is_modern; /* knows private modes and OSC: anything but dumb, linux, vt… */
    bool has_title;
    bool has_sync;
    bool is_taken;
    bool needs_full;
    bool holds_frame; /* a frame is queued, or part of it */
    bool is_tmux;
};

/* Does this terminal understand CSI ? modes with an intermediate, and OSC, at least to ignore? */
static bool is_modern_name(const char *name)
{
    static const char *const old[] = {"dumb",    "linux", "vt",     "ansi",   "cons", "sun",
                                      "unknown", "hurd",  "pcansi", "cygwin", "mach"};

    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
        if (strncmp(name, old[i], strlen(old[i])) == 0) {
            return strcmp(name, "vte") == 0 || strncmp(name, "vte-", 4) == 0;
        }
    }
    return name[0] != '\0';
}

static bool is_locale_utf8(void)
{
    return setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* A description of our own, so that O_NONBLOCK does not reach the shell that shares the other. */
static int open_own(int fd)
{
    char path[128];

    if (fd < 0) {
        return open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    }
    if (ttyname_r(fd, path, sizeof(path)) != 0) {
        return -1;
    }
    return open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void put_title(struct term *term, const char *title)
{
    char clean[sizeof(term->title)];

    if (!term->has_title || title == NULL) {
        return;
    }
    text_clean(clean, sizeof(clean), title, strlen(title));
    for (char *c = clean; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x7f || (unsigned char)*c < 0x20) {
            *c = '.'; /* titles stay ASCII: some terminals read them as Latin-1 */
        }
    }
    if (strcmp(clean, term->title) != 0) {
        text_copy(term->title, sizeof(term->title), clean);
        strbuf_put(&term->out.bytes, "\033]2;");
        strbuf_put(&term->out.bytes, clean);
        strbuf_put(&term->out.bytes, "\033\\");
    }
}

/* Raw mode and everything that must be undone; the undoing is armed first. */
static void take(struct term *term)
{
    struct termios raw = term->cooked;
    struct strbuf restore;

    strbuf_init(&restore, alloc_heap());
    if (term->is_modern) {
        strbuf_put(&restore, "\033\\"); /* ends a string that a crash cut */
        strbuf_put(&restore, sync_end);
        strbuf_put(&restore, "\033[?2004l");
    }
    if (term->has_title) {
        strbuf_put(&restore, "\033[23;0t");
    }
    term_ncurses_put_leave(term->ncurses, &restore);
    term_restore_arm(term->fd, &term->cooked, restore.text, restore.length);
    strbuf_destroy(&restore);

    raw.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT | PARMRK);
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN | ISIG);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(term->fd, TCSANOW, &raw);

    if (term->has_title) {
        strbuf_put(&term->out.bytes, "\033[22;0t");
    }
    term_ncurses_put_enter(term->ncurses, &term->out.bytes);
    if (term->is_modern) {
        strbuf_put(&term->out.bytes, "\033[?2004h");
        strbuf_put(&term->out.bytes, ask_sync);
    }
    term->title[0] = '\0';
    term->is_taken = true;
    term->needs_full = true;
}

static void give_back(struct term *term)
{
    if (term->is_taken) {
        term->is_taken = false;
        term_out_drop(&term->out);
        term_restore_now();
    }
}

static enum fs_status term_open(struct term *term, const struct term_options *options,
                                struct err *err)
{
    const char *name = options->name != NULL ? options->name : getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool is_mono = options->is_mono || (no_color != NULL && no_color[0] != '\0');
    int cols = 80;
    int rows = 24;

    name = name == NULL || name[0] == '\0' ? "dumb" : name;
    term->fd = open_own(options->fd);
    if (term->fd < 0 || tcgetattr(term->fd, &term->cooked) != 0) {
        return err_set_errno(err, ST_IO, errno, "no terminal");
    }
    term_out_init(&term->out, term->fd);
    grid_init(&term->shown, alloc_heap());
    term->is_modern = is_modern_name(name);
    term->is_ascii = !is_locale_utf8() || options->is_ascii;
    term->has_title = options->has_title && term->is_modern;
    term->is_tmux = getenv("TMUX") != NULL || strncmp(name, "tmux", 4) == 0;
    (void)term_size(term, &cols, &rows);
    term->ncurses = term_ncurses_create(name, options->theme, is_mono, cols, rows, err);
    if (term->ncurses == NULL) {
        return err == NULL || err->status == ST_OK ? ST_IO : err->status;
    }
    take(term);
    return ST_OK;
}

enum fs_status term_create(const struct term_options *options, struct term **out, struct err *err)
{
    struct term *term = calloc(1, sizeof(*term));
    enum fs_status status;

    *out = NULL;
    if (term == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory for the terminal");
    }
    term->fd = -1;
    status = term_open(term, options, err);
    if (status != ST_OK) {
        term_destroy(term);
        return status;
    }
    *out = term;
    return ST_OK;
}

void term_destroy(struct term *term)
{
    if (term == NULL) {
        return;
    }
    give_back(term);
    term_ncurses_destroy(term->ncurses);
    if (term->fd >= 0) {
        if (term->shown.alloc != NULL) {
            grid_destroy(&term->shown);
            term_out_destroy(&term->out);
        }
        close(term->fd);
    }
    free(term);
}

int term_fd(const struct term *term)
{
    return term->fd;
}

bool term_is_ascii(const struct term *term)
{
    return term->is_ascii;
}

bool term_size(const struct term *term, int *cols, int *rows)
{
    struct winsize size;

    if (ioctl(term->fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return false;
    }
    *cols = size.ws_col;
    *rows = size.ws_row;
    return true;
}

void term_resize(struct term *term, int cols, int rows)
{
    term_ncurses_resize(term->ncurses, cols < 1 ? 1 : cols, rows < 1 ? 1 : rows);
    term->needs_full = true;
}

bool term_is_ready(const struct term *term)
{
    return term->is_taken && !term->out.is_dead && term_out_is_empty(&term->out);
}

bool term_draw(struct term *term, const struct grid *grid, const char *title)
{
    size_t before;
    size_t drawn;

    if (!term->is_taken || term->out.is_dead) {
        return false;
    }
    /* What take() queued leaves with the first frame; anything half-sent goes first. */
    if ((term->holds_frame || term->out.sent != 0) && term_out_flush(&term->out) != ST_OK) {
        term->stats.deferred++;
        term->deferred_in_row++;
        return false;
    }
    if (term->deferred_in_row >= STALLED_DRAWS) {
        term->needs_full = true;
    }
    term->deferred_in_row = 0;
    put_title(term, title);
    before = term->out.bytes.length;
    (void)strbuf_reserve(&term->out.bytes, DRAW_RESERVE_BYTES);
    if (term->has_sync) {
        strbuf_put(&term->out.bytes, sync_begin);
    }
    drawn =
        term_ncurses_draw(term->ncurses, grid, &term->shown, term->needs_full, &term->out.bytes);
    if (term->has_sync && drawn != 0) {
        strbuf_put(&term->out.bytes, sync_end);
    } else if (term->has_sync) {
        term->out.bytes.length = before;
        term->out.bytes.text[before] = '\0';
    }
    term->stats.full_frames += term->needs_full ? 1 : 0;
    term->needs_full = term->out.bytes.has_failed || !grid_copy(&term->shown, grid);
    term->stats.frames++;
    term->stats.last_frame_bytes = term->out.bytes.length;
    term->holds_frame = term_out_flush(&term->out) == ST_AGAIN;
    return true;
}

void term_invalidate(struct term *term)
{
    term->needs_full = true;
}

void term_set_theme(struct term *term, const struct theme *theme)
{
    term_ncurses_set_theme(term->ncurses, theme);
    term->needs_full = true;
}

bool term_wants_write(const struct term *term)
{
    return !term_out_is_empty(&term->out);
}

enum fs_status term_flush(struct term *term)
{
    enum fs_status status = term_out_flush(&term->out);

    term->holds_frame = term->holds_frame && status == ST_AGAIN;
    return status;
}

long term_read(struct term *term, char *out, size_t out_bytes)
{
    ssize_t got = read(term->fd, out, out_bytes);

    if (got > 0) {
        return (long)got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    return -1;
}

void term_mode_answered(struct term *term, int mode, int setting)
{
    if (mode == 2026) {
        term->has_sync = setting == 1 || setting == 2;
    }
}

void term_suspend(struct term *term)
{
    give_back(term);
}

void term_resume(struct term *term)
{
    if (!term->is_taken) {
        (void)tcgetattr(term->fd, &term->cooked);
        take(term);
    }
}

struct term_stats term_stats(const struct term *term)
{
    struct term_stats stats = term->stats;

    stats.writes = term->out.writes;
    stats.bytes = term->out.total_bytes;
    return stats;
}

void term_restore_from_signal(void)
{
    term_restore_now();
}

static void put_base64(struct strbuf *out, const char *text, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < count; i += 3) {
        uint32_t bits = (uint32_t)(unsigned char)text[i] << 16;
        bits |= i + 1 < count ? (uint32_t)(unsigned char)text[i + 1] << 8 : 0;
        bits |= i + 2 < count ? (uint32_t)(unsigned char)text[i + 2] : 0;
        strbuf_put_char(out, digits[bits >> 18 & 63]);
        strbuf_put_char(out, digits[bits >> 12 & 63]);
        strbuf_put_char(out, i + 1 < count ? digits[bits >> 6 & 63] : '=');
        strbuf_put_char(out, i + 2 < count ? digits[bits & 63] : '=');
    }
}

enum fs_status term_yank(struct term *term, const char *text, struct err *err)
{
    size_t count = strlen(text);

    if (!term->is_modern) {
        return err_set(err, ST_UNSUPPORTED, "this terminal has no clipboard that farshore can set");
    }
    if ((count + 2) / 3 * 4 > YANK_BYTES) {
        return err_set(err, ST_FULL, "too long for a terminal's clipboard");
    }
    strbuf_put(&term->out.bytes, "\033]52;c;");
    put_base64(&term->out.bytes, text, count);
    strbuf_put(&term->out.bytes, "\033\\");
    if (term->is_tmux) {
        strbuf_put(&term->out.bytes, "\033Ptmux;\033\033]52;c;");
        put_base64(&term->out.bytes, text, count);
        strbuf_put(&term->out.bytes, "\033\033\\\033\\");
    }
    (void)term_out_flush(&term->out);
    return ST_OK;
}
