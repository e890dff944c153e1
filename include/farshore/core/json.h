/*
 * json.h - a pull reader over JSON text: no tree, no copies, no floats.
 *
 * For replies of any size: the reader walks the text once and hands out tokens that point into it.
 *
 *   struct json_reader in; json_begin(&in, text, length);
 *   if (json_next(&in) == JSON_OBJECT) {
 *       while (json_key(&in)) {
 *           if (json_key_is(&in, "seq")) { json_read_u64(&in, &seq); }
 *           else { json_skip(&in); }
 *       }
 *   }
 *   if (in.has_failed) …
 *
 * The first error sticks: every later call answers JSON_ERROR, keys end, reads return false.
 * Depth is bounded by JSON_DEPTH. Numbers are kept as text until asked for.
 */
#ifndef FARSHORE_CORE_JSON_H
#define FARSHORE_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH 64

enum json_token {
    JSON_ERROR,
    JSON_END, /* of the text */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

struct json_reader {
    const char *text;
    size_t length;
    size_t at;
    const char *token; /* the last string's or key's bytes without quotes, or the number's */
    size_t token_length;
    bool token_has_escape;
    bool has_failed;
    unsigned depth;
    uint64_t in_object; /* one bit a level */
    unsigned char expect;
};

void json_begin(struct json_reader *in, const char *text, size_t length);

/* The next token, whatever it is. */
enum json_token json_next(struct json_reader *in);

/* Inside an object: move to its next key; false at its end (consumed) or on an error. */
bool json_key(struct json_reader *in);

/* Inside an array: begin its next element, whose token is *token; false at its end or on an error.
 */
bool json_element(struct json_reader *in, enum json_token *token);

/* Is the current key (or string) this name? Escaped keys are compared decoded. */
bool json_key_is(const struct json_reader *in, const char *name);

/* Pass over the value that follows a key, however deep. */
bool json_skip(struct json_reader *in);

/* Pass over the rest of the value whose first token was already taken by json_next/json_element. */
bool json_skip_rest(struct json_reader *in, enum json_token first);

/*
 * Read the value that follows a key. A value of another kind is passed over and leaves *out alone
 * and returns false, without failing the reader: servers change.
 */
bool json_read_u64(struct json_reader *in, uint64_t *out);
bool json_read_i64(struct json_reader *in,
                   int64_t *out); /* a fraction is cut off, an exponent not */
bool json_read_bool(struct json_reader *in, bool *out);

/* Read a string, decoded and cleaned (base/text.h), truncated to fit. */
bool json_read_text(struct json_reader *in, char *out, size_t out_bytes);

/* Expect an object or array after a key; false (passed over) when it is something else. */
bool json_enter_object(struct json_reader *in);
bool json_enter_array(struct json_reader *in);

/* Pass over the value that follows a key and give its bytes as they stand in the text. */
bool json_read_raw(struct json_reader *in, const char **bytes, size_t *count);

/* Decode and clean the current string token into out; returns its length as text_clean() does. */
size_t json_token_text(const struct json_reader *in, char *out, size_t out_bytes);

/* The current number token as an integer. */
bool json_token_i64(const struct json_reader *in, int64_t *out);
bool json_token_u64(const struct json_reader *in, uint64_t *out);

#endif
