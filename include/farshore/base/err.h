/*
 * err.h - the text that goes with a failing fs_status.
 *
 * A function that can fail takes `struct err *` last; NULL is allowed and drops the text. The first
 * failure wins: err_set() on an err that already holds one leaves it alone, so that the cause is
 * kept and not its consequence.
 */
#ifndef FARSHORE_BASE_ERR_H
#define FARSHORE_BASE_ERR_H

#include <stdarg.h>

#include "farshore/base/status.h"

#define ERR_TEXT_BYTES 512

struct err {
    enum fs_status status;
    char text[ERR_TEXT_BYTES];
};

/*
 * Record a failure and return its status, so that `return err_set(err, ST_IO, …)` reads well.
 *
 * err      may be NULL; kept as it is when it already holds a failure.
 * format   printf's; truncated to ERR_TEXT_BYTES.
 */
enum fs_status err_set(struct err *err, enum fs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set() with ": " and the text of errno_value appended. Returns status. */
enum fs_status err_set_errno(struct err *err, enum fs_status status, int errno_value,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Forget what err holds. */
void err_reset(struct err *err);

#endif
