/*
 * console.c - the live screen on a loop.
 *
 * Why:   everything that moves the screen, a key, an answer, the clock, meets here.
 * How:   watchers only note that something changed; before the loop sleeps one frame is drawn, at
 *        most 10 a second (keys at once), and only when there is something to show. The first frame
 *        is sent before any network or secret is touched.
 * Rules: a terminal that does not read costs frames, never ticks. The terminal is given back on
 *        every way out.
 * See:   docs/ARCHITECTURE.md "One key's way"; ui.h for the wiring
 */
#include "console.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console_impl.h"
#include "farshore/base/duration.h"
#include "farshore/net/clock.h"

#define FRAME_NS (100 * NS_PER_MS)
#define KEY_FRAME_NS (15 * NS_PER_MS)

static void want_draw(struct console *console, bool is_urgent)
{
    console->wants_draw = true;
    console->is_urgent = console->is_urgent || is_urgent;
}

static void watch_writable(struct console *console)
{
    if (term_wants_write(console->term)) {
        ev_io_start(console->loop, &console->writable);
    } else {
        ev_io_stop(console->loop, &console->writable);
    }
}

static void draw_now(struct console *console)
{
    const struct model *model = session_model(console->session);
    bool differs = ui_draw(console->ui, model);
    bool is_sent = !differs || ui_present(console->ui);
    console->wants_draw = !is_sent;
    console->is_urgent = console->is_urgent && !is_sent;
    console->drawn_mono_ns = clock_mono_ns();
    console->drawn_second = model_at_ns(model) / NS_PER_S;
    console->drawn_revision = model_revision(model);
    watch_writable(console);
}

/* Is there anything that a new frame would show? Only the passing of a second, or news. */
static bool is_stale(const struct console *console)
{
    const struct model *model = session_model(console->session);
    return console->wants_draw || model_revision(model) != console->drawn_revision ||
           model_at_ns(model) / NS_PER_S != console->drawn_second;
}

static void on_before_sleep(struct ev_loop *loop, ev_prepare *prepare, int events)
{
    struct console *console = prepare->data;
    (void)events;
    if (!is_stale(console) || !term_is_ready(console->term)) {
        return; /* an unsent frame calls us again once it is gone */
    }
    int64_t gap_ns = console->is_urgent ? KEY_FRAME_NS : FRAME_NS;
    int64_t left_ns = console->drawn_mono_ns + gap_ns - clock_mono_ns();
    if (left_ns <= 0) {
        ev_timer_stop(loop, &console->frame);
        draw_now(console);
        return;
    }
    ev_timer_stop(loop, &console->frame);
    ev_timer_set(&console->frame, (double)left_ns / (double)NS_PER_S, 0.);
    ev_timer_start(loop, &console->frame);
}

/* Only wakes the loop; the prepare watcher then draws. */
static void on_frame(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
}

static void arm_input_timeout(struct console *console)
{
    int wait_ms = ui_input_timeout_ms(console->ui);
    ev_timer_stop(console->loop, &console->input_timeout);
    if (wait_ms > 0) {
        ev_timer_set(&console->input_timeout, (double)wait_ms / 1000., 0.);
        ev_timer_start(console->loop, &console->input_timeout);
    }
}

