/*
 * test_model_regions.c - what is said of a region, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world world;

static enum verdict verdict_of(const char *name)
{
    return world_region(&world, name).verdict;
}

static void kill_region(unsigned region)
{
    for (unsigned i = region * 3; i < region * 3 + 3 && i < world.servers; i++) {
        world.is_alive[i] = false;
    }
}

static void start_region(unsigned region)
{
    for (unsigned i = region * 3; i < region * 3 + 3 && i < world.servers; i++) {
        world.is_alive[i] = true;
        world.run[i]++;
        world.unheard_ns[i] = 0;
    }
}

static void a_region_is_unknown_at_the_start_and_ok_when_all_answer(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_tick(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_UNKNOWN);
    world_round(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_OK);
    assert_int_equal(verdict_of("rg3"), VERDICT_OK);
    world_end(&world);
}

static void a_killed_region_is_suspect_by_silence_and_down_only_at_the_hold(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_seconds(&world, 2);
    assert_int_equal(verdict_of("rg1"), VERDICT_DEGRADED); /* gateways to it are gone */
    world_seconds(&world, 2);
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    int64_t suspect_ns = world.now_ns - world_region(&world, "rg1").for_ns;
    while (world.now_ns - suspect_ns < 10 * NS_PER_S) {
        assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
        world_second(&world);
    }
    world_second(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_DOWN);
    assert_int_equal(verdict_of("rg2"), VERDICT_OK);
    start_region(0);
    world_seconds(&world, 2);
    assert_int_equal(verdict_of("rg1"), VERDICT_OK);
    assert_int_equal(verdict_of("rg2"), VERDICT_OK);
    world_end(&world);
}

static void the_neighbours_of_a_dying_region_stay_well(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_conn(&world, "rg1", CONN_LOST);
    for (unsigned i = 0; i < 15; i++) {
        world_round(&world);
        assert_int_equal(verdict_of("rg2"), VERDICT_OK);
        assert_int_equal(verdict_of("rg3"), VERDICT_OK);
        world_second(&world);
        assert_int_equal(verdict_of("rg2"), VERDICT_OK);
        assert_int_equal(verdict_of("rg3"), VERDICT_OK);
    }
    assert_int_equal(verdict_of("rg1"), VERDICT_DOWN);
    assert_null(strstr(world_region(&world, "rg1").reason, "our own connection is down"));
    start_region(0);
    world_conn(&world, "rg1", CONN_UP);
    world.is_cut[0][1] = true; /* its gateways come a moment later */
    world.is_cut[0][2] = true;
    world_round(&world);
    assert_int_equal(verdict_of("rg2"), VERDICT_OK);
    world.is_cut[0][1] = false;
    world.is_cut[0][2] = false;
    world_second(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_OK);
    assert_int_equal(verdict_of("rg2"), VERDICT_OK);
    world_end(&world);
}

static void gateway_trouble_that_lasts_is_both_regions_trouble(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    world.is_cut[0][1] = true;
    world.is_cut[1][0] = true;
    world_seconds(&world, 3);
    assert_int_equal(verdict_of("rg1"), VERDICT_DEGRADED);
    assert_int_equal(verdict_of("rg2"), VERDICT_DEGRADED);
    assert_int_equal(verdict_of("rg3"), VERDICT_OK);
    world_end(&world);
}

