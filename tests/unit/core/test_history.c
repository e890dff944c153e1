/*
 * test_history.c - an origin's sequence in time: runs, thinning, rates, and their properties.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "farshore/base/duration.h"
#include "history.h"

static void add(struct history *history, int64_t mono_ns, uint64_t seq)
{
    assert_true(history_add(history, alloc_heap(), mono_ns, seq, true));
}

static void an_empty_history_says_nothing(void **state)
{
    (void)state;
    struct history history = {0};
    bool is_before = false;
    assert_int_equal(history_seq_at(&history, 5), 0);
    assert_int_equal(history_time_of(&history, 5, &is_before), 0);
    assert_true(is_before);
    assert_int_equal(history_rate(&history, NS_PER_S), -1);
    assert_int_equal(history_peak_rate(&history, NS_PER_S), 0);
    history_destroy(&history, alloc_heap());
}

static void an_idle_origin_takes_two_samples(void **state)
{
    (void)state;
    struct history history = {0};
    bool is_before = true;
    for (int64_t i = 0; i < 1000; i++) {
        add(&history, i * NS_PER_S, 42);
    }
    assert_int_equal(history.count, 2);
    assert_true(history.samples[0].mono_ns == 0);
    assert_true(history.samples[1].mono_ns == 999 * NS_PER_S);
    add(&history, 1000 * NS_PER_S, 43);
    /* 42 was the newest until the last time it was seen. */
    assert_true(history_time_of(&history, 42, &is_before) == 999 * NS_PER_S);
    assert_false(is_before);
    history_destroy(&history, alloc_heap());
}

static void time_and_sequence_are_interpolated(void **state)
{
    (void)state;
    struct history history = {0};
    bool is_before = true;
    add(&history, 10 * NS_PER_S, 100);
    add(&history, 12 * NS_PER_S, 300);
    assert_int_equal(history_seq_at(&history, 11 * NS_PER_S), 200);
    assert_int_equal(history_seq_at(&history, 9 * NS_PER_S), 100);
    assert_int_equal(history_seq_at(&history, 13 * NS_PER_S), 300);
    assert_true(history_time_of(&history, 200, &is_before) == 11 * NS_PER_S && !is_before);
    assert_true(history_time_of(&history, 99, &is_before) == 10 * NS_PER_S && is_before);
    assert_true(history_time_of(&history, 300, &is_before) == 12 * NS_PER_S && !is_before);
    assert_true(history_time_of(&history, 999, &is_before) == 12 * NS_PER_S && !is_before);
    history_destroy(&history, alloc_heap());
}

static void a_lower_sequence_drops_the_past(void **state)
{
    (void)state;
    struct history history = {0};
    add(&history, NS_PER_S, 100);
    add(&history, 2 * NS_PER_S, 200);
    add(&history, 3 * NS_PER_S, 5);
    assert_int_equal(history.count, 1);
    assert_true(history.samples[0].seq == 5);
    history_destroy(&history, alloc_heap());
}

static void a_sample_of_the_same_moment_replaces(void **state)
{
    (void)state;
    struct history history = {0};
    add(&history, NS_PER_S, 100);
    add(&history, NS_PER_S, 150);
    assert_int_equal(history.count, 1);
    assert_true(history.samples[0].seq == 150);
    history_destroy(&history, alloc_heap());
}

static void a_full_history_thins_its_far_end_only(void **state)
{
    (void)state;
    struct history history = {0};
    for (int64_t i = 0; i < 600; i++) {
        add(&history, i * NS_PER_S, (uint64_t)i * 10);
    }
    assert_true(history.count <= HISTORY_SAMPLES);
    assert_true(history.samples[0].mono_ns == 0); /* the first sample is never lost */
    /* The near end has every second. */
    for (uint16_t i = (uint16_t)(history.count - 16); i + 1 < history.count; i++) {
        assert_true(history.samples[i + 1].mono_ns - history.samples[i].mono_ns == NS_PER_S);
    }
    for (uint16_t i = 0; i + 1 < history.count; i++) {
        assert_true(history.samples[i].mono_ns < history.samples[i + 1].mono_ns);
        assert_true(history.samples[i].seq <= history.samples[i + 1].seq);
    }
    /* A steady rate survives thinning everywhere. */
    for (int64_t t = 0; t < 599; t += 7) {
        assert_true(history_seq_at(&history, t * NS_PER_S) == (uint64_t)t * 10);
    }
    assert_int_equal(history_rate(&history, 5 * NS_PER_S), 10);
    assert_int_equal(history_peak_rate(&history, 60 * NS_PER_S), 10);
    history_destroy(&history, alloc_heap());
}

