/*
 * apply_stream.c - streams, mirrors and configs, from JSZ replies.
 *
 * Why:   the true lag is the origin's last_seq minus the mirror's; both are states of streams, so
 * every stream is a row, and a mirror is a row beside its own stream's and its origin's. Rules:
 * identity is account + stream. The leader's numbers are the stream's; a replica's are taken only
 *        while no leader has spoken for three intervals, and never lower ones.
 * See:   tests/unit/core/test_model_mirrors.c
 */
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/hash.h"
#include "farshore/base/text.h"
#include "forget.h"
#include "model_impl.h"
#include "wide.h"

#define SAMPLES_APART_NS (NS_PER_S / 4) /* nearer ones answer the same question */

struct stream_key {
    const struct model *model;
    const char *account;
    const char *stream;
};

static bool match_stream(const void *context, uint32_t row)
{
    const struct stream_key *key = context;
    const struct stream_row *stream = &key->model->streams[row];
    return strcmp(stream->stream, key->stream) == 0 && strcmp(stream->account, key->account) == 0;
}

static uint64_t hash_stream(const char *account, const char *stream)
{
    return hash_finish(hash_text(hash_text(HASH_SEED, account), stream));
}

static uint32_t find_hashed(const struct model *model, uint64_t hash, const char *account,
                            const char *stream)
{
    struct stream_key key = {.model = model, .account = account, .stream = stream};
    return index_find(&model->stream_index, hash, match_stream, &key);
}

uint32_t model_find_stream(const struct model *model, const char *account, const char *stream)
{
    if (account == NULL || stream == NULL) {
        return ROW_NONE;
    }
    return find_hashed(model, hash_stream(account, stream), account, stream);
}

static bool begin_stream(struct model *model, struct stream_row *row, uint64_t hash,
                         const char *account, const char *stream)
{
    size_t account_bytes = strlen(account) + 1;
    size_t stream_bytes = strlen(stream) + 1;
    memset(row, 0, sizeof(*row));
    row->account = alloc_zeroed(model->alloc, account_bytes + stream_bytes, 1);
    if (row->account == NULL) {
        model->overflow.memory++;
        return false;
    }
    memcpy(row->account, account, account_bytes);
    row->stream = row->account + account_bytes;
    memcpy(row->stream, stream, stream_bytes);
    row->key_bytes = (uint32_t)(account_bytes + stream_bytes);
    row->hash = hash;
    row->next_free = ROW_NONE;
    row->gone_mono_ns = NEVER;
    row->region = ROW_NONE;
    row->mirror = ROW_NONE;
    row->first_mirror = ROW_NONE;
    row->seen_mono_ns = NEVER;
    row->sample_mono_ns = NEVER;
    row->sample_server = ROW_NONE;
    row->prev_mono_ns = NEVER;
    return true;
}

static uint32_t take_stream(struct model *model, const char *account, const char *stream)
{
    if (account == NULL || stream == NULL || stream[0] == '\0') {
        return ROW_NONE;
    }
    uint64_t hash = hash_stream(account, stream);
    uint32_t found = find_hashed(model, hash, account, stream);
    if (found != ROW_NONE) {
        return found;
    }
    bool has_free = model->free_stream != ROW_NONE;
    bool is_named = model_is_name(stream) && strnlen(account, NAME_MAX_BYTES) < NAME_MAX_BYTES;
    if ((!has_free && model->stream_count >= model->limits.streams) || !is_named) {
        model->overflow.streams++;
        return ROW_NONE;
    }
    if (!has_free && !model_make_room(model, (void **)&model->streams, model->stream_count,
                                      &model->stream_capacity, sizeof(*model->streams))) {
        return ROW_NONE;
    }
    uint32_t taken = has_free ? model->free_stream : model->stream_count;
    struct stream_row row;
    if (!begin_stream(model, &row, hash, account, stream)) {
        return ROW_NONE;
    }
    if (!index_add(&model->stream_index, model->alloc, hash, taken)) {
        alloc_release(model->alloc, row.account, row.key_bytes);
        model->overflow.memory++;
        return ROW_NONE;
    }
    model->free_stream = has_free ? model->streams[taken].next_free : ROW_NONE;
    model->stream_count += has_free ? 0 : 1;
    model->streams[taken] = row;
    return taken;
}

/* The origin was deleted and made anew, or lost its tail: its past says nothing of it now. */
static void forget_past(struct model *model, struct stream_row *row)
{
    CHANGE(model, SEV_WARN, "stream ", row->stream, " begins anew: its sequence fell back");
    history_clear(&row->history);
}

/* Is what comes now the first sample after a silence? */
static bool is_after_gap(const struct model *model, const struct stream_row *row)
{
    int64_t interval = judge_streams_interval(model, row->region);
    return row->sample_mono_ns != NEVER &&
           model_age(model, row->sample_mono_ns) > MISSES * interval;
}

