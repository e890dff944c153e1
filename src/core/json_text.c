/*
 * json_text.c - the texts of JSON: escapes decoded, controls made visible.
 *
 * Rules: what comes out is clean (base/text.h), whatever the escapes spell; a lone surrogate is
 * shown as its bytes. A text is decoded one character at a time, so no buffer depends on its
 * length.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "farshore/core/json.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits at bytes; -1 when they are not. */
static int32_t hex4(const char *bytes, size_t count)
{
    int32_t value = 0;
    if (count < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(bytes[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* UTF-8 of a code point; lone surrogates come out as three bytes that text_clean() shows as \xNN.
 */
static size_t encode_utf8(char *out, uint32_t codepoint)
{
    if (codepoint < 0x80) {
        out[0] = (char)codepoint;
        return 1;
    }
    if (codepoint < 0x800) {
        out[0] = (char)(0xc0 | codepoint >> 6);
        out[1] = (char)(0x80 | (codepoint & 0x3f));
        return 2;
    }
    if (codepoint < 0x10000) {
        out[0] = (char)(0xe0 | codepoint >> 12);
        out[1] = (char)(0x80 | (codepoint >> 6 & 0x3f));
        out[2] = (char)(0x80 | (codepoint & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | codepoint >> 18);
    out[1] = (char)(0x80 | (codepoint >> 12 & 0x3f));
    out[2] = (char)(0x80 | (codepoint >> 6 & 0x3f));
    out[3] = (char)(0x80 | (codepoint & 0x3f));
    return 4;
}

/* \uXXXX at bytes (behind the 'u'), with its low surrogate if one follows. Returns bytes used. */
static size_t decode_u_escape(const char *bytes, size_t count, uint32_t *codepoint)
{
    int32_t unit = hex4(bytes, count);
    if (unit < 0) {
        *codepoint = 'u';
        return 0;
    }
    *codepoint = (uint32_t)unit;
    if (unit >= 0xd800 && unit < 0xdc00 && count >= 10 && bytes[4] == '\\' && bytes[5] == 'u') {
        int32_t low = hex4(bytes + 6, count - 6);
        if (low >= 0xdc00 && low < 0xe000) {
            *codepoint = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
            return 10;
        }
    }
    return 4;
}

/* One escape at bytes (behind the backslash). Returns bytes used. */
static size_t decode_escape(const char *bytes, size_t count, uint32_t *codepoint)
{
    static const char plain[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    if (count == 0) {
        *codepoint = '\\';
        return 0;
    }
    if (bytes[0] == 'u') {
        return 1 + decode_u_escape(bytes + 1, count - 1, codepoint);
    }
    const char *found = memchr(plain, bytes[0], sizeof(plain) - 1);
    *codepoint = found != NULL ? (unsigned char)values[found - plain] : (unsigned char)bytes[0];
    return 1;
}

/* One character of the token as bytes in unit[]; returns how many bytes of the token it took. */
static size_t take_unit(const char *bytes, size_t count, char unit[4], size_t *unit_length)
{
    uint32_t codepoint = 0;
    if (bytes[0] == '\\') {
        size_t used = 1 + decode_escape(bytes + 1, count - 1, &codepoint);
        *unit_length = encode_utf8(unit, codepoint);
        return used;
    }
    size_t length = text_decode(bytes, count, &codepoint);
    if (length == 0) {
        length = 1;
    }
    memcpy(unit, bytes, length);
    *unit_length = length;
    return length;
}

size_t json_token_text(const struct json_reader *in, char *out, size_t out_bytes)
{
    if (!in->token_has_escape) {
        return text_clean(out, out_bytes, in->token, in->token_length);
    }
    size_t total = 0;
    size_t used = 0;
    bool is_full = out_bytes == 0;
    for (size_t at = 0; at < in->token_length;) {
        char unit[4];
        char clean[20]; /* four bytes of four columns each */
        size_t unit_length = 0;
        at += take_unit(in->token + at, in->token_length - at, unit, &unit_length);
        size_t length = text_clean(clean, sizeof(clean), unit, unit_length);
        total += length;
        is_full = is_full || used + length >= out_bytes;
        if (!is_full) {
            memcpy(out + used, clean, length);
            used += length;
        }
    }
    if (out_bytes > 0) {
        out[used] = '\0';
    }
    return total;
}

bool json_key_is(const struct json_reader *in, const char *name)
{
    if (!in->token_has_escape) {
        return strlen(name) == in->token_length && memcmp(name, in->token, in->token_length) == 0;
    }
    char decoded[128];
    size_t length = json_token_text(in, decoded, sizeof(decoded));
    return length < sizeof(decoded) && strcmp(decoded, name) == 0;
}
