/*
 * proxy_connection.c - carry one connection's bytes both ways, late, narrow or not at all.
 *
 * Why:   gateways and the console must meet the WAN's faults on real sockets, byte for byte in
 * order. How:   for each side a flow of what was read there. A readable side fills its flow until
 * the way's limit, then its watcher stops: the sender's own socket fills up, as on a real line.
 * What may leave is written at once; what is early waits for one timer; what finds no bandwidth
 * waits in the direction's queue, served in turn so that no connection starves another. A stall
 * stops every watcher and keeps the sockets open: a black hole. Ends of stream travel like bytes,
 * after them and with the same delay. Rules: a function that may free the connection is the last
 * thing its caller does with it. See:   tests/unit/lab/test_proxy.c
 */
#include "proxy_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "farshore/base/assert.h"
#include "farshore/base/duration.h"

#define READ_BUDGET_BYTES (4 * FLOW_BLOCK_BYTES)
#define QUEUE_QUANTUM_BYTES 16384

enum pump_result {
    PUMP_IDLE,    /* nothing may leave now */
    PUMP_BLOCKED, /* the receiver takes no more */
    PUMP_NARROW,  /* the bandwidth is used up */
    PUMP_DEAF,    /* the receiver is gone */
};

int64_t proxy_mono_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static struct proxy_queue *side_queue(struct proxy_connection *connection, int side)
{
    return side == 0 ? &connection->proxy->queues[connection->from][connection->to]
                     : &connection->proxy->queues[connection->to][connection->from];
}

static int64_t *side_counter(struct proxy_connection *connection, int side)
{
    int direction = side == 0 ? wan_direction(connection->from, connection->to)
                              : wan_direction(connection->to, connection->from);
    return &connection->way->bytes[direction];
}

/* Write at most budget bytes of what may leave. */
static enum pump_result side_pump(struct proxy_connection *connection, int side, int64_t budget)
{
    struct proxy_side *from = &connection->sides[side];
    struct proxy_side *to = &connection->sides[1 - side];
    struct wan_bucket *bucket = side_queue(connection, side)->bucket;
    int64_t now_ns = proxy_mono_ns();

    while (budget > 0) {
        struct iovec iov[FLOW_IOV];
        int64_t allowed = wan_bucket_allow(bucket, budget, now_ns);
        int pieces = flow_ready(&from->flow, now_ns, (size_t)budget, iov);
        if (pieces == 0) {
            return PUMP_IDLE;
        }
        if (allowed <= 0) {
            return PUMP_NARROW;
        }
        pieces = flow_ready(&from->flow, now_ns, (size_t)allowed, iov);
        struct msghdr message = {.msg_iov = iov, .msg_iovlen = (size_t)pieces};
        ssize_t count = sendmsg(to->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno == EAGAIN ? PUMP_BLOCKED : PUMP_DEAF;
        }
        flow_consume(&from->flow, (size_t)count);
        wan_bucket_take(bucket, count);
        *side_counter(connection, side) += count;
        budget -= count;
    }
    return PUMP_NARROW;
}

static void queue_add(struct proxy_connection *connection, int side)
{
    struct proxy_queue *queue = side_queue(connection, side);
    struct proxy_side *waiting = &connection->sides[side];

    if (waiting->is_queued) {
        return;
    }
    waiting->is_queued = true;
    waiting->queue_next = NULL;
    if (queue->last != NULL) {
        /* Both directions of a connection never share a queue: the side follows from the queue. */
        int last_side = side_queue(queue->last, 0) == queue ? 0 : 1;
        queue->last->sides[last_side].queue_next = connection;
    } else {
        queue->first = connection;
    }
    queue->last = connection;
    queue->count++;
    if (!ev_is_active(&queue->timer)) {
        double wait_s = (double)wan_bucket_wait_ns(queue->bucket) / (double)NS_PER_S;
        ev_timer_set(&queue->timer, wait_s, 0.);
        ev_timer_start(connection->proxy->loop, &queue->timer);
    }
}

