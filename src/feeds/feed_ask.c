/*
 * feed_ask.c - questions, their windows, and what replies say about the way.
 *
 * Why:   silence is the only sign of a killed server; so every question has a window that closes.
 * How:   a ticker asks what is due, the same moment for all regions, so that origin and mirror are
 *        read together. The inbox token is the question's number. A window only marks silence; a
 *        late reply counts when it comes.
 * Rules: small questions go first: a server answers JSZ and GATEWAYZ one after the other.
 * See:   CONTRACTS 3; src/feeds/feed_pace.c
 */
#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/strbuf.h"
#include "farshore/net/clock.h"
#include "feed_impl.h"

#define WINDOW_LEAST_NS (250 * NS_PER_MS)
#define WINDOW_MOST_NS (2 * NS_PER_S)
#define ACCOUNTS_ASKED 20000 /* JSZ pages over accounts, 1024 when not said */

/* ---- which way ---- */

int feed_find_region(const struct nats_feed *feed, const char *cluster)
{
    int count = atomic_load(&feed->region_count);
    for (int i = 0; i < count; i++) {
        if (strcmp(feed->regions[i].name, cluster) == 0) {
            return i;
        }
    }
    return FEED_NO_REGION;
}

static bool is_up(const struct nats_feed *feed, int region)
{
    return region != FEED_NO_REGION && feed->regions[region].conn != NULL &&
           atomic_load(&feed->regions[region].is_up);
}

/* Its own connection, else the one used last, else the first that is up. */
static int choose_via(const struct nats_feed *feed, const struct feed_region *region)
{
    if (is_up(feed, region->index)) {
        return region->index;
    }
    if (is_up(feed, region->via)) {
        return region->via;
    }
    for (int i = 0; i < atomic_load(&feed->region_count); i++) {
        if (is_up(feed, i)) {
            return i;
        }
    }
    return FEED_NO_REGION;
}

/* ---- one question ---- */

static const char *endpoint(enum ask_kind kind)
{
    switch (kind) {
    case ASK_META:
    case ASK_STREAMS:
    case ASK_CONFIGS:
        return "JSZ";
    case ASK_GATEWAYS:
        return "GATEWAYZ";
    case ASK_STATS:
        return "STATSZ";
    case ASK_VARS:
        return "VARZ";
    case ASK_PUSH:
    case ASK_KINDS:
        break;
    }
    return "";
}

/* exact_match is known from 2.12 on; before, the filter means "contains" and replies are checked.
 */
static bool make_body(struct strbuf *body, const struct feed_region *region, enum ask_kind kind,
                      bool is_leaders_only)
{
    strbuf_put(body, "{\"cluster\":");
    strbuf_put_json(body, region->name);
    strbuf_put(body, ",\"exact_match\":true");
    if (kind == ASK_STREAMS || kind == ASK_CONFIGS) {
        strbuf_put(body, ",\"accounts\":true,\"streams\":true,\"limit\":");
        strbuf_put_i64(body, ACCOUNTS_ASKED);
        if (kind == ASK_CONFIGS) {
            strbuf_put(body, ",\"config\":true");
        }
        if (is_leaders_only) {
            strbuf_put(body, ",\"stream_leader_only\":true");
        }
    }
    strbuf_put_char(body, '}');
    return !body->has_failed;
}

static int64_t window_for(const struct feed_region *region, enum ask_kind kind)
{
    int64_t window_ns = 2 * feed_rtt_worst(region);
    if (kind == ASK_STREAMS || kind == ASK_CONFIGS) {
        window_ns += 2 * region->pace[kind].cost_ns;
    }
    if (window_ns < WINDOW_LEAST_NS) {
        return WINDOW_LEAST_NS;
    }
    return window_ns > WINDOW_MOST_NS ? WINDOW_MOST_NS : window_ns;
}

static void remember(struct nats_feed *feed, const struct feed_ask *ask)
{
    pthread_mutex_lock(&feed->mutex);
    feed->asks[ask->id % FEED_ASKS] = *ask;
    pthread_mutex_unlock(&feed->mutex);
}

