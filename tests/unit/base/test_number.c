/*
 * test_number.c - exact integers, and columns that never grow wider than promised.
 */
#include "farshore/base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#include "cmocka_all.h"

static void u64_takes_digits_in_range_only(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x1",
                                      "1e3",
                                      "abc",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    uint64_t value = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(number_parse_u64(bad[i], strlen(bad[i]), &value));
    }
    assert_int_equal(value, 7);
    assert_true(number_parse_u64("18446744073709551615", 20, &value));
    assert_true(value == UINT64_MAX);
    assert_true(number_parse_u64("0042x", 4, &value));
    assert_true(value == 42);
}

static void i64_takes_the_whole_range(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "-", "--1", "+1", "- 1", "9223372036854775808", "-9223372036854775809"};
    int64_t value = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(number_parse_i64(bad[i], strlen(bad[i]), &value));
    }
    assert_int_equal(value, 7);
    assert_true(number_parse_i64("-9223372036854775808", 20, &value));
    assert_true(value == INT64_MIN);
    assert_true(number_parse_i64("9223372036854775807", 19, &value));
    assert_true(value == INT64_MAX);
    assert_true(number_parse_i64("-0", 2, &value));
    assert_true(value == 0);
}

static void printing_agrees_with_printf_and_parses_back(void **state)
{
    (void)state;
    struct test_random random = {.state = 1};
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_random_wide(&random);
        char ours[NUMBER_TEXT_BYTES];
        char theirs[NUMBER_TEXT_BYTES];
        uint64_t back = 0;
        int64_t signed_back = 0;
        snprintf(theirs, sizeof theirs, "%" PRIu64, bits);
        assert_int_equal(number_print_u64(ours, bits), strlen(theirs));
        assert_string_equal(ours, theirs);
        assert_true(number_parse_u64(ours, strlen(ours), &back) && back == bits);
        snprintf(theirs, sizeof theirs, "%" PRId64, (int64_t)bits);
        assert_int_equal(number_print_i64(ours, (int64_t)bits), strlen(theirs));
        assert_string_equal(ours, theirs);
        assert_true(number_parse_i64(ours, strlen(ours), &signed_back));
        assert_true(signed_back == (int64_t)bits);
    }
}

struct print_case {
    int64_t value;
    const char *text;
};

static void check_cases(const struct print_case *cases, size_t count,
                        size_t (*print)(char *, int64_t))
{
    for (size_t i = 0; i < count; i++) {
        char text[NUMBER_TEXT_BYTES];
        assert_int_equal(print(text, cases[i].value), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void grouped_has_commas_every_three_digits(void **state)
{
    (void)state;
    static const struct print_case cases[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {1204, "1,204"},
        {-1204, "-1,204"},
        {-999, "-999"},
        {123456, "123,456"},
        {INT64_MAX, "9,223,372,036,854,775,807"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], number_print_grouped);
}

static void bytes_have_one_decimal_and_binary_units(void **state)
{
    (void)state;
    static const struct print_case cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1258291, "1.2 MiB"},
        {1048575, "1.0 MiB"}, /* and not 1024.0 KiB */
        {INT64_C(10) << 30, "10.0 GiB"},
        {-1536, "-1.5 KiB"},
        {INT64_MAX, "8.0 EiB"},
        {INT64_MIN, "-8.0 EiB"},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], number_print_bytes);
}

static void short_counts_read_well(void **state)
{
    (void)state;
    static const struct print_case cases[] = {
        {0, "0"},
        {9999, "9999"},
        {10000, "10.0k"},
        {18234, "18.2k"},
        {18250, "18.3k"},
        {99949, "99.9k"},
        {99950, "100k"},
        {999499, "999k"},
        {999500, "1.0M"},
        {1300000, "1.3M"},
        {INT64_C(4000000000), "4.0G"},
        {INT64_MAX, "9.2E"},
        {-9999, "-9999"},
        {-10000, "-10k"},
        {-1300000, "-1.3M"},
        {INT64_MIN, "-9.2E"},
    };
    check_cases(cases, sizeof cases / sizeof cases[0], number_print_short);
}

static void short_never_exceeds_five_columns_nor_strays(void **state)
{
    (void)state;
    struct test_random random = {.state = 2};
    for (int i = 0; i < 50000; i++) {
        int64_t value = (int64_t)test_random_wide(&random);
        char text[NUMBER_TEXT_BYTES];
        size_t length = number_print_short(text, value);
        assert_int_equal(length, strlen(text));
        assert_in_range(length, 1, 5);
        char *end = text;
        double number = strtod(text, &end); /* unlike scanf() it gives a lone E back */
        char unit = *end != '\0' ? *end : ' ';
        assert_true(end > text);
        double scale = 1;
        static const char units[] = " kMGTPE";
        for (const char *at = strchr(units, unit); at > units; at--) {
            scale *= 1000;
        }
        double off = number * scale - (double)value;
        double allowed = (value < 0 ? -(double)value : (double)value) * 0.051 + 0.5;
        assert_true(off <= allowed && -off <= allowed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(u64_takes_digits_in_range_only),
        cmocka_unit_test(i64_takes_the_whole_range),
        cmocka_unit_test(printing_agrees_with_printf_and_parses_back),
        cmocka_unit_test(grouped_has_commas_every_three_digits),
        cmocka_unit_test(bytes_have_one_decimal_and_binary_units),
        cmocka_unit_test(short_counts_read_well),
        cmocka_unit_test(short_never_exceeds_five_columns_nor_strays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