static void on_input_timeout(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct console *console = timer->data;
    (void)loop;
    (void)events;
    ui_input_timeout(console->ui, session_model(console->session));
    want_draw(console, true);
    arm_input_timeout(console);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
    struct console *console = io->data;
    char bytes[4096];
    (void)events;
    long count = term_read(console->term, bytes, sizeof(bytes));
    if (count < 0) {
        ev_break(loop, EVBREAK_ALL); /* the terminal is gone */
        return;
    }
    if (count > 0) {
        ui_input_bytes(console->ui, session_model(console->session), bytes, (size_t)count);
        want_draw(console, true);
        arm_input_timeout(console);
    }
    watch_writable(console);
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
    struct console *console = io->data;
    (void)events;
    if (term_flush(console->term) == ST_IO) {
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    watch_writable(console);
}

static void take_size(struct console *console)
{
    int cols = 80;
    int rows = 24;
    (void)term_size(console->term, &cols, &rows);
    ui_resize(console->ui, cols, rows);
    struct event event = {.type = EVT_RESIZE, .u.resize = {.cols = cols, .rows = rows}};
    bus_put(session_bus(console->session), &event);
    want_draw(console, true);
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    struct console *console = signal->data;
    (void)events;
    switch (signal->signum) {
    case SIGWINCH:
        take_size(console);
        break;
    case SIGTSTP:
        ui_suspend(console->ui);
        take_size(console);
        break;
    case SIGCONT: /* stopped and continued behind our back: whatever was shown may be gone */
        term_suspend(console->term);
        term_resume(console->term);
        take_size(console);
        break;
    case SIGINT:
    case SIGTERM:
    case SIGHUP:
        ev_break(loop, EVBREAK_ALL);
        break;
    }
    watch_writable(console); /* what they queued */
}

static void on_quit(void *context)
{
    struct console *console = context;
    ev_break(console->loop, EVBREAK_ALL);
}

static void on_key(void *context, const char *key, const char *action)
{
    struct console *console = context;
    struct event event = {.type = EVT_KEY, .u.key = {.key = key, .action = action}};
    bus_put(session_bus(console->session), &event);
}

static void on_redraw(void *context)
{
    want_draw(context, true);
}

/* Before the terminal is taken: ncurses would otherwise install handlers that just leave. */
static void watch_signals(struct console *console)
{
    static const int numbers[CONSOLE_SIGNALS] = {SIGWINCH, SIGTSTP, SIGCONT,
                                                 SIGINT,   SIGTERM, SIGHUP};
    for (size_t i = 0; i < CONSOLE_SIGNALS; i++) {
        ev_signal_init(&console->signals[i], on_signal, numbers[i]);
        console->signals[i].data = console;
        ev_signal_start(console->loop, &console->signals[i]);
    }
}

static void init_watchers(struct console *console)
{
    ev_io_init(&console->readable, on_readable, term_fd(console->term), EV_READ);
    ev_io_init(&console->writable, on_writable, term_fd(console->term), EV_WRITE);
    ev_init(&console->input_timeout, on_input_timeout);
    ev_init(&console->frame, on_frame);
    ev_prepare_init(&console->before_sleep, on_before_sleep);
    console->readable.data = console;
    console->writable.data = console;
    console->input_timeout.data = console;
    console->before_sleep.data = console;
    ev_io_start(console->loop, &console->readable);
    ev_prepare_start(console->loop, &console->before_sleep);
}

static enum fs_status open_screen(struct console *console, struct err *err)
{
    const struct options *options = console->options->options;
    struct term_options term = {.fd = -1,
                                .is_mono = options->no_color,
                                .is_ascii = options->ascii,
                                .has_title = true,
                                .theme = &console->theme};
    enum fs_status status = term_create(&term, &console->term, err);
    if (status != ST_OK) {
        return status;
    }
    struct ui_options ui = {.theme = &console->theme,
                            .keymap = &console->keymap,
                            .commands = console_commands,
                            .command_count =
                                console_command_count - (console->options->lab_dir == NULL ? 1 : 0),
                            .requests = {console, on_quit, console_command, on_key, on_redraw},
                            .term = console->term,
                            .is_ascii = options->ascii};
    return ui_create(&ui, &console->ui, err);
}

/* Everything that may be slow comes after the first frame has left. */
static enum fs_status start(struct console *console, struct err *err)
{
    struct ui_top top = {.mode = strcmp(console->options->mode, "lab") == 0 ? "LAB" : "LIVE",
                         .recording = "rec OFF"};
    struct bridge_options bridge = {.loop = console->loop,
                                    .sink = bus_sink(session_bus(console->session))};
    ui_set_top(console->ui, &top);
    init_watchers(console);
    take_size(console);
    draw_now(console);
    (void)term_flush(console->term);
    watch_writable(console);
    enum fs_status status = bridge_open(&console->bridge, &bridge, err);
    return status == ST_OK ? session_start(console->session, err) : status;
}

static void close_all(struct console *console)
{
    /* The terminal first: what follows may wait for threads. */
    term_destroy(console->term);
    ui_destroy(console->ui);
    console_stop_jobs(console);
    if (console->bridge != NULL) {
        bridge_stop(console->bridge);
    }
    bridge_close(console->bridge);
    session_close(console->session);
    for (size_t i = 0; i < CONSOLE_SIGNALS; i++) {
        ev_signal_stop(console->loop, &console->signals[i]); /* plain lines may follow */
    }
    ev_loop_destroy(console->loop);
}

int console_run(const struct console_options *options)
{
    struct err err = {0};
    struct console *console = calloc(1, sizeof(*console));
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    if (console == NULL || loop == NULL) {
        fputs("farshore: no memory\n", stderr);
        free(console);
        return 1;
    }
    console->options = options;
    console->loop = loop;
    struct session_options session = {.loop = loop,
                                      .config = options->config,
                                      .mode = options->mode,
                                      .interval_ns = options->options->interval_ns};
    enum fs_status status = session_open(&session, &console->session, &err);
    if (status == ST_OK) {
        console_load_assets(console);
        watch_signals(console);
        crash_handlers_install();
        status = open_screen(console, &err);
    }
    if (status == ST_OK) {
        status = start(console, &err);
    }
    if (status == ST_OK) {
        ev_run(loop, 0);
    }
    close_all(console);
    free(console);
    if (status != ST_OK) {
        fprintf(stderr, "farshore: %s\n", err.text);
    }
    return status == ST_OK ? 0 : status == ST_UNSUPPORTED ? CONSOLE_NO_SCREEN : 1;
}
