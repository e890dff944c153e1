/*
 * nats_conn.h - one NATS connection that is always wanted and never blocks its user.
 *
 * A thread of its own makes the connection (retried for ever), subscribes, publishes what is queued
 * and closes; once connected nats.c reconnects by itself. nats.c holds a connection's lock while it
 * dials, so no call of the library may be made on the loop: this header is the only way.
 *
 * A login that is refused (user, password, creds, nkey, TLS, a file that cannot be read) is tried
 * again after 10 s, 20 s, 40 s and then every 60 s, each time with what its source holds then.
 *
 * Callbacks  run on foreign threads; the user copies what it needs and bridges it (bridge.h). None
 *            is made after nats_conn_close() returned.
 * Secrets    neither reason nor URL ever holds user information.
 * Limits     tls_first (a handshake before INFO) needs nats.c 3.9 and is refused here.
 */
#ifndef FARSHORE_NET_NATS_CONN_H
#define FARSHORE_NET_NATS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/err.h"
#include "farshore/core/names.h"

#define NATS_SUBJECT_BYTES 192 /* longest subject that nats_conn_publish() takes, with its NUL */
#define NATS_BODY_BYTES 512

struct nats_conn;

/* Who we are and how we know them. Absent members are NULL. */
struct nats_login {
    const char *user;
    const char *password;
    const char *token;
    const char *nkey_file;  /* holds a seed (SU…) */
    const char *creds_file; /* JWT and seed */
    const char *ca_file;
    const char *cert_file;
    const char *key_file;
    const char *expected_host; /* in the server's certificate; else the URL's host */
    bool use_tls;              /* also when the URLs do not say tls:// */
    bool tls_first;
};

struct nats_subscription {
    const char *subject;
    int max_msgs; /* waiting in the library for our callback */
    int max_bytes;
};

struct nats_message {
    const char *subject;
    const char *data;
    size_t length;
    int64_t mono_ns; /* when it was handed to us */
};

struct nats_conn_report {
    enum conn_state state;
    const char *url;       /* of the server, when connected; without user information */
    const char *server_id; /* when connected */
    const char *reason;    /* why it is not connected; NULL when it is */
};

enum nats_trouble {
    NATS_TROUBLE_SLOW,       /* a subscription's queue was full: count messages lost so far */
    NATS_TROUBLE_PERMISSION, /* the server refuses a subject; said once a subject by the server */
    NATS_TROUBLE_OTHER,
};

struct nats_conn_handler {
    void *context;
    void (*on_state)(void *context, const struct nats_conn_report *report);
    /* subscription: index in the options. The message is valid during the call. */
    void (*on_message)(void *context, size_t subscription, const struct nats_message *message);
    void (*on_trouble)(void *context, enum nats_trouble kind, const char *text, int64_t count);
};

/*
 * Where a login comes from, so that a changed secret is picked up without a restart. Both run on
 * the connection's thread, may block, and are never called inside each other.
 */
struct nats_login_source {
    void *context; /* outlives the connection, also one that was left behind */
    /* Fill *out anew; its texts are borrowed until forget(). On failure err says why. */
    enum fs_status (*fetch)(void *context, struct nats_login *out, struct err *err);
    void (*forget)(void *context); /* *out was copied: wipe what it points to */
};

struct nats_conn_options {
    const char *name; /* shown by the server's CONNZ */
    const char *const *urls;
    size_t url_count;
    struct nats_login login;         /* for the first attempt */
    struct nats_login_source source; /* after a refused login; fetch NULL: `login` for ever */
    const struct nats_subscription *subscriptions;
    size_t subscription_count;
    struct nats_conn_handler handler;
};

/*
 * Start connecting; returns at once.
 *
 * options  copied, texts too.
 * Returns  ST_OK; ST_INVALID without URL; ST_UNSUPPORTED for tls_first; ST_NO_MEMORY; ST_IO.
 * Thread   any one thread; close from the same.
 */
enum fs_status nats_conn_open(struct nats_conn **out, const struct nats_conn_options *options,
                              struct err *err);

/*
 * Queue a publish with a reply subject (NULL none).
 *
 * Returns  ST_OK; ST_REFUSED when not connected now; ST_FULL when the queue is; ST_INVALID when
 *          too long. A message that waited over 1 s is dropped: nothing old is ever sent.
 */
enum fs_status nats_conn_publish(struct nats_conn *conn, const char *subject, const char *reply,
                                 const char *body);

/* Ask for the end without waiting, so that several connections close at the same time. */
void nats_conn_stop(struct nats_conn *conn);

/*
 * Stop and wait at most wait_ms for the end. A thread that is inside a blocking connect then is
 * left behind: it ends and frees itself without another callback. NULL is fine.
 *
 * Returns  ST_OK; ST_TIMEOUT when it was left behind.
 */
enum fs_status nats_conn_close(struct nats_conn *conn, int wait_ms);

/* Copy url without user information: "nats://u:p@h:4222" is "nats://h:4222". */
void nats_url_strip(char *out, size_t out_bytes, const char *url);

#endif
