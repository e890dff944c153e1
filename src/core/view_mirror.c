/*
 * view_mirror.c - mirrors as people ask about them: lag, contact, holes and what a promotion would
 * lose.
 *
 * Rules: loss is CONTRACTS 4's: low = last origin sequence seen - mirror's sequence now; high = low
 * + the highest rate of the last 60 s (at least 1 a second) x the time from that sample to the last
 * sign of life. Never sampled: unknown, not 0.
 */
#include <string.h>

#include "farshore/base/duration.h"
#include "model_impl.h"
#include "wide.h"

#define RATE_WINDOW_NS (5 * NS_PER_S)
#define PEAK_WINDOW_NS (60 * NS_PER_S)

size_t view_mirrors(const struct model *model)
{
    return model->shown_count;
}

enum mirror_state view_mirror_state(const struct model *model, size_t index)
{
    return model->mirrors[model->shown[index]].state;
}

static struct value value_at(const struct model *model, int64_t number, int64_t mono_ns,
                             bool is_live)
{
    if (mono_ns == NEVER) {
        return (struct value){.number = 0, .age_ns = -1, .trust = TRUST_UNKNOWN};
    }
    return (struct value){.number = number,
                          .age_ns = model->mono_ns - mono_ns,
                          .trust = is_live ? TRUST_OK : TRUST_LAST_KNOWN};
}

/* When did anything of the origin's region last show life? */
static int64_t last_sign_of_life(const struct model *model, const struct stream_row *origin)
{
    int64_t sign = origin->sample_mono_ns;
    if (origin->region != ROW_NONE && model->regions[origin->region].life_mono_ns > sign) {
        sign = model->regions[origin->region].life_mono_ns;
    }
    return sign;
}

static void view_loss(const struct model *model, const struct mirror_row *row,
                      struct loss_view *out)
{
    const struct stream_row *mirror = &model->streams[row->stream];
    const struct stream_row *origin = &model->streams[row->origin];
    out->high = -1;
    out->sample_age_ns = -1;
    if (origin->sample_mono_ns == NEVER || mirror->sample_mono_ns == NEVER) {
        return;
    }
    out->is_known = true;
    out->sample_age_ns = model->mono_ns - origin->sample_mono_ns;
    out->low =
        origin->last_seq > mirror->last_seq ? wide_signed(origin->last_seq - mirror->last_seq) : 0;
    int64_t peak = history_peak_rate(&origin->history, PEAK_WINDOW_NS);
    peak = peak < 1 ? 1 : peak;
    int64_t unseen_ns = last_sign_of_life(model, origin) - origin->sample_mono_ns;
    /* It may have lived on for an interval beyond its last sign. */
    unseen_ns += judge_streams_interval(model, origin->region);
    int64_t unseen = wide_scale(peak, unseen_ns + NS_PER_S - 1, NS_PER_S);
    out->high = wide_add(out->low, unseen);
    int64_t rate = history_rate(&origin->history, RATE_WINDOW_NS);
    bool is_fresh = model_age(model, origin->sample_mono_ns) <=
                    MISSES * judge_streams_interval(model, origin->region);
    bool is_led = origin->is_from_leader; /* without a leader nothing is written */
    out->is_growing = is_fresh && is_led && row->state != MIRROR_CAUGHT_UP && rate > 0;
    out->growing_per_s = out->is_growing ? rate : 0;
}

/* Digits 0..9 against the highest of the minute. */
static void draw_history(const struct mirror_row *row, char *out)
{
    int64_t most = 0;
    for (size_t i = 0; i < STEPS; i++) {
        most = row->lags[i] > most ? row->lags[i] : most;
    }
    for (size_t i = 0; i < STEPS; i++) {
        int64_t lag = row->lags[i];
        out[i] = lag < 0 ? '?' : lag == 0 ? '0' : (char)('1' + wide_scale(lag, 8, most));
    }
    out[STEPS] = '\0';
}

static void view_lag(const struct model *model, const struct mirror_row *row,
                     struct mirror_view *out)
{
    const struct stream_row *mirror = &model->streams[row->stream];
    const struct stream_row *origin = &model->streams[row->origin];
    bool is_known = origin->sample_mono_ns != NEVER && mirror->sample_mono_ns != NEVER;
    bool is_live = row->state != MIRROR_LAST_KNOWN && row->state != MIRROR_UNKNOWN;
    int64_t older = origin->sample_mono_ns < mirror->sample_mono_ns ? origin->sample_mono_ns
                                                                    : mirror->sample_mono_ns;
    int64_t lag_ns = 0;
    int64_t lag = is_known ? judge_lag(model, row, &lag_ns, &out->is_lag_at_least) : 0;
    out->lag_msgs = value_at(model, lag, is_known ? older : NEVER, is_live);
    out->lag_ns = value_at(model, lag_ns, is_known ? older : NEVER, is_live);
    int64_t missing = 0;
    if (is_known && lag == 0 && mirror->last_seq == origin->last_seq &&
        mirror->first_seq <= origin->first_seq) {
        missing = origin->msgs > mirror->msgs ? origin->msgs - mirror->msgs : 0;
    }
    bool is_comparable = is_known && lag == 0 && mirror->last_seq == origin->last_seq;
    out->holes = value_at(model, missing, is_comparable ? older : NEVER, is_live);
    out->msgs = value_at(model, mirror->msgs, mirror->sample_mono_ns, is_live);
    out->last_seq = value_at(model, wide_signed(mirror->last_seq), mirror->sample_mono_ns, is_live);
    out->origin_last_seq =
        value_at(model, wide_signed(origin->last_seq), origin->sample_mono_ns, is_live);
    int64_t rate = history_rate(&origin->history, RATE_WINDOW_NS);
    out->rate_per_s = value_at(model, rate, rate >= 0 ? origin->sample_mono_ns : NEVER,
                               is_live && origin->is_from_leader);
}

void view_mirror(const struct model *model, size_t index, struct mirror_view *out)
{
    const struct mirror_row *row = &model->mirrors[model->shown[index]];
    const struct stream_row *mirror = &model->streams[row->stream];
    const struct stream_row *origin = &model->streams[row->origin];
    memset(out, 0, sizeof(*out));
    out->account = mirror->account;
    out->stream = mirror->stream;
    out->origin = origin->stream;
    out->region = mirror->region != ROW_NONE ? model->regions[mirror->region].name : NULL;
    out->origin_region = origin->region != ROW_NONE ? model->regions[origin->region].name : NULL;
    out->state = row->state;
    out->for_ns = model->mono_ns - row->since.mono_ns;
    out->since_at_ns = row->since.at_ns;
    out->error = row->error;
    view_lag(model, row, out);
    bool has_mirror_sample = mirror->region != ROW_NONE && row->report_mono_ns != NEVER;
    bool is_reporting =
        has_mirror_sample && model_age(model, row->report_mono_ns) <=
                                 MISSES * judge_streams_interval(model, mirror->region);
    int64_t since_report = has_mirror_sample ? model->mono_ns - row->report_mono_ns : 0;
    bool has_contact = has_mirror_sample && row->active_ns >= 0;
    out->contact_ns = value_at(model, wide_add(row->active_ns, since_report),
                               has_contact ? row->report_mono_ns : NEVER, is_reporting);
    out->server_lag =
        value_at(model, row->lag, has_mirror_sample ? row->report_mono_ns : NEVER, is_reporting);
    view_loss(model, row, &out->loss);
    draw_history(row, out->history);
}
