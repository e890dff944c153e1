/*
 * test_pace.c - how often a region is asked: small ones at the interval, large ones by their cost.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "feed_impl.h"

struct world {
    struct nats_feed feed;
    struct feed_region *region;
    int told; /* EVT_PACE since the start */
    struct evt_pace last;
};

static void put(void *context, const struct event *event)
{
    struct world *world = context;
    assert_int_equal(event->type, EVT_PACE);
    world->told++;
    world->last = event->u.pace;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    world->feed.interval_ns = NS_PER_S;
    world->feed.sink = (struct event_sink){.context = world, .put = put};
    world->region = &world->feed.regions[0];
    world->region->feed = &world->feed;
    strcpy(world->region->name, "rg1");
    feed_pace_init(world->region, NS_PER_S, 0);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void cost(struct world *world, uint64_t id, enum ask_kind kind, int64_t cost_ns)
{
    struct feed_ask ask = {.id = id, .kind = kind};
    feed_pace_cost(world->region, &ask, cost_ns);
}

static void a_small_region_is_asked_at_the_interval_whatever_it_costs(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 1000);
    cost(world, 1, ASK_STREAMS, NS_PER_S);
    cost(world, 2, ASK_STREAMS, NS_PER_S);
    assert_int_equal(world->region->pace[ASK_STREAMS].interval_ns, NS_PER_S);
    assert_int_equal(world->region->pace[ASK_CONFIGS].interval_ns, 10 * NS_PER_S);
    assert_false(world->region->is_large);
}

static void a_large_region_waits_many_times_its_cost(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 1001);
    assert_true(world->region->is_large);
    cost(world, 1, ASK_STREAMS, 40 * NS_PER_MS);
    cost(world, 2, ASK_CONFIGS, 40 * NS_PER_MS);
    assert_int_equal(world->region->pace[ASK_STREAMS].interval_ns, 125 * 40 * NS_PER_MS);
    assert_int_equal(world->region->pace[ASK_CONFIGS].interval_ns, 667 * 40 * NS_PER_MS);
    assert_true(world->last.is_slowed);
    assert_string_equal(world->last.region, "rg1");
    assert_int_equal(world->last.streams, 1001);
}

static void large_ends_only_well_below_where_it_began(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 1001);
    feed_pace_streams(world->region, 950);
    assert_true(world->region->is_large);
    feed_pace_streams(world->region, 900);
    assert_false(world->region->is_large);
}

static void back_to_small_the_interval_is_told_and_taken(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 5000);
    cost(world, 1, ASK_STREAMS, 80 * NS_PER_MS);
    int told = world->told;
    feed_pace_streams(world->region, 10);
    assert_true(world->told > told);
    assert_int_equal(world->region->pace[ASK_STREAMS].interval_ns, NS_PER_S);
    assert_false(world->region->pace[ASK_STREAMS].is_slowed);
}

static void the_wait_has_a_limit(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 20000);
    cost(world, 1, ASK_STREAMS, INT64_MAX);
    assert_int_equal(world->region->pace[ASK_STREAMS].interval_ns, 10 * NS_PER_MINUTE);
}

static void the_slowest_server_counts(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 2000);
    cost(world, 1, ASK_STREAMS, 20 * NS_PER_MS);
    cost(world, 1, ASK_STREAMS, 50 * NS_PER_MS);
    cost(world, 1, ASK_STREAMS, 10 * NS_PER_MS);
    cost(world, 2, ASK_STREAMS, 50 * NS_PER_MS);
    assert_int_equal(world->region->pace[ASK_STREAMS].cost_ns, 50 * NS_PER_MS);
}

static void a_reply_to_an_older_question_changes_nothing(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 2000);
    cost(world, 2, ASK_STREAMS, 20 * NS_PER_MS);
    cost(world, 1, ASK_STREAMS, 900 * NS_PER_MS);
    assert_int_equal(world->region->pace[ASK_STREAMS].cost_ns, 20 * NS_PER_MS);
}

static void small_questions_have_no_cost(void **state)
{
    struct world *world = *state;
    feed_pace_streams(world->region, 2000);
    cost(world, 1, ASK_META, NS_PER_S);
    cost(world, 2, ASK_GATEWAYS, NS_PER_S);
    assert_int_equal(world->region->pace[ASK_META].interval_ns, NS_PER_S);
    assert_int_equal(world->region->pace[ASK_GATEWAYS].interval_ns, NS_PER_S);
}

static void round_trips_are_those_of_the_last_questions(void **state)
{
    struct world *world = *state;
    assert_int_equal(feed_rtt_best(world->region), 0);
    assert_int_equal(feed_rtt_worst(world->region), 0);
    feed_rtt_add(world->region, NS_PER_S);
    for (int i = 0; i < FEED_RTTS; i++) {
        feed_rtt_add(world->region, (i + 1) * NS_PER_MS);
    }
    assert_int_equal(feed_rtt_best(world->region), NS_PER_MS);
    assert_int_equal(feed_rtt_worst(world->region), FEED_RTTS * NS_PER_MS);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_small_region_is_asked_at_the_interval_whatever_it_costs),
        CASE(a_large_region_waits_many_times_its_cost),
        CASE(large_ends_only_well_below_where_it_began),
        CASE(back_to_small_the_interval_is_told_and_taken),
        CASE(the_wait_has_a_limit),
        CASE(the_slowest_server_counts),
        CASE(a_reply_to_an_older_question_changes_nothing),
        CASE(small_questions_have_no_cost),
        CASE(round_trips_are_those_of_the_last_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
