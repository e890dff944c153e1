/*
 * readiness_impl.h - one judging in progress, for the files that hold the checks.
 *
 * A check is a function over the judge: it raises the check's result, says its evidence and adds
 * items. A result only ever gets worse, so that no later line hides an earlier one.
 */
#ifndef FARSHORE_CORE_READINESS_IMPL_H
#define FARSHORE_CORE_READINESS_IMPL_H

#include "farshore/base/duration.h"
#include "farshore/base/number.h"
#include "farshore/core/readiness.h"
#include "farshore/core/view.h"

struct judge {
    const struct model *model;
    const struct ready_facts *facts;
    struct ready_report *report;
    struct ready_check *check;     /* the present one */
    const char *primary, *standby; /* by the configuration; NULL when it names none */
    int64_t facts_age_ns;          /* -1: no survey */
};

/* Texts put together without printf: parts end with NULL. */
void ready_say(struct strbuf *out, const char *const *parts);
void ready_put_item(struct judge *judge, enum ready_result result, const char *name,
                    const char *const *parts);
#define SAY(out, ...) ready_say((out), (const char *const[]){__VA_ARGS__, NULL})
#define EVIDENCE(judge, ...) SAY(&(judge)->check->evidence, __VA_ARGS__)
#define REMEDY(judge, ...) SAY(&(judge)->check->remedy, __VA_ARGS__)
#define ITEM(judge, result, name, ...)                                                             \
    ready_put_item((judge), (result), (name), (const char *const[]){__VA_ARGS__, NULL})

/* Make the check's result at least this bad. */
void ready_raise(struct judge *judge, enum ready_result result);

/* The check rests on something that old; the oldest counts. Below 0 says nothing. */
void ready_rests_on(struct judge *judge, int64_t age_ns);

/* How many items are that bad. */
uint32_t ready_count(const struct judge *judge, enum ready_result result);

/* Numbers as text, valid as long as the struct: for the parts above. */
struct ready_number {
    char text[DURATION_TEXT_BYTES];
};
const char *ready_print(struct ready_number *room, int64_t number); /* 1,204 */
const char *ready_print_bytes(struct ready_number *room, int64_t bytes);
const char *ready_print_time(struct ready_number *room, int64_t ns);

/* "account/stream", valid until the next call with the same room. */
#define READY_NAME_BYTES 320
const char *ready_stream_name(char room[READY_NAME_BYTES], const char *account, const char *stream);

/*
 * The survey of a region as far as it can be judged: false (raised to UNKNOWN and said) when there
 * was none, or when not every server of the region listed its streams.
 */
bool ready_need_region(struct judge *judge, const char *region);

/* Does the survey know this region wholly? Says nothing. */
bool ready_has_region(const struct judge *judge, const char *region);

/* The mirror (or sourcing stream) of an origin in the standby; NULL none. */
const struct ready_stream *ready_copy_of(const struct judge *judge,
                                         const struct ready_stream *origin);
/* The stream that a mirror copies, when the survey knows it. */
const struct ready_stream *ready_origin_of(const struct judge *judge,
                                           const struct ready_stream *mirror);
/* Is it one of the streams that a failover is about: in the primary and not farshore's own? */
bool ready_is_origin(const struct judge *judge, const struct ready_stream *stream);
/* Is it a mirror in the standby of a stream elsewhere? */
bool ready_is_mirror(const struct judge *judge, const struct ready_stream *stream);

/* ---- the checks ---- */

void ready_check_regions(struct judge *judge);
void ready_check_quorum(struct judge *judge);
void ready_check_versions(struct judge *judge);
void ready_check_coverage(struct judge *judge);
void ready_check_complete(struct judge *judge);
void ready_check_fresh(struct judge *judge);
void ready_check_lag(struct judge *judge);
void ready_check_subjects(struct judge *judge);
void ready_check_promotion(struct judge *judge);
void ready_check_retention(struct judge *judge);
void ready_check_consumers(struct judge *judge);
void ready_check_logins(struct judge *judge);
void ready_check_clock(struct judge *judge);
void ready_check_limits(struct judge *judge);
void ready_check_buckets(struct judge *judge);
void ready_check_places(struct judge *judge);

/* ---- versions ---- */

struct ready_version {
    int64_t major, minor, patch;
};
bool ready_parse_version(const char *text, struct ready_version *out);
int ready_compare_version(const struct ready_version *a, const struct ready_version *b);

/* The lowest version of all servers that count; false while one of them is not known. */
bool ready_lowest_version(const struct judge *judge, struct ready_version *out, const char **text);

/* Bytes of the streams whose promotion goes through a snapshot on this machine; -1 unknown. */
int64_t ready_snapshot_bytes(const struct judge *judge);

#endif
