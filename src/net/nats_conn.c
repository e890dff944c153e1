/*
 * nats_conn.c - one NATS connection, owned by a thread of its own.
 *
 * Why:   nats.c's first connect blocks, and while it dials again it holds the lock that every call
 *        on the connection takes. The loop can therefore make none.
 * How:   the owner thread connects, subscribes, publishes from a small queue, and tears down.
 *        nats.c's callbacks report through the same handler; report_mutex keeps reports in order.
 * Rules: handler calls stop before nats_conn_close() returns. Locks: report_mutex before mutex.
 * See:   src/net/nats_options.c; docs/ARCHITECTURE.md "Threads"
 */
#include "farshore/net/nats_conn.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nats/nats.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"
#include "farshore/net/clock.h"
#include "farshore/net/worker.h"
#include "nats_conn_impl.h"
#include "nats_options.h"
#include "nats_reason.h"

#define QUEUE_AGE_NS NS_PER_S
#define RETRY_NS NS_PER_S
#define LOGIN_RETRY_NS (10 * NS_PER_S) /* doubled by each refusal */
#define LOGIN_RETRY_MOST_NS (60 * NS_PER_S)
#define TEARDOWN_NS (2 * NS_PER_S)
#define URL_BYTES 256
#define ID_BYTES 128
#define REASON_BYTES 256

static void deadline_after(struct timespec *out, int64_t ns)
{
    int64_t until_ns = clock_mono_ns() + ns;
    out->tv_sec = (time_t)(until_ns / NS_PER_S);
    out->tv_nsec = (long)(until_ns % NS_PER_S);
}

/* ---- reports ---- */

/* Under report_mutex. */
static void report(struct nats_conn *conn, enum conn_state state, const char *url,
                   const char *server_id, const char *reason)
{
    atomic_store(&conn->is_up, state == CONN_UP);
    if (atomic_load(&conn->is_stopping)) {
        return;
    }
    struct nats_conn_report told = {
        .state = state, .url = url, .server_id = server_id, .reason = reason};
    conn->handler.on_state(conn->handler.context, &told);
}

static void report_up(struct nats_conn *conn, natsConnection *handle)
{
    char url[URL_BYTES] = "";
    char shown[URL_BYTES] = "";
    char id[ID_BYTES] = "";
    if (natsConnection_GetConnectedUrl(handle, url, sizeof(url)) != NATS_OK ||
        natsConnection_GetConnectedServerId(handle, id, sizeof(id)) != NATS_OK) {
        return; /* lost again; its callback reports */
    }
    nats_url_strip(shown, sizeof(shown), url);
    explicit_bzero(url, sizeof(url));
    text_clean(id, sizeof(id), id, strlen(id));
    conn->was_up = true;
    report(conn, CONN_UP, shown, id, NULL);
}

static void report_down(struct nats_conn *conn, const char *reason)
{
    char clean[REASON_BYTES];
    char text[REASON_BYTES];
    nats_reason_copy(text, sizeof(text), reason);
    text_clean(clean, sizeof(clean), text, strlen(text));
    report(conn, conn->was_up ? CONN_LOST : CONN_CONNECTING, NULL, NULL, clean);
}

/* ---- nats.c's callbacks, on its threads ---- */

static void on_disconnected(natsConnection *handle, void *closure)
{
    struct nats_conn *conn = closure;
    const char *shared = NULL; /* the connection's own, which its threads overwrite: not read */
    natsStatus status = natsConnection_GetLastError(handle, &shared);
    pthread_mutex_lock(&conn->report_mutex);
    conn->losses++;
    report_down(conn, status == NATS_OK ? "connection lost" : natsStatus_GetText(status));
    pthread_mutex_unlock(&conn->report_mutex);
}

static void on_reconnected(natsConnection *handle, void *closure)
{
    struct nats_conn *conn = closure;
    pthread_mutex_lock(&conn->report_mutex);
    report_up(conn, handle);
    pthread_mutex_unlock(&conn->report_mutex);
}

static void on_closed(natsConnection *handle, void *closure)
{
    (void)handle;
    struct nats_conn *conn = closure;
    pthread_mutex_lock(&conn->mutex);
    conn->is_closed = true;
    pthread_cond_broadcast(&conn->wake);
    pthread_mutex_unlock(&conn->mutex);
}

