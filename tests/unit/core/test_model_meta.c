/*
 * test_model_meta.c - who leads the meta group, whether it has a quorum, whether it would survive.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world world;

static void begin(unsigned servers, int leader)
{
    world_begin(&world, servers);
    world.leader = leader;
    world_seconds(&world, 5);
}

static void a_leader_that_says_so_and_hears_a_quorum_is_named(void **state)
{
    (void)state;
    begin(7, 4);
    struct meta_view view = world_meta_view(&world);
    assert_string_equal(view.leader, "rg2-n2");
    assert_string_equal(view.leader_region, "rg2");
    assert_int_equal(view.has_quorum, TRI_YES);
    assert_int_equal(view.size.number, 7);
    assert_int_equal(view.alive.number, 7);
    assert_int_equal(view.quorum.number, 4);
    assert_int_equal(view.alive.trust, TRUST_OK);
    assert_true(world_server(&world, "rg2-n2").is_meta_leader);
    world_end(&world);
}

static void a_dead_leader_that_followers_still_name_is_not(void **state)
{
    (void)state;
    begin(7, 0);
    assert_string_equal(world_meta_view(&world).leader, "rg1-n1");
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world_seconds(&world, 2);
    assert_string_equal(world_meta_view(&world).leader, "rg1-n1"); /* 2 s: may be a lost reply */
    world_second(&world);
    struct meta_view view = world_meta_view(&world); /* the followers go on naming rg1-n1 */
    assert_null(view.leader);
    assert_string_equal(view.last_leader, "rg1-n1");
    assert_int_equal(view.has_quorum, TRI_UNKNOWN); /* four answer: an election may go on */
    world.leader = 6;
    for (unsigned i = 0; i < 3; i++) {
        world.unheard_ns[i] = -NS_PER_S; /* never heard by the new leader: 0 in its first reply */
    }
    world_second(&world);
    view = world_meta_view(&world);
    assert_string_equal(view.leader, "rg3-n1");
    assert_int_equal(view.alive.number, 4);
    assert_int_equal(view.has_quorum, TRI_YES);
    world_end(&world);
}

static void a_leader_whose_region_is_suspect_is_not_named(void **state)
{
    (void)state;
    begin(6, 0);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world_conn(&world, "rg1", CONN_LOST);
    world_round(&world); /* the others' gateways are gone: no need to wait for misses */
    world_tick(&world);
    struct meta_view view = world_meta_view(&world);
    assert_null(view.leader);
    assert_string_equal(view.last_leader, "rg1-n1");
    assert_int_equal(view.has_quorum, TRI_NO); /* three of six */
    world_end(&world);
}

static void a_leader_that_goes_with_a_goodbye_is_not_named_from_then_on(void **state)
{
    (void)state;
    begin(7, 0);
    struct event event = {.type = EVT_BYE};
    event.u.bye = (struct evt_bye){.server = "rg1-n1", .id = "NA1", .cluster = "rg1"};
    world_post(&world, &event);
    assert_null(world_meta_view(&world).leader);
    assert_true(world_has_change(&world, "leader unknown"));
    world_end(&world);
}

static void peers_never_heard_are_not_alive(void **state)
{
    (void)state;
    begin(7, 6);
    world_pass(&world, 4 * NS_PER_S / 2);
    for (unsigned i = 0; i < 4; i++) {
        world.unheard_ns[i] = 0;
    }
    world_round(&world);
    struct meta_view view = world_meta_view(&world);
    assert_int_equal(view.alive.number, 3);
    assert_null(view.leader);
    assert_int_equal(view.has_quorum, TRI_NO); /* no young leader: five seconds old */
    world_end(&world);
}

static void a_young_leader_that_heard_nobody_yet_concludes_nothing(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world.leader = 6;
    for (unsigned i = 0; i < 6; i++) {
        world.unheard_ns[i] = 0;
    }
    world_round(&world);
    world_round(&world);
    assert_null(world_meta_view(&world).leader);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_UNKNOWN);
    assert_int_equal(world_survives(&world, "rg1"), TRI_UNKNOWN);
    assert_false(world_has_change(&world, "NO QUORUM"));
    world_seconds(&world, 1);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_YES);
    world_end(&world);
}

static void an_exact_peer_age_of_three_seconds_is_dead(void **state)
{
    (void)state;
    begin(7, 6);
    for (unsigned i = 0; i < 3; i++) {
        world.unheard_ns[i] = 3 * NS_PER_S;
    }
    world.unheard_ns[3] = 3 * NS_PER_S - 1;
    world_round(&world);
    assert_int_equal(world_meta_view(&world).alive.number, 4);
    world_end(&world);
}

