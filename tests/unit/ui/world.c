/*
 * world.c - models for the goldens of the screen, made of events as the feed would send them.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

#include "farshore/base/alloc.h"
#include "farshore/base/duration.h"

#define START_NS INT64_C(1795489200000000000) /* 2026-11-24T03:00:00Z */
#define LAG_WARN_NS (180 * NS_PER_S)

static const char *const region_names[WORLD_REGIONS] = {"rg1", "rg2", "rg3"};

static const char *const default_names[WORLD_REGIONS * WORLD_SERVERS] = {
    "rg1-n1", "rg1-n2", "rg1-n3", "rg2-n1", "rg2-n2", "rg2-n3", "rg3-n1", "rg3-n2", "rg3-n3",
};

const char *world_server_name(const struct world *world, int region, int server)
{
    const char *const *names = world->names == NULL ? default_names : world->names;

    return names[region * WORLD_SERVERS + server];
}

void world_put(struct world *world, struct event event)
{
    event.seq = ++world->seq;
    event.mono_ns = world->mono_ns;
    event.at_ns = START_NS + world->mono_ns;
    model_apply(world->model, &event);
}

void world_init(struct world *world, int regions)
{
    memset(world, 0, sizeof(*world));
    world->model = model_create(alloc_heap(), NULL);
    world->mono_ns = NS_PER_S;
    world->regions = regions;
    for (int i = 0; i < regions; i++) {
        world->servers[i] = i == 2 ? 1 : 3;
        world->is_up[i] = true;
    }
    world->leader_region = 1;
    world_add_mirror(world, "AGENTESE", "AGENTESE_MIRROR")->rate = 210;
    world_add_mirror(world, "EVENTS", "EVENTS_MIRROR")->rate = 96;
}

void world_destroy(struct world *world)
{
    model_destroy(world->model);
}

struct world_mirror *world_add_mirror(struct world *world, const char *origin, const char *name)
{
    struct world_mirror *mirror = &world->mirror[world->mirrors++];

    *mirror = (struct world_mirror){.origin = origin, .name = name, .rate = 1};
    mirror->last_seq = 1000 * (uint64_t)world->mirrors;
    mirror->mirrored = mirror->last_seq;
    return mirror;
}

static void put_session(struct world *world)
{
    world_put(world, (struct event){.type = EVT_START,
                                    .u.start = {.program = "farshore",
                                                .version = "0.1.0",
                                                .mode = "live",
                                                .context = "prod/payments",
                                                .operator_name = "ana",
                                                .host = "bastion-2"}});
    world_put(world, (struct event){.type = EVT_SETTINGS,
                                    .u.settings = {.interval_ns = NS_PER_S,
                                                   .hold_ns = 10 * NS_PER_S,
                                                   .clear_ns = 10 * NS_PER_S,
                                                   .lag_warn_ns = LAG_WARN_NS,
                                                   .rpo_ns = 300 * NS_PER_S}});
    for (int i = 0; i < world->regions; i++) {
        world_put(world, (struct event){.type = EVT_REGION,
                                        .u.region = {.region = region_names[i],
                                                     .role = i == 0   ? ROLE_PRIMARY
                                                             : i == 1 ? ROLE_STANDBY
                                                                      : ROLE_ARBITER}});
    }
}

static void put_conn(struct world *world, int region, enum conn_state state)
{
    world_put(world, (struct event){
                         .type = EVT_CONN,
                         .u.conn = {.region = region_names[region],
                                    .state = state,
                                    .url = "nats://127.0.0.1:4222",
                                    .server = state == CONN_UP ? world_server_name(world, region, 0)
                                                               : NULL,
                                    .reason = state == CONN_UP ? NULL : "connection refused"}});
}

static void put_config(struct world *world, int region, const char *stream, const char *origin)
{
    world_put(world,
              (struct event){.type = EVT_STREAM_CONFIG,
                             .u.stream_config = {.server = world_server_name(world, region, 0),
                                                 .cluster = region_names[region],
                                                 .account = "APP",
                                                 .stream = stream,
                                                 .subjects = origin == NULL ? "agentese.>" : NULL,
                                                 .origin = origin,
                                                 .retention = "limits",
                                                 .storage = "file",
                                                 .replicas = 3}});
}

