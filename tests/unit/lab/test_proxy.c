/*
 * test_proxy.c - real connections through the WAN: nothing lost, nothing reordered, faults as told.
 *
 * One loop drives the proxy; the ends are plain non-blocking sockets that the test fills and drains
 * between turns of the loop. Times are only ever checked from below: late is a slow machine, early
 * is a bug.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "farshore/base/duration.h"
#include "proxy.h"

#define TURNS_MAX 200000

struct fixture {
    struct ev_loop *loop;
    struct wan wan;
    struct proxy *proxy;
    int listen_fd;
    int target_port;
    int port;
    int place; /* what identify answers */
};

static int identify(void *context, int peer_port, int local_port)
{
    const struct fixture *fixture = context;

    (void)peer_port;
    (void)local_port;
    return fixture->place;
}

static int open_listener(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    fixture->listen_fd = open_listener(&fixture->target_port);
    fixture->place = 0;
    fixture->proxy = proxy_open(fixture->loop, &fixture->wan, identify, fixture, NULL);
    int spare = open_listener(&fixture->port); /* a port that was free a moment ago */
    close(spare);
    assert_int_equal(
        proxy_listen(fixture->proxy, fixture->port, PROXY_ASK, 1, fixture->target_port, NULL),
        ST_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    proxy_close(fixture->proxy);
    close(fixture->listen_fd);
    ev_loop_destroy(fixture->loop);
    free(fixture);
    return 0;
}

static void turn(struct fixture *fixture)
{
    ev_run(fixture->loop, EVRUN_NOWAIT);
    (void)usleep(100);
}

static int dial(const struct fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)fixture->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static int await_peer(struct fixture *fixture)
{
    for (int i = 0; i < TURNS_MAX; i++) {
        int fd = accept4(fixture->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            return fd;
        }
        turn(fixture);
    }
    fail_msg("no connection came through");
    return -1;
}

static char pattern(size_t at)
{
    return (char)((at * 131 + (at >> 8)) % 251);
}

/* Send count bytes of the pattern while receiving them; returns how long it took. */
static int64_t carry(struct fixture *fixture, int from, int to, size_t count)
{
    char bytes[65536];
    size_t sent = 0;
    size_t got = 0;
    int64_t start_ns = proxy_mono_ns();

    for (int i = 0; i < TURNS_MAX && got < count; i++) {
        size_t part = count - sent < sizeof(bytes) ? count - sent : sizeof(bytes);
        for (size_t n = 0; n < part; n++) {
            bytes[n] = pattern(sent + n);
        }
        ssize_t done = part > 0 ? send(from, bytes, part, MSG_NOSIGNAL) : 0;
        sent += done > 0 ? (size_t)done : 0;
        turn(fixture);
        while ((done = recv(to, bytes, sizeof(bytes), 0)) > 0) {
            for (ssize_t n = 0; n < done; n++) {
                if (bytes[n] != pattern(got + (size_t)n)) {
                    fail_msg("byte %zu is wrong", got + (size_t)n);
                }
            }
            got += (size_t)done;
        }
    }
    assert_int_equal(got, count);
    return proxy_mono_ns() - start_ns;
}

static void await_end(struct fixture *fixture, int fd)
{
    char byte;

    for (int i = 0; i < TURNS_MAX; i++) {
        ssize_t count = recv(fd, &byte, 1, 0);
        if (count == 0 || (count < 0 && errno != EAGAIN)) {
            return;
        }
        turn(fixture);
    }
    fail_msg("the connection did not end");
}

static void bytes_pass_both_ways_and_ends_are_passed_on(void **state)
{
    struct fixture *fixture = *state;
    int a = dial(fixture);
    int b = await_peer(fixture);

    (void)carry(fixture, a, b, 8 * 1024 * 1024);
    (void)carry(fixture, b, a, 8 * 1024 * 1024);
    assert_int_equal(proxy_count(fixture->proxy, 0, 1), 1);
    assert_int_equal(fixture->wan.ways[0][1].bytes[0], 8 * 1024 * 1024);
    (void)shutdown(a, SHUT_WR);
    await_end(fixture, b);
    (void)carry(fixture, b, a, 1000); /* half closed: the other way still carries */
    close(b);
    await_end(fixture, a);
    assert_int_equal(proxy_count(fixture->proxy, 0, 1), 0);
    close(a);
}

static void a_delay_holds_every_byte_back(void **state)
{
    struct fixture *fixture = *state;
    int a = dial(fixture);
    int b = await_peer(fixture);

    fixture->wan.ways[0][1].delay_ms = 100;
    proxy_apply(fixture->proxy, 1, 0);
    assert_true(carry(fixture, a, b, 10) >= 50 * NS_PER_MS);
    assert_true(carry(fixture, b, a, 3 * 1024 * 1024) >= 50 * NS_PER_MS);
    fixture->wan.ways[0][1].delay_ms = 0;
    proxy_apply(fixture->proxy, 0, 1);
    (void)carry(fixture, a, b, 1024 * 1024);
    close(a);
    await_end(fixture, b);
    close(b);
}

static void a_narrow_way_carries_no_more_than_its_rate(void **state)
{
    struct fixture *fixture = *state;
    int a = dial(fixture);
    int b = await_peer(fixture);

    wan_set_bandwidth(&fixture->wan.ways[0][1], 2000000, proxy_mono_ns());
    proxy_apply(fixture->proxy, 0, 1);
    /* The first burst of 20 ms is saved up; the rest takes its time. */
    assert_true(carry(fixture, a, b, 1000000) >= 470 * NS_PER_MS);
    (void)wan_heal(&fixture->wan.ways[0][1], proxy_mono_ns());
    proxy_apply(fixture->proxy, 0, 1);
    (void)carry(fixture, a, b, 1000000);
    close(a);
    close(b);
}

static size_t drain(int fd)
{
    char bytes[65536];
    size_t total = 0;
    ssize_t count;

    while ((count = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
        total += (size_t)count;
    }
    return total;
}

static void connections_of_a_narrow_way_share_it(void **state)
{
    struct fixture *fixture = *state;
    int a[3];
    int b[3];
    size_t got[3] = {0};
    char bytes[65536] = "";

    for (int i = 0; i < 3; i++) {
        a[i] = dial(fixture);
        b[i] = await_peer(fixture);
    }
    wan_set_bandwidth(&fixture->wan.ways[0][1], 3000000, proxy_mono_ns());
    proxy_apply(fixture->proxy, 0, 1);
    int64_t start_ns = proxy_mono_ns();
    while (got[0] + got[1] + got[2] < 1500000) {
        for (int i = 0; i < 3; i++) {
            (void)!send(a[i], bytes, sizeof(bytes), MSG_NOSIGNAL);
            got[i] += drain(b[i]);
        }
        turn(fixture);
    }
    assert_true(proxy_mono_ns() - start_ns >= 450 * NS_PER_MS);
    for (int i = 0; i < 3; i++) {
        if (got[i] < 250000) {
            fail_msg("shares are %zu, %zu, %zu", got[0], got[1], got[2]);
        }
        close(a[i]);
        close(b[i]);
    }
}

static void a_stall_keeps_everything_and_carries_nothing(void **state)
{
    struct fixture *fixture = *state;
    int a = dial(fixture);
    int b = await_peer(fixture);

    (void)carry(fixture, a, b, 1000);
    fixture->wan.ways[0][1].is_stalled = true;
    proxy_apply(fixture->proxy, 0, 1);
    assert_int_equal(send(a, "hello", 5, MSG_NOSIGNAL), 5);
    int late = dial(fixture); /* accepted, but goes nowhere */
    for (int i = 0; i < 200; i++) {
        turn(fixture);
    }
    assert_int_equal(drain(b), 0);
    assert_int_equal(accept4(fixture->listen_fd, NULL, NULL, SOCK_NONBLOCK), -1);
    assert_int_equal(proxy_count(fixture->proxy, 0, 1), 2);
    assert_int_equal(recv(a, (char[1]){0}, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
    fixture->wan.ways[0][1].is_stalled = false;
    proxy_apply(fixture->proxy, 0, 1);
    int late_peer = await_peer(fixture);
    size_t got = 0;
    for (int i = 0; i < TURNS_MAX && got < 5; i++) {
        got += drain(b);
        turn(fixture);
    }
    assert_int_equal(got, 5);
    (void)carry(fixture, late, late_peer, 1000);
    close(a);
    close(b);
    close(late);
    close(late_peer);
}

static void a_cut_closes_and_refuses(void **state)
{
    struct fixture *fixture = *state;
    int a = dial(fixture);
    int b = await_peer(fixture);

    fixture->wan.ways[0][1].is_cut = true;
    proxy_apply(fixture->proxy, 0, 1);
    await_end(fixture, a);
    await_end(fixture, b);
    int refused = dial(fixture);
    await_end(fixture, refused);
    assert_int_equal(proxy_count(fixture->proxy, 0, 1), 0);
    close(a);
    close(b);
    close(refused);
}

static void a_stranger_and_a_dead_target_are_refused(void **state)
{
    struct fixture *fixture = *state;

    fixture->place = -1;
    int stranger = dial(fixture);
    await_end(fixture, stranger);
    fixture->place = 0;
    close(fixture->listen_fd);
    int orphan = dial(fixture);
    await_end(fixture, orphan);
    assert_int_equal(proxy_count(fixture->proxy, 0, 1), 0);
    fixture->listen_fd = open_listener(&fixture->target_port);
    close(stranger);
    close(orphan);
}

static void a_slow_reader_holds_the_sender_back(void **state)
{
    struct fixture *fixture = *state;
    int a = dial(fixture);
    int b = await_peer(fixture);
    char bytes[65536] = "";
    size_t sent = 0;

    for (int i = 0; i < 3000; i++) {
        ssize_t count = send(a, bytes, sizeof(bytes), MSG_NOSIGNAL);
        sent += count > 0 ? (size_t)count : 0;
        turn(fixture);
    }
    assert_true(sent < 32 * 1024 * 1024); /* the kernel's buffers and our limit, no more */
    close(a);
    close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_pass_both_ways_and_ends_are_passed_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_delay_holds_every_byte_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_narrow_way_carries_no_more_than_its_rate, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(connections_of_a_narrow_way_share_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stall_keeps_everything_and_carries_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_cut_closes_and_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stranger_and_a_dead_target_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_slow_reader_holds_the_sender_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
