/*
 * fuzz_core_json.c - the JSON reader over any bytes: no crash, no read beyond the text, and always
 * an end.
 *
 * How:   one walk by tokens, one by every convenience function; the two agree on what is valid.
 */
#include <stdint.h>
#include <stdlib.h>

#include "farshore/base/assert.h"
#include "farshore/base/text.h"
#include "farshore/core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_token(const struct json_reader *in)
{
    char out[64];
    size_t length = json_token_text(in, out, sizeof(out));
    size_t kept = length < sizeof(out) ? length : sizeof(out) - 1;
    FS_ASSERT(kept == length ? text_is_clean(out, kept) : out[sizeof(out) - 1] == '\0' || kept > 0);
    json_token_text(in, out, 1);
    json_token_text(in, NULL, 0);
    json_key_is(in, "seq");
}

static bool walk_tokens(const char *text, size_t size)
{
    struct json_reader in;
    json_begin(&in, text, size);
    for (size_t steps = 0;; steps++) {
        enum json_token token = json_next(&in);
        int64_t number = 0;
        uint64_t positive = 0;
        FS_ASSERT(steps <= 2 * size + 2);
        if (token == JSON_KEY || token == JSON_STRING) {
            read_token(&in);
        }
        if (token == JSON_NUMBER) {
            json_token_i64(&in, &number);
            json_token_u64(&in, &positive);
        }
        if (token == JSON_END || token == JSON_ERROR) {
            FS_ASSERT((token == JSON_ERROR) == in.has_failed);
            return token == JSON_END;
        }
    }
}

/* The value that follows, by the function that a byte of the input picks. */
static void read_value(struct json_reader *in, unsigned pick)
{
    enum json_token token = JSON_NULL;
    int64_t number = 0;
    uint64_t positive = 0;
    bool flag = false;
    char out[32];
    const char *bytes = NULL;
    size_t count = 0;
    switch (pick % 8) {
    case 0:
        json_read_i64(in, &number);
        break;
    case 1:
        json_read_u64(in, &positive);
        break;
    case 2:
        json_read_bool(in, &flag);
        break;
    case 3:
        json_read_text(in, out, sizeof(out));
        break;
    case 4:
        if (json_read_raw(in, &bytes, &count)) {
            FS_ASSERT(bytes >= in->text && bytes + count <= in->text + in->length);
        }
        break;
    case 5:
        for (bool is_in = json_enter_object(in); is_in && json_key(in);) {
            read_value(in, pick / 8 + (unsigned)in->token_length);
        }
        break;
    case 6:
        for (bool is_in = json_enter_array(in); is_in && json_element(in, &token);) {
            json_skip_rest(in, token);
        }
        break;
    default:
        json_skip(in);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    bool is_valid = walk_tokens(text, size);
    struct json_reader in;
    json_begin(&in, text, size);
    FS_ASSERT(json_skip(&in) || !is_valid);
    FS_ASSERT((!in.has_failed && json_next(&in) == JSON_END) == is_valid);
    for (unsigned pick = 0; pick < 16; pick++) {
        json_begin(&in, text, size);
        read_value(&in, pick);
        FS_ASSERT(!is_valid || (!in.has_failed && json_next(&in) == JSON_END));
    }
    return 0;
}