static void on_error(natsConnection *handle, natsSubscription *subscription, natsStatus status,
                     void *closure)
{
    (void)handle;
    struct nats_conn *conn = closure;
    char clean[REASON_BYTES];
    const char *text = NULL;
    int64_t count = 0;
    enum nats_trouble kind = NATS_TROUBLE_OTHER;
    if (atomic_load(&conn->is_stopping)) {
        return;
    }
    if (status == NATS_SLOW_CONSUMER && subscription != NULL) {
        kind = NATS_TROUBLE_SLOW;
        (void)natsSubscription_GetDropped(subscription, &count);
    } else if (status == NATS_NOT_PERMITTED) {
        kind = NATS_TROUBLE_PERMISSION;
        natsStatus last = NATS_OK;
        text = nats_GetLastError(&last); /* this thread's, for this call; not the connection's */
    }
    if (text == NULL || text[0] == '\0') {
        text = natsStatus_GetText(status);
    }
    text_clean(clean, sizeof(clean), text, strlen(text));
    conn->handler.on_trouble(conn->handler.context, kind, clean, count);
}

static void on_message(natsConnection *handle, natsSubscription *subscription, natsMsg *msg,
                       void *closure)
{
    (void)handle;
    (void)subscription;
    struct conn_subscription *own = closure;
    struct nats_conn *conn = own->conn;
    if (!atomic_load(&conn->is_stopping)) {
        struct nats_message message = {
            .subject = natsMsg_GetSubject(msg),
            .data = natsMsg_GetData(msg),
            .length = (size_t)natsMsg_GetDataLength(msg),
            .mono_ns = clock_mono_ns(),
        };
        conn->handler.on_message(conn->handler.context, own->index, &message);
    }
    natsMsg_Destroy(msg);
}

static void on_complete(void *closure)
{
    struct conn_subscription *own = closure;
    struct nats_conn *conn = own->conn;
    pthread_mutex_lock(&conn->mutex);
    conn->open_subscriptions--;
    pthread_cond_broadcast(&conn->wake);
    pthread_mutex_unlock(&conn->mutex);
}

/* ---- the owner thread ---- */

static natsStatus set_callbacks(natsOptions *options, struct nats_conn *conn)
{
    natsStatus status = natsOptions_SetDisconnectedCB(options, on_disconnected, conn);
    if (status == NATS_OK) {
        status = natsOptions_SetReconnectedCB(options, on_reconnected, conn);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetClosedCB(options, on_closed, conn);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetErrorHandler(options, on_error, conn);
    }
    return status;
}

static natsStatus subscribe(struct nats_conn *conn)
{
    for (size_t i = 0; i < conn->subscription_count; i++) {
        struct conn_subscription *own = &conn->subscriptions[i];
        natsStatus status =
            natsConnection_Subscribe(&own->handle, conn->handle, own->subject, on_message, own);
        if (status != NATS_OK) {
            return status;
        }
        pthread_mutex_lock(&conn->mutex);
        conn->open_subscriptions++;
        pthread_mutex_unlock(&conn->mutex);
        status = natsSubscription_SetOnCompleteCB(own->handle, on_complete, own);
        if (status == NATS_OK) {
            status = natsSubscription_SetPendingLimits(own->handle, own->max_msgs, own->max_bytes);
        }
        if (status != NATS_OK) {
            return status;
        }
    }
    return NATS_OK;
}

/* Wait for what nats.c still runs, then free its objects; leaves them alone when it hangs. */
static void tear_down(struct nats_conn *conn)
{
    struct timespec until;
    deadline_after(&until, TEARDOWN_NS);
    atomic_store(&conn->is_up, false);
    if (conn->handle == NULL) {
        return;
    }
    natsConnection_Close(conn->handle);
    pthread_mutex_lock(&conn->mutex);
    int timed_out = 0;
    while (timed_out == 0 && (!conn->is_closed || conn->open_subscriptions > 0)) {
        timed_out = pthread_cond_timedwait(&conn->wake, &conn->mutex, &until);
    }
    conn->queue_count = 0;
    pthread_mutex_unlock(&conn->mutex);
    for (size_t i = 0; timed_out == 0 && i < conn->subscription_count; i++) {
        natsSubscription_Destroy(conn->subscriptions[i].handle);
        conn->subscriptions[i].handle = NULL;
    }
    if (timed_out == 0) {
        natsConnection_Destroy(conn->handle);
    }
    conn->handle = NULL;
}

/* Refused by the server or by us: no haste helps, somebody has to change something. */
static bool is_login_refused(natsStatus status)
{
    return status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED ||
           status == NATS_SSL_ERROR || status == NATS_SECURE_CONNECTION_REQUIRED ||
           status == NATS_SECURE_CONNECTION_WANTED;
}

