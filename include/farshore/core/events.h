/*
 * events.h - the body of each event type.
 *
 * Every member is listed in src/core/event_table.c with its name, kind and unit; a test walks both.
 * Server and cluster names identify: a server is its name (the peer id is a hash of it), a region
 * of the config is the NATS cluster of the same name. Identity of a stream is account + stream.
 */
#ifndef FARSHORE_CORE_EVENTS_H
#define FARSHORE_CORE_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/core/names.h"

struct evt_start {
    const char *program; /* "farshore" */
    const char *version;
    const char *mode;    /* live, status, wall… */
    const char *context; /* what the operator calls this place: config's name */
    const char *operator_name;
    const char *host;
};

struct evt_settings {
    int64_t interval_ns; /* of META and GATEWAYZ, and of streams while they are few */
    int64_t hold_ns;
    int64_t clear_ns;
    int64_t lag_warn_ns;
    int64_t rpo_ns;
};

struct evt_region {
    const char *region; /* also its NATS cluster */
    enum region_role role;
};

struct evt_tick {
    int64_t late_ns; /* beyond when it was due: the loop's own stall */
};

struct evt_conn {
    const char *region;
    enum conn_state state;
    const char *url;    /* without credentials */
    const char *server; /* name of the server behind it, when connected */
    const char *reason; /* why it is not connected */
};

struct evt_ask {
    const char *region; /* whose servers are asked */
    const char *via;    /* over which region's connection */
    enum ask_kind kind;
};

struct evt_window {
    const char *region;
    const char *via;
    enum ask_kind kind;
    int64_t replies;   /* that came before it closed */
    int64_t window_ns; /* how long it was open */
    int64_t rtt_ns;    /* until the first reply; -1 without one */
};

struct evt_pace {
    const char *region;
    enum ask_kind kind;
    int64_t interval_ns;
    int64_t cost_ns; /* a server's own time for one answer, estimated */
    int64_t streams; /* a server, the largest seen */
    bool is_slowed;  /* slower than configured, to spare the servers */
};

struct evt_server {
    const char *server;
    const char *id; /* changes with each start of the process */
    const char *cluster;
    const char *version;
    const char *host;
    const char *via; /* region whose connection carried it */
    enum ask_kind kind;
    int64_t rtt_ns; /* from our question to this reply; -1 for a push */
    bool has_jetstream;
};

struct evt_stats {
    const char *server;
    const char *cluster;
    int64_t start_ns; /* UTC, when the process started; 0 unknown */
    int64_t connections;
    int64_t subscriptions;
    int64_t slow_consumers;
    int64_t cpu_milli_pct; /* thousandths of a percent of one core */
    int64_t mem_bytes;
    int64_t in_msgs;
    int64_t out_msgs;
    int64_t in_bytes;
    int64_t out_bytes;
    int64_t active_servers; /* that this one knows alive; -1 unknown */
    bool is_push;
    const char *raw; /* the whole push, for a later re-announcement; NULL for a reply */
};

struct evt_bye {
    const char *server;
    const char *id;
    const char *cluster;
    enum bye_kind kind;
};

struct evt_gateway {
    const char *server;
    const char *cluster; /* of that server */
    const char *remote;  /* cluster at the other end */
    enum gateway_direction direction;
    const char *peer_id; /* id of the server at the other end */
    int64_t rtt_ns;      /* refreshed by pings only; -1 unknown */
    int64_t msgs;        /* outbound: sent, inbound: received; the other is 0 by design */
    int64_t bytes;
    int64_t pending_bytes;
    int64_t uptime_ns;
    bool is_configured;
};

struct evt_gateways {
    const char *server;
    const char *cluster;
    int64_t outbound; /* EVT_GATEWAYs of each direction before this */
    int64_t inbound;
};

struct evt_gateway_config {
    const char *server;
    const char *cluster;
    const char *remote;
};

struct evt_meta_peer {
    const char *server; /* who says so; it names itself leader */
    const char *peer;
    bool is_current;
    bool is_offline;
    int64_t active_ns; /* since it was heard; 0 never (facts: not "just now") */
    int64_t lag;       /* operations behind */
};

struct evt_meta {
    const char *server;
    const char *cluster;
    const char *leader;    /* as this server believes; NULL none */
    bool is_leader;        /* server and leader are the same name */
    int64_t size;          /* cluster_size: all peers, dead ones too */
    int64_t quorum_needed; /* as said by servers >= 2.15; 0 not said */
    int64_t pending;
    int64_t peers; /* EVT_META_PEERs before this; only from a leader */
};

struct evt_stream {
    const char *server;
    const char *cluster;
    const char *account;
    const char *stream;
    const char *leader;
    bool is_leader;
    int64_t msgs;
    int64_t bytes;
    uint64_t first_seq;
    uint64_t last_seq;
    int64_t last_ts_ns; /* UTC of the last message; 0 none */
    int64_t deleted;
    int64_t consumers;
    int64_t created_ns; /* UTC; tells a recreated stream from the old one */
};

struct evt_mirror {
    const char *server;
    const char *cluster;
    const char *account;
    const char *stream;
    const char *origin;
    const char *external; /* API prefix when the origin is in another domain or account */
    int64_t lag;          /* the server's own; frozen when the origin dies */
    int64_t active_ns;    /* since last contact; -1 never */
    const char *error;
};

struct evt_stream_config {
    const char *server;
    const char *cluster;
    const char *account;
    const char *stream;
    const char *subjects; /* joined by blanks, in the config's order; NULL none */
    const char *origin;   /* mirror.name; NULL for what is no mirror */
    const char *external;
    const char *retention;
    const char *storage;
    int64_t replicas;
    bool is_sourced; /* has sources */
    const char *raw; /* the config's own bytes; NULL unless a mirror or possibly an origin */
};

struct evt_streams {
    const char *server;
    const char *cluster;
    int64_t streams; /* in the reply */
    bool is_leaders_only;
    bool has_config;
    bool is_complete; /* false: the reply broke off or a limit was reached */
};

struct evt_advisory {
    enum advisory_kind kind;
    const char *account;
    const char *stream;
    const char *leader;
    const char *cluster; /* of the leader; NULL when not said */
};

struct evt_drop {
    const char *where; /* "nats queue", "pending limit"… */
    int64_t count;     /* since the last event of this place */
};

struct evt_note {
    enum severity severity;
    const char *source; /* "nats rg1", "config"… */
    const char *text;
};

struct evt_key {
    const char *key;    /* as in a keymap: "P", "<Ctrl-l>" */
    const char *action; /* what it meant; NULL unbound */
};

struct evt_resize {
    int64_t cols;
    int64_t rows;
};

struct evt_fault {
    const char *words;   /* "kill rg1" */
    const char *outcome; /* the lab's answer */
    bool is_ok;
};

#endif
