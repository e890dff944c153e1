/*
 * text.h - text from outside, checked once at ingest; and lines for people.
 *
 * After text_clean() a text holds only printable UTF-8: no C0, DEL, C1, bidi control, zero-width or
 * invalid byte. What is not plain is shown as \xNN (each byte of the offending sequence), so that
 * an operator sees it and a terminal never interprets it.
 */
#ifndef FARSHORE_BASE_TEXT_H
#define FARSHORE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Clean bytes into out, always NUL-terminated; whole sequences only.
 *
 * Returns the length that the whole cleaned text has (as snprintf does): larger than out_bytes - 1
 * when it was truncated.
 */
size_t text_clean(char *out, size_t out_bytes, const char *bytes, size_t count);

/* Is the text already what text_clean() would return? */
bool text_is_clean(const char *bytes, size_t count);

/*
 * Decode one UTF-8 sequence.
 *
 * Returns its length in bytes and sets *codepoint; 0 at the end or for an invalid sequence
 * (overlong, surrogate, beyond U+10FFFF or truncated).
 */
size_t text_decode(const char *bytes, size_t count, uint32_t *codepoint);

/* Copy as much of text as fits, NUL-terminated, never splitting a UTF-8 sequence. NULL is "". */
void text_copy(char *out, size_t out_bytes, const char *text);

/* Equal, both may be NULL (two NULLs are equal). */
bool text_equal(const char *a, const char *b);

#endif
