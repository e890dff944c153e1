/*
 * term.h - one terminal: a frame leaves in one non-blocking write, and the terminal is always given
 * back.
 *
 * ncurses writes into a memfd, so that it can never block or be seen half-way; what it wrote is
 * sent as a whole, inside a synchronized update when the terminal says that it knows those. While a
 * frame is unsent no other is drawn: a terminal that stops reading costs frames, never the program.
 *
 * Wiring: watch term_fd() for reading always, and for writing while term_wants_write(); then call
 * term_flush(). Thread: loop thread only, but for term_restore_from_signal(). One at a time.
 */
#ifndef FARSHORE_UI_TERM_H
#define FARSHORE_UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/err.h"
#include "farshore/ui/theme.h"

struct term;
struct grid;

struct term_options {
    int fd;           /* a terminal; -1 opens /dev/tty. Never closed, its flags stay untouched */
    const char *name; /* NULL: $TERM; unknown names fall back to "dumb" with a warning in err */
    bool is_mono;     /* no colour at all; also when $NO_COLOR is set and not empty */
    bool is_ascii;    /* no UTF-8; also when the locale has none (term_is_ascii() tells) */
    bool has_title;   /* set the window's title */
    const struct theme *theme; /* copied */
};

struct term_stats {
    uint64_t frames;      /* drawn */
    uint64_t full_frames; /* of them painted from scratch */
    uint64_t writes;      /* write(2) calls that took bytes */
    uint64_t bytes;
    uint64_t last_frame_bytes;
    uint64_t deferred; /* not drawn because one was still unsent */
};

/*
 * Take the terminal: raw mode, alternate screen, cursor hidden, bracketed paste.
 *
 * Sets the process's LC_CTYPE from the environment. ST_IO when there is no terminal (err says why),
 * ST_NO_MEMORY. The owner calls term_destroy().
 */
enum fs_status term_create(const struct term_options *options, struct term **out, struct err *err);

/* Give the terminal back (within 200 ms even when it does not read) and free. NULL is fine. */
void term_destroy(struct term *term);

int term_fd(const struct term *term);
bool term_is_ascii(const struct term *term);

/* The size by the system now; false when it does not tell. */
bool term_size(const struct term *term, int *cols, int *rows);

/* Take a new size; the next frame is painted from scratch. */
void term_resize(struct term *term, int cols, int rows);

/* May a frame be drawn, or is one still unsent? */
bool term_is_ready(const struct term *term);

/*
 * Show a grid. Returns false when it had to be deferred (draw again once the unsent frame left).
 * title may be NULL; controls in it are removed.
 */
bool term_draw(struct term *term, const struct grid *grid, const char *title);

/* Paint the next frame from scratch (^L). */
void term_invalidate(struct term *term);

/* Look otherwise from the next frame on, which is painted from scratch. */
void term_set_theme(struct term *term, const struct theme *theme);

/* Put text into the terminal's clipboard by OSC 52; ST_FULL when it is too long for terminals. */
enum fs_status term_yank(struct term *term, const char *text, struct err *err);

bool term_wants_write(const struct term *term);

/* Send what is unsent, as far as the terminal takes it. ST_AGAIN when some is left, ST_IO dead. */
enum fs_status term_flush(struct term *term);

/* Read what was typed, non-blocking: bytes, 0 nothing, -1 the terminal is gone. */
long term_read(struct term *term, char *out, size_t out_bytes);

/* The terminal answered DECRQM: setting of a mode (2026 turns synchronized updates on). */
void term_mode_answered(struct term *term, int mode, int setting);

/* Give the terminal back for a while (Ctrl-Z, a subshell), and take it again. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

struct term_stats term_stats(const struct term *term);

/*
 * Give the terminal back from a signal handler; nothing happens when none is taken, or twice.
 * Async-signal-safe: only write, poll, tcsetattr and atomic flags.
 */
void term_restore_from_signal(void);

#endif
