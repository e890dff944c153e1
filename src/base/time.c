/*
 * time.c - points in time as text, UTC, without the C library's calendar.
 *
 * Why:   core reads and prints times and may not reach gmtime(), which knows locale and time zone.
 * How:   days since 1970 to and from year, month, day in the proleptic Gregorian calendar, counted
 * in 400-year cycles from 1 March of year 0, so that the leap day is the last of its year. Rules:
 * pure; core may use all of it. int64_t nanoseconds hold the years 1677 to 2262. See:   RFC 3339;
 * tests/unit/base/test_time.c
 */
#include "farshore/base/duration.h"
#include "farshore/base/number.h"

#define SECONDS_PER_DAY INT64_C(86400)
#define DAYS_PER_CYCLE INT64_C(146097) /* 400 years */
#define DAYS_TO_1970 INT64_C(719468)   /* from 0000-03-01 */
#define DATE_TIME_BYTES (sizeof "2026-11-23T03:12:44" - 1)

struct time_date {
    int64_t year;
    int64_t month; /* 1..12 */
    int64_t day;   /* 1..31 */
};

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

static int64_t days_from_date(const struct time_date *date)
{
    int64_t year = date->month <= 2 ? date->year - 1 : date->year;
    int64_t month = (date->month + 9) % 12; /* March is 0 */
    int64_t cycle = floor_divide(year, 400);
    int64_t year_of_cycle = year - cycle * 400;
    int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;
    int64_t day_of_cycle =
        year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return cycle * DAYS_PER_CYCLE + day_of_cycle - DAYS_TO_1970;
}

static struct time_date date_from_days(int64_t days)
{
    int64_t since = days + DAYS_TO_1970;
    int64_t cycle = floor_divide(since, DAYS_PER_CYCLE);
    int64_t day_of_cycle = since - cycle * DAYS_PER_CYCLE;
    int64_t year_of_cycle = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 -
                             day_of_cycle / (DAYS_PER_CYCLE - 1)) /
                            365;
    int64_t day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* March is 0 */
    struct time_date date = {
        .year = year_of_cycle + cycle * 400,
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
    if (date.month <= 2) {
        date.year++;
    }
    return date;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* Exactly count digits; -1 when one is not. */
static int64_t parse_digits(const char *text, size_t count)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* hh:mm within a day, as seconds; -1 when it is none. */
static int64_t parse_hour_minute(const char *text)
{
    int64_t hour = parse_digits(text, 2);
    int64_t minute = parse_digits(text + 3, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[2] != ':') {
        return -1;
    }
    return hour * 3600 + minute * 60;
}

/* YYYY-MM-DDThh:mm:ss, DATE_TIME_BYTES long, to seconds since 1970 as if it were UTC. */
static bool parse_date_time(const char *text, int64_t *out_s)
{
    struct time_date date = {
        .year = parse_digits(text, 4),
        .month = parse_digits(text + 5, 2),
        .day = parse_digits(text + 8, 2),
    };
    int64_t of_day = parse_hour_minute(text + 11);
    int64_t second = parse_digits(text + 17, 2);
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
        text[16] != ':') {
        return false;
    }
    if (date.year < 0 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month) || of_day < 0 || second < 0 ||
        second > 59) {
        return false;
    }
    *out_s = days_from_date(&date) * SECONDS_PER_DAY + of_day + second;
    return true;
}

/* "Z" or "+hh:mm", the whole of text, to seconds east of UTC. */
static bool parse_zone(const char *text, size_t count, int64_t *out_s)
{
    if (count == 1 && (text[0] == 'Z' || text[0] == 'z')) {
        *out_s = 0;
        return true;
    }
    if (count != sizeof "+hh:mm" - 1 || (text[0] != '+' && text[0] != '-')) {
        return false;
    }
    int64_t offset_s = parse_hour_minute(text + 1);
    *out_s = text[0] == '-' ? -offset_s : offset_s;
    return offset_s >= 0;
}

bool time_parse_rfc3339(const char *text, size_t count, int64_t *out_ns)
{
    int64_t seconds = 0;
    if (count < DATE_TIME_BYTES + 1 || !parse_date_time(text, &seconds)) {
        return false;
    }
    size_t at = DATE_TIME_BYTES;
    int64_t fraction = 0;
    if (text[at] == '.') {
        size_t digits = 0;
        at++;
        while (at + digits < count && text[at + digits] >= '0' && text[at + digits] <= '9') {
            digits++;
        }
        if (digits == 0 || digits > 9) {
            return false;
        }
        fraction = parse_digits(text + at, digits);
        at += digits;
        for (; digits < 9; digits++) {
            fraction *= 10;
        }
    }
    int64_t offset_s = 0;
    if (!parse_zone(text + at, count - at, &offset_s)) {
        return false;
    }
    int64_t ns = 0;
    if (__builtin_mul_overflow(seconds - offset_s, NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, fraction, &ns)) {
        return false;
    }
    *out_ns = ns;
    return true;
}

/* width digits with leading zeros, then one more byte. Returns the place after it. */
static char *put_padded(char *out, int64_t value, size_t width, char after)
{
    for (size_t i = width; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    out[width] = after;
    return out + width + 1;
}

static char *put_time_of_day(char *out, int64_t second_of_day, char after)
{
    out = put_padded(out, second_of_day / 3600, 2, ':');
    out = put_padded(out, second_of_day / 60 % 60, 2, ':');
    return put_padded(out, second_of_day % 60, 2, after);
}

size_t time_print_clock(char *out, int64_t at_ns)
{
    int64_t seconds = floor_divide(at_ns, NS_PER_S);
    int64_t days = floor_divide(seconds, SECONDS_PER_DAY);
    char *end = put_time_of_day(out, seconds - days * SECONDS_PER_DAY, 'Z');
    *end = '\0';
    return (size_t)(end - out);
}

size_t time_print_iso(char *out, int64_t at_ns)
{
    int64_t seconds = floor_divide(at_ns, NS_PER_S);
    int64_t days = floor_divide(seconds, SECONDS_PER_DAY);
    struct time_date date = date_from_days(days);
    char *end = put_padded(out, date.year, 4, '-');
    end = put_padded(end, date.month, 2, '-');
    end = put_padded(end, date.day, 2, 'T');
    end = put_time_of_day(end, seconds - days * SECONDS_PER_DAY, '.');
    int64_t fraction = (at_ns % NS_PER_S + NS_PER_S) % NS_PER_S;
    end = put_padded(end, fraction / NS_PER_MS, 3, 'Z');
    *end = '\0';
    return (size_t)(end - out);
}
