/*
 * nats_conn_impl.h - what a connection holds. Private to net.
 */
#ifndef FARSHORE_SRC_NET_NATS_CONN_IMPL_H
#define FARSHORE_SRC_NET_NATS_CONN_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <nats/nats.h>

#include "farshore/net/nats_conn.h"

#define QUEUE_LENGTH 32

struct publish {
    int64_t queued_ns;
    bool has_reply;
    char subject[NATS_SUBJECT_BYTES];
    char reply[NATS_SUBJECT_BYTES];
    char body[NATS_BODY_BYTES];
};

struct conn_subscription {
    struct nats_conn *conn;
    size_t index;
    char *subject;
    int max_msgs;
    int max_bytes;
    natsSubscription *handle;
};

struct nats_conn {
    char *name;
    char **urls;
    size_t url_count;
    struct nats_login login;         /* owner thread, once it runs */
    struct nats_login_source source; /* of the next one */
    unsigned refusals;               /* owner thread: logins refused in a row */
    bool is_login_old;               /* owner thread: fetch it before the next attempt */
    struct conn_subscription *subscriptions;
    size_t subscription_count;
    struct nats_conn_handler handler;

    pthread_t thread;
    natsConnection *handle; /* owner thread */
    atomic_bool is_stopping;
    atomic_bool is_up;

    pthread_mutex_t report_mutex; /* guards the next two and orders reports */
    unsigned losses;              /* of the present handle */
    bool was_up;

    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t wake;   /* the owner: something queued, closed, stopping */
    pthread_cond_t done;
    struct publish queue[QUEUE_LENGTH];
    unsigned queue_first;
    unsigned queue_count;
    size_t open_subscriptions; /* whose last callback has not run yet */
    bool is_closed;            /* nats.c gave the connection up, or we closed it */
    bool is_done;
    bool is_orphan;
};

/* nats_conn_memory.c: a zeroed struct's parts; free also takes one that is half made. */
bool nats_conn_init_locks(struct nats_conn *conn);
bool nats_conn_copy_options(struct nats_conn *conn, const struct nats_conn_options *options);
void nats_conn_free(struct nats_conn *conn);

#endif