static void the_better_of_two_claimants_is_named(void **state)
{
    (void)state;
    begin(7, 6);
    /* rg1-n1 still believes that it leads, and hears its own region alone. */
    for (unsigned n = 1; n < 7; n++) {
        struct event peer = {.type = EVT_META_PEER};
        peer.u.meta_peer = (struct evt_meta_peer){.server = "rg1-n1",
                                                  .peer = world_server_name(n),
                                                  .active_ns = n < 3 ? 1000 : 9 * NS_PER_S};
        world_post(&world, &peer);
    }
    struct event event = {.type = EVT_META};
    event.u.meta = (struct evt_meta){.server = "rg1-n1",
                                     .cluster = "rg1",
                                     .leader = "rg1-n1",
                                     .is_leader = true,
                                     .size = 7,
                                     .peers = 6};
    world_post(&world, &event);
    struct meta_view view = world_meta_view(&world);
    assert_string_equal(view.leader, "rg3-n1");
    assert_int_equal(view.alive.number, 7);
    assert_int_equal(view.has_quorum, TRI_YES);
    world_end(&world);
}

static void three_of_six_have_no_quorum(void **state)
{
    (void)state;
    begin(6, 3);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_YES);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world_seconds(&world, 4);
    struct meta_view view = world_meta_view(&world);
    assert_int_equal(view.has_quorum, TRI_NO);
    assert_null(view.leader);
    assert_int_equal(view.alive.number, 3);
    assert_true(world_has_change(&world, "NO QUORUM"));
    world.leader = -1; /* it stepped down: nobody leads */
    world_seconds(&world, 4);
    view = world_meta_view(&world);
    assert_int_equal(view.has_quorum, TRI_NO);
    assert_int_equal(view.alive.trust, TRUST_LAST_KNOWN);
    world_end(&world);
}

static void survival_is_told_while_all_is_green(void **state)
{
    (void)state;
    begin(7, 6);
    assert_int_equal(world_survives(&world, "rg1"), TRI_YES);
    assert_int_equal(world_survives(&world, "rg2"), TRI_YES);
    assert_int_equal(world_survives(&world, "rg3"), TRI_YES);
    world_end(&world);
    begin(6, 3);
    assert_int_equal(world_survives(&world, "rg1"), TRI_NO);
    assert_int_equal(world_survives(&world, "rg2"), TRI_NO);
    assert_true(world_has_change(&world, "would not survive the loss of rg1"));
    world_end(&world);
}

static void survival_of_a_second_loss_counts_who_is_dead_already(void **state)
{
    (void)state;
    begin(7, 6);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world_seconds(&world, 5);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_YES);
    assert_int_equal(world_survives(&world, "rg1"), TRI_YES); /* it is gone already */
    assert_int_equal(world_survives(&world, "rg2"), TRI_NO);
    assert_int_equal(world_survives(&world, "rg3"), TRI_NO);
    world_end(&world);
}

static void survival_is_unknown_without_a_leader(void **state)
{
    (void)state;
    begin(7, -1);
    assert_int_equal(world_survives(&world, "rg1"), TRI_UNKNOWN);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_UNKNOWN);
    assert_int_equal(world_meta_view(&world).size.number, 7); /* followers know it */
    world_end(&world);
}

static void too_few_of_a_group_without_leader_have_no_quorum(void **state)
{
    (void)state;
    world_begin(&world, 6);
    world.leader = -1;
    world_round(&world);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
    }
    world_seconds(&world, 3); /* not all could have answered before */
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_UNKNOWN);
    world_seconds(&world, 2);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_NO);
    world_end(&world);
}

static void the_quorum_that_a_server_says_is_used(void **state)
{
    (void)state;
    begin(6, 3);
    for (unsigned n = 4; n < 6; n++) {
        struct event peer = {.type = EVT_META_PEER};
        peer.u.meta_peer = (struct evt_meta_peer){
            .server = "rg2-n1", .peer = world_server_name(n), .active_ns = 1000};
        world_post(&world, &peer);
    }
    struct event event = {.type = EVT_META};
    event.u.meta = (struct evt_meta){.server = "rg2-n1",
                                     .cluster = "rg2",
                                     .leader = "rg2-n1",
                                     .is_leader = true,
                                     .size = 6,
                                     .quorum_needed = 3, /* after a rescue */
                                     .peers = 2};
    world_post(&world, &event);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_YES);
    assert_int_equal(world_meta_view(&world).quorum.number, 3);
    assert_int_equal(world_survives(&world, "rg1"), TRI_YES);
    world_end(&world);
}

