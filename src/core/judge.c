/*
 * judge.c - states of servers, links and regions from samples.
 *
 * Why:   silence is not an event; who does not answer is found by the tick that judges everything.
 * How:   server: by the age of its last answer. Link A->B: by how many answering servers of A list
 * an outbound to B. Region: by its servers' silence and the other regions' gateways. Rules: a state
 * change is logged once, with what it rests on. Time in which this process stood still counts for
 * nothing (model_age). What is not known is UNKNOWN, never OK. Source CONTRACTS 4;
 * docs/ARCHITECTURE.md "Judging".
 */
#include <string.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"
#include "model_impl.h"

#define FRESH_LIFE_NS (10 * INT64_C(1000000000)) /* CONTRACTS 4: never DOWN while younger */

/* What the servers and links around a region say. */
struct testimony {
    uint32_t known, up, stale, bye;
    uint32_t links_to, links_to_down; /* other answering regions' links to it */
    uint32_t links_broken;            /* with regions that answer, either way */
    const char *broken_peer;
};

int64_t judge_streams_interval(const struct model *model, uint32_t region)
{
    int64_t own = region != ROW_NONE ? model->regions[region].streams_interval_ns : 0;
    return own > model->interval_ns ? own : model->interval_ns;
}

/* ---- servers ---- */

bool judge_is_silent(const struct model *model, const struct server_row *row)
{
    return model_age(model, row->last_mono_ns) > MISSES * model->interval_ns;
}

static enum server_state state_of_server(const struct model *model, const struct server_row *row)
{
    if (row->has_said_bye) {
        return SERVER_GONE;
    }
    if (row->last_mono_ns == NEVER) {
        return SERVER_UNKNOWN;
    }
    if (!judge_is_silent(model, row)) {
        return SERVER_UP;
    }
    return model_age(model, row->last_mono_ns) < SERVER_DOWN_NS ? SERVER_STALE : SERVER_DOWN;
}

void judge_server(struct model *model, uint32_t server)
{
    struct server_row *row = &model->servers[server];
    enum server_state state = state_of_server(model, row);
    if (state == row->state) {
        return;
    }
    enum server_state before = row->state;
    row->state = state;
    model_begin_since(model, &row->since);
    if (state == SERVER_GONE) {
        CHANGE(model, SEV_WARN, "server ", row->name, " said goodbye: it was stopped");
    } else if (before == SERVER_UNKNOWN && state == SERVER_UP) {
        CHANGE(model, SEV_INFO, "server ", row->name, " answers, version ",
               row->version != NULL ? row->version : "?");
    } else {
        CHANGE(model, severity_of_server(state), "server ", row->name, " ",
               name_of(&names_server_state, before), " -> ", name_of(&names_server_state, state));
    }
}

/* ---- links ---- */

static bool has_outbound(const struct server_row *row, uint32_t remote)
{
    for (uint32_t i = 0; i < row->gateway_count; i++) {
        if (row->gateways[i].remote == remote) {
            return row->gateways[i].is_up;
        }
    }
    return false;
}

static enum link_state state_of_link(const struct model *model, const struct link_row *link)
{
    uint32_t answering = 0;
    uint32_t connected = 0;
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *row = &model->servers[i];
        bool is_fresh = model_age(model, row->gateways_mono_ns) <= MISSES * model->interval_ns;
        if (row->region != link->from || row->state != SERVER_UP || !is_fresh) {
            continue;
        }
        answering++;
        connected += has_outbound(row, link->to) ? 1 : 0;
    }
    if (answering == 0) {
        return LINK_UNKNOWN;
    }
    return connected == answering ? LINK_UP : connected > 0 ? LINK_DEGRADED : LINK_DOWN;
}

static char bar_of_link(enum link_state state)
{
    static const char bars[] = {
        [LINK_UNKNOWN] = '?', [LINK_UP] = '#', [LINK_DEGRADED] = '+', [LINK_DOWN] = '.'};
    return bars[state];
}

/* The worst of a step is kept: a link that was down for a second must be seen. */
static void draw_bar(const struct model *model, struct link_row *link)
{
    static const char order[] = " #?+.";
    int64_t step = model->mono_ns / STEP_NS;
    for (int64_t n = 0; link->bar_step < step && n < STEPS; n++, link->bar_step++) {
        memmove(link->bar, link->bar + 1, STEPS - 1);
        link->bar[STEPS - 1] = ' ';
    }
    link->bar_step = step;
    char now = bar_of_link(link->state);
    const char *shown = strchr(order, link->bar[STEPS - 1]);
    if (shown == NULL || strchr(order, now) > shown) {
        link->bar[STEPS - 1] = now;
    }
}

