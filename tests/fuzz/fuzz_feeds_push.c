/*
 * fuzz_feeds_push.c - goodbyes and advisories.
 */
#include <stddef.h>
#include <stdint.h>

#include "decode_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_bye(data, size);
    fuzz_advisory(data, size);
    return 0;
}