static void rates_are_of_the_window_and_peaks_of_neighbours(void **state)
{
    (void)state;
    struct history history = {0};
    add(&history, 0, 0);
    add(&history, 1 * NS_PER_S, 1000); /* a burst, before the last minute */
    add(&history, 70 * NS_PER_S, 1000);
    add(&history, 71 * NS_PER_S, 1003);
    add(&history, 72 * NS_PER_S, 1003);
    assert_int_equal(history_peak_rate(&history, 60 * NS_PER_S), 3);
    assert_int_equal(history_peak_rate(&history, 200 * NS_PER_S), 1000);
    assert_int_equal(history_rate(&history, NS_PER_S), 0);
    assert_int_equal(history_rate(&history, 2 * NS_PER_S), 2); /* 1.5 rounded */
    history_destroy(&history, alloc_heap());
}

static void nothing_is_counted_over_a_break(void **state)
{
    (void)state;
    struct history history = {0};
    for (int64_t i = 0; i < 200; i++) {
        /* Each ten seconds a jump that nobody saw happen. */
        uint64_t seq = (uint64_t)(i * 3 + i / 10 * 100000);
        assert_true(history_add(&history, alloc_heap(), i * NS_PER_S, seq, i % 10 != 0));
        assert_true(history_peak_rate(&history, 300 * NS_PER_S) <= 3);
        assert_true(history_rate(&history, 5 * NS_PER_S) == (i % 10 == 0 ? -1 : 3));
    }
    assert_int_equal(history_peak_rate(&history, 60 * NS_PER_S), 3);
    history_destroy(&history, alloc_heap());
}

static void a_peak_is_rounded_up(void **state)
{
    (void)state;
    struct history history = {0};
    add(&history, 0, 0);
    add(&history, 10 * NS_PER_S, 1);
    assert_int_equal(history_peak_rate(&history, 60 * NS_PER_S), 1);
    assert_int_equal(history_rate(&history, 60 * NS_PER_S), 0);
    history_destroy(&history, alloc_heap());
}

static void extreme_numbers_saturate(void **state)
{
    (void)state;
    struct history history = {0};
    bool is_before = false;
    add(&history, 0, 0);
    add(&history, 1, UINT64_MAX);
    assert_true(history_rate(&history, NS_PER_S) == INT64_MAX);
    assert_true(history_peak_rate(&history, INT64_MAX) == INT64_MAX);
    add(&history, INT64_MAX, UINT64_MAX);
    assert_true(history_seq_at(&history, INT64_MAX / 2) == UINT64_MAX);
    assert_true(history_time_of(&history, UINT64_MAX, &is_before) == INT64_MAX);
    history_destroy(&history, alloc_heap());
}

static void random_histories_keep_their_order_and_answer_inside_their_range(void **state)
{
    (void)state;
    uint64_t seed = 1234567;
    for (int run = 0; run < 200; run++) {
        struct history history = {0};
        int64_t now = 0;
        uint64_t seq = 0;
        for (int i = 0; i < 300; i++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            now += (int64_t)(seed >> 40) % (2 * NS_PER_S);
            seq += seed >> 63 != 0 ? (seed >> 33) % 5000 : 0;
            add(&history, now, seq);
            bool is_before = false;
            uint64_t probe = seq > 0 ? (seed >> 20) % (seq + 1) : 0;
            int64_t time = history_time_of(&history, probe, &is_before);
            assert_true(time >= history.samples[0].mono_ns && time <= now);
            uint64_t at = history_seq_at(&history, time);
            assert_true(is_before || at >= probe - (probe > 0) || history.count == 1);
            assert_true(history_rate(&history, NS_PER_S) >= -1);
            assert_true(history_peak_rate(&history, 60 * NS_PER_S) >= 0);
        }
        history_destroy(&history, alloc_heap());
    }
}

static void a_sequence_of_an_outage_was_passed_at_an_unknown_time(void **state)
{
    (void)state;
    struct history history = {0};
    bool is_before = false;
    assert_true(history_add(&history, alloc_heap(), NS_PER_S, 100, true));
    assert_true(history_add(&history, alloc_heap(), 91 * NS_PER_S, 600, false));
    assert_true(history_add(&history, alloc_heap(), 92 * NS_PER_S, 700, true));
    assert_true(history_time_of(&history, 100, &is_before) == 91 * NS_PER_S);
    assert_true(is_before); /* no lag of ninety seconds is made up */
    assert_true(history_time_of(&history, 650, &is_before) == 91 * NS_PER_S + NS_PER_S / 2);
    assert_false(is_before);
    history_destroy(&history, alloc_heap());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_history_says_nothing),
        cmocka_unit_test(an_idle_origin_takes_two_samples),
        cmocka_unit_test(time_and_sequence_are_interpolated),
        cmocka_unit_test(a_lower_sequence_drops_the_past),
        cmocka_unit_test(a_sample_of_the_same_moment_replaces),
        cmocka_unit_test(a_full_history_thins_its_far_end_only),
        cmocka_unit_test(rates_are_of_the_window_and_peaks_of_neighbours),
        cmocka_unit_test(nothing_is_counted_over_a_break),
        cmocka_unit_test(a_peak_is_rounded_up),
        cmocka_unit_test(extreme_numbers_saturate),
        cmocka_unit_test(random_histories_keep_their_order_and_answer_inside_their_range),
        cmocka_unit_test(a_sequence_of_an_outage_was_passed_at_an_unknown_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
