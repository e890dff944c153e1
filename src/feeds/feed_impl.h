/*
 * feed_impl.h - the parts of the NATS feed. Private to feeds.
 *
 * Threads  "loop" members belong to the loop thread. "shared" ones are guarded by feed->mutex:
 *          nats.c's delivery threads read questions and origins there and settle duplicates.
 */
#ifndef FARSHORE_SRC_FEEDS_FEED_IMPL_H
#define FARSHORE_SRC_FEEDS_FEED_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ev.h>

#include "farshore/feeds/nats_feed.h"

#define FEED_ASKS 1024 /* questions remembered: replies may be minutes late */
#define FEED_RTTS 8    /* fastest replies of the last small questions */
#define FEED_NAME_BYTES 256
#define FEED_INBOX_BYTES 128
#define FEED_SUBSCRIPTIONS 6
#define FEED_PUSHERS 1024 /* servers whose last push is remembered */
#define FEED_ADVISORIES 256
#define FEED_NOTES 128

#define FEED_NO_REGION (-1)

/* One question that left. Loop writes, delivery threads copy, under the mutex. */
struct feed_ask {
    uint64_t id; /* 0: free */
    int region;
    int via;
    enum ask_kind kind;
    bool is_leaders_only;
    int64_t sent_ns;
    int64_t busy_ns; /* of the connection's delivery thread, when sent */

    bool is_open; /* loop: its window */
    int64_t window_ns;
    int64_t replies;
    int64_t first_rtt_ns;
};

/* How often one kind of question goes to one region. */
struct feed_pace {
    int64_t next_ns;
    int64_t interval_ns;
    int64_t cost_ns;      /* estimate, of the slowest server */
    int64_t ask_cost_ns;  /* slowest so far of the last question */
    uint64_t cost_ask_id; /* that question */
    bool is_told;
    bool is_slowed;
};

struct feed_region {
    struct nats_feed *feed;
    int index;
    char name[FEED_NAME_BYTES];
    bool is_configured;
    struct nats_conn *conn; /* NULL: asked over others */
    char inbox[FEED_INBOX_BYTES];
    atomic_bool is_up;    /* its own connection */
    atomic_llong busy_ns; /* spent in decoding what came over it */

    /* loop */
    char url[FEED_NAME_BYTES];
    char server_id[FEED_NAME_BYTES];
    char server_name[FEED_NAME_BYTES];
    enum conn_state state;
    int via; /* of the last question; a change forgets the round trips */
    int64_t rtts[FEED_RTTS];
    unsigned rtt_count;
    struct feed_pace pace[ASK_KINDS];
    int64_t streams;      /* a server, the largest; -1 unknown */
    int64_t streams_next; /* being gathered */
    bool is_large;
    unsigned silent_windows;
};

struct pusher {
    uint64_t server; /* hash of its id; 0 free */
    uint64_t seq;
};

struct nats_feed {
    struct ev_loop *loop;
    struct event_sink sink;
    int64_t interval_ns;
    struct bridge *bridge;
    struct ev_timer ticker;
    struct ev_timer window_timer;
    struct feed_region regions[NATS_FEED_REGIONS];
    atomic_int region_count;
    uint64_t next_ask;
    uint64_t first_open; /* no window older than this question is open */
    uint64_t notes[FEED_NOTES];
    unsigned note_count;

    pthread_mutex_t mutex; /* shared, from here on */
    struct feed_ask asks[FEED_ASKS];
    struct pusher pushers[FEED_PUSHERS];
    uint64_t advisories[FEED_ADVISORIES];
    unsigned next_advisory;
    uint64_t *origins; /* open addressing over hashes of account and stream */
    size_t origin_capacity;
    size_t origin_count;
};

/* feed_ask.c: loop thread */

/* Ask what is due now; called by the ticker and when a way to a region opens. */
void feed_ask_due(struct nats_feed *feed);

/* Close the windows that are over and arm the timer for the next. */
void feed_close_windows(struct nats_feed *feed);

/* A reply was handed on; called in order with its events. words: see feed_reply.c. */
void feed_note_reply(void *context, const struct bridge_message *message);

/* The region's own connection came or went: everything is due at once. */
void feed_way_changed(struct nats_feed *feed);

/* The region of a cluster; FEED_NO_REGION when unknown. */
int feed_find_region(const struct nats_feed *feed, const char *cluster);

/* feed_pace.c: loop thread */
void feed_pace_init(struct feed_region *region, int64_t interval_ns, int64_t now_ns);
void feed_pace_cost(struct feed_region *region, const struct feed_ask *ask, int64_t cost_ns);
void feed_pace_streams(struct feed_region *region, int64_t streams);
void feed_pace_tell(struct feed_region *region, enum ask_kind kind);
void feed_rtt_add(struct feed_region *region, int64_t rtt_ns);
int64_t feed_rtt_best(const struct feed_region *region);  /* 0 unknown */
int64_t feed_rtt_worst(const struct feed_region *region); /* 0 unknown */

/* feed_reply.c: foreign threads */
extern const struct nats_subscription feed_pushes[FEED_SUBSCRIPTIONS - 1];
struct nats_conn_handler feed_handler(struct feed_region *region);

/* feed_seen.c: any thread */
bool feed_is_new_push(struct nats_feed *feed, const char *server_id, uint64_t seq);
bool feed_is_new_advisory(struct nats_feed *feed, uint64_t identity);
void feed_add_origin(struct nats_feed *feed, const char *account, const char *stream);
bool feed_is_origin(void *feed, const char *account, const char *stream);

/* feed_seen.c: loop thread. Is this note said for the first time? */
bool feed_is_new_note(struct nats_feed *feed, const struct evt_note *note);

#endif
