/*
 * test_readiness_more.c - promotion and what it needs around the streams, three ways each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ready_world.h"

static void versions_decide_the_recipe(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        enum ready_result result;
        const char *part, *recipe;
    } rows[] = {
        {"2.12.7", READY_GO, "promoted in place", "in place"},
        {"2.12.4", READY_WARN, "upgrade to 2.12.7", "in place"},
        {"2.11.17", READY_GO, "through a snapshot", "restore"},
        {"2.9.10", READY_GO, "the run's keeper", "restore"},
        {"2.8.4", READY_STOP, "upgrade", "restore"},
        {"2.12.0-RC.1", READY_WARN, "upgrade to 2.12.7", "in place"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ready_world_begin(7);
        post_version("rg2-n1", "rg2", rows[i].version);
        expect_text("versions", rows[i].result, rows[i].part);
        expect_text("promotion", READY_GO, rows[i].recipe);
        ready_world_end();
    }
    ready_world_begin(7);
    post_version("rg2-n1", "rg2", "two");
    expect("versions", READY_UNKNOWN);
    expect("promotion", READY_UNKNOWN);
    ready_world_end();
}

static void a_restore_is_timed_by_its_bytes(void **state)
{
    (void)state;
    ready_world_begin(7);
    post_version("rg3-n1", "rg3", "2.9.10");
    stream("AGENTESE_MIRROR")->bytes = INT64_C(116000000000); /* 1,000 s */
    expect_text("promotion", READY_WARN, "objectives.stream_rto");
    facts.places[0].free_bytes = INT64_C(200000000000);
    expect_text("places", READY_STOP, "needed"); /* room for twice its size */
    facts.places[0].free_bytes = INT64_C(300000000000);
    expect("places", READY_GO);
    stream("AGENTESE_MIRROR")->storage = "memory";
    expect_text("promotion", READY_WARN, "memory");
    ready_world_end();
}

static void a_work_queue_stops_and_may_be_waived(void **state)
{
    (void)state;
    ready_world_begin(7);
    stream("AGENTESE")->retention = "workqueue";
    stream("AGENTESE")->msgs = 10;
    expect_text("retention", READY_STOP, "about 990 messages");
    assert_true(judge("retention")->is_waivable);
    stream("AGENTESE")->retention = "interest";
    expect("retention", READY_STOP);
    stream("AGENTESE")->retention = NULL;
    expect("retention", READY_UNKNOWN);
    ready_world_end();
}

static void consumers_without_a_definition_warn(void **state)
{
    (void)state;
    ready_world_begin(7);
    stream("AGENTESE")->consumers = 5;
    expect_text("consumers", READY_WARN, "2 of 5");
    facts.regions[0].servers = 0;
    expect("consumers", READY_UNKNOWN);
    ready_world_end();
}

static void a_login_is_go_only_when_it_works(void **state)
{
    (void)state;
    static const struct {
        enum ready_login_state state;
        enum ready_result standby, elsewhere;
    } rows[] = {
        {READY_LOGIN_ABSENT, READY_STOP, READY_WARN},
        {READY_LOGIN_REFUSED, READY_STOP, READY_WARN},
        {READY_LOGIN_UNABLE, READY_STOP, READY_WARN},
        {READY_LOGIN_SILENT, READY_UNKNOWN, READY_UNKNOWN},
        {READY_LOGIN_UNTESTED, READY_UNKNOWN, READY_UNKNOWN},
    };
    ready_world_begin(7);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        facts.logins[1].state = rows[i].state;
        expect("logins", rows[i].standby);
        facts.logins[1].region = "rg1";
        expect("logins", rows[i].elsewhere);
        facts.logins[1].region = "rg2";
    }
    facts.logins[1].why = "not armed";
    expect_text("logins", READY_UNKNOWN, "not tested: not armed");
    ready_world_end();
}

static void a_clock_far_away_warns(void **state)
{
    (void)state;
    ready_world_begin(7);
    facts.servers[4].offset_ns = -3 * NS_PER_S;
    expect_text("clock", READY_WARN, "behind us");
    facts.servers[4].error_ns = 2500 * WORLD_MS; /* the way there explains it */
    expect("clock", READY_GO);
    for (uint32_t i = 0; i < facts.server_count; i++) {
        facts.servers[i].has_clock = false;
    }
    expect("clock", READY_UNKNOWN);
    ready_world_end();
}

