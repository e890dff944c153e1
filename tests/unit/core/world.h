/*
 * world.h - a super-cluster that tests play: it posts to a model what feeds would post.
 *
 * Three regions, rg1 and rg2 of three servers and rg3 of one (or 3+3). world_second() lets one
 * second pass as the feeds would tell it: asks answered by who lives, then ticks.
 */
#ifndef FARSHORE_TESTS_CORE_WORLD_H
#define FARSHORE_TESTS_CORE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/duration.h"
#include "farshore/core/event.h"
#include "farshore/core/model.h"
#include "farshore/core/view.h"

#define WORLD_SERVERS 7
#define WORLD_MS NS_PER_MS

/* Counts what is in use; fails the allocation numbered fail_at (1 is the first), or none at 0. */
struct counting_alloc {
    struct fs_alloc alloc;
    size_t bytes, peak_bytes;
    uint64_t calls, fail_at, failed;
    bool fails_on; /* every later one too */
};

void counting_begin(struct counting_alloc *counting);

struct world {
    struct model *model;
    int64_t now_ns, at_ns;
    uint64_t seq;
    unsigned servers; /* 7, or 6 without rg3 */
    bool is_alive[WORLD_SERVERS];
    bool is_cut[3][3];                 /* no gateway from, to */
    bool is_deaf[3];                   /* we hear nothing of this region's servers */
    unsigned run[WORLD_SERVERS];       /* of the process; part of the id */
    int leader;                        /* of the meta group; -1 none */
    int64_t unheard_ns[WORLD_SERVERS]; /* active of a peer as the leader sees it */
    bool is_removed[WORLD_SERVERS];    /* no peer of the meta group */
    int64_t gateways_up_ns;            /* uptime that servers say; 0: by when we began */
    struct event_sink also;            /* gets each event first; put may be NULL */
};

void world_begin(struct world *world, unsigned servers);
void world_begin_with(struct world *world, unsigned servers, const struct fs_alloc *alloc);
void world_end(struct world *world);

/* Stamp and apply. */
void world_post(struct world *world, struct event *event);
void world_pass(struct world *world, int64_t ns); /* time alone, no event */
void world_tick(struct world *world);

const char *world_server_name(unsigned server);
const char *world_region_name(unsigned server);

/* Single posts. */
void world_answer(struct world *world, unsigned server, const char *via);
void world_gateways(struct world *world, unsigned server);
void world_meta(struct world *world, unsigned server);
void world_conn(struct world *world, const char *region, enum conn_state state);
void world_settings(struct world *world, int64_t interval_ns, int64_t hold_ns);

/* All that live answer JSZ and GATEWAYZ, then a tick: at once, without time passing. */
void world_round(struct world *world);

/* A second of it: ticks each 250 ms, a round at its end. Several seconds in a row. */
void world_second(struct world *world);
void world_seconds(struct world *world, unsigned seconds);

/* What changes in a stream when a test says nothing of it. */
struct event world_stream(const char *account, const char *stream, unsigned server,
                          uint64_t last_seq);
struct event world_mirror(const char *account, const char *stream, const char *origin,
                          int64_t active_ns);

/* Views by name; they fail the test when there is none. */
struct region_view world_region(const struct world *world, const char *name);
struct server_view world_server(const struct world *world, const char *name);
struct link_view world_link(const struct world *world, const char *from, const char *to);
struct mirror_view world_mirror_view(const struct world *world, const char *account,
                                     const char *stream);
struct meta_view world_meta_view(const struct world *world);
enum tri world_survives(const struct world *world, const char *region);
bool world_has_change(const struct world *world, const char *part);

#endif
