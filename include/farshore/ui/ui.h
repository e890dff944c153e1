/*
 * ui.h - the console: draws a model, takes keys, asks the app for everything else.
 *
 * Wiring (app owns the loop and the clock):
 *   - term_create(), ui_create() with it, ui_resize() with term_size(); again on SIGWINCH.
 *   - readable: term_read(), ui_input_bytes(); then, if ui_input_timeout_ms() is not 0, a one-shot
 *     timer of that length that calls ui_input_timeout().
 *   - writable: term_flush(); watch for it only while term_wants_write().
 *   - draw: ui_draw() and ui_present(), at most 10 times a second, and only when a key came, when
 *     model_revision() grew, or when model_at_ns() entered another second. Changes of state
 *     (model_changes()) and keys should be drawn at once. ui_present() sends nothing when nothing
 *     changed.
 *   - signals: TERM, INT, HUP: leave the loop, term_destroy(). SEGV, BUS, FPE, ILL, ABRT, QUIT:
 *     term_restore_from_signal(), then re-raise. TSTP: ui_suspend().
 *
 * Time on the screen is model_at_ns(). Thread: loop thread only.
 */
#ifndef FARSHORE_UI_UI_H
#define FARSHORE_UI_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/alloc.h"
#include "farshore/base/err.h"
#include "farshore/base/strbuf.h"
#include "farshore/core/model.h"
#include "farshore/core/names.h"
#include "farshore/core/readiness.h"
#include "farshore/ui/keymap.h"
#include "farshore/ui/term.h"
#include "farshore/ui/theme.h"

struct ui;

/* A `:` command of the app. Every view and move action is a command by its name already. */
struct ui_command {
    const char *name;
    const char *help; /* one line, with the arguments */
    /*
     * The n-th candidate, from 0, for the word that `line` ends with (it may be empty); NULL after
     * the last. The text must live until the next call. NULL: no completion.
     */
    const char *(*complete)(void *context, const char *line, size_t n);
};

/* What ui asks of the app; context comes first. Members may be NULL. */
struct ui_requests {
    void *context;
    void (*quit)(void *context);
    /* A `:` line whose first word is one of the commands, or is unknown to ui. */
    void (*command)(void *context, const char *line);
    /* Every key with what it meant, for EVT_KEY; action NULL when unbound. */
    void (*key)(void *context, const char *key, const char *action);
    /* Something changed that only a new drawing shows. */
    void (*redraw)(void *context);
};

struct ui_options {
    const struct fs_alloc *alloc;      /* NULL: the heap */
    const struct theme *theme;         /* NULL: built-in; copied */
    const struct keymap *keymap;       /* NULL: built-in; copied */
    const struct ui_command *commands; /* lives as long as the ui; may be NULL */
    size_t command_count;
    struct ui_requests requests;
    struct term *term; /* NULL: draws into memory only; not owned */
    bool is_ascii;     /* also when the terminal is */
};

/* What the app knows and the model does not. Texts live until the next ui_set_top(). */
struct ui_top {
    const char *mode;      /* "LIVE", "LAB" */
    const char *recording; /* "rec OFF", "rec ON 00:07:34" */
    bool is_writable;      /* WRITE instead of READ-ONLY */
};

/* What the page of `:check` shows. Both live until the next ui_set_check(); both may be NULL. */
struct ui_check {
    const struct ready_report *report;
    const char *progress; /* "asking the servers…" while a new one is on its way */
};

enum fs_status ui_create(const struct ui_options *options, struct ui **out, struct err *err);

/* The terminal stays the caller's. NULL is fine. */
void ui_destroy(struct ui *ui);

void ui_set_top(struct ui *ui, const struct ui_top *top);
void ui_set_check(struct ui *ui, const struct ui_check *check);

/* Show that page. */
void ui_open_check(struct ui *ui);

/* A new size, at least 1x1; reaches the terminal too. */
void ui_resize(struct ui *ui, int cols, int rows);

/* Compose the screen from the model. Returns whether it differs from the one presented last. */
bool ui_draw(struct ui *ui, const struct model *model);

/*
 * Send what ui_draw() composed. False when the terminal still holds an unsent frame: call again
 * after term_flush() has sent it (the newest composition is then shown).
 */
bool ui_present(struct ui *ui);

/* Bytes from the terminal. Keys act on the model drawn last. */
void ui_input_bytes(struct ui *ui, const struct model *model, const char *bytes, size_t count);

/* How long to wait before ui_input_timeout(); 0: nothing waits. */
int ui_input_timeout_ms(const struct ui *ui);
void ui_input_timeout(struct ui *ui, const struct model *model);

/* A message in the last line until the next key. */
void ui_say(struct ui *ui, enum severity severity, const char *text);

/* Run a `:` line as if it had been typed. */
void ui_run_line(struct ui *ui, const struct model *model, const char *line);

/* Give the terminal to the shell, stop this process; back here after `fg`, painted afresh. */
void ui_suspend(struct ui *ui);

/* Take another theme or keymap (`:reload`); copied. */
void ui_set_theme(struct ui *ui, const struct theme *theme);
void ui_set_keymap(struct ui *ui, const struct keymap *keymap);

/* The composed screen as lines of text, and its hash. */
void ui_dump(const struct ui *ui, struct strbuf *out);
uint64_t ui_hash(const struct ui *ui);

#endif