static void note_gap_end(struct model *model, const struct stream_row *row)
{
    if (!is_after_gap(model, row)) {
        return;
    }
    for (uint32_t m = row->first_mirror; m != ROW_NONE; m = model->mirrors[m].sibling) {
        model->mirrors[m].gap_end_mono_ns = model->mono_ns;
    }
}

static void judge_mirrors_of(struct model *model, uint32_t stream)
{
    const struct stream_row *row = &model->streams[stream];
    if (row->mirror != ROW_NONE) {
        judge_mirror(model, row->mirror);
    }
    for (uint32_t m = row->first_mirror; m != ROW_NONE; m = model->mirrors[m].sibling) {
        judge_mirror(model, m);
    }
}

/* May this report speak for the stream? */
static bool is_accepted(const struct model *model, const struct stream_row *row,
                        const struct evt_stream *event)
{
    if (event->is_leader || row->sample_mono_ns == NEVER) {
        return true;
    }
    int64_t interval =
        row->region == ROW_NONE ? model->interval_ns : judge_streams_interval(model, row->region);
    bool is_leader_silent =
        !row->is_from_leader || model_age(model, row->sample_mono_ns) > MISSES * interval;
    return is_leader_silent && event->last_seq >= row->last_seq;
}

void apply_stream(struct model *model, const struct event *any)
{
    const struct evt_stream *event = &any->u.stream;
    uint32_t stream = take_stream(model, event->account, event->stream);
    uint32_t region = model_region(model, event->cluster);
    if (stream == ROW_NONE || region == ROW_NONE) {
        return;
    }
    struct stream_row *row = &model->streams[stream];
    row->seen_mono_ns = model->mono_ns;
    row->gone_mono_ns = NEVER;
    if (!is_accepted(model, row, event)) {
        return;
    }
    row->region = region;
    bool is_recreated =
        row->created_ns != 0 && event->created_ns != 0 && row->created_ns != event->created_ns;
    if (row->first_mirror != ROW_NONE && row->history.count > 0 &&
        (is_recreated || event->last_seq < row->last_seq)) {
        forget_past(model, row);
    }
    uint32_t server = model_find_server(model, event->server);
    bool is_contiguous = event->is_leader && row->is_from_leader && row->sample_server == server &&
                         !is_after_gap(model, row);
    note_gap_end(model, row);
    row->sample_server = server;
    row->created_ns = event->created_ns != 0 ? event->created_ns : row->created_ns;
    if (row->sample_mono_ns != NEVER && model->mono_ns - row->sample_mono_ns >= SAMPLES_APART_NS) {
        row->prev_mono_ns = row->sample_mono_ns;
        row->prev_seq = row->last_seq;
    }
    row->sample_mono_ns = model->mono_ns;
    row->is_from_leader = event->is_leader;
    row->msgs = wide_count(event->msgs);
    row->bytes = wide_count(event->bytes);
    row->first_seq = event->first_seq;
    row->last_seq = event->last_seq;
    row->last_ts_ns = event->last_ts_ns;
    row->deleted = wide_count(event->deleted);
    row->consumers = wide_count(event->consumers);
    /* A replica lags behind: the step from its numbers to the leader's would look like writes. */
    if (row->first_mirror != ROW_NONE && event->is_leader &&
        !history_add(&row->history, model->alloc, model->mono_ns, row->last_seq, is_contiguous)) {
        model->overflow.memory++;
    }
    judge_mirrors_of(model, stream);
}

/* ---- mirrors ---- */

static void link_mirror(struct model *model, uint32_t mirror, uint32_t origin)
{
    struct stream_row *row = &model->streams[origin];
    model->mirrors[mirror].origin = origin;
    model->mirrors[mirror].sibling = row->first_mirror;
    row->first_mirror = mirror;
    if (row->sample_mono_ns != NEVER && row->is_from_leader && row->history.count == 0 &&
        !history_add(&row->history, model->alloc, row->sample_mono_ns, row->last_seq, false)) {
        model->overflow.memory++;
    }
}

static uint32_t begin_mirror(struct model *model, uint32_t stream)
{
    bool has_free = model->free_mirror != ROW_NONE;
    if (!has_free && model->mirror_count >= model->limits.mirrors) {
        model->overflow.mirrors++;
        return ROW_NONE;
    }
    if (!has_free && !model_make_room(model, (void **)&model->mirrors, model->mirror_count,
                                      &model->mirror_capacity, sizeof(*model->mirrors))) {
        return ROW_NONE;
    }
    uint32_t taken = has_free ? model->free_mirror : model->mirror_count;
    struct mirror_row *row = &model->mirrors[taken];
    model->free_mirror = has_free ? row->next_free : ROW_NONE;
    model->mirror_count += has_free ? 0 : 1;
    memset(row, 0, sizeof(*row));
    row->next_free = ROW_NONE;
    row->stream = stream;
    row->report_mono_ns = NEVER;
    row->contact_mono_ns = NEVER;
    row->gap_end_mono_ns = NEVER;
    row->active_ns = -1;
    row->is_gone = true; /* until it is shown */
    row->state = MIRROR_UNKNOWN;
    row->lag_step = model->mono_ns / STEP_NS;
    memset(row->lags, 0xff, sizeof(row->lags));
    model_begin_since(model, &row->since);
    return taken;
}

