/*
 * fuzz_feeds_statsz.c - STATSZ replies and pushes.
 */
#include <stddef.h>
#include <stdint.h>

#include "decode_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reply(data, size, ASK_STATS);
    fuzz_stats_push(data, size);
    return 0;
}
