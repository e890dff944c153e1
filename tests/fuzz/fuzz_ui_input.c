/*
 * fuzz_ui_input.c - bytes from a terminal: every key that comes out is one that a keymap could
 * name, pastes stay within their bounds, and how the bytes were split into reads changes nothing.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/hash.h"

#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_key(void *context, const char *key)
{
    uint64_t *hash = context;

    if (!key_is_valid(key)) {
        abort();
    }
    *hash = hash_bytes(hash_u64(*hash, 1), key, strlen(key));
}

static void on_paste(void *context, const char *bytes, size_t count, size_t lost_bytes)
{
    uint64_t *hash = context;

    if (count > INPUT_PASTE_BYTES || (lost_bytes > 0 && count < INPUT_PASTE_BYTES)) {
        abort();
    }
    *hash = hash_u64(hash_bytes(hash_u64(*hash, 2), bytes, count), lost_bytes);
}

static void on_mode(void *context, int mode, int setting)
{
    uint64_t *hash = context;

    *hash = hash_u64(hash_u64(hash_u64(*hash, 3), (uint64_t)mode), (uint64_t)setting);
}

static uint64_t feed(const char *bytes, size_t size, size_t step)
{
    static struct input input;
    uint64_t hash = HASH_SEED;
    struct input_sink sink = {&hash, on_key, on_paste, on_mode};

    input_init(&input);
    for (size_t at = 0; at < size; at += step) {
        input_feed(&input, &sink, bytes + at, size - at < step ? size - at : step);
    }
    if (input_timeout_ms(&input) > 0) {
        input_expire(&input, &sink);
    }
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;

    if (size > 0 && (feed(bytes, size, size) != feed(bytes, size, 1) ||
                     feed(bytes, size, 3) != feed(bytes, size, 1))) {
        abort();
    }
    return 0;
}
