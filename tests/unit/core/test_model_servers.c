/*
 * test_model_servers.c - servers by their answers, goodbyes and limits; links by gateways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct world world;

static enum server_state state_of(const char *name)
{
    return world_server(&world, name).state;
}

static void a_server_is_up_stale_and_down_by_its_answers(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    assert_int_equal(state_of("rg1-n1"), SERVER_UP);
    world.is_alive[0] = false;
    /* The others go on, so that only this one is silent. */
    world_seconds(&world, 3);
    assert_int_equal(state_of("rg1-n1"), SERVER_UP); /* exactly three intervals */
    world_pass(&world, 1);
    world_tick(&world);
    assert_int_equal(state_of("rg1-n1"), SERVER_STALE);
    world_pass(&world, -1);
    world_seconds(&world, 6);
    assert_int_equal(state_of("rg1-n1"), SERVER_STALE);
    world_second(&world);
    assert_int_equal(state_of("rg1-n1"), SERVER_DOWN);
    assert_true(world_server(&world, "rg1-n1").age_ns == 10 * NS_PER_S);
    assert_int_equal(state_of("rg1-n2"), SERVER_UP);
    world.is_alive[0] = true;
    world_second(&world);
    assert_int_equal(state_of("rg1-n1"), SERVER_UP);
    world_end(&world);
}

static void post_bye(unsigned server, const char *id, enum bye_kind kind)
{
    struct event event = {.type = EVT_BYE};
    event.u.bye = (struct evt_bye){.server = world_server_name(server),
                                   .id = id,
                                   .cluster = world_region_name(server),
                                   .kind = kind};
    world_post(&world, &event);
}

static void a_goodbye_shows_at_once_and_a_late_reply_is_no_return(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    uint64_t changes = model_changes(world.model);
    post_bye(0, "NA1", BYE_SHUTDOWN);
    assert_int_equal(state_of("rg1-n1"), SERVER_GONE);
    assert_true(model_changes(world.model) > changes);
    world_pass(&world, 2 * NS_PER_S);
    world_answer(&world, 0, "rg1");
    assert_int_equal(state_of("rg1-n1"), SERVER_GONE);
    world_pass(&world, NS_PER_S);
    world_answer(&world, 0, "rg1"); /* three seconds later it is one */
    assert_int_equal(state_of("rg1-n1"), SERVER_UP);
    world_end(&world);
}

static void a_new_run_of_the_process_is_up_at_once(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    post_bye(0, "NA1", BYE_SHUTDOWN);
    world.run[0] = 1;
    world_answer(&world, 0, "rg1");
    assert_int_equal(state_of("rg1-n1"), SERVER_UP);
    post_bye(0, "NA1", BYE_SHUTDOWN); /* of the earlier run, late */
    assert_int_equal(state_of("rg1-n1"), SERVER_UP);
    world_end(&world);
}

static void lame_duck_lasts_for_its_run_only(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    post_bye(0, "NA1", BYE_LAMEDUCK);
    post_bye(0, "NA1", BYE_LAMEDUCK);
    assert_true(world_server(&world, "rg1-n1").is_lameduck);
    assert_int_equal(state_of("rg1-n1"), SERVER_UP);
    world.run[0] = 1;
    world_answer(&world, 0, "rg1");
    assert_false(world_server(&world, "rg1-n1").is_lameduck);
    post_bye(0, "NA1", BYE_LAMEDUCK);
    assert_false(world_server(&world, "rg1-n1").is_lameduck);
    world_end(&world);
}

static void servers_stand_in_the_order_of_region_and_name(void **state)
{
    (void)state;
    world_begin(&world, 7);
    for (unsigned i = 7; i-- > 0;) {
        world_answer(&world, i, "rg1");
    }
    for (unsigned i = 0; i < 7; i++) {
        struct server_view view;
        view_server(world.model, i, &view);
        assert_string_equal(view.name, world_server_name(i));
    }
    world_end(&world);
}

static void a_server_started_in_another_cluster_moves_there(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    for (unsigned i = 0; i < 5; i++) {
        world_pass(&world, NS_PER_S);
        struct event event = {.type = EVT_SERVER};
        event.u.server = (struct evt_server){
            .server = "rg1-n2", .id = "NEW", .cluster = "rg3", .via = "rg3", .kind = ASK_STREAMS};
        world_post(&world, &event);
        world_tick(&world);
    }
    static const char *const order[] = {"rg1-n1", "rg1-n3", "rg2-n1", "rg2-n2",
                                        "rg2-n3", "rg1-n2", "rg3-n1"};
    for (unsigned i = 0; i < 7; i++) {
        struct server_view view;
        view_server(world.model, i, &view);
        assert_string_equal(view.name, order[i]);
    }
    assert_string_equal(world_server(&world, "rg1-n2").region, "rg3");
    assert_int_equal(world_region(&world, "rg1").servers, 2);
    assert_int_equal(world_region(&world, "rg1").verdict, VERDICT_SUSPECT);
    world_end(&world);
}

