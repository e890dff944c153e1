/*
 * model_impl.h - the model's tables, for the files of core that fold, judge and read them.
 *
 * Texts in rows are owned by the row (model_set_text). Row numbers are stable while the row lives.
 * What is stored: samples, and states with the time they began (since). What is not: ages and
 * rates, which views work out when they are read.
 */
#ifndef FARSHORE_CORE_MODEL_IMPL_H
#define FARSHORE_CORE_MODEL_IMPL_H

#include "farshore/core/model.h"
#include "farshore/core/names.h"
#include "farshore/core/view.h"
#include "history.h"
#include "index.h"

#define STEPS VIEW_HISTORY /* of the small bars and of the minute's series */
#define STEP_NS (5 * INT64_C(1000000000))
#define SERIES (STEPS + 1) /* one more: a minute ago is twelve steps back */
#define MISSES 3           /* intervals without an answer that count as silence */
#define SERVER_DOWN_NS (10 * INT64_C(1000000000))
#define CONTACT_STALLED_NS (3 * INT64_C(500000000)) /* 1.5 s: heartbeats come each second */
#define LAG_BEHIND_NS INT64_C(1000000000)
#define PEER_ALIVE_NS (3 * INT64_C(1000000000))
#define GAP_NS (3 * INT64_C(1000000000)) /* between two ticks: we stood still ourselves */
#define NEVER INT64_MIN
#define CLAIMS 4
#define CHANGE_TEXT_BYTES 144
#define GAPS 4                           /* stand-stills of our own that ages leave out */
#define MONO_MAX_NS (INT64_MAX / 4)      /* of an event; sums of times then never overflow */
#define INTERVAL_MIN_NS INT64_C(1000000) /* 1 ms */
#define INTERVAL_MAX_NS (3600 * INT64_C(1000000000))
#define NAME_MAX_BYTES 1024                   /* a server allows 255; cleaning may lengthen */
#define RAW_MAX_BYTES 32768                   /* one raw config or push */
#define RAW_ALL_MAX_BYTES (INT64_C(16) << 20) /* all of them together */

/* A state and when it began. */
struct since {
    int64_t mono_ns;
    int64_t at_ns;
};

/* A time in which this process did not run. */
struct gap {
    int64_t begin_ns, end_ns; /* monotonic; both 0: none */
};

/* A number sampled each STEP_NS, newest last; step is the mono_ns / STEP_NS of the newest. */
struct series {
    int64_t values[SERIES];
    int64_t step;
    uint32_t count;
};

struct region_row {
    char *name;
    enum region_role role;
    bool is_configured;
    enum conn_state conn;
    char *conn_reason;
    int64_t conn_mono_ns; /* when it last became up, or was up no more; NEVER while it never was */
    uint32_t via;         /* region whose connection brought the last answer */
    int64_t last_mono_ns; /* of the last answer of any of its servers */
    int64_t life_mono_ns; /* of the last sign of life: an answer, or a connection made */
    int64_t streams_interval_ns;
    bool is_slowed;
    enum verdict verdict;
    struct since since;
    int64_t suspect_mono_ns; /* when the present silence began; NEVER while there is none */
    char reason[VIEW_REASON_BYTES];
    struct series clients;
};

struct gateway_row {
    uint32_t remote; /* region */
    bool is_up;      /* in the server's last complete reply */
    bool is_listed;  /* in the reply that is being taken in */
    int64_t rtt_ns, rtt_mono_ns;
    int64_t msgs, bytes, pending_bytes, mono_ns;
    int64_t prev_msgs, prev_mono_ns; /* of the sample before, for a rate */
};

struct server_row {
    char *name, *id, *version, *host, *bye_id, *raw_stats;
    uint32_t region;
    bool has_jetstream, is_lameduck, has_said_bye;
    int64_t last_mono_ns; /* last answer by any way */
    int64_t own_mono_ns;  /* last answer over its own region's connection */
    int64_t bye_mono_ns;
    int64_t rtt_ns, rtt_mono_ns;
    int64_t stats_mono_ns, start_ns, connections, subscriptions, slow_consumers, cpu_milli_pct;
    int64_t mem_bytes;
    struct series clients;
    int64_t gateways_mono_ns;     /* last complete GATEWAYZ reply */
    int64_t gateways_taken;       /* outbounds of the reply that is being taken in */
    struct gateway_row *gateways; /* outbound */
    uint32_t gateway_count, gateway_capacity;
    int64_t streams_mono_ns; /* last complete JSZ reply with all its streams */
    int64_t streams_prev_mono_ns;
    int64_t meta_mono_ns; /* last view of the meta group */
    char *meta_leader;    /* that it believes in */
    enum server_state state;
    struct since since;
};

struct link_row {
    uint32_t from, to; /* regions */
    enum link_state state;
    struct since since;
    int64_t healed_mono_ns; /* last time it became UP after DOWN */
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
    int64_t judged_mono_ns;
    bool is_alive_counted; /* alive was said by a true leader, not counted by us */
    enum tri survives[16]; /* by region, for change lines; see judge_meta.c */
};

struct stream_row {
    char *account, *stream; /* account owns both: "account\0stream\0" */
    uint32_t key_bytes;
    uint64_t hash;
    uint32_t region;
    uint32_t mirror;       /* its row when it is a mirror, or ROW_NONE */
    uint32_t first_mirror; /* of those that mirror it, or ROW_NONE */
    int64_t created_ns;
    int64_t seen_mono_ns;   /* any replica's report */
    int64_t sample_mono_ns; /* of the numbers below; NEVER */
    bool is_from_leader;
    int64_t msgs, bytes, last_ts_ns, deleted, consumers;
    uint64_t first_seq, last_seq;
    struct history history; /* of last_seq, kept for origins of mirrors */
    char *raw_config;       /* kept for origins of mirrors */
};

