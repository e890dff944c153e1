/*
 * client.h - ask a lab's supervisor something (the protocol stands in control.c).
 */
#ifndef FARSHORE_LAB_CLIENT_H
#define FARSHORE_LAB_CLIENT_H

#include <sys/socket.h>
#include <sys/un.h>

#include "farshore/base/err.h"
#include "farshore/base/strbuf.h"

/* DIR/control.sock, also where DIR is longer than a socket's name may be. */
struct client_address {
    int dir_fd;
    struct sockaddr_un address;
};

enum fs_status client_address_open(struct client_address *out, const char *dir, struct err *err);
void client_address_close(struct client_address *address);

/*
 * Connect to the lab in dir. ST_NOT_FOUND when none listens there.
 * fd  the caller closes it.
 */
enum fs_status client_connect(const char *dir, int *fd, struct err *err);

/*
 * Send one request and wait for its answer.
 *
 * request     without its newline.
 * timeout_ms  for all of it.
 * answer      initialised by the caller; what follows "ok ", without the newline.
 *
 * Returns  ST_OK; what the lab answered; ST_TIMEOUT; ST_IO when the lab went away.
 */
enum fs_status client_request(int fd, const char *request, int timeout_ms, struct strbuf *answer,
                              struct err *err);

/* Wait for an answer that was not asked for: the supervisor's first word to who started it. */
enum fs_status client_answer(int fd, int timeout_ms, struct strbuf *answer, struct err *err);

#endif
