/*
 * console_impl.h - what the files of the console share.
 */
#ifndef FARSHORE_APP_CONSOLE_IMPL_H
#define FARSHORE_APP_CONSOLE_IMPL_H

#include <ev.h>

#include "assets.h"
#include "check.h"
#include "console.h"
#include "farshore/net/bridge.h"
#include "farshore/ui/ui.h"
#include "session.h"

#define CONSOLE_SIGNALS 6
#define CONSOLE_WORDS 8

struct worker;

/* One fault on its way to the lab, off the loop. */
struct lab_job {
    char line[256];
    char words[CONSOLE_WORDS][64];
    const char *argv[CONSOLE_WORDS];
    int argc;
    char reply[256];
    struct err err;
    enum fs_status status;
    struct worker *worker;
    bool is_running;
};

/* One readiness check on its way, off the loop, and the last report. */
struct check_job {
    struct ready_facts facts;
    struct ready_report report;
    struct err err;
    enum fs_status status;
    atomic_bool is_stopping;
    int cancel_fd;
    struct worker *worker;
    bool is_running, has_report;
};

struct console {
    const struct console_options *options;
    struct ev_loop *loop;
    struct session *session;
    struct term *term;
    struct ui *ui;
    struct theme theme;
    struct keymap keymap;
    ev_io readable, writable;
    ev_timer input_timeout, frame;
    ev_prepare before_sleep;
    ev_signal signals[CONSOLE_SIGNALS];
    bool wants_draw, is_urgent; /* something changed; a key did it */
    int64_t drawn_mono_ns;      /* the last frame; 0 none */
    int64_t drawn_second;       /* of the clock, UTC */
    uint64_t drawn_revision;
    struct bridge *bridge; /* brings results of jobs back */
    struct lab_job lab_job;
    struct check_job check_job;
    char candidate[ASSET_PATH_BYTES];
};

/* console_commands.c */
extern const struct ui_command console_commands[];
extern const size_t console_command_count; /* the last one is `lab` */
void console_command(void *context, const char *line);
void console_load_assets(struct console *console);
void console_stop_jobs(struct console *console);

/* console_check.c: `:check`. The end waits for a survey to notice, and frees all. */
void console_check(struct console *console);
void console_check_end(struct console *console);

/* console_crash.c: give the terminal back when the program dies. */
void crash_handlers_install(void);

#endif
