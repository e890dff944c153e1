/*
 * test_readiness.c - regions, quorum and mirrors three ways: well, bad, and not to be told, which
 * is never GO.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ready_world.h"

static void a_well_world_is_go_in_every_check(void **state)
{
    (void)state;
    ready_world_begin(7);
    for (size_t i = 0; ready_check_id(i) != NULL; i++) {
        expect(ready_check_id(i), READY_GO);
    }
    assert_int_equal(ready_exit_code(&report), 0);
    assert_int_equal(judge("coverage")->age_ns, 2 * NS_PER_S);
    ready_world_end();
}

static void nothing_known_is_never_go(void **state)
{
    (void)state;
    world_begin(&world, 7);
    ready_facts_begin(&facts, alloc_heap());
    for (size_t i = 0; ready_check_id(i) != NULL; i++) {
        expect(ready_check_id(i), READY_UNKNOWN);
        assert_int_equal(judge(ready_check_id(i))->age_ns, -1);
    }
    assert_int_equal(ready_exit_code(&report), 3);
    ready_world_end();
}

static void regions_follow_their_verdicts(void **state)
{
    (void)state;
    ready_world_begin(7);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world_conn(&world, "rg1", CONN_LOST);
    world_seconds(&world, 6);
    expect_text("regions", READY_WARN, "2 of 3");
    ready_world_end();
}

static void the_quorum_warns_where_a_region_takes_it_along(void **state)
{
    (void)state;
    ready_world_begin(6);
    expect_text("quorum", READY_WARN, "rescue");
    expect_text("quorum", READY_WARN, "arbiter");
    post_version("rg2-n1", "rg2", "2.12.4");
    expect_text("quorum", READY_WARN, "no rescue exists before 2.15");
    ready_world_end();
}

static void a_lost_quorum_stops(void **state)
{
    (void)state;
    ready_world_begin(6);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world.leader = -1;
    world_seconds(&world, 40);
    const struct ready_check *check = judge("quorum");
    assert_true(check->result == READY_STOP || check->result == READY_UNKNOWN);
    ready_world_end();
}

static void a_leader_in_the_primary_is_told(void **state)
{
    (void)state;
    ready_world_begin(7);
    world.leader = 0;
    world_seconds(&world, 8);
    expect_text("quorum", READY_GO, "keep the meta leader out of the primary");
    ready_world_end();
}

static void a_stream_without_mirror_stops_unless_accepted(void **state)
{
    (void)state;
    static const char *const exact[] = {"APP/OTHER", "APP/SCRATCH"};
    static const char *const prefix[] = {"APP/SCR*"};
    static const char *const other[] = {"APP/SCRATCHES", "SYS/*", "APP/SCRATC"};
    ready_world_begin(7);
    add_stream("SCRATCH", "rg1", "scratch.>", NULL);
    expect_text("coverage", READY_STOP, "lost whole");
    facts.accept_loss = exact;
    facts.accept_loss_count = 2;
    expect_text("coverage", READY_GO, "accepted by the configuration");
    facts.accept_loss = prefix;
    facts.accept_loss_count = 1;
    expect("coverage", READY_GO);
    facts.accept_loss = other;
    facts.accept_loss_count = 3;
    expect("coverage", READY_STOP);
    add_stream("SCRATCH_COPY", "rg2", NULL, NULL)->sources = "OTHER SCRATCH";
    expect_text("coverage", READY_GO, "sourced by SCRATCH_COPY");
    facts.regions[0].listed = 2;
    expect_text("coverage", READY_UNKNOWN, "only 2 of 3 servers of rg1");
    ready_world_end();
}

static void a_mirror_elsewhere_than_in_the_standby_does_not_count(void **state)
{
    (void)state;
    ready_world_begin(7);
    stream("AGENTESE_MIRROR")->region = "rg3";
    expect("coverage", READY_STOP);
    expect("promotion", READY_STOP);
    ready_world_end();
}

static void holes_are_counted_whatever_the_lag(void **state)
{
    (void)state;
    ready_world_begin(7);
    stream("AGENTESE_MIRROR")->last_seq = 900; /* 100 behind, nothing missing */
    stream("AGENTESE_MIRROR")->msgs = 900;
    expect("complete", READY_GO);
    stream("AGENTESE_MIRROR")->msgs = 896;
    expect_text("complete", READY_WARN, "lacks 4 messages");
    stream("AGENTESE")->msgs = 990; /* the origin deleted more than that itself */
    expect("complete", READY_GO);
    stream("AGENTESE")->msgs = 1000;
    stream("AGENTESE_MIRROR")->first_seq = 11;
    stream("AGENTESE_MIRROR")->msgs = 890;
    expect_text("complete", READY_WARN, "lacks 10 messages");
    remove_stream("AGENTESE");
    expect("complete", READY_UNKNOWN);
    ready_world_end();
}

