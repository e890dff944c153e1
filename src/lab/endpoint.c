/*
 * endpoint.c - a tiny HTTP application endpoint and a TCP control canary.
 *
 * Why:   a verdict about a region needs a witness that is not NATS, and one about our own link
 * needs a target that no region owns; the lab must be able to break each of them alone. How:   one
 * listener; up to CLIENTS_MAX clients in a fixed table, each with one request of at most
 *        REQUEST_MAX bytes, one reply, and one deadline over the whole exchange. After the reply we
 *        send FIN and wait for the client's own, so that no reset overtakes the reply.
 * Rules: never blocks; a client that is slow, silent or too talkative is closed. With the table
 * full the listener rests: newcomers wait in the kernel's backlog until a place is free. See:
 * docs/LAB.md "Faults"; tests/unit/lab/test_endpoint.c
 */
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "farshore/base/assert.h"

#define CLIENTS_MAX 64
#define REQUEST_MAX 4096
#define REPLY_MAX 256
#define CLIENT_DEADLINE_S 2.0
#define LISTEN_RETRY_S 0.2

enum client_stage {
    CLIENT_FREE,
    CLIENT_READING,
    CLIENT_REPLYING,
    CLIENT_CLOSING, /* reply and FIN sent; the rest of what the client says is thrown away */
};

struct client {
    struct lab_endpoint *endpoint;
    enum client_stage stage;
    int fd;
    ev_io io;
    ev_timer deadline;
    size_t used; /* bytes of the request, then of the reply already sent */
    size_t reply_bytes;
    char text[REQUEST_MAX + 1];
};

struct lab_endpoint {
    struct ev_loop *loop;
    enum lab_endpoint_kind kind;
    enum lab_endpoint_mode mode;
    int port;
    int fd; /* the listener; -1 while DOWN */
    ev_io accept;
    ev_timer retry; /* listen or accept again after a failure */
    struct client clients[CLIENTS_MAX];
};

static void client_close(struct client *client)
{
    struct lab_endpoint *endpoint = client->endpoint;
    if (client->stage == CLIENT_FREE) {
        return;
    }
    ev_io_stop(endpoint->loop, &client->io);
    ev_timer_stop(endpoint->loop, &client->deadline);
    close(client->fd);
    client->fd = -1;
    client->stage = CLIENT_FREE;
    if (endpoint->fd >= 0) {
        ev_io_start(endpoint->loop, &endpoint->accept);
    }
}

static void client_watch(struct client *client, int events)
{
    struct ev_loop *loop = client->endpoint->loop;
    ev_io_stop(loop, &client->io);
    ev_io_set(&client->io, client->fd, events);
    ev_io_start(loop, &client->io);
}

static void client_send(struct client *client)
{
    while (client->used < client->reply_bytes) {
        ssize_t sent = send(client->fd, client->text + client->used,
                            client->reply_bytes - client->used, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && errno == EAGAIN) {
            client_watch(client, EV_WRITE);
            return;
        }
        if (sent < 0) {
            client_close(client);
            return;
        }
        client->used += (size_t)sent;
    }
    shutdown(client->fd, SHUT_WR);
    client->stage = CLIENT_CLOSING;
    client_watch(client, EV_READ);
}

static void client_reply(struct client *client, const char *status, const char *body)
{
    int length = snprintf(client->text, REPLY_MAX,
                          "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                          "Cache-Control: no-store\r\nConnection: close\r\n\r\n%s",
                          status, strlen(body), body);
    FS_ASSERT(length > 0 && length < REPLY_MAX);
    client->reply_bytes = (size_t)length;
    client->used = 0;
    client->stage = CLIENT_REPLYING;
    client_send(client);
}

/* Answer a request whose head is complete. Headers and a body mean nothing here. */
static void client_answer(struct client *client)
{
    char *line_end = strpbrk(client->text, "\r\n");
    FS_ASSERT(line_end != NULL);
    *line_end = '\0';
    char *method_end = strchr(client->text, ' ');
    char *target_end = method_end == NULL ? NULL : strchr(method_end + 1, ' ');
    if (target_end == NULL || strncmp(target_end, " HTTP/1.", 8) != 0) {
        client_reply(client, "400 Bad Request", "bad request\n");
        return;
    }
    *method_end = '\0';
    *target_end = '\0';
    const char *target = method_end + 1;
    target_end = strchr(method_end + 1, '?');
    if (target_end != NULL) {
        *target_end = '\0';
    }
    if (strcmp(target, "/healthz") != 0) {
        client_reply(client, "404 Not Found", "not found\n");
    } else if (strcmp(client->text, "GET") != 0) {
        client_reply(client, "405 Method Not Allowed\r\nAllow: GET", "GET only\n");
    } else if (client->endpoint->mode == LAB_ENDPOINT_503) {
        client_reply(client, "503 Service Unavailable", "unavailable\n");
    } else {
        client_reply(client, "200 OK", "ok\n");
    }
}

static void client_read(struct client *client)
{
    ssize_t got = recv(client->fd, client->text + client->used, REQUEST_MAX - client->used, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        client_close(client);
        return;
    }
    client->used += (size_t)got;
    client->text[client->used] = '\0';
    if (memchr(client->text, '\0', client->used) != NULL) {
        client_reply(client, "400 Bad Request", "bad request\n");
    } else if (strstr(client->text, "\r\n\r\n") != NULL || strstr(client->text, "\n\n") != NULL) {
        client_answer(client);
    } else if (client->used == REQUEST_MAX) {
        client_reply(client, "431 Request Header Fields Too Large", "too large\n");
    }
}

