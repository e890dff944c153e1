/*
 * proxy.c - the listening side of the WAN, and faults applied to all connections of a way.
 *
 * Why:   CONTRACTS 10: gateways and the console's own way go through the lab, so that the lab can
 *        break them. A listener's port tells the destination, the peer's port the source.
 * How:   accept, ask who it is (only where several places share a port), open a connection.
 * Rules: a cut way refuses by closing at once; a stalled one accepts and carries nothing.
 * See:   proxy_connection.c for what happens to the bytes; wan.h for what is in force.
 */
#include "proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "farshore/base/log.h"
#include "proxy_connection.h"

#define ACCEPT_BUDGET 16
#define SWEEP_S 1.

static void refuse(int fd)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}

static void admit(struct proxy_listener *listener, int fd, int peer_port)
{
    struct proxy *proxy = listener->proxy;
    int from = listener->from;

    if (from == PROXY_ASK) {
        from = proxy->identify(proxy->context, peer_port, listener->port);
    }
    if (from < 0 || from == listener->to) {
        log_write(LOG_LEVEL_WARN, "lab", "port %d: connection from port %d is not the lab's",
                  listener->port, peer_port);
        refuse(fd);
        return;
    }
    if (wan_way(proxy->wan, from, listener->to)->is_cut) {
        refuse(fd);
        return;
    }
    connection_open(proxy, fd, from, listener->to, listener->target_port);
}

static void on_accept(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct proxy_listener *listener = watcher->data;

    (void)loop;
    (void)events;
    for (int i = 0; i < ACCEPT_BUDGET; i++) {
        struct sockaddr_in peer = {0};
        socklen_t length = sizeof(peer);
        int fd =
            accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        admit(listener, fd, ntohs(peer.sin_port));
    }
}

static void on_queue(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    queue_serve(timer->data);
}

static void on_sweep(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct proxy *proxy = timer->data;
    bool is_any_stalled = false;

    (void)events;
    for (struct proxy_connection *at = proxy->connections; at != NULL;) {
        struct proxy_connection *next = at->next;
        is_any_stalled = is_any_stalled || at->way->is_stalled;
        connection_sweep(at);
        at = next;
    }
    for (int low = 0; low < LAB_PLACES_MAX; low++) {
        for (int high = low + 1; high < LAB_PLACES_MAX; high++) {
            is_any_stalled = is_any_stalled || proxy->wan->ways[low][high].is_stalled;
        }
    }
    if (!is_any_stalled) {
        ev_timer_stop(loop, timer);
    }
}

struct proxy *proxy_open(struct ev_loop *loop, struct wan *wan, proxy_identify *identify,
                         void *context, struct err *err)
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));

    if (proxy == NULL) {
        (void)err_set(err, ST_NO_MEMORY, "no memory for the proxy");
        return NULL;
    }
    proxy->loop = loop;
    proxy->wan = wan;
    proxy->identify = identify;
    proxy->context = context;
    for (int from = 0; from < LAB_PLACES_MAX; from++) {
        for (int to = 0; to < LAB_PLACES_MAX; to++) {
            struct proxy_queue *queue = &proxy->queues[from][to];
            queue->proxy = proxy;
            if (from != to) {
                queue->bucket = &wan_way(wan, from, to)->buckets[wan_direction(from, to)];
            }
            ev_timer_init(&queue->timer, on_queue, 0., 0.);
            queue->timer.data = queue;
        }
    }
    ev_timer_init(&proxy->sweep, on_sweep, SWEEP_S, SWEEP_S);
    proxy->sweep.data = proxy;
    return proxy;
}

static int listen_on(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int bytes = PROXY_RECEIVE_BUFFER_BYTES;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 256) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

enum fs_status proxy_listen(struct proxy *proxy, int port, int from_place, int to_place,
                            int target_port, struct err *err)
{
    struct proxy_listener *listener = calloc(1, sizeof(*listener));

    if (listener == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory for the proxy");
    }
    listener->fd = listen_on(port);
    if (listener->fd < 0) {
        free(listener);
        return err_set_errno(err, errno == EADDRINUSE ? ST_REFUSED : ST_IO, errno, "port %d", port);
    }
    listener->proxy = proxy;
    listener->port = port;
    listener->from = from_place;
    listener->to = to_place;
    listener->target_port = target_port;
    ev_io_init(&listener->readable, on_accept, listener->fd, EV_READ);
    listener->readable.data = listener;
    ev_io_start(proxy->loop, &listener->readable);
    listener->next = proxy->listeners;
    proxy->listeners = listener;
    return ST_OK;
}

void proxy_apply(struct proxy *proxy, int place_a, int place_b)
{
    struct wan_way *way = wan_way(proxy->wan, place_a, place_b);

    for (struct proxy_connection *at = proxy->connections; at != NULL;) {
        struct proxy_connection *next = at->next;
        if (at->way == way) {
            connection_refresh(at);
        }
        at = next;
    }
    if (way->is_stalled && !ev_is_active(&proxy->sweep)) {
        ev_timer_again(proxy->loop, &proxy->sweep);
    }
}

int proxy_count(const struct proxy *proxy, int place_a, int place_b)
{
    const struct wan_way *way = wan_way(proxy->wan, place_a, place_b);
    int count = 0;

    for (const struct proxy_connection *at = proxy->connections; at != NULL; at = at->next) {
        count += at->way == way ? 1 : 0;
    }
    return count;
}

void proxy_close(struct proxy *proxy)
{
    if (proxy == NULL) {
        return;
    }
    while (proxy->connections != NULL) {
        connection_close(proxy->connections, true);
    }
    while (proxy->listeners != NULL) {
        struct proxy_listener *next = proxy->listeners->next;
        ev_io_stop(proxy->loop, &proxy->listeners->readable);
        close(proxy->listeners->fd);
        free(proxy->listeners);
        proxy->listeners = next;
    }
    for (int from = 0; from < LAB_PLACES_MAX; from++) {
        for (int to = 0; to < LAB_PLACES_MAX; to++) {
            ev_timer_stop(proxy->loop, &proxy->queues[from][to].timer);
        }
    }
    ev_timer_stop(proxy->loop, &proxy->sweep);
    flow_pool_destroy(&proxy->pool);
    free(proxy);
}
