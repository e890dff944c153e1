/*
 * fuzz_feeds_varz.c - VARZ replies.
 */
#include <stddef.h>
#include <stdint.h>

#include "decode_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reply(data, size, ASK_VARS);
    return 0;
}
