/*
 * history.c - where an origin's sequence stood, and when.
 *
 * Why:   the server's own `lag` freezes when the origin dies; time lag, rates and loss come from
 * here. How:   runs of one sequence keep only their ends; thinning keeps the near past dense. See:
 * tests/unit/core/test_history.c
 */
#include "history.h"

#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/base/duration.h"
#include "wide.h"

#define FIRST_SAMPLES 4
#define PEAK_SPAN_NS (NS_PER_S / 2)

static bool make_room(struct history *history, const struct fs_alloc *alloc)
{
    if (history->count < history->capacity) {
        return true;
    }
    if (history->capacity < HISTORY_SAMPLES) {
        uint16_t capacity =
            history->capacity == 0 ? FIRST_SAMPLES : (uint16_t)(history->capacity * 2);
        void *grown = alloc->resize(alloc->context, history->samples,
                                    history->capacity * sizeof(*history->samples),
                                    capacity * sizeof(*history->samples));
        if (grown == NULL) {
            return false;
        }
        history->samples = grown;
        history->capacity = capacity;
        return true;
    }
    uint16_t kept = 0;
    for (uint16_t i = 0; i < history->count; i++) {
        if (i == 0 || i >= history->count / 2 || i % 2 == 0) {
            history->samples[kept++] = history->samples[i];
        }
    }
    history->count = kept;
    return true;
}

bool history_add(struct history *history, const struct fs_alloc *alloc, int64_t mono_ns,
                 uint64_t seq)
{
    FS_ASSERT(history->count <= history->capacity);
    FS_ASSERT(history->capacity == 0 || history->samples != NULL);
    struct history_sample *last = history->count > 0 ? &history->samples[history->count - 1] : NULL;
    if (last != NULL && seq < last->seq) {
        history->count = 0;
        last = NULL;
    }
    if (last != NULL && mono_ns <= last->mono_ns) {
        last->seq = seq;
        return true;
    }
    if (last != NULL && history->count >= 2 && last->seq == seq && last[-1].seq == seq) {
        last->mono_ns = mono_ns;
        return true;
    }
    if (!make_room(history, alloc)) {
        return false;
    }
    history->samples[history->count++] = (struct history_sample){.mono_ns = mono_ns, .seq = seq};
    return true;
}

void history_clear(struct history *history)
{
    history->count = 0;
}

void history_destroy(struct history *history, const struct fs_alloc *alloc)
{
    alloc_release(alloc, history->samples, history->capacity * sizeof(*history->samples));
    memset(history, 0, sizeof(*history));
}

uint64_t history_seq_at(const struct history *history, int64_t mono_ns)
{
    const struct history_sample *samples = history->samples;
    if (history->count == 0) {
        return 0;
    }
    for (uint16_t i = history->count; i-- > 0;) {
        if (samples[i].mono_ns > mono_ns) {
            continue;
        }
        if (i + 1 == history->count) {
            return samples[i].seq;
        }
        uint64_t span = (uint64_t)(samples[i + 1].mono_ns - samples[i].mono_ns);
        uint64_t part = (uint64_t)(mono_ns - samples[i].mono_ns);
        return samples[i].seq + wide_mul_div(part, samples[i + 1].seq - samples[i].seq, span, 0);
    }
    return samples[0].seq;
}

int64_t history_time_of(const struct history *history, uint64_t seq, bool *is_before_start)
{
    const struct history_sample *samples = history->samples;
    *is_before_start = false;
    if (history->count == 0) {
        *is_before_start = true;
        return 0;
    }
    for (uint16_t i = history->count; i-- > 0;) {
        if (samples[i].seq > seq) {
            continue;
        }
        if (i + 1 == history->count) {
            return samples[i].mono_ns;
        }
        uint64_t span = (uint64_t)(samples[i + 1].mono_ns - samples[i].mono_ns);
        uint64_t part = seq - samples[i].seq;
        return samples[i].mono_ns +
               (int64_t)wide_mul_div(part, span, samples[i + 1].seq - samples[i].seq, 0);
    }
    *is_before_start = true;
    return samples[0].mono_ns;
}

/* Messages over a time: compared without dividing, as ten thousand mirrors are sorted by it. */
struct climb {
    uint64_t messages;
    uint64_t span_ns;
};

static struct climb climb_between(const struct history_sample *from,
                                  const struct history_sample *to, int64_t least_ns)
{
    int64_t span = to->mono_ns - from->mono_ns;
    return (struct climb){.messages = to->seq - from->seq,
                          .span_ns = (uint64_t)(span < least_ns ? least_ns : span)};
}

static bool is_steeper(struct climb a, struct climb b)
{
    return (wide_u128)a.messages * b.span_ns > (wide_u128)b.messages * a.span_ns;
}

/* Messages a second. */
static int64_t rate_of(struct climb climb, uint64_t round_add)
{
    return wide_signed(wide_mul_div(climb.messages, (uint64_t)NS_PER_S, climb.span_ns, round_add));
}

int64_t history_rate(const struct history *history, int64_t window_ns)
{
    if (history->count < 2) {
        return 0;
    }
    const struct history_sample *last = &history->samples[history->count - 1];
    const struct history_sample *from = last - 1;
    while (from > history->samples && last->mono_ns - from->mono_ns < window_ns) {
        from--;
    }
    struct climb climb = climb_between(from, last, 1);
    return rate_of(climb, climb.span_ns / 2);
}

/* Answers that arrive within milliseconds may have been written a second apart: hence the span. */
int64_t history_peak_rate(const struct history *history, int64_t window_ns)
{
    const struct history_sample *samples = history->samples;
    struct climb peak = {.messages = 0, .span_ns = 1};
    for (uint16_t i = history->count; i-- > 1;) {
        uint16_t from = (uint16_t)(i - 1);
        while (from > 0 && samples[i].mono_ns - samples[from].mono_ns < PEAK_SPAN_NS) {
            from--;
        }
        struct climb climb = climb_between(&samples[from], &samples[i], PEAK_SPAN_NS);
        peak = is_steeper(climb, peak) ? climb : peak;
        if (samples[history->count - 1].mono_ns - samples[from].mono_ns >= window_ns) {
            break;
        }
    }
    return rate_of(peak, peak.span_ns - 1);
}
