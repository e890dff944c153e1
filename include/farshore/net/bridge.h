/*
 * bridge.h - carry events from foreign threads to the loop thread, in order and bounded.
 *
 * nats.c calls subscribers on its own threads; everything else here is single-threaded. A foreign
 * thread opens a writer, puts events (which are copied, texts too) and ends it; the loop thread
 * hands each event to the sink in the order in which writers ended or filled up. All events of one
 * writer arrive consecutively, however many batches they fill.
 *
 * Bounded  by bytes and batches. A writer that finds the ring full waits up to wait_ns, then drops
 * its batch and the rest of its events; the count arrives as EVT_DROP.
 * Loop     events are handed on for at most budget_ns a turn; timers and keys run in between.
 */
#ifndef FARSHORE_NET_BRIDGE_H
#define FARSHORE_NET_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/err.h"
#include "farshore/core/event.h"

#define BRIDGE_WORDS 8
#define BRIDGE_RECENT 8

struct ev_loop;
struct bridge;
struct bridge_batch;

struct bridge_options {
    struct ev_loop *loop;
    struct event_sink sink; /* gets every event, on the loop thread */
    size_t max_bytes;       /* waiting in the ring; 0 is 8 MiB */
    size_t max_batches;     /* 0 is 1024 */
    int64_t wait_ns;        /* a full ring holds a writer at most so long; 0 is 200 ms */
    int64_t budget_ns;      /* the longest turn on the loop; 0 is 3 ms */
};

/* A call on the loop thread, in order with the events around it. */
struct bridge_message {
    void (*call)(void *context, const struct bridge_message *message);
    void *context;
    int64_t words[BRIDGE_WORDS];
};

/* What it did so far; every member is a count since the start or a maximum. */
struct bridge_figures {
    int64_t events;
    int64_t dropped;    /* events that a full ring lost */
    int64_t longest_ns; /* one turn on the loop */
    int64_t most_bytes; /* waiting at one time */
};

/*
 * Begin on a loop; the sink may be called from the next turn on.
 *
 * Returns  ST_OK, ST_NO_MEMORY.
 * Thread   loop thread.
 */
enum fs_status bridge_open(struct bridge **out, const struct bridge_options *options,
                           struct err *err);

/* From now on writers drop silently and nothing more reaches the sink. Thread: loop thread. */
void bridge_stop(struct bridge *bridge);

/* Stop and give everything back. No writer may be open any more. NULL is fine. */
void bridge_close(struct bridge *bridge);

/* Thread: loop thread. */
void bridge_read_figures(struct bridge *bridge, struct bridge_figures *out);

/* One thread's way in; lives on its stack, members are private. */
struct bridge_writer {
    struct bridge *bridge;
    struct bridge_batch *batch;
    bool has_turn;
    bool has_dropped; /* some of what was put is lost: the reply is incomplete */
    const char *recent[BRIDGE_RECENT];
    unsigned next_recent;
};

void bridge_writer_begin(struct bridge_writer *writer, struct bridge *bridge);

/* Copy one event with its texts; its stamps are the bus's affair. May wait (see above). */
void bridge_put(struct bridge_writer *writer, const struct event *event);

/* Have a call made after what was put so far. Closes the batch. */
void bridge_call(struct bridge_writer *writer, const struct bridge_message *message);

/* Take back what was put and is not posted yet: always all of it while it fits one batch. */
void bridge_writer_drop(struct bridge_writer *writer);

/* Post what is left. Until then small replies are invisible to the loop. */
void bridge_writer_end(struct bridge_writer *writer);

/* The writer as a sink, for whoever produces events without knowing the bridge. */
struct event_sink bridge_writer_sink(struct bridge_writer *writer);

#endif
