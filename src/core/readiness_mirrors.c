/*
 * readiness_mirrors.c - are the mirrors there, whole, fresh, near, and free to take over?
 *
 * Why:   a failover promotes what is there: a stream without a mirror, or a hole in one, is lost.
 * How:   states and lags are the model's (they are asked each second); what streams exist, and what
 *        they capture, is the survey's.
 * Rules: holes are told by counts, so that they hold under load: what lies between first and last
 *        sequence and is not there, beyond what the origin itself has deleted.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "readiness_impl.h"

/* ---- coverage ---- */

static bool is_accepted(const struct judge *judge, const char *name)
{
    for (size_t i = 0; i < judge->facts->accept_loss_count; i++) {
        const char *entry = judge->facts->accept_loss[i];
        size_t length = strlen(entry);
        bool is_prefix = length > 0 && entry[length - 1] == '*';
        if (is_prefix ? strncmp(entry, name, length - 1) == 0 : strcmp(entry, name) == 0) {
            return true;
        }
    }
    return false;
}

static void judge_coverage(struct judge *judge, const struct ready_stream *origin)
{
    char name[READY_NAME_BYTES];
    const struct ready_stream *copy = ready_copy_of(judge, origin);
    ready_stream_name(name, origin->account, origin->name);
    if (copy != NULL) {
        ITEM(judge, READY_GO, name, copy->origin != NULL ? "mirror " : "sourced by ", copy->name);
    } else if (is_accepted(judge, name)) {
        ITEM(judge, READY_GO, name, "no mirror; its loss is accepted by the configuration");
    } else {
        ITEM(judge, READY_STOP, name, "no mirror in ", judge->standby, ": it would be lost whole");
    }
}

void ready_check_coverage(struct judge *judge)
{
    struct ready_number lost;
    struct ready_number all;
    if (!ready_need_region(judge, judge->primary) || !ready_need_region(judge, judge->standby)) {
        return;
    }
    for (uint32_t i = 0; i < judge->facts->stream_count; i++) {
        if (ready_is_origin(judge, &judge->facts->streams[i])) {
            judge_coverage(judge, &judge->facts->streams[i]);
        }
    }
    uint32_t stops = ready_count(judge, READY_STOP);
    EVIDENCE(judge, ready_print(&all, judge->check->item_count), " streams in ", judge->primary,
             ", ", ready_print(&lost, stops), " without a mirror and not accepted");
    if (stops > 0) {
        REMEDY(judge, "mirror them in ", judge->standby,
               ", or list them under objectives.accept_loss");
    }
}

/* ---- complete ---- */

/* What is missing between its first and last message. */
static int64_t inner_holes(const struct ready_stream *stream)
{
    if (stream->msgs == 0 || stream->last_seq < stream->first_seq) {
        return 0;
    }
    uint64_t span = stream->last_seq - stream->first_seq + 1;
    uint64_t msgs = (uint64_t)stream->msgs;
    return span > msgs && span - msgs < INT64_MAX ? (int64_t)(span - msgs) : 0;
}

/* Messages of the origin, of those that the mirror has passed, that the mirror has not. */
static int64_t holes_of(const struct ready_stream *origin, const struct ready_stream *mirror)
{
    if (origin->msgs == 0 || mirror->last_seq < origin->first_seq) {
        return 0; /* nothing to have yet: that is lag */
    }
    if (mirror->msgs == 0) {
        uint64_t passed = mirror->last_seq - origin->first_seq + 1;
        return passed < (uint64_t)origin->msgs ? (int64_t)passed : origin->msgs;
    }
    int64_t more = inner_holes(mirror) - inner_holes(origin);
    int64_t head = 0;
    if (mirror->first_seq > origin->first_seq) {
        uint64_t gap = mirror->first_seq - origin->first_seq;
        head = gap < (uint64_t)origin->msgs ? (int64_t)gap : origin->msgs;
    }
    return (more > 0 ? more : 0) + head;
}

static void judge_complete(struct judge *judge, const struct ready_stream *mirror)
{
    char name[READY_NAME_BYTES];
    struct ready_number missing;
    const struct ready_stream *origin = ready_origin_of(judge, mirror);
    ready_stream_name(name, mirror->account, mirror->name);
    if (origin == NULL || !ready_has_region(judge, origin->region)) {
        ITEM(judge, READY_UNKNOWN, name, "its origin ", mirror->origin, " told nothing");
        return;
    }
    int64_t holes = holes_of(origin, mirror);
    if (holes > 0) {
        ITEM(judge, READY_WARN, name, "lacks ", ready_print(&missing, holes), " messages of ",
             origin->name, " beside its lag");
    } else {
        ITEM(judge, READY_GO, name, "whole up to its last message");
    }
}