static void a_server_that_answers_through_another_region_is_said_so(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    assert_false(world_server(&world, "rg1-n1").is_via_other);
    for (unsigned i = 0; i < 4; i++) {
        world_pass(&world, NS_PER_S);
        world_answer(&world, 0, "rg2");
        world_tick(&world);
    }
    assert_true(world_server(&world, "rg1-n1").is_via_other);
    assert_string_equal(world_region(&world, "rg1").via, "rg2");
    world_end(&world);
}

static void what_finds_no_place_is_counted(void **state)
{
    (void)state;
    struct model_limits limits = {
        .regions = 2, .servers = 3, .streams = 4, .mirrors = 1, .log_lines = 2};
    char name[32];
    memset(&world, 0, sizeof(world));
    world.model = model_create(alloc_heap(), &limits);
    for (unsigned i = 0; i < 5; i++) {
        struct event event = {.type = EVT_SERVER};
        snprintf(name, sizeof(name), "s%u", i);
        event.u.server = (struct evt_server){.server = name, .id = "N", .cluster = "rg1"};
        world_post(&world, &event);
    }
    assert_int_equal(view_servers(world.model), 3);
    assert_int_equal(model_overflow(world.model).servers, 2);
    for (unsigned i = 0; i < 4; i++) {
        struct event event = {.type = EVT_REGION};
        snprintf(name, sizeof(name), "r%u", i);
        event.u.region.region = name;
        world_post(&world, &event);
    }
    assert_int_equal(view_regions(world.model), 2);
    assert_int_equal(model_overflow(world.model).regions, 3);
    for (unsigned i = 0; i < 6; i++) {
        snprintf(name, sizeof(name), "S%u", i);
        struct event event = world_stream("APP", name, 0, 5);
        world_post(&world, &event);
    }
    assert_int_equal(model_overflow(world.model).streams, 2);
    for (unsigned i = 0; i < 2; i++) {
        struct event event = world_mirror("APP", i == 0 ? "S0" : "S1", "S2", 0);
        world_post(&world, &event);
    }
    assert_int_equal(view_mirrors(world.model), 1);
    assert_int_equal(model_overflow(world.model).mirrors, 1);
    struct event drop = {.type = EVT_DROP};
    drop.u.drop = (struct evt_drop){.where = "nats queue", .count = 9};
    world_post(&world, &drop);
    assert_int_equal(model_overflow(world.model).queue, 9);
    assert_int_equal(view_changes(world.model), 2);
    world_end(&world);
}

static void overlong_names_find_no_place(void **state)
{
    (void)state;
    static char longer[5000];
    memset(longer, 'a', sizeof(longer) - 1);
    world_begin(&world, 7);
    struct event event = {.type = EVT_SERVER};
    event.u.server = (struct evt_server){.server = longer, .id = "N", .cluster = "rg1"};
    world_post(&world, &event);
    assert_int_equal(view_servers(world.model), 0);
    assert_int_equal(model_overflow(world.model).servers, 1);
    event = world_stream("APP", longer, 0, 5);
    world_post(&world, &event);
    assert_int_equal(model_overflow(world.model).streams, 1);
    world_end(&world);
}

/* ---- links ---- */

static void every_pair_of_configured_regions_has_a_link_unknown_at_first(void **state)
{
    (void)state;
    world_begin(&world, 7);
    assert_int_equal(view_links(world.model), 6);
    assert_int_equal(world_link(&world, "rg1", "rg2").state, LINK_UNKNOWN);
    world_round(&world);
    for (size_t i = 0; i < 6; i++) {
        struct link_view view;
        view_link(world.model, i, &view);
        assert_int_equal(view.state, LINK_UP);
        assert_int_equal(view.servers_up, view.servers);
    }
    world_end(&world);
}

static void a_lost_gateway_stays_listed_as_down(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    world.is_cut[0][1] = true;
    world_second(&world);
    struct link_view view = world_link(&world, "rg1", "rg2");
    assert_int_equal(view.state, LINK_DOWN);
    assert_int_equal(view.servers_up, 0);
    assert_int_equal(view.servers, 3);
    assert_int_equal(world_link(&world, "rg2", "rg1").state, LINK_UP);
    assert_int_equal(view_links(world.model), 6);
    world_seconds(&world, 30);
    assert_int_equal(world_link(&world, "rg1", "rg2").state, LINK_DOWN);
    assert_true(world_link(&world, "rg1", "rg2").for_ns == 30 * NS_PER_S);
    world_end(&world);
}

