/*
 * command_check.c - `farshore check`: would a failover work now?
 *
 * Why:   what makes a failover fail is there weeks before; this says it in one look.
 * How:   a session observes as `status` does while a survey asks on a thread of its own; when both
 *        are done the readiness checks judge what they found.
 * Rules: nothing is changed on any server. A signal ends it without a report.
 * See:   docs/CHECK.md
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ev.h>

#include "check.h"
#include "commands.h"
#include "farshore/base/duration.h"
#include "farshore/net/nats_lib.h"
#include "farshore/net/worker.h"
#include "session.h"
#include "status.h"

#define LOOK_NS (3 * NS_PER_S)

struct checking {
    struct ev_loop *loop;
    struct session *session;
    const struct options *options;
    const struct config *config;
    ev_timer end;
    ev_async surveyed;
    ev_signal signals[3];
    pthread_t thread;
    atomic_bool is_stopping;
    int cancel_fd;
    bool is_over, is_surveyed, is_interrupted;
    enum fs_status status; /* of the survey */
    struct err err;
    struct ready_facts facts;
};

static void *survey_entry(void *context)
{
    struct checking *checking = context;
    checking->status = check_survey(checking->config, NULL, &checking->is_stopping,
                                    checking->cancel_fd, &checking->facts, &checking->err);
    ev_async_send(checking->loop, &checking->surveyed);
    return NULL;
}

static void leave_when_done(struct checking *checking)
{
    if (checking->is_over && checking->is_surveyed) {
        ev_break(checking->loop, EVBREAK_ALL);
    }
}

static void on_surveyed(struct ev_loop *loop, ev_async *async, int events)
{
    struct checking *checking = async->data;
    (void)loop;
    (void)events;
    checking->is_surveyed = true;
    leave_when_done(checking);
}

static void on_end(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct checking *checking = timer->data;
    (void)loop;
    (void)events;
    checking->is_over = true;
    leave_when_done(checking);
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    struct checking *checking = signal->data;
    (void)events;
    checking->is_interrupted = true;
    ev_break(loop, EVBREAK_ALL);
}

static void start_watchers(struct checking *checking)
{
    static const int numbers[3] = {SIGINT, SIGTERM, SIGHUP};
    int64_t for_ns = checking->options->for_ns > 0 ? checking->options->for_ns : LOOK_NS;
    for (size_t i = 0; i < 3; i++) {
        ev_signal_init(&checking->signals[i], on_signal, numbers[i]);
        checking->signals[i].data = checking;
        ev_signal_start(checking->loop, &checking->signals[i]);
    }
    ev_timer_init(&checking->end, on_end, (double)for_ns / (double)NS_PER_S, 0.);
    checking->end.data = checking;
    ev_timer_start(checking->loop, &checking->end);
    ev_async_init(&checking->surveyed, on_surveyed);
    checking->surveyed.data = checking;
    ev_async_start(checking->loop, &checking->surveyed);
}

/* Returns the exit code. */
static int print_report(struct checking *checking)
{
    struct ready_report report;
    struct strbuf out;
    const char *name = checking->config->name;
    ready_judge(session_model(checking->session), &checking->facts, alloc_heap(), &report);
    strbuf_init(&out, alloc_heap());
    if (checking->options->json) {
        check_json(&report, name, &out);
        strbuf_put_char(&out, '\n');
    } else if (checking->options->prometheus) {
        check_prometheus(&report, name, &out);
    } else {
        check_text(&report, name, &out);
    }
    bool is_written = !out.has_failed && fwrite(out.text, 1, out.length, stdout) == out.length &&
                      fflush(stdout) == 0;
    int code = is_written ? ready_exit_code(&report) : STATUS_UNKNOWN;
    strbuf_destroy(&out);
    ready_report_end(&report);
    return code;
}

/* Observe and survey at the same time. Returns the exit code. */
static int run(struct checking *checking)
{
    struct err err = {0};
    start_watchers(checking);
    enum fs_status status = nats_lib_open(&err); /* here, before threads of two kinds want it */
    if (status == ST_OK) {
        status = session_start(checking->session, &err);
    }
    if (status == ST_OK) {
        status = thread_start(&checking->thread, survey_entry, checking, &err);
    }
    if (status != ST_OK) {
        fprintf(stderr, "farshore: %s\n", err.text);
        return STATUS_UNKNOWN;
    }
    ev_run(checking->loop, 0);
    atomic_store(&checking->is_stopping, true);
    if (checking->cancel_fd >= 0) {
        (void)eventfd_write(checking->cancel_fd, 1);
    }
    pthread_join(checking->thread, NULL);
    if (checking->is_interrupted) {
        return STATUS_UNKNOWN;
    }
    if (checking->status != ST_OK) {
        fprintf(stderr, "farshore: %s\n", checking->err.text);
    }
    return print_report(checking);
}

static int check(const struct options *options, const struct config *config)
{
    struct err err = {0};
    struct checking checking = {.options = options,
                                .config = config,
                                .cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                .loop = ev_loop_new(EVFLAG_AUTO)};
    int code = STATUS_UNKNOWN;
    if (checking.loop == NULL) {
        fputs("farshore: no event loop\n", stderr);
        return code;
    }
    struct session_options session = {.loop = checking.loop,
                                      .config = config,
                                      .mode = "check",
                                      .interval_ns = options->interval_ns};
    ready_facts_begin(&checking.facts, alloc_heap());
    if (session_open(&session, &checking.session, &err) == ST_OK) {
        code = run(&checking);
    } else {
        fprintf(stderr, "farshore: %s\n", err.text);
    }
    session_close(checking.session);
    ready_facts_end(&checking.facts);
    if (checking.cancel_fd >= 0) {
        close(checking.cancel_fd);
    }
    ev_loop_destroy(checking.loop);
    return code;
}

int command_check(const struct options *options)
{
    struct config config;
    if (options->operand_count > 0) {
        return usage_error("check takes no word: %s", options->operands[0]);
    }
    if (options->json && options->prometheus) {
        return usage_error("check prints --json or --prometheus, not both");
    }
    int code = load_config(options, &config);
    if (code == 0) {
        code = check(options, &config);
    }
    config_destroy(&config);
    return code;
}
