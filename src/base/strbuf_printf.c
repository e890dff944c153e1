/*
 * strbuf_printf.c - the one way into a strbuf that goes through printf.
 *
 * Why:   apart from strbuf.c, so that core, which must not print through printf, links none of it.
 * See:   include/farshore/base/strbuf.h; tests/unit/base/test_strbuf.c
 */
#include <stdarg.h>
#include <stdio.h>

#include "farshore/base/strbuf.h"

void strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        buf->has_failed = true;
        return;
    }
    if (length == 0 || !strbuf_reserve(buf, (size_t)length)) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(buf->text + buf->length, (size_t)length + 1, format, args);
    va_end(args);
    buf->length += (size_t)length;
}
