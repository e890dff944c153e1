/*
 * test_conn.c - connect by a context of the nats CLI and see what comes of it.
 *
 * test_conn CONTEXT up|REASON [SECONDS]: 0 when the connection is up, or the reason why it is not
 * holds REASON, within the time (default 15). Used with servers that want users, tokens, nkeys,
 * TLS.
 */
#include "farshore/net/nats_conn.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"
#include "farshore/net/clock.h"
#include "farshore/net/nats_context.h"
#include "farshore/net/nats_lib.h"

struct seen {
    pthread_mutex_t mutex;
    enum conn_state state;
    char reason[256];
};

static void on_state(void *context, const struct nats_conn_report *report)
{
    struct seen *seen = context;
    pthread_mutex_lock(&seen->mutex);
    seen->state = report->state;
    text_copy(seen->reason, sizeof(seen->reason), report->reason);
    printf("state %d url %s reason %s\n", (int)report->state,
           report->url == NULL ? "-" : report->url, report->reason == NULL ? "-" : report->reason);
    pthread_mutex_unlock(&seen->mutex);
}

static void on_message(void *context, size_t subscription, const struct nats_message *message)
{
    (void)context;
    (void)subscription;
    (void)message;
}

static void on_trouble(void *context, enum nats_trouble kind, const char *text, int64_t count)
{
    (void)context;
    (void)count;
    printf("trouble %d %s\n", (int)kind, text);
}

static bool is_reached(struct seen *seen, const char *expected)
{
    pthread_mutex_lock(&seen->mutex);
    bool is_up = strcmp(expected, "up") == 0;
    bool is_reached = is_up ? seen->state == CONN_UP
                            : seen->state != CONN_UP && strstr(seen->reason, expected) != NULL;
    pthread_mutex_unlock(&seen->mutex);
    return is_reached;
}

int main(int argc, char **argv)
{
    struct nats_context context;
    struct err err = {0};
    struct seen seen = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    struct nats_conn *conn = NULL;
    if (argc < 3) {
        return 64;
    }
    if (nats_context_read(&context, argv[1], &err) != ST_OK || nats_lib_open(&err) != ST_OK) {
        printf("%s\n", err.text);
        return strstr(err.text, argv[2]) != NULL ? 0 : 1;
    }
    struct nats_conn_options options = {
        .name = "farshore view",
        .urls = (const char *const *)context.urls,
        .url_count = context.url_count,
        .login = context.login,
        .handler = {&seen, on_state, on_message, on_trouble},
    };
    if (nats_conn_open(&conn, &options, &err) != ST_OK) {
        printf("%s\n", err.text);
        nats_context_destroy(&context);
        (void)nats_lib_close(1000, NULL);
        return strstr(err.text, argv[2]) != NULL ? 0 : 1;
    }
    nats_context_destroy(&context);
    int64_t seconds = argc > 3 ? strtol(argv[3], NULL, 10) : 15;
    int64_t until_ns = clock_mono_ns() + seconds * NS_PER_S;
    while (!is_reached(&seen, argv[2]) && clock_mono_ns() < until_ns) {
        usleep(20000);
    }
    bool is_good = is_reached(&seen, argv[2]);
    int64_t began_ns = clock_mono_ns();
    enum fs_status closed = nats_conn_close(conn, 3000);
    printf("closed %d in %lld ms\n", (int)closed,
           (long long)((clock_mono_ns() - began_ns) / NS_PER_MS));
    (void)nats_lib_close(2000, NULL);
    return is_good && closed == ST_OK ? 0 : 1;
}
