/*
 * status_judge.c - the exit code, and the witnesses of a region.
 *
 * Why:   scripts act on one number; it must never be 0 while something is wrong or not known.
 * How:   each rule raises the code; critical outranks unknown, unknown outranks warning.
 * Rules: only reads views.
 * See:   docs/STATUS.md "Exit codes"
 */
#include "status.h"

#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"

struct judgement {
    enum status_exit code;
    char *why;
    size_t why_bytes;
};

static int rank(enum status_exit code)
{
    switch (code) {
    case STATUS_OK:
        return 0;
    case STATUS_WARNING:
        return 1;
    case STATUS_UNKNOWN:
        return 2;
    case STATUS_CRITICAL:
        return 3;
    }
    return 3;
}

static void raise_to(struct judgement *out, enum status_exit code, const char *what,
                     const char *state)
{
    if (rank(code) > rank(out->code)) {
        out->code = code;
        snprintf(out->why, out->why_bytes, "%s%s%s", what, state[0] != '\0' ? " " : "", state);
    }
}

static enum status_exit exit_of_verdict(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_OK:
        return STATUS_OK;
    case VERDICT_DEGRADED:
    case VERDICT_SUSPECT:
        return STATUS_WARNING;
    case VERDICT_FLAPPING:
    case VERDICT_PARTITION:
    case VERDICT_UNREACHABLE:
    case VERDICT_DOWN:
        return STATUS_CRITICAL;
    case VERDICT_BLIND:
    case VERDICT_UNKNOWN:
        return STATUS_UNKNOWN;
    }
    return STATUS_UNKNOWN;
}

static void judge_regions(const struct model *model, struct judgement *out)
{
    char what[VIEW_REASON_BYTES];
    size_t answering = 0;
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view region;
        view_region(model, i, &region);
        answering += region.servers_up > 0;
        snprintf(what, sizeof(what), "region %s", region.name);
        raise_to(out, exit_of_verdict(region.verdict), what,
                 name_of(&names_verdict, region.verdict));
    }
    if (answering == 0) {
        raise_to(out, STATUS_UNKNOWN, "nothing configured answers", "");
    }
}

static void judge_links(const struct model *model, struct judgement *out)
{
    char what[VIEW_REASON_BYTES];
    for (size_t i = 0; i < view_links(model); i++) {
        struct link_view link;
        view_link(model, i, &link);
        if (link.state == LINK_DOWN || link.state == LINK_DEGRADED) {
            snprintf(what, sizeof(what), "link %s->%s", link.from, link.to);
            raise_to(out, STATUS_WARNING, what, name_of(&names_link_state, link.state));
        }
    }
}

/* Does any server that we know have it? Without JetStream there is no quorum to know. */
static bool has_jetstream(const struct model *model)
{
    for (size_t i = 0; i < view_servers(model); i++) {
        struct server_view server;
        view_server(model, i, &server);
        if (server.has_jetstream) {
            return true;
        }
    }
    return false;
}

static void judge_meta(const struct model *model, struct judgement *out)
{
    struct meta_view meta;
    char what[VIEW_REASON_BYTES];
    view_meta(model, &meta);
    if (meta.has_quorum == TRI_NO) {
        raise_to(out, STATUS_CRITICAL, "JetStream quorum lost", "");
    } else if (meta.has_quorum == TRI_UNKNOWN && has_jetstream(model)) {
        raise_to(out, STATUS_UNKNOWN, "JetStream quorum not known", "");
    }
    if (meta.alive.trust == TRUST_OK && meta.alive.number < meta.size.number) {
        snprintf(what, sizeof(what), "%lld of %lld JetStream peers silent",
                 (long long)(meta.size.number - meta.alive.number), (long long)meta.size.number);
        raise_to(out, STATUS_WARNING, what, "");
    }
    for (size_t i = 0; i < view_regions(model); i++) {
        if (view_meta_survives(model, i) == TRI_NO) {
            struct region_view region;
            view_region(model, i, &region);
            snprintf(what, sizeof(what), "quorum would not survive the loss of %s", region.name);
            raise_to(out, STATUS_WARNING, what, "");
        }
    }
}

/* A lag that cannot be told any more counts by how long the mirror has not heard of its origin. */
static bool is_over(const struct mirror_view *mirror, int64_t lag_warn_ns)
{
    if (mirror->state == MIRROR_UNKNOWN || mirror->state == MIRROR_STALLED ||
        mirror->state == MIRROR_ASLEEP) {
        return true; /* a mirror that copies nothing is not well, however little it lacks */
    }
    bool is_late = mirror->lag_ns.trust != TRUST_UNKNOWN && mirror->lag_ns.number > lag_warn_ns;
    bool is_silent = mirror->state != MIRROR_CAUGHT_UP && mirror->state != MIRROR_BEHIND &&
                     mirror->contact_ns.trust != TRUST_UNKNOWN &&
                     mirror->contact_ns.number > lag_warn_ns;
    return is_late || is_silent;
}

static void judge_mirrors(const struct model *model, int64_t lag_warn_ns, struct judgement *out)
{
    char what[VIEW_REASON_BYTES];
    for (size_t i = 0; i < view_mirrors(model) && rank(out->code) < rank(STATUS_WARNING); i++) {
        struct mirror_view mirror;
        view_mirror(model, i, &mirror);
        if (is_over(&mirror, lag_warn_ns)) {
            snprintf(what, sizeof(what), "mirror %.70s", mirror.stream);
            raise_to(out, STATUS_WARNING, what,
                     mirror.state == MIRROR_UNKNOWN || mirror.state == MIRROR_STALLED ||
                             mirror.state == MIRROR_ASLEEP
                         ? name_of(&names_mirror_state, mirror.state)
                         : "over the lag objective");
        }
    }
}

