/*
 * session.c - a configuration at work: model, bus, ticks and the NATS feed on one loop.
 *
 * Why:   the console paints before anything answers; secrets may come from slow commands.
 * How:   session_open() makes the model and the first events. session_start() fetches all logins at
 *        the same time, each on a thread of its own, and then opens the feed on the loop.
 * Rules: a region whose login fails is shown as not connected, with the reason, and is asked over
 *        the others. Secrets are wiped as soon as the feed has copied them.
 * See:   docs/ARCHITECTURE.md "Threads"
 */
#include "session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ev.h>

#include "config.h"
#include "farshore/base/duration.h"
#include "farshore/base/log.h"
#include "farshore/base/text.h"
#include "farshore/feeds/nats_feed.h"
#include "farshore/net/bridge.h"
#include "farshore/net/nats_lib.h"
#include "farshore/net/worker.h"
#include "login.h"
#include "version.h"

#define CLOSE_WAIT_MS 500

struct session {
    struct session_options options;
    struct model *model;
    struct bus bus;
    ev_timer tick;
    int64_t tick_due_ns;
    struct bridge *bridge;
    struct worker *worker;
    bool is_resolving;
    int cancel_fd; /* ends commands that print secrets, when nobody waits for them any more */
    bool has_library;
    struct nats_feed *feed;
    struct login logins[CONFIG_MAX_REGIONS];
    size_t login_count;
    char operator_name[64], host[64];
};

struct model *session_model(struct session *session)
{
    return session->model;
}

struct bus *session_bus(struct session *session)
{
    return &session->bus;
}

void session_note(struct session *session, enum severity severity, const char *source,
                  const char *text)
{
    char clean[ERR_TEXT_BYTES];
    text_clean(clean, sizeof(clean), text, strlen(text));
    struct event event = {.type = EVT_NOTE,
                          .u.note = {.severity = severity, .source = source, .text = clean}};
    bus_put(&session->bus, &event);
    log_write(severity >= SEV_WARN ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "session", "%s: %s", source,
              clean);
}

/* Who sits here, as far as it can be told without asking a directory service that may hang. */
static void name_ourselves(struct session *session)
{
    char host[256] = "";
    const char *user = getenv("USER");
    char number[24];
    snprintf(number, sizeof(number), "uid %u", (unsigned)getuid());
    user = user != NULL && user[0] != '\0' ? user : number;
    text_clean(session->operator_name, sizeof(session->operator_name), user, strlen(user));
    if (gethostname(host, sizeof(host) - 1) == 0) {
        text_clean(session->host, sizeof(session->host), host, strlen(host));
    }
}

static int64_t interval_of(const struct session *session)
{
    return session->options.interval_ns > 0 ? session->options.interval_ns
                                            : session->options.config->interval_ns;
}

static void put_first_events(struct session *session)
{
    const struct config *config = session->options.config;
    struct event start = {.type = EVT_START,
                          .u.start = {.program = "farshore",
                                      .version = FARSHORE_VERSION,
                                      .mode = session->options.mode,
                                      .context = config->name,
                                      .operator_name = session->operator_name,
                                      .host = session->host}};
    bus_put(&session->bus, &start);
    struct event settings = {.type = EVT_SETTINGS,
                             .u.settings = {.interval_ns = interval_of(session),
                                            .hold_ns = config->verdict.hold_ns,
                                            .clear_ns = config->verdict.clear_ns,
                                            .lag_warn_ns = config->objectives.lag_warn_ns,
                                            .rpo_ns = config->objectives.rpo_ns}};
    bus_put(&session->bus, &settings);
    const struct config_region *regions = config->regions.rows;
    for (size_t i = 0; i < config->regions.count; i++) {
        struct event region = {
            .type = EVT_REGION,
            .u.region = {.region = regions[i].name, .role = (enum region_role)regions[i].role}};
        bus_put(&session->bus, &region);
    }
}

