/*
 * json.c - a pull reader over JSON text.
 *
 * Why:   replies of 10,000 streams are megabytes; a tree of them costs 40 ms and 36 MB, a walk a
 * few ms and nothing. Sequences and nanoseconds must not pass through a double. How:   one state
 * says what may come next; strings and numbers are spans of the text until asked for. Rules: the
 * first error sticks. A caller that moves to a key must consume its value. See:
 * tests/unit/core/test_json.c; tests/fuzz/fuzz_core_json.c
 */
#include "farshore/core/json.h"

#include <string.h>

#include "farshore/base/number.h"

enum expect {
    EXPECT_VALUE,
    EXPECT_FIRST_KEY,     /* or the end of an empty object */
    EXPECT_KEY,           /* after a comma */
    EXPECT_FIRST_ELEMENT, /* or the end of an empty array */
    EXPECT_AFTER,         /* a comma, the end of the container or of the text */
};

void json_begin(struct json_reader *in, const char *text, size_t length)
{
    memset(in, 0, sizeof(*in));
    in->text = text;
    in->length = length;
    in->expect = EXPECT_VALUE;
}

static enum json_token fail(struct json_reader *in)
{
    in->has_failed = true;
    return JSON_ERROR;
}

static void skip_blanks(struct json_reader *in)
{
    while (in->at < in->length) {
        char c = in->text[in->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
            return;
        }
        in->at++;
    }
}

