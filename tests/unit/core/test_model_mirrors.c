/*
 * test_model_mirrors.c - mirrors: states in the order of their rules, true lag, loss, identity.
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

static void a_mirror_whose_origin_was_never_sampled_is_unknown(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    mirror_is_at(500, 0);
    struct mirror_view view = mirror();
    assert_int_equal(view.state, MIRROR_UNKNOWN);
    assert_null(view.origin_region);
    assert_int_equal(view.lag_msgs.trust, TRUST_UNKNOWN);
    assert_int_equal(view.lag_ns.trust, TRUST_UNKNOWN);
    assert_false(view.loss.is_known);
    assert_true(view.loss.high < 0);
    assert_int_equal(view.loss.sample_age_ns, -1);
    origin_is_at(500); /* its origin is seen after it */
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    assert_string_equal(mirror().origin_region, "rg1");
    world_end(&world);
}

static void a_mirror_known_by_config_alone_is_unknown(void **state)
{
    (void)state;
    world_begin(&world, 7);
    struct event event = {.type = EVT_STREAM_CONFIG};
    event.u.stream_config = (struct evt_stream_config){.server = "rg2-n1",
                                                       .cluster = "rg2",
                                                       .account = "APP",
                                                       .stream = "AGENTESE_MIRROR",
                                                       .origin = "AGENTESE"};
    world_post(&world, &event);
    assert_int_equal(mirror().state, MIRROR_UNKNOWN);
    origin_is_at(5);
    event = world_stream("APP", "AGENTESE_MIRROR", 3, 5);
    world_post(&world, &event);
    assert_int_equal(mirror().state, MIRROR_UNKNOWN); /* its contact is not known */
    mirror_is_at(5, 0);
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    world_end(&world);
}

static void lag_is_true_and_not_the_servers_own(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    uint64_t stuck = seq;
    for (unsigned i = 0; i < 3; i++) {
        world_second(&world);
        seq += 100;
        origin_is_at(seq);
        mirror_is_at(stuck, 100 * WORLD_MS);
    }
    struct mirror_view view = mirror();
    assert_int_equal(view.lag_msgs.number, 300);
    assert_true(view.lag_ns.number == 3 * NS_PER_S);
    assert_false(view.is_lag_at_least);
    assert_int_equal(view.server_lag.number, 0);
    assert_int_equal(view.state, MIRROR_BEHIND);
    assert_int_equal(view.loss.low, 300);
    assert_true(view.loss.is_growing && view.loss.growing_per_s > 0);
    world_end(&world);
}

static void behind_begins_beyond_one_second_of_time_lag(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    uint64_t stuck = seq;
    world_pass(&world, NS_PER_S);
    origin_is_at(seq + 10);
    mirror_is_at(stuck, 100 * WORLD_MS);
    assert_true(mirror().lag_ns.number == NS_PER_S);
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP); /* exactly one second */
    world_pass(&world, 1);
    origin_is_at(seq + 10);
    mirror_is_at(stuck, 100 * WORLD_MS);
    assert_int_equal(mirror().state, MIRROR_BEHIND);
    world_end(&world);
}

static void a_fast_stream_is_not_behind_by_the_time_between_two_answers(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    uint64_t seq = 0;
    for (unsigned i = 0; i < 10; i++) {
        /* 10,000 a second; the mirror's region answers 300 ms before the origin's. */
        mirror_is_at(seq + 7000, 0);
        world_pass(&world, 300 * WORLD_MS);
        seq += 10000;
        origin_is_at(seq);
        world_pass(&world, 700 * WORLD_MS);
        world_round(&world);
        if (i > 2) {
            assert_true(mirror().lag_msgs.number <= 100);
            assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
        }
    }
    world_end(&world);
}

static void a_mirror_ahead_of_a_late_sample_has_no_lag(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    world_second(&world);
    mirror_is_at(seq + 50, 0);
    assert_int_equal(mirror().lag_msgs.number, 0);
    assert_int_equal(mirror().loss.low, 0);
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    world_end(&world);
}

