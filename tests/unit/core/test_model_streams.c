/*
 * test_model_streams.c - streams and mirrors that come, go and change; identity; loss.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world world;

static void origin_is_at(uint64_t seq)
{
    struct event event = world_stream("APP", "AGENTESE", 0, seq);
    world_post(&world, &event);
}

static void mirror_is_at(uint64_t seq, int64_t active_ns)
{
    struct event event = world_stream("APP", "AGENTESE_MIRROR", 3, seq);
    world_post(&world, &event);
    event = world_mirror("APP", "AGENTESE_MIRROR", "AGENTESE", active_ns);
    world_post(&world, &event);
}

static struct mirror_view mirror(void)
{
    return world_mirror_view(&world, "APP", "AGENTESE_MIRROR");
}

/* One healthy second at a rate. */
static void second_of(uint64_t *seq, uint64_t rate)
{
    world_second(&world);
    *seq += rate;
    origin_is_at(*seq);
    mirror_is_at(*seq, 100 * WORLD_MS);
}

static void begin(uint64_t *seq)
{
    world_begin(&world, 7);
    world.leader = 6;
    *seq = 1000;
    for (unsigned i = 0; i < 5; i++) {
        second_of(seq, 10);
    }
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
}

static void list_streams(unsigned first, unsigned last)
{
    for (unsigned server = first; server <= last; server++) {
        struct event event = {.type = EVT_STREAMS};
        event.u.streams = (struct evt_streams){.server = world_server_name(server),
                                               .cluster = world_region_name(server),
                                               .is_complete = true};
        world_post(&world, &event);
    }
}

static void a_deleted_mirror_is_said_to_be_and_may_return(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    world_second(&world);
    list_streams(3, 5);
    world_second(&world);
    assert_false(world_has_change(&world, "is gone")); /* one list each may have begun before */
    for (unsigned i = 0; i < 3; i++) {
        list_streams(3, 5);
        world_second(&world);
    }
    assert_true(world_has_change(&world, "is gone"));
    assert_int_equal(mirror().state, MIRROR_LAST_KNOWN);
    assert_non_null(strstr(mirror().error, "deleted"));
    mirror_is_at(seq, 0);
    origin_is_at(seq);
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    assert_null(mirror().error);
    world_end(&world);
}

static void a_mirror_is_not_gone_while_a_server_of_its_region_is_silent(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    world.is_alive[5] = false;
    world_seconds(&world, 4);
    for (unsigned i = 0; i < 4; i++) {
        world_second(&world);
        list_streams(3, 4);
    }
    assert_int_equal(view_mirrors(world.model), 1);
    world_end(&world);
}

static void incomplete_lists_and_one_round_of_leaders_delete_nothing(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 8; i++) {
        world_second(&world);
        for (unsigned server = 3; server < 6; server++) {
            struct event event = {.type = EVT_STREAMS};
            event.u.streams = (struct evt_streams){.server = world_server_name(server),
                                                   .cluster = "rg2",
                                                   .is_leaders_only = i % 2 == 0,
                                                   .is_complete = i % 2 == 0};
            world_post(&world, &event);
        }
    }
    assert_int_equal(view_mirrors(world.model), 1);
    world_end(&world);
}

static void a_promoted_mirror_is_a_mirror_no_more(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    struct event event = {.type = EVT_STREAM_CONFIG};
    event.u.stream_config = (struct evt_stream_config){
        .server = "rg2-n1", .cluster = "rg2", .account = "APP", .stream = "AGENTESE_MIRROR"};
    world_post(&world, &event);
    assert_int_equal(view_mirrors(world.model), 0);
    assert_true(world_has_change(&world, "mirror no more"));
    world_end(&world);
}

static void a_mirror_that_was_deleted_says_nothing_more(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 70; i++) {
        world_second(&world);
        origin_is_at(seq);
        list_streams(3, 5);
    }
    assert_int_equal(view_mirrors(world.model), 0);
    assert_false(world_has_change(&world, "LAST KNOWN"));
    world_end(&world);
}

static void a_mirror_of_another_origin_by_config_is_judged_at_once(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    struct event event = {.type = EVT_STREAM_CONFIG};
    event.u.stream_config = (struct evt_stream_config){
        .account = "APP", .stream = "AGENTESE_MIRROR", .origin = "ELSEWHERE"};
    world_post(&world, &event);
    assert_int_equal(mirror().state, MIRROR_UNKNOWN);
    world_end(&world);
}

static void identity_is_account_and_stream(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    struct event event = world_stream("OTHER", "AGENTESE", 0, 9999);
    world_post(&world, &event);
    event = world_stream("OTHER", "AGENTESE_MIRROR", 3, 9990);
    world_post(&world, &event);
    event = world_mirror("OTHER", "AGENTESE_MIRROR", "AGENTESE", 0);
    world_post(&world, &event);
    assert_int_equal(view_mirrors(world.model), 2);
    assert_int_equal(world_mirror_view(&world, "OTHER", "AGENTESE_MIRROR").lag_msgs.number, 9);
    assert_int_equal(mirror().lag_msgs.number, 0);
    world_end(&world);
}

