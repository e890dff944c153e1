/*
 * test_time.c - points in time agree with the C library's calendar and with RFC 3339.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "farshore/base/duration.h"

#include "random.h"

#include "cmocka_all.h"

struct time_case {
    const char *text;
    int64_t ns;
};

static void times_parse_to_nanoseconds(void **state)
{
    (void)state;
    static const struct time_case cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.000000001Z", 1},
        {"1969-12-31T23:59:59.5Z", -500000000},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1969-12-31T18:30:00.25-05:30", 250000000},
        {"2000-02-29t12:00:00z", INT64_C(951825600) * NS_PER_S},
        {"2026-11-23T03:12:44.123Z", INT64_C(1795403564123) * NS_PER_MS},
        {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = -7;
        assert_true(time_parse_rfc3339(cases[i].text, strlen(cases[i].text), &ns));
        assert_true(ns == cases[i].ns);
    }
}

static void wrong_times_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2026-11-23",
                                      "2026-11-23T03:12:44",
                                      "2026-11-23 03:12:44Z",
                                      "2026-13-23T03:12:44Z",
                                      "2026-00-23T03:12:44Z",
                                      "2026-11-31T03:12:44Z",
                                      "2026-02-29T03:12:44Z",
                                      "1900-02-29T00:00:00Z",
                                      "2026-11-00T03:12:44Z",
                                      "2026-11-23T24:00:00Z",
                                      "2026-11-23T03:60:44Z",
                                      "2026-11-23T03:12:60Z",
                                      "2026-11-23T03:12:44.Z",
                                      "2026-11-23T03:12:44.1234567890Z",
                                      "2026-11-23T03:12:44+0100",
                                      "2026-11-23T03:12:44+24:00",
                                      "2026-11-23T03:12:44+01:60",
                                      "2026-11-23T03:12:44Zx",
                                      "2026-11-23T03:12:44+01:00x",
                                      "+026-11-23T03:12:44Z",
                                      "2026/11/23T03:12:44Z",
                                      "0001-01-01T00:00:00Z",
                                      "2262-04-11T23:47:16.854775808Z",
                                      "9999-12-31T23:59:59Z"};
    int64_t ns = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(time_parse_rfc3339(bad[i], strlen(bad[i]), &ns));
    }
    assert_int_equal(ns, 7);
}

static void printing_agrees_with_the_calendar_and_parses_back(void **state)
{
    (void)state;
    struct test_random random = {.state = 6};
    for (int i = 0; i < 50000; i++) {
        /* Below 2^63, both signs, whole milliseconds; a margin for the range's lower end. */
        int64_t ms = (int64_t)(test_random_wide(&random) % UINT64_C(9223372036000));
        if (test_random_below(&random, 2) == 1) {
            ms = -ms;
        }
        int64_t ns = ms * NS_PER_MS;
        time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0 ? 1 : 0));
        struct tm broken;
        char theirs[64];
        char date[32];
        char ours[DURATION_TEXT_BYTES];
        assert_non_null(gmtime_r(&seconds, &broken));
        assert_true(strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &broken) > 0);
        snprintf(theirs, sizeof theirs, "%s.%03dZ", date, (int)((ms % 1000 + 1000) % 1000));
        assert_int_equal(time_print_iso(ours, ns), strlen(theirs));
        assert_string_equal(ours, theirs);
        int64_t back = 0;
        assert_true(time_parse_rfc3339(ours, strlen(ours), &back));
        assert_true(back == ns);
        assert_true(strftime(date, sizeof date, "%H:%M:%SZ", &broken) > 0);
        assert_int_equal(time_print_clock(ours, ns), 9);
        assert_string_equal(ours, date);
    }
}

static void ends_of_the_range_print(void **state)
{
    (void)state;
    char text[DURATION_TEXT_BYTES];
    time_print_iso(text, INT64_MAX);
    assert_string_equal(text, "2262-04-11T23:47:16.854Z");
    time_print_iso(text, INT64_MIN);
    assert_string_equal(text, "1677-09-21T00:12:43.145Z");
    time_print_clock(text, INT64_MIN);
    assert_string_equal(text, "00:12:43Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_parse_to_nanoseconds),
        cmocka_unit_test(wrong_times_are_refused),
        cmocka_unit_test(printing_agrees_with_the_calendar_and_parses_back),
        cmocka_unit_test(ends_of_the_range_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