static void queue_remove(struct proxy_connection *connection, int side)
{
    struct proxy_queue *queue = side_queue(connection, side);
    struct proxy_connection *before = NULL;

    if (!connection->sides[side].is_queued) {
        return;
    }
    for (struct proxy_connection *at = queue->first; at != connection;) {
        before = at;
        at = at->sides[side_queue(at, 0) == queue ? 0 : 1].queue_next;
    }
    struct proxy_connection *after = connection->sides[side].queue_next;
    if (before == NULL) {
        queue->first = after;
    } else {
        before->sides[side_queue(before, 0) == queue ? 0 : 1].queue_next = after;
    }
    if (queue->last == connection) {
        queue->last = before;
    }
    queue->count--;
    connection->sides[side].is_queued = false;
    connection->sides[side].queue_next = NULL;
}

void connection_close(struct proxy_connection *connection, bool is_reset)
{
    struct proxy *proxy = connection->proxy;

    ev_timer_stop(proxy->loop, &connection->timer);
    for (int i = 0; i < 2; i++) {
        struct proxy_side *side = &connection->sides[i];
        queue_remove(connection, i);
        ev_io_stop(proxy->loop, &side->readable);
        ev_io_stop(proxy->loop, &side->writable);
        flow_destroy(&side->flow);
        if (side->fd >= 0) {
            struct linger at_once = {.l_onoff = 1, .l_linger = 0};
            if (is_reset) {
                (void)setsockopt(side->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
            }
            close(side->fd);
        }
    }
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        proxy->connections = connection->next;
    }
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    free(connection);
}

/* Nobody takes what side reads any more. */
static void side_deafen(struct proxy_connection *connection, int side)
{
    struct proxy_side *from = &connection->sides[side];

    queue_remove(connection, side);
    flow_destroy(&from->flow);
    from->is_ended = true;
    from->is_shut = true;
}

static void side_end(struct proxy_connection *connection, int side)
{
    connection->sides[side].is_ended = true;
    connection->sides[side].mono_end_ns = proxy_mono_ns() + wan_one_way_ns(connection->way);
}

/* Carry what may leave and pass an end on when its time has come. */
static void side_forward(struct proxy_connection *connection, int side)
{
    struct proxy_side *from = &connection->sides[side];
    struct proxy_side *to = &connection->sides[1 - side];

    to->is_blocked = false;
    if (side_queue(connection, side)->first != NULL &&
        flow_next_ns(&from->flow) <= proxy_mono_ns()) {
        queue_add(connection, side); /* others wait already: no overtaking */
        return;
    }
    switch (side_pump(connection, side, INT64_C(1) << 30)) {
    case PUMP_IDLE:
        break;
    case PUMP_BLOCKED:
        to->is_blocked = true;
        break;
    case PUMP_NARROW:
        queue_add(connection, side);
        break;
    case PUMP_DEAF:
        side_deafen(connection, side);
        break;
    }
    if (from->is_ended && !from->is_shut && flow_pending(&from->flow) == 0 &&
        proxy_mono_ns() >= from->mono_end_ns) {
        (void)shutdown(to->fd, SHUT_WR);
        from->is_shut = true;
    }
}

static void watch(struct ev_loop *loop, ev_io *watcher, bool is_wanted)
{
    if (is_wanted && !ev_is_active(watcher)) {
        ev_io_start(loop, watcher);
    } else if (!is_wanted && ev_is_active(watcher)) {
        ev_io_stop(loop, watcher);
    }
}

/* When something that waits for time alone comes due; INT64_MAX for never. */
static int64_t side_due_ns(const struct proxy_connection *connection, int side)
{
    const struct proxy_side *from = &connection->sides[side];

    if (connection->sides[1 - side].is_blocked || from->is_queued || from->is_shut) {
        return INT64_MAX;
    }
    if (flow_pending(&from->flow) > 0) {
        return flow_next_ns(&from->flow);
    }
    return from->is_ended ? from->mono_end_ns : INT64_MAX;
}

