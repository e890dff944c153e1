/*
 * number.c - exact integers from and to text.
 *
 * Why:   sequences are 64-bit; a double loses them above 2^53, and printf() follows the locale.
 * How:   digits by hand, every step checked for overflow. Signed values print through their
 *        magnitude as uint64_t, so that INT64_MIN needs no special case.
 * Rules: pure; core may use all of it.
 * See:   tests/unit/base/test_number.c
 */
#include "farshore/base/number.h"

#include <string.h>

bool number_parse_u64(const char *text, size_t count, uint64_t *out)
{
    uint64_t value = 0;
    if (count == 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool number_parse_i64(const char *text, size_t count, int64_t *out)
{
    bool is_negative = count > 0 && text[0] == '-';
    size_t skip = is_negative ? 1 : 0;
    uint64_t magnitude = 0;
    if (!number_parse_u64(text + skip, count - skip, &magnitude)) {
        return false;
    }
    if (!is_negative) {
        if (magnitude > (uint64_t)INT64_MAX) {
            return false;
        }
        *out = (int64_t)magnitude;
        return true;
    }
    if (magnitude > (uint64_t)INT64_MAX + 1) {
        return false;
    }
    *out = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    return true;
}

static uint64_t magnitude_of(int64_t value)
{
    return value < 0 ? (uint64_t)(-(value + 1)) + 1 : (uint64_t)value;
}

size_t number_print_u64(char *out, uint64_t value)
{
    char digits[20]; /* UINT64_MAX has 20 */
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < count; i++) {
        out[i] = digits[count - 1 - i];
    }
    out[count] = '\0';
    return count;
}

/* Write the sign of value, if any. Returns its length. */
static size_t print_sign(char *out, int64_t value)
{
    if (value < 0) {
        out[0] = '-';
        return 1;
    }
    return 0;
}

size_t number_print_i64(char *out, int64_t value)
{
    size_t length = print_sign(out, value);
    return length + number_print_u64(out + length, magnitude_of(value));
}

size_t number_print_grouped(char *out, int64_t value)
{
    char digits[NUMBER_TEXT_BYTES];
    size_t count = number_print_u64(digits, magnitude_of(value));
    size_t length = print_sign(out, value);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) {
            out[length++] = ',';
        }
        out[length++] = digits[i];
    }
    out[length] = '\0';
    return length;
}

/* value / unit in tenths, rounded to the nearest; exact for every 64-bit value and unit ≥ 1000. */
static uint64_t tenths_of(uint64_t value, uint64_t unit)
{
    uint64_t whole = value / unit;
    uint64_t rest = value % unit;
    uint64_t tenth =
        unit / 10; /* unit is 10^3n or 2^10n: the error is below a hundredth of a tenth */
    uint64_t tenths = rest / tenth;
    if (tenths > 9) {
        tenths = 9;
    }
    if (rest - tenths * tenth >= tenth / 2 + tenth % 2) {
        tenths++;
    }
    return whole * 10 + tenths;
}

static size_t print_tenths(char *out, uint64_t tenths)
{
    size_t length = number_print_u64(out, tenths / 10);
    out[length++] = '.';
    out[length++] = (char)('0' + tenths % 10);
    out[length] = '\0';
    return length;
}

size_t number_print_bytes(char *out, int64_t bytes)
{
    static const char *const units[] = {" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
    uint64_t magnitude = magnitude_of(bytes);
    size_t length = print_sign(out, bytes);
    if (magnitude < 1024) {
        length += number_print_u64(out + length, magnitude);
        memcpy(out + length, " B", sizeof " B");
        return length + 2;
    }
    size_t index = 0;
    uint64_t unit = 1024;
    /* 1023.96 KiB would print as 1024.0 KiB: it goes on as 1.0 MiB. */
    while (index + 1 < sizeof units / sizeof units[0] && tenths_of(magnitude, unit) >= 10240) {
        index++;
        unit *= 1024;
    }
    length += print_tenths(out + length, tenths_of(magnitude, unit));
    memcpy(out + length, units[index], sizeof " KiB");
    return length + sizeof " KiB" - 1;
}

size_t number_print_short(char *out, int64_t value)
{
    static const char units[] = "kMGTPE";
    uint64_t magnitude = magnitude_of(value);
    size_t length = print_sign(out, value);
    if (magnitude < 10000) {
        return length + number_print_u64(out + length, magnitude);
    }
    /* The sign costs the column of the second digit before the point. */
    uint64_t decimal_limit = value < 0 ? 100 : 1000;
    uint64_t unit = 1;
    for (size_t i = 0; i < sizeof units - 1; i++) {
        unit *= 1000;
        uint64_t tenths = tenths_of(magnitude, unit);
        uint64_t whole = magnitude / unit + (magnitude % unit >= unit / 2 ? 1 : 0);
        if (tenths >= decimal_limit && whole >= 1000) {
            continue;
        }
        length += tenths < decimal_limit ? print_tenths(out + length, tenths)
                                         : number_print_u64(out + length, whole);
        out[length++] = units[i];
        out[length] = '\0';
        break;
    }
    return length;
}