struct mirror_row {
    uint32_t stream;
    uint32_t origin;  /* stream row; a placeholder when never seen */
    uint32_t sibling; /* next mirror of the same origin, or ROW_NONE */
    char *external, *error;
    int64_t report_mono_ns; /* of the leader's words; NEVER */
    int64_t lag, active_ns;
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

struct model {
    const struct fs_alloc *alloc;
    struct model_limits limits;
    int64_t mono_ns, at_ns, tick_mono_ns, judged_mirrors_ns;
    struct gap gaps[GAPS]; /* the latest ones; gap_next is overwritten next */
    uint32_t gap_next;
    uint64_t changes, revision;
    struct model_overflow overflow;
    char *version, *mode, *context, *operator_name, *host;
    int64_t interval_ns, hold_ns, clear_ns, lag_warn_ns;
    int64_t late_ns, late_mono_ns;
    int64_t last_answer_mono_ns;
    int64_t hearing_mono_ns; /* since when somebody answers again, after nobody did */
    int64_t raw_bytes;       /* of all raw texts */
    struct region_row *regions;
    uint32_t region_count, region_capacity;
    struct server_row *servers;
    uint32_t server_count, server_capacity;
    uint32_t *server_order;
    uint32_t server_order_capacity;
    struct index server_index;
    struct link_row *links;
    uint32_t link_count, link_capacity;
    struct meta_state meta;
    struct stream_row *streams;
    uint32_t stream_count, stream_capacity;
    struct index stream_index;
    struct mirror_row *mirrors;
    uint32_t mirror_count, mirror_capacity;
    uint32_t *shown; /* mirrors that are not gone, in the order they were found */
    uint32_t shown_count, shown_capacity;
    struct change_row *log;
    uint32_t log_count, log_capacity, log_next;
};

/* ---- model.c ---- */

/* Make *slot a copy of text (NULL clears it). A failure keeps the old one and is counted. */
void model_set_text(struct model *model, char **slot, const char *text);
void model_free_text(struct model *model, char **slot);

/* The same for a raw text; one that is too large is not kept, and counted. */
void model_set_raw(struct model *model, char **slot, const char *text);

/* Is this a name that a row can have? */
bool model_is_name(const char *name);

/* Room for one more row of size bytes; false (counted) when memory is out. */
bool model_make_room(struct model *model, void **rows, uint32_t count, uint32_t *capacity,
                     size_t size);

/* The region of a cluster's name, made when new; ROW_NONE when name is NULL or the table is full.
 */
uint32_t model_region(struct model *model, const char *name);
uint32_t model_find_region(const struct model *model, const char *name);

struct link_row *model_link(struct model *model, uint32_t from, uint32_t to);
const struct link_row *model_find_link(const struct model *model, uint32_t from, uint32_t to);

/* What of time that passed in a gap of our own ends at the tick that finds it. */
void model_note_gap(struct model *model, int64_t begin_ns, int64_t end_ns);

/*
 * Time since mono_ns as rules count it: what passed while we stood still ourselves is left out, so
 * that a stand-still neither makes anybody silent nor anything old look fresh.
 */
int64_t model_age(const struct model *model, int64_t mono_ns);

void model_begin_since(const struct model *model, struct since *since);

/* ---- apply_*.c ---- */

uint32_t model_find_server(const struct model *model, const char *name);
uint32_t model_find_stream(const struct model *model, const char *account, const char *stream);
void apply_server(struct model *model, const struct event *any);
void apply_stats(struct model *model, const struct event *any);
void apply_bye(struct model *model, const struct event *any);
void apply_gateway(struct model *model, const struct event *any);
void apply_gateways(struct model *model, const struct event *any);
void apply_gateway_config(struct model *model, const struct event *any);
void apply_meta_peer(struct model *model, const struct event *any);
void apply_meta(struct model *model, const struct event *any);
void apply_stream(struct model *model, const struct event *any);
void apply_mirror(struct model *model, const struct event *any);
void apply_stream_config(struct model *model, const struct event *any);
void apply_streams(struct model *model, const struct event *any);

/* ---- series.c ---- */

void series_add(struct series *series, int64_t mono_ns, int64_t value);
/* Newest minus the value of a minute before; 0 while that is not known. */
int64_t series_delta(const struct series *series);

/* ---- judge_*.c: states from samples; each logs what it changes ---- */

void judge_server(struct model *model, uint32_t server);
void judge_links_of(struct model *model, uint32_t region);
void judge_regions(struct model *model);
void judge_meta(struct model *model);
void judge_mirror(struct model *model, uint32_t mirror);
void judge_all(struct model *model); /* on a tick */
enum tri judge_survives(const struct model *model, uint32_t region);
bool judge_is_deaf(const struct model *model);
bool judge_is_silent(const struct model *model, const struct server_row *row);
int64_t judge_lag(const struct model *model, const struct mirror_row *row, int64_t *lag_ns,
                  bool *is_at_least);
int64_t judge_streams_interval(const struct model *model, uint32_t region);

/* ---- change.c ---- */

/* Texts put together without printf: parts end with NULL. */
void change_log(struct model *model, enum severity severity, const char *const *parts);
void change_note(struct model *model, enum severity severity, const char *const *parts);

/* A line for the operator that is no change of state. */
#define NOTE(model, severity, ...)                                                                 \
    change_note((model), (severity), (const char *const[]){__VA_ARGS__, NULL})
#define CHANGE(model, severity, ...)                                                               \
    change_log((model), (severity), (const char *const[]){__VA_ARGS__, NULL})

#endif