static void contact_beyond_a_second_and_a_half_is_stalled(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    mirror_is_at(seq, 1500 * WORLD_MS);
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    mirror_is_at(seq, 1500 * WORLD_MS + 1);
    assert_int_equal(mirror().state, MIRROR_STALLED);
    mirror_is_at(seq, 0);
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    mirror_is_at(seq, -1);
    assert_int_equal(mirror().state, MIRROR_STALLED);
    assert_int_equal(mirror().contact_ns.trust, TRUST_UNKNOWN);
    world_end(&world);
}

static void a_mirror_whose_leader_is_silent_is_stalled_though_replicas_report(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 4; i++) {
        world_second(&world);
        seq += 10;
        origin_is_at(seq);
        struct event event = world_stream("APP", "AGENTESE_MIRROR", 4, seq);
        event.u.stream.is_leader = false;
        world_post(&world, &event);
    }
    assert_int_equal(mirror().state, MIRROR_STALLED);
    world_end(&world);
}

static void a_dead_origin_is_last_known_whatever_the_servers_lag_says(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    for (unsigned i = 0; i < 3; i++) {
        world_second(&world);
        mirror_is_at(seq - 5, (i + 1) * NS_PER_S);
        assert_int_not_equal(mirror().state, MIRROR_LAST_KNOWN); /* up to three intervals */
    }
    world_pass(&world, 1);
    mirror_is_at(seq - 5, 3 * NS_PER_S);
    struct mirror_view view = mirror();
    assert_int_equal(view.state, MIRROR_LAST_KNOWN);
    assert_int_equal(view.lag_msgs.trust, TRUST_LAST_KNOWN);
    assert_int_equal(view.server_lag.number, 0);
    assert_int_equal(view.loss.low, 5);
    assert_false(view.loss.is_growing);
    world_end(&world);
}

static void a_stand_still_of_our_own_makes_no_mirror_green(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    for (unsigned i = 0; i < 6; i++) {
        world_second(&world);
        mirror_is_at(seq, 0);
    }
    assert_int_equal(mirror().state, MIRROR_LAST_KNOWN);
    world_pass(&world, 60 * NS_PER_S);
    world_tick(&world);
    mirror_is_at(seq, 0);
    assert_int_equal(mirror().state, MIRROR_LAST_KNOWN);
    world_end(&world);
}

static void after_the_origins_return_a_mirror_sleeps_before_it_stalls(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    for (unsigned i = 0; i < 20; i++) {
        world_second(&world);
        mirror_is_at(seq, (i + 1) * NS_PER_S);
    }
    assert_int_equal(mirror().state, MIRROR_LAST_KNOWN);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = true;
    }
    world_seconds(&world, 2); /* gateways first, then the stream */
    for (unsigned i = 0; i < 80; i++) {
        world_second(&world);
        origin_is_at(seq);
        mirror_is_at(seq, (i + 21) * NS_PER_S);
        assert_int_equal(mirror().state, MIRROR_ASLEEP);
    }
    for (unsigned i = 80; i < 95; i++) {
        world_second(&world);
        origin_is_at(seq);
        mirror_is_at(seq, (i + 21) * NS_PER_S);
    }
    assert_int_equal(mirror().state, MIRROR_STALLED); /* longer than any retry */
    world_end(&world);
}

static void a_cut_link_is_a_stall_and_no_sleep(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    world.is_cut[0][1] = world.is_cut[1][0] = true;
    world_second(&world);
    origin_is_at(seq);
    mirror_is_at(seq, 2 * NS_PER_S);
    assert_int_equal(mirror().state, MIRROR_STALLED);
    world.is_cut[0][1] = world.is_cut[1][0] = false;
    world_second(&world);
    origin_is_at(seq);
    mirror_is_at(seq, 3 * NS_PER_S);
    assert_int_equal(mirror().state, MIRROR_ASLEEP);
    world_end(&world);
}

