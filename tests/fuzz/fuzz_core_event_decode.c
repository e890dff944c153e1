/*
 * fuzz_core_event_decode.c - any line as an event; what decodes must encode and decode to itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/core/event_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event_texts texts;
    static struct event_texts again_texts;
    struct event event;
    struct event again;
    struct err err = {0};
    enum fs_status status = event_decode((const char *)data, size, &event, &texts, &err);
    if (status != ST_OK) {
        FS_ASSERT(status == ST_INVALID || status == ST_FULL);
        FS_ASSERT(err.text[0] != '\0');
        return 0;
    }
    struct strbuf first;
    struct strbuf second;
    strbuf_init(&first, alloc_heap());
    strbuf_init(&second, alloc_heap());
    event_encode(&event, &first);
    FS_ASSERT(event_decode(first.text, first.length, &again, &again_texts, &err) == ST_OK);
    event_encode(&again, &second);
    FS_ASSERT(first.length == second.length && memcmp(first.text, second.text, first.length) == 0);
    strbuf_destroy(&first);
    strbuf_destroy(&second);
    return 0;
}
