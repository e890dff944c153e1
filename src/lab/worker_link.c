/*
 * worker_link.c - one thread that owns one connection to a list of servers.
 *
 * Why:   natsConnection_Connect() blocks for seconds a server, and a connection that is refused
 * twice for its credentials is closed for good; the workload must outlive both. How:   the thread
 * connects, publishes the connection under a mutex, sleeps until it is closed or the link is
 * stopped, waits until nobody borrows it, destroys it, and begins again. Rules: nats.c is never
 * called with the mutex held, because its callbacks take the mutex. See:   facts of nats.c 3.4.1:
 * the reconnect buffer is 8 MB unless it is made small; the default ping interval of 2 minutes
 * would keep a connection to a frozen server for 4.
 */
#include "worker_link.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define URLS_MAX 64
#define CONNECT_TIMEOUT_MS 2000
#define RECONNECT_WAIT_MS 250
#define RECONNECT_JITTER_MS 50
#define RECONNECT_BUFFER_BYTES 1 /* 0 would be the default of 8 MB */
#define PING_INTERVAL_MS 2000
#define PINGS_OUT_MAX 2
#define WRITE_DEADLINE_MS 500
#define CONNECT_PAUSE_MS 250
#define JOIN_PAUSE_NS 1000000

struct worker_link {
    const char *name;
    const char *urls;
    const char *user;
    const char *password;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    natsConnection *nc; /* NULL while there is none to borrow */
    uint64_t generation;
    int borrowers;
    bool is_closed; /* nats.c gave the present connection up */
    bool should_stop;
};

/* Split urls in place into at most URLS_MAX texts. */
static int split_urls(char *urls, const char **out)
{
    int count = 0;
    char *rest = NULL;
    for (char *url = strtok_r(urls, ", ", &rest); url != NULL && count < URLS_MAX;
         url = strtok_r(NULL, ", ", &rest)) {
        out[count++] = url;
    }
    return count;
}

static natsStatus set_options(natsOptions *options, const char *name, const char *user,
                              const char *password, natsConnectionHandler closed, void *closure)
{
    const natsStatus all[] = {
        natsOptions_SetName(options, name),
        natsOptions_SetUserInfo(options, user, password),
        natsOptions_SetNoRandomize(options, true),
        natsOptions_SetIgnoreDiscoveredServers(options, true),
        natsOptions_SetTimeout(options, CONNECT_TIMEOUT_MS),
        natsOptions_SetMaxReconnect(options, -1),
        natsOptions_SetReconnectWait(options, RECONNECT_WAIT_MS),
        natsOptions_SetReconnectJitter(options, RECONNECT_JITTER_MS, RECONNECT_JITTER_MS),
        natsOptions_SetReconnectBufSize(options, RECONNECT_BUFFER_BYTES),
        natsOptions_SetFailRequestsOnDisconnect(options, true),
        natsOptions_SetPingInterval(options, PING_INTERVAL_MS),
        natsOptions_SetMaxPingsOut(options, PINGS_OUT_MAX),
        natsOptions_SetWriteDeadline(options, WRITE_DEADLINE_MS),
        closed == NULL ? NATS_OK : natsOptions_SetClosedCB(options, closed, closure),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] != NATS_OK) {
            return all[i];
        }
    }
    return NATS_OK;
}

natsStatus worker_link_connect(natsConnection **out, const char *name, const char *urls,
                               const char *user, const char *password, natsConnectionHandler closed,
                               void *closure)
{
    natsOptions *options = NULL;
    const char *list[URLS_MAX];
    char *copy = strdup(urls);
    natsStatus status = copy == NULL ? NATS_NO_MEMORY : natsOptions_Create(&options);
    if (status == NATS_OK) {
        int count = split_urls(copy, list);
        status = count == 0 ? NATS_INVALID_ARG : natsOptions_SetServers(options, list, count);
    }
    if (status == NATS_OK) {
        status = set_options(options, name, user, password, closed, closure);
    }
    if (status == NATS_OK) {
        status = natsConnection_Connect(out, options);
    }
    natsOptions_Destroy(options);
    free(copy);
    return status;
}

static void on_closed(natsConnection *nc, void *closure)
{
    (void)nc;
    struct worker_link *link = closure;
    pthread_mutex_lock(&link->mutex);
    link->is_closed = true;
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
}