static void ask(struct feed_region *region, int via, enum ask_kind kind, int64_t now_ns)
{
    struct nats_feed *feed = region->feed;
    struct feed_region *way = &feed->regions[via];
    bool is_leaders_only = region->is_large && (kind == ASK_STREAMS || kind == ASK_CONFIGS);
    char subject[64];
    char reply[FEED_INBOX_BYTES + 32];
    struct strbuf body;
    struct feed_ask next = {
        .id = feed->next_ask++,
        .region = region->index,
        .via = via,
        .kind = kind,
        .is_leaders_only = is_leaders_only,
        .sent_ns = now_ns,
        .busy_ns = atomic_load(&way->busy_ns),
        .is_open = true,
        .window_ns = window_for(region, kind),
        .first_rtt_ns = -1,
    };
    (void)snprintf(subject, sizeof(subject), "$SYS.REQ.SERVER.PING.%s", endpoint(kind));
    (void)snprintf(reply, sizeof(reply), "%s.%llu", way->inbox, (unsigned long long)next.id);
    strbuf_init(&body, alloc_heap());
    remember(feed, &next);
    if (make_body(&body, region, kind, is_leaders_only) &&
        nats_conn_publish(way->conn, subject, reply, body.text) == ST_OK) {
        feed->sink.put(
            feed->sink.context,
            &(struct event){.type = EVT_ASK,
                            .u.ask = {.region = region->name, .via = way->name, .kind = kind}});
    } else {
        next.is_open = false; /* it never left: silence would say nothing */
        remember(feed, &next);
    }
    strbuf_destroy(&body);
}

/* ---- what is due ---- */

static bool is_due(const struct feed_region *region, enum ask_kind kind, int64_t now_ns)
{
    return now_ns + region->feed->interval_ns / 2 >= region->pace[kind].next_ns;
}

/* Ask and set the next time; keeps the beat when it is not behind by a whole interval. */
static void ask_paced(struct feed_region *region, int via, enum ask_kind kind, int64_t now_ns)
{
    struct feed_pace *pace = &region->pace[kind];
    pace->next_ns += pace->interval_ns;
    if (pace->next_ns <= now_ns || pace->next_ns > now_ns + pace->interval_ns) {
        pace->next_ns = now_ns + pace->interval_ns;
    }
    ask(region, via, kind, now_ns);
}

static void ask_streams(struct feed_region *region, int via, int64_t now_ns)
{
    struct feed_pace *streams = &region->pace[ASK_STREAMS];
    if (is_due(region, ASK_CONFIGS, now_ns)) {
        ask_paced(region, via, ASK_CONFIGS, now_ns);
        if (is_due(region, ASK_STREAMS, now_ns)) {
            streams->next_ns = now_ns + streams->interval_ns; /* configs carry states too */
        }
    } else if (is_due(region, ASK_STREAMS, now_ns)) {
        ask_paced(region, via, ASK_STREAMS, now_ns);
    }
}

static void ask_region(struct feed_region *region, int64_t now_ns)
{
    static const enum ask_kind small[] = {ASK_STATS, ASK_GATEWAYS, ASK_VARS};
    int via = choose_via(region->feed, region);
    if (via == FEED_NO_REGION) {
        return;
    }
    if (via != region->via) {
        region->via = via;
        region->rtt_count = 0;
    }
    for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
        if (is_due(region, small[i], now_ns)) {
            ask_paced(region, via, small[i], now_ns);
        }
    }
    bool is_known = region->streams >= 0;
    if ((region->is_large || !is_known) && is_due(region, ASK_META, now_ns)) {
        ask_paced(region, via, ASK_META, now_ns);
    }
    if (is_known) {
        ask_streams(region, via, now_ns);
    }
}

void feed_ask_due(struct nats_feed *feed)
{
    int64_t now_ns = clock_mono_ns();
    for (int i = 0; i < atomic_load(&feed->region_count); i++) {
        ask_region(&feed->regions[i], now_ns);
    }
    feed_close_windows(feed);
}

