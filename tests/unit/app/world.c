/*
 * world.c - a model of three regions, made of events as the feed would send them.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"

#define START_AT_NS INT64_C(1795403564000000000) /* 2026-11-23T03:12:44Z */

static const struct {
    const char *name, *region;
} servers[] = {
    {"rg1-n1", "rg1"}, {"rg1-n2", "rg1"}, {"rg1-n3", "rg1"}, {"rg2-n1", "rg2"},
    {"rg2-n2", "rg2"}, {"rg2-n3", "rg2"}, {"rg3-n1", "rg3"},
};
#define SERVERS (sizeof(servers) / sizeof(servers[0]))
static const char *const regions[] = {"rg1", "rg2", "rg3"};

static void put(struct world *world, struct event event)
{
    event.seq = ++world->seq;
    event.mono_ns = world->mono_ns;
    event.at_ns = world->at_ns;
    model_apply(world->model, &event);
}

static bool is_dead(const struct world *world, const char *region)
{
    return world->is_rg1_dead && strcmp(region, "rg1") == 0;
}

void world_begin(struct world *world)
{
    memset(world, 0, sizeof(*world));
    world->model = model_create(alloc_heap(), NULL);
    world->mono_ns = NS_PER_S;
    world->at_ns = START_AT_NS;
    world->origin_seq = 1000;
    put(world, (struct event){.type = EVT_START,
                              .u.start = {.program = "farshore",
                                          .version = "0.1.0",
                                          .mode = "status",
                                          .context = "prod \"east\""}});
    put(world, (struct event){.type = EVT_SETTINGS,
                              .u.settings = {.interval_ns = NS_PER_S,
                                             .hold_ns = 10 * NS_PER_S,
                                             .clear_ns = 10 * NS_PER_S,
                                             .lag_warn_ns = 3 * NS_PER_MINUTE,
                                             .rpo_ns = 5 * NS_PER_MINUTE}});
    for (unsigned i = 0; i < 3; i++) {
        put(world, (struct event){.type = EVT_REGION,
                                  .u.region = {.region = regions[i], .role = (enum region_role)i}});
    }
}

void world_end(struct world *world)
{
    model_destroy(world->model);
}

static void put_gateways(struct world *world, const char *server, const char *region)
{
    int64_t count = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(regions[i], region) == 0 || is_dead(world, regions[i])) {
            continue;
        }
        for (unsigned direction = 0; direction < 2; direction++) {
            put(world, (struct event){.type = EVT_GATEWAY,
                                      .u.gateway = {.server = server,
                                                    .cluster = region,
                                                    .remote = regions[i],
                                                    .direction = (enum gateway_direction)direction,
                                                    .peer_id = "PEER",
                                                    .rtt_ns = 2100 * NS_PER_US,
                                                    .msgs = (int64_t)world->origin_seq,
                                                    .is_configured = true}});
        }
        count++;
    }
    put(world, (struct event){
                   .type = EVT_GATEWAYS,
                   .u.gateways = {
                       .server = server, .cluster = region, .outbound = count, .inbound = count}});
}

static void put_meta(struct world *world, const char *server, const char *region)
{
    const char *leader = world->is_rg1_dead ? "rg2-n1" : "rg1-n1";
    bool is_leader = strcmp(server, leader) == 0;
    for (size_t i = 0; i < SERVERS && is_leader; i++) {
        if (strcmp(servers[i].name, leader) != 0) {
            bool is_gone = is_dead(world, servers[i].region);
            put(world, (struct event){.type = EVT_META_PEER,
                                      .u.meta_peer = {.server = server,
                                                      .peer = servers[i].name,
                                                      .is_current = !is_gone,
                                                      .is_offline = is_gone,
                                                      .active_ns = is_gone ? NS_PER_MINUTE
                                                                           : 300 * NS_PER_MS}});
        }
    }
    put(world, (struct event){.type = EVT_META,
                              .u.meta = {.server = server,
                                         .cluster = region,
                                         .leader = leader,
                                         .is_leader = is_leader,
                                         .size = (int64_t)SERVERS,
                                         .peers = is_leader ? (int64_t)SERVERS - 1 : 0}});
}

static void put_stream(struct world *world, const char *server, const char *region,
                       const char *stream, uint64_t last_seq)
{
    put(world, (struct event){.type = EVT_STREAM,
                              .u.stream = {.server = server,
                                           .cluster = region,
                                           .account = "APP",
                                           .stream = stream,
                                           .leader = server,
                                           .is_leader = true,
                                           .msgs = (int64_t)last_seq,
                                           .first_seq = 1,
                                           .last_seq = last_seq,
                                           .last_ts_ns = world->at_ns,
                                           .created_ns = START_AT_NS - NS_PER_MINUTE}});
}

static void put_streams(struct world *world, const char *server, const char *region)
{
    if (strcmp(server, "rg1-n1") == 0) {
        put_stream(world, server, region, "AGENTESE", world->origin_seq);
    }
    if (strcmp(server, "rg2-n2") == 0) {
        put_stream(world, server, region, "AGENTESE_MIRROR", world->origin_seq);
        put(world, (struct event){.type = EVT_MIRROR,
                                  .u.mirror = {.server = server,
                                               .cluster = region,
                                               .account = "APP",
                                               .stream = "AGENTESE_MIRROR",
                                               .origin = "AGENTESE",
                                               .active_ns = 120 * NS_PER_MS}});
    }
    put(world,
        (struct event){
            .type = EVT_STREAMS,
            .u.streams = {.server = server, .cluster = region, .streams = 1, .is_complete = true}});
}

static void put_answers(struct world *world)
{
    for (size_t i = 0; i < SERVERS; i++) {
        const char *name = servers[i].name;
        const char *region = servers[i].region;
        if (is_dead(world, region)) {
            continue;
        }
        put(world, (struct event){.type = EVT_SERVER,
                                  .u.server = {.server = name,
                                               .id = name,
                                               .cluster = region,
                                               .version = "2.15.2",
                                               .via = region,
                                               .kind = ASK_STREAMS,
                                               .rtt_ns = 900 * NS_PER_US,
                                               .has_jetstream = true}});
        put(world, (struct event){.type = EVT_STATS,
                                  .u.stats = {.server = name,
                                              .cluster = region,
                                              .connections = 4102,
                                              .active_servers = -1}});
        put_gateways(world, name, region);
        put_meta(world, name, region);
        put_streams(world, name, region);
    }
}

static void put_connections(struct world *world)
{
    for (unsigned i = 0; i < 3; i++) {
        bool is_up = !is_dead(world, regions[i]);
        put(world, (struct event){.type = EVT_CONN,
                                  .u.conn = {.region = regions[i],
                                             .state = is_up ? CONN_UP : CONN_LOST,
                                             .reason = is_up ? NULL : "connection refused"}});
    }
}

void world_run(struct world *world, int seconds)
{
    put_connections(world);
    for (int second = 0; second < seconds; second++) {
        world->origin_seq += world->is_rg1_dead ? 0 : 100;
        put_answers(world);
        for (int tick = 0; tick < 4; tick++) {
            world->mono_ns += 250 * NS_PER_MS;
            world->at_ns += 250 * NS_PER_MS;
            put(world, (struct event){.type = EVT_TICK});
        }
    }
}