static void some_servers_without_a_gateway_are_degraded(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    world_pass(&world, NS_PER_S);
    world.is_cut[0][1] = true;
    world_answer(&world, 0, "rg1");
    world_gateways(&world, 0);
    struct link_view view = world_link(&world, "rg1", "rg2");
    assert_int_equal(view.state, LINK_DEGRADED);
    assert_int_equal(view.servers_up, 2);
    assert_int_equal(view.servers, 3);
    world_end(&world);
}

static void a_link_is_unknown_when_nobody_of_its_side_answers(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    world.is_deaf[0] = true;
    world_seconds(&world, 4);
    assert_int_equal(world_link(&world, "rg1", "rg2").state, LINK_UNKNOWN);
    assert_int_equal(world_link(&world, "rg2", "rg1").state, LINK_UP);
    world_end(&world);
}

static void a_reply_that_lost_parts_takes_no_gateway_down(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    /* The end says two outbounds, none came: they were dropped on the way. */
    struct event end = {.type = EVT_GATEWAYS};
    end.u.gateways.server = "rg1-n1";
    end.u.gateways.cluster = "rg1";
    end.u.gateways.outbound = 2;
    world_post(&world, &end);
    assert_int_equal(world_link(&world, "rg1", "rg2").state, LINK_UP);
    world_end(&world);
}

static void parts_of_a_reply_without_an_end_do_not_count_for_the_next(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 2);
    struct event part = {.type = EVT_GATEWAY};
    part.u.gateway = (struct evt_gateway){
        .server = "rg1-n1", .cluster = "rg1", .remote = "rg2", .direction = GATEWAY_OUTBOUND};
    world_post(&world, &part);
    world.is_cut[0][1] = true;
    world_seconds(&world, 3);
    assert_int_equal(world_link(&world, "rg1", "rg2").state, LINK_DOWN);
    world_end(&world);
}

static void the_bar_keeps_the_worst_of_each_step(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_seconds(&world, 61);
    assert_string_equal(world_link(&world, "rg1", "rg2").history, "############");
    world.is_cut[0][1] = true;
    world_second(&world);
    world.is_cut[0][1] = false;
    world_second(&world);
    const char *bar = world_link(&world, "rg1", "rg2").history;
    assert_non_null(strchr(bar, '.'));
    assert_int_equal(strlen(bar), VIEW_HISTORY);
    world_end(&world);
}

static void a_new_links_bar_is_unknown_before_it_was_seen(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    struct link_view view = world_link(&world, "rg1", "rg2");
    assert_memory_equal(view.history, "???????????", 11);
    world_end(&world);
}

static void traffic_is_a_rate_over_two_samples(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_answer(&world, 6, "rg3");
    for (int64_t msgs = 100; msgs <= 300; msgs += 200) {
        struct event event = {.type = EVT_GATEWAY};
        event.u.gateway = (struct evt_gateway){.server = "rg3-n1",
                                               .cluster = "rg3",
                                               .remote = "rg1",
                                               .direction = GATEWAY_OUTBOUND,
                                               .rtt_ns = 5 * WORLD_MS,
                                               .msgs = msgs};
        struct event end = {.type = EVT_GATEWAYS};
        end.u.gateways = (struct evt_gateways){"rg3-n1", "rg3", 1, 0};
        world_post(&world, &event);
        world_post(&world, &end);
        world_pass(&world, NS_PER_S);
    }
    struct link_view view = world_link(&world, "rg3", "rg1");
    assert_int_equal(view.msgs_per_s.number, 200);
    assert_int_equal(view.rtt_ns.number, 5 * WORLD_MS);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_up_stale_and_down_by_its_answers),
        cmocka_unit_test(a_goodbye_shows_at_once_and_a_late_reply_is_no_return),
        cmocka_unit_test(a_new_run_of_the_process_is_up_at_once),
        cmocka_unit_test(lame_duck_lasts_for_its_run_only),
        cmocka_unit_test(servers_stand_in_the_order_of_region_and_name),
        cmocka_unit_test(a_server_started_in_another_cluster_moves_there),
        cmocka_unit_test(a_server_that_answers_through_another_region_is_said_so),
        cmocka_unit_test(what_finds_no_place_is_counted),
        cmocka_unit_test(overlong_names_find_no_place),
        cmocka_unit_test(every_pair_of_configured_regions_has_a_link_unknown_at_first),
        cmocka_unit_test(a_lost_gateway_stays_listed_as_down),
        cmocka_unit_test(some_servers_without_a_gateway_are_degraded),
        cmocka_unit_test(a_link_is_unknown_when_nobody_of_its_side_answers),
        cmocka_unit_test(a_reply_that_lost_parts_takes_no_gateway_down),
        cmocka_unit_test(parts_of_a_reply_without_an_end_do_not_count_for_the_next),
        cmocka_unit_test(the_bar_keeps_the_worst_of_each_step),
        cmocka_unit_test(a_new_links_bar_is_unknown_before_it_was_seen),
        cmocka_unit_test(traffic_is_a_rate_over_two_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
