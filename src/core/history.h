/*
 * history.h - where an origin's sequence stood, and when.
 *
 * Samples are kept exact and recent ones dense: when the room is used up, every second sample of
 * the older half is dropped, so 64 samples reach back for many minutes with seconds at the near
 * end. An idle origin takes two samples: the first and the last time that its sequence was seen.
 */
#ifndef FARSHORE_CORE_HISTORY_H
#define FARSHORE_CORE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/base/alloc.h"

#define HISTORY_SAMPLES 64 /* one bit each in breaks */

struct history_sample {
    int64_t mono_ns;
    uint64_t seq;
};

struct history {
    struct history_sample *samples; /* oldest first; times and sequences never fall */
    uint64_t breaks;                /* bit i: between sample i and the one before nobody looked */
    uint16_t count;
    uint16_t capacity;
};

/*
 * Take a sample in. A lower sequence than the last means another stream: the past is dropped.
 *
 * is_contiguous  the last sample and this one are of one unbroken observation. What came between
 * two others (an outage, another server's view) is a jump and no rate.
 */
bool history_add(struct history *history, const struct fs_alloc *alloc, int64_t mono_ns,
                 uint64_t seq, bool is_contiguous);

void history_clear(struct history *history);
void history_destroy(struct history *history, const struct fs_alloc *alloc);

/* The sequence at a time, interpolated; the first or last one outside the range. */
uint64_t history_seq_at(const struct history *history, int64_t mono_ns);

/*
 * When did the sequence pass seq?
 *
 * *is_before_start is set when it was before the first sample, or before the first one after a
 * break, whose time is returned then. A seq
 * at or beyond the last sample's gives the last sample's time.
 */
int64_t history_time_of(const struct history *history, uint64_t seq, bool *is_before_start);

/*
 * Messages a second over the last window_ns of the newest unbroken observation; -1 while that has
 * fewer than two samples.
 */
int64_t history_rate(const struct history *history, int64_t window_ns);

/* The highest rate of any half second or longer in the last window_ns, rounded up; none is taken
 * over a break. */
int64_t history_peak_rate(const struct history *history, int64_t window_ns);

#endif