static void an_external_origin_is_not_the_local_stream_of_its_name(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    struct event event = world_stream("APP", "EVENTS", 3, 100);
    world_post(&world, &event);
    event = world_mirror("APP", "EVENTS", "EVENTS", 0);
    event.u.mirror.external = "$JS.hub.API";
    world_post(&world, &event);
    struct mirror_view view = world_mirror_view(&world, "APP", "EVENTS");
    assert_int_equal(view.state, MIRROR_UNKNOWN);
    assert_string_equal(view.origin, "EVENTS");
    event = world_mirror("APP", "LOOP", "LOOP", 0); /* of itself: nonsense */
    world_post(&world, &event);
    assert_int_equal(view_mirrors(world.model), 1);
    world_end(&world);
}

static void a_replica_speaks_only_while_the_leader_is_silent(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    struct event event = world_stream("APP", "AGENTESE", 1, seq + 500);
    event.u.stream.is_leader = false;
    world_post(&world, &event);
    assert_int_equal(mirror().origin_last_seq.number, seq);
    world_seconds(&world, 4);
    event.u.stream.last_seq = seq - 1;
    world_post(&world, &event);
    assert_int_equal(mirror().origin_last_seq.number, seq); /* never a lower one */
    event.u.stream.last_seq = seq + 1;
    world_post(&world, &event);
    assert_int_equal(mirror().origin_last_seq.number, seq + 1);
    world_end(&world);
}

static void holes_are_the_difference_of_counts_at_one_sequence(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    struct event event = world_stream("APP", "AGENTESE_MIRROR", 3, seq);
    event.u.stream.msgs -= 4;
    world_post(&world, &event);
    assert_int_equal(mirror().holes.number, 4);
    assert_int_equal(mirror().holes.trust, TRUST_OK);
    world_second(&world);
    origin_is_at(seq + 10);
    event = world_stream("APP", "AGENTESE_MIRROR", 3, seq);
    world_post(&world, &event);
    assert_int_equal(mirror().holes.trust, TRUST_UNKNOWN);
    world_end(&world);
}

static void loss_reaches_from_what_was_seen_to_what_may_have_come(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    for (unsigned i = 0; i < 30; i++) {
        world_second(&world);
        mirror_is_at(seq - 7, (i + 1) * NS_PER_S);
    }
    struct loss_view loss = mirror().loss;
    assert_true(loss.is_known);
    assert_int_equal(loss.low, 7);
    /* 10 a second, for the interval after the last sign of life. */
    assert_true(loss.high >= 17 && loss.high <= 27);
    assert_true(loss.sample_age_ns == 30 * NS_PER_S);
    assert_int_equal(loss.growing_per_s, 0);
    world_end(&world);
}

static void a_jump_over_an_outage_is_no_rate(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world_seconds(&world, 20);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = true;
    }
    world_second(&world);
    origin_is_at(seq + 300000);
    mirror_is_at(seq, 21 * NS_PER_S);
    assert_int_equal(mirror().loss.low, 300000);
    assert_true(mirror().loss.high <= 300000 + 20); /* 10 a second before */
    assert_int_equal(mirror().rate_per_s.trust, TRUST_UNKNOWN);
    assert_false(mirror().loss.is_growing);
    world_second(&world);
    origin_is_at(seq + 300005);
    assert_int_equal(mirror().rate_per_s.number, 5);
    world_end(&world);
}

static void samples_of_two_servers_are_no_rate(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    struct event event = world_stream("APP", "AGENTESE", 1, 5);
    event.u.stream.is_leader = false; /* a replica that catches up */
    mirror_is_at(5, 0);
    world_post(&world, &event);
    world_second(&world);
    event.u.stream.last_seq = 100000;
    world_post(&world, &event);
    world_second(&world);
    origin_is_at(298685); /* its leader */
    mirror_is_at(298685, 0);
    assert_int_equal(mirror().loss.low, 0);
    assert_true(mirror().loss.high >= 1 && mirror().loss.high <= 2);
    world_end(&world);
}

static void an_idle_origin_may_have_written_one_a_second(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 90; i++) {
        second_of(&seq, 0);
    }
    assert_int_equal(mirror().loss.low, 0);
    assert_true(mirror().loss.high >= 1);
    assert_false(mirror().loss.is_growing);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deleted_mirror_is_said_to_be_and_may_return),
        cmocka_unit_test(a_mirror_is_not_gone_while_a_server_of_its_region_is_silent),
        cmocka_unit_test(incomplete_lists_and_one_round_of_leaders_delete_nothing),
        cmocka_unit_test(a_promoted_mirror_is_a_mirror_no_more),
        cmocka_unit_test(a_mirror_that_was_deleted_says_nothing_more),
        cmocka_unit_test(a_mirror_of_another_origin_by_config_is_judged_at_once),
        cmocka_unit_test(identity_is_account_and_stream),
        cmocka_unit_test(an_external_origin_is_not_the_local_stream_of_its_name),
        cmocka_unit_test(a_replica_speaks_only_while_the_leader_is_silent),
        cmocka_unit_test(holes_are_the_difference_of_counts_at_one_sequence),
        cmocka_unit_test(loss_reaches_from_what_was_seen_to_what_may_have_come),
        cmocka_unit_test(a_jump_over_an_outage_is_no_rate),
        cmocka_unit_test(samples_of_two_servers_are_no_rate),
        cmocka_unit_test(an_idle_origin_may_have_written_one_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
