/*
 * world.h - two regions and an arbiter as a server-side simulation that speaks in events.
 *
 * Gives tests of the screen a real model (core's own) in a known state: nothing here knows what the
 * screen does with it. Time begins at a fixed point and moves only by world_run().
 */
#ifndef FARSHORE_TESTS_WORLD_H
#define FARSHORE_TESTS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/core/model.h"

#define WORLD_REGIONS 3
#define WORLD_SERVERS 3
#define WORLD_MIRRORS 10000

struct world_mirror {
    const char *origin;
    const char *name;
    int64_t rate;       /* messages a second at the origin */
    int64_t behind;     /* how far the mirror stays behind */
    uint64_t last_seq;  /* of the origin */
    uint64_t mirrored;  /* of the mirror */
    int64_t holes;      /* messages that the mirror lacks */
    bool is_stalled;    /* the mirror does not move */
    int64_t contact_ns; /* since its last contact */
};

struct world {
    struct model *model;
    uint64_t seq;
    int64_t mono_ns;
    int regions;                /* 2 or 3 */
    int servers[WORLD_REGIONS]; /* 3, 3, 1 by default */
    bool is_up[WORLD_REGIONS];
    int leader_region;   /* -1: no meta leader */
    int streams_every_s; /* how often streams answer; 0: each second */
    int mirrors;
    struct world_mirror mirror[WORLD_MIRRORS];
    const char *const *names; /* of the servers, when not rgR-nN */
};

/* A world of three regions (or two) with the streams of the lab; nothing has been heard yet. */
void world_init(struct world *world, int regions);
void world_destroy(struct world *world);

/* Add a mirror in the second region. */
struct world_mirror *world_add_mirror(struct world *world, const char *origin, const char *name);

/* The session, the regions, connections and configs: what the first seconds tell. */
void world_start(struct world *world);

/* Only the session and the regions, every connection refused. */
void world_start_dark(struct world *world);

/* Let so many seconds pass. */
void world_run(struct world *world, int seconds);

/* Kill every server of a region. */
void world_kill(struct world *world, int region);

/* One event, stamped. */
void world_put(struct world *world, struct event event);

const char *world_server_name(const struct world *world, int region, int server);

#endif
