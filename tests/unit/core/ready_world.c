/*
 * ready_world.c - a world that is ready for a failover, for tests to break.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ready_world.h"

struct world world;
struct ready_facts facts;
struct ready_report report;

/* ---- a world that is well ---- */

struct ready_stream *add_stream(const char *name, const char *region, const char *subjects,
                                const char *origin)
{
    struct ready_stream *row = ready_add_stream(&facts);
    row->account = "APP";
    row->name = name;
    row->region = region;
    row->leader = "n1";
    row->is_leader = true;
    row->has_config = true;
    row->subjects = subjects;
    row->origin = origin;
    row->retention = "limits";
    row->storage = "file";
    row->replicas = 3;
    row->peers = 3;
    row->msgs = 1000;
    row->bytes = 500000;
    row->first_seq = 1;
    row->last_seq = 1000;
    return row;
}

static void add_region(const char *name, enum region_role role, int64_t servers)
{
    struct ready_region *row = ready_add_region(&facts);
    row->name = name;
    row->role = role;
    row->servers = servers;
    row->listed = servers;
    row->is_own_link_up = true;
}

static void add_servers(void)
{
    for (unsigned i = 0; i < WORLD_SERVERS; i++) {
        struct ready_server *row = ready_add_server(&facts);
        row->name = world_server_name(i);
        row->region = world_region_name(i);
        row->has_jetstream = true;
        row->has_store = true;
        row->has_clock = true;
        row->offset_ns = 2 * WORLD_MS;
        row->error_ns = WORLD_MS;
        row->store_used_bytes = 100;
        row->store_limit_bytes = 1000;
    }
}

static void add_login(const char *region, enum ready_login_kind kind, enum ready_login_state state)
{
    struct ready_login *row = ready_add_login(&facts);
    row->region = region;
    row->kind = kind;
    row->state = state;
    row->user = "ana";
    row->account = "APP";
}

void post_mirror(uint64_t origin_seq, uint64_t mirror_seq, int64_t active_ns)
{
    struct event event = world_stream("APP", "AGENTESE", 0, origin_seq);
    world_post(&world, &event);
    event = world_stream("APP", "AGENTESE_MIRROR", 3, mirror_seq);
    world_post(&world, &event);
    event = world_mirror("APP", "AGENTESE_MIRROR", "AGENTESE", active_ns);
    world_post(&world, &event);
}

void ready_world_begin(unsigned servers)
{
    world_begin(&world, servers);
    world.leader = servers == 7 ? 6 : 3;
    static const char *const names[] = {"rg1", "rg2", "rg3"};
    for (unsigned i = 0; i < (servers == 7 ? 3u : 2u); i++) {
        world_conn(&world, names[i], CONN_UP);
    }
    for (unsigned i = 0; i < 15; i++) {
        world_second(&world);
        post_mirror(1000 + i, 1000 + i, 100 * WORLD_MS);
    }
    ready_facts_begin(&facts, alloc_heap());
    facts.mono_ns = model_mono_ns(world.model) - 2 * NS_PER_S;
    facts.lag_warn_ns = 180 * NS_PER_S;
    facts.stream_rto_ns = 900 * NS_PER_S;
    add_region("rg1", ROLE_PRIMARY, 3);
    add_region("rg2", ROLE_STANDBY, 3);
    struct ready_stream *origin = add_stream("AGENTESE", "rg1", "agentese.>", NULL);
    origin->consumers = 2;
    origin->consumers_known = 2;
    origin->consumers_durable = 1;
    add_stream("AGENTESE_MIRROR", "rg2", NULL, "AGENTESE");
    add_stream("KV_FARSHORE_LOCK", "rg2", "$KV.FARSHORE_LOCK.>", NULL);
    add_stream("KV_FARSHORE_STATE", "rg2", "$KV.FARSHORE_STATE.>", NULL);
    add_stream("FARSHORE_JOURNAL", "rg2", "farshore.journal.>", NULL);
    add_servers();
    add_login("rg1", READY_LOGIN_SYS, READY_LOGIN_WORKS);
    add_login("rg2", READY_LOGIN_APP, READY_LOGIN_WORKS);
    struct ready_place *place = ready_add_place(&facts);
    place->purpose = "journal";
    place->path = "/state";
    place->free_bytes = INT64_C(1) << 40;
}

void ready_world_end(void)
{
    ready_report_end(&report);
    ready_facts_end(&facts);
    world_end(&world);
}

struct ready_stream *stream(const char *name)
{
    for (uint32_t i = 0; i < facts.stream_count; i++) {
        if (strcmp(facts.streams[i].name, name) == 0) {
            return &facts.streams[i];
        }
    }
    fail_msg("no stream %s", name);
    abort();
}

void remove_stream(const char *name)
{
    struct ready_stream *row = stream(name);
    facts.stream_count--;
    *row = facts.streams[facts.stream_count];
}

const struct ready_check *judge(const char *id)
{
    ready_report_end(&report);
    ready_facts_settle(&facts);
    ready_judge(world.model, &facts, alloc_heap(), &report);
    assert_false(report.has_failed);
    for (size_t i = 0; i < report.count; i++) {
        assert_true(report.checks[i].evidence.length > 0);
        if (strcmp(report.checks[i].id, id) == 0) {
            return &report.checks[i];
        }
    }
    fail_msg("no check %s", id);
    abort();
}

void expect(const char *id, enum ready_result result)
{
    const struct ready_check *check = judge(id);
    if (check->result != result) {
        fail_msg("%s is %s: %s", id, name_of(&names_ready_result, check->result),
                 check->evidence.text);
    }
}

void expect_text(const char *id, enum ready_result result, const char *part)
{
    expect(id, result);
    const struct ready_check *check = judge(id);
    if (strstr(check->evidence.text, part) != NULL || strstr(check->remedy.text, part) != NULL) {
        return;
    }
    for (uint32_t i = 0; i < check->item_count; i++) {
        if (strstr(check->items[i].text, part) != NULL) {
            return;
        }
    }
    fail_msg("%s does not say \"%s\": %s", id, part, check->evidence.text);
}

void post_version(const char *server, const char *region, const char *version)
{
    struct event event = {.type = EVT_SERVER,
                          .u.server = {.server = server,
                                       .id = "X",
                                       .cluster = region,
                                       .version = version,
                                       .via = region,
                                       .has_jetstream = true}};
    world_post(&world, &event);
}