static void connection_arm(struct proxy_connection *connection)
{
    struct ev_loop *loop = connection->proxy->loop;
    bool is_still = connection->way->is_stalled;
    size_t limit = wan_flow_limit(connection->way);
    int64_t due_ns = INT64_MAX;

    ev_timer_stop(loop, &connection->timer);
    for (int i = 0; i < 2; i++) {
        struct proxy_side *side = &connection->sides[i];
        bool is_open = side->fd >= 0 && !is_still && !connection->is_connecting;
        watch(loop, &side->readable,
              is_open && !side->is_ended && flow_pending(&side->flow) < limit);
        watch(loop, &side->writable,
              (is_open && side->is_blocked) || (i == 1 && !is_still && connection->is_connecting));
        if (is_open) {
            int64_t side_ns = side_due_ns(connection, i);
            due_ns = side_ns < due_ns ? side_ns : due_ns;
        }
    }
    if (due_ns != INT64_MAX) {
        int64_t wait_ns = due_ns - proxy_mono_ns();
        double wait_s = wait_ns > 0 ? (double)wait_ns / (double)NS_PER_S : 0.;
        ev_now_update(loop);
        ev_timer_set(&connection->timer, wait_s, 0.);
        ev_timer_start(loop, &connection->timer);
    }
}

