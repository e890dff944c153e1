/*
 * test_logins.c - a login is handed on once, and its place may be filled again at once.
 */
#include "cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ev.h>

#include "farshore/net/bridge.h"
#include "logins.h"

static char password_path[] = "/tmp/farshore-test-XXXXXX";

static void write_password(const char *text)
{
    FILE *file = fopen(password_path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(password_path); /* 0600 */
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(password_path);
}

/* What a connection does whose first attempt was refused: it fetches on its own thread. */
struct connection {
    struct ev_loop *loop;
    struct nats_login_source source;
    pthread_t thread;
    struct nats_login fetched;
    enum fs_status status;
    struct err err;
    char first[32];
    int done_count;
};

static void *fetch_at_once(void *context)
{
    struct connection *connection = context;
    connection->status = connection->source.fetch(connection->source.context, &connection->fetched,
                                                  &connection->err);
    return NULL;
}

static void on_login(void *context, const struct login *login,
                     const struct nats_login_source *source)
{
    struct connection *connection = context;
    connection->done_count++;
    assert_int_equal(login->status, ST_OK);
    snprintf(connection->first, sizeof(connection->first), "%s", login->login.password);
    write_password("changed");
    connection->source = *source;
    assert_int_equal(pthread_create(&connection->thread, NULL, fetch_at_once, connection), 0);
    assert_string_equal(login->login.password, "first"); /* still ours until we return */
    ev_break(connection->loop, EVBREAK_ONE);
}

static void what_a_connection_fetches_at_once_is_not_wiped(void **state)
{
    (void)state;
    struct connection connection = {.loop = ev_loop_new(EVFLAG_AUTO)};
    struct err err = {0};
    const char *url = "nats://127.0.0.1:1";
    struct config_region region = {.name = "rg1"};
    region.nats.urls.rows = &url;
    region.nats.urls.count = 1;
    region.nats.view.place.line = 1;
    region.nats.view.password.source = SECRET_FILE;
    region.nats.view.password.text = password_path;
    struct config config = {0};
    config.regions.rows = &region;
    config.regions.count = 1;
    struct bridge *bridge = NULL;
    struct logins *logins = NULL;
    struct bridge_options to = {.loop = connection.loop};
    write_password("first");
    assert_int_equal(bridge_open(&bridge, &to, &err), ST_OK);
    struct logins_options options = {.loop = connection.loop,
                                     .bridge = bridge,
                                     .config = &config,
                                     .done = on_login,
                                     .context = &connection};
    assert_int_equal(logins_start(&logins, &options, &err), ST_OK);
    ev_run(connection.loop, 0);
    assert_int_equal(pthread_join(connection.thread, NULL), 0);
    assert_int_equal(connection.done_count, 1);
    assert_string_equal(connection.first, "first");
    assert_int_equal(connection.status, ST_OK);
    assert_string_equal(connection.fetched.password, "changed");
    connection.source.forget(connection.source.context);
    bridge_stop(bridge);
    logins_stop(logins);
    logins_close(logins);
    bridge_close(bridge);
    ev_loop_destroy(connection.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_connection_fetches_at_once_is_not_wiped),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
