/*
 * client.c - one request to a lab's supervisor, with a deadline.
 *
 * Why:   the console asks from its own loop and must never wait for long.
 * How:   a non-blocking socket and poll() with what is left of the deadline. The socket's path goes
 *        through /proc/self/fd, because a socket's name holds only 107 bytes.
 * See:   control.c for the protocol.
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "farshore/base/number.h"

enum fs_status client_address_open(struct client_address *out, const char *dir, struct err *err)
{
    memset(out, 0, sizeof(*out));
    out->dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (out->dir_fd < 0) {
        return err_set_errno(err, errno == ENOENT ? ST_NOT_FOUND : ST_IO, errno, "%s", dir);
    }
    out->address.sun_family = AF_UNIX;
    (void)snprintf(out->address.sun_path, sizeof(out->address.sun_path),
                   "/proc/self/fd/%d/control.sock", out->dir_fd);
    return ST_OK;
}

void client_address_close(struct client_address *address)
{
    if (address->dir_fd >= 0) {
        close(address->dir_fd);
        address->dir_fd = -1;
    }
}

enum fs_status client_connect(const char *dir, int *fd, struct err *err)
{
    struct client_address address;

    *fd = -1;
    if (client_address_open(&address, dir, NULL) != ST_OK) {
        return err_set(err, ST_NOT_FOUND, "no lab runs in %s", dir);
    }
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failed =
        *fd < 0 ? -1
                : connect(*fd, (const struct sockaddr *)&address.address, sizeof(address.address));
    int cause = errno;
    client_address_close(&address);
    if (failed == 0) {
        return ST_OK;
    }
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    if (cause == ENOENT || cause == ECONNREFUSED) {
        return err_set(err, ST_NOT_FOUND, "no lab runs in %s", dir);
    }
    return err_set_errno(err, cause == EAGAIN ? ST_AGAIN : ST_IO, cause, "%s/control.sock", dir);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(int fd, short events, int64_t until_ms)
{
    struct pollfd asked = {.fd = fd, .events = events};
    int ready;

    do {
        int64_t left_ms = until_ms - now_ms();
        ready = poll(&asked, 1, left_ms > 0 ? (int)left_ms : 0);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static enum fs_status send_line(int fd, const char *request, int64_t until_ms, struct err *err)
{
    struct strbuf line;
    size_t sent = 0;
    enum fs_status status = ST_OK;

    strbuf_init(&line, alloc_heap());
    strbuf_printf(&line, "%s\n", request);
    while (status == ST_OK && sent < line.length) {
        ssize_t count = send(fd, line.text + sent, line.length - sent, MSG_NOSIGNAL);
        if (count > 0) {
            sent += (size_t)count;
        } else if (errno != EAGAIN && errno != EINTR) {
            status = err_set_errno(err, ST_IO, errno, "the lab went away");
        } else if (!wait_for(fd, POLLOUT, until_ms)) {
            status = err_set(err, ST_TIMEOUT, "the lab does not listen");
        }
    }
    strbuf_destroy(&line);
    return status;
}

static enum fs_status receive_line(int fd, int64_t until_ms, struct strbuf *answer, struct err *err)
{
    char part[4096];

    while (answer->length == 0 || answer->text[answer->length - 1] != '\n') {
        if (!wait_for(fd, POLLIN, until_ms)) {
            return err_set(err, ST_TIMEOUT, "the lab does not answer");
        }
        ssize_t count = recv(fd, part, sizeof(part), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (count <= 0) {
            return err_set(err, ST_IO, "the lab went away");
        }
        strbuf_put_bytes(answer, part, (size_t)count);
        if (answer->has_failed) {
            return err_set(err, ST_NO_MEMORY, "no memory for the lab's answer");
        }
    }
    answer->text[--answer->length] = '\0';
    return ST_OK;
}

static enum fs_status read_answer(int fd, int64_t until_ms, struct strbuf *answer, struct err *err)
{
    uint64_t code = 0;

    strbuf_reset(answer);
    enum fs_status status = receive_line(fd, until_ms, answer, err);
    if (status != ST_OK) {
        return status;
    }
    if (strncmp(answer->text, "ok ", 3) == 0) {
        memmove(answer->text, answer->text + 3, answer->length - 2);
        answer->length -= 3;
        return ST_OK;
    }
    const char *number = answer->text + strlen("error ");
    size_t digits = strncmp(answer->text, "error ", 6) == 0 ? strcspn(number, " ") : 0;
    if (digits == 0 || !number_parse_u64(number, digits, &code) || code == 0 ||
        code > ST_UNSUPPORTED) {
        return err_set(err, ST_CORRUPT, "the lab's answer cannot be read");
    }
    const char *text = number[digits] == ' ' ? number + digits + 1 : "";
    return err_set(err, (enum fs_status)code, "%s", text);
}

enum fs_status client_answer(int fd, int timeout_ms, struct strbuf *answer, struct err *err)
{
    return read_answer(fd, now_ms() + timeout_ms, answer, err);
}

enum fs_status client_request(int fd, const char *request, int timeout_ms, struct strbuf *answer,
                              struct err *err)
{
    int64_t until_ms = now_ms() + timeout_ms;
    enum fs_status status = send_line(fd, request, until_ms, err);

    return status == ST_OK ? read_answer(fd, until_ms, answer, err) : status;
}
