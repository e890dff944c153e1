/*
 * readiness_promote.c - by which recipe each mirror would be promoted, how long that takes, and
 * whether what hangs on it survives: retention and consumers.
 *
 * Rules: the lowest version decides. From 2.12 on one update promotes in place. Below, a mirror is
 *        taken as a snapshot by this machine, deleted and restored with the origin's subjects.
 * Source figures measured on loopback with R3 streams, 2.9.10 to 2.15.2: fence 25 ms and first
 *        acknowledged write 9 ms after an in-place update; 109 MB: snapshot 0.51 s (before "go"),
 *        delete 0.06 s, first acknowledged write 0.94 s after the restore began.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "readiness_impl.h"

#define FENCE_NS (25 * NS_PER_MS)
#define IN_PLACE_NS (13 * NS_PER_MS)
#define DELETE_NS (60 * NS_PER_MS)
#define RESTORE_LEAST_NS (100 * NS_PER_MS)
#define RESTORE_BYTES_PER_MS INT64_C(116000) /* 109 MB in 0.94 s */

static bool is_in_place(const struct ready_version *version)
{
    return ready_compare_version(version, &(struct ready_version){2, 12, 0}) >= 0;
}

/* How long the stream takes no writes between the fence and its first acknowledged one. */
static int64_t estimate(const struct ready_stream *mirror, bool in_place)
{
    if (in_place) {
        return FENCE_NS + IN_PLACE_NS;
    }
    int64_t bytes = mirror->bytes > 0 ? mirror->bytes : 0;
    return FENCE_NS + DELETE_NS + RESTORE_LEAST_NS + bytes / RESTORE_BYTES_PER_MS * NS_PER_MS;
}

static void judge_recipe(struct judge *judge, const struct ready_stream *mirror, bool in_place)
{
    char name[READY_NAME_BYTES];
    struct ready_number time;
    struct ready_number bytes;
    ready_stream_name(name, mirror->account, mirror->name);
    const char *about = ready_print_time(&time, estimate(mirror, in_place));
    if (in_place) {
        ITEM(judge, READY_GO, name, "in place, about ", about);
    } else if (text_equal(mirror->storage, "memory")) {
        ITEM(judge, READY_WARN, name,
             "restore of a stream in memory: not tried on any server; ask for sources instead");
    } else {
        ITEM(judge, READY_GO, name, "restore, about ", about, "; ",
             ready_print_bytes(&bytes, mirror->bytes), " through this machine beforehand and back");
    }
}

int64_t ready_snapshot_bytes(const struct judge *judge)
{
    struct ready_version lowest = {0};
    const char *text = NULL;
    int64_t bytes = 0;
    if (!ready_lowest_version(judge, &lowest, &text) || !ready_has_region(judge, judge->standby)) {
        return -1;
    }
    for (uint32_t i = 0; i < judge->facts->stream_count && !is_in_place(&lowest); i++) {
        const struct ready_stream *mirror = &judge->facts->streams[i];
        if (ready_is_mirror(judge, mirror) && mirror->bytes > 0 &&
            bytes < INT64_MAX / 4 - mirror->bytes) {
            bytes += mirror->bytes;
        }
    }
    return bytes;
}

static void say_total(struct judge *judge, int64_t total_ns, bool in_place)
{
    struct ready_number streams;
    struct ready_number total;
    struct ready_number limit;
    EVIDENCE(judge, ready_print(&streams, judge->check->item_count), " mirrors ",
             in_place ? "in place" : "by restore", ", about ", ready_print_time(&total, total_ns),
             " one after the other",
             in_place ? "" : " (116 MB/s as on loopback; your link counts)");
    if (judge->facts->stream_rto_ns > 0 && total_ns > judge->facts->stream_rto_ns) {
        ready_raise(judge, READY_WARN);
        EVIDENCE(judge, ", over objectives.stream_rto ",
                 ready_print_time(&limit, judge->facts->stream_rto_ns));
        REMEDY(judge, "upgrade all servers to 2.12.7 or newer: mirrors are then promoted in place");
    }
}

