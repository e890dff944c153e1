/*
 * world.c - a super-cluster that tests play.
 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[WORLD_SERVERS] = {"rg1-n1", "rg1-n2", "rg1-n3", "rg2-n1",
                                                 "rg2-n2", "rg2-n3", "rg3-n1"};
static const char *const regions[3] = {"rg1", "rg2", "rg3"};
static const char *const ids[4][WORLD_SERVERS] = {
    {"NA1", "NA2", "NA3", "NA4", "NA5", "NA6", "NA7"},
    {"NB1", "NB2", "NB3", "NB4", "NB5", "NB6", "NB7"},
    {"NC1", "NC2", "NC3", "NC4", "NC5", "NC6", "NC7"},
    {"ND1", "ND2", "ND3", "ND4", "ND5", "ND6", "ND7"},
};

static void *counting_resize(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    struct counting_alloc *counting = context;
    if (new_bytes == 0) {
        counting->bytes -= old_bytes;
        free(block);
        return NULL;
    }
    counting->calls++;
    if (counting->fail_at != 0 && (counting->calls == counting->fail_at ||
                                   (counting->fails_on && counting->calls > counting->fail_at))) {
        counting->failed++;
        return NULL;
    }
    void *grown = realloc(block, new_bytes);
    assert_non_null(grown);
    counting->bytes = counting->bytes - old_bytes + new_bytes;
    counting->peak_bytes =
        counting->bytes > counting->peak_bytes ? counting->bytes : counting->peak_bytes;
    return grown;
}

void counting_begin(struct counting_alloc *counting)
{
    memset(counting, 0, sizeof(*counting));
    counting->alloc.resize = counting_resize;
    counting->alloc.context = counting;
}

const char *world_server_name(unsigned server)
{
    return names[server];
}

const char *world_region_name(unsigned server)
{
    return regions[server / 3];
}

void world_post(struct world *world, struct event *event)
{
    event->seq = ++world->seq;
    event->mono_ns = world->now_ns;
    event->at_ns = world->at_ns;
    if (world->also.put != NULL) {
        world->also.put(world->also.context, event);
    }
    model_apply(world->model, event);
}

void world_pass(struct world *world, int64_t ns)
{
    world->now_ns += ns;
    world->at_ns += ns;
}

void world_tick(struct world *world)
{
    struct event event = {.type = EVT_TICK};
    world_post(world, &event);
}

void world_settings(struct world *world, int64_t interval_ns, int64_t hold_ns)
{
    struct event event = {.type = EVT_SETTINGS};
    event.u.settings = (struct evt_settings){.interval_ns = interval_ns,
                                             .hold_ns = hold_ns,
                                             .clear_ns = 10 * NS_PER_S,
                                             .lag_warn_ns = 180 * NS_PER_S,
                                             .rpo_ns = 300 * NS_PER_S};
    world_post(world, &event);
}

void world_conn(struct world *world, const char *region, enum conn_state state)
{
    struct event event = {.type = EVT_CONN};
    event.u.conn = (struct evt_conn){.region = region, .state = state, .url = "nats://127.0.0.1"};
    event.u.conn.reason = state == CONN_UP ? NULL : "connection closed";
    world_post(world, &event);
}

void world_begin_with(struct world *world, unsigned servers, const struct fs_alloc *alloc)
{
    memset(world, 0, sizeof(*world));
    world->servers = servers;
    world->now_ns = 1000 * NS_PER_S;
    world->at_ns = INT64_C(1790000000) * NS_PER_S;
    for (unsigned i = 0; i < WORLD_SERVERS; i++) {
        world->is_alive[i] = i < servers;
    }
    world->model = model_create(alloc, NULL);
    if (world->model == NULL) {
        return;
    }
    world_settings(world, NS_PER_S, 10 * NS_PER_S);
    for (unsigned i = 0; i < (servers + 2) / 3; i++) {
        struct event event = {.type = EVT_REGION};
        event.u.region.region = regions[i];
        event.u.region.role = (enum region_role)i;
        world_post(world, &event);
        world_conn(world, regions[i], CONN_UP);
    }
}

void world_begin(struct world *world, unsigned servers)
{
    world_begin_with(world, servers, alloc_heap());
    assert_non_null(world->model);
}

void world_end(struct world *world)
{
    model_destroy(world->model);
    world->model = NULL;
}

void world_answer(struct world *world, unsigned server, const char *via)
{
    struct event event = {.type = EVT_SERVER};
    event.u.server = (struct evt_server){.server = names[server],
                                         .id = ids[world->run[server] % 4][server],
                                         .cluster = world_region_name(server),
                                         .version = "2.15.2",
                                         .host = "127.0.0.1",
                                         .via = via,
                                         .kind = ASK_STREAMS,
                                         .rtt_ns = WORLD_MS,
                                         .has_jetstream = true};
    world_post(world, &event);
}

/* Do servers of one region reach a living one of the other? */
static bool is_region_alive(const struct world *world, unsigned region)
{
    for (unsigned i = region * 3; i < world->servers && i < region * 3 + 3; i++) {
        if (world->is_alive[i]) {
            return true;
        }
    }
    return false;
}

void world_gateways(struct world *world, unsigned server)
{
    struct event end = {.type = EVT_GATEWAYS};
    end.u.gateways.server = names[server];
    end.u.gateways.cluster = world_region_name(server);
    for (unsigned to = 0; to < (world->servers + 2) / 3; to++) {
        if (to == server / 3 || world->is_cut[server / 3][to] || !is_region_alive(world, to)) {
            continue;
        }
        struct event event = {.type = EVT_GATEWAY};
        event.u.gateway = (struct evt_gateway){.server = names[server],
                                               .cluster = world_region_name(server),
                                               .remote = regions[to],
                                               .direction = GATEWAY_OUTBOUND,
                                               .peer_id = "NX",
                                               .rtt_ns = 2 * WORLD_MS,
                                               .msgs = (int64_t)world->seq,
                                               .uptime_ns = world->gateways_up_ns,
                                               .is_configured = true};
        world_post(world, &event);
        end.u.gateways.outbound++;
    }
    world_post(world, &end);
}

