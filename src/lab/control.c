/*
 * control.c - the lab's socket: DIR/control.sock, lines in, lines out.
 *
 * Why:   `lab status`, `lab fault`, `lab down` and the console's `:lab` are other processes.
 * How:   a UNIX stream socket, 0600 in a 0700 directory. A request is one line, its answer is one
 * line: status            ok JSON fault WORDS…      ok TEXT provision         ok, once streams,
 * mirrors and consumers are made work              ok; the worker is started (at rate 0: nothing)
 *          commit            ok; from the starter only: the lab now outlives it
 *          down              ok, once every process of the lab is gone; the supervisor then ends
 *        or: error STATUS TEXT, with enum fs_status as a number.
 *        The first client is the starter, on descriptor 0: when it goes before its commit, the
 *        lab ends, so that a killed `lab up` leaves nothing behind.
 * Rules: answers to one client come in the order of its requests, but one request at a time.
 * See:   client.c for the other end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "farshore/base/log.h"
#include "farshore/base/text.h"
#include "supervisor.h"

#define CLIENTS_MAX 64
#define WORDS_MAX 8

enum control_wait {
    WAIT_NOTHING,
    WAIT_PROVISION,
    WAIT_DOWN,
};

struct control_client {
    struct supervisor *supervisor;
    struct control_client *next;
    ev_io readable;
    ev_io writable;
    int fd;
    bool is_starter;
    enum control_wait wait;
    size_t used;
    char line[1024];
    struct strbuf out;
    size_t sent;
};

static void client_close(struct control_client *client)
{
    struct supervisor *supervisor = client->supervisor;
    bool is_starter = client->is_starter;

    for (struct control_client **at = &supervisor->clients; *at != NULL; at = &(*at)->next) {
        if (*at == client) {
            *at = client->next;
            break;
        }
    }
    ev_io_stop(supervisor->loop, &client->readable);
    ev_io_stop(supervisor->loop, &client->writable);
    close(client->fd);
    strbuf_destroy(&client->out);
    free(client);
    if (is_starter && !supervisor->is_committed && !supervisor->is_ending) {
        log_write(LOG_LEVEL_WARN, "lab", "whoever started the lab is gone before it was usable");
        supervisor_end(supervisor);
    }
}

/* Send what is there; false when the client is gone. */
static bool client_flush(struct control_client *client)
{
    while (client->sent < client->out.length) {
        ssize_t count = send(client->fd, client->out.text + client->sent,
                             client->out.length - client->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN) {
            ev_io_start(client->supervisor->loop, &client->writable);
            return true;
        }
        if (count < 0) {
            return false;
        }
        client->sent += (size_t)count;
    }
    strbuf_reset(&client->out);
    client->sent = 0;
    ev_io_stop(client->supervisor->loop, &client->writable);
    return true;
}

static void answer(struct control_client *client, enum fs_status status, const char *text)
{
    char clean[ERR_TEXT_BYTES];

    client->wait = WAIT_NOTHING;
    if (status == ST_OK) {
        strbuf_put(&client->out, "ok ");
        strbuf_put(&client->out, text);
    } else {
        (void)text_clean(clean, sizeof(clean), text, strlen(text));
        strbuf_printf(&client->out, "error %d %s", (int)status, clean);
    }
    strbuf_put(&client->out, "\n");
}

static void handle_fault(struct control_client *client, int count, const char *const *words)
{
    struct fault fault;
    struct strbuf reply;
    struct err err = {.status = ST_OK};
    enum fs_status status = fault_parse(&client->supervisor->layout, count, words, &fault, &err);

    strbuf_init(&reply, alloc_heap());
    if (status == ST_OK) {
        status = inject_fault(client->supervisor, &fault, &reply, &err);
    }
    answer(client, status, status == ST_OK ? reply.text : err.text);
    strbuf_destroy(&reply);
}

static void handle_status(struct control_client *client)
{
    struct strbuf json;

    strbuf_init(&json, alloc_heap());
    report_status(client->supervisor, &json);
    answer(client, json.has_failed ? ST_NO_MEMORY : ST_OK,
           json.has_failed ? "no memory for the answer" : json.text);
    strbuf_destroy(&json);
}

static void handle_words(struct control_client *client, int count, const char *const *words)
{
    struct supervisor *supervisor = client->supervisor;
    struct err err = {.status = ST_OK};

    if (strcmp(words[0], "status") == 0) {
        handle_status(client);
    } else if (supervisor->is_ending && strcmp(words[0], "down") != 0) {
        answer(client, ST_REFUSED, "the lab is going down");
    } else if (strcmp(words[0], "fault") == 0) {
        handle_fault(client, count - 1, words + 1);
    } else if (strcmp(words[0], "provision") == 0) {
        client->wait = WAIT_PROVISION;
        if (provision_start(supervisor, &err) != ST_OK) {
            answer(client, err.status, err.text);
        }
    } else if (strcmp(words[0], "work") == 0) {
        if (supervisor->layout.rate_per_s > 0) {
            workload_start(supervisor);
        }
        answer(client, ST_OK, "");
    } else if (strcmp(words[0], "commit") == 0 && client->is_starter) {
        supervisor->is_committed = true;
        answer(client, ST_OK, "");
    } else if (strcmp(words[0], "down") == 0) {
        client->wait = WAIT_DOWN;
        supervisor_end(supervisor);
    } else {
        answer(client, ST_INVALID, "unknown request");
    }
}