static void a_full_store_stops(void **state)
{
    (void)state;
    ready_world_begin(7);
    facts.servers[3].store_used_bytes = 760;
    expect_text("limits", READY_WARN, "76 %");
    facts.servers[3].store_used_bytes = 900;
    expect("limits", READY_STOP);
    facts.servers[3].store_used_bytes = 0;
    facts.servers[3].store_reserved_bytes = 950;
    expect("limits", READY_STOP);
    facts.servers[3].has_store = false;
    expect("limits", READY_UNKNOWN);
    facts.servers[3] = facts.servers[4];
    facts.servers[0].store_used_bytes = 999; /* the primary's is not the question */
    struct ready_account *account = ready_add_account(&facts);
    account->name = "APP";
    account->region = "rg2";
    account->storage_bytes = 95;
    account->storage_limit_bytes = 100;
    account->consumers_limit = -1;
    expect_text("limits", READY_STOP, "of storage used");
    facts.accounts[0].storage_bytes = 10;
    facts.accounts[0].consumers = 3;
    facts.accounts[0].consumers_limit = 3;
    expect_text("limits", READY_WARN, "consumers");
    ready_world_end();
}

static void a_missing_bucket_is_told_with_its_command(void **state)
{
    (void)state;
    ready_world_begin(7);
    remove_stream("FARSHORE_JOURNAL");
    expect_text("buckets", READY_WARN, "nats stream add FARSHORE_JOURNAL");
    remove_stream("KV_FARSHORE_LOCK");
    expect_text("buckets", READY_STOP, "nats kv add FARSHORE_LOCK");
    add_stream("KV_FARSHORE_LOCK", "rg1", "$KV.FARSHORE_LOCK.>", NULL);
    expect_text("buckets", READY_WARN, "lives in rg1");
    expect("coverage", READY_GO); /* farshore's own need no mirror */
    facts.lock_region = "rg1";
    expect("buckets", READY_WARN); /* the state is elsewhere now */
    facts.lock_region = "rg9";
    expect("buckets", READY_UNKNOWN);
    facts.lock_region = NULL;
    remove_stream("KV_FARSHORE_LOCK");
    add_stream("KV_FARSHORE_LOCK", "rg2", "$KV.FARSHORE_LOCK.>", NULL)->leader = NULL;
    expect_text("buckets", READY_STOP, "no leader");
    ready_world_end();
}

static void a_place_must_be_writable_with_room(void **state)
{
    (void)state;
    ready_world_begin(7);
    facts.places[0].free_bytes = 1 << 20;
    expect("places", READY_STOP);
    facts.places[0].free_bytes = -1;
    expect("places", READY_UNKNOWN);
    facts.places[0].why = "Permission denied";
    expect_text("places", READY_STOP, "Permission denied");
    ready_world_end();
}

static void a_stop_outranks_an_unknown_and_that_a_warning(void **state)
{
    (void)state;
    ready_world_begin(7);
    stream("AGENTESE")->consumers = 5;
    expect("consumers", READY_WARN);
    assert_int_equal(ready_exit_code(&report), 1);
    facts.places[0].free_bytes = -1;
    expect("places", READY_UNKNOWN);
    assert_int_equal(ready_exit_code(&report), 3);
    facts.places[0].why = "full";
    expect("places", READY_STOP);
    assert_int_equal(ready_exit_code(&report), 2);
    ready_world_end();
}

static void memory_that_runs_out_is_never_go(void **state)
{
    (void)state;
    struct counting_alloc counting;
    ready_world_begin(7);
    ready_facts_settle(&facts);
    for (uint64_t at = 1; at < 400; at++) {
        counting_begin(&counting);
        counting.fail_at = at;
        ready_report_end(&report);
        ready_judge(world.model, &facts, &counting.alloc, &report);
        if (counting.failed > 0) {
            assert_int_equal(ready_exit_code(&report), 3);
        }
        ready_report_end(&report);
        assert_int_equal(counting.bytes, 0);
    }
    ready_world_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_decide_the_recipe),
        cmocka_unit_test(a_restore_is_timed_by_its_bytes),
        cmocka_unit_test(a_work_queue_stops_and_may_be_waived),
        cmocka_unit_test(consumers_without_a_definition_warn),
        cmocka_unit_test(a_login_is_go_only_when_it_works),
        cmocka_unit_test(a_clock_far_away_warns),
        cmocka_unit_test(a_full_store_stops),
        cmocka_unit_test(a_missing_bucket_is_told_with_its_command),
        cmocka_unit_test(a_place_must_be_writable_with_room),
        cmocka_unit_test(a_stop_outranks_an_unknown_and_that_a_warning),
        cmocka_unit_test(memory_that_runs_out_is_never_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
