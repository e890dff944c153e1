/*
 * judge_region.c - a region's state from its servers' silence and the other regions' gateways.
 *
 * Why:   a region that is silent to us may be dead, or our own link may be.
 * Rules: CONTRACTS 4. A link counts against the region at whose end the trouble is: the neighbours
 *        of a silent region are well. Trouble shorter than an interval is a reply on its way.
 * See:   judge.c; tests/unit/core/test_model_regions.c
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
    uint32_t links_new;               /* of regions that began to answer just now */
    uint32_t links_broken;            /* with regions that answer, either way */
    const char *broken_peer;
};

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

bool judge_answers(const struct model *model, uint32_t region)
{
    return model->regions[region].last_mono_ns != NEVER &&
           model_age(model, model->regions[region].last_mono_ns) <= MISSES * model->interval_ns;
}

bool judge_is_in_doubt(const struct region_row *row)
{
    return row->verdict >= VERDICT_SUSPECT && row->verdict <= VERDICT_DOWN;
}

/* Gateways of a region that came back take a moment more than its answers. */
static bool is_new(const struct model *model, const struct region_row *region)
{
    return model_age(model, region->back_mono_ns) < RETURN_NS;
}

/*
 * Is a link broken for longer than an answer takes, with a region that is well otherwise? It has to
 * have answered well after the link broke: a dying one is silent before it is suspected.
 */
static bool is_trouble(const struct model *model, const struct link_row *link,
                       const struct region_row *other)
{
    bool is_broken = link->state == LINK_DOWN || link->state == LINK_DEGRADED;
    return is_broken && !judge_is_in_doubt(other) &&
           other->last_mono_ns >= link->since.mono_ns + model->interval_ns / 2 &&
           model_age(model, link->since.mono_ns) > model->interval_ns && !is_new(model, other);
}

static void hear_links(const struct model *model, uint32_t region, struct testimony *out)
{
    for (uint32_t i = 0; i < model->link_count; i++) {
        const struct link_row *link = &model->links[i];
        uint32_t other = link->from == region ? link->to : link->from;
        if ((link->from != region && link->to != region) || !judge_answers(model, other)) {
            continue;
        }
        if (link->to == region && link->state != LINK_UNKNOWN) {
            out->links_to++;
            out->links_to_down += link->state == LINK_DOWN ? 1 : 0;
            out->links_new += is_new(model, &model->regions[other]) ? 1 : 0;
        }
        if (is_trouble(model, link, &model->regions[other])) {
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
    if (heard->links_to > 0 && heard->links_to_down == heard->links_to) {
        reason_put(row, "; ");
        reason_put_count(row, heard->links_to_down, heard->links_to);
        reason_put(row, " other regions have no gateway to it");
    } else if (heard->links_broken > 0) {
        reason_put(row, "; gateway trouble with ");
        reason_put(row, heard->broken_peer);
    }
    bool is_said = is_cut_off(model, row, heard);
    if (heard->up > 0 && row->is_configured && row->conn != CONN_UP && !is_said) {
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
    bool is_shunned =
        heard->links_to > 0 && heard->links_to_down == heard->links_to && heard->links_new == 0;
    bool is_whole = heard->up == heard->known && heard->links_broken == 0 && !is_shunned;
    return is_whole ? VERDICT_OK : VERDICT_DEGRADED;
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
    if (judge_is_in_doubt(row)) {
        row->back_mono_ns = model->mono_ns;
    }
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