static void a_mirror_that_had_contact_since_the_return_stalls_and_does_not_sleep(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    world.is_cut[0][1] = world.is_cut[1][0] = true;
    world_second(&world);
    origin_is_at(seq);
    mirror_is_at(seq, 2 * NS_PER_S);
    world.is_cut[0][1] = world.is_cut[1][0] = false;
    for (unsigned i = 0; i < 3; i++) {
        second_of(&seq, 10);
    }
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    world_second(&world);
    origin_is_at(seq);
    mirror_is_at(seq, 1600 * WORLD_MS);
    assert_int_equal(mirror().state, MIRROR_STALLED);
    world_end(&world);
}

static void a_mirror_asked_after_its_origin_does_not_look_caught_up(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    for (unsigned i = 0; i < 5; i++) { /* 1,500 behind at 1,000 a second */
        world_second(&world);
        seq += 1000;
        origin_is_at(seq);
        world_pass(&world, 900 * WORLD_MS); /* just before the origin is asked again */
        mirror_is_at(seq + 900 - 1500, 100 * WORLD_MS);
        seq += 900;
    }
    struct mirror_view view = mirror();
    assert_int_equal(view.state, MIRROR_BEHIND);
    assert_true(view.lag_msgs.number >= 1400 && view.lag_msgs.number <= 1600);
    assert_true(view.lag_ns.number > NS_PER_S);
    world_end(&world);
}

static void answers_that_come_together_make_no_rate(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    world_pass(&world, 2 * WORLD_MS); /* a reply that was held up, right before the next */
    origin_is_at(seq + 20);
    struct mirror_view view = mirror();
    assert_int_equal(view.loss.low, 20);
    assert_true(view.loss.high <= 100);
    world_end(&world);
}

static void the_step_from_a_replica_to_its_leader_is_no_rate(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    mirror_is_at(90000, 0);
    struct event event = world_stream("APP", "AGENTESE", 1, 10);
    event.u.stream.is_leader = false;
    world_post(&world, &event); /* it catches up after its start */
    world_pass(&world, NS_PER_S);
    origin_is_at(90000);
    mirror_is_at(90000, 0);
    world_pass(&world, NS_PER_S);
    origin_is_at(90010);
    mirror_is_at(90010, 0);
    assert_true(mirror().loss.high <= 30);
    assert_int_equal(mirror().rate_per_s.number, 10);
    world_end(&world);
}

static void a_mirror_that_had_contact_since_the_heal_is_stalled(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    world.is_cut[0][1] = world.is_cut[1][0] = true;
    for (unsigned i = 0; i < 20; i++) {
        world_second(&world);
        origin_is_at(seq);
        mirror_is_at(seq, (i + 1) * NS_PER_S);
    }
    world.is_cut[0][1] = world.is_cut[1][0] = false;
    for (unsigned i = 20; i < 25; i++) {
        world_second(&world);
        origin_is_at(seq);
        mirror_is_at(seq, (i + 1) * NS_PER_S);
        assert_int_equal(mirror().state, MIRROR_ASLEEP);
    }
    for (unsigned i = 0; i < 3; i++) {
        second_of(&seq, 10); /* awake */
    }
    assert_int_equal(mirror().state, MIRROR_CAUGHT_UP);
    for (unsigned i = 0; i < 4; i++) {
        world_second(&world);
        origin_is_at(seq);
        mirror_is_at(seq, (i + 2) * NS_PER_S);
        assert_int_equal(mirror().state, MIRROR_STALLED);
    }
    world_end(&world);
}

/* A console that has just started: a mirror without contact for 40 s, gateways of some age. */
static enum mirror_state fresh_look(int64_t gateways_up_ns, int64_t active_ns)
{
    world_begin(&world, 7);
    world.gateways_up_ns = gateways_up_ns;
    for (unsigned i = 0; i < 3; i++) {
        world_second(&world);
        origin_is_at(500);
        mirror_is_at(500, active_ns);
    }
    enum mirror_state found = mirror().state;
    world_end(&world);
    return found;
}