void world_meta(struct world *world, unsigned server)
{
    bool is_leader = world->leader == (int)server;
    struct event event = {.type = EVT_META};
    event.u.meta = (struct evt_meta){.server = names[server],
                                     .cluster = world_region_name(server),
                                     .leader = world->leader >= 0 ? names[world->leader] : NULL,
                                     .is_leader = is_leader,
                                     .size = world->servers};
    for (unsigned i = 0; is_leader && i < world->servers; i++) {
        if (i == server || world->is_removed[i]) {
            continue;
        }
        struct event peer = {.type = EVT_META_PEER};
        peer.u.meta_peer = (struct evt_meta_peer){.server = names[server],
                                                  .peer = names[i],
                                                  .is_current = world->is_alive[i],
                                                  .active_ns = world->unheard_ns[i]};
        world_post(world, &peer);
        event.u.meta.peers++;
    }
    event.u.meta.size = is_leader ? event.u.meta.peers + 1 : event.u.meta.size;
    world_post(world, &event);
}

void world_round(struct world *world)
{
    for (unsigned i = 0; i < world->servers; i++) {
        if (world->is_alive[i] && !world->is_deaf[i / 3]) {
            world_answer(world, i, world_region_name(i));
            world_meta(world, i);
            world_gateways(world, i);
        }
    }
    world_tick(world);
}

void world_second(struct world *world)
{
    for (unsigned i = 0; i < 4; i++) {
        world_pass(world, 250 * WORLD_MS);
        world_tick(world);
    }
    for (unsigned i = 0; i < world->servers; i++) {
        int64_t heard = 100 * WORLD_MS;
        bool is_heard = world->is_alive[i];
        world->unheard_ns[i] = is_heard ? heard : world->unheard_ns[i] + NS_PER_S;
    }
    world_round(world);
}

void world_seconds(struct world *world, unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        world_second(world);
    }
}

struct event world_stream(const char *account, const char *stream, unsigned server,
                          uint64_t last_seq)
{
    struct event event = {.type = EVT_STREAM};
    event.u.stream = (struct evt_stream){.server = names[server],
                                         .cluster = world_region_name(server),
                                         .account = account,
                                         .stream = stream,
                                         .leader = names[server],
                                         .is_leader = true,
                                         .msgs = (int64_t)last_seq,
                                         .bytes = (int64_t)last_seq * 100,
                                         .first_seq = last_seq > 0 ? 1 : 0,
                                         .last_seq = last_seq,
                                         .created_ns = 77};
    return event;
}

struct event world_mirror(const char *account, const char *stream, const char *origin,
                          int64_t active_ns)
{
    struct event event = {.type = EVT_MIRROR};
    event.u.mirror = (struct evt_mirror){.server = "rg2-n1",
                                         .cluster = "rg2",
                                         .account = account,
                                         .stream = stream,
                                         .origin = origin,
                                         .active_ns = active_ns};
    return event;
}

/* ---- views ---- */

struct region_view world_region(const struct world *world, const char *name)
{
    struct region_view view = {0};
    for (size_t i = 0; i < view_regions(world->model); i++) {
        view_region(world->model, i, &view);
        if (strcmp(view.name, name) == 0) {
            return view;
        }
    }
    fail_msg("no region %s", name);
    return view;
}

struct server_view world_server(const struct world *world, const char *name)
{
    struct server_view view = {0};
    for (size_t i = 0; i < view_servers(world->model); i++) {
        view_server(world->model, i, &view);
        if (strcmp(view.name, name) == 0) {
            return view;
        }
    }
    fail_msg("no server %s", name);
    return view;
}

struct link_view world_link(const struct world *world, const char *from, const char *to)
{
    struct link_view view = {0};
    for (size_t i = 0; i < view_links(world->model); i++) {
        view_link(world->model, i, &view);
        if (strcmp(view.from, from) == 0 && strcmp(view.to, to) == 0) {
            return view;
        }
    }
    fail_msg("no link %s -> %s", from, to);
    return view;
}

struct mirror_view world_mirror_view(const struct world *world, const char *account,
                                     const char *stream)
{
    struct mirror_view view = {0};
    for (size_t i = 0; i < view_mirrors(world->model); i++) {
        view_mirror(world->model, i, &view);
        if (strcmp(view.account, account) == 0 && strcmp(view.stream, stream) == 0) {
            assert_int_equal(view_mirror_state(world->model, i), view.state);
            return view;
        }
    }
    fail_msg("no mirror %s/%s", account, stream);
    return view;
}

struct meta_view world_meta_view(const struct world *world)
{
    struct meta_view view = {0};
    view_meta(world->model, &view);
    return view;
}

enum tri world_survives(const struct world *world, const char *region)
{
    struct region_view view = {0};
    for (size_t i = 0; i < view_regions(world->model); i++) {
        view_region(world->model, i, &view);
        if (strcmp(view.name, region) == 0) {
            return view_meta_survives(world->model, i);
        }
    }
    fail_msg("no region %s", region);
    return TRI_UNKNOWN;
}

bool world_has_change(const struct world *world, const char *part)
{
    for (size_t i = 0; i < view_changes(world->model); i++) {
        struct change_view view = {0};
        view_change(world->model, i, &view);
        if (strstr(view.text, part) != NULL) {
            return true;
        }
    }
    return false;
}
