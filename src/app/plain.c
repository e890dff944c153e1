/*
 * plain.c - the console without a screen: a line per change of state.
 *
 * Why:   screen readers, pipes, logs, and machines without a terminal.
 * How:   the same session; before the loop sleeps the new lines of the model's log are printed with
 *        their time. After the first look the whole state is said once.
 * Rules: a reader that is gone ends it.
 * See:   docs/farshore.1
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "console.h"
#include "farshore/base/duration.h"
#include "farshore/core/view.h"
#include "session.h"
#include "status.h"

#define FIRST_LOOK_S 3.

struct plain {
    struct ev_loop *loop;
    struct session *session;
    const struct console_options *options;
    ev_prepare before_sleep;
    ev_timer first_look;
    ev_signal signals[3];
    uint64_t printed;
};

static void print_line(int64_t at_ns, enum severity severity, const char *text)
{
    static const char *const glyphs[] = {"=", ".", "?", "!", "!!"};
    char when[DURATION_TEXT_BYTES];
    time_print_iso(when, at_ns);
    printf("%s %-2s %s\n", when, glyphs[severity], text);
}

static void print_news(struct plain *plain)
{
    const struct model *model = session_model(plain->session);
    uint64_t all = model_changes(model);
    uint64_t news = all - plain->printed;
    if (news > view_changes(model)) {
        printf("(%llu changes came too fast to be kept)\n",
               (unsigned long long)(news - view_changes(model)));
        news = view_changes(model);
    }
    for (uint64_t i = news; i > 0; i--) {
        struct change_view change;
        view_change(model, (size_t)i - 1, &change);
        print_line(change.at_ns, change.severity, change.text);
    }
    plain->printed = all;
    if (fflush(stdout) != 0) {
        ev_break(plain->loop, EVBREAK_ALL);
    }
}

static void print_regions(const struct model *model, int64_t at_ns)
{
    char text[VIEW_REASON_BYTES * 2 + 64];
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view row;
        view_region(model, i, &row);
        snprintf(text, sizeof(text), "region %s %s %s, servers %u/%u: %s", row.name,
                 name_of(&names_region_role, row.role), name_of(&names_verdict, row.verdict),
                 row.servers_up, row.servers, row.reason);
        print_line(at_ns, severity_of_verdict(row.verdict), text);
    }
    for (size_t i = 0; i < view_links(model); i++) {
        struct link_view row;
        view_link(model, i, &row);
        snprintf(text, sizeof(text), "link %s->%s %s, %u of %u servers", row.from, row.to,
                 name_of(&names_link_state, row.state), row.servers_up, row.servers);
        print_line(at_ns, severity_of_link(row.state), text);
    }
}

static void print_mirrors(const struct model *model, int64_t at_ns)
{
    size_t counts[MIRROR_CAUGHT_UP + 1] = {0};
    char text[128];
    for (size_t i = 0; i < view_mirrors(model); i++) {
        counts[view_mirror_state(model, i)]++;
    }
    for (unsigned state = 0; state <= MIRROR_CAUGHT_UP; state++) {
        if (counts[state] > 0) {
            snprintf(text, sizeof(text), "mirrors %s: %zu of %zu",
                     name_of(&names_mirror_state, state), counts[state], view_mirrors(model));
            print_line(at_ns, severity_of_mirror((enum mirror_state)state), text);
        }
    }
}

static void on_first_look(struct ev_loop *loop, ev_timer *timer, int events)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    static const enum severity severities[] = {SEV_OK, SEV_WARN, SEV_CRIT, SEV_UNKNOWN};
    struct plain *plain = timer->data;
    const struct model *model = session_model(plain->session);
    int64_t at_ns = model_at_ns(model);
    char why[VIEW_REASON_BYTES * 2];
    char text[VIEW_REASON_BYTES * 2 + 64];
    (void)loop;
    (void)events;
    print_news(plain);
    print_regions(model, at_ns);
    print_mirrors(model, at_ns);
    enum status_exit code =
        status_judge(model, plain->options->config->objectives.lag_warn_ns, why, sizeof(why));
    snprintf(text, sizeof(text), "state %s: %s", words[code], why);
    print_line(at_ns, severities[code], text);
    fflush(stdout);
}

static void on_before_sleep(struct ev_loop *loop, ev_prepare *prepare, int events)
{
    struct plain *plain = prepare->data;
    (void)loop;
    (void)events;
    if (model_changes(session_model(plain->session)) != plain->printed) {
        print_news(plain);
    }
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)signal;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

static void start_watchers(struct plain *plain)
{
    static const int numbers[3] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < 3; i++) {
        ev_signal_init(&plain->signals[i], on_signal, numbers[i]);
        ev_signal_start(plain->loop, &plain->signals[i]);
    }
    ev_prepare_init(&plain->before_sleep, on_before_sleep);
    plain->before_sleep.data = plain;
    ev_prepare_start(plain->loop, &plain->before_sleep);
    ev_timer_init(&plain->first_look, on_first_look, FIRST_LOOK_S, 0.);
    plain->first_look.data = plain;
    ev_timer_start(plain->loop, &plain->first_look);
}

static void say_hello(const struct plain *plain)
{
    char text[256];
    const struct config *config = plain->options->config;
    snprintf(text, sizeof(text), "farshore watches %s: %zu regions, read-only", config->name,
             config->regions.count);
    print_line(model_at_ns(session_model(plain->session)), SEV_INFO, text);
    fflush(stdout);
}

int plain_run(const struct console_options *options)
{
    struct err err = {0};
    struct plain plain = {.options = options, .loop = ev_loop_new(EVFLAG_AUTO)};
    if (plain.loop == NULL) {
        fputs("farshore: no event loop\n", stderr);
        return 1;
    }
    struct session_options session = {.loop = plain.loop,
                                      .config = options->config,
                                      .mode = options->mode,
                                      .interval_ns = options->options->interval_ns};
    enum fs_status status = session_open(&session, &plain.session, &err);
    if (status == ST_OK) {
        start_watchers(&plain);
        say_hello(&plain);
        status = session_start(plain.session, &err);
    }
    if (status == ST_OK) {
        ev_run(plain.loop, 0);
    } else {
        fprintf(stderr, "farshore: %s\n", err.text);
    }
    session_close(plain.session);
    ev_loop_destroy(plain.loop);
    return status == ST_OK ? 0 : 1;
}

int console_or_plain(const struct console_options *options)
{
    if (options->options->plain) {
        return plain_run(options);
    }
    if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)) {
        fputs("farshore: the output is no terminal: printing a line per change (--plain)\n",
              stderr);
        return plain_run(options);
    }
    int code = console_run(options);
    if (code == CONSOLE_NO_SCREEN) {
        fputs("farshore: printing a line per change (--plain)\n", stderr);
        code = plain_run(options);
    }
    return code;
}
