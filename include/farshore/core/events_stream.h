/*
 * events_stream.h - bodies of events about streams and mirrors, by account + stream.
 *
 * Rules and lifetimes: events.h.
 */
#ifndef FARSHORE_CORE_EVENTS_STREAM_H
#define FARSHORE_CORE_EVENTS_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/core/names.h"

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

#endif
