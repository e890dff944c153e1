/*
 * fuzz_feeds_jsz.c - JSZ replies, as every question that JSZ answers.
 */
#include <stddef.h>
#include <stdint.h>

#include "decode_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reply(data, size, ASK_META);
    fuzz_reply(data, size, ASK_STREAMS);
    fuzz_reply(data, size, ASK_CONFIGS);
    return 0;
}
