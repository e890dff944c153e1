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
    struct filling *filling = &model->meta.filling;
    uint32_t server = model_find_server(model, event->server);
    if (server == ROW_NONE || event->peer == NULL) {
        return;
    }
    if (filling->server != server) {
        filling->server = server;
        filling->peer_count = 0;
    }
    if (filling->peer_count >= model->limits.servers) {
        model->overflow.servers++;
        return;
    }
    uint32_t before = filling->peer_capacity;
    if (!model_make_room(model, (void **)&filling->peers, filling->peer_count,
                         &filling->peer_capacity, sizeof(*filling->peers))) {
        return;
    }
    memset(filling->peers + before, 0, (filling->peer_capacity - before) * sizeof(*filling->peers));
    struct peer_row *peer = &filling->peers[filling->peer_count++];
    model_set_text(model, &peer->name, event->peer);
    peer->server = model_find_server(model, event->peer);
    peer->is_current = event->is_current;
    peer->is_offline = event->is_offline;
    peer->active_ns = event->active_ns;
    peer->lag = event->lag;
}

/*
 * The peers of a leader's reply, whole: its last ones, when an earlier reply without an end left
 * some behind. False when some were dropped on the way: fewer peers must not look like a lost
 * quorum.
 */
static bool take_peers(struct model *model, struct claim *claim, uint32_t server, int64_t peers)
{
    struct filling *filling = &model->meta.filling;
    uint32_t count = filling->server == server ? filling->peer_count : 0;
    filling->server = ROW_NONE;
    if (peers < 0 || peers > count) {
        return false;
    }
    uint32_t skipped = count - (uint32_t)peers;
    for (uint32_t i = 0; skipped > 0 && i < (uint32_t)peers; i++) {
        struct peer_row first = filling->peers[i];
        filling->peers[i] = filling->peers[i + skipped];
        filling->peers[i + skipped] = first;
    }
    struct peer_row *old_peers = claim->peers;
    uint32_t old_capacity = claim->peer_capacity;
    claim->peers = filling->peers;
    claim->peer_capacity = filling->peer_capacity;
    claim->peer_count = (uint32_t)peers;
    filling->peers = old_peers;
    filling->peer_capacity = old_capacity;
    return true;
}

static void take_leader(struct model *model, uint32_t server, const struct evt_meta *event)
{
    struct claim *claim = take_claim(model, server);
    if (event->size <= 0 || !take_peers(model, claim, server, event->peers)) {
        return; /* no news: the claim ages */
    }
    if (claim->mono_ns == NEVER) {
        claim->first_mono_ns = model->mono_ns;
    }
    claim->mono_ns = model->mono_ns;
    claim->size = event->size;
    claim->quorum = event->quorum_needed > 0 ? event->quorum_needed : event->size / 2 + 1;
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
    struct claim *claim = find_claim(model, server);
    if (model->meta.size == 0 && event->size > 0) {
        model->meta.sized_mono_ns = model->mono_ns; /* no leader said it yet; followers know it */
        model->meta.size = event->size;
        model->meta.quorum = event->quorum_needed > 0 ? event->quorum_needed : event->size / 2 + 1;
    }
    if (event->is_leader) {
        take_leader(model, server, event);
    } else if (claim != NULL) {
        claim->server = ROW_NONE; /* it no longer says so */
    }
    if (model->meta.filling.server == server) {
        model->meta.filling.server = ROW_NONE; /* a follower's peers are not believed */
    }
    judge_meta(model);
}