/* Every mirror of the standby; false when the survey does not know them. */
static bool each_mirror(struct judge *judge,
                        void (*judge_one)(struct judge *judge, const struct ready_stream *mirror))
{
    if (!ready_need_region(judge, judge->standby)) {
        return false;
    }
    for (uint32_t i = 0; i < judge->facts->stream_count; i++) {
        if (ready_is_mirror(judge, &judge->facts->streams[i])) {
            judge_one(judge, &judge->facts->streams[i]);
        }
    }
    return true;
}

static void say_counts(struct judge *judge, const char *what)
{
    struct ready_number good;
    struct ready_number all;
    EVIDENCE(judge, ready_print(&good, ready_count(judge, READY_GO)), " of ",
             ready_print(&all, judge->check->item_count), what);
}

void ready_check_complete(struct judge *judge)
{
    if (!each_mirror(judge, judge_complete)) {
        return;
    }
    say_counts(judge, " mirrors have every message up to their last one");
    if (ready_count(judge, READY_WARN) > 0) {
        REMEDY(judge, "before 2.10 a mirror loses messages around deleted ones: delete the mirror "
                      "and make it again while the origin lives");
    }
}

/* ---- fresh and lag: from the model ---- */

static bool is_of_standby(const struct judge *judge, const struct mirror_view *mirror)
{
    return judge->standby != NULL && text_equal(mirror->region, judge->standby);
}

static void judge_fresh(struct judge *judge, const struct mirror_view *mirror)
{
    char name[READY_NAME_BYTES];
    struct ready_number contact;
    enum ready_result result = READY_UNKNOWN;
    switch (mirror->state) {
    case MIRROR_CAUGHT_UP:
    case MIRROR_BEHIND:
        result = READY_GO;
        break;
    case MIRROR_STALLED:
    case MIRROR_ASLEEP:
        result = READY_WARN;
        break;
    case MIRROR_UNKNOWN:
    case MIRROR_LAST_KNOWN:
        break;
    }
    bool is_heard = mirror->contact_ns.trust != TRUST_UNKNOWN;
    ready_rests_on(judge, mirror->contact_ns.age_ns);
    ITEM(judge, result, ready_stream_name(name, mirror->account, mirror->stream),
         name_of(&names_mirror_state, mirror->state), ", heard of its origin ",
         is_heard ? ready_print_time(&contact, mirror->contact_ns.number) : "never",
         is_heard ? " ago" : "", mirror->error != NULL ? ": " : "",
         mirror->error != NULL ? mirror->error : "");
}

static void each_view(struct judge *judge,
                      void (*judge_one)(struct judge *judge, const struct mirror_view *mirror))
{
    for (size_t i = 0; i < view_mirrors(judge->model); i++) {
        struct mirror_view mirror;
        view_mirror(judge->model, i, &mirror);
        if (is_of_standby(judge, &mirror)) {
            judge_one(judge, &mirror);
        }
    }
    if (judge->check->item_count == 0) {
        ready_raise(judge, READY_UNKNOWN);
    }
}

void ready_check_fresh(struct judge *judge)
{
    each_view(judge, judge_fresh);
    if (judge->check->item_count == 0) {
        EVIDENCE(judge, "no mirror was seen in the standby");
        return;
    }
    say_counts(judge, " mirrors hear their origins");
    if (ready_count(judge, READY_WARN) > 0) {
        REMEDY(judge, "look at the gateway links; a mirror asleep wakes by "
                      "`nats stream cluster step-down MIRROR`");
    }
}

