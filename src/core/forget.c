/*
 * forget.c - what was deleted on the servers leaves the tables, and its rows are used again.
 *
 * Why:   names come and go for months; a table that only grows ends by counting what it cannot
 * show. How:   once an interval each stream is compared with what all servers of its region listed.
 * One that none lists is gone; a mirror is shown so for FORGET_NS, then its row is free. Rules:
 * nothing is concluded while a server of the region is silent. A mirror whose origin is silent too
 * stays, however long: it was the copy. In lists of leaders a stream without a leader looks the
 * same as a deleted one: it takes three rounds, and the text says both. A server is forgotten when
 * it left for good, never because it crashed. See:   tests/unit/core/test_model_forget.c
 */
#include "forget.h"

#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/hash.h"
#include "model_impl.h"

#define FORGET_NS (60 * NS_PER_S)     /* how long what is gone is still shown */
#define LEADERLESS_NS (60 * NS_PER_S) /* an election takes seconds */
#define REGIONS 16
#define GONE_TEXT "deleted: its servers list it no more"
#define LEADERLESS_TEXT "deleted, or without a leader: no server leads it"

/* Since when all servers of a region listed all streams, or all that they lead; NEVER: not known.
 */
struct listed {
    int64_t all_ns, led_ns;
};

/* Two lists each, as a stream may be made while one is written. */
static struct listed listed_since(const struct model *model, uint32_t region)
{
    struct listed since = {.all_ns = INT64_MAX, .led_ns = INT64_MAX};
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *server = &model->servers[i];
        if (server->region != region) {
            continue;
        }
        if (server->state != SERVER_UP) {
            return (struct listed){.all_ns = NEVER, .led_ns = NEVER};
        }
        if (!server->has_jetstream) {
            continue;
        }
        int64_t all_ns = server->streams_prev_mono_ns;
        int64_t led_ns = server->leads_prev_mono_ns;
        since.all_ns = all_ns < since.all_ns ? all_ns : since.all_ns;
        since.led_ns = led_ns < since.led_ns ? led_ns : since.led_ns;
    }
    since.all_ns = since.all_ns == INT64_MAX ? NEVER : since.all_ns;
    since.led_ns = since.led_ns == INT64_MAX ? NEVER : since.led_ns;
    return since;
}

/* ---- mirrors ---- */

void forget_origin_of(struct model *model, uint32_t mirror)
{
    uint32_t *at = &model->streams[model->mirrors[mirror].origin].first_mirror;
    while (*at != mirror && *at != ROW_NONE) {
        at = &model->mirrors[*at].sibling;
    }
    if (*at == mirror) {
        *at = model->mirrors[mirror].sibling;
    }
}

static void free_stream(struct model *model, uint32_t stream)
{
    struct stream_row *row = &model->streams[stream];
    index_remove(&model->stream_index, row->hash, stream);
    alloc_release(model->alloc, row->account, row->key_bytes);
    history_destroy(&row->history, model->alloc);
    model_set_raw(model, &row->raw_config, NULL);
    memset(row, 0, sizeof(*row));
    row->region = ROW_NONE;
    row->mirror = ROW_NONE;
    row->first_mirror = ROW_NONE;
    row->next_free = model->free_stream;
    model->free_stream = stream;
}

void forget_unmirrored(struct model *model, uint32_t origin)
{
    struct stream_row *row = &model->streams[origin];
    if (row->first_mirror != ROW_NONE) {
        return;
    }
    history_destroy(&row->history, model->alloc);
    model_set_raw(model, &row->raw_config, NULL);
    if (row->seen_mono_ns == NEVER && row->mirror == ROW_NONE) {
        free_stream(model, origin); /* a name in a mirror's config, no more */
    }
}

void forget_mirror(struct model *model, uint32_t mirror)
{
    struct mirror_row *row = &model->mirrors[mirror];
    uint32_t origin = row->origin;
    forget_origin_of(model, mirror);
    model->streams[row->stream].mirror = ROW_NONE;
    for (uint32_t i = 0; i < model->shown_count; i++) {
        if (model->shown[i] == mirror) {
            model->shown_count--;
            memmove(model->shown + i, model->shown + i + 1,
                    (model->shown_count - i) * sizeof(*model->shown));
            break;
        }
    }
    model_free_text(model, &row->external);
    model_free_text(model, &row->error);
    memset(row, 0, sizeof(*row));
    row->is_gone = true;
    row->next_free = model->free_mirror;
    model->free_mirror = mirror;
    forget_unmirrored(model, origin);
}

/* ---- streams ---- */

/* Is the origin there to be mirrored again, or gone itself? Else the mirror was the copy. */
static bool is_origin_settled(const struct model *model, const struct mirror_row *row)
{
    const struct stream_row *origin = &model->streams[row->origin];
    if (origin->gone_mono_ns != NEVER || row->external != NULL) {
        return true;
    }
    if (origin->sample_mono_ns != NEVER) {
        int64_t interval = judge_streams_interval(model, origin->region);
        return model_age(model, origin->sample_mono_ns) <= MISSES * interval;
    }
    for (uint32_t i = 0; i < model->region_count; i++) {
        if (!judge_answers(model, i)) {
            return false; /* it may be there */
        }
    }
    return true;
}

