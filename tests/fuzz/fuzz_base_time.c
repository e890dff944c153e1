/*
 * fuzz_base_time.c - times, durations and numbers from outside parse or are refused, never overrun.
 */
#include <stdint.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/base/duration.h"
#include "farshore/base/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int64_t ns = 0;
    int64_t again = 0;
    uint64_t number = 0;
    char printed[DURATION_TEXT_BYTES];
    if (time_parse_rfc3339(text, size, &ns)) {
        FS_ASSERT(time_print_iso(printed, ns) == 24);
        FS_ASSERT(time_parse_rfc3339(printed, 24, &again));
        FS_ASSERT(ns - again >= 0 && ns - again < NS_PER_MS);
    }
    if (duration_parse(text, size, &ns)) {
        FS_ASSERT(ns >= 0);
        FS_ASSERT(duration_print_age(printed, ns) <= 4);
        FS_ASSERT(duration_print_lag(printed, ns) <= 6);
        FS_ASSERT(duration_print_clock(printed, ns) <= 8);
    }
    if (number_parse_i64(text, size, &ns)) {
        size_t length = number_print_i64(printed, ns);
        FS_ASSERT(length <= size || ns == 0);
        FS_ASSERT(number_parse_i64(printed, length, &again) && again == ns);
    }
    if (number_parse_u64(text, size, &number)) {
        FS_ASSERT(number_print_u64(printed, number) <= size);
    }
    return 0;
}