static void handle_line(struct control_client *client, char *line)
{
    const char *words[WORDS_MAX];
    int count = 0;
    char *rest = line;

    for (char *word = strtok_r(line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (count == WORDS_MAX) {
            answer(client, ST_INVALID, "too many words");
            return;
        }
        words[count++] = word;
    }
    if (count == 0) {
        answer(client, ST_INVALID, "empty request");
        return;
    }
    handle_words(client, count, words);
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct control_client *client = watcher->data;
    char *end;

    (void)loop;
    (void)events;
    ssize_t count = recv(client->fd, client->line + client->used,
                         sizeof(client->line) - 1 - client->used, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count <= 0) {
        client_close(client);
        return;
    }
    client->used += (size_t)count;
    client->line[client->used] = '\0';
    while (client->wait == WAIT_NOTHING && (end = strchr(client->line, '\n')) != NULL) {
        *end = '\0';
        handle_line(client, client->line);
        client->used -= (size_t)(end + 1 - client->line);
        memmove(client->line, end + 1, client->used + 1);
    }
    if (client->used == sizeof(client->line) - 1 || !client_flush(client)) {
        client_close(client);
    }
}

static void on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop;
    (void)events;
    if (!client_flush(watcher->data)) {
        client_close(watcher->data);
    }
}

static void client_open(struct supervisor *supervisor, int fd, bool is_starter)
{
    struct control_client *client = calloc(1, sizeof(*client));

    if (client == NULL) {
        close(fd);
        return;
    }
    client->supervisor = supervisor;
    client->fd = fd;
    client->is_starter = is_starter;
    strbuf_init(&client->out, alloc_heap());
    ev_io_init(&client->readable, on_readable, fd, EV_READ);
    ev_io_init(&client->writable, on_writable, fd, EV_WRITE);
    client->readable.data = client;
    client->writable.data = client;
    ev_io_start(supervisor->loop, &client->readable);
    client->next = supervisor->clients;
    supervisor->clients = client;
}

static void on_accept(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct supervisor *supervisor = watcher->data;
    int count = 0;

    (void)loop;
    (void)events;
    int fd = accept4(supervisor->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    for (struct control_client *at = supervisor->clients; at != NULL; at = at->next) {
        count++;
    }
    if (count >= CLIENTS_MAX) {
        close(fd);
        return;
    }
    client_open(supervisor, fd, false);
}

enum fs_status control_open(struct supervisor *supervisor, int holder_fd, struct err *err)
{
    struct client_address address;

    supervisor->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    enum fs_status status = client_address_open(&address, supervisor->layout.dir, err);
    if (status != ST_OK || supervisor->listen_fd < 0) {
        return status != ST_OK ? status : err_set_errno(err, ST_IO, errno, "control socket");
    }
    (void)unlinkat(address.dir_fd, "control.sock", 0);
    mode_t before = umask(0177);
    int failed = bind(supervisor->listen_fd, (const struct sockaddr *)&address.address,
                      sizeof(address.address));
    int cause = errno;
    (void)umask(before);
    client_address_close(&address);
    if (failed != 0 || listen(supervisor->listen_fd, 16) != 0) {
        return err_set_errno(err, ST_IO, failed != 0 ? cause : errno, "%s/control.sock",
                             supervisor->layout.dir);
    }
    ev_io_init(&supervisor->acceptable, on_accept, supervisor->listen_fd, EV_READ);
    supervisor->acceptable.data = supervisor;
    ev_io_start(supervisor->loop, &supervisor->acceptable);
    client_open(supervisor, holder_fd, true);
    return ST_OK;
}

static void answer_waiting(struct supervisor *supervisor, enum control_wait wait,
                           enum fs_status status, const char *text)
{
    for (struct control_client *at = supervisor->clients; at != NULL;) {
        struct control_client *next = at->next;
        if (at->wait == wait) {
            answer(at, status, text);
            if (!client_flush(at)) {
                client_close(at);
            }
        }
        at = next;
    }
}

void control_provision_done(struct supervisor *supervisor, enum fs_status status, const char *text)
{
    answer_waiting(supervisor, WAIT_PROVISION, status, text);
}

void control_ended(struct supervisor *supervisor)
{
    answer_waiting(supervisor, WAIT_PROVISION, ST_REFUSED, "the lab went down");
    answer_waiting(supervisor, WAIT_DOWN, ST_OK, "");
}