static void a_broken_connection_and_the_others_gateways_need_no_three_misses(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_pass(&world, 100 * WORLD_MS);
    world_conn(&world, "rg1", CONN_LOST);
    assert_int_not_equal(verdict_of("rg1"), VERDICT_SUSPECT); /* only our word so far */
    world_pass(&world, 900 * WORLD_MS);
    world_round(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    world_conn(&world, "rg1", CONN_CONNECTING); /* trying again is no sign of life */
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    world_pass(&world, 200 * WORLD_MS);
    world_conn(&world, "rg1", CONN_LOST);
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    world_end(&world);
}

static void a_dying_region_paints_no_neighbour(void **state)
{
    (void)state;
    for (unsigned dying = 0; dying < 3; dying++) {
        world_begin(&world, 7);
        world_seconds(&world, 5);
        kill_region(dying);
        for (unsigned i = 0; i < 20; i++) {
            world_second(&world);
            for (unsigned r = 0; r < 3; r++) {
                const char *name = world_region_name(r * 3);
                assert_true(r == dying || verdict_of(name) == VERDICT_OK);
                assert_true(r == dying || strstr(world_region(&world, name).reason, ";") == NULL);
            }
        }
        world_end(&world);
    }
}

static void a_region_that_returns_paints_no_neighbour_while_its_gateways_connect(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_seconds(&world, 20);
    start_region(0);
    world.is_cut[0][1] = world.is_cut[1][0] = world.is_cut[0][2] = world.is_cut[2][0] = true;
    for (unsigned i = 0; i < 3; i++) {
        world_second(&world);
        assert_int_equal(verdict_of("rg2"), VERDICT_OK);
        assert_int_not_equal(verdict_of("rg1"), VERDICT_OK); /* it is its own trouble */
    }
    world_seconds(&world, 5);
    assert_int_equal(verdict_of("rg2"), VERDICT_DEGRADED); /* that is no start any more */
    world_end(&world);
}

static void a_cut_between_two_that_live_degrades_both_after_an_interval(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    world.is_cut[0][1] = world.is_cut[1][0] = true;
    world_second(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_OK); /* a reconnect takes as long */
    world_seconds(&world, 2);
    assert_int_equal(verdict_of("rg1"), VERDICT_DEGRADED);
    assert_int_equal(verdict_of("rg2"), VERDICT_DEGRADED);
    assert_int_equal(verdict_of("rg3"), VERDICT_OK);
    assert_non_null(strstr(world_region(&world, "rg2").reason, "rg1"));
    world_end(&world);
}

static void a_reason_names_our_own_connection_once(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_conn(&world, "rg1", CONN_LOST);
    for (unsigned i = 0; i < 6; i++) {
        world_pass(&world, 500 * WORLD_MS);
        world_round(&world);
        const char *reason = world_region(&world, "rg1").reason;
        const char *first = strstr(reason, "our ");
        assert_true(first == NULL || strstr(first + 1, "our ") == NULL);
    }
    world_end(&world);
}

static void our_own_lost_connection_alone_suspects_nobody(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    world_conn(&world, "rg1", CONN_LOST);
    world_pass(&world, NS_PER_S);
    world_round(&world); /* they answer through another connection */
    assert_int_equal(verdict_of("rg1"), VERDICT_OK);
    assert_non_null(strstr(world_region(&world, "rg1").reason, "our own connection is down"));
    world_end(&world);
}

static void silence_without_the_others_testimony_is_never_down(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    world.is_deaf[0] = true; /* we hear nothing, its gateways stand */
    world_seconds(&world, 60);
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    world_end(&world);
}

static void a_sign_of_life_keeps_a_region_from_down(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_conn(&world, "rg1", CONN_LOST);
    world_seconds(&world, 9);
    world_conn(&world, "rg1", CONN_UP); /* a NATS INFO: something lives there */
    world_seconds(&world, 8);
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    world_seconds(&world, 4);
    assert_int_equal(verdict_of("rg1"), VERDICT_DOWN);
    world_end(&world);
}

static void when_all_are_silent_we_are_blind_and_conclude_nothing(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    for (unsigned r = 0; r < 3; r++) {
        world.is_deaf[r] = true;
    }
    world_seconds(&world, 4);
    for (unsigned i = 0; i < 40; i++) {
        world_second(&world);
        assert_int_equal(verdict_of("rg1"), VERDICT_BLIND);
        assert_int_equal(verdict_of("rg2"), VERDICT_BLIND);
    }
    struct session_view session;
    view_session(world.model, &session);
    assert_int_equal(session.own_link, VERDICT_BLIND);
    world_end(&world);
}

static void hearing_again_suspects_nobody_before_they_could_answer(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    for (unsigned r = 0; r < 3; r++) {
        world.is_deaf[r] = true;
    }
    world_seconds(&world, 40);
    world_answer(&world, 3, "rg2");
    world_gateways(&world, 3);
    world_tick(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_BLIND);
    world.is_deaf[0] = world.is_deaf[1] = world.is_deaf[2] = false;
    world_seconds(&world, 2);
    assert_int_equal(verdict_of("rg1"), VERDICT_OK);
    assert_false(world_has_change(&world, "SUSPECT"));
    world_end(&world);
}

static void the_hold_begins_anew_after_we_were_blind(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_seconds(&world, 6);
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    world.is_deaf[1] = world.is_deaf[2] = true;
    world_seconds(&world, 30);
    assert_int_equal(verdict_of("rg1"), VERDICT_BLIND);
    world.is_deaf[1] = world.is_deaf[2] = false;
    world_seconds(&world, 9);
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    world_seconds(&world, 6);
    assert_int_equal(verdict_of("rg1"), VERDICT_DOWN);
    world_end(&world);
}

static void a_gap_of_our_own_ticks_concludes_nothing(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    uint64_t before = model_changes(world.model);
    world_pass(&world, 3600 * NS_PER_S);
    world_tick(&world);
    assert_true(world_has_change(&world, "stood still"));
    assert_true(model_changes(world.model) <= before + 1);
    assert_int_equal(verdict_of("rg1"), VERDICT_OK);
    assert_int_equal(world_server(&world, "rg1-n1").state, SERVER_UP);
    world_second(&world);
    assert_int_equal(verdict_of("rg1"), VERDICT_OK);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_YES);
    assert_false(world_has_change(&world, "SUSPECT"));
    assert_false(world_has_change(&world, "STALE"));
    world_end(&world);
}