static void judge_link(struct model *model, struct link_row *link)
{
    enum link_state state = state_of_link(model, link);
    enum link_state before = link->state;
    if (state != before) {
        link->state = state;
        model_begin_since(model, &link->since);
        if (state == LINK_UP && before != LINK_UNKNOWN) {
            link->healed_mono_ns = model->mono_ns;
        }
        const char *from = model->regions[link->from].name;
        const char *to = model->regions[link->to].name;
        CHANGE(model, severity_of_link(state), "gateway ", from, " -> ", to, "  ",
               name_of(&names_link_state, before), " -> ", name_of(&names_link_state, state));
    }
    draw_bar(model, link);
}

void judge_links_of(struct model *model, uint32_t region)
{
    for (uint32_t i = 0; i < model->link_count; i++) {
        if (model->links[i].from == region) {
            judge_link(model, &model->links[i]);
        }
    }
}

/* ---- regions ---- */

static void hear_servers(const struct model *model, uint32_t region, struct testimony *out)
{
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *row = &model->servers[i];
        if (row->region != region) {
            continue;
        }
        out->known++;
        out->up += row->state == SERVER_UP ? 1 : 0;
        out->stale += row->state == SERVER_STALE ? 1 : 0;
        out->bye += row->state == SERVER_GONE ? 1 : 0;
    }
}

static bool answers(const struct model *model, uint32_t region)
{
    return model->regions[region].last_mono_ns != NEVER &&
           model_age(model, model->regions[region].last_mono_ns) <= MISSES * model->interval_ns;
}

static void hear_links(const struct model *model, uint32_t region, struct testimony *out)
{
    for (uint32_t i = 0; i < model->link_count; i++) {
        const struct link_row *link = &model->links[i];
        uint32_t other = link->from == region ? link->to : link->from;
        if ((link->from != region && link->to != region) || !answers(model, other)) {
            continue;
        }
        if (link->to == region && link->state != LINK_UNKNOWN) {
            out->links_to++;
            out->links_to_down += link->state == LINK_DOWN ? 1 : 0;
        }
        if (link->state == LINK_DOWN || link->state == LINK_DEGRADED) {
            out->links_broken++;
            out->broken_peer = model->regions[other].name;
        }
    }
}

static void reason_put(struct region_row *row, const char *text)
{
    size_t length = strlen(row->reason);
    text_copy(row->reason + length, sizeof(row->reason) - length, text);
}

static void reason_put_count(struct region_row *row, uint32_t count, uint32_t of)
{
    char digits[NUMBER_TEXT_BYTES];
    number_print_u64(digits, count);
    reason_put(row, digits);
    reason_put(row, "/");
    number_print_u64(digits, of);
    reason_put(row, digits);
}

/* Our connection broke and no other region reaches it: no need to wait for three misses. */
static bool is_cut_off(const struct model *model, const struct region_row *row,
                       const struct testimony *heard)
{
    bool is_all_down = heard->links_to > 0 && heard->links_to_down == heard->links_to;
    return row->is_configured && row->conn != CONN_UP && row->conn_mono_ns != NEVER &&
           is_all_down && row->last_mono_ns <= row->conn_mono_ns + model->interval_ns / 2;
}

static void give_reason(const struct model *model, struct region_row *row,
                        const struct testimony *heard)
{
    row->reason[0] = '\0';
    if (heard->known == 0) {
        reason_put(row, "no server has answered yet");
    } else if (heard->bye == heard->known) {
        reason_put(row, "all servers were stopped and said goodbye");
    } else if (is_cut_off(model, row, heard)) {
        reason_put(row, "our connection broke");
    } else {
        reason_put_count(row, heard->up, heard->known);
        reason_put(row, " servers answer");
    }
    if (heard->links_to > 0 && heard->links_to_down > 0) {
        reason_put(row, "; ");
        reason_put_count(row, heard->links_to_down, heard->links_to);
        reason_put(row, " other regions have no gateway to it");
    } else if (heard->links_broken > 0) {
        reason_put(row, "; gateway trouble with ");
        reason_put(row, heard->broken_peer);
    }
    if (heard->up > 0 && row->is_configured && row->conn != CONN_UP) {
        reason_put(row, "; our own connection is down");
    }
}

/* Is nothing at all heard from anywhere, after something was? Then it may be our own link. */
bool judge_is_deaf(const struct model *model)
{
    return model->last_answer_mono_ns != NEVER &&
           model_age(model, model->last_answer_mono_ns) > MISSES * model->interval_ns;
}

/* Deaf, or heard again for too short a time that all could have answered. */
static bool is_blind(const struct model *model)
{
    return judge_is_deaf(model) ||
           model_age(model, model->hearing_mono_ns) <= MISSES * model->interval_ns;
}

static bool has_fresh_life(const struct model *model, const struct region_row *row)
{
    int64_t fresh_ns = model->hold_ns < FRESH_LIFE_NS ? model->hold_ns : FRESH_LIFE_NS;
    return model_age(model, row->life_mono_ns) < fresh_ns;
}