static void an_empty_mirror_is_not_complete(void **state)
{
    (void)state;
    ready_world_begin(7);
    stream("AGENTESE_MIRROR")->msgs = 0;
    stream("AGENTESE_MIRROR")->first_seq = 1001;
    expect_text("complete", READY_WARN, "lacks 1,000 messages");
    stream("AGENTESE_MIRROR")->last_seq = 0; /* it has not begun: that is lag */
    expect("complete", READY_GO);
    ready_world_end();
}

static void a_stalled_mirror_is_not_fresh(void **state)
{
    (void)state;
    ready_world_begin(7);
    for (unsigned i = 0; i < 6; i++) {
        world_second(&world);
        post_mirror(1014 + i, 1014, (int64_t)(i + 1) * NS_PER_S);
    }
    expect_text("fresh", READY_WARN, "STALLED");
    world_seconds(&world, 8);
    expect_text("fresh", READY_UNKNOWN, "LAST KNOWN");
    expect("lag", READY_UNKNOWN);
    ready_world_end();
}

static void lag_over_the_objective_warns(void **state)
{
    (void)state;
    ready_world_begin(7);
    facts.lag_warn_ns = 2 * NS_PER_S;
    for (unsigned i = 0; i < 5; i++) {
        world_second(&world);
        post_mirror(1015 + i, 1014, 100 * WORLD_MS);
    }
    expect_text("lag", READY_WARN, "objectives.lag_warn");
    ready_world_end();
}

static void the_operators_own_thresholds_come_first(void **state)
{
    (void)state;
    ready_world_begin(7);
    stream("AGENTESE_MIRROR")->lag_critical = 5;
    for (unsigned i = 0; i < 5; i++) {
        world_second(&world);
        post_mirror(1020, 1014, 100 * WORLD_MS);
    }
    expect_text("lag", READY_WARN, "lag-critical is 5");
    stream("AGENTESE_MIRROR")->lag_critical = 100;
    facts.lag_warn_ns = 1;
    expect("lag", READY_GO);
    stream("AGENTESE_MIRROR")->seen_critical_ns = 50 * WORLD_MS;
    expect_text("lag", READY_WARN, "seen-critical");
    stream("AGENTESE_MIRROR")->seen_critical_ns = -1;
    stream("AGENTESE_MIRROR")->peer_expect = 5;
    expect_text("lag", READY_WARN, "peer-expect is 5");
    stream("AGENTESE_MIRROR")->peer_expect = 3;
    stream("AGENTESE_MIRROR")->has_bad_monitor = true;
    expect_text("lag", READY_WARN, "cannot be read");
    ready_world_end();
}

static void an_overlap_of_subjects_stops(void **state)
{
    (void)state;
    ready_world_begin(7);
    add_stream("THIEF", "rg2", "events.> agentese.task.*", NULL);
    expect_text("subjects", READY_STOP, "THIEF");
    stream("THIEF")->account = "OTHER";
    expect("subjects", READY_GO);
    stream("THIEF")->account = "APP";
    stream("THIEF")->subjects = "*.task.x";
    expect("subjects", READY_STOP);
    stream("THIEF")->subjects = "agentesex.>";
    expect("subjects", READY_GO);
    stream("AGENTESE")->has_config = false;
    expect("subjects", READY_UNKNOWN);
    ready_world_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_well_world_is_go_in_every_check),
        cmocka_unit_test(nothing_known_is_never_go),
        cmocka_unit_test(regions_follow_their_verdicts),
        cmocka_unit_test(the_quorum_warns_where_a_region_takes_it_along),
        cmocka_unit_test(a_lost_quorum_stops),
        cmocka_unit_test(a_leader_in_the_primary_is_told),
        cmocka_unit_test(a_stream_without_mirror_stops_unless_accepted),
        cmocka_unit_test(a_mirror_elsewhere_than_in_the_standby_does_not_count),
        cmocka_unit_test(holes_are_counted_whatever_the_lag),
        cmocka_unit_test(an_empty_mirror_is_not_complete),
        cmocka_unit_test(a_stalled_mirror_is_not_fresh),
        cmocka_unit_test(lag_over_the_objective_warns),
        cmocka_unit_test(the_operators_own_thresholds_come_first),
        cmocka_unit_test(an_overlap_of_subjects_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