enum fs_status session_open(const struct session_options *options, struct session **out,
                            struct err *err)
{
    struct session *session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    session->options = *options;
    session->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->model = model_create(alloc_heap(), NULL);
    if (session->model == NULL) {
        free(session);
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    bus_init(&session->bus, session->model, NULL);
    name_ourselves(session);
    put_first_events(session);
    *out = session;
    return ST_OK;
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct session *session = timer->data;
    (void)loop;
    (void)events;
    int64_t now_ns = session->bus.clock.mono_ns(session->bus.clock.context);
    int64_t late_ns = now_ns > session->tick_due_ns ? now_ns - session->tick_due_ns : 0;
    struct event tick = {.type = EVT_TICK, .u.tick = {.late_ns = late_ns}};
    bus_put(&session->bus, &tick);
    session->tick_due_ns = late_ns > SESSION_TICK_NS ? now_ns + SESSION_TICK_NS
                                                     : session->tick_due_ns + SESSION_TICK_NS;
}

static void start_ticks(struct session *session)
{
    double period = (double)SESSION_TICK_NS / (double)NS_PER_S;
    ev_now_update(session->options.loop);
    session->tick_due_ns = session->bus.clock.mono_ns(session->bus.clock.context) + SESSION_TICK_NS;
    ev_timer_init(&session->tick, on_tick, period, period);
    session->tick.data = session;
    ev_timer_start(session->options.loop, &session->tick);
}

struct resolve_one {
    struct login *login;
    const char *config_path;
};

static void *resolve_entry(void *context)
{
    struct resolve_one *one = context;
    login_resolve(one->login, one->config_path);
    return NULL;
}

/* On a worker: every login at the same time, so that one slow command costs only itself. */
static void resolve_all(void *context)
{
    struct session *session = context;
    struct resolve_one jobs[CONFIG_MAX_REGIONS];
    pthread_t threads[CONFIG_MAX_REGIONS];
    bool is_started[CONFIG_MAX_REGIONS] = {false};
    for (size_t i = 0; i < session->login_count; i++) {
        jobs[i] = (struct resolve_one){&session->logins[i], session->options.config->path};
        is_started[i] = thread_start(&threads[i], resolve_entry, &jobs[i], NULL) == ST_OK;
        if (!is_started[i]) {
            resolve_entry(&jobs[i]);
        }
    }
    for (size_t i = 0; i < session->login_count; i++) {
        if (is_started[i]) {
            pthread_join(threads[i], NULL);
        }
    }
}

static void report_login(struct session *session, const struct login *login)
{
    char reason[ERR_TEXT_BYTES + 16];
    char clean[ERR_TEXT_BYTES];
    snprintf(reason, sizeof(reason), "login: %s", login->err.text);
    text_clean(clean, sizeof(clean), reason, strlen(reason));
    struct event event = {
        .type = EVT_CONN,
        .u.conn = {.region = login->region->name, .state = CONN_LOST, .reason = clean}};
    bus_put(&session->bus, &event);
    session_note(session, SEV_CRIT, login->region->name, clean);
}

static enum fs_status open_feed(struct session *session, struct err *err)
{
    struct nats_feed_region regions[CONFIG_MAX_REGIONS];
    memset(regions, 0, sizeof(regions));
    for (size_t i = 0; i < session->login_count; i++) {
        struct login *login = &session->logins[i];
        regions[i].name = login->region->name;
        if (login->status != ST_OK) {
            report_login(session, login);
            continue;
        }
        regions[i].urls = login->urls;
        regions[i].url_count = login->url_count;
        regions[i].login = login->login;
        regions[i].inbox_prefix = login->inbox_prefix;
    }
    struct nats_feed_options options = {.loop = session->options.loop,
                                        .sink = bus_sink(&session->bus),
                                        .interval_ns = interval_of(session),
                                        .regions = regions,
                                        .region_count = session->login_count};
    enum fs_status status = nats_lib_open(err);
    session->has_library = status == ST_OK;
    return status == ST_OK ? nats_feed_open(&session->feed, &options, err) : status;
}

static void logins_done(void *context)
{
    struct session *session = context;
    struct err err = {0};
    session->is_resolving = false;
    if (open_feed(session, &err) != ST_OK) {
        session_note(session, SEV_CRIT, "nats", err.text);
    }
    for (size_t i = 0; i < session->login_count; i++) {
        login_forget(&session->logins[i]);
    }
}

enum fs_status session_start(struct session *session, struct err *err)
{
    struct bridge_options options = {.loop = session->options.loop,
                                     .sink = bus_sink(&session->bus)};
    const struct config_region *regions = session->options.config->regions.rows;
    session->login_count = session->options.config->regions.count;
    for (size_t i = 0; i < session->login_count; i++) {
        session->logins[i].region = &regions[i];
        session->logins[i].cancel_fd = session->cancel_fd;
    }
    start_ticks(session);
    enum fs_status status = bridge_open(&session->bridge, &options, err);
    if (status != ST_OK) {
        return status;
    }
    struct worker_job job = {resolve_all, logins_done, session};
    status = worker_start(&session->worker, session->bridge, &job, err);
    session->is_resolving = status == ST_OK;
    return status;
}

/* Ends the process before anything that a thread left behind may still use is torn down. */
static void leave_at_once(int code, void *context)
{
    (void)context;
    (void)fflush(NULL);
    _exit(code);
}

void session_close(struct session *session)
{
    if (session == NULL) {
        return;
    }
    ev_timer_stop(session->options.loop, &session->tick);
    if (session->bridge != NULL) {
        bridge_stop(session->bridge);
    }
    if (session->cancel_fd >= 0) {
        (void)eventfd_write(session->cancel_fd, 1);
    }
    worker_join(session->worker);
    /* A connection that hangs in a connect is left behind; the library then ends with the process.
     */
    bool is_closed = nats_feed_close(session->feed, CLOSE_WAIT_MS) == ST_OK;
    if (session->has_library && is_closed) {
        is_closed = nats_lib_close(CLOSE_WAIT_MS, NULL) == ST_OK;
    }
    if (!is_closed) {
        (void)on_exit(leave_at_once, NULL);
    }
    bridge_close(session->bridge);
    for (size_t i = 0; i < session->login_count; i++) {
        login_forget(&session->logins[i]);
        login_close(&session->logins[i]);
    }
    if (session->cancel_fd >= 0) {
        close(session->cancel_fd);
    }
    model_destroy(session->model);
    free(session);
}
