/*
 * events_session.h - bodies of events about the session itself: config, time, our own connections,
 * what we ask, keys.
 *
 * Rules and lifetimes: events.h.
 */
#ifndef FARSHORE_CORE_EVENTS_SESSION_H
#define FARSHORE_CORE_EVENTS_SESSION_H

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
