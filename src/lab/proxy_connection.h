/*
 * proxy_connection.h - one connection through the proxy; only proxy.c and proxy_connection.c use
 * this.
 */
#ifndef FARSHORE_LAB_PROXY_CONNECTION_H
#define FARSHORE_LAB_PROXY_CONNECTION_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow.h"
#include "proxy.h"

#define PROXY_RECEIVE_BUFFER_BYTES                                                                 \
    (256 * 1024) /* the backlog of a WAN is the sender's, not ours                                 \
                  */

struct proxy_connection;

/* Connections whose bytes wait for a direction's bandwidth, served in turn. */
struct proxy_queue {
    struct proxy *proxy;
    struct wan_bucket *bucket;
    ev_timer timer;
    struct proxy_connection *first;
    struct proxy_connection *last;
    int count;
};

/* One of the two ends: side 0 was accepted, side 1 was dialled. Flow i carries from side i to 1 -
 * i. */
struct proxy_side {
    struct proxy_connection *connection;
    int fd;
    ev_io readable;
    ev_io writable;
    struct flow flow; /* what was read here */
    bool
        is_ended; /* nothing more is read here: end of stream, an error, or the other end is deaf */
    bool is_shut; /* the end was passed on to the other side */
    bool is_blocked;     /* the last write here would have blocked */
    bool is_queued;      /* flow waits in its direction's queue */
    int64_t mono_end_ns; /* when the end may be passed on */
    struct proxy_connection *queue_next;
};

struct proxy_connection {
    struct proxy *proxy;
    struct proxy_connection *next;
    struct proxy_connection *previous;
    int from;
    int to;
    int target_port;
    bool is_connecting;
    struct wan_way *way;
    struct proxy_side sides[2];
    ev_timer timer;
};

struct proxy_listener {
    struct proxy *proxy;
    struct proxy_listener *next;
    ev_io readable;
    int fd;
    int port;
    int from;
    int to;
    int target_port;
};

struct proxy {
    struct ev_loop *loop;
    struct wan *wan;
    proxy_identify *identify;
    void *context;
    struct flow_pool pool;
    struct proxy_listener *listeners;
    struct proxy_connection *connections;
    struct proxy_queue queues[LAB_PLACES_MAX][LAB_PLACES_MAX]; /* [from][to] */
    ev_timer sweep; /* while something is stalled: who has hung up meanwhile? */
};

/* Take fd over. Dials at once unless the way is stalled. */
void connection_open(struct proxy *proxy, int fd, int from, int to, int target_port);

/* Close both ends; with a reset when is_reset. Frees it. */
void connection_close(struct proxy_connection *connection, bool is_reset);

/* Look at the way's state again: carry on, or hold still. May free it. */
void connection_refresh(struct proxy_connection *connection);

/* While stalled: close it when nobody can ever hear from it again. May free it. */
void connection_sweep(struct proxy_connection *connection);

/* Serve a direction's queue with the bytes that its bucket has now. */
void queue_serve(struct proxy_queue *queue);

#endif
