/*
 * rows.h - the rows of regions and servers, and what all rows are made of.
 *
 * What is stored: samples, and states with the time they began (since). What is not: ages and
 * rates, which views work out when they are read.
 */
#ifndef FARSHORE_CORE_ROWS_H
#define FARSHORE_CORE_ROWS_H

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
#define GAP_NS (3 * INT64_C(1000000000))    /* between two ticks: we stood still ourselves */
#define RETURN_NS (5 * INT64_C(1000000000)) /* gateways connect a second or two after a start */
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
    int64_t back_mono_ns; /* when answers began again after a silence; NEVER */
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
    int64_t up_mono_ns; /* when it was connected */
    int64_t msgs, bytes, pending_bytes, mono_ns;
    int64_t prev_msgs, prev_mono_ns; /* of the sample before, for a rate */
};

/* A row whose name is NULL is free: its region is ROW_NONE. */
struct server_row {
    uint32_t next_free;
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
    int64_t leads_mono_ns; /* last one with at least all streams that it leads */
    int64_t leads_prev_mono_ns;
    int64_t meta_mono_ns; /* last view of the meta group */
    char *meta_leader;    /* that it believes in */
    enum server_state state;
    struct since since;
};

#endif
