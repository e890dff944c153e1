/*
 * session.c - a configuration at work: model, bus, ticks and the NATS feed on one loop.
 *
 * Why:   the console paints before anything answers; secrets may come from slow commands.
 * How:   session_open() makes the model and the first events. session_start() opens the feed and
 *        begins to fetch the logins (logins.c); each region is connected when its login is had.
 * Rules: a region whose login fails is shown as not connected, with the reason, and is asked over
 *        the others. Secrets are wiped as soon as the feed has copied them.
 * See:   docs/ARCHITECTURE.md "Threads"
 */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "config.h"
#include "farshore/base/duration.h"
#include "farshore/base/log.h"
#include "farshore/base/text.h"
#include "farshore/feeds/nats_feed.h"
#include "farshore/net/bridge.h"
#include "farshore/net/nats_lib.h"
#include "login.h"
#include "logins.h"
#include "version.h"

#define CLOSE_WAIT_MS 500

struct session {
    struct session_options options;
    struct model *model;
    struct bus bus;
    ev_timer tick;
    int64_t tick_due_ns;
    struct bridge *bridge;
    bool has_library;
    struct nats_feed *feed;
    struct logins *logins;
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

static void login_done(void *context, const struct login *login,
                       const struct nats_login_source *source)
{
    struct session *session = context;
    struct err err = {0};
    if (login->status != ST_OK) {
        report_login(session, login);
        return;
    }
    struct nats_feed_region region = {.name = login->region->name,
                                      .urls = login->urls,
                                      .url_count = login->url_count,
                                      .login = login->login,
                                      .source = *source,
                                      .inbox_prefix = login->inbox_prefix};
    if (session->feed != NULL && nats_feed_connect(session->feed, &region, &err) != ST_OK) {
        session_note(session, SEV_CRIT, "nats", err.text);
    }
}

/* Every region by name; their connections come with their logins. */
static enum fs_status open_feed(struct session *session, struct err *err)
{
    struct nats_feed_region regions[CONFIG_MAX_REGIONS];
    const struct config *config = session->options.config;
    const struct config_region *rows = config->regions.rows;
    memset(regions, 0, sizeof(regions));
    for (size_t i = 0; i < config->regions.count; i++) {
        regions[i].name = rows[i].name;
    }
    struct nats_feed_options options = {.loop = session->options.loop,
                                        .sink = bus_sink(&session->bus),
                                        .interval_ns = interval_of(session),
                                        .regions = regions,
                                        .region_count = config->regions.count};
    enum fs_status status = nats_lib_open(err);
    session->has_library = status == ST_OK;
    return status == ST_OK ? nats_feed_open(&session->feed, &options, err) : status;
}

enum fs_status session_start(struct session *session, struct err *err)
{
    struct bridge_options options = {.loop = session->options.loop,
                                     .sink = bus_sink(&session->bus)};
    struct logins_options logins = {.loop = session->options.loop,
                                    .config = session->options.config,
                                    .done = login_done,
                                    .context = session};
    start_ticks(session);
    enum fs_status status = bridge_open(&session->bridge, &options, err);
    if (status == ST_OK) {
        status = open_feed(session, err);
    }
    if (status == ST_OK) {
        logins.bridge = session->bridge;
        status = logins_start(&session->logins, &logins, err);
    }
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
    logins_stop(session->logins);
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
    if (!is_closed) {
        return; /* a thread that was left behind may fetch its login; the process ends now */
    }
    logins_close(session->logins);
    model_destroy(session->model);
    free(session);
}
