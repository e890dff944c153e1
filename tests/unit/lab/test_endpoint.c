/*
 * test_endpoint.c - the application endpoint and the control canary, over real sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "endpoint.h"

/* The loop runs in a thread of its own; the test is a blocking client. Commands go by ev_async. */
struct world {
    struct ev_loop *loop;
    struct lab_endpoint *endpoint;
    pthread_t thread;
    ev_async command;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool has_command;
    bool should_stop;
    enum lab_endpoint_mode mode;
};

static void on_command(struct ev_loop *loop, ev_async *watcher, int events)
{
    (void)events;
    struct world *world = watcher->data;
    pthread_mutex_lock(&world->mutex);
    if (world->should_stop) {
        ev_break(loop, EVBREAK_ALL);
    } else if (world->has_command) {
        lab_endpoint_set(world->endpoint, world->mode);
        world->has_command = false;
        pthread_cond_broadcast(&world->done);
    }
    pthread_mutex_unlock(&world->mutex);
}

static void *run_loop(void *argument)
{
    struct world *world = argument;
    ev_run(world->loop, 0);
    return NULL;
}

static void open_world(struct world *world, enum lab_endpoint_kind kind)
{
    struct err err = {.status = ST_OK};
    memset(world, 0, sizeof *world);
    pthread_mutex_init(&world->mutex, NULL);
    pthread_cond_init(&world->done, NULL);
    world->loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(world->loop);
    world->endpoint = lab_endpoint_open(world->loop, 0, kind, &err);
    assert_non_null(world->endpoint);
    ev_async_init(&world->command, on_command);
    world->command.data = world;
    ev_async_start(world->loop, &world->command);
    assert_int_equal(pthread_create(&world->thread, NULL, run_loop, world), 0);
}

static void set_mode(struct world *world, enum lab_endpoint_mode mode)
{
    pthread_mutex_lock(&world->mutex);
    world->mode = mode;
    world->has_command = true;
    ev_async_send(world->loop, &world->command);
    while (world->has_command) {
        pthread_cond_wait(&world->done, &world->mutex);
    }
    pthread_mutex_unlock(&world->mutex);
}

static void close_world(struct world *world)
{
    pthread_mutex_lock(&world->mutex);
    world->should_stop = true;
    pthread_mutex_unlock(&world->mutex);
    ev_async_send(world->loop, &world->command);
    pthread_join(world->thread, NULL);
    ev_async_stop(world->loop, &world->command);
    lab_endpoint_close(world->endpoint);
    ev_loop_destroy(world->loop);
    pthread_cond_destroy(&world->done);
    pthread_mutex_destroy(&world->mutex);
}

/* A connected client, or -1 with errno. */
static int dial(int port)
{
    struct timeval limit = {.tv_sec = 10};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        return fd;
    }
    int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

/* Everything until the peer closes; -1 for a reset or a time-out. */
static ssize_t read_all(int fd, char *out, size_t out_bytes)
{
    size_t used = 0;
    for (;;) {
        ssize_t got = recv(fd, out + used, out_bytes - 1 - used, 0);
        if (got < 0) {
            return -1;
        }
        used += (size_t)got;
        out[used] = '\0';
        if (got == 0 || used == out_bytes - 1) {
            return (ssize_t)used;
        }
    }
}

/* One exchange; the reply is in out. */
static void ask(int port, const char *request, size_t count, char *out, size_t out_bytes)
{
    int fd = dial(port);
    assert_true(fd >= 0);
    assert_int_equal(send(fd, request, count, MSG_NOSIGNAL), (ssize_t)count);
    assert_true(read_all(fd, out, out_bytes) > 0);
    close(fd);
}

static void expect_reply(int port, const char *request, const char *status)
{
    char reply[1024];
    ask(port, request, strlen(request), reply, sizeof reply);
    assert_memory_equal(reply, status, strlen(status));
    assert_non_null(strstr(reply, "\r\nConnection: close\r\n"));
}

#define HEALTHZ "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

static void app_answers_200_with_ok(void **state)
{
    (void)state;
    struct world world;
    char reply[1024];
    open_world(&world, LAB_ENDPOINT_APP);
    ask(lab_endpoint_port(world.endpoint), HEALTHZ, strlen(HEALTHZ), reply, sizeof reply);
    assert_memory_equal(reply, "HTTP/1.1 200 OK\r\n", 17);
    assert_non_null(strstr(reply, "\r\nContent-Length: 3\r\n"));
    assert_string_equal(strstr(reply, "\r\n\r\n"), "\r\n\r\nok\n");
    expect_reply(lab_endpoint_port(world.endpoint), "GET /healthz?x=1 HTTP/1.0\n\n",
                 "HTTP/1.1 200");
    close_world(&world);
}

static void app_answers_503_on_demand_and_ok_again(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, LAB_ENDPOINT_APP);
    set_mode(&world, LAB_ENDPOINT_503);
    expect_reply(lab_endpoint_port(world.endpoint), HEALTHZ, "HTTP/1.1 503 ");
    set_mode(&world, LAB_ENDPOINT_OK);
    expect_reply(lab_endpoint_port(world.endpoint), HEALTHZ, "HTTP/1.1 200 ");
    close_world(&world);
}

static void down_refuses_and_comes_back_on_the_same_port(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, LAB_ENDPOINT_APP);
    int port = lab_endpoint_port(world.endpoint);
    set_mode(&world, LAB_ENDPOINT_DOWN);
    assert_int_equal(dial(port), -1);
    assert_int_equal(errno, ECONNREFUSED);
    assert_int_equal(lab_endpoint_port(world.endpoint), port);
    set_mode(&world, LAB_ENDPOINT_DOWN);
    set_mode(&world, LAB_ENDPOINT_OK);
    expect_reply(port, HEALTHZ, "HTTP/1.1 200 ");
    close_world(&world);
}

