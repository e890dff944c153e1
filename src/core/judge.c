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

#include "forget.h"
#include "model_impl.h"

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

/* The link is as old as its oldest connection: younger than before means that it was gone. */
static void note_healing(const struct model *model, struct link_row *link)
{
    int64_t oldest = NEVER;
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *row = &model->servers[i];
        for (uint32_t g = 0; row->region == link->from && g < row->gateway_count; g++) {
            const struct gateway_row *gateway = &row->gateways[g];
            bool is_it = gateway->remote == link->to && gateway->is_up;
            if (is_it && (oldest == NEVER || gateway->up_mono_ns < oldest)) {
                oldest = gateway->up_mono_ns;
            }
        }
    }
    link->healed_mono_ns = oldest > link->healed_mono_ns ? oldest : link->healed_mono_ns;
}

static void judge_link(struct model *model, struct link_row *link)
{
    enum link_state state = state_of_link(model, link);
    enum link_state before = link->state;
    if (state != before) {
        link->state = state;
        model_begin_since(model, &link->since);
        note_healing(model, link);
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

/* ---- all of it ---- */

void judge_all(struct model *model)
{
    for (uint32_t i = 0; i < model->server_order_count; i++) {
        judge_server(model, model->server_order[i]);
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
        forget_sweep(model);
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
