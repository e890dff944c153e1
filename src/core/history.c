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

static bool is_break(const struct history *history, uint16_t sample)
{
    return (history->breaks >> sample & 1) != 0;
}

/* A break before a sample that goes stays before the next one that is kept. */
static void thin_out(struct history *history)
{
    uint64_t breaks = 0;
    bool is_broken = false;
    uint16_t kept = 0;
    for (uint16_t i = 0; i < history->count; i++) {
        is_broken = is_broken || is_break(history, i);
        if (i == 0 || i >= history->count / 2 || i % 2 == 0) {
            breaks |= (uint64_t)is_broken << kept;
            is_broken = false;
            history->samples[kept++] = history->samples[i];
        }
    }
    history->breaks = breaks;
    history->count = kept;
}

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
    thin_out(history);
    return true;
}

bool history_add(struct history *history, const struct fs_alloc *alloc, int64_t mono_ns,
                 uint64_t seq, bool is_contiguous)
{
    FS_ASSERT(history->count <= history->capacity);
    FS_ASSERT(history->capacity == 0 || history->samples != NULL);
    struct history_sample *last = history->count > 0 ? &history->samples[history->count - 1] : NULL;
    if (last != NULL && seq < last->seq) {
        history_clear(history);
        last = NULL;
    }
    if (last != NULL && mono_ns <= last->mono_ns) {
        last->seq = seq;
        history->breaks |= (uint64_t)!is_contiguous << (history->count - 1);
        return true;
    }
    if (last != NULL && is_contiguous && history->count >= 2 &&
        !is_break(history, (uint16_t)(history->count - 1)) && last->seq == seq &&
        last[-1].seq == seq) {
        last->mono_ns = mono_ns;
        return true;
    }
    if (!make_room(history, alloc)) {
        return false;
    }
    history->breaks &= ~(UINT64_C(1) << history->count);
    history->breaks |= (uint64_t)!is_contiguous << history->count;
    history->samples[history->count++] = (struct history_sample){.mono_ns = mono_ns, .seq = seq};
    return true;
}

void history_clear(struct history *history)
{
    history->count = 0;
    history->breaks = 0;
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
        if (is_break(history, (uint16_t)(i + 1))) {
            *is_before_start = true; /* at some time while nobody looked */
            return samples[i + 1].mono_ns;
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
    if (history->count < 2 || is_break(history, (uint16_t)(history->count - 1))) {
        return -1;
    }
    const struct history_sample *samples = history->samples;
    uint16_t last = (uint16_t)(history->count - 1);
    uint16_t from = (uint16_t)(last - 1);
    while (from > 0 && !is_break(history, from) &&
           samples[last].mono_ns - samples[from].mono_ns < window_ns) {
        from--;
    }
    struct climb climb = climb_between(&samples[from], &samples[last], 1);
    return rate_of(climb, climb.span_ns / 2);
}

/* Answers that arrive within milliseconds may have been written a second apart: hence the span. */
int64_t history_peak_rate(const struct history *history, int64_t window_ns)
{
    const struct history_sample *samples = history->samples;
    struct climb peak = {.messages = 0, .span_ns = 1};
    for (uint16_t i = history->count; i-- > 1;) {
        if (is_break(history, i)) {
            continue;
        }
        uint16_t from = (uint16_t)(i - 1);
        while (from > 0 && !is_break(history, from) &&
               samples[i].mono_ns - samples[from].mono_ns < PEAK_SPAN_NS) {
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
