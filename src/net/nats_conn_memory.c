/*
 * nats_conn_memory.c - a connection's own copy of its options, and its end.
 *
 * Why:   the caller's options live as long as the call; a connection outlives it, sometimes alone.
 * How:   every text is copied; secrets are overwritten before they are freed.
 * Rules: only the last owner frees: nats_conn_close() or the thread that was left behind.
 * See:   src/net/nats_conn.c
 */
#include "nats_conn_impl.h"

#include <stdlib.h>
#include <string.h>

#include "nats_options.h"

void nats_conn_free(struct nats_conn *conn)
{
    for (size_t i = 0; i < conn->url_count; i++) {
        if (conn->urls[i] != NULL) {
            explicit_bzero(conn->urls[i], strlen(conn->urls[i]));
        }
        free(conn->urls[i]);
    }
    for (size_t i = 0; i < conn->subscription_count; i++) {
        free(conn->subscriptions[i].subject);
    }
    free(conn->urls);
    free(conn->subscriptions);
    free(conn->name);
    nats_login_clear(&conn->login);
    pthread_cond_destroy(&conn->wake);
    pthread_cond_destroy(&conn->done);
    pthread_mutex_destroy(&conn->mutex);
    pthread_mutex_destroy(&conn->report_mutex);
    free(conn);
}

bool nats_conn_copy_options(struct nats_conn *conn, const struct nats_conn_options *options)
{
    bool is_complete = nats_login_copy(&conn->login, &options->login);
    conn->handler = options->handler;
    conn->source = options->source;
    conn->name = strdup(options->name);
    conn->urls = calloc(options->url_count, sizeof(*conn->urls));
    conn->subscriptions = calloc(options->subscription_count + 1, sizeof(*conn->subscriptions));
    if (conn->name == NULL || conn->urls == NULL || conn->subscriptions == NULL) {
        return false;
    }
    for (size_t i = 0; i < options->url_count; i++) {
        conn->urls[conn->url_count++] = strdup(options->urls[i]);
        is_complete = is_complete && conn->urls[i] != NULL;
    }
    for (size_t i = 0; i < options->subscription_count; i++) {
        struct conn_subscription *copy = &conn->subscriptions[conn->subscription_count++];
        copy->conn = conn;
        copy->index = i;
        copy->subject = strdup(options->subscriptions[i].subject);
        copy->max_msgs = options->subscriptions[i].max_msgs;
        copy->max_bytes = options->subscriptions[i].max_bytes;
        is_complete = is_complete && copy->subject != NULL;
    }
    return is_complete;
}

bool nats_conn_init_locks(struct nats_conn *conn)
{
    pthread_condattr_t attributes;
    bool is_good = pthread_condattr_init(&attributes) == 0;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    is_good = pthread_cond_init(&conn->wake, &attributes) == 0 && is_good;
    is_good = pthread_cond_init(&conn->done, &attributes) == 0 && is_good;
    is_good = pthread_mutex_init(&conn->mutex, NULL) == 0 && is_good;
    is_good = pthread_mutex_init(&conn->report_mutex, NULL) == 0 && is_good;
    pthread_condattr_destroy(&attributes);
    return is_good;
}