/* The operators' own limits, where the stream's metadata gives them. True when one is broken. */
static bool break_own_limits(struct judge *judge, const char *name,
                             const struct mirror_view *mirror, const struct ready_stream *row)
{
    struct ready_number is;
    struct ready_number limit;
    if (row->lag_critical > 0 && mirror->lag_msgs.trust != TRUST_UNKNOWN &&
        mirror->lag_msgs.number >= row->lag_critical) {
        ITEM(judge, READY_WARN, name, ready_print(&is, mirror->lag_msgs.number),
             " messages behind; its metadata lag-critical is ",
             ready_print(&limit, row->lag_critical));
        return true;
    }
    if (row->seen_critical_ns > 0 && mirror->contact_ns.trust != TRUST_UNKNOWN &&
        mirror->contact_ns.number >= row->seen_critical_ns) {
        ITEM(judge, READY_WARN, name, "heard of its origin ",
             ready_print_time(&is, mirror->contact_ns.number),
             " ago; its metadata seen-critical is ",
             ready_print_time(&limit, row->seen_critical_ns));
        return true;
    }
    if (row->peer_expect > 0 && row->peers != row->peer_expect) {
        ITEM(judge, READY_WARN, name, "has ", ready_print(&is, row->peers),
             " replicas; its metadata peer-expect is ", ready_print(&limit, row->peer_expect));
        return true;
    }
    if (row->has_bad_monitor) {
        ITEM(judge, READY_WARN, name, "its metadata io.nats.monitor.* cannot be read as limits");
        return true;
    }
    return false;
}

static void judge_lag(struct judge *judge, const struct mirror_view *mirror)
{
    char name[READY_NAME_BYTES];
    struct ready_number lag;
    struct ready_number limit;
    const struct ready_stream *row =
        ready_find_stream(judge->facts, mirror->account, mirror->stream);
    ready_stream_name(name, mirror->account, mirror->stream);
    bool is_current = mirror->state == MIRROR_CAUGHT_UP || mirror->state == MIRROR_BEHIND ||
                      mirror->state == MIRROR_STALLED || mirror->state == MIRROR_ASLEEP;
    if (!is_current || mirror->lag_ns.trust == TRUST_UNKNOWN) {
        ITEM(judge, READY_UNKNOWN, name,
             "its lag cannot be told: ", name_of(&names_mirror_state, mirror->state));
        return;
    }
    ready_rests_on(judge, mirror->lag_ns.age_ns);
    if (row != NULL && break_own_limits(judge, name, mirror, row)) {
        return;
    }
    bool is_metered = row != NULL && row->lag_critical > 0;
    if (!is_metered && mirror->lag_ns.number > judge->facts->lag_warn_ns) {
        ITEM(judge, READY_WARN, name, mirror->is_lag_at_least ? "at least " : "",
             ready_print_time(&lag, mirror->lag_ns.number), " behind; objectives.lag_warn is ",
             ready_print_time(&limit, judge->facts->lag_warn_ns));
        return;
    }
    ITEM(judge, READY_GO, name, ready_print(&lag, mirror->lag_msgs.number), " messages behind");
}

void ready_check_lag(struct judge *judge)
{
    each_view(judge, judge_lag);
    if (judge->check->item_count == 0) {
        EVIDENCE(judge, "no mirror was seen in the standby");
        return;
    }
    say_counts(judge, " mirrors are within their limits");
    if (ready_count(judge, READY_WARN) > 0) {
        REMEDY(judge, "find what slows the link or the mirror; a failover now loses the lag");
    }
}

/* ---- subjects ---- */

static void judge_subjects(struct judge *judge, const struct ready_stream *mirror)
{
    char name[READY_NAME_BYTES];
    const struct ready_stream *origin = ready_origin_of(judge, mirror);
    ready_stream_name(name, mirror->account, mirror->name);
    if (origin == NULL || !origin->has_config) {
        ITEM(judge, READY_UNKNOWN, name, "the subjects of its origin ", mirror->origin,
             " are not known");
        return;
    }
    const struct ready_stream *const skip[2] = {origin, mirror};
    const struct ready_stream *other =
        ready_find_overlap(judge->facts, mirror->account, origin->subjects, skip);
    if (other != NULL) {
        ITEM(judge, READY_STOP, name, "its future subjects ", origin->subjects, " overlap ",
             other->subjects, " of ", other->name, " in ",
             other->region != NULL ? other->region : "?");
    } else {
        ITEM(judge, READY_GO, name,
             "free: ", origin->subjects != NULL ? origin->subjects : "(none)");
    }
}

void ready_check_subjects(struct judge *judge)
{
    if (!each_mirror(judge, judge_subjects)) {
        return;
    }
    say_counts(judge, " mirrors would find their subjects free");
    if (ready_count(judge, READY_STOP) > 0) {
        REMEDY(judge, "take the subjects from the other stream: no server refuses the overlap "
                      "across domains, and both would store every message");
    }
    if (!ready_has_region(judge, judge->primary) && judge->check->result == READY_GO) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, "; streams of the primary are not all known");
    }
}
