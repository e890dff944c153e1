/*
 * strbuf.h - a growing text.
 *
 * Owner: whoever calls strbuf_init(); strbuf_destroy() gives the memory back. The text is always
 * NUL-terminated and never NULL. An allocation that fails sets has_failed and drops what did not
 * fit; callers check it once at the end. Locale-free: no function here prints through printf but
 * strbuf_printf(), which core must not use.
 */
#ifndef FARSHORE_BASE_STRBUF_H
#define FARSHORE_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/alloc.h"

struct strbuf {
    const struct fs_alloc *alloc;
    char *text;
    size_t length;
    size_t capacity; /* bytes allocated; 0 while text points at the shared empty string */
    bool has_failed;
};

void strbuf_init(struct strbuf *buf, const struct fs_alloc *alloc);
void strbuf_destroy(struct strbuf *buf);

/* Empty it and keep its memory. */
void strbuf_reset(struct strbuf *buf);

/* Make room for more_bytes beyond the length; false sets has_failed. */
bool strbuf_reserve(struct strbuf *buf, size_t more_bytes);

void strbuf_put(struct strbuf *buf, const char *text);
void strbuf_put_bytes(struct strbuf *buf, const char *bytes, size_t count);
void strbuf_put_char(struct strbuf *buf, char c);
void strbuf_put_u64(struct strbuf *buf, uint64_t value);
void strbuf_put_i64(struct strbuf *buf, int64_t value);

/* A JSON string with its quotes; text must be UTF-8 (what text_clean() returns). NULL prints null.
 */
void strbuf_put_json(struct strbuf *buf, const char *text);

void strbuf_printf(struct strbuf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
