/*
 * nats_feed.c - open and close the NATS feed; what passes on its way to the sink.
 *
 * Why:   connections, questions and replies meet here; elsewhere each is on its own.
 * How:   the bridge hands every event to pass(), which learns from it (whose connection is up,
 *        which clusters exist, which streams are origins) and hands it on.
 * Rules: loop thread only. Connections end before the bridge, the bridge before the regions.
 * See:   include/farshore/feeds/nats_feed.h; docs/ARCHITECTURE.md "Asking"
 */
#include "farshore/feeds/nats_feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"
#include "farshore/net/clock.h"
#include "feed_impl.h"

#define LEAST_INTERVAL_NS (100 * NS_PER_MS)
#define INBOX_MSGS 8192
#define INBOX_BYTES (64 << 20) /* replies of 10,000 streams with configs from several servers */
#define NAME "farshore view"

static void give(struct nats_feed *feed, const struct event *event)
{
    feed->sink.put(feed->sink.context, event);
}

/* ---- what is learnt from events ---- */

static void tell_conn(struct feed_region *region, const char *reason)
{
    bool is_up = region->state == CONN_UP;
    give(region->feed,
         &(struct event){
             .type = EVT_CONN,
             .u.conn = {
                 .region = region->name,
                 .state = region->state,
                 .url = is_up ? region->url : NULL,
                 .server = is_up && region->server_name[0] != '\0' ? region->server_name : NULL,
                 .reason = is_up ? NULL : reason,
             }});
}

static void pass_conn(struct nats_feed *feed, const struct evt_conn *conn)
{
    int index = feed_find_region(feed, conn->region);
    if (index == FEED_NO_REGION) {
        return;
    }
    struct feed_region *region = &feed->regions[index];
    region->state = conn->state;
    text_copy(region->url, sizeof(region->url), conn->url);
    text_copy(region->server_id, sizeof(region->server_id), conn->server);
    region->server_name[0] = '\0';
    tell_conn(region, conn->reason);
    feed_way_changed(feed);
}

/* nats.c knows the id of the server behind a connection; its name comes with its first answer. */
static void learn_server(struct nats_feed *feed, const struct evt_server *server)
{
    for (int i = 0; i < atomic_load(&feed->region_count); i++) {
        struct feed_region *region = &feed->regions[i];
        if (region->state == CONN_UP && region->server_name[0] == '\0' &&
            strcmp(region->server_id, server->id) == 0) {
            text_copy(region->server_name, sizeof(region->server_name), server->server);
            tell_conn(region, NULL);
        }
    }
}

static struct feed_region *add_region(struct nats_feed *feed, const char *name)
{
    int index = atomic_load(&feed->region_count);
    if (index == NATS_FEED_REGIONS) {
        return NULL;
    }
    struct feed_region *region = &feed->regions[index];
    region->feed = feed;
    region->index = index;
    region->via = FEED_NO_REGION;
    text_copy(region->name, sizeof(region->name), name);
    feed_pace_init(region, feed->interval_ns, clock_mono_ns());
    atomic_store(&feed->region_count, index + 1);
    return region;
}

/* A cluster that gateways name: it may hold the meta leader, so it is asked too. */
static void learn_cluster(struct nats_feed *feed, const char *cluster)
{
    if (feed_find_region(feed, cluster) != FEED_NO_REGION) {
        return;
    }
    if (add_region(feed, cluster) == NULL) {
        struct evt_note note = {.severity = SEV_WARN,
                                .source = "nats",
                                .text = "more than 16 clusters: the rest is not asked"};
        if (feed_is_new_note(feed, &note)) {
            give(feed, &(struct event){.type = EVT_NOTE, .u.note = note});
        }
    }
}

static void pass(void *context, const struct event *event)
{
    struct nats_feed *feed = context;
    if (event->type == EVT_CONN) {
        pass_conn(feed, &event->u.conn);
        return;
    }
    if (event->type == EVT_NOTE && !feed_is_new_note(feed, &event->u.note)) {
        return;
    }
    if (event->type == EVT_SERVER) {
        learn_server(feed, &event->u.server);
    } else if (event->type == EVT_GATEWAY) {
        learn_cluster(feed, event->u.gateway.remote);
    } else if (event->type == EVT_GATEWAY_CONFIG) {
        learn_cluster(feed, event->u.gateway_config.remote);
    } else if (event->type == EVT_STREAM_CONFIG && event->u.stream_config.origin != NULL) {
        feed_add_origin(feed, event->u.stream_config.account, event->u.stream_config.origin);
    }
    give(feed, event);
}

/* ---- open ---- */

static void on_tick(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    feed_ask_due(timer->data);
}

static void on_window(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    feed_close_windows(timer->data);
}

/* An inbox that nobody guesses: replies are trusted. */
static enum fs_status make_inbox(struct feed_region *region, const char *prefix, struct err *err)
{
    uint64_t random[2];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return err_set_errno(err, ST_IO, errno, "region %s: no random bytes", region->name);
    }
    int length = snprintf(region->inbox, sizeof(region->inbox), "%s.%016llx%016llx",
                          prefix == NULL ? "_INBOX" : prefix, (unsigned long long)random[0],
                          (unsigned long long)random[1]);
    if (length < 0 || (size_t)length >= sizeof(region->inbox)) {
        return err_set(err, ST_INVALID, "region %s: the inbox prefix is too long", region->name);
    }
    return ST_OK;
}