static void put_server(struct world *world, int region, int server, bool has_stats)
{
    const char *name = world_server_name(world, region, server);

    world_put(world, (struct event){.type = EVT_SERVER,
                                    .u.server = {.server = name,
                                                 .id = name,
                                                 .cluster = region_names[region],
                                                 .version = "2.15.2",
                                                 .host = "10.0.0.7",
                                                 .via = region_names[region],
                                                 .kind = ASK_META,
                                                 .rtt_ns = 2 * NS_PER_MS + server * 300 * NS_PER_US,
                                                 .has_jetstream = true}});
    if (has_stats) {
        world_put(
            world,
            (struct event){.type = EVT_STATS,
                           .u.stats = {.server = name,
                                       .cluster = region_names[region],
                                       .start_ns = START_NS - NS_PER_S * 4000,
                                       .connections = 4100 + server * 7 + world->mono_ns / NS_PER_S,
                                       .subscriptions = 900,
                                       .slow_consumers = server == 2 && region == 1 ? 3 : 0,
                                       .cpu_milli_pct = 12500,
                                       .mem_bytes = 64 * 1024 * 1024,
                                       .in_msgs = 1000,
                                       .out_msgs = 1000,
                                       .active_servers = 7}});
    }
}

static void put_gateways(struct world *world, int region, int server)
{
    int64_t second = world->mono_ns / NS_PER_S;
    int64_t outbound = 0;

    for (int to = 0; to < world->regions; to++) {
        if (to == region || !world->is_up[to]) {
            continue;
        }
        outbound++;
        world_put(world, (struct event){
                             .type = EVT_GATEWAY,
                             .u.gateway = {.server = world_server_name(world, region, server),
                                           .cluster = region_names[region],
                                           .remote = region_names[to],
                                           .direction = GATEWAY_OUTBOUND,
                                           .peer_id = world_server_name(world, to, 0),
                                           .rtt_ns = (to == 2 || region == 2 ? 84 : 12) * NS_PER_MS,
                                           .msgs = second * (40 + region * 7),
                                           .bytes = second * 4000,
                                           .pending_bytes = 0,
                                           .uptime_ns = second * NS_PER_S,
                                           .is_configured = true}});
    }
    world_put(world,
              (struct event){.type = EVT_GATEWAYS,
                             .u.gateways = {.server = world_server_name(world, region, server),
                                            .cluster = region_names[region],
                                            .outbound = outbound,
                                            .inbound = 0}});
}

static int total_servers(const struct world *world)
{
    int total = 0;

    for (int i = 0; i < world->regions; i++) {
        total += world->servers[i];
    }
    return total;
}

static void put_meta(struct world *world, int region, int server)
{
    const char *name = world_server_name(world, region, server);
    bool is_leader = region == world->leader_region && server == 0;
    int64_t peers = 0;

    for (int r = 0; r < world->regions && is_leader; r++) {
        for (int s = 0; s < world->servers[r]; s++) {
            if (r == region && s == server) {
                continue;
            }
            peers++;
            world_put(world, (struct event){.type = EVT_META_PEER,
                                            .u.meta_peer = {.server = name,
                                                            .peer = world_server_name(world, r, s),
                                                            .is_current = world->is_up[r],
                                                            .is_offline = !world->is_up[r],
                                                            .active_ns = 300 * NS_PER_MS,
                                                            .lag = 0}});
        }
    }
    world_put(
        world,
        (struct event){.type = EVT_META,
                       .u.meta = {.server = name,
                                  .cluster = region_names[region],
                                  .leader = world->leader_region < 0
                                                ? NULL
                                                : world_server_name(world, world->leader_region, 0),
                                  .is_leader = is_leader,
                                  .size = total_servers(world),
                                  .quorum_needed = total_servers(world) / 2 + 1,
                                  .peers = peers}});
}