static void followers_that_list_peers_are_not_believed(void **state)
{
    (void)state;
    begin(7, 6);
    for (unsigned round = 0; round < 5; round++) {
        world_second(&world);
        for (unsigned follower = 0; follower < 6; follower++) {
            for (unsigned n = 0; n < 7; n++) {
                struct event peer = {.type = EVT_META_PEER};
                peer.u.meta_peer = (struct evt_meta_peer){.server = world_server_name(follower),
                                                          .peer = world_server_name(n)};
                world_post(&world, &peer);
            }
            world_meta(&world, follower);
        }
        struct meta_view view = world_meta_view(&world);
        assert_string_equal(view.leader, "rg3-n1");
        assert_int_equal(view.alive.number, 7);
    }
    world_end(&world);
}

static void post_peers(const char *server, unsigned first, unsigned last)
{
    for (unsigned n = first; n <= last; n++) {
        struct event peer = {.type = EVT_META_PEER};
        peer.u.meta_peer = (struct evt_meta_peer){
            .server = server, .peer = world_server_name(n), .active_ns = 1000};
        world_post(&world, &peer);
    }
}

static void peers_lost_on_the_way_do_not_lose_the_quorum(void **state)
{
    (void)state;
    begin(7, 6);
    post_peers("rg3-n1", 0, 1); /* of six */
    struct event event = {.type = EVT_META};
    event.u.meta = (struct evt_meta){.server = "rg3-n1",
                                     .leader = "rg3-n1",
                                     .cluster = "rg3",
                                     .is_leader = true,
                                     .size = 7,
                                     .peers = 6};
    world_post(&world, &event);
    assert_int_equal(world_meta_view(&world).alive.number, 7);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_YES);
    world_end(&world);
}

static void peers_left_over_do_not_make_a_quorum(void **state)
{
    (void)state;
    begin(6, 3);
    for (unsigned i = 0; i < 3; i++) {
        world.is_alive[i] = false;
        world.unheard_ns[i] = 20 * NS_PER_S;
    }
    post_peers("rg2-n1", 0, 2); /* of a reply whose end was lost */
    world_pass(&world, NS_PER_S);
    world_round(&world);
    assert_int_equal(world_meta_view(&world).alive.number, 3);
    assert_int_equal(world_meta_view(&world).has_quorum, TRI_NO);
    world_end(&world);
}

static void peers_without_an_end_are_bounded_and_counted(void **state)
{
    (void)state;
    begin(7, 6);
    for (unsigned i = 0; i < 200; i++) {
        post_peers("rg3-n1", 0, 5);
    }
    assert_int_equal(model_overflow(world.model).servers, 1200 - 512);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leader_that_says_so_and_hears_a_quorum_is_named),
        cmocka_unit_test(a_dead_leader_that_followers_still_name_is_not),
        cmocka_unit_test(a_leader_whose_region_is_suspect_is_not_named),
        cmocka_unit_test(a_leader_that_goes_with_a_goodbye_is_not_named_from_then_on),
        cmocka_unit_test(peers_never_heard_are_not_alive),
        cmocka_unit_test(a_young_leader_that_heard_nobody_yet_concludes_nothing),
        cmocka_unit_test(an_exact_peer_age_of_three_seconds_is_dead),
        cmocka_unit_test(the_better_of_two_claimants_is_named),
        cmocka_unit_test(three_of_six_have_no_quorum),
        cmocka_unit_test(survival_is_told_while_all_is_green),
        cmocka_unit_test(survival_of_a_second_loss_counts_who_is_dead_already),
        cmocka_unit_test(survival_is_unknown_without_a_leader),
        cmocka_unit_test(too_few_of_a_group_without_leader_have_no_quorum),
        cmocka_unit_test(the_quorum_that_a_server_says_is_used),
        cmocka_unit_test(followers_that_list_peers_are_not_believed),
        cmocka_unit_test(peers_lost_on_the_way_do_not_lose_the_quorum),
        cmocka_unit_test(peers_left_over_do_not_make_a_quorum),
        cmocka_unit_test(peers_without_an_end_are_bounded_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
