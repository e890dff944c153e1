/*
 * judge_mirror.c - a mirror's state and true lag.
 *
 * Why:   the server's `lag` is the one at the last message received: 0 while the link is cut,
 * stalled or the origin is dead. The true lag is the origin's last_seq minus the mirror's, and in
 * time the age of the origin's sequence that the mirror has reached. Rules: CONTRACTS 4, in this
 * order: UNKNOWN never both sampled; LAST KNOWN no origin sample for three intervals; STALLED
 * contact > 1.5 s; ASLEEP the same while the server's retry backs off after the origin's return;
 * BEHIND time lag > 1 s; else CAUGHT UP. What is not known yet is UNKNOWN, never CAUGHT UP. Contact
 * is judged as sampled: its age between samples is ours, not the mirror's. See:
 * tests/unit/core/test_model_mirrors.c
 */
#include <string.h>

#include "farshore/base/duration.h"
#include "model_impl.h"
#include "wide.h"

/* A sleeping mirror retries within about a minute of the origin's return (facts 9.6). */
#define ASLEEP_NS (90 * NS_PER_S)

/* Where a stream's sequence stood at a time between its last two samples. */
static uint64_t seq_between(const struct stream_row *row, int64_t mono_ns)
{
    bool is_between = row->prev_mono_ns != NEVER && mono_ns < row->sample_mono_ns &&
                      row->prev_seq <= row->last_seq;
    if (!is_between) {
        return row->last_seq;
    }
    if (mono_ns <= row->prev_mono_ns) {
        return row->prev_seq;
    }
    return row->prev_seq + wide_mul_div((uint64_t)(mono_ns - row->prev_mono_ns),
                                        row->last_seq - row->prev_seq,
                                        (uint64_t)(row->sample_mono_ns - row->prev_mono_ns), 0);
}

/*
 * The true lag in messages and in time, at the older one of the two samples.
 *
 * The two are not taken at one instant. Where the other stood then is worked out from its samples,
 * so that a fast stream neither looks behind by the time between two answers, nor caught up because
 * its mirror was asked later.
 */
int64_t judge_lag(const struct model *model, const struct mirror_row *row, int64_t *lag_ns,
                  bool *is_at_least)
{
    const struct stream_row *mirror = &model->streams[row->stream];
    const struct stream_row *origin = &model->streams[row->origin];
    *lag_ns = 0;
    *is_at_least = false;
    int64_t then = mirror->sample_mono_ns < origin->sample_mono_ns ? mirror->sample_mono_ns
                                                                   : origin->sample_mono_ns;
    bool has_history = origin->history.count > 0;
    uint64_t target = has_history && then < origin->sample_mono_ns
                          ? history_seq_at(&origin->history, then)
                          : origin->last_seq;
    uint64_t reached = seq_between(mirror, then);
    if (reached >= target) {
        return 0;
    }
    if (!has_history) {
        *is_at_least = true;
        return wide_signed(target - reached);
    }
    int64_t passed = history_time_of(&origin->history, reached, is_at_least);
    *lag_ns = then > passed ? then - passed : 0;
    return wide_signed(target - reached);
}

static bool is_origin_silent(const struct model *model, const struct stream_row *origin)
{
    int64_t interval = judge_streams_interval(model, origin->region);
    return model_age(model, origin->sample_mono_ns) > MISSES * interval;
}

/*
 * Is the server's retry still backing off? Only while the mirror has not heard its origin since the
 * origin or the link to it came back.
 */
static bool is_just_back(const struct model *model, const struct mirror_row *row)
{
    const struct stream_row *mirror = &model->streams[row->stream];
    const struct stream_row *origin = &model->streams[row->origin];
    const struct link_row *links[] = {model_find_link(model, origin->region, mirror->region),
                                      model_find_link(model, mirror->region, origin->region)};
    int64_t back_mono_ns = row->gap_end_mono_ns;
    for (size_t i = 0; i < 2; i++) {
        if (links[i] == NULL) {
            continue;
        }
        if (links[i]->state != LINK_UP) {
            return false;
        }
        if (links[i]->healed_mono_ns > back_mono_ns) {
            back_mono_ns = links[i]->healed_mono_ns;
        }
    }
    return model_age(model, back_mono_ns) < ASLEEP_NS && row->contact_mono_ns < back_mono_ns;
}

static enum mirror_state state_of_mirror(const struct model *model, const struct mirror_row *row)
{
    const struct stream_row *mirror = &model->streams[row->stream];
    const struct stream_row *origin = &model->streams[row->origin];
    int64_t lag_ns = 0;
    bool is_at_least = false;
    if (mirror->gone_mono_ns != NEVER) {
        return MIRROR_LAST_KNOWN; /* deleted: what it held is all that is known */
    }
    if (mirror->sample_mono_ns == NEVER || origin->sample_mono_ns == NEVER) {
        return MIRROR_UNKNOWN;
    }
    int64_t interval = judge_streams_interval(model, mirror->region);
    if (is_origin_silent(model, origin) ||
        model_age(model, mirror->sample_mono_ns) > MISSES * interval) {
        return MIRROR_LAST_KNOWN;
    }
    if (row->report_mono_ns == NEVER) {
        return MIRROR_UNKNOWN; /* whether it has contact, its leader has not said */
    }
    /* A leader that says nothing more, while replicas report, has no contact to speak of. */
    bool is_unreported = model_age(model, row->report_mono_ns) > MISSES * interval;
    if (row->active_ns < 0 || row->active_ns > CONTACT_STALLED_NS || is_unreported) {
        return is_just_back(model, row) ? MIRROR_ASLEEP : MIRROR_STALLED;
    }
    if (judge_lag(model, row, &lag_ns, &is_at_least) > 0 && is_at_least &&
        lag_ns <= LAG_BEHIND_NS) {
        return MIRROR_UNKNOWN; /* behind since before we looked: by how much will show */
    }
    return lag_ns > LAG_BEHIND_NS ? MIRROR_BEHIND : MIRROR_CAUGHT_UP;
}

/* The highest lag of each step of five seconds; -1 where none was known. */
static void draw_lags(const struct model *model, struct mirror_row *row, enum mirror_state state)
{
    int64_t step = model->mono_ns / STEP_NS;
    int64_t lag_ns = 0;
    bool is_at_least = false;
    for (int64_t n = 0; row->lag_step < step && n < STEPS; n++, row->lag_step++) {
        memmove(row->lags, row->lags + 1, (STEPS - 1) * sizeof(row->lags[0]));
        row->lags[STEPS - 1] = -1;
    }
    row->lag_step = step;
    if (state == MIRROR_UNKNOWN || state == MIRROR_LAST_KNOWN) {
        return;
    }
    int64_t lag = judge_lag(model, row, &lag_ns, &is_at_least);
    row->lags[STEPS - 1] = lag > row->lags[STEPS - 1] ? lag : row->lags[STEPS - 1];
}

void judge_mirror(struct model *model, uint32_t mirror)
{
    struct mirror_row *row = &model->mirrors[mirror];
    if (row->is_gone) {
        return; /* nobody sees it, so nobody hears of it */
    }
    enum mirror_state state = state_of_mirror(model, row);
    draw_lags(model, row, state);
    if (state == row->state) {
        return;
    }
    enum mirror_state before = row->state;
    row->state = state;
    model_begin_since(model, &row->since);
    CHANGE(model, severity_of_mirror(state), "mirror ", model->streams[row->stream].stream, "  ",
           name_of(&names_mirror_state, before), " -> ", name_of(&names_mirror_state, state));
}
