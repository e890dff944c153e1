/*
 * fuzz_base_text.c - whatever comes in, text_clean() gives harmless text that it would not change.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/base/strbuf.h"
#include "farshore/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    size_t room = size * 4 + 1;
    char *out = malloc(room);
    FS_ASSERT(out != NULL);
    size_t length = text_clean(out, room, bytes, size);
    FS_ASSERT(length < room && strlen(out) == length);
    FS_ASSERT(text_is_clean(out, length));
    FS_ASSERT(text_clean(NULL, 0, out, length) == length);
    for (size_t i = 0; i < length; i++) {
        FS_ASSERT((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
    }
    struct strbuf json;
    strbuf_init(&json, alloc_heap());
    strbuf_put_json(&json, out);
    FS_ASSERT(json.length >= length + 2 && text_is_clean(json.text, json.length));
    strbuf_destroy(&json);
    char small[8];
    FS_ASSERT(text_clean(small, sizeof small, bytes, size) == length);
    FS_ASSERT(strncmp(small, out, strlen(small)) == 0);
    free(out);
    return 0;
}