static void a_fresh_look_calls_a_mirror_asleep_only_on_the_servers_own_word(void **state)
{
    (void)state;
    /* No gateway is younger than the silence: nothing returned, so nothing will wake by itself. */
    assert_int_equal(fresh_look(3600 * NS_PER_S, 40 * NS_PER_S), MIRROR_STALLED);
    /* All gateways were made since the last contact. */
    assert_int_equal(fresh_look(10 * NS_PER_S, 40 * NS_PER_S), MIRROR_ASLEEP);
    /* It had contact since. */
    assert_int_equal(fresh_look(60 * NS_PER_S, 40 * NS_PER_S), MIRROR_STALLED);
    /* Longer ago than any retry. */
    assert_int_equal(fresh_look(200 * NS_PER_S, 300 * NS_PER_S), MIRROR_STALLED);
}

static void a_mirror_behind_since_before_we_looked_is_not_called_caught_up(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    origin_is_at(5000);
    mirror_is_at(100, 0);
    assert_int_equal(mirror().state, MIRROR_UNKNOWN);
    assert_true(mirror().is_lag_at_least);
    assert_int_equal(mirror().lag_msgs.number, 4900);
    world_second(&world);
    world_pass(&world, WORLD_MS);
    origin_is_at(5000);
    mirror_is_at(200, 0);
    assert_int_equal(mirror().state, MIRROR_BEHIND);
    world_end(&world);
}

static void a_recreated_origin_drops_its_past(void **state)
{
    (void)state;
    uint64_t seq = 0;
    begin(&seq);
    struct event event = world_stream("APP", "AGENTESE", 0, 3);
    event.u.stream.created_ns = 78;
    world_post(&world, &event);
    assert_true(world_has_change(&world, "begins anew"));
    assert_int_equal(mirror().origin_last_seq.number, 3);
    assert_int_equal(mirror().lag_msgs.number, 0);
    world_second(&world);
    event.u.stream.last_seq = 8;
    world_post(&world, &event);
    assert_int_equal(mirror().rate_per_s.number, 5);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mirror_whose_origin_was_never_sampled_is_unknown),
        cmocka_unit_test(a_mirror_known_by_config_alone_is_unknown),
        cmocka_unit_test(lag_is_true_and_not_the_servers_own),
        cmocka_unit_test(behind_begins_beyond_one_second_of_time_lag),
        cmocka_unit_test(a_fast_stream_is_not_behind_by_the_time_between_two_answers),
        cmocka_unit_test(a_mirror_ahead_of_a_late_sample_has_no_lag),
        cmocka_unit_test(contact_beyond_a_second_and_a_half_is_stalled),
        cmocka_unit_test(a_mirror_whose_leader_is_silent_is_stalled_though_replicas_report),
        cmocka_unit_test(a_dead_origin_is_last_known_whatever_the_servers_lag_says),
        cmocka_unit_test(a_stand_still_of_our_own_makes_no_mirror_green),
        cmocka_unit_test(after_the_origins_return_a_mirror_sleeps_before_it_stalls),
        cmocka_unit_test(a_cut_link_is_a_stall_and_no_sleep),
        cmocka_unit_test(a_mirror_that_had_contact_since_the_return_stalls_and_does_not_sleep),
        cmocka_unit_test(a_mirror_asked_after_its_origin_does_not_look_caught_up),
        cmocka_unit_test(answers_that_come_together_make_no_rate),
        cmocka_unit_test(the_step_from_a_replica_to_its_leader_is_no_rate),
        cmocka_unit_test(a_mirror_that_had_contact_since_the_heal_is_stalled),
        cmocka_unit_test(a_fresh_look_calls_a_mirror_asleep_only_on_the_servers_own_word),
        cmocka_unit_test(a_mirror_behind_since_before_we_looked_is_not_called_caught_up),
        cmocka_unit_test(a_recreated_origin_drops_its_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
