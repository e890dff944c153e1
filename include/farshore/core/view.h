/*
 * view.h - the model as people ask about it: rows with ages, rates and trust worked out.
 *
 * Everything here is computed on read from samples; nothing is stored and nothing changes the
 * model. Texts are borrowed from the model until the next model_apply(). Index ranges run from 0 to
 * the table's count. A value is never shown without its trust: struct value carries both.
 */
#ifndef FARSHORE_CORE_VIEW_H
#define FARSHORE_CORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/core/model.h"
#include "farshore/core/names.h"

#define VIEW_HISTORY 12 /* cells of the small bars: the last 60 s in steps of 5 s */
#define VIEW_REASON_BYTES 112

/* A number with how old and how believable it is; nobody may print one without the other. */
struct value {
    int64_t number;
    int64_t age_ns;
    enum trust trust; /* TRUST_UNKNOWN: number means nothing */
};

struct session_view {
    const char *version, *mode, *context, *operator_name, *host; /* NULL before EVT_START */
    int64_t data_age_ns; /* since any server answered; -1 never */
    int64_t late_ns;     /* longest lateness of a tick in the last 10 s: the console's own stall */
    enum verdict own_link;
    uint32_t connections_up, connections_all; /* one a configured region */
};

struct region_view {
    const char *name;
    enum region_role role;
    bool is_configured;
    enum verdict verdict;
    int64_t for_ns, since_at_ns;
    uint32_t servers_up, servers;   /* servers: all that were ever seen and not forgotten */
    struct value clients;           /* connections, all servers together */
    int64_t clients_delta_60s;      /* against a minute ago; 0 when not known */
    enum conn_state conn;           /* our own connection to it */
    const char *conn_reason;        /* NULL when up */
    const char *via;                /* whose connection its answers come by now; NULL none */
    int64_t streams_interval_ns;    /* how often its streams are asked for now */
    bool is_slowed;                 /* slower than configured, to spare the servers */
    char reason[VIEW_REASON_BYTES]; /* what the verdict rests on, one line */
};

struct server_view {
    const char *name, *region, *version, *host; /* version, host NULL when unknown */
    enum server_state state;
    int64_t for_ns, since_at_ns;
    int64_t age_ns; /* since its last answer; -1 never */
    struct value rtt_ns, connections, slow_consumers, cpu_milli_pct, mem_bytes;
    int64_t connections_delta_60s;
    bool has_jetstream, is_meta_leader, is_lameduck,
        is_via_other; /* answers only through another region */
};

struct link_view {
    const char *from, *to;
    enum link_state state;
    int64_t for_ns, since_at_ns;
    uint32_t servers_up; /* servers of `from` with an outbound to `to` */
    uint32_t servers;    /* servers of `from` that answer */
    uint32_t servers_known;
    struct value rtt_ns;     /* median of the outbounds; stale between pings */
    struct value msgs_per_s; /* sent by `from`'s outbounds */
    struct value pending_bytes;
    char history[VIEW_HISTORY + 1]; /* '#' up, '+' degraded, '.' down, '?' unknown; oldest first */
};

struct meta_view {
    const char *leader;        /* NULL unless a server says so itself, freshly, with a quorum */
    const char *leader_region; /* NULL when leader is */
    const char *last_leader;   /* the last one that was true; NULL never */
    int64_t for_ns;            /* how long leader (or its absence) has been so */
    int64_t leader_age_ns;     /* of the reply that says it; -1 never */
    struct value size, alive, quorum;
    enum tri has_quorum;
};

struct loss_view {
    bool is_known;
    bool is_growing;       /* the origin still takes writes by the last sample */
    int64_t low, high;     /* messages; high < 0: unknown */
    int64_t growing_per_s; /* 0 unless is_growing */
    int64_t sample_age_ns; /* of the origin's last sample; -1 never */
};

struct mirror_view {
    const char *account, *stream, *origin, *region,
        *origin_region; /* origin_region NULL: not seen */
    enum mirror_state state;
    int64_t for_ns, since_at_ns;
    struct value lag_msgs;   /* origin's last_seq − mirror's; never the server's own lag */
    struct value lag_ns;     /* from the origin's own sequence history */
    bool is_lag_at_least;    /* older than the history reaches: lag_ns is a lower bound */
    struct value contact_ns; /* since the mirror heard of its origin; UNKNOWN = never */
    struct value server_lag; /* what the server says: frozen when the origin dies */
    struct value rate_per_s; /* origin's writes */
    struct value holes;      /* messages that the mirror lacks beside the lag (count difference) */
    struct value msgs, last_seq, origin_last_seq;
    struct loss_view loss;
    const char *error;              /* the server's, NULL none */
    char history[VIEW_HISTORY + 1]; /* lag: '0' none … '9' the most of the minute, '?' unknown */
};

struct change_view {
    int64_t at_ns;
    enum severity severity;
    const char *text;
};

void view_session(const struct model *model, struct session_view *out);

size_t view_regions(const struct model *model);
void view_region(const struct model *model, size_t index, struct region_view *out);

/* Servers in the order of their region, then by name. */
size_t view_servers(const struct model *model);
void view_server(const struct model *model, size_t index, struct server_view *out);

/* Ordered pairs of regions that have or should have a gateway. */
size_t view_links(const struct model *model);
void view_link(const struct model *model, size_t index, struct link_view *out);

void view_meta(const struct model *model, struct meta_view *out);

/* Would the meta group keep its quorum if this region died now? */
enum tri view_meta_survives(const struct model *model, size_t region_index);

size_t view_mirrors(const struct model *model);
void view_mirror(const struct model *model, size_t index, struct mirror_view *out);

/* Only the state, for counting many rows. */
enum mirror_state view_mirror_state(const struct model *model, size_t index);

/* Changes of state, newest first. */
size_t view_changes(const struct model *model);
void view_change(const struct model *model, size_t index, struct change_view *out);

#endif
