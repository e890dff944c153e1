/*
 * err.c - keep the first failure's status and text.
 *
 * Why:   the caller that knows what a failure means to the operator is rarely the one that saw it.
 * How:   format into a slightly larger buffer and copy, so that a cut never splits a character.
 * Rules: an err that holds a failure is never overwritten; a NULL err is fine.
 * See:   tests/unit/base/test_err.c
 */
#include "farshore/base/err.h"

#include <stdio.h>
#include <string.h>

#include "farshore/base/text.h"

#define SLACK_BYTES 8 /* more than one UTF-8 sequence */

static void err_fill(struct err *err, enum fs_status status, const char *suffix, const char *format,
                     va_list args) __attribute__((format(printf, 4, 0)));

static void err_fill(struct err *err, enum fs_status status, const char *suffix, const char *format,
                     va_list args)
{
    char whole[ERR_TEXT_BYTES + SLACK_BYTES];
    int length = vsnprintf(whole, sizeof whole, format, args);
    if (length < 0) {
        whole[0] = '\0';
        length = 0;
    }
    if (suffix != NULL && (size_t)length < sizeof whole) {
        (void)snprintf(whole + length, sizeof whole - (size_t)length, ": %s", suffix);
    }
    err->status = status;
    text_copy(err->text, sizeof err->text, whole);
}

enum fs_status err_set(struct err *err, enum fs_status status, const char *format, ...)
{
    if (err != NULL && err->status == ST_OK) {
        va_list args;
        va_start(args, format);
        err_fill(err, status, NULL, format, args);
        va_end(args);
    }
    return status;
}

enum fs_status err_set_errno(struct err *err, enum fs_status status, int errno_value,
                             const char *format, ...)
{
    if (err != NULL && err->status == ST_OK) {
        char number[32];
        const char *reason = strerrordesc_np(errno_value);
        if (reason == NULL) {
            (void)snprintf(number, sizeof number, "errno %d", errno_value);
            reason = number;
        }
        va_list args;
        va_start(args, format);
        err_fill(err, status, reason, format, args);
        va_end(args);
    }
    return status;
}

void err_reset(struct err *err)
{
    if (err != NULL) {
        err->status = ST_OK;
        err->text[0] = '\0';
    }
}
