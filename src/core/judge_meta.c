/*
 * judge_meta.c - the JetStream meta group: who leads it, is there a quorum, would it survive a
 * region.
 *
 * Why:   without a meta quorum nothing can be promoted, and two equal regions lose it with either
 * one; that must be said before the incident. Rules: a leader is named only while it says so
 * itself, its last word is fresh, its server has not gone, and it hears a quorum. Alive = 1 + peers
 * with 0 < active < 3 s: `active` 0 means never heard. A leader younger than 3 s may not have heard
 * anyone yet: then nothing is concluded. A leader that missed two asks, or whose region is suspect,
 * is not named; it may be dead already. Source facts on the meta group; CONTRACTS 4.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "model_impl.h"

static bool is_peer_alive(const struct peer_row *peer)
{
    return !peer->is_offline && peer->active_ns > 0 && peer->active_ns < PEER_ALIVE_NS;
}

/* A young leader may hear it yet; from an older one it is dead. */
static bool is_peer_unheard(const struct peer_row *peer)
{
    return !peer->is_offline && peer->active_ns <= 0;
}

static int64_t alive_of(const struct claim *claim)
{
    int64_t alive = 1;
    for (uint32_t i = 0; i < claim->peer_count; i++) {
        alive += is_peer_alive(&claim->peers[i]) ? 1 : 0;
    }
    return alive;
}

static int64_t unheard_of(const struct claim *claim)
{
    int64_t unheard = 0;
    for (uint32_t i = 0; i < claim->peer_count; i++) {
        unheard += is_peer_unheard(&claim->peers[i]) ? 1 : 0;
    }
    return unheard;
}

static bool is_young(const struct model *model, const struct claim *claim)
{
    return model_age(model, claim->first_mono_ns) < PEER_ALIVE_NS;
}

static bool is_fresh(const struct model *model, const struct claim *claim)
{
    if (claim->server == ROW_NONE || claim->mono_ns == NEVER) {
        return false;
    }
    const struct server_row *row = &model->servers[claim->server];
    return row->state == SERVER_UP && !judge_is_in_doubt(&model->regions[row->region]) &&
           model_age(model, claim->mono_ns) <= model->interval_ns * 5 / 2;
}

/* The claim to believe: with a quorum before without, then the later one. */
static const struct claim *best_claim(const struct model *model, bool is_fresh_needed)
{
    const struct claim *best = NULL;
    for (size_t i = 0; i < CLAIMS; i++) {
        const struct claim *claim = &model->meta.claims[i];
        if (claim->server == ROW_NONE || claim->mono_ns == NEVER ||
            (is_fresh_needed && !is_fresh(model, claim))) {
            continue;
        }
        bool has_quorum = alive_of(claim) >= claim->quorum;
        bool best_has = best != NULL && alive_of(best) >= best->quorum;
        if (best == NULL || (has_quorum && !best_has) ||
            (has_quorum == best_has && claim->mono_ns > best->mono_ns)) {
            best = claim;
        }
    }
    return best;
}

enum tri judge_lists_peer(const struct model *model, uint32_t server)
{
    const struct claim *claim = best_claim(model, true);
    if (claim == NULL || is_young(model, claim) || alive_of(claim) < claim->quorum) {
        return TRI_UNKNOWN;
    }
    bool has_stranger = false;
    for (uint32_t i = 0; i < claim->peer_count; i++) {
        if (claim->peers[i].server == server ||
            text_equal(claim->peers[i].name, model->servers[server].name)) {
            return TRI_YES;
        }
        has_stranger = has_stranger || claim->peers[i].server == ROW_NONE;
    }
    bool is_whole = (int64_t)claim->peer_count + 1 == claim->size;
    return claim->server == server ? TRI_YES : has_stranger || !is_whole ? TRI_UNKNOWN : TRI_NO;
}

/* Peers that answer us, for when no leader speaks. */
static int64_t count_answering(const struct model *model)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *row = &model->servers[i];
        bool is_there = row->state == SERVER_UP && !judge_is_in_doubt(&model->regions[row->region]);
        count += row->has_jetstream && is_there ? 1 : 0;
    }
    return count;
}

static enum tri quorum_without_leader(const struct model *model, int64_t answering)
{
    bool is_deaf = model->last_answer_mono_ns == NEVER ||
                   model_age(model, model->last_answer_mono_ns) > MISSES * model->interval_ns;
    if (model->meta.size == 0 || is_deaf) {
        return TRI_UNKNOWN;
    }
    if (model_age(model, model->meta.sized_mono_ns) <= MISSES * model->interval_ns) {
        return TRI_UNKNOWN; /* not all could have answered yet */
    }
    /* Enough are there: an election goes on, or we do not see the leader. */
    return answering < model->meta.quorum ? TRI_NO : TRI_UNKNOWN;
}

static void take_claim_in(struct model *model, const struct claim *claim)
{
    struct meta_state *meta = &model->meta;
    meta->size = claim->size;
    meta->quorum = claim->quorum;
    meta->alive = alive_of(claim);
    meta->is_alive_counted = false;
    meta->judged_mono_ns = claim->mono_ns;
}

