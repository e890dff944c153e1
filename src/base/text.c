/*
 * text.c - text from outside, made harmless once.
 *
 * Why:   a stream's name or a server's error text may hold escape sequences, and whoever chose it
 * is not whoever watches the terminal. How:   decode UTF-8 strictly; copy what a terminal only
 * prints; show each byte of the rest as \xNN. A table lists what is neither printed nor harmless:
 * controls, invisible and direction- changing characters, tags, noncharacters. Variation selectors
 * stay: they only choose a glyph. Rules: pure; core may use all of it. A backslash stays itself, so
 * cleaning is not reversible. See:   https://www.unicode.org/reports/tr36/;
 * tests/unit/base/test_text.c
 */
#include "farshore/base/text.h"

#include <string.h>

#define ESCAPE_BYTES 4 /* \xNN */

struct text_range {
    uint32_t first;
    uint32_t last;
};

/* Ascending. Noncharacters at the end of each plane are tested by their low bits instead. */
static const struct text_range text_hidden[] = {
    {0x0000, 0x001f}, /* C0 */
    {0x007f, 0x009f}, /* DEL, C1 */
    {0x00ad, 0x00ad}, /* soft hyphen */
    {0x034f, 0x034f}, /* combining grapheme joiner */
    {0x061c, 0x061c}, /* Arabic letter mark */
    {0x115f, 0x1160}, /* Hangul fillers */
    {0x17b4, 0x17b5}, /* Khmer inherent vowels */
    {0x180e, 0x180e}, /* Mongolian vowel separator */
    {0x200b, 0x200f}, /* zero width, left-to-right and right-to-left mark */
    {0x2028, 0x202e}, /* line and paragraph separator, embeddings and overrides */
    {0x2060, 0x206f}, /* word joiner, invisible operators, isolates, deprecated format characters */
    {0x3164, 0x3164}, /* Hangul filler */
    {0xfdd0, 0xfdef}, /* noncharacters */
    {0xfeff, 0xfeff}, /* byte order mark */
    {0xffa0, 0xffa0}, /* halfwidth Hangul filler */
    {0xfff0, 0xfffb}, /* specials: unassigned, interlinear annotation */
    {0x1bca0, 0x1bca3}, /* shorthand format controls */
    {0x1d173, 0x1d17a}, /* musical format controls */
    {0xe0000, 0xe00ff}, /* tags */
    {0xe01f0, 0xe0fff}, /* unassigned, ignored by default */
};

static bool is_hidden(uint32_t codepoint)
{
    if ((codepoint & 0xfffe) == 0xfffe) {
        return true;
    }
    for (size_t i = 0; i < sizeof text_hidden / sizeof text_hidden[0]; i++) {
        if (codepoint < text_hidden[i].first) {
            return false;
        }
        if (codepoint <= text_hidden[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Length of the sequence that a first byte announces and the least value it may hold; 0 if none. */
static size_t sequence_length(unsigned char first, uint32_t *least)
{
    if (first < 0x80) {
        *least = 0;
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        *least = 0x80;
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        *least = 0x800;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        *least = 0x10000;
        return 4;
    }
    return 0;
}

size_t text_decode(const char *bytes, size_t count, uint32_t *codepoint)
{
    if (count == 0) {
        return 0;
    }
    unsigned char first = (unsigned char)bytes[0];
    uint32_t least = 0;
    size_t length = sequence_length(first, &least);
    if (length == 0 || length > count) {
        return 0;
    }
    uint32_t value = length == 1 ? first : (uint32_t)first & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(bytes[i])) {
            return 0;
        }
        value = value << 6 | ((unsigned char)bytes[i] & 0x3fU);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return 0;
    }
    *codepoint = value;
    return length;
}

/* Where text_clean() writes; once something did not fit, nothing more is written. */
struct text_sink {
    char *out;
    size_t room; /* without the NUL */
    size_t used;
    size_t total;
    bool is_full;
};

static void sink_put(struct text_sink *sink, const char *bytes, size_t count)
{
    sink->total += count;
    if (sink->is_full || count > sink->room - sink->used) {
        sink->is_full = true;
        return;
    }
    memcpy(sink->out + sink->used, bytes, count);
    sink->used += count;
}

static void sink_escape(struct text_sink *sink, const char *bytes, size_t count)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        const char escape[ESCAPE_BYTES] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
        sink_put(sink, escape, sizeof escape);
    }
}

size_t text_clean(char *out, size_t out_bytes, const char *bytes, size_t count)
{
    struct text_sink sink = {.out = out, .room = out_bytes > 0 ? out_bytes - 1 : 0};
    for (size_t i = 0; i < count;) {
        uint32_t codepoint = 0;
        size_t length = text_decode(bytes + i, count - i, &codepoint);
        if (length == 0) {
            sink_escape(&sink, bytes + i, 1);
            i++;
        } else if (is_hidden(codepoint)) {
            sink_escape(&sink, bytes + i, length);
            i += length;
        } else {
            sink_put(&sink, bytes + i, length);
            i += length;
        }
    }
    if (out_bytes > 0) {
        out[sink.used] = '\0';
    }
    return sink.total;
}

bool text_is_clean(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count;) {
        uint32_t codepoint = 0;
        size_t length = text_decode(bytes + i, count - i, &codepoint);
        if (length == 0 || is_hidden(codepoint)) {
            return false;
        }
        i += length;
    }
    return true;
}

void text_copy(char *out, size_t out_bytes, const char *text)
{
    if (out_bytes == 0) {
        return;
    }
    size_t count = text != NULL ? strlen(text) : 0;
    if (count > out_bytes - 1) {
        count = out_bytes - 1;
        while (count > 0 && is_continuation(text[count])) {
            count--;
        }
    }
    if (count > 0) {
        memcpy(out, text, count);
    }
    out[count] = '\0';
}

bool text_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}
