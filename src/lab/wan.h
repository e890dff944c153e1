/*
 * wan.h - the state of the ways between places: cut, stalled, slow or narrow. Pure: time is handed
 * in.
 *
 * A way is an unordered pair of places; each has two directions with a token bucket of their own.
 * Rates hold for all connections of a direction together.
 */
#ifndef FARSHORE_LAB_WAN_H
#define FARSHORE_LAB_WAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"

#define WAN_DELAY_MAX_MS 60000
#define WAN_BANDWIDTH_MAX INT64_C(100000000000)

/* Bytes a second. A bucket of rate 0 gives everything. */
struct wan_bucket {
    int64_t bytes_per_s;
    int64_t tokens_bytes; /* may leave at once */
    int64_t mono_filled_ns;
};

struct wan_way {
    bool is_cut;
    bool is_stalled;
    int64_t delay_ms;             /* added to the round trip; half of it each way */
    int64_t bytes_per_s;          /* 0: unlimited */
    struct wan_bucket buckets[2]; /* [0] from the lower place to the higher one, [1] back */
    int64_t bytes[2];             /* carried so far */
};

struct wan {
    struct wan_way ways[LAB_PLACES_MAX][LAB_PLACES_MAX]; /* only [low][high] is used */
};

struct wan_way *wan_way(struct wan *wan, int place_a, int place_b);

/* Which of a way's directions leads from one place to another: 0 or 1. */
int wan_direction(int from, int to);

void wan_set_bandwidth(struct wan_way *way, int64_t bytes_per_s, int64_t mono_now_ns);

/* Lift whatever is in force. Returns false when nothing was. */
bool wan_heal(struct wan_way *way, int64_t mono_now_ns);

bool wan_is_plain(const struct wan_way *way);

/* Half of the round trip that the way adds. */
int64_t wan_one_way_ns(const struct wan_way *way);

/* How many bytes a connection may hold in one direction of this way before its reader stops. */
size_t wan_flow_limit(const struct wan_way *way);

/* Fill up and say how many of want bytes may go now; wan_bucket_take() books what went. */
int64_t wan_bucket_allow(struct wan_bucket *bucket, int64_t want, int64_t mono_now_ns);
void wan_bucket_take(struct wan_bucket *bucket, int64_t count);

/* Nanoseconds until a useful amount may go; 0 when it may now. */
int64_t wan_bucket_wait_ns(const struct wan_bucket *bucket);

#endif
