/*
 * readiness_regions.c - regions, the meta group's quorum, and versions.
 *
 * Why:   a promotion is a meta operation: without a quorum after the primary's death there is none.
 * Rules: two regions of equal size lose the quorum with either; an arbiter cures that. Servers from
 *        2.15 on have a rescue, which works only where every one of them is new enough.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "readiness_impl.h"

/* ---- regions ---- */

static enum ready_result result_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_OK:
        return READY_GO;
    case VERDICT_DEGRADED:
    case VERDICT_SUSPECT:
        return READY_WARN;
    case VERDICT_FLAPPING:
    case VERDICT_PARTITION:
    case VERDICT_UNREACHABLE:
    case VERDICT_DOWN:
        return READY_STOP;
    case VERDICT_BLIND:
    case VERDICT_UNKNOWN:
        break;
    }
    return READY_UNKNOWN;
}

static void judge_region(struct judge *judge, const struct region_view *region)
{
    struct ready_number up;
    struct ready_number all;
    enum ready_result result = result_of(region->verdict);
    if (result == READY_GO && region->conn != CONN_UP) {
        ITEM(judge, READY_WARN, region->name, "answers only through another region: ",
             region->conn_reason != NULL ? region->conn_reason : "no connection of our own");
        return;
    }
    ITEM(judge, result, region->name, name_of(&names_verdict, region->verdict), ", ",
         ready_print(&up, region->servers_up), " of ", ready_print(&all, region->servers),
         " servers answer", region->reason[0] != '\0' && result != READY_GO ? ": " : "",
         result != READY_GO ? region->reason : "");
}

void ready_check_regions(struct judge *judge)
{
    struct session_view session;
    uint32_t configured = 0;
    view_session(judge->model, &session);
    for (size_t i = 0; i < view_regions(judge->model); i++) {
        struct region_view region;
        view_region(judge->model, i, &region);
        if (region.is_configured) {
            configured++;
            judge_region(judge, &region);
        }
    }
    struct ready_number well;
    struct ready_number all;
    ready_rests_on(judge, session.data_age_ns);
    EVIDENCE(judge, ready_print(&well, ready_count(judge, READY_GO)), " of ",
             ready_print(&all, configured), " regions are OK");
    if (judge->primary == NULL || judge->standby == NULL) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, "; the configuration names no ",
                 judge->primary == NULL ? "primary" : "standby");
    }
    if (judge->check->result != READY_GO) {
        REMEDY(judge, "see `farshore status` for what each region's verdict rests on");
    }
}

/* ---- versions ---- */

bool ready_parse_version(const char *text, struct ready_version *out)
{
    int64_t *const parts[] = {&out->major, &out->minor, &out->patch};
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; text != NULL && i < 3; i++) {
        size_t digits = 0;
        while (text[digits] >= '0' && text[digits] <= '9') {
            digits++;
        }
        if (!number_parse_i64(text, digits, parts[i])) {
            return false;
        }
        text += digits;
        if (i < 2) {
            if (*text != '.') {
                return false;
            }
            text++;
        }
    }
    return text != NULL;
}

int ready_compare_version(const struct ready_version *a, const struct ready_version *b)
{
    const int64_t left[] = {a->major, a->minor, a->patch};
    const int64_t right[] = {b->major, b->minor, b->patch};
    for (size_t i = 0; i < 3; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

static bool is_at_least(const struct ready_version *version, int64_t major, int64_t minor,
                        int64_t patch)
{
    return ready_compare_version(version, &(struct ready_version){major, minor, patch}) >= 0;
}

bool ready_lowest_version(const struct judge *judge, struct ready_version *out, const char **text)
{
    bool is_whole = view_servers(judge->model) > 0;
    struct meta_view meta;
    int64_t known = 0;
    *text = NULL;
    view_meta(judge->model, &meta);
    for (size_t i = 0; i < view_servers(judge->model); i++) {
        struct server_view server;
        struct ready_version version;
        view_server(judge->model, i, &server);
        if (!ready_parse_version(server.version, &version)) {
            is_whole = false;
            continue;
        }
        known++;
        if (*text == NULL || ready_compare_version(&version, out) < 0) {
            *out = version;
            *text = server.version;
        }
    }
    return is_whole && *text != NULL && meta.size.trust != TRUST_UNKNOWN &&
           known >= meta.size.number;
}

/* Servers that stop at the lowest version, as a list of at most three names. */
static void say_servers_of(struct judge *judge, const char *version)
{
    struct ready_number room;
    uint32_t count = 0;
    for (size_t i = 0; i < view_servers(judge->model); i++) {
        struct server_view server;
        view_server(judge->model, i, &server);
        if (text_equal(server.version, version)) {
            count++;
            if (count <= 3) {
                EVIDENCE(judge, count > 1 ? ", " : "", server.name);
            }
        }
    }
    if (count > 3) {
        EVIDENCE(judge, " and ", ready_print(&room, (int64_t)count - 3), " more");
    }
}

static void judge_lowest(struct judge *judge, const struct ready_version *lowest)
{
    if (!is_at_least(lowest, 2, 9, 0)) {
        ready_raise(judge, READY_STOP);
        EVIDENCE(judge, "; older than 2.9, which nothing here was tried on");
        REMEDY(judge, "upgrade the servers");
        return;
    }
    EVIDENCE(judge, is_at_least(lowest, 2, 12, 0) ? "; mirrors are promoted in place"
                                                  : "; mirrors are promoted through a snapshot");
    if (!is_at_least(lowest, 2, 9, 12)) {
        EVIDENCE(judge, "; before 2.9.12 a fence can be lost on return: the run's keeper holds it");
    } else if (is_at_least(lowest, 2, 12, 0) && !is_at_least(lowest, 2, 12, 7)) {
        ready_raise(judge, READY_WARN);
        EVIDENCE(judge, "; before 2.12.7 a promotion races with a change of the stream's leader");
        REMEDY(judge, "upgrade to 2.12.7 or newer");
    }
}

void ready_check_versions(struct judge *judge)
{
    struct ready_version lowest = {0};
    struct session_view session;
    const char *text = NULL;
    bool is_whole = ready_lowest_version(judge, &lowest, &text);
    view_session(judge->model, &session);
    if (text != NULL) {
        EVIDENCE(judge, "the lowest is ", text, ": ");
        say_servers_of(judge, text);
        judge_lowest(judge, &lowest);
        ready_rests_on(judge, session.data_age_ns);
    }
    if (!is_whole) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, text != NULL ? "; " : "", "not every server's version is known");
    }
}

