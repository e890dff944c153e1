/*
 * wan.c - ways between places: what is in force on each, and how fast a direction may carry.
 *
 * Why:   "the gateway is up but slow" is the hardest state for an operator; the lab must make it
 *        exactly, for all connections between two regions together.
 * How:   a token bucket for each direction, filled by elapsed time in whole bytes; the remainder of
 *        a byte stays in the time of filling, so that nothing is lost to rounding.
 * Rules: no clock here. A bucket holds at most 20 ms worth of bytes, at least one packet.
 * See:   tests/unit/lab/test_wan.c
 */
#include "wan.h"

#include "farshore/base/duration.h"

#define BURST_NS (20 * NS_PER_MS)
#define BURST_MIN_BYTES 1500
#define LIMIT_BASE_BYTES (256 * 1024)
#define LIMIT_DELAYED_BYTES (16 * 1024 * 1024)

struct wan_way *wan_way(struct wan *wan, int place_a, int place_b)
{
    return place_a < place_b ? &wan->ways[place_a][place_b] : &wan->ways[place_b][place_a];
}

int wan_direction(int from, int to)
{
    return from < to ? 0 : 1;
}

static int64_t bucket_burst(const struct wan_bucket *bucket)
{
    int64_t burst = bucket->bytes_per_s / (NS_PER_S / BURST_NS);

    return burst > BURST_MIN_BYTES ? burst : BURST_MIN_BYTES;
}

void wan_set_bandwidth(struct wan_way *way, int64_t bytes_per_s, int64_t mono_now_ns)
{
    way->bytes_per_s = bytes_per_s;
    for (int i = 0; i < 2; i++) {
        way->buckets[i] = (struct wan_bucket){
            .bytes_per_s = bytes_per_s, .tokens_bytes = 0, .mono_filled_ns = mono_now_ns};
    }
}

bool wan_is_plain(const struct wan_way *way)
{
    return !way->is_cut && !way->is_stalled && way->delay_ms == 0 && way->bytes_per_s == 0;
}

bool wan_heal(struct wan_way *way, int64_t mono_now_ns)
{
    bool was_plain = wan_is_plain(way);

    way->is_cut = false;
    way->is_stalled = false;
    way->delay_ms = 0;
    wan_set_bandwidth(way, 0, mono_now_ns);
    return !was_plain;
}

int64_t wan_one_way_ns(const struct wan_way *way)
{
    return way->delay_ms * NS_PER_MS / 2;
}

/*
 * A narrow way must not hide its backlog in the proxy: the sender shall feel it. A long one must
 * hold what is on its way.
 */
size_t wan_flow_limit(const struct wan_way *way)
{
    if (way->delay_ms == 0) {
        return LIMIT_BASE_BYTES;
    }
    if (way->bytes_per_s == 0 || way->bytes_per_s >= LIMIT_DELAYED_BYTES) {
        return LIMIT_DELAYED_BYTES;
    }
    int64_t on_the_way = way->bytes_per_s * way->delay_ms / 2000;
    on_the_way = on_the_way < LIMIT_DELAYED_BYTES ? on_the_way : LIMIT_DELAYED_BYTES;
    return (size_t)(LIMIT_BASE_BYTES + on_the_way);
}

static void bucket_fill(struct wan_bucket *bucket, int64_t mono_now_ns)
{
    int64_t burst = bucket_burst(bucket);
    int64_t elapsed_ns = mono_now_ns - bucket->mono_filled_ns;

    __extension__ typedef __int128 wide; /* 10^11 bytes a second × 10^9 ns overflow 64 bits */
    int64_t gained = (int64_t)((wide)bucket->bytes_per_s * elapsed_ns / NS_PER_S);
    if (gained <= 0) {
        return;
    }
    bucket->mono_filled_ns += (int64_t)((wide)gained * NS_PER_S / bucket->bytes_per_s);
    bucket->tokens_bytes += gained;
    if (bucket->tokens_bytes >= burst) {
        bucket->tokens_bytes = burst;
        bucket->mono_filled_ns = mono_now_ns;
    }
}

int64_t wan_bucket_allow(struct wan_bucket *bucket, int64_t want, int64_t mono_now_ns)
{
    if (bucket->bytes_per_s == 0) {
        return want;
    }
    bucket_fill(bucket, mono_now_ns);
    return bucket->tokens_bytes < want ? bucket->tokens_bytes : want;
}

void wan_bucket_take(struct wan_bucket *bucket, int64_t count)
{
    if (bucket->bytes_per_s != 0) {
        bucket->tokens_bytes -= count;
    }
}

int64_t wan_bucket_wait_ns(const struct wan_bucket *bucket)
{
    if (bucket->bytes_per_s == 0) {
        return 0;
    }
    /* A quarter of a burst: small enough for a smooth flow, large enough not to spin. */
    int64_t useful = bucket_burst(bucket) / 4 - bucket->tokens_bytes;
    if (useful <= 0) {
        return 0;
    }
    return useful * NS_PER_S / bucket->bytes_per_s + 1;
}
