/*
 * feed_pace.c - how often a region is asked, so that asking costs its servers next to nothing.
 *
 * Why:   a server answers JSZ in the one goroutine that also keeps its picture of the cluster; with
 *        thousands of streams an answer takes tens of milliseconds.
 * How:   cost = latency of a reply beyond the round trip of small questions and beyond our own
 *        decoding before it; the slowest server of a question counts; smoothed over questions. The
 *        interval is that many times the cost: streams 0.8 % of a core, configs 0.15 %.
 * Rules: meta and gateways stay at the configured interval. What slows down is told (EVT_PACE).
 * See:   facts on nats-server 2.15, polling; docs/ARCHITECTURE.md "Asking"
 */
#include "farshore/base/duration.h"
#include "feed_impl.h"

#define STREAMS_LARGE 1000 /* a server: above, streams are asked for separately */
#define STREAMS_SMALL 900  /* below, together with meta again */
#define CALM_INTERVAL_NS (10 * NS_PER_S)
#define STREAMS_FACTOR 125
#define CONFIGS_FACTOR 667
#define MAX_INTERVAL_NS (10 * NS_PER_MINUTE)
#define RISING 4  /* a higher cost weighs one in so many (a much higher one is believed at once) */
#define FALLING 2 /* a lower one; a busy moment is soon forgotten */

void feed_pace_init(struct feed_region *region, int64_t interval_ns, int64_t now_ns)
{
    for (int kind = 0; kind < ASK_KINDS; kind++) {
        region->pace[kind].interval_ns = interval_ns;
        region->pace[kind].next_ns = now_ns;
    }
    region->pace[ASK_CONFIGS].interval_ns = CALM_INTERVAL_NS;
    region->pace[ASK_STATS].interval_ns = CALM_INTERVAL_NS;
    region->pace[ASK_VARS].interval_ns = CALM_INTERVAL_NS;
    region->pace[ASK_STATS].next_ns = now_ns + 3 * NS_PER_S + NS_PER_S / 2;
    region->streams = -1;
    region->streams_next = -1;
}

static int64_t wanted_interval(const struct feed_region *region, enum ask_kind kind)
{
    int64_t least_ns = kind == ASK_CONFIGS ? CALM_INTERVAL_NS : region->feed->interval_ns;
    int64_t factor = kind == ASK_CONFIGS ? CONFIGS_FACTOR : STREAMS_FACTOR;
    if (!region->is_large) {
        return least_ns;
    }
    int64_t cost_ns = region->pace[kind].cost_ns;
    int64_t wanted_ns = cost_ns > MAX_INTERVAL_NS / factor ? MAX_INTERVAL_NS : cost_ns * factor;
    return wanted_ns > least_ns ? wanted_ns : least_ns;
}

void feed_pace_tell(struct feed_region *region, enum ask_kind kind)
{
    struct feed_pace *pace = &region->pace[kind];
    struct nats_feed *feed = region->feed;
    pace->is_told = true;
    feed->sink.put(feed->sink.context, &(struct event){.type = EVT_PACE,
                                                       .u.pace = {
                                                           .region = region->name,
                                                           .kind = kind,
                                                           .interval_ns = pace->interval_ns,
                                                           .cost_ns = pace->cost_ns,
                                                           .streams = region->streams,
                                                           .is_slowed = pace->is_slowed,
                                                       }});
}

/* Take the wanted interval when it differs by more than a fifth, or slowing began or ended. */
static void settle(struct feed_region *region, enum ask_kind kind)
{
    struct feed_pace *pace = &region->pace[kind];
    int64_t least_ns = kind == ASK_CONFIGS ? CALM_INTERVAL_NS : region->feed->interval_ns;
    int64_t wanted_ns = wanted_interval(region, kind);
    bool is_slowed = wanted_ns > least_ns;
    int64_t apart_ns = wanted_ns - pace->interval_ns;
    bool is_far = (apart_ns < 0 ? -apart_ns : apart_ns) > pace->interval_ns / 5;
    if (!is_far && is_slowed == pace->is_slowed && pace->is_told) {
        return;
    }
    pace->interval_ns = wanted_ns;
    pace->is_slowed = is_slowed;
    feed_pace_tell(region, kind);
}

/* A question's slowest reply is known when the next question's replies come. */
static void close_cost(struct feed_pace *pace)
{
    if (pace->cost_ask_id == 0) {
        return;
    }
    int64_t apart_ns = pace->ask_cost_ns - pace->cost_ns;
    if (pace->cost_ns == 0) {
        pace->cost_ns = pace->ask_cost_ns;
    } else {
        pace->cost_ns += apart_ns / (apart_ns < 0 ? FALLING : RISING);
    }
    pace->ask_cost_ns = 0;
}

void feed_pace_cost(struct feed_region *region, const struct feed_ask *ask, int64_t cost_ns)
{
    struct feed_pace *pace = &region->pace[ask->kind];
    if (ask->kind != ASK_STREAMS && ask->kind != ASK_CONFIGS) {
        return;
    }
    if (ask->id > pace->cost_ask_id) {
        close_cost(pace);
        pace->cost_ask_id = ask->id;
        settle(region, ask->kind);
    }
    if (ask->id == pace->cost_ask_id && cost_ns > pace->ask_cost_ns) {
        pace->ask_cost_ns = cost_ns;
        if (pace->ask_cost_ns > 2 * pace->cost_ns) { /* much slower than known: believe it now */
            pace->cost_ns = pace->ask_cost_ns;
            settle(region, ask->kind);
        }
    }
}

void feed_pace_streams(struct feed_region *region, int64_t streams)
{
    region->streams = streams;
    bool is_large = streams > (region->is_large ? STREAMS_SMALL : STREAMS_LARGE);
    if (is_large != region->is_large) {
        region->is_large = is_large;
        settle(region, ASK_STREAMS);
        settle(region, ASK_CONFIGS);
    }
}

/* ---- round trips ---- */

void feed_rtt_add(struct feed_region *region, int64_t rtt_ns)
{
    region->rtts[region->rtt_count++ % FEED_RTTS] = rtt_ns;
}

static unsigned rtts_held(const struct feed_region *region)
{
    return region->rtt_count < FEED_RTTS ? region->rtt_count : FEED_RTTS;
}

int64_t feed_rtt_best(const struct feed_region *region)
{
    int64_t best_ns = 0;
    for (unsigned i = 0; i < rtts_held(region); i++) {
        best_ns = i == 0 || region->rtts[i] < best_ns ? region->rtts[i] : best_ns;
    }
    return best_ns;
}

int64_t feed_rtt_worst(const struct feed_region *region)
{
    int64_t worst_ns = 0;
    for (unsigned i = 0; i < rtts_held(region); i++) {
        worst_ns = region->rtts[i] > worst_ns ? region->rtts[i] : worst_ns;
    }
    return worst_ns;
}
