/*
 * test_duration.c - lengths of time read as Go writes them and print within their columns.
 */
#include "farshore/base/duration.h"

#include <string.h>

#include "random.h"

#include "cmocka_all.h"

#define NS_PER_HOUR (60 * NS_PER_MINUTE)
#define NS_PER_DAY (24 * NS_PER_HOUR)

struct duration_case {
    int64_t ns;
    const char *text;
};

static void durations_parse_as_in_go(void **state)
{
    (void)state;
    static const struct duration_case cases[] = {
        {0, "0"},
        {0, "0s"},
        {90 * NS_PER_S, "90s"},
        {5 * NS_PER_MINUTE, "5m"},
        {90 * NS_PER_MINUTE, "1h30m"},
        {250 * NS_PER_MS, "250ms"},
        {729 * NS_PER_US, "729\xc2\xb5s"},
        {729 * NS_PER_US, "729\xce\xbcs"},
        {729 * NS_PER_US, "729us"},
        {1500 * NS_PER_MS, "1.5s"},
        {500 * NS_PER_MS, ".5s"},
        {NS_PER_S, "1.s"},
        {123456789, "0.123456789s"},
        {2 * NS_PER_DAY + 3 * NS_PER_HOUR, "2d3h"},
        {36 * NS_PER_HOUR, "1.5d"},
        {1, "1ns"},
        {INT64_MAX, "9223372036854775807ns"},
        {NS_PER_MINUTE + 3 * NS_PER_MS, "1m3ms"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = -1;
        assert_true(duration_parse(cases[i].text, strlen(cases[i].text), &ns));
        assert_true(ns == cases[i].ns);
    }
}

static void wrong_durations_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " ",
                                      "s",
                                      ".",
                                      ".s",
                                      "5",
                                      "00",
                                      "-5s",
                                      "+5s",
                                      "5 s",
                                      "5s ",
                                      "5x",
                                      "5mss",
                                      "1h30",
                                      "1..5s",
                                      "9223372036854775808ns",
                                      "9223372037s",
                                      "106752d",
                                      "9223372036854775807ns1ns",
                                      "0.1234567891s",
                                      "1e3s",
                                      "5\xc2s"};
    int64_t ns = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(duration_parse(bad[i], strlen(bad[i]), &ns));
    }
    assert_int_equal(ns, 7);
}

static void check_prints(const struct duration_case *cases, size_t count,
                         size_t (*print)(char *, int64_t))
{
    for (size_t i = 0; i < count; i++) {
        char text[DURATION_TEXT_BYTES];
        assert_int_equal(print(text, cases[i].ns), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void ages_read_in_one_unit(void **state)
{
    (void)state;
    static const struct duration_case cases[] = {
        {-1, "0s"},
        {250 * NS_PER_MS, "0s"},
        {38 * NS_PER_S + 999 * NS_PER_MS, "38s"},
        {60 * NS_PER_S, "1m"},
        {12 * NS_PER_MINUTE + 59 * NS_PER_S, "12m"},
        {5 * NS_PER_HOUR, "5h"},
        {3 * NS_PER_DAY, "3d"},
        {999 * NS_PER_DAY, "999d"},
        {1000 * NS_PER_DAY, "2y"},
        {INT64_MAX, "292y"},
    };
    check_prints(cases, sizeof cases / sizeof cases[0], duration_print_age);
}

static void lags_have_a_decimal_below_a_hundred_seconds(void **state)
{
    (void)state;
    static const struct duration_case cases[] = {
        {-5, "0.0s"},
        {0, "0.0s"},
        {2999 * NS_PER_MS, "2.9s"},
        {38 * NS_PER_S, "38.0s"},
        {99999 * NS_PER_MS, "99.9s"},
        {100 * NS_PER_S, "1m40s"},
        {192 * NS_PER_S, "3m12s"},
        {5 * NS_PER_HOUR + 2 * NS_PER_MINUTE, "5h02m"},
        {3 * NS_PER_DAY + 4 * NS_PER_HOUR, "3d04h"},
        {100 * NS_PER_DAY, "100d"},
    };
    check_prints(cases, sizeof cases / sizeof cases[0], duration_print_lag);
}

static void round_trips_keep_two_figures(void **state)
{
    (void)state;
    static const struct duration_case cases[] = {
        {-5, "0us"},
        {87 * NS_PER_US, "87us"},
        {999999, "999us"},
        {2150 * NS_PER_US, "2.1ms"},
        {84 * NS_PER_MS, "84ms"},
        {1234 * NS_PER_MS, "1.2s"},
    };
    check_prints(cases, sizeof cases / sizeof cases[0], duration_print_rtt);
}

static void clocks_count_up(void **state)
{
    (void)state;
    static const struct duration_case cases[] = {
        {-5, "00:00"},
        {38 * NS_PER_S, "00:38"},
        {12 * NS_PER_MINUTE + 7 * NS_PER_S, "12:07"},
        {NS_PER_HOUR + 2 * NS_PER_MINUTE + 33 * NS_PER_S, "1:02:33"},
        {NS_PER_DAY - 1, "23:59:59"},
        {3 * NS_PER_DAY + 4 * NS_PER_HOUR, "3d04h"},
    };
    check_prints(cases, sizeof cases / sizeof cases[0], duration_print_clock);
}

static void every_length_fits_its_columns(void **state)
{
    (void)state;
    struct test_random random = {.state = 5};
    for (int i = 0; i < 50000; i++) {
        int64_t ns = (int64_t)test_random_wide(&random);
        char text[DURATION_TEXT_BYTES];
        assert_in_range(duration_print_age(text, ns), 2, 4);
        assert_in_range(duration_print_lag(text, ns), 2, 6);
        assert_in_range(duration_print_rtt(text, ns), 2, 6);
        assert_in_range(duration_print_clock(text, ns), 2, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_parse_as_in_go),
        cmocka_unit_test(wrong_durations_are_refused),
        cmocka_unit_test(ages_read_in_one_unit),
        cmocka_unit_test(lags_have_a_decimal_below_a_hundred_seconds),
        cmocka_unit_test(round_trips_keep_two_figures),
        cmocka_unit_test(clocks_count_up),
        cmocka_unit_test(every_length_fits_its_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