static void say_gone(struct model *model, uint32_t stream, const char *why)
{
    const struct stream_row *row = &model->streams[stream];
    if (row->mirror != ROW_NONE) {
        struct mirror_row *mirror = &model->mirrors[row->mirror];
        bool is_settled = is_origin_settled(model, mirror);
        mirror->state = MIRROR_LAST_KNOWN;
        model_begin_since(model, &mirror->since);
        model_set_text(model, &mirror->error, why);
        CHANGE(model, is_settled ? SEV_WARN : SEV_CRIT, "mirror ", row->stream, " is gone: ", why,
               is_settled ? "" : "; its origin is silent too");
    } else if (row->first_mirror != ROW_NONE) {
        CHANGE(model, SEV_WARN, "stream ", row->stream, " is gone, its mirrors stay: ", why);
    }
}

static void sweep_stream(struct model *model, uint32_t stream, const struct listed *since)
{
    struct stream_row *row = &model->streams[stream];
    if (row->gone_mono_ns == NEVER) {
        int64_t interval = judge_streams_interval(model, row->region);
        int64_t wait_ns = MISSES * interval > LEADERLESS_NS ? MISSES * interval : LEADERLESS_NS;
        bool is_unlisted = row->seen_mono_ns < since->all_ns;
        bool is_unled =
            row->seen_mono_ns < since->led_ns && model_age(model, row->seen_mono_ns) >= wait_ns;
        if (!is_unlisted && !is_unled) {
            return;
        }
        row->gone_mono_ns = model->mono_ns;
        say_gone(model, stream, is_unlisted ? GONE_TEXT : LEADERLESS_TEXT);
    }
    if (row->first_mirror != ROW_NONE || model_age(model, row->gone_mono_ns) < FORGET_NS ||
        (row->mirror != ROW_NONE && !is_origin_settled(model, &model->mirrors[row->mirror]))) {
        return;
    }
    if (row->mirror != ROW_NONE) {
        CHANGE(model, SEV_INFO, "mirror ", row->stream, " is shown no more");
        forget_mirror(model, row->mirror);
    }
    free_stream(model, stream);
}

/* ---- servers ---- */

static void unname_peers(struct peer_row *peers, uint32_t count, uint32_t server)
{
    for (uint32_t i = 0; i < count; i++) {
        peers[i].server = peers[i].server == server ? ROW_NONE : peers[i].server;
    }
}

static void unname_server(struct model *model, uint32_t server)
{
    struct meta_state *meta = &model->meta;
    for (size_t i = 0; i < CLAIMS; i++) {
        struct claim *claim = &meta->claims[i];
        claim->server = claim->server == server ? ROW_NONE : claim->server;
        unname_peers(claim->peers, claim->peer_count, server);
    }
    for (uint32_t i = 0; i < model->stream_count; i++) {
        struct stream_row *row = &model->streams[i];
        row->sample_server = row->sample_server == server ? ROW_NONE : row->sample_server;
    }
    unname_peers(meta->filling.peers, meta->filling.peer_count, server);
    meta->filling.server = meta->filling.server == server ? ROW_NONE : meta->filling.server;
    meta->last_leader = meta->last_leader == server ? ROW_NONE : meta->last_leader;
}

static void forget_server(struct model *model, uint32_t at)
{
    uint32_t server = model->server_order[at];
    struct server_row *row = &model->servers[server];
    CHANGE(model, SEV_INFO, "server ", row->name, " is shown no more: it left for good");
    model->server_order_count--;
    memmove(model->server_order + at, model->server_order + at + 1,
            (model->server_order_count - at) * sizeof(*model->server_order));
    index_remove(&model->server_index, hash_finish(hash_text(HASH_SEED, row->name)), server);
    unname_server(model, server);
    model_set_raw(model, &row->raw_stats, NULL);
    char **texts[] = {&row->name, &row->id,     &row->version,
                      &row->host, &row->bye_id, &row->meta_leader};
    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
        model_free_text(model, texts[t]);
    }
    alloc_release(model->alloc, row->gateways, row->gateway_capacity * sizeof(*row->gateways));
    memset(row, 0, sizeof(*row));
    row->region = ROW_NONE;
    row->next_free = model->free_server;
    model->free_server = server;
}

/*
 * It was taken out of the meta group, by somebody who meant it. A server that is still a peer, or
 * that has no JetStream, may be missed by somebody: it stays.
 */
static bool has_left(const struct model *model, uint32_t server)
{
    const struct server_row *row = &model->servers[server];
    bool is_away = row->state == SERVER_GONE || row->state == SERVER_DOWN;
    return is_away && row->has_jetstream && judge_answers(model, row->region) &&
           model_age(model, row->since.mono_ns) >= FORGET_NS &&
           judge_lists_peer(model, server) == TRI_NO;
}

void forget_sweep(struct model *model)
{
    struct listed since[REGIONS];
    for (uint32_t r = 0; r < model->region_count && r < REGIONS; r++) {
        since[r] = listed_since(model, r);
    }
    for (uint32_t i = 0; i < model->stream_count; i++) {
        const struct stream_row *row = &model->streams[i];
        if (row->account != NULL && row->region < REGIONS) {
            sweep_stream(model, i, &since[row->region]);
        }
    }
    for (uint32_t at = model->server_order_count; at-- > 0;) {
        if (has_left(model, model->server_order[at])) {
            forget_server(model, at);
        }
    }
}