static void say_leader(struct model *model, uint32_t leader)
{
    struct meta_state *meta = &model->meta;
    if (leader == meta->leader) {
        return;
    }
    uint32_t before = meta->leader;
    meta->leader = leader;
    model_begin_since(model, &meta->since);
    if (leader != ROW_NONE) {
        meta->last_leader = leader;
        CHANGE(model, SEV_INFO, "JetStream meta leader is ", model->servers[leader].name, " in ",
               model->regions[model->servers[leader].region].name);
    } else {
        CHANGE(model, SEV_WARN, "JetStream meta leader unknown; it was ",
               model->servers[before].name);
    }
}

static void say_quorum(struct model *model, enum tri has_quorum)
{
    struct meta_state *meta = &model->meta;
    if (has_quorum == meta->has_quorum) {
        return;
    }
    enum tri before = meta->has_quorum;
    meta->has_quorum = has_quorum;
    if (has_quorum == TRI_NO) {
        CHANGE(model, SEV_CRIT,
               "JetStream meta group has NO QUORUM: nothing can be made, changed or promoted");
    } else if (has_quorum == TRI_YES && before == TRI_NO) {
        CHANGE(model, SEV_INFO, "JetStream meta group has a quorum again");
    }
}

enum tri judge_survives(const struct model *model, uint32_t region)
{
    const struct claim *claim = best_claim(model, true);
    if (claim == NULL) {
        return TRI_UNKNOWN;
    }
    bool may_hear = is_young(model, claim);
    int64_t sure = model->servers[claim->server].region != region ? 1 : 0;
    int64_t unsure = 0;
    for (uint32_t i = 0; i < claim->peer_count; i++) {
        const struct peer_row *peer = &claim->peers[i];
        bool is_elsewhere =
            peer->server != ROW_NONE && model->servers[peer->server].region != region;
        if (is_peer_alive(peer)) {
            sure += is_elsewhere ? 1 : 0;
            unsure += peer->server == ROW_NONE ? 1 : 0;
        } else if (may_hear && is_peer_unheard(peer)) {
            unsure += is_elsewhere || peer->server == ROW_NONE ? 1 : 0;
        }
    }
    /* Dead peers count for the size: a region's loss does not shrink the group. */
    return sure >= claim->quorum ? TRI_YES : sure + unsure >= claim->quorum ? TRI_UNKNOWN : TRI_NO;
}

static void say_survival(struct model *model)
{
    for (uint32_t i = 0; i < model->region_count && i < 16; i++) {
        enum tri survives = judge_survives(model, i);
        enum tri before = model->meta.survives[i];
        if (survives == TRI_UNKNOWN || survives == before) {
            continue;
        }
        model->meta.survives[i] = survives;
        const char *name = model->regions[i].name;
        if (survives == TRI_NO) {
            CHANGE(model, SEV_WARN, "JetStream quorum would not survive the loss of ", name);
        } else if (before == TRI_NO) {
            CHANGE(model, SEV_INFO, "JetStream quorum would survive the loss of ", name);
        }
    }
}

void judge_meta(struct model *model)
{
    struct meta_state *meta = &model->meta;
    const struct claim *claim = best_claim(model, true);
    if (claim == NULL) {
        int64_t answering = count_answering(model);
        meta->alive = answering;
        meta->is_alive_counted = true;
        say_leader(model, ROW_NONE);
        say_quorum(model, quorum_without_leader(model, answering));
        return;
    }
    take_claim_in(model, claim);
    if (meta->alive >= meta->quorum) {
        say_leader(model, claim->server);
        say_quorum(model, TRI_YES);
        say_survival(model);
        return;
    }
    bool may_reach = is_young(model, claim) && meta->alive + unheard_of(claim) >= meta->quorum;
    say_leader(model, ROW_NONE);
    say_quorum(model, may_reach ? TRI_UNKNOWN : TRI_NO);
}

void view_meta(const struct model *model, struct meta_view *out)
{
    const struct meta_state *meta = &model->meta;
    memset(out, 0, sizeof(*out));
    int64_t age = meta->judged_mono_ns == NEVER ? -1 : model->mono_ns - meta->judged_mono_ns;
    enum trust trust = meta->size == 0          ? TRUST_UNKNOWN
                       : meta->is_alive_counted ? TRUST_LAST_KNOWN
                                                : TRUST_OK;
    out->size = (struct value){.number = meta->size, .age_ns = age, .trust = trust};
    out->quorum = (struct value){.number = meta->quorum, .age_ns = age, .trust = trust};
    out->alive = (struct value){.number = meta->alive, .age_ns = age, .trust = trust};
    if (meta->is_alive_counted && meta->size > 0) {
        out->alive.age_ns = 0; /* our own count, now; what it lacks is the leader's word */
    }
    out->has_quorum = meta->has_quorum;
    out->leader_age_ns = age;
    out->for_ns = model->mono_ns - meta->since.mono_ns;
    if (meta->leader != ROW_NONE) {
        out->leader = model->servers[meta->leader].name;
        out->leader_region = model->regions[model->servers[meta->leader].region].name;
    }
    if (meta->last_leader != ROW_NONE) {
        out->last_leader = model->servers[meta->last_leader].name;
    }
}

enum tri view_meta_survives(const struct model *model, size_t region_index)
{
    return judge_survives(model, (uint32_t)region_index);
}
