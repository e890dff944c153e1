/*
 * term_out.c - bytes to a terminal that may not read, and its rescue when the program crashes.
 *
 * Why:   a dead ssh must not stop the loop; a crash must not leave a raw terminal behind.
 * How:   one buffer, one write a flush; the restore string is built beforehand and lies in static
 *        memory, where a signal handler finds it.
 * Rules: term_restore_now() calls only async-signal-safe functions. The static record is the one
 *        mutable global of this module: a handler has no argument.
 * See:   POSIX.1-2017 2.4.3 for the list of functions; tests/e2e/test_console.py
 */
#include "term_out.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define RESTORE_BYTES 256
#define RESTORE_WAIT_MS 200

static struct {
    atomic_bool is_armed;
    int fd;
    struct termios cooked;
    size_t count;
    char bytes[RESTORE_BYTES];
} rescue;

void term_out_init(struct term_out *out, int fd)
{
    memset(out, 0, sizeof(*out));
    out->fd = fd;
    strbuf_init(&out->bytes, alloc_heap());
}

void term_out_destroy(struct term_out *out)
{
    strbuf_destroy(&out->bytes);
}

bool term_out_is_empty(const struct term_out *out)
{
    return out->sent == out->bytes.length;
}

void term_out_drop(struct term_out *out)
{
    strbuf_reset(&out->bytes);
    out->bytes.has_failed = false;
    out->sent = 0;
}

enum fs_status term_out_flush(struct term_out *out)
{
    while (out->sent < out->bytes.length) {
        ssize_t written =
            write(out->fd, out->bytes.text + out->sent, out->bytes.length - out->sent);
        if (written > 0) {
            out->writes++;
            out->total_bytes += (uint64_t)written;
            out->sent += (size_t)written;
        } else if (written < 0 && errno == EINTR) {
            continue;
        } else if (written < 0 && errno == EAGAIN) {
            return ST_AGAIN;
        } else {
            out->is_dead = true;
            term_out_drop(out);
            return ST_IO;
        }
    }
    term_out_drop(out);
    return out->is_dead ? ST_IO : ST_OK;
}

void term_restore_arm(int fd, const struct termios *cooked, const char *restore, size_t count)
{
    atomic_store(&rescue.is_armed, false);
    rescue.fd = fd;
    rescue.cooked = *cooked;
    rescue.count = count < RESTORE_BYTES ? count : RESTORE_BYTES;
    memcpy(rescue.bytes, restore, rescue.count);
    atomic_store(&rescue.is_armed, true);
}

void term_restore_now(void)
{
    int saved_errno = errno;
    size_t sent = 0;

    if (!atomic_exchange(&rescue.is_armed, false)) {
        return;
    }
    while (sent < rescue.count) {
        ssize_t written = write(rescue.fd, rescue.bytes + sent, rescue.count - sent);
        if (written > 0) {
            sent += (size_t)written;
        } else if (written < 0 && errno == EINTR) {
            continue;
        } else if (written < 0 && errno != EAGAIN) {
            break; /* the terminal is gone: poll() would call it writable for ever */
        } else {
            struct pollfd wait = {.fd = rescue.fd, .events = POLLOUT};
            if (poll(&wait, 1, RESTORE_WAIT_MS) <= 0 || (wait.revents & POLLOUT) == 0) {
                break;
            }
        }
    }
    (void)tcsetattr(rescue.fd, TCSANOW, &rescue.cooked);
    errno = saved_errno;
}