/* How long to wait after one more refusal. */
static int64_t refused(struct nats_conn *conn)
{
    int64_t wait_ns = LOGIN_RETRY_NS << (conn->refusals < 3 ? conn->refusals : 3);
    conn->refusals++;
    conn->is_login_old = true;
    return wait_ns < LOGIN_RETRY_MOST_NS ? wait_ns : LOGIN_RETRY_MOST_NS;
}

/* Take the login that the source holds now; the old one stays when it has none. */
static enum fs_status renew_login(struct nats_conn *conn, struct err *err)
{
    struct nats_login borrowed = {0};
    struct nats_login fresh = {0};
    if (!conn->is_login_old || conn->source.fetch == NULL) {
        return ST_OK;
    }
    enum fs_status status = conn->source.fetch(conn->source.context, &borrowed, err);
    if (status == ST_OK && !nats_login_copy(&fresh, &borrowed)) {
        status = err_set(err, ST_NO_MEMORY, "no memory");
    }
    conn->source.forget(conn->source.context);
    if (status != ST_OK) {
        nats_login_clear(&fresh);
        return status;
    }
    nats_login_clear(&conn->login);
    conn->login = fresh;
    conn->is_login_old = false;
    return ST_OK;
}

/* One attempt. Returns how long to wait before the next one, 0 when connected. */
static int64_t connect_once(struct nats_conn *conn, struct err *err)
{
    natsOptions *options = NULL;
    if (renew_login(conn, err) != ST_OK ||
        nats_options_make(&options, conn->name, (const char *const *)conn->urls, conn->url_count,
                          &conn->login, err) != ST_OK) {
        return refused(conn); /* a file that is missing or wrong */
    }
    pthread_mutex_lock(&conn->mutex);
    conn->is_closed = false;
    pthread_mutex_unlock(&conn->mutex);
    conn->losses = 0;
    natsStatus status = set_callbacks(options, conn);
    if (status == NATS_OK) {
        status = natsConnection_Connect(&conn->handle, options);
    }
    natsOptions_Destroy(options);
    if (status == NATS_OK) {
        status = subscribe(conn);
        if (status == NATS_OK) {
            conn->refusals = 0;
            return 0;
        }
    }
    natsStatus last = NATS_OK;
    const char *text = status == NATS_NO_SERVER ? NULL : nats_GetLastError(&last);
    err_set(err, ST_REFUSED, "%s",
            text != NULL && text[0] != '\0' ? text : natsStatus_GetText(status));
    tear_down(conn);
    return is_login_refused(status) ? refused(conn) : RETRY_NS;
}

static void wait_before_retry(struct nats_conn *conn, int64_t wait_ns)
{
    struct timespec until;
    deadline_after(&until, wait_ns);
    pthread_mutex_lock(&conn->mutex);
    while (!atomic_load(&conn->is_stopping) &&
           pthread_cond_timedwait(&conn->wake, &conn->mutex, &until) == 0) {
    }
    pthread_mutex_unlock(&conn->mutex);
}

static bool take_publish(struct nats_conn *conn, struct publish *out)
{
    pthread_mutex_lock(&conn->mutex);
    while (conn->queue_count == 0 && !conn->is_closed && !atomic_load(&conn->is_stopping)) {
        pthread_cond_wait(&conn->wake, &conn->mutex);
    }
    bool is_serving = !conn->is_closed && !atomic_load(&conn->is_stopping);
    if (is_serving) {
        *out = conn->queue[conn->queue_first];
        conn->queue_first = (conn->queue_first + 1) % QUEUE_LENGTH;
        conn->queue_count--;
    }
    pthread_mutex_unlock(&conn->mutex);
    return is_serving;
}

/* Publish until the connection closes for good or we are to stop. */
static void serve(struct nats_conn *conn)
{
    struct publish next;
    while (take_publish(conn, &next)) {
        if (!atomic_load(&conn->is_up) || clock_mono_ns() - next.queued_ns > QUEUE_AGE_NS) {
            continue;
        }
        int length = (int)strlen(next.body);
        if (next.has_reply) {
            (void)natsConnection_PublishRequest(conn->handle, next.subject, next.reply, next.body,
                                                length);
        } else {
            (void)natsConnection_Publish(conn->handle, next.subject, next.body, length);
        }
    }
}

static void finish(struct nats_conn *conn)
{
    nats_ReleaseThreadMemory();
    pthread_mutex_lock(&conn->mutex);
    bool is_orphan = conn->is_orphan;
    conn->is_done = true;
    pthread_cond_broadcast(&conn->done);
    pthread_mutex_unlock(&conn->mutex);
    if (is_orphan) {
        nats_conn_free(conn);
    }
}