/* The string whose opening quote is at in->at; leaves at behind the closing one. */
static bool take_string(struct json_reader *in)
{
    size_t start = in->at + 1;
    const char *from = in->text + start;
    in->token_has_escape = false;
    for (size_t i = start; i < in->length; i++) {
        char c = in->text[i];
        if (c == '"') {
            in->token = from;
            in->token_length = i - start;
            in->at = i + 1;
            return true;
        }
        if (c == '\\') {
            in->token_has_escape = true;
            i++;
        }
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_digits(const struct json_reader *in, size_t at)
{
    while (at < in->length && is_digit(in->text[at])) {
        at++;
    }
    return at;
}

/* RFC 8259 section 6: -?int frac? exp? */
static bool take_number(struct json_reader *in)
{
    size_t at = in->at;
    if (in->text[at] == '-') {
        at++;
    }
    size_t digits = at;
    at = skip_digits(in, at);
    if (at == digits || (in->text[digits] == '0' && at - digits > 1)) {
        return false;
    }
    if (at < in->length && in->text[at] == '.') {
        size_t fraction = ++at;
        at = skip_digits(in, at);
        if (at == fraction) {
            return false;
        }
    }
    if (at < in->length && (in->text[at] == 'e' || in->text[at] == 'E')) {
        at++;
        if (at < in->length && (in->text[at] == '+' || in->text[at] == '-')) {
            at++;
        }
        size_t exponent = at;
        at = skip_digits(in, at);
        if (at == exponent) {
            return false;
        }
    }
    in->token = in->text + in->at;
    in->token_length = at - in->at;
    in->at = at;
    return true;
}

static enum json_token take_word(struct json_reader *in, const char *word, enum json_token token)
{
    size_t length = strlen(word);
    if (in->length - in->at < length || memcmp(in->text + in->at, word, length) != 0) {
        return fail(in);
    }
    in->at += length;
    in->expect = EXPECT_AFTER;
    return token;
}

static enum json_token open_container(struct json_reader *in, bool is_object)
{
    if (in->depth == JSON_DEPTH) {
        return fail(in);
    }
    uint64_t bit = UINT64_C(1) << in->depth;
    in->in_object = is_object ? in->in_object | bit : in->in_object & ~bit;
    in->depth++;
    in->at++;
    in->expect = is_object ? EXPECT_FIRST_KEY : EXPECT_FIRST_ELEMENT;
    return is_object ? JSON_OBJECT : JSON_ARRAY;
}

static bool is_in_object(const struct json_reader *in)
{
    return in->depth > 0 && (in->in_object >> (in->depth - 1) & 1) != 0;
}

static enum json_token close_container(struct json_reader *in, bool is_object)
{
    if (in->depth == 0 || is_in_object(in) != is_object) {
        return fail(in);
    }
    in->depth--;
    in->at++;
    in->expect = EXPECT_AFTER;
    return is_object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static enum json_token take_value(struct json_reader *in)
{
    switch (in->text[in->at]) {
    case '{':
        return open_container(in, true);
    case '[':
        return open_container(in, false);
    case '"':
        if (!take_string(in)) {
            return fail(in);
        }
        in->expect = EXPECT_AFTER;
        return JSON_STRING;
    case 't':
        return take_word(in, "true", JSON_TRUE);
    case 'f':
        return take_word(in, "false", JSON_FALSE);
    case 'n':
        return take_word(in, "null", JSON_NULL);
    default:
        if (!take_number(in)) {
            return fail(in);
        }
        in->expect = EXPECT_AFTER;
        return JSON_NUMBER;
    }
}

static enum json_token take_key(struct json_reader *in)
{
    if (in->text[in->at] != '"' || !take_string(in)) {
        return fail(in);
    }
    skip_blanks(in);
    if (in->at >= in->length || in->text[in->at] != ':') {
        return fail(in);
    }
    in->at++;
    in->expect = EXPECT_VALUE;
    return JSON_KEY;
}

static enum json_token take_after(struct json_reader *in)
{
    char c = in->text[in->at];
    if (c == '}' || c == ']') {
        return close_container(in, c == '}');
    }
    if (c != ',' || in->depth == 0) {
        return fail(in);
    }
    in->at++;
    in->expect = is_in_object(in) ? EXPECT_KEY : EXPECT_VALUE;
    return json_next(in);
}

enum json_token json_next(struct json_reader *in)
{
    if (in->has_failed) {
        return JSON_ERROR;
    }
    skip_blanks(in);
    if (in->at >= in->length) {
        return in->expect == EXPECT_AFTER && in->depth == 0 ? JSON_END : fail(in);
    }
    char c = in->text[in->at];
    switch ((enum expect)in->expect) {
    case EXPECT_VALUE:
        return take_value(in);
    case EXPECT_FIRST_KEY:
        return c == '}' ? close_container(in, true) : take_key(in);
    case EXPECT_KEY:
        return take_key(in);
    case EXPECT_FIRST_ELEMENT:
        return c == ']' ? close_container(in, false) : take_value(in);
    case EXPECT_AFTER:
        return take_after(in);
    }
    return fail(in);
}

bool json_key(struct json_reader *in)
{
    enum json_token token = json_next(in);
    if (token != JSON_KEY && token != JSON_OBJECT_END) {
        fail(in);
    }
    return token == JSON_KEY;
}

bool json_element(struct json_reader *in, enum json_token *token)
{
    *token = json_next(in);
    return *token != JSON_ARRAY_END && *token != JSON_ERROR && *token != JSON_END;
}

bool json_skip_rest(struct json_reader *in, enum json_token first)
{
    if (first != JSON_OBJECT && first != JSON_ARRAY) {
        return !in->has_failed;
    }
    unsigned outside = in->depth - 1;
    while (in->depth > outside) {
        if (json_next(in) == JSON_ERROR) {
            return false;
        }
    }
    return true;
}

bool json_skip(struct json_reader *in)
{
    return json_skip_rest(in, json_next(in));
}

/* ---- values ---- */

bool json_token_u64(const struct json_reader *in, uint64_t *out)
{
    return number_parse_u64(in->token, in->token_length, out);
}

bool json_token_i64(const struct json_reader *in, int64_t *out)
{
    const char *dot = memchr(in->token, '.', in->token_length);
    size_t length = dot != NULL ? (size_t)(dot - in->token) : in->token_length;
    if (dot != NULL && (memchr(dot, 'e', in->token_length - length) != NULL ||
                        memchr(dot, 'E', in->token_length - length) != NULL)) {
        return false;
    }
    return number_parse_i64(in->token, length, out);
}

bool json_read_u64(struct json_reader *in, uint64_t *out)
{
    enum json_token token = json_next(in);
    return json_skip_rest(in, token) && token == JSON_NUMBER && json_token_u64(in, out);
}

bool json_read_i64(struct json_reader *in, int64_t *out)
{
    enum json_token token = json_next(in);
    return json_skip_rest(in, token) && token == JSON_NUMBER && json_token_i64(in, out);
}

bool json_read_bool(struct json_reader *in, bool *out)
{
    enum json_token token = json_next(in);
    if (!json_skip_rest(in, token) || (token != JSON_TRUE && token != JSON_FALSE)) {
        return false;
    }
    *out = token == JSON_TRUE;
    return true;
}

bool json_read_text(struct json_reader *in, char *out, size_t out_bytes)
{
    enum json_token token = json_next(in);
    if (!json_skip_rest(in, token) || token != JSON_STRING) {
        return false;
    }
    json_token_text(in, out, out_bytes);
    return true;
}

bool json_enter_object(struct json_reader *in)
{
    enum json_token token = json_next(in);
    if (token == JSON_OBJECT) {
        return true;
    }
    json_skip_rest(in, token);
    return false;
}

bool json_enter_array(struct json_reader *in)
{
    enum json_token token = json_next(in);
    if (token == JSON_ARRAY) {
        return true;
    }
    json_skip_rest(in, token);
    return false;
}

bool json_read_raw(struct json_reader *in, const char **bytes, size_t *count)
{
    skip_blanks(in);
    size_t start = in->at;
    if (!json_skip(in)) {
        return false;
    }
    *bytes = in->text + start;
    *count = in->at - start;
    return true;
}
