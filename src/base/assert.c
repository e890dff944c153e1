/*
 * assert.c - say which of our own rules broke, and stop.
 *
 * Why:   a console that goes on with a broken rule may show a wrong state.
 * How:   one line in one write(2), without the heap or stdio's buffers, then abort(); the console's
 *        handler of SIGABRT restores the terminal.
 * See:   tests/unit/base/test_assert.c
 */
#include "farshore/base/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void fs_assert_failed(const char *condition, const char *file, int line)
{
    char text[512];
    int length = snprintf(text, sizeof text, "farshore: bug: %s:%d: %s\n", file, line, condition);
    if (length > 0) {
        size_t count = (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
        /* Nothing is left to do when standard error is gone too. */
        ssize_t written = write(STDERR_FILENO, text, count);
        (void)written;
    }
    abort();
}