static void put_stream(struct world *world, int region, const char *stream, uint64_t last_seq,
                       int64_t msgs)
{
    world_put(world, (struct event){.type = EVT_STREAM,
                                    .u.stream = {.server = world_server_name(world, region, 0),
                                                 .cluster = region_names[region],
                                                 .account = "APP",
                                                 .stream = stream,
                                                 .leader = world_server_name(world, region, 0),
                                                 .is_leader = true,
                                                 .msgs = msgs,
                                                 .bytes = msgs * 100,
                                                 .first_seq = 1,
                                                 .last_seq = last_seq,
                                                 .last_ts_ns = START_NS + world->mono_ns,
                                                 .created_ns = START_NS - NS_PER_S}});
}

static void put_streams(struct world *world)
{
    for (int i = 0; i < world->mirrors; i++) {
        struct world_mirror *mirror = &world->mirror[i];
        if (world->is_up[0]) {
            mirror->last_seq += (uint64_t)mirror->rate;
            put_stream(world, 0, mirror->origin, mirror->last_seq, (int64_t)mirror->last_seq);
        }
        if (!mirror->is_stalled && world->is_up[0]) {
            mirror->mirrored = mirror->last_seq - (uint64_t)mirror->behind;
        }
        mirror->contact_ns = world->is_up[0] && !mirror->is_stalled ? 200 * NS_PER_MS
                                                                    : mirror->contact_ns + NS_PER_S;
        if (!world->is_up[1]) {
            continue;
        }
        put_stream(world, 1, mirror->name, mirror->mirrored,
                   (int64_t)mirror->mirrored - mirror->holes);
        world_put(world, (struct event){.type = EVT_MIRROR,
                                        .u.mirror = {.server = world_server_name(world, 1, 0),
                                                     .cluster = region_names[1],
                                                     .account = "APP",
                                                     .stream = mirror->name,
                                                     .origin = mirror->origin,
                                                     .lag = 0,
                                                     .active_ns = mirror->contact_ns}});
    }
    for (int r = 0; r < 2; r++) {
        if (world->is_up[r]) {
            world_put(world, (struct event){.type = EVT_STREAMS,
                                            .u.streams = {.server = world_server_name(world, r, 0),
                                                          .cluster = region_names[r],
                                                          .streams = world->mirrors,
                                                          .is_leaders_only = true,
                                                          .is_complete = true}});
        }
    }
}

static void put_second(struct world *world)
{
    bool has_stats = world->mono_ns / NS_PER_S % 10 == 2;

    for (int r = 0; r < world->regions; r++) {
        for (int s = 0; s < world->servers[r] && world->is_up[r]; s++) {
            put_server(world, r, s, has_stats);
            put_meta(world, r, s);
            put_gateways(world, r, s);
        }
    }
    if (world->streams_every_s == 0 || world->mono_ns / NS_PER_S % world->streams_every_s == 0) {
        put_streams(world);
    }
    world_put(world, (struct event){.type = EVT_TICK, .u.tick = {.late_ns = 0}});
}

void world_start_dark(struct world *world)
{
    put_session(world);
    for (int i = 0; i < world->regions; i++) {
        world->is_up[i] = false;
        put_conn(world, i, CONN_CONNECTING);
        put_conn(world, i, CONN_LOST);
    }
    world->leader_region = -1;
}

void world_start(struct world *world)
{
    put_session(world);
    for (int i = 0; i < world->regions; i++) {
        put_conn(world, i, CONN_UP);
    }
    put_second(world);
    for (int r = 0; r < world->regions; r++) {
        for (int s = 0; s < world->servers[r]; s++) {
            for (int to = 0; to < world->regions; to++) {
                if (to != r) {
                    world_put(world, (struct event){.type = EVT_GATEWAY_CONFIG,
                                                    .u.gateway_config = {
                                                        .server = world_server_name(world, r, s),
                                                        .cluster = region_names[r],
                                                        .remote = region_names[to]}});
                }
            }
        }
    }
    for (int i = 0; i < world->mirrors; i++) {
        put_config(world, 0, world->mirror[i].origin, NULL);
        put_config(world, 1, world->mirror[i].name, world->mirror[i].origin);
    }
}

void world_run(struct world *world, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        world->mono_ns += NS_PER_S;
        put_second(world);
    }
}

void world_kill(struct world *world, int region)
{
    world->is_up[region] = false;
    put_conn(world, region, CONN_LOST);
}
