/*
 * apply_meta.c - what servers say of the JetStream meta group.
 *
 * Rules: only a server that names itself leader is believed, and its peers are taken from it alone;
 * from 2.15 on followers list peers too, and every follower may name a leader that is dead.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "model_impl.h"

/* The claim of a server: its own, a free one, or the oldest. */
static struct claim *take_claim(struct model *model, uint32_t server)
{
    struct claim *oldest = &model->meta.claims[0];
    for (size_t i = 0; i < CLAIMS; i++) {
        struct claim *claim = &model->meta.claims[i];
        if (claim->server == server) {
            return claim;
        }
        if (claim->server == ROW_NONE ||
            (oldest->server != ROW_NONE && claim->mono_ns < oldest->mono_ns)) {
            oldest = claim;
        }
    }
    oldest->server = server;
    oldest->mono_ns = NEVER;
    oldest->first_mono_ns = NEVER;
    oldest->peer_count = 0;
    oldest->filling = 0;
    return oldest;
}

static struct claim *find_claim(struct model *model, uint32_t server)
{
    for (size_t i = 0; i < CLAIMS; i++) {
        if (model->meta.claims[i].server == server) {
            return &model->meta.claims[i];
        }
    }
    return NULL;
}

void apply_meta_peer(struct model *model, const struct event *any)
{
    const struct evt_meta_peer *event = &any->u.meta_peer;
    uint32_t server = model_find_server(model, event->server);
    if (server == ROW_NONE || event->peer == NULL) {
        return;
    }
    struct claim *claim = take_claim(model, server);
    uint32_t before = claim->peer_capacity;
    if (!model_make_room(model, (void **)&claim->peers, claim->filling, &claim->peer_capacity,
                         sizeof(*claim->peers))) {
        return;
    }
    memset(claim->peers + before, 0, (claim->peer_capacity - before) * sizeof(*claim->peers));
    struct peer_row *peer = &claim->peers[claim->filling++];
    model_set_text(model, &peer->name, event->peer);
    peer->is_current = event->is_current;
    peer->is_offline = event->is_offline;
    peer->active_ns = event->active_ns;
    peer->lag = event->lag;
}

void apply_meta(struct model *model, const struct event *any)
{
    const struct evt_meta *event = &any->u.meta;
    uint32_t server = model_find_server(model, event->server);
    if (server == ROW_NONE) {
        return;
    }
    struct server_row *row = &model->servers[server];
    row->meta_mono_ns = model->mono_ns;
    model_set_text(model, &row->meta_leader, event->leader);
    if (event->is_leader) {
        struct claim *claim = take_claim(model, server);
        if (claim->mono_ns == NEVER) {
            claim->first_mono_ns = model->mono_ns;
        }
        claim->mono_ns = model->mono_ns;
        claim->size = event->size;
        claim->quorum = event->quorum_needed > 0 ? event->quorum_needed : event->size / 2 + 1;
        claim->peer_count = claim->filling;
        claim->filling = 0;
    } else {
        struct claim *claim = find_claim(model, server);
        if (claim != NULL) {
            claim->server = ROW_NONE; /* it no longer says so */
        }
    }
    judge_meta(model);
}
