/*
 * test_seen.c - copies of pushes, advisories and complaints count once; origins are known.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "feed_impl.h"

static int setup(void **state)
{
    struct nats_feed *feed = calloc(1, sizeof(*feed));
    assert_non_null(feed);
    assert_int_equal(pthread_mutex_init(&feed->mutex, NULL), 0);
    *state = feed;
    return 0;
}

static int teardown(void **state)
{
    struct nats_feed *feed = *state;
    pthread_mutex_destroy(&feed->mutex);
    free(feed->origins);
    free(feed);
    return 0;
}

static void a_push_counts_once_however_many_ways_it_came(void **state)
{
    struct nats_feed *feed = *state;
    assert_true(feed_is_new_push(feed, "NA", 5));
    assert_false(feed_is_new_push(feed, "NA", 5));
    assert_false(feed_is_new_push(feed, "NA", 4));
    assert_true(feed_is_new_push(feed, "NB", 5));
    assert_true(feed_is_new_push(feed, "NA", 6));
}

static void more_servers_than_places_begin_anew(void **state)
{
    struct nats_feed *feed = *state;
    char id[16];
    for (int i = 0; i < 3 * FEED_PUSHERS; i++) {
        snprintf(id, sizeof(id), "N%d", i);
        assert_true(feed_is_new_push(feed, id, 1));
    }
}

static void an_advisory_counts_once_and_one_without_identity_always(void **state)
{
    struct nats_feed *feed = *state;
    assert_true(feed_is_new_advisory(feed, 7));
    assert_false(feed_is_new_advisory(feed, 7));
    assert_true(feed_is_new_advisory(feed, 0));
    assert_true(feed_is_new_advisory(feed, 0));
    for (uint64_t i = 100; i < 100 + FEED_ADVISORIES; i++) {
        assert_true(feed_is_new_advisory(feed, i));
    }
    assert_true(feed_is_new_advisory(feed, 7)); /* the oldest was forgotten */
}

static void a_complaint_is_said_once(void **state)
{
    struct nats_feed *feed = *state;
    struct evt_note first = {.source = "nats rg1", .text = "no"};
    struct evt_note other = {.source = "nats rg2", .text = "no"};
    assert_true(feed_is_new_note(feed, &first));
    assert_false(feed_is_new_note(feed, &first));
    assert_true(feed_is_new_note(feed, &other));
}

static void every_origin_is_known_while_the_table_grows(void **state)
{
    struct nats_feed *feed = *state;
    char name[16];
    assert_false(feed_is_origin(feed, "APP", "S0"));
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "S%d", i);
        feed_add_origin(feed, "APP", name);
        feed_add_origin(feed, "APP", name);
    }
    assert_int_equal(feed->origin_count, 10000);
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "S%d", i);
        assert_true(feed_is_origin(feed, "APP", name));
        assert_false(feed_is_origin(feed, "OTHER", name));
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_push_counts_once_however_many_ways_it_came),
        CASE(more_servers_than_places_begin_anew),
        CASE(an_advisory_counts_once_and_one_without_identity_always),
        CASE(a_complaint_is_said_once),
        CASE(every_origin_is_known_while_the_table_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
