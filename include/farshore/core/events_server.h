/*
 * events_server.h - bodies of events about servers, their gateways and the meta group.
 *
 * Rules and lifetimes: events.h.
 */
#ifndef FARSHORE_CORE_EVENTS_SERVER_H
#define FARSHORE_CORE_EVENTS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/core/names.h"

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

#endif
