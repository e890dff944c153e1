/*
 * duration.c - lengths of time, as people write and read them.
 *
 * Why:   configuration, columns and clocks share one idea of "5m" and of how much fits in 4
 * columns. How:   integers only. Printing truncates, so that an age never claims more than has
 * passed, and a negative length (clocks of two machines) prints as zero. Rules: pure; core may use
 * all of it. Points in time are in time.c. See:   https://pkg.go.dev/time#ParseDuration;
 * tests/unit/base/test_duration.c
 */
#include "farshore/base/duration.h"

#include <string.h>

#include "farshore/base/number.h"

#define NS_PER_HOUR (60 * NS_PER_MINUTE)
#define NS_PER_DAY (24 * NS_PER_HOUR)
#define FRACTION_DIGITS 9

struct duration_unit {
    const char *name;
    int64_t ns;
};

/* A name that begins another one stands after it. */
static const struct duration_unit duration_units[] = {
    {"ns", 1},
    {"us", NS_PER_US},
    {"\xc2\xb5s", NS_PER_US}, /* U+00B5 micro sign */
    {"\xce\xbcs", NS_PER_US}, /* U+03BC Greek mu */
    {"ms", NS_PER_MS},
    {"s", NS_PER_S},
    {"m", NS_PER_MINUTE},
    {"h", NS_PER_HOUR},
    {"d", NS_PER_DAY},
};

static const struct duration_unit *find_unit(const char *text, size_t count)
{
    for (size_t i = 0; i < sizeof duration_units / sizeof duration_units[0]; i++) {
        size_t length = strlen(duration_units[i].name);
        if (length <= count && memcmp(text, duration_units[i].name, length) == 0) {
            return &duration_units[i];
        }
    }
    return NULL;
}

static size_t count_digits(const char *text, size_t count)
{
    size_t digits = 0;
    while (digits < count && text[digits] >= '0' && text[digits] <= '9') {
        digits++;
    }
    return digits;
}

/* The fraction's digits as billionths of unit_ns; exact down to the nanosecond. */
static int64_t fraction_ns(const char *digits, size_t count, int64_t unit_ns)
{
    int64_t billionths = 0;
    for (size_t i = 0; i < FRACTION_DIGITS; i++) {
        billionths = billionths * 10 + (i < count ? digits[i] - '0' : 0);
    }
    return unit_ns / NS_PER_S * billionths + unit_ns % NS_PER_S * billionths / NS_PER_S;
}

/* One number with its unit at the start of text. Returns the bytes it takes; 0 when it is wrong. */
static size_t parse_part(const char *text, size_t count, int64_t *out_ns)
{
    size_t whole_digits = count_digits(text, count);
    size_t at = whole_digits;
    size_t fraction_digits = 0;
    if (at < count && text[at] == '.') {
        at++;
        fraction_digits = count_digits(text + at, count - at);
        at += fraction_digits;
    }
    if (whole_digits + fraction_digits == 0 || fraction_digits > FRACTION_DIGITS) {
        return 0;
    }
    const struct duration_unit *unit = find_unit(text + at, count - at);
    int64_t whole = 0;
    if (unit == NULL || (whole_digits > 0 && !number_parse_i64(text, whole_digits, &whole))) {
        return 0;
    }
    int64_t fraction = fraction_ns(text + at - fraction_digits, fraction_digits, unit->ns);
    if (__builtin_mul_overflow(whole, unit->ns, &whole) ||
        __builtin_add_overflow(whole, fraction, out_ns)) {
        return 0;
    }
    return at + strlen(unit->name);
}

bool duration_parse(const char *text, size_t count, int64_t *out_ns)
{
    int64_t total = 0;
    if (count == 0) {
        return false;
    }
    if (count == 1 && text[0] == '0') {
        *out_ns = 0;
        return true;
    }
    for (size_t at = 0; at < count;) {
        int64_t part = 0;
        size_t taken = parse_part(text + at, count - at, &part);
        if (taken == 0 || __builtin_add_overflow(total, part, &total)) {
            return false;
        }
        at += taken;
    }
    *out_ns = total;
    return true;
}

static size_t put_number(char *out, int64_t value, const char *unit)
{
    size_t length = number_print_i64(out, value);
    size_t unit_length = strlen(unit);
    memcpy(out + length, unit, unit_length + 1);
    return length + unit_length;
}

static size_t put_two_digits(char *out, int64_t value, const char *after)
{
    size_t length = value < 10 ? 1 : 0;
    out[0] = '0';
    return length + put_number(out + length, value, after);
}

/* tenths as "2.9" with the unit behind. */
static size_t put_tenths(char *out, int64_t tenths, const char *unit)
{
    size_t length = put_number(out, tenths / 10, ".");
    return length + put_number(out + length, tenths % 10, unit);
}

size_t duration_print_age(char *out, int64_t ns)
{
    if (ns < NS_PER_MINUTE) {
        return put_number(out, ns < 0 ? 0 : ns / NS_PER_S, "s");
    }
    if (ns < NS_PER_HOUR) {
        return put_number(out, ns / NS_PER_MINUTE, "m");
    }
    if (ns < NS_PER_DAY) {
        return put_number(out, ns / NS_PER_HOUR, "h");
    }
    if (ns < 1000 * NS_PER_DAY) {
        return put_number(out, ns / NS_PER_DAY, "d");
    }
    return put_number(out, ns / (365 * NS_PER_DAY), "y");
}

/* From a hundred seconds on: the two largest units, in at most 6 columns. */
static size_t print_two_units(char *out, int64_t ns)
{
    size_t length;
    if (ns < NS_PER_HOUR) {
        length = put_number(out, ns / NS_PER_MINUTE, "m");
        return length + put_two_digits(out + length, ns % NS_PER_MINUTE / NS_PER_S, "s");
    }
    if (ns < NS_PER_DAY) {
        length = put_number(out, ns / NS_PER_HOUR, "h");
        return length + put_two_digits(out + length, ns % NS_PER_HOUR / NS_PER_MINUTE, "m");
    }
    if (ns < 100 * NS_PER_DAY) {
        length = put_number(out, ns / NS_PER_DAY, "d");
        return length + put_two_digits(out + length, ns % NS_PER_DAY / NS_PER_HOUR, "h");
    }
    return duration_print_age(out, ns);
}

size_t duration_print_lag(char *out, int64_t ns)
{
    if (ns < 100 * NS_PER_S) {
        return put_tenths(out, ns < 0 ? 0 : ns / (100 * NS_PER_MS), "s");
    }
    return print_two_units(out, ns);
}

size_t duration_print_rtt(char *out, int64_t ns)
{
    if (ns < NS_PER_MS) {
        return put_number(out, ns < 0 ? 0 : ns / NS_PER_US, "us");
    }
    if (ns < 10 * NS_PER_MS) {
        return put_tenths(out, ns / (100 * NS_PER_US), "ms");
    }
    if (ns < NS_PER_S) {
        return put_number(out, ns / NS_PER_MS, "ms");
    }
    return duration_print_lag(out, ns);
}

size_t duration_print_clock(char *out, int64_t ns)
{
    int64_t left = ns < 0 ? 0 : ns;
    if (left >= NS_PER_DAY) {
        return print_two_units(out, left);
    }
    size_t length = 0;
    if (left >= NS_PER_HOUR) {
        length = put_number(out, left / NS_PER_HOUR, ":");
        left %= NS_PER_HOUR;
    }
    length += put_two_digits(out + length, left / NS_PER_MINUTE, ":");
    return length + put_two_digits(out + length, left % NS_PER_MINUTE / NS_PER_S, "");
}
