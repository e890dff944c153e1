/*
 * command_status.c - `farshore status`: observe for a while, print, end with a code.
 *
 * Why:   scripts and alerting need the console's conclusions without its screen.
 * How:   a session on a loop of its own; what is printed when is decided before the loop sleeps.
 * Rules: a reader that is gone ends it quietly; the last judgement is the exit code.
 * See:   docs/STATUS.md
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <ev.h>

#include "commands.h"
#include "farshore/base/duration.h"
#include "session.h"
#include "status.h"

#define LOOK_NS (3 * NS_PER_S)

struct look {
    struct ev_loop *loop;
    struct session *session;
    const struct options *options;
    int64_t lag_warn_ns;
    ev_timer end, poll;
    ev_prepare before_sleep;
    ev_signal signals[3];
    uint64_t printed_changes;
    bool is_due; /* --watch: print before the loop sleeps */
    bool has_printed;
    bool is_broken; /* nobody reads any more */
};

static void print_now(struct look *look)
{
    struct strbuf out;
    const struct model *model = session_model(look->session);
    strbuf_init(&out, alloc_heap());
    if (look->options->json) {
        status_json(model, look->lag_warn_ns, &out);
        strbuf_put_char(&out, '\n');
    } else if (look->options->prometheus) {
        status_prometheus(model, look->lag_warn_ns, &out);
    } else {
        strbuf_put(&out, look->has_printed ? "\n" : "");
        status_text(model, look->lag_warn_ns, &out);
    }
    bool is_written = !out.has_failed && fwrite(out.text, 1, out.length, stdout) == out.length &&
                      fflush(stdout) == 0;
    strbuf_destroy(&out);
    look->has_printed = true;
    look->is_due = false;
    look->printed_changes = model_changes(model);
    if (!is_written) {
        look->is_broken = true;
        ev_break(look->loop, EVBREAK_ALL);
    }
}

static void on_end(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)timer;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)signal;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void on_poll(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct look *look = timer->data;
    (void)loop;
    (void)events;
    look->is_due = true;
}

static void on_before_sleep(struct ev_loop *loop, ev_prepare *prepare, int events)
{
    struct look *look = prepare->data;
    (void)loop;
    (void)events;
    if (look->is_due || model_changes(session_model(look->session)) != look->printed_changes) {
        print_now(look);
    }
}

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static void start_watchers(struct look *look, const struct config *config)
{
    static const int numbers[3] = {SIGINT, SIGTERM, SIGHUP};
    const struct options *options = look->options;
    int64_t for_ns = options->for_ns > 0 ? options->for_ns : LOOK_NS;
    int64_t interval_ns = options->interval_ns > 0 ? options->interval_ns : config->interval_ns;
    for (size_t i = 0; i < 3; i++) {
        ev_signal_init(&look->signals[i], on_signal, numbers[i]);
        ev_signal_start(look->loop, &look->signals[i]);
    }
    if (!options->watch || options->for_ns > 0) {
        ev_timer_init(&look->end, on_end, seconds(for_ns), 0.);
        ev_timer_start(look->loop, &look->end);
    }
    if (options->watch) {
        ev_timer_init(&look->poll, on_poll, seconds(interval_ns), seconds(interval_ns));
        look->poll.data = look;
        ev_timer_start(look->loop, &look->poll);
        ev_prepare_init(&look->before_sleep, on_before_sleep);
        look->before_sleep.data = look;
        look->printed_changes = model_changes(session_model(look->session));
        ev_prepare_start(look->loop, &look->before_sleep);
    }
}

static int finish(struct look *look)
{
    char why[256];
    if (!look->is_broken && !look->options->watch) {
        print_now(look);
    }
    enum status_exit code =
        status_judge(session_model(look->session), look->lag_warn_ns, why, sizeof(why));
    return (int)code; /* of a broken output main tells */
}

static int observe(const struct options *options, const struct config *config)
{
    struct err err = {0};
    struct look look = {.options = options,
                        .lag_warn_ns = config->objectives.lag_warn_ns,
                        .loop = ev_loop_new(EVFLAG_AUTO)};
    if (look.loop == NULL) {
        fputs("farshore: no event loop\n", stderr);
        return STATUS_UNKNOWN;
    }
    struct session_options session = {
        .loop = look.loop, .config = config, .mode = "status", .interval_ns = options->interval_ns};
    int code = STATUS_UNKNOWN;
    enum fs_status status = session_open(&session, &look.session, &err);
    if (status == ST_OK) {
        start_watchers(&look, config);
        status = session_start(look.session, &err);
    }
    if (status == ST_OK) {
        ev_run(look.loop, 0);
        code = finish(&look);
    } else {
        fprintf(stderr, "farshore: %s\n", err.text);
    }
    session_close(look.session);
    ev_loop_destroy(look.loop);
    return code;
}

int command_status(const struct options *options)
{
    struct config config;
    if (options->operand_count > 0) {
        return usage_error("status takes no word: %s", options->operands[0]);
    }
    if (options->json && options->prometheus) {
        return usage_error("status prints --json or --prometheus, not both");
    }
    if (options->watch && options->prometheus) {
        return usage_error("--prometheus is one look; it does not go with --watch");
    }
    int code = load_config(options, &config);
    if (code == 0) {
        code = observe(options, &config);
    }
    config_destroy(&config);
    return code;
}
