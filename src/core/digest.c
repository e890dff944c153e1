/*
 * digest.c - one hash over the whole state.
 *
 * Why:   live and replay must reach the same state; two digests say so without comparing screens.
 * Rules: every number and text that a view reads goes in; pointers and capacities do not. Rows go
 * in their order, which the events alone decide.
 */
#include "farshore/base/hash.h"
#include "model_impl.h"

static uint64_t add(uint64_t hash, int64_t number)
{
    return hash_u64(hash, (uint64_t)number);
}

/* An absent text and an empty one differ. */
static uint64_t add_text(uint64_t hash, const char *text)
{
    return hash_text(hash_u64(hash, text != NULL ? 1 : 0), text);
}

static uint64_t add_since(uint64_t hash, const struct since *since)
{
    return add(add(hash, since->mono_ns), since->at_ns);
}

static uint64_t add_series(uint64_t hash, const struct series *series)
{
    hash = add(add(hash, series->step), series->count);
    for (size_t i = 0; i < SERIES; i++) {
        hash = add(hash, series->values[i]);
    }
    return hash;
}

static uint64_t add_regions(uint64_t hash, const struct model *model)
{
    for (uint32_t i = 0; i < model->region_count; i++) {
        const struct region_row *row = &model->regions[i];
        hash = add_text(add_text(hash, row->name), row->conn_reason);
        hash = add(add(add(hash, row->role), row->is_configured), row->conn);
        hash = add(add(add(hash, row->via), row->last_mono_ns), row->conn_mono_ns);
        hash = add(hash, row->back_mono_ns);
        hash = add(add(hash, row->streams_interval_ns), row->is_slowed);
        hash = add_since(add(add(hash, row->verdict), row->life_mono_ns), &row->since);
        hash = add_text(add(hash, row->suspect_mono_ns), row->reason);
        hash = add_series(hash, &row->clients);
    }
    for (uint32_t i = 0; i < model->link_count; i++) {
        const struct link_row *row = &model->links[i];
        hash = add(add(add(hash, row->from), row->to), row->state);
        hash = add(add_since(hash, &row->since), row->healed_mono_ns);
        hash = hash_bytes(add(hash, row->bar_step), row->bar, sizeof(row->bar));
    }
    return hash;
}

static uint64_t add_server(uint64_t hash, const struct server_row *row)
{
    hash = add_text(add_text(add_text(hash, row->name), row->id), row->version);
    hash = add_text(add_text(add_text(hash, row->host), row->bye_id), row->raw_stats);
    hash = add(add(add(hash, row->region), row->has_jetstream), row->is_lameduck);
    hash = add(add(add(hash, row->has_said_bye), row->bye_mono_ns), row->last_mono_ns);
    hash = add(add(add(hash, row->own_mono_ns), row->rtt_ns), row->rtt_mono_ns);
    hash = add(add(add(hash, row->stats_mono_ns), row->start_ns), row->connections);
    hash = add(add(hash, row->subscriptions), row->slow_consumers);
    hash = add(add(hash, row->cpu_milli_pct), row->mem_bytes);
    hash = add(add(hash, row->streams_mono_ns), row->streams_prev_mono_ns);
    hash = add(add(add(hash, row->leads_mono_ns), row->leads_prev_mono_ns), row->next_free);
    hash = add(add(hash, row->gateways_mono_ns), row->meta_mono_ns);
    hash = add(hash, row->gateways_taken);
    hash = add_since(add(add_text(hash, row->meta_leader), row->state), &row->since);
    hash = add_series(hash, &row->clients);
    for (uint32_t i = 0; i < row->gateway_count; i++) {
        const struct gateway_row *gateway = &row->gateways[i];
        hash = add(add(add(hash, gateway->remote), gateway->is_up), gateway->rtt_ns);
        hash = add(add(hash, gateway->is_listed), gateway->rtt_mono_ns);
        hash = add(hash, gateway->up_mono_ns);
        hash = add(add(add(hash, gateway->msgs), gateway->bytes), gateway->pending_bytes);
        hash = add(add(add(hash, gateway->mono_ns), gateway->prev_msgs), gateway->prev_mono_ns);
    }
    return hash;
}

static uint64_t add_peers(uint64_t hash, const struct peer_row *peers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct peer_row *peer = &peers[i];
        hash = add(add(add_text(hash, peer->name), peer->is_current), peer->is_offline);
        hash = add(add(add(hash, peer->active_ns), peer->lag), peer->server);
    }
    return hash;
}