/* Sleep under the mutex until something changes, or at most ms. */
static void wait_changed(struct worker_link *link, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&link->changed, &link->mutex, &until);
}

/* Hand nc out until it is closed, then take it back from everyone and destroy it. */
static void serve_connection(struct worker_link *link, natsConnection *nc)
{
    pthread_mutex_lock(&link->mutex);
    link->nc = nc;
    link->generation++;
    while (!link->is_closed && !link->should_stop) {
        pthread_cond_wait(&link->changed, &link->mutex);
    }
    link->nc = NULL;
    pthread_mutex_unlock(&link->mutex);
    natsConnection_Close(nc); /* wakes borrowers that wait in it */
    pthread_mutex_lock(&link->mutex);
    while (link->borrowers > 0 || !link->is_closed) {
        pthread_cond_wait(&link->changed, &link->mutex);
    }
    pthread_mutex_unlock(&link->mutex);
    natsConnection_Destroy(nc);
}

static void *run_link(void *argument)
{
    struct worker_link *link = argument;
    pthread_mutex_lock(&link->mutex);
    while (!link->should_stop) {
        natsConnection *nc = NULL;
        link->is_closed = false;
        pthread_mutex_unlock(&link->mutex);
        natsStatus status = worker_link_connect(&nc, link->name, link->urls, link->user,
                                                link->password, on_closed, link);
        if (status == NATS_OK) {
            serve_connection(link, nc);
        }
        pthread_mutex_lock(&link->mutex);
        if (!link->should_stop) {
            wait_changed(link, CONNECT_PAUSE_MS);
        }
    }
    pthread_mutex_unlock(&link->mutex);
    nats_ReleaseThreadMemory();
    return NULL;
}

struct worker_link *worker_link_open(const char *name, const char *urls, const char *user,
                                     const char *password)
{
    struct worker_link *link = calloc(1, sizeof *link);
    pthread_condattr_t attributes;
    if (link == NULL) {
        return NULL;
    }
    link->name = name;
    link->urls = urls;
    link->user = user;
    link->password = password;
    pthread_mutex_init(&link->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&link->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&link->thread, NULL, run_link, link) != 0) {
        pthread_cond_destroy(&link->changed);
        pthread_mutex_destroy(&link->mutex);
        free(link);
        return NULL;
    }
    return link;
}

natsConnection *worker_link_borrow(struct worker_link *link, uint64_t *generation)
{
    pthread_mutex_lock(&link->mutex);
    natsConnection *nc = link->nc;
    *generation = link->generation;
    if (nc != NULL) {
        link->borrowers++;
    }
    pthread_mutex_unlock(&link->mutex);
    return nc;
}

void worker_link_return(struct worker_link *link)
{
    pthread_mutex_lock(&link->mutex);
    link->borrowers--;
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
}

bool worker_link_is_up(struct worker_link *link)
{
    uint64_t generation = 0;
    natsConnection *nc = worker_link_borrow(link, &generation);
    if (nc == NULL) {
        return false;
    }
    bool is_up = natsConnection_Status(nc) == NATS_CONN_STATUS_CONNECTED;
    worker_link_return(link);
    return is_up;
}

void worker_link_stop(struct worker_link *link)
{
    pthread_mutex_lock(&link->mutex);
    link->should_stop = true;
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
}

bool worker_join(pthread_t thread, int64_t limit_mono_ms)
{
    /* Polled: ThreadSanitizer of gcc 12 does not know glibc's join with a monotonic limit. */
    const struct timespec pause = {.tv_nsec = JOIN_PAUSE_NS};
    struct timespec now;
    while (pthread_tryjoin_np(thread, NULL) != 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 >= limit_mono_ms) {
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

void worker_link_abandon(struct worker_link *link)
{
    pthread_detach(link->thread);
}

bool worker_link_close(struct worker_link *link, int64_t limit_mono_ms)
{
    worker_link_stop(link);
    if (!worker_join(link->thread, limit_mono_ms)) {
        worker_link_abandon(link);
        return false;
    }
    pthread_cond_destroy(&link->changed);
    pthread_mutex_destroy(&link->mutex);
    free(link);
    return true;
}