static void show_mirror(struct model *model, uint32_t mirror)
{
    if (model_make_room(model, (void **)&model->shown, model->shown_count, &model->shown_capacity,
                        sizeof(*model->shown))) {
        model->shown[model->shown_count++] = mirror;
        model->mirrors[mirror].is_gone = false;
    }
}

/*
 * The mirror row of a stream that mirrors origin; made or moved as needed.
 *
 * external  the API prefix of an origin in another domain or account, or NULL. Such an origin is
 * not the stream of that name in this account: it stands under its prefix, never sampled.
 */
static uint32_t take_mirror(struct model *model, const char *account, const char *stream_name,
                            const char *origin_name, const char *external)
{
    uint32_t origin = take_stream(model, external != NULL ? external : account, origin_name);
    uint32_t stream = take_stream(model, account, stream_name);
    if (stream == ROW_NONE || origin == ROW_NONE || stream == origin) {
        return ROW_NONE;
    }
    uint32_t mirror = model->streams[stream].mirror;
    if (mirror == ROW_NONE) {
        mirror = begin_mirror(model, stream);
        if (mirror == ROW_NONE) {
            return ROW_NONE;
        }
        model->streams[stream].mirror = mirror;
        link_mirror(model, mirror, origin);
    } else if (model->mirrors[mirror].origin != origin) {
        uint32_t before = model->mirrors[mirror].origin;
        forget_origin_of(model, mirror);
        link_mirror(model, mirror, origin);
        forget_unmirrored(model, before);
    }
    if (model->mirrors[mirror].is_gone) {
        show_mirror(model, mirror);
    }
    return mirror;
}

void apply_mirror(struct model *model, const struct event *any)
{
    const struct evt_mirror *event = &any->u.mirror;
    uint32_t mirror =
        take_mirror(model, event->account, event->stream, event->origin, event->external);
    if (mirror == ROW_NONE) {
        return;
    }
    struct mirror_row *row = &model->mirrors[mirror];
    row->report_mono_ns = model->mono_ns;
    row->lag = wide_count(event->lag);
    row->active_ns = event->active_ns < 0 ? -1 : event->active_ns;
    if (row->active_ns >= 0 && row->active_ns < MONO_MAX_NS) {
        row->contact_mono_ns = model->mono_ns - row->active_ns;
    }
    model_set_text(model, &row->external, event->external);
    if (event->error != NULL && !text_equal(row->error, event->error)) {
        CHANGE(model, SEV_WARN, "mirror ", event->stream, ": ", event->error);
    }
    model_set_text(model, &row->error, event->error);
    judge_mirror(model, mirror);
}

void apply_stream_config(struct model *model, const struct event *any)
{
    const struct evt_stream_config *event = &any->u.stream_config;
    uint32_t stream = take_stream(model, event->account, event->stream);
    if (stream == ROW_NONE) {
        return;
    }
    if (event->origin != NULL) {
        uint32_t mirror =
            take_mirror(model, event->account, event->stream, event->origin, event->external);
        if (mirror != ROW_NONE) {
            judge_mirror(model, mirror); /* its origin may be another one now */
        }
        return;
    }
    struct stream_row *row = &model->streams[stream];
    if (row->mirror != ROW_NONE && !model->mirrors[row->mirror].is_gone) {
        CHANGE(model, SEV_WARN, "stream ", row->stream, " is a mirror no more");
        forget_mirror(model, row->mirror);
    }
    if (row->first_mirror != ROW_NONE) {
        model_set_raw(model, &row->raw_config, event->raw);
    }
}

/* ---- the end of a reply ---- */

void apply_streams(struct model *model, const struct event *any)
{
    const struct evt_streams *event = &any->u.streams;
    uint32_t server = model_find_server(model, event->server);
    if (server == ROW_NONE || !event->is_complete) {
        return;
    }
    struct server_row *row = &model->servers[server];
    row->leads_prev_mono_ns = row->leads_mono_ns;
    row->leads_mono_ns = model->mono_ns;
    if (event->is_leaders_only) {
        return; /* a stream without a leader is in no list of leaders' streams */
    }
    row->streams_prev_mono_ns = row->streams_mono_ns;
    row->streams_mono_ns = model->mono_ns;
}
