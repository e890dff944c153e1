/*
 * strbuf.c - a growing text over an fs_alloc.
 *
 * Why:   JSON, plain lines and messages have no length that is known beforehand.
 * How:   capacity doubles; text always ends in NUL; before the first allocation text points at one
 *        shared empty string that nothing writes to.
 * Rules: pure, so that core may use it; strbuf_printf() is in strbuf_printf.c for that reason.
 * See:   tests/unit/base/test_strbuf.c
 */
#include "farshore/base/strbuf.h"

#include <string.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"

#define FIRST_CAPACITY_BYTES 64

/* Never written: every write is preceded by strbuf_reserve(), which allocates. */
static char strbuf_empty[1];

void strbuf_init(struct strbuf *buf, const struct fs_alloc *alloc)
{
    *buf = (struct strbuf){.alloc = alloc, .text = strbuf_empty};
}

void strbuf_destroy(struct strbuf *buf)
{
    if (buf == NULL) {
        return;
    }
    if (buf->capacity > 0) {
        alloc_release(buf->alloc, buf->text, buf->capacity);
    }
    strbuf_init(buf, buf->alloc);
}

void strbuf_reset(struct strbuf *buf)
{
    buf->length = 0;
    buf->has_failed = false;
    if (buf->capacity > 0) {
        buf->text[0] = '\0';
    }
}

bool strbuf_reserve(struct strbuf *buf, size_t more_bytes)
{
    if (more_bytes > SIZE_MAX / 2 - buf->length - 1) {
        buf->has_failed = true;
        return false;
    }
    size_t needed = buf->length + more_bytes + 1;
    if (needed <= buf->capacity) {
        return true;
    }
    size_t capacity = buf->capacity > 0 ? buf->capacity : FIRST_CAPACITY_BYTES;
    while (capacity < needed) {
        capacity *= 2;
    }
    void *old = buf->capacity > 0 ? buf->text : NULL;
    char *text = buf->alloc->resize(buf->alloc->context, old, buf->capacity, capacity);
    if (text == NULL) {
        buf->has_failed = true;
        return false;
    }
    text[buf->length] = '\0';
    buf->text = text;
    buf->capacity = capacity;
    return true;
}

void strbuf_put_bytes(struct strbuf *buf, const char *bytes, size_t count)
{
    if (count == 0 || !strbuf_reserve(buf, count)) {
        return;
    }
    memcpy(buf->text + buf->length, bytes, count);
    buf->length += count;
    buf->text[buf->length] = '\0';
}

void strbuf_put(struct strbuf *buf, const char *text)
{
    strbuf_put_bytes(buf, text, strlen(text));
}

void strbuf_put_char(struct strbuf *buf, char c)
{
    strbuf_put_bytes(buf, &c, 1);
}

void strbuf_put_u64(struct strbuf *buf, uint64_t value)
{
    char text[NUMBER_TEXT_BYTES];
    size_t length = number_print_u64(text, value);
    strbuf_put_bytes(buf, text, length);
}

void strbuf_put_i64(struct strbuf *buf, int64_t value)
{
    char text[NUMBER_TEXT_BYTES];
    size_t length = number_print_i64(text, value);
    strbuf_put_bytes(buf, text, length);
}

/* The escape of one byte below U+0080, or NULL when it stands for itself. */
static const char *json_escape(unsigned char byte, char scratch[8])
{
    static const char hex[] = "0123456789abcdef";
    switch (byte) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        break;
    }
    if (byte >= 0x20 && byte != 0x7f) {
        return NULL;
    }
    memcpy(scratch, "\\u00", 4);
    scratch[4] = hex[byte >> 4];
    scratch[5] = hex[byte & 15];
    scratch[6] = '\0';
    return scratch;
}

void strbuf_put_json(struct strbuf *buf, const char *text)
{
    if (text == NULL) {
        strbuf_put(buf, "null");
        return;
    }
    size_t count = strlen(text);
    size_t plain = 0; /* where the run of bytes begins that goes out as it is */
    strbuf_put_char(buf, '"');
    for (size_t i = 0; i < count;) {
        char scratch[8];
        uint32_t codepoint = 0;
        size_t width = text_decode(text + i, count - i, &codepoint);
        const char *escape = NULL;
        if (width == 0) {
            width = 1;
            escape = "\\ufffd";
        } else if (codepoint < 0x80) {
            escape = json_escape((unsigned char)codepoint, scratch);
        }
        if (escape != NULL) {
            strbuf_put_bytes(buf, text + plain, i - plain);
            strbuf_put(buf, escape);
            plain = i + width;
        }
        i += width;
    }
    strbuf_put_bytes(buf, text + plain, count - plain);
    strbuf_put_char(buf, '"');
}