static enum verdict verdict_of_silence(const struct model *model, struct region_row *row,
                                       const struct testimony *heard)
{
    if (is_blind(model) && heard->bye != heard->known) {
        row->suspect_mono_ns = NEVER; /* the hold counts only what we could have heard */
        return VERDICT_BLIND;
    }
    bool is_all_down = heard->links_to > 0 && heard->links_to_down == heard->links_to;
    if (heard->known == 0 && !is_all_down) {
        return VERDICT_UNKNOWN;
    }
    if (row->suspect_mono_ns == NEVER) {
        row->suspect_mono_ns = model->mono_ns;
    }
    bool is_held =
        model_age(model, row->suspect_mono_ns) >= model->hold_ns && !has_fresh_life(model, row);
    return is_held && is_all_down ? VERDICT_DOWN : VERDICT_SUSPECT;
}

static enum verdict verdict_of(const struct model *model, struct region_row *row,
                               const struct testimony *heard)
{
    if (heard->up == 0 || is_cut_off(model, row, heard)) {
        return verdict_of_silence(model, row, heard);
    }
    row->suspect_mono_ns = NEVER;
    return heard->up < heard->known || heard->links_broken > 0 ? VERDICT_DEGRADED : VERDICT_OK;
}

static void judge_region(struct model *model, uint32_t region)
{
    struct region_row *row = &model->regions[region];
    struct testimony heard = {0};
    hear_servers(model, region, &heard);
    hear_links(model, region, &heard);
    give_reason(model, row, &heard);
    enum verdict verdict = verdict_of(model, row, &heard);
    if (verdict == row->verdict) {
        return;
    }
    enum verdict before = row->verdict;
    row->verdict = verdict;
    model_begin_since(model, &row->since);
    CHANGE(model, severity_of_verdict(verdict), "region ", row->name, " ",
           name_of(&names_verdict, before), " -> ", name_of(&names_verdict, verdict), "  (",
           row->reason, ")");
}

void judge_regions(struct model *model)
{
    for (uint32_t i = 0; i < model->region_count; i++) {
        judge_region(model, i);
    }
}

void judge_all(struct model *model)
{
    for (uint32_t i = 0; i < model->server_count; i++) {
        judge_server(model, i);
    }
    for (uint32_t i = 0; i < model->region_count; i++) {
        judge_links_of(model, i);
    }
    judge_meta(model);
    judge_regions(model);
    /* Mirrors may be 10,000: once a second is enough for what only silence changes. */
    if (model->judged_mirrors_ns == NEVER ||
        model->mono_ns - model->judged_mirrors_ns >= model->interval_ns) {
        model->judged_mirrors_ns = model->mono_ns;
        for (uint32_t i = 0; i < model->mirror_count; i++) {
            judge_mirror(model, i);
        }
    }
}

/* ---- severities ---- */

enum severity severity_of_verdict(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_OK:
        return SEV_OK;
    case VERDICT_DEGRADED:
    case VERDICT_SUSPECT:
        return SEV_WARN;
    case VERDICT_FLAPPING:
    case VERDICT_PARTITION:
    case VERDICT_UNREACHABLE:
    case VERDICT_DOWN:
        return SEV_CRIT;
    case VERDICT_BLIND:
    case VERDICT_UNKNOWN:
        return SEV_UNKNOWN;
    }
    return SEV_UNKNOWN;
}

enum severity severity_of_server(enum server_state state)
{
    switch (state) {
    case SERVER_UP:
        return SEV_OK;
    case SERVER_STALE:
    case SERVER_GONE:
        return SEV_WARN;
    case SERVER_DOWN:
        return SEV_CRIT;
    case SERVER_UNKNOWN:
        return SEV_UNKNOWN;
    }
    return SEV_UNKNOWN;
}

enum severity severity_of_link(enum link_state state)
{
    switch (state) {
    case LINK_UP:
        return SEV_OK;
    case LINK_DEGRADED:
        return SEV_WARN;
    case LINK_DOWN:
        return SEV_CRIT;
    case LINK_UNKNOWN:
        return SEV_UNKNOWN;
    }
    return SEV_UNKNOWN;
}

enum severity severity_of_mirror(enum mirror_state state)
{
    switch (state) {
    case MIRROR_CAUGHT_UP:
        return SEV_OK;
    case MIRROR_BEHIND:
    case MIRROR_ASLEEP:
        return SEV_WARN;
    case MIRROR_STALLED:
    case MIRROR_LAST_KNOWN:
        return SEV_CRIT;
    case MIRROR_UNKNOWN:
        return SEV_UNKNOWN;
    }
    return SEV_UNKNOWN;
}
