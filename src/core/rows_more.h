/*
 * rows_more.h - the rows of links, the meta group, streams, mirrors and the log.
 */
#ifndef FARSHORE_CORE_ROWS_MORE_H
#define FARSHORE_CORE_ROWS_MORE_H

#include "rows.h"

struct link_row {
    uint32_t from, to; /* regions */
    enum link_state state;
    struct since since;
    int64_t healed_mono_ns; /* when its oldest connection was made, at the last change of state */
    char bar[STEPS];        /* worst of each step: '#', '+', '.', '?' ; ' ' none */
    int64_t bar_step;
};

struct peer_row {
    char *name;
    uint32_t server; /* its row, or ROW_NONE while it never answered */
    bool is_current, is_offline;
    int64_t active_ns, lag;
};

/* What a server that names itself leader says of the meta group. */
struct claim {
    uint32_t server; /* ROW_NONE: free */
    int64_t mono_ns, first_mono_ns;
    int64_t size, quorum;
    struct peer_row *peers;
    uint32_t peer_count, peer_capacity;
};

/* Peers that were taken in since the last EVT_META of the server that lists them. */
struct filling {
    uint32_t server; /* ROW_NONE: nobody's */
    struct peer_row *peers;
    uint32_t peer_count, peer_capacity;
};

struct meta_state {
    struct claim claims[CLAIMS];
    struct filling filling;
    uint32_t leader;      /* server, or ROW_NONE */
    uint32_t last_leader; /* server, or ROW_NONE */
    struct since since;
    enum tri has_quorum;
    int64_t size, quorum, alive; /* of the last claim that was judged; size 0: never */
    int64_t sized_mono_ns;       /* when a size was said first */
    int64_t judged_mono_ns;
    bool is_alive_counted; /* alive was said by a true leader, not counted by us */
    enum tri survives[16]; /* by region, for change lines; see judge_meta.c */
};

/* A row whose name is NULL is free. */
struct stream_row {
    uint32_t next_free;
    int64_t gone_mono_ns;   /* since when its servers list it no more; NEVER while they do */
    char *account, *stream; /* account owns both: "account\0stream\0" */
    uint32_t key_bytes;
    uint64_t hash;
    uint32_t region;
    uint32_t mirror;       /* its row when it is a mirror, or ROW_NONE */
    uint32_t first_mirror; /* of those that mirror it, or ROW_NONE */
    int64_t created_ns;
    int64_t seen_mono_ns;   /* any replica's report */
    int64_t sample_mono_ns; /* of the numbers below; NEVER */
    int64_t prev_mono_ns;   /* of the sample before; NEVER */
    uint64_t prev_seq;      /* last_seq of the sample before */
    bool is_from_leader;
    uint32_t sample_server; /* whose numbers they are; ROW_NONE: nobody's that is known */
    int64_t msgs, bytes, last_ts_ns, deleted, consumers;
    uint64_t first_seq, last_seq;
    struct history history; /* of last_seq, kept for origins of mirrors */
    char *raw_config;       /* kept for origins of mirrors */
};

/* A row that is not shown is free. */
struct mirror_row {
    uint32_t next_free;
    uint32_t stream;
    uint32_t origin;  /* stream row; a placeholder when never seen */
    uint32_t sibling; /* next mirror of the same origin, or ROW_NONE */
    char *external, *error;
    int64_t report_mono_ns; /* of the leader's words; NEVER */
    int64_t lag, active_ns;
    int64_t contact_mono_ns; /* when it last heard its origin; NEVER */
    int64_t gap_end_mono_ns; /* when the origin was sampled again after a silence; NEVER */
    enum mirror_state state;
    struct since since;
    int64_t lags[STEPS]; /* highest of each step; -1 unknown */
    int64_t lag_step;
    bool is_gone;
};

struct change_row {
    int64_t at_ns;
    enum severity severity;
    char text[CHANGE_TEXT_BYTES];
};

#endif