static void down_closes_open_connections(void **state)
{
    (void)state;
    struct world world;
    char reply[64];
    open_world(&world, LAB_ENDPOINT_APP);
    int fd = dial(lab_endpoint_port(world.endpoint));
    assert_true(fd >= 0);
    set_mode(&world, LAB_ENDPOINT_DOWN);
    assert_true(read_all(fd, reply, sizeof reply) <= 0);
    close(fd);
    close_world(&world);
}

static void a_taken_port_is_taken_back_once_it_is_free(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, LAB_ENDPOINT_APP);
    int port = lab_endpoint_port(world.endpoint);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int thief = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(thief, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    set_mode(&world, LAB_ENDPOINT_DOWN);
    assert_int_equal(bind(thief, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(thief, 1), 0);
    set_mode(&world, LAB_ENDPOINT_OK);
    close(thief);
    int fd = -1;
    for (int i = 0; i < 1000 && fd < 0; i++) {
        fd = dial(port);
        if (fd < 0) {
            usleep(10000);
        }
    }
    assert_true(fd >= 0);
    close(fd);
    close_world(&world);
}

static void wrong_requests_get_their_status(void **state)
{
    (void)state;
    struct world world;
    char big[6000];
    char reply[1024];
    open_world(&world, LAB_ENDPOINT_APP);
    int port = lab_endpoint_port(world.endpoint);
    expect_reply(port, "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ");
    expect_reply(port, "POST /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ");
    expect_reply(port, "nonsense\r\n\r\n", "HTTP/1.1 400 ");
    expect_reply(port, "\n\n", "HTTP/1.1 400 ");
    ask(port, "GET\0/healthz\r\n\r\n", 16, reply, sizeof reply);
    assert_memory_equal(reply, "HTTP/1.1 400 ", 13);
    memset(big, 'a', sizeof big);
    ask(port, big, sizeof big, reply, sizeof reply);
    assert_memory_equal(reply, "HTTP/1.1 431 ", 13);
    close_world(&world);
}

static void a_silent_client_is_closed(void **state)
{
    (void)state;
    struct world world;
    char reply[64];
    open_world(&world, LAB_ENDPOINT_APP);
    int fd = dial(lab_endpoint_port(world.endpoint));
    assert_true(fd >= 0);
    assert_int_equal(send(fd, "GET /he", 7, MSG_NOSIGNAL), 7);
    assert_int_equal(read_all(fd, reply, sizeof reply), 0);
    close(fd);
    close_world(&world);
}

static void more_clients_than_places_are_served_in_turn(void **state)
{
    (void)state;
    struct world world;
    int fds[100];
    open_world(&world, LAB_ENDPOINT_APP);
    int port = lab_endpoint_port(world.endpoint);
    for (size_t i = 0; i < 100; i++) {
        fds[i] = dial(port);
        assert_true(fds[i] >= 0);
    }
    for (size_t i = 0; i < 100; i++) {
        char reply[1024];
        size_t count = strlen(HEALTHZ);
        assert_int_equal(send(fds[i], HEALTHZ, count, MSG_NOSIGNAL), (ssize_t)count);
        assert_true(read_all(fds[i], reply, sizeof reply) > 0);
        assert_memory_equal(reply, "HTTP/1.1 200 ", 13);
        close(fds[i]);
    }
    close_world(&world);
}

static void control_accepts_and_closes_and_can_be_down(void **state)
{
    (void)state;
    struct world world;
    char reply[16];
    open_world(&world, LAB_ENDPOINT_CONTROL);
    int port = lab_endpoint_port(world.endpoint);
    int fd = dial(port);
    assert_true(fd >= 0);
    assert_int_equal(read_all(fd, reply, sizeof reply), 0);
    close(fd);
    set_mode(&world, LAB_ENDPOINT_DOWN);
    assert_int_equal(dial(port), -1);
    set_mode(&world, LAB_ENDPOINT_503);
    fd = dial(port);
    assert_true(fd >= 0);
    close(fd);
    close_world(&world);
}

static void a_port_in_use_is_an_error_with_its_number(void **state)
{
    (void)state;
    struct world world;
    struct err err = {.status = ST_OK};
    char number[16];
    open_world(&world, LAB_ENDPOINT_APP);
    int port = lab_endpoint_port(world.endpoint);
    assert_null(lab_endpoint_open(world.loop, port, LAB_ENDPOINT_APP, &err));
    assert_int_equal(err.status, ST_IO);
    snprintf(number, sizeof number, ":%d", port);
    assert_non_null(strstr(err.text, number));
    lab_endpoint_close(NULL);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(app_answers_200_with_ok),
        cmocka_unit_test(app_answers_503_on_demand_and_ok_again),
        cmocka_unit_test(down_refuses_and_comes_back_on_the_same_port),
        cmocka_unit_test(down_closes_open_connections),
        cmocka_unit_test(a_taken_port_is_taken_back_once_it_is_free),
        cmocka_unit_test(wrong_requests_get_their_status),
        cmocka_unit_test(a_silent_client_is_closed),
        cmocka_unit_test(more_clients_than_places_are_served_in_turn),
        cmocka_unit_test(control_accepts_and_closes_and_can_be_down),
        cmocka_unit_test(a_port_in_use_is_an_error_with_its_number),
    };
    return cmocka_run_group_tests_name("lab/endpoint", tests, NULL, NULL);
}
