/*
 * term_out.h - the bytes that wait for a terminal, and the way back from raw mode.
 */
#ifndef FARSHORE_UI_PRIVATE_TERM_OUT_H
#define FARSHORE_UI_PRIVATE_TERM_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "farshore/base/status.h"
#include "farshore/base/strbuf.h"

/* Bytes on their way to a non-blocking descriptor. */
struct term_out {
    int fd;
    struct strbuf bytes;
    size_t sent;
    uint64_t writes;
    uint64_t total_bytes;
    bool is_dead; /* a write failed for good */
};

void term_out_init(struct term_out *out, int fd);
void term_out_destroy(struct term_out *out);
bool term_out_is_empty(const struct term_out *out);

/* Write as much as the terminal takes. ST_OK all sent, ST_AGAIN some left, ST_IO dead. */
enum fs_status term_out_flush(struct term_out *out);

/* Forget what is unsent. */
void term_out_drop(struct term_out *out);

/* Remember how to give the terminal back; restore is copied (cut at a fixed size). */
void term_restore_arm(int fd, const struct termios *cooked, const char *restore, size_t count);

/* Give it back now, if armed; at most once an arm. */
void term_restore_now(void);

#endif