static void judge_overflow(const struct model *model, struct judgement *out)
{
    struct model_overflow lost = model_overflow(model);
    if (lost.regions + lost.servers + lost.streams + lost.mirrors + lost.memory > 0) {
        raise_to(out, STATUS_WARNING, "not everything found room: see overflow", "");
    }
}

enum status_exit status_judge(const struct model *model, int64_t lag_warn_ns, char *why,
                              size_t why_bytes)
{
    struct judgement out = {STATUS_OK, why, why_bytes};
    struct session_view session;
    text_copy(why, why_bytes, "all is well");
    view_session(model, &session);
    if (session.own_link == VERDICT_BLIND) {
        raise_to(&out, STATUS_UNKNOWN, "our own link fails: nothing is concluded", "");
    }
    judge_regions(model, &out);
    judge_meta(model, &out);
    judge_links(model, &out);
    judge_overflow(model, &out);
    judge_mirrors(model, lag_warn_ns, &out);
    return out.code;
}

const char *witness_word(enum witness_says says)
{
    switch (says) {
    case WITNESS_UNKNOWN:
        return "UNKNOWN";
    case WITNESS_UP:
        return "UP";
    case WITNESS_SILENT:
        return "SILENT";
    }
    return "UNKNOWN";
}

/* Servers of a region that are up, by which way, and the age of the youngest answer. */
struct answers {
    unsigned known, up_own, up_other;
    int64_t age_own_ns, age_other_ns;
};

static void count_answers(const struct model *model, const char *region, struct answers *out)
{
    memset(out, 0, sizeof(*out));
    out->age_own_ns = -1;
    out->age_other_ns = -1;
    for (size_t i = 0; i < view_servers(model); i++) {
        struct server_view server;
        view_server(model, i, &server);
        if (!text_equal(server.region, region)) {
            continue;
        }
        int64_t *age = server.is_via_other ? &out->age_other_ns : &out->age_own_ns;
        out->known++;
        if (server.age_ns >= 0 && (*age < 0 || server.age_ns < *age)) {
            *age = server.age_ns;
        }
        if (server.state == SERVER_UP) {
            *(server.is_via_other ? &out->up_other : &out->up_own) += 1;
        }
    }
}

static void witness_connection(const struct region_view *region, const struct answers *answers,
                               struct status_witness *out)
{
    snprintf(out->name, sizeof(out->name), "connection %s", region->name);
    out->class = 'A';
    out->age_ns = region->conn == CONN_UP ? answers->age_own_ns : -1;
    out->says = region->conn == CONN_UP                              ? WITNESS_UP
                : region->conn == CONN_LOST                          ? WITNESS_SILENT
                : region->conn_reason != NULL && region->servers > 0 ? WITNESS_SILENT
                                                                     : WITNESS_UNKNOWN;
    snprintf(out->detail, sizeof(out->detail), "%s%s%s", name_of(&names_conn_state, region->conn),
             region->conn_reason != NULL ? ": " : "",
             region->conn_reason != NULL ? region->conn_reason : "");
}

static void witness_servers(const struct region_view *region, const struct answers *answers,
                            bool is_own, struct status_witness *out)
{
    unsigned up = is_own ? answers->up_own : answers->up_other;
    snprintf(out->name, sizeof(out->name), is_own ? "servers %s" : "servers %s by another region",
             region->name);
    out->class = is_own ? 'A' : 'B';
    out->age_ns = is_own ? answers->age_own_ns : answers->age_other_ns;
    out->says = up > 0 ? WITNESS_UP : answers->known > 0 ? WITNESS_SILENT : WITNESS_UNKNOWN;
    snprintf(out->detail, sizeof(out->detail), "%u of %u answer", up, answers->known);
}

static void witness_gateway(const struct model *model, const struct link_view *link,
                            struct status_witness *out)
{
    struct answers answers;
    count_answers(model, link->from, &answers);
    snprintf(out->name, sizeof(out->name), "gateway %s->%s", link->from, link->to);
    out->class = 'B';
    out->age_ns = answers.age_own_ns >= 0 ? answers.age_own_ns : answers.age_other_ns;
    out->says = link->state == LINK_UNKNOWN ? WITNESS_UNKNOWN
                : link->state == LINK_DOWN  ? WITNESS_SILENT
                                            : WITNESS_UP;
    snprintf(out->detail, sizeof(out->detail), "%u of %u servers have an outbound",
             link->servers_up, link->servers);
}

size_t status_witnesses(const struct model *model, size_t region_index,
                        struct status_witness out[STATUS_WITNESSES])
{
    struct region_view region;
    struct answers answers;
    size_t count = 0;
    view_region(model, region_index, &region);
    count_answers(model, region.name, &answers);
    if (region.is_configured) {
        witness_connection(&region, &answers, &out[count++]);
    }
    witness_servers(&region, &answers, true, &out[count++]);
    if (answers.up_other > 0 || answers.age_other_ns >= 0) {
        witness_servers(&region, &answers, false, &out[count++]);
    }
    for (size_t i = 0; i < view_links(model) && count < STATUS_WITNESSES; i++) {
        struct link_view link;
        view_link(model, i, &link);
        if (text_equal(link.to, region.name)) {
            witness_gateway(model, &link, &out[count++]);
        }
    }
    return count;
}
