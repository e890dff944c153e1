/*
 * readiness_facts.h - what a readiness check knows beside the model: asked once, slowly, on demand.
 *
 * The model holds what is asked each second. Whether a failover would work also depends on what
 * changes rarely: every stream's subjects and retention, consumers, disks, logins, places on disk.
 * A survey (feeds/survey.h) fills this; readiness.h judges it.
 * Owner   the caller of ready_facts_begin(); texts hang on the facts until ready_facts_end().
 * Rules   texts are clean (base/text.h) and never a secret. Numbers that were not said are -1.
 */
#ifndef FARSHORE_CORE_READINESS_FACTS_H
#define FARSHORE_CORE_READINESS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/alloc.h"
#include "farshore/core/names.h"

/* One stream, by account and name: its leader's words where a leader answered. */
struct ready_stream {
    const char *account, *name, *region, *leader; /* leader NULL: none */
    const char *subjects, *sources;               /* joined by blanks; NULL none */
    const char *origin, *external;                /* of a mirror; NULL none */
    const char *retention, *storage;              /* NULL without config */
    int64_t msgs, bytes, replicas, peers;
    int64_t consumers;         /* that the stream counts */
    int64_t consumers_known;   /* whose definition came along */
    int64_t consumers_durable; /* of those */
    int64_t max_consumers;
    uint64_t first_seq, last_seq;
    /* The operators' own thresholds, metadata io.nats.monitor.*; -1 not given. */
    int64_t lag_critical, seen_critical_ns, peer_expect;
    bool is_leader, has_config, has_bad_monitor;
    uint32_t first_copy, next_copy; /* rows from 1 that mirror it; 0 ends. By settle. */
};

struct ready_server {
    const char *name, *region;
    bool has_jetstream, has_store, has_clock;
    int64_t offset_ns; /* its clock minus ours */
    int64_t error_ns;  /* half the round trip: the offset may be off by this much */
    int64_t store_used_bytes, store_reserved_bytes, store_limit_bytes;
};

enum ready_login_kind {
    READY_LOGIN_SYS,
    READY_LOGIN_APP
};

enum ready_login_state {
    READY_LOGIN_ABSENT,   /* not in the configuration */
    READY_LOGIN_UNTESTED, /* on purpose: why says it */
    READY_LOGIN_WORKS,
    READY_LOGIN_REFUSED, /* could not be fetched, or the server refuses it */
    READY_LOGIN_UNABLE,  /* connected, but may not do its work */
    READY_LOGIN_SILENT,  /* no connection or no answer in time */
};

struct ready_login {
    const char *region;
    enum ready_login_kind kind;
    enum ready_login_state state;
    const char *user;    /* as the server names us; NULL when it cannot say (before 2.10) */
    const char *account; /* the same */
    const char *why;     /* NULL when it works */
};

/* An account's use and limits as $JS.API.INFO tells; limits -1 are none. */
struct ready_account {
    const char *name, *region;
    int64_t storage_bytes, storage_limit_bytes;
    int64_t consumers, consumers_limit;
};

struct ready_place {
    const char *purpose, *path;
    const char *why;    /* it is not writable; NULL when it is */
    int64_t free_bytes; /* -1 unknown */
};

/* How complete the survey of a configured region is. */
struct ready_region {
    const char *name;
    enum region_role role;
    int64_t servers;     /* with JetStream that answered a ping */
    int64_t listed;      /* of those that listed all their streams */
    bool is_own_link_up; /* its own connection; else it was asked through another's */
};

/* Subjects of all streams by their first token, for finding overlaps fast. */
struct ready_subject {
    uint64_t token; /* hash of account and first token; of the account alone for a wildcard */
    const char *text;
    uint32_t stream;
};

struct ready_facts {
    const struct fs_alloc *alloc;
    int64_t mono_ns; /* when the survey ended; 0 never */
    /* From the configuration; borrowed. */
    const char *lock_region;
    const char *const *accept_loss; /* "account/stream", a last * takes any ending */
    size_t accept_loss_count;
    int64_t lag_warn_ns, stream_rto_ns;
    /* Rows; streams are sorted by account and name once ready_facts_settle() was called. */
    struct ready_region *regions;
    struct ready_stream *streams;
    struct ready_server *servers;
    struct ready_login *logins;
    struct ready_account *accounts;
    struct ready_place *places;
    struct ready_subject *subjects;
    uint32_t region_count, stream_count, server_count, login_count, account_count, place_count,
        subject_count;
    uint32_t capacities[7];
    struct ready_chunk *chunks; /* texts */
    bool has_failed;            /* memory ran out: something is missing */
};

void ready_facts_begin(struct ready_facts *facts, const struct fs_alloc *alloc);
void ready_facts_end(struct ready_facts *facts);

/* A copy that lives as long as the facts; NULL for NULL and without memory. */
const char *ready_text(struct ready_facts *facts, const char *text);

/* A new row at the end of its table, zero or -1 where that is unknown; NULL without memory. */
struct ready_region *ready_add_region(struct ready_facts *facts);
struct ready_stream *ready_add_stream(struct ready_facts *facts);
struct ready_server *ready_add_server(struct ready_facts *facts);
struct ready_login *ready_add_login(struct ready_facts *facts);
struct ready_account *ready_add_account(struct ready_facts *facts);
struct ready_place *ready_add_place(struct ready_facts *facts);

/* Sort the streams, keep one row of each (the leader's, else the furthest), index the subjects. */
void ready_facts_settle(struct ready_facts *facts);

/* NULL when there is none. After ready_facts_settle(). */
const struct ready_stream *ready_find_stream(const struct ready_facts *facts, const char *account,
                                             const char *name);

/* A stream of the account, not one of skip, with a subject that overlaps one of the list. */
const struct ready_stream *ready_find_overlap(const struct ready_facts *facts, const char *account,
                                              const char *subjects,
                                              const struct ready_stream *const skip[2]);

/* May one subject match both patterns, of * and >? */
bool ready_subjects_overlap(const char *a, size_t a_count, const char *b, size_t b_count);

#endif