static enum fs_status open_connection(struct feed_region *region,
                                      const struct nats_feed_region *options, struct err *err)
{
    char inbox[FEED_INBOX_BYTES + 4];
    struct nats_subscription subscriptions[FEED_SUBSCRIPTIONS];
    struct err cause = {0};
    enum fs_status status = make_inbox(region, options->inbox_prefix, err);
    if (status != ST_OK) {
        return status;
    }
    (void)snprintf(inbox, sizeof(inbox), "%s.*", region->inbox);
    subscriptions[0] = (struct nats_subscription){inbox, INBOX_MSGS, INBOX_BYTES};
    memcpy(&subscriptions[1], feed_pushes, sizeof(feed_pushes));
    struct nats_conn_options conn = {
        .name = NAME,
        .urls = options->urls,
        .url_count = options->url_count,
        .login = options->login,
        .source = options->source,
        .subscriptions = subscriptions,
        .subscription_count = FEED_SUBSCRIPTIONS,
        .handler = feed_handler(region),
    };
    status = nats_conn_open(&region->conn, &conn, &cause);
    if (status != ST_OK) {
        return err_set(err, status, "region %s: %s", region->name, cause.text);
    }
    return ST_OK;
}

static enum fs_status open_regions(struct nats_feed *feed, const struct nats_feed_options *options,
                                   struct err *err)
{
    for (size_t i = 0; i < options->region_count; i++) {
        struct feed_region *region = add_region(feed, options->regions[i].name);
        if (region == NULL) {
            return err_set(err, ST_INVALID, "more than %d regions", NATS_FEED_REGIONS);
        }
        region->is_configured = true;
    }
    for (size_t i = 0; i < options->region_count; i++) {
        if (options->regions[i].url_count > 0) {
            enum fs_status status = open_connection(&feed->regions[i], &options->regions[i], err);
            if (status != ST_OK) {
                return status;
            }
        }
    }
    return ST_OK;
}

enum fs_status nats_feed_connect(struct nats_feed *feed, const struct nats_feed_region *options,
                                 struct err *err)
{
    int index = feed_find_region(feed, options->name);
    if (index == FEED_NO_REGION || feed->regions[index].conn != NULL) {
        return err_set(err, ST_INVALID, "region %s: unknown, or connected already", options->name);
    }
    return open_connection(&feed->regions[index], options, err);
}

static void start_timers(struct nats_feed *feed)
{
    double interval_s = (double)feed->interval_ns / (double)NS_PER_S;
    ev_timer_init(&feed->ticker, on_tick, interval_s, interval_s);
    ev_timer_init(&feed->window_timer, on_window, 0.0, 0.0);
    feed->ticker.data = feed;
    feed->window_timer.data = feed;
    ev_timer_start(feed->loop, &feed->ticker);
}

enum fs_status nats_feed_open(struct nats_feed **out, const struct nats_feed_options *options,
                              struct err *err)
{
    struct nats_feed *feed = calloc(1, sizeof(*feed));
    if (feed == NULL || pthread_mutex_init(&feed->mutex, NULL) != 0) {
        free(feed);
        return err_set(err, ST_NO_MEMORY, "NATS feed: no memory");
    }
    feed->loop = options->loop;
    feed->sink = options->sink;
    feed->interval_ns = options->interval_ns == 0 ? NS_PER_S : options->interval_ns;
    if (feed->interval_ns < LEAST_INTERVAL_NS) {
        feed->interval_ns = LEAST_INTERVAL_NS;
    }
    feed->next_ask = 1;
    feed->first_open = 1;
    start_timers(feed);
    struct bridge_options bridge = {.loop = options->loop, .sink = {.context = feed, .put = pass}};
    enum fs_status status = bridge_open(&feed->bridge, &bridge, err);
    if (status == ST_OK) {
        status = open_regions(feed, options, err);
    }
    if (status != ST_OK) {
        nats_feed_close(feed, 0);
        return status;
    }
    *out = feed;
    return ST_OK;
}

/* ---- close ---- */

enum fs_status nats_feed_close(struct nats_feed *feed, int wait_ms)
{
    if (feed == NULL) {
        return ST_OK;
    }
    enum fs_status status = ST_OK;
    int64_t until_ns = clock_mono_ns() + wait_ms * NS_PER_MS;
    int count = atomic_load(&feed->region_count);
    ev_timer_stop(feed->loop, &feed->ticker);
    ev_timer_stop(feed->loop, &feed->window_timer);
    if (feed->bridge != NULL) {
        bridge_stop(feed->bridge);
    }
    for (int i = 0; i < count; i++) {
        if (feed->regions[i].conn != NULL) {
            nats_conn_stop(feed->regions[i].conn);
        }
    }
    for (int i = 0; i < count; i++) {
        int64_t left_ms = (until_ns - clock_mono_ns()) / NS_PER_MS;
        enum fs_status closed =
            nats_conn_close(feed->regions[i].conn, left_ms < 0 ? 0 : (int)left_ms);
        status = closed == ST_OK ? status : closed;
    }
    bridge_close(feed->bridge);
    pthread_mutex_destroy(&feed->mutex);
    free(feed->origins);
    free(feed);
    return status;
}

void nats_feed_read_figures(struct nats_feed *feed, struct bridge_figures *out)
{
    bridge_read_figures(feed->bridge, out);
}
