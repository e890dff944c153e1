/*
 * event.h - everything that happens, as typed values.
 *
 * The model changes only by events (model_apply), the recorder writes events, replay reads them. An
 * event is plain data: numbers and borrowed texts.
 *
 * Texts  are NUL-terminated, clean (base/text.h) and borrowed: they live until the call that was
 * given the event returns; NULL means absent. Whoever keeps one copies it. Times  seq, mono_ns and
 * at_ns are stamped by the bus, nobody else. mono_ns orders, at_ns labels. Adding a type is: one
 * enum name, one struct in events.h, one entry in src/core/event_table.c. Source
 * docs/ARCHITECTURE.md "Events".
 */
#ifndef FARSHORE_CORE_EVENT_H
#define FARSHORE_CORE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "farshore/core/events.h"

enum event_type {
    EVT_START,          /* a session begins: which program, which config */
    EVT_SETTINGS,       /* the numbers of the config that the rules need */
    EVT_REGION,         /* a region of the config */
    EVT_TICK,           /* time passed; states are judged anew */
    EVT_CONN,           /* our own connection to a region changed */
    EVT_ASK,            /* a question left for a region's servers */
    EVT_WINDOW,         /* its window closed: who was silent is silent */
    EVT_PACE,           /* how often a question is asked now, and why */
    EVT_SERVER,         /* a server answered: a sign of life with its identity */
    EVT_STATS,          /* a server's load (STATSZ, VARZ) */
    EVT_BYE,            /* a server said goodbye (SHUTDOWN, LAMEDUCK) */
    EVT_GATEWAY,        /* one gateway connection of a server; part of a GATEWAYZ reply */
    EVT_GATEWAYS,       /* a GATEWAYZ reply is complete: what it did not list is gone */
    EVT_GATEWAY_CONFIG, /* a server is configured to reach a cluster */
    EVT_META_PEER,      /* one peer of the meta group, as the meta leader sees it */
    EVT_META,           /* a server's view of the meta group; follows its peers */
    EVT_STREAM,         /* one replica's state of a stream */
    EVT_MIRROR,         /* what a mirror's leader says of its origin */
    EVT_STREAM_CONFIG,  /* one server's config of a stream */
    EVT_STREAMS,        /* a JSZ reply with streams is complete */
    EVT_ADVISORY,       /* JetStream advisory: leader elected, quorum lost */
    EVT_DROP,           /* something was dropped; counted where it happened */
    EVT_NOTE,           /* a message for the operator */
    EVT_KEY,            /* a key and what it meant */
    EVT_RESIZE,         /* the terminal's size */
    EVT_FAULT,          /* a fault injected into the lab */
    EVENT_TYPES,
};

struct event {
    uint64_t seq;
    int64_t mono_ns;
    int64_t at_ns;
    enum event_type type;
    union {
        struct evt_start start;
        struct evt_settings settings;
        struct evt_region region;
        struct evt_tick tick;
        struct evt_conn conn;
        struct evt_ask ask;
        struct evt_window window;
        struct evt_pace pace;
        struct evt_server server;
        struct evt_stats stats;
        struct evt_bye bye;
        struct evt_gateway gateway;
        struct evt_gateways gateways;
        struct evt_gateway_config gateway_config;
        struct evt_meta_peer meta_peer;
        struct evt_meta meta;
        struct evt_stream stream;
        struct evt_mirror mirror;
        struct evt_stream_config stream_config;
        struct evt_streams streams;
        struct evt_advisory advisory;
        struct evt_drop drop;
        struct evt_note note;
        struct evt_key key;
        struct evt_resize resize;
        struct evt_fault fault;
    } u;
};

/* Where an event goes next: a feed posts to the bus, the bus to the recorder, then to the model. */
struct event_sink {
    void *context;
    /* Takes the event; its texts are valid only during the call. Thread: loop thread only. */
    void (*put)(void *context, const struct event *event);
};

#endif