/* ---- quorum ---- */

static bool are_all_new(const struct judge *judge, const char *without)
{
    uint32_t others = 0;
    for (size_t i = 0; i < view_servers(judge->model); i++) {
        struct server_view server;
        struct ready_version version;
        view_server(judge->model, i, &server);
        if (text_equal(server.region, without)) {
            continue;
        }
        others++;
        if (!ready_parse_version(server.version, &version) || !is_at_least(&version, 2, 15, 0)) {
            return false;
        }
    }
    return others > 0;
}

static void judge_loss(struct judge *judge, const char *region, enum tri survives)
{
    if (survives == TRI_YES) {
        ITEM(judge, READY_GO, region, "its loss leaves a quorum");
    } else if (survives == TRI_UNKNOWN) {
        ITEM(judge, READY_UNKNOWN, region, "what its loss leaves is not known");
    } else if (are_all_new(judge, region)) {
        ITEM(judge, READY_WARN, region,
             "its loss takes the quorum; `rescue` brings it back (all others are 2.15 or newer)");
    } else {
        ITEM(judge, READY_WARN, region,
             "its loss takes the quorum, and no rescue exists before 2.15: nothing could be "
             "promoted");
    }
}

static void say_leader(struct judge *judge, const struct meta_view *meta)
{
    struct ready_number alive;
    struct ready_number size;
    struct ready_number quorum;
    EVIDENCE(judge, ready_print(&alive, meta->alive.number), " of ",
             ready_print(&size, meta->size.number), " peers alive, ",
             ready_print(&quorum, meta->quorum.number), " needed");
    if (meta->leader != NULL) {
        EVIDENCE(judge, "; leader ", meta->leader);
    }
    if (text_equal(meta->leader_region, judge->primary) && judge->primary != NULL) {
        EVIDENCE(judge, " in the primary: its loss costs an election first");
    }
}

static void advise(struct judge *judge, const struct meta_view *meta)
{
    bool is_in_primary = judge->primary != NULL && text_equal(meta->leader_region, judge->primary);
    if (ready_count(judge, READY_WARN) > 0) {
        REMEDY(judge, "add an arbiter: one small JetStream server as a cluster of its own in a "
                      "third place");
    }
    if (is_in_primary) {
        REMEDY(judge, judge->check->remedy.length > 0 ? "; " : "",
               "keep the meta leader out of the primary: nats server cluster step-down --cluster ",
               judge->standby != NULL ? judge->standby : "STANDBY");
    }
}

void ready_check_quorum(struct judge *judge)
{
    struct meta_view meta;
    view_meta(judge->model, &meta);
    if (meta.size.trust == TRUST_UNKNOWN || meta.has_quorum == TRI_UNKNOWN) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, "no meta leader was heard, so that nothing is known of the quorum");
        REMEDY(judge, "observe longer, e.g. --for 15s");
        return;
    }
    ready_rests_on(judge, meta.leader_age_ns);
    if (meta.has_quorum == TRI_NO) {
        ready_raise(judge, READY_STOP);
        EVIDENCE(judge, "the quorum is lost: ");
        say_leader(judge, &meta);
        REMEDY(judge, "bring servers back, or `rescue` where all are 2.15 or newer");
        return;
    }
    say_leader(judge, &meta);
    for (size_t i = 0; i < view_regions(judge->model); i++) {
        struct region_view region;
        view_region(judge->model, i, &region);
        judge_loss(judge, region.name, view_meta_survives(judge->model, i));
    }
    advise(judge, &meta);
}