static uint64_t add_meta(uint64_t hash, const struct meta_state *meta)
{
    hash = add_since(add(add(hash, meta->leader), meta->last_leader), &meta->since);
    hash = add(add(hash, meta->is_alive_counted), meta->sized_mono_ns);
    for (size_t i = 0; i < sizeof(meta->survives) / sizeof(meta->survives[0]); i++) {
        hash = add(hash, meta->survives[i]);
    }
    hash = add(add(add(hash, meta->has_quorum), meta->size), meta->quorum);
    hash = add(add(hash, meta->alive), meta->judged_mono_ns);
    for (size_t i = 0; i < CLAIMS; i++) {
        const struct claim *claim = &meta->claims[i];
        hash = add(add(add(hash, claim->server), claim->mono_ns), claim->first_mono_ns);
        hash = add(add(hash, claim->size), claim->quorum);
        hash = add_peers(hash, claim->peers, claim->peer_count);
    }
    const struct filling *filling = &meta->filling;
    bool is_filling = filling->server != ROW_NONE;
    return add_peers(add(hash, filling->server), filling->peers,
                     is_filling ? filling->peer_count : 0);
}

static uint64_t add_stream(uint64_t hash, const struct stream_row *row)
{
    hash = add_text(add_text(hash, row->account), row->stream);
    hash = add(add(add(hash, row->region), row->mirror), row->first_mirror);
    hash = add(add(add(hash, row->created_ns), row->seen_mono_ns), row->sample_mono_ns);
    hash = add(add(add(hash, row->is_from_leader), row->msgs), row->bytes);
    hash = add(add(add(hash, row->last_ts_ns), row->deleted), row->consumers);
    hash = hash_u64(hash_u64(hash, row->first_seq), row->last_seq);
    hash = hash_u64(add(hash, row->prev_mono_ns), row->prev_seq);
    hash = add(add(hash, row->gone_mono_ns), row->next_free);
    hash = hash_u64(add(hash, row->sample_server), row->history.breaks);
    for (uint16_t i = 0; i < row->history.count; i++) {
        hash = add(hash, row->history.samples[i].mono_ns);
        hash = hash_u64(hash, row->history.samples[i].seq);
    }
    return add_text(hash, row->raw_config);
}

static uint64_t add_mirror(uint64_t hash, const struct mirror_row *row)
{
    hash = add(add(add(hash, row->stream), row->origin), row->sibling);
    hash = add_text(add_text(hash, row->external), row->error);
    hash = add(add(add(hash, row->report_mono_ns), row->lag), row->active_ns);
    hash = add(add(hash, row->contact_mono_ns), row->gap_end_mono_ns);
    hash = add_since(add(hash, row->state), &row->since);
    hash = add(add(add(hash, row->is_gone), row->lag_step), row->next_free);
    for (size_t i = 0; i < STEPS; i++) {
        hash = add(hash, row->lags[i]);
    }
    return hash;
}

/* Not memory: that differs between machines. */
static uint64_t add_overflow(uint64_t hash, const struct model_overflow *overflow)
{
    hash = hash_u64(hash_u64(hash, overflow->regions), overflow->servers);
    hash = hash_u64(hash_u64(hash, overflow->streams), overflow->mirrors);
    return hash_u64(hash_u64(hash, overflow->texts), overflow->queue);
}

uint64_t model_digest(const struct model *model)
{
    uint64_t hash = HASH_SEED;
    hash = add(add(add(hash, model->mono_ns), model->at_ns), model->tick_mono_ns);
    for (size_t i = 0; i < GAPS; i++) {
        hash = add(add(hash, model->gaps[i].begin_ns), model->gaps[i].end_ns);
    }
    hash = add(add(hash, model->hearing_mono_ns), model->judged_mirrors_ns);
    hash = hash_u64(hash_u64(hash, model->changes), model->revision);
    hash = add_overflow(hash, &model->overflow);
    hash = add_text(add_text(add_text(hash, model->version), model->mode), model->context);
    hash = add_text(add_text(hash, model->operator_name), model->host);
    hash = add(add(add(hash, model->interval_ns), model->hold_ns), model->clear_ns);
    hash = add(add(hash, model->lag_warn_ns), model->raw_bytes);
    hash = add(add(add(hash, model->late_ns), model->late_mono_ns), model->last_answer_mono_ns);
    hash = add(add(add(hash, model->free_server), model->free_stream), model->free_mirror);
    hash = add_regions(hash, model);
    for (uint32_t i = 0; i < model->server_count; i++) {
        hash = add_server(hash, &model->servers[i]);
    }
    hash = add_meta(hash, &model->meta);
    for (uint32_t i = 0; i < model->stream_count; i++) {
        hash = add_stream(hash, &model->streams[i]);
    }
    for (uint32_t i = 0; i < model->mirror_count; i++) {
        hash = add_mirror(hash, &model->mirrors[i]);
    }
    for (uint32_t i = 0; i < model->shown_count; i++) {
        hash = add(hash, model->shown[i]);
    }
    hash = add(hash, model->log_next);
    for (uint32_t i = 0; i < model->log_count; i++) {
        hash = add(hash, model->log[i].at_ns);
        hash = add_text(add(hash, model->log[i].severity), model->log[i].text);
    }
    return hash_finish(hash);
}