static void a_gap_of_our_own_ticks_brings_nobody_back_to_life(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    kill_region(0);
    world_seconds(&world, 20);
    assert_int_equal(verdict_of("rg1"), VERDICT_DOWN);
    for (unsigned i = 0; i < 3; i++) {
        world_pass(&world, 60 * NS_PER_S);
        world_tick(&world);
        assert_int_equal(world_server(&world, "rg1-n1").state, SERVER_DOWN);
        assert_int_equal(world_link(&world, "rg1", "rg2").state, LINK_UNKNOWN);
        assert_int_not_equal(verdict_of("rg1"), VERDICT_OK);
        world_second(&world);
        assert_int_equal(world_server(&world, "rg1-n1").state, SERVER_DOWN);
    }
    world_end(&world);
}

static void a_region_that_said_goodbye_is_suspect_at_once(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 5);
    static const char *const ids[] = {"NA1", "NA2", "NA3"};
    for (unsigned i = 0; i < 3; i++) {
        struct event event = {.type = EVT_BYE};
        event.u.bye = (struct evt_bye){
            .server = world_server_name(i), .id = ids[i], .cluster = "rg1", .kind = BYE_SHUTDOWN};
        world_post(&world, &event);
    }
    assert_int_equal(verdict_of("rg1"), VERDICT_SUSPECT);
    assert_non_null(strstr(world_region(&world, "rg1").reason, "goodbye"));
    world_end(&world);
}

static void clients_are_summed_and_compared_with_a_minute_ago(void **state)
{
    (void)state;
    world_begin(&world, 7);
    for (unsigned i = 0; i < 70; i++) {
        world_second(&world);
        for (unsigned s = 0; s < 3; s++) {
            struct event event = {.type = EVT_STATS};
            event.u.stats.server = world_server_name(s);
            event.u.stats.connections = i < 65 ? 10 : 30;
            world_post(&world, &event);
        }
    }
    struct region_view view = world_region(&world, "rg1");
    assert_int_equal(view.clients.number, 90);
    assert_int_equal(view.clients.trust, TRUST_OK);
    assert_int_equal(view.clients_delta_60s, 60);
    assert_int_equal(world_server(&world, "rg1-n1").connections_delta_60s, 20);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_is_unknown_at_the_start_and_ok_when_all_answer),
        cmocka_unit_test(a_killed_region_is_suspect_by_silence_and_down_only_at_the_hold),
        cmocka_unit_test(the_neighbours_of_a_dying_region_stay_well),
        cmocka_unit_test(gateway_trouble_that_lasts_is_both_regions_trouble),
        cmocka_unit_test(a_broken_connection_and_the_others_gateways_need_no_three_misses),
        cmocka_unit_test(a_dying_region_paints_no_neighbour),
        cmocka_unit_test(a_region_that_returns_paints_no_neighbour_while_its_gateways_connect),
        cmocka_unit_test(a_cut_between_two_that_live_degrades_both_after_an_interval),
        cmocka_unit_test(a_reason_names_our_own_connection_once),
        cmocka_unit_test(our_own_lost_connection_alone_suspects_nobody),
        cmocka_unit_test(silence_without_the_others_testimony_is_never_down),
        cmocka_unit_test(a_sign_of_life_keeps_a_region_from_down),
        cmocka_unit_test(when_all_are_silent_we_are_blind_and_conclude_nothing),
        cmocka_unit_test(hearing_again_suspects_nobody_before_they_could_answer),
        cmocka_unit_test(the_hold_begins_anew_after_we_were_blind),
        cmocka_unit_test(a_gap_of_our_own_ticks_concludes_nothing),
        cmocka_unit_test(a_gap_of_our_own_ticks_brings_nobody_back_to_life),
        cmocka_unit_test(a_region_that_said_goodbye_is_suspect_at_once),
        cmocka_unit_test(clients_are_summed_and_compared_with_a_minute_ago),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