static void connection_dial(struct proxy_connection *connection)
{
    struct proxy_side *side = &connection->sides[1];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)connection->target_port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int bytes = PROXY_RECEIVE_BUFFER_BYTES;

    side->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (side->fd < 0) {
        connection_close(connection, true);
        return;
    }
    (void)setsockopt(side->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(side->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    ev_io_set(&side->readable, side->fd, EV_READ);
    ev_io_set(&side->writable, side->fd, EV_WRITE);
    /* sockaddr_in is one of the forms of sockaddr: the cast is the API. */
    if (connect(side->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        if (errno != EINPROGRESS) {
            connection_close(connection, true);
            return;
        }
        connection->is_connecting = true;
    }
    connection_arm(connection);
}

/* Forward both ways, close what is over, and wait for the rest. May free the connection. */
static void connection_run(struct proxy_connection *connection)
{
    if (connection->way->is_stalled || connection->is_connecting || connection->sides[1].fd < 0) {
        connection_arm(connection);
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (!connection->sides[i].is_queued) {
            side_forward(connection, i);
        }
    }
    if (connection->sides[0].is_shut && connection->sides[1].is_shut) {
        connection_close(connection, false);
        return;
    }
    connection_arm(connection);
}

/* Read until the sender has no more, the flow is full or the turn is over. */
static void side_read(struct proxy_connection *connection, int side)
{
    struct proxy_side *from = &connection->sides[side];
    size_t limit = wan_flow_limit(connection->way);
    size_t budget = READ_BUDGET_BYTES;

    while (budget > 0 && flow_pending(&from->flow) < limit && !from->is_ended) {
        struct iovec iov[FLOW_IOV];
        int pieces = flow_space(&from->flow, budget, iov);
        ssize_t count = pieces > 0 ? readv(from->fd, iov, pieces) : 0;
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        if (count <= 0 || !flow_commit(&from->flow, (size_t)count, proxy_mono_ns(),
                                       wan_one_way_ns(connection->way))) {
            side_end(connection, side);
            return;
        }
        budget -= (size_t)count < budget ? (size_t)count : budget;
        if ((size_t)count < iov[0].iov_len) {
            return; /* the socket is empty; the watcher tells when it is not */
        }
        if (wan_is_plain(connection->way)) {
            side_forward(connection, side); /* keeps the block warm and the flow short */
        }
    }
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct proxy_side *side = watcher->data;
    struct proxy_connection *connection = side->connection;

    (void)loop;
    (void)events;
    side_read(connection, side == &connection->sides[0] ? 0 : 1);
    connection_run(connection);
}

static void on_writable(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct proxy_side *side = watcher->data;
    struct proxy_connection *connection = side->connection;
    int cause = 0;
    socklen_t length = sizeof(cause);

    (void)loop;
    (void)events;
    if (connection->is_connecting && side == &connection->sides[1]) {
        if (getsockopt(side->fd, SOL_SOCKET, SO_ERROR, &cause, &length) != 0 || cause != 0) {
            connection_close(connection, true); /* nobody listens there: said as a reset */
            return;
        }
        connection->is_connecting = false;
    }
    connection_run(connection);
}

static void on_due(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    connection_run(timer->data);
}

void connection_open(struct proxy *proxy, int fd, int from, int to, int target_port)
{
    struct proxy_connection *connection = calloc(1, sizeof(*connection));
    int on = 1;

    if (connection == NULL) {
        close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connection->proxy = proxy;
    connection->from = from;
    connection->to = to;
    connection->target_port = target_port;
    connection->way = wan_way(proxy->wan, from, to);
    ev_timer_init(&connection->timer, on_due, 0., 0.);
    connection->timer.data = connection;
    for (int i = 0; i < 2; i++) {
        struct proxy_side *side = &connection->sides[i];
        side->connection = connection;
        side->fd = i == 0 ? fd : -1;
        flow_init(&side->flow, &proxy->pool);
        ev_io_init(&side->readable, on_readable, side->fd, EV_READ);
        ev_io_init(&side->writable, on_writable, side->fd, EV_WRITE);
        side->readable.data = side;
        side->writable.data = side;
    }
    connection->next = proxy->connections;
    if (connection->next != NULL) {
        connection->next->previous = connection;
    }
    proxy->connections = connection;
    if (!connection->way->is_stalled) {
        connection_dial(connection);
    }
}

void connection_refresh(struct proxy_connection *connection)
{
    if (connection->way->is_cut) {
        connection_close(connection, true);
        return;
    }
    for (int i = 0; i < 2; i++) {
        queue_remove(connection, i);
    }
    if (!connection->way->is_stalled && connection->sides[1].fd < 0) {
        connection_dial(connection);
        return;
    }
    connection_run(connection);
}

static bool has_hung_up(int fd)
{
    struct pollfd asked = {.fd = fd, .events = POLLRDHUP};

    return poll(&asked, 1, 0) > 0;
}

void connection_sweep(struct proxy_connection *connection)
{
    if (!connection->way->is_stalled || !has_hung_up(connection->sides[0].fd)) {
        return;
    }
    if (connection->sides[1].fd < 0 || has_hung_up(connection->sides[1].fd)) {
        connection_close(connection, false);
    }
}

void queue_serve(struct proxy_queue *queue)
{
    int turns = queue->count;

    /* Each in turn takes a share; who still has bytes goes to the end for the next time. */
    while (turns-- > 0 && queue->first != NULL) {
        struct proxy_connection *connection = queue->first;
        int side = side_queue(connection, 0) == queue ? 0 : 1;
        int64_t now_ns = proxy_mono_ns();
        int64_t share = wan_bucket_allow(queue->bucket, INT64_MAX / 2, now_ns) / (turns + 1);
        if (wan_bucket_wait_ns(queue->bucket) > 0) {
            break; /* crumbs are no turn: who is first stays first for the next time */
        }
        queue_remove(connection, side);
        if (share < QUEUE_QUANTUM_BYTES) {
            share = QUEUE_QUANTUM_BYTES; /* whole packets; the turn order evens it out */
        }
        enum pump_result result = side_pump(connection, side, share);
        if (result == PUMP_NARROW) {
            queue_add(connection, side);
            connection_arm(connection);
        } else {
            connection_run(connection);
        }
    }
    if (queue->first != NULL && !ev_is_active(&queue->timer)) {
        double wait_s = (double)wan_bucket_wait_ns(queue->bucket) / (double)NS_PER_S;
        ev_timer_set(&queue->timer, wait_s, 0.);
        ev_timer_start(queue->proxy->loop, &queue->timer);
    }
}