void ready_check_promotion(struct judge *judge)
{
    struct ready_version lowest = {0};
    const char *text = NULL;
    int64_t total_ns = 0;
    if (!ready_need_region(judge, judge->standby)) {
        return;
    }
    if (!ready_lowest_version(judge, &lowest, &text)) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, "the recipe hangs on the lowest version, and not every one is known");
        return;
    }
    bool in_place = is_in_place(&lowest);
    for (uint32_t i = 0; i < judge->facts->stream_count; i++) {
        const struct ready_stream *mirror = &judge->facts->streams[i];
        if (ready_is_mirror(judge, mirror)) {
            judge_recipe(judge, mirror, in_place);
            int64_t more_ns = estimate(mirror, in_place);
            total_ns = total_ns < INT64_MAX - more_ns ? total_ns + more_ns : INT64_MAX;
        }
    }
    if (judge->check->item_count == 0) {
        ready_raise(judge, READY_STOP);
        EVIDENCE(judge, "there is no mirror in ", judge->standby, ": nothing could be promoted");
        REMEDY(judge, "make a mirror of each stream of the primary");
        return;
    }
    say_total(judge, total_ns, in_place);
}

/* ---- retention ---- */

static void judge_retention(struct judge *judge, const struct ready_stream *mirror)
{
    char name[READY_NAME_BYTES];
    struct ready_number again;
    const struct ready_stream *origin = ready_origin_of(judge, mirror);
    ready_stream_name(name, mirror->account, mirror->name);
    if (origin == NULL || origin->retention == NULL) {
        ITEM(judge, READY_UNKNOWN, name, "the retention of its origin ", mirror->origin,
             " is not known");
    } else if (strcmp(origin->retention, "limits") == 0) {
        ITEM(judge, READY_GO, name, "limits");
    } else {
        int64_t more = mirror->msgs > origin->msgs ? mirror->msgs - origin->msgs : 0;
        ITEM(judge, READY_STOP, name, origin->name, " has retention ", origin->retention,
             ": the mirror keeps what was acknowledged, so that about ", ready_print(&again, more),
             " messages would be delivered again");
    }
}

void ready_check_retention(struct judge *judge)
{
    struct ready_number streams;
    if (!ready_need_region(judge, judge->standby)) {
        return;
    }
    for (uint32_t i = 0; i < judge->facts->stream_count; i++) {
        if (ready_is_mirror(judge, &judge->facts->streams[i])) {
            judge_retention(judge, &judge->facts->streams[i]);
        }
    }
    uint32_t stops = ready_count(judge, READY_STOP);
    EVIDENCE(judge, ready_print(&streams, stops), " of the mirrored streams delete what is ",
             "acknowledged");
    if (stops > 0) {
        judge->check->is_waivable = true;
        REMEDY(judge, "let their consumers cope with repeated messages, and waive the streams by "
                      "name; or keep retention limits");
    }
}

/* ---- consumers ---- */

static void judge_consumers(struct judge *judge, const struct ready_stream *origin)
{
    char name[READY_NAME_BYTES];
    struct ready_number known;
    struct ready_number all;
    struct ready_number durable;
    ready_stream_name(name, origin->account, origin->name);
    int64_t most =
        origin->consumers > origin->consumers_known ? origin->consumers : origin->consumers_known;
    if (origin->consumers_known < origin->consumers) {
        ITEM(judge, READY_WARN, name, "the definitions of ",
             ready_print(&known, origin->consumers_known), " of ", ready_print(&all, most),
             " consumers are known");
    } else {
        ITEM(judge, READY_GO, name, ready_print(&all, most), " known, ",
             ready_print(&durable, origin->consumers_durable),
             " of them durable (others are made by their clients)");
    }
}

void ready_check_consumers(struct judge *judge)
{
    struct ready_number streams;
    int64_t total = 0;
    struct ready_number consumers;
    if (!ready_need_region(judge, judge->primary)) {
        return;
    }
    for (uint32_t i = 0; i < judge->facts->stream_count; i++) {
        const struct ready_stream *origin = &judge->facts->streams[i];
        if (ready_is_origin(judge, origin) && origin->consumers + origin->consumers_known > 0) {
            judge_consumers(judge, origin);
            total += origin->consumers_known;
        }
    }
    EVIDENCE(judge, ready_print(&consumers, total), " definitions on ",
             ready_print(&streams, judge->check->item_count), " streams");
    if (judge->check->result != READY_GO) {
        REMEDY(judge, "check again; if it stays, a server lists fewer consumers than it counts");
    }
}