void feed_way_changed(struct nats_feed *feed)
{
    int64_t now_ns = clock_mono_ns();
    for (int i = 0; i < atomic_load(&feed->region_count); i++) {
        struct feed_region *region = &feed->regions[i];
        if (choose_via(feed, region) != region->via) {
            region->pace[ASK_META].next_ns = now_ns;
            region->pace[ASK_GATEWAYS].next_ns = now_ns;
            region->pace[ASK_STREAMS].next_ns =
                region->is_large ? region->pace[ASK_STREAMS].next_ns : now_ns;
        }
    }
    feed_ask_due(feed);
}

/* ---- windows ---- */

static void close_window(struct nats_feed *feed, struct feed_ask *ask)
{
    struct feed_region *region = &feed->regions[ask->region];
    pthread_mutex_lock(&feed->mutex);
    ask->is_open = false;
    pthread_mutex_unlock(&feed->mutex);
    feed->sink.put(feed->sink.context, &(struct event){.type = EVT_WINDOW,
                                                       .u.window = {
                                                           .region = region->name,
                                                           .via = feed->regions[ask->via].name,
                                                           .kind = ask->kind,
                                                           .replies = ask->replies,
                                                           .window_ns = ask->window_ns,
                                                           .rtt_ns = ask->first_rtt_ns,
                                                       }});
    bool has_streams = ask->kind <= ASK_CONFIGS;
    if (has_streams && region->streams_next >= 0) {
        bool is_first = region->streams < 0;
        feed_pace_streams(region, region->streams_next);
        region->streams_next = -1;
        if (is_first) { /* now it is known how to ask for them: do not wait for the tick */
            ask_streams(region, ask->via, clock_mono_ns());
        }
    }
}

void feed_close_windows(struct nats_feed *feed)
{
    int64_t now_ns = clock_mono_ns();
    int64_t next_ns = INT64_MAX;
    uint64_t oldest = feed->next_ask;
    for (uint64_t id = feed->first_open; id < feed->next_ask; id++) {
        struct feed_ask *ask = &feed->asks[id % FEED_ASKS];
        if (ask->id != id || !ask->is_open) {
            continue;
        }
        int64_t end_ns = ask->sent_ns + ask->window_ns;
        if (end_ns <= now_ns) {
            close_window(feed, ask);
            continue;
        }
        oldest = id < oldest ? id : oldest;
        next_ns = end_ns < next_ns ? end_ns : next_ns;
    }
    feed->first_open = oldest;
    ev_timer_stop(feed->loop, &feed->window_timer);
    if (next_ns != INT64_MAX) {
        double after_s = (double)(next_ns - now_ns) / (double)NS_PER_S;
        ev_timer_set(&feed->window_timer, after_s + 0.001, 0.0);
        ev_timer_start(feed->loop, &feed->window_timer);
    }
}

/* ---- replies ---- */

void feed_note_reply(void *context, const struct bridge_message *message)
{
    struct nats_feed *feed = context;
    uint64_t id = (uint64_t)message->words[0];
    int64_t rtt_ns = message->words[1];
    int64_t net_ns = message->words[2];
    int64_t streams = message->words[3];
    struct feed_ask *ask = &feed->asks[id % FEED_ASKS];
    if (ask->id != id) {
        return;
    }
    struct feed_region *region = &feed->regions[ask->region];
    bool is_first = ask->first_rtt_ns < 0;
    pthread_mutex_lock(&feed->mutex);
    ask->replies += rtt_ns <= ask->window_ns ? 1 : 0;
    ask->first_rtt_ns = is_first ? rtt_ns : ask->first_rtt_ns;
    pthread_mutex_unlock(&feed->mutex);
    if (streams > region->streams_next) {
        region->streams_next = streams;
    }
    if (is_first && (ask->kind == ASK_GATEWAYS || ask->kind == ASK_STATS) &&
        ask->via == region->via) {
        feed_rtt_add(region, rtt_ns);
    }
    int64_t base_ns = feed_rtt_best(region);
    feed_pace_cost(region, ask, net_ns > base_ns ? net_ns - base_ns : 0);
}
