/*
 * fuzz_core_event_codec.c - lines of a recording: what decodes encodes to what decodes the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/core/event_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct event_texts texts;
    static struct event_texts again;
    struct event event;
    struct event second;
    struct strbuf line;
    struct strbuf copy;
    if (event_decode((const char *)data, size, &event, &texts, NULL) != ST_OK) {
        return 0;
    }
    strbuf_init(&line, alloc_heap());
    strbuf_init(&copy, alloc_heap());
    event_encode(&event, &line);
    FS_ASSERT(event_decode(line.text, line.length, &second, &again, NULL) == ST_OK);
    event_encode(&second, &copy);
    FS_ASSERT(strcmp(line.text, copy.text) == 0);
    strbuf_destroy(&line);
    strbuf_destroy(&copy);
    return 0;
}