/* Throw away what the client still says until it closes; its deadline bounds this. */
static void client_drain(struct client *client)
{
    ssize_t got = recv(client->fd, client->text, REQUEST_MAX, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        client_close(client);
    }
}

static void on_client(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop;
    (void)events;
    struct client *client = watcher->data;
    switch (client->stage) {
    case CLIENT_FREE:
        break;
    case CLIENT_READING:
        client_read(client);
        break;
    case CLIENT_REPLYING:
        client_send(client);
        break;
    case CLIENT_CLOSING:
        client_drain(client);
        break;
    }
}

static void on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    client_close(timer->data);
}

static void client_open(struct client *client, int fd)
{
    struct ev_loop *loop = client->endpoint->loop;
    client->stage = CLIENT_READING;
    client->fd = fd;
    client->used = 0;
    client->reply_bytes = 0;
    ev_io_init(&client->io, on_client, fd, EV_READ);
    client->io.data = client;
    ev_io_start(loop, &client->io);
    ev_now_update(loop);
    ev_timer_init(&client->deadline, on_deadline, CLIENT_DEADLINE_S, 0.0);
    client->deadline.data = client;
    ev_timer_start(loop, &client->deadline);
}

static struct client *find_free_client(struct lab_endpoint *endpoint)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (endpoint->clients[i].stage == CLIENT_FREE) {
            return &endpoint->clients[i];
        }
    }
    return NULL;
}

static void on_accept(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)events;
    struct lab_endpoint *endpoint = watcher->data;
    struct client *client = find_free_client(endpoint);
    if (client == NULL) {
        ev_io_stop(loop, watcher); /* client_close() starts it again */
        return;
    }
    int fd = accept4(endpoint->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            ev_io_stop(loop, watcher);
            ev_timer_again(loop, &endpoint->retry);
        }
        return;
    }
    if (endpoint->kind == LAB_ENDPOINT_CONTROL) {
        close(fd);
        return;
    }
    client_open(client, fd);
}

/* Open the listener on endpoint->port; with port 0 the kernel's choice is kept. */
static enum fs_status listener_open(struct lab_endpoint *endpoint, struct err *err)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return err_set_errno(err, ST_IO, errno, "endpoint: no socket");
    }
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)endpoint->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_bytes = sizeof address;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 128) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &address_bytes) < 0) {
        int cause = errno;
        close(fd);
        return err_set_errno(err, ST_IO, cause, "endpoint: cannot listen on 127.0.0.1:%d",
                             endpoint->port);
    }
    endpoint->port = ntohs(address.sin_port);
    endpoint->fd = fd;
    ev_io_init(&endpoint->accept, on_accept, fd, EV_READ);
    endpoint->accept.data = endpoint;
    ev_io_start(endpoint->loop, &endpoint->accept);
    return ST_OK;
}

static void listener_close(struct lab_endpoint *endpoint)
{
    ev_timer_stop(endpoint->loop, &endpoint->retry);
    if (endpoint->fd >= 0) {
        ev_io_stop(endpoint->loop, &endpoint->accept);
        close(endpoint->fd);
        endpoint->fd = -1;
    }
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        client_close(&endpoint->clients[i]);
    }
}

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct lab_endpoint *endpoint = timer->data;
    if (endpoint->fd >= 0) {
        ev_io_start(loop, &endpoint->accept);
    } else if (listener_open(endpoint, NULL) != ST_OK) {
        return;
    }
    ev_timer_stop(loop, timer);
}

struct lab_endpoint *lab_endpoint_open(struct ev_loop *loop, int port, enum lab_endpoint_kind kind,
                                       struct err *err)
{
    struct lab_endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (endpoint == NULL) {
        err_set(err, ST_NO_MEMORY, "endpoint: out of memory");
        return NULL;
    }
    endpoint->loop = loop;
    endpoint->kind = kind;
    endpoint->mode = LAB_ENDPOINT_OK;
    endpoint->port = port;
    endpoint->fd = -1;
    ev_timer_init(&endpoint->retry, on_retry, LISTEN_RETRY_S, LISTEN_RETRY_S);
    endpoint->retry.data = endpoint;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        endpoint->clients[i].endpoint = endpoint;
        endpoint->clients[i].fd = -1;
    }
    if (listener_open(endpoint, err) != ST_OK) {
        free(endpoint);
        return NULL;
    }
    return endpoint;
}

void lab_endpoint_set(struct lab_endpoint *endpoint, enum lab_endpoint_mode mode)
{
    endpoint->mode = mode;
    if (mode == LAB_ENDPOINT_DOWN) {
        listener_close(endpoint);
    } else if (endpoint->fd < 0 && listener_open(endpoint, NULL) != ST_OK) {
        ev_timer_again(endpoint->loop, &endpoint->retry);
    }
}

int lab_endpoint_port(const struct lab_endpoint *endpoint)
{
    return endpoint->port;
}

void lab_endpoint_close(struct lab_endpoint *endpoint)
{
    if (endpoint == NULL) {
        return;
    }
    listener_close(endpoint);
    free(endpoint);
}