static void *own(void *context)
{
    struct nats_conn *conn = context;
    pthread_mutex_lock(&conn->report_mutex);
    report(conn, CONN_CONNECTING, NULL, NULL, NULL);
    pthread_mutex_unlock(&conn->report_mutex);
    while (!atomic_load(&conn->is_stopping)) {
        struct err err = {0};
        int64_t wait_ns = connect_once(conn, &err);
        pthread_mutex_lock(&conn->report_mutex);
        if (wait_ns == 0 && conn->losses == 0) {
            report_up(conn, conn->handle);
        } else if (wait_ns != 0) {
            report_down(conn, err.text);
        }
        pthread_mutex_unlock(&conn->report_mutex);
        if (wait_ns == 0) {
            serve(conn);
            tear_down(conn);
            wait_ns = RETRY_NS;
            conn->is_login_old = true; /* nats.c gives up when a login is refused again */
        }
        wait_before_retry(conn, wait_ns);
    }
    finish(conn);
    return NULL;
}

/* ---- public ---- */

enum fs_status nats_conn_open(struct nats_conn **out, const struct nats_conn_options *options,
                              struct err *err)
{
    if (options->url_count == 0) {
        return err_set(err, ST_INVALID, "a NATS connection needs a URL");
    }
    if (options->login.tls_first) {
        return err_set(err, ST_UNSUPPORTED,
                       "tls_first needs nats.c 3.9; this program is built with %s",
                       nats_GetVersion());
    }
    struct nats_conn *conn = calloc(1, sizeof(*conn));
    if (conn == NULL) {
        return err_set(err, ST_NO_MEMORY, "NATS connection: no memory");
    }
    bool is_good = nats_conn_init_locks(conn);
    if (!nats_conn_copy_options(conn, options) || !is_good) {
        nats_conn_free(conn);
        return err_set(err, ST_NO_MEMORY, "NATS connection: no memory");
    }
    enum fs_status status = thread_start(&conn->thread, own, conn, err);
    if (status != ST_OK) {
        nats_conn_free(conn);
        return status;
    }
    *out = conn;
    return ST_OK;
}

enum fs_status nats_conn_publish(struct nats_conn *conn, const char *subject, const char *reply,
                                 const char *body)
{
    if (strlen(subject) >= NATS_SUBJECT_BYTES || strlen(body) >= NATS_BODY_BYTES ||
        (reply != NULL && strlen(reply) >= NATS_SUBJECT_BYTES)) {
        return ST_INVALID;
    }
    if (!atomic_load(&conn->is_up)) {
        return ST_REFUSED;
    }
    pthread_mutex_lock(&conn->mutex);
    bool is_full = conn->queue_count == QUEUE_LENGTH;
    if (!is_full) {
        struct publish *next =
            &conn->queue[(conn->queue_first + conn->queue_count++) % QUEUE_LENGTH];
        next->queued_ns = clock_mono_ns();
        next->has_reply = reply != NULL;
        text_copy(next->subject, sizeof(next->subject), subject);
        text_copy(next->reply, sizeof(next->reply), reply);
        text_copy(next->body, sizeof(next->body), body);
        pthread_cond_broadcast(&conn->wake);
    }
    pthread_mutex_unlock(&conn->mutex);
    return is_full ? ST_FULL : ST_OK;
}

void nats_conn_stop(struct nats_conn *conn)
{
    pthread_mutex_lock(&conn->mutex);
    atomic_store(&conn->is_stopping, true);
    pthread_cond_broadcast(&conn->wake);
    pthread_mutex_unlock(&conn->mutex);
}

enum fs_status nats_conn_close(struct nats_conn *conn, int wait_ms)
{
    if (conn == NULL) {
        return ST_OK;
    }
    struct timespec until;
    nats_conn_stop(conn);
    deadline_after(&until, wait_ms * NS_PER_MS);
    pthread_mutex_lock(&conn->mutex);
    while (!conn->is_done && pthread_cond_timedwait(&conn->done, &conn->mutex, &until) == 0) {
    }
    bool is_done = conn->is_done;
    pthread_t thread = conn->thread; /* an orphan may free conn as soon as the mutex is open */
    conn->is_orphan = !is_done;
    pthread_mutex_unlock(&conn->mutex);
    if (!is_done) {
        pthread_detach(thread);
        return ST_TIMEOUT;
    }
    pthread_join(thread, NULL);
    nats_conn_free(conn);
    return ST_OK;
}
