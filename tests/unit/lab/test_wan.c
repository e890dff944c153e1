/*
 * test_wan.c - ways are unordered, buckets are exact.
 */
#include <string.h>

#include "cmocka_all.h"
#include "farshore/base/duration.h"
#include "wan.h"

static void a_way_is_the_same_from_both_ends(void **state)
{
    struct wan wan;

    (void)state;
    memset(&wan, 0, sizeof(wan));
    assert_ptr_equal(wan_way(&wan, 0, 2), wan_way(&wan, 2, 0));
    assert_ptr_not_equal(wan_way(&wan, 0, 2), wan_way(&wan, 0, 1));
    assert_int_equal(wan_direction(0, 2), 0);
    assert_int_equal(wan_direction(2, 0), 1);
}

static void heal_lifts_everything_and_says_whether(void **state)
{
    struct wan_way way;

    (void)state;
    memset(&way, 0, sizeof(way));
    assert_false(wan_heal(&way, 0));
    way.is_cut = true;
    way.delay_ms = 7;
    wan_set_bandwidth(&way, 1000, 0);
    assert_false(wan_is_plain(&way));
    assert_true(wan_heal(&way, 0));
    assert_true(wan_is_plain(&way));
    assert_int_equal(way.buckets[0].bytes_per_s, 0);
}

/* Take as much as possible in steps; what went must be rate × time to the byte, after the burst. */
static int64_t drain(int64_t rate, int64_t step_ns, int64_t span_ns)
{
    struct wan_way way;
    int64_t total = 0;

    memset(&way, 0, sizeof(way));
    wan_set_bandwidth(&way, rate, 0);
    for (int64_t now_ns = 0; now_ns <= span_ns; now_ns += step_ns) {
        int64_t allowed = wan_bucket_allow(&way.buckets[0], INT64_C(1) << 40, now_ns);
        wan_bucket_take(&way.buckets[0], allowed);
        total += allowed;
    }
    return total;
}

static void a_bucket_gives_the_rate_exactly(void **state)
{
    (void)state;
    assert_int_equal(drain(1000000, NS_PER_MS, 10 * NS_PER_S), 10000000);
    assert_int_equal(drain(333, 7 * NS_PER_MS, 70 * NS_PER_S), 23310);
    assert_int_equal(drain(1, 100 * NS_PER_MS, 100 * NS_PER_S), 100);
    assert_int_equal(drain(WAN_BANDWIDTH_MAX, NS_PER_MS, NS_PER_S), WAN_BANDWIDTH_MAX);
}

static void a_bucket_saves_no_more_than_a_burst(void **state)
{
    struct wan_way way;

    (void)state;
    memset(&way, 0, sizeof(way));
    wan_set_bandwidth(&way, 1000000, 0);
    assert_int_equal(wan_bucket_allow(&way.buckets[0], 1 << 30, 3600 * NS_PER_S), 20000);
}

static void an_unlimited_bucket_never_waits(void **state)
{
    struct wan_bucket bucket = {0};

    (void)state;
    assert_int_equal(wan_bucket_allow(&bucket, 12345, 0), 12345);
    wan_bucket_take(&bucket, 12345);
    assert_int_equal(wan_bucket_wait_ns(&bucket), 0);
}

static void waiting_as_told_gives_something(void **state)
{
    static const int64_t rates[] = {1, 10, 1500, 65536, 1000000, 100000000};

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct wan_way way;
        memset(&way, 0, sizeof(way));
        wan_set_bandwidth(&way, rates[i], 0);
        int64_t wait_ns = wan_bucket_wait_ns(&way.buckets[0]);
        assert_true(wait_ns > 0);
        assert_true(wan_bucket_allow(&way.buckets[0], 1 << 30, wait_ns) > 0);
    }
}

static void the_limit_of_a_flow_follows_the_way(void **state)
{
    struct wan_way way;

    (void)state;
    memset(&way, 0, sizeof(way));
    assert_int_equal(wan_flow_limit(&way), 256 * 1024);
    way.bytes_per_s = 1000000;
    assert_int_equal(wan_flow_limit(&way), 256 * 1024);
    way.delay_ms = 500;
    assert_int_equal(wan_flow_limit(&way), 256 * 1024 + 250000);
    way.bytes_per_s = 0;
    assert_int_equal(wan_flow_limit(&way), 16 * 1024 * 1024);
    assert_int_equal(wan_one_way_ns(&way), 250 * NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_way_is_the_same_from_both_ends),
        cmocka_unit_test(heal_lifts_everything_and_says_whether),
        cmocka_unit_test(a_bucket_gives_the_rate_exactly),
        cmocka_unit_test(a_bucket_saves_no_more_than_a_burst),
        cmocka_unit_test(an_unlimited_bucket_never_waits),
        cmocka_unit_test(waiting_as_told_gives_something),
        cmocka_unit_test(the_limit_of_a_flow_follows_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
