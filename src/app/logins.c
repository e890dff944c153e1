/*
 * logins.c - fetches every region's login, each on a worker of its own, and tries again.
 *
 * Why:   a password may come from a slow command, or from a file that is written a minute later;
 *        neither may hold up another region or want a restart.
 * How:   a job per region; what it found is handed on from the loop, then wiped. After a failure a
 *        timer starts the next job.
 * Rules: a job owns its login until its done runs on the loop; what it found is moved out, as from
 *        the moment it is handed on the connection's thread owns the place.
 * See:   docs/CONFIG.md "Logins"
 */
#include "logins.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ev.h>

#include "config.h"
#include "farshore/net/worker.h"

#define RETRY_FIRST_S 10.0
#define RETRY_MOST_S 60.0

struct one_login {
    struct logins *logins;
    struct login login;
    struct worker *worker; /* its last job's; joined before the next */
    ev_timer retry;
    double wait_s;
};

struct logins {
    struct logins_options options;
    int cancel_fd; /* ends commands that print secrets, when nobody waits for them any more */
    size_t count;
    struct one_login all[CONFIG_MAX_REGIONS];
};

static void resolve(void *context)
{
    struct one_login *one = context;
    login_resolve(&one->login, one->logins->options.config->path);
}

/* On the connection's thread: the job that filled the login is done, and there is no other. */
static enum fs_status fetch_again(void *context, struct nats_login *out, struct err *err)
{
    struct one_login *one = context;
    login_close(&one->login);
    login_resolve(&one->login, one->logins->options.config->path);
    if (one->login.status != ST_OK) {
        return err_set(err, one->login.status, "login: %s", one->login.err.text);
    }
    *out = one->login.login;
    return ST_OK;
}

static void forget_again(void *context)
{
    struct one_login *one = context;
    login_forget(&one->login);
}

static void resolved(void *context)
{
    struct one_login *one = context;
    struct logins *logins = one->logins;
    const struct nats_login_source source = {one, fetch_again, forget_again};
    struct login had;
    login_take(&had, &one->login); /* done may start a thread, which fetches again at once */
    logins->options.done(logins->options.context, &had, &source);
    login_forget(&had);
    if (had.status != ST_OK) {
        login_close(&one->login);
        ev_timer_set(&one->retry, one->wait_s, 0.0);
        ev_timer_start(logins->options.loop, &one->retry);
        one->wait_s = one->wait_s * 2 < RETRY_MOST_S ? one->wait_s * 2 : RETRY_MOST_S;
    }
}

static enum fs_status begin(struct one_login *one, struct err *err)
{
    struct worker_job job = {resolve, resolved, one};
    worker_join(one->worker);
    one->worker = NULL;
    return worker_start(&one->worker, one->logins->options.bridge, &job, err);
}

static void on_retry(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct one_login *one = timer->data;
    (void)loop;
    (void)events;
    struct err err = {0};
    enum fs_status status = begin(one, &err); /* from here on the login is the job's */
    if (status != ST_OK) {
        one->login.status = status;
        one->login.err = err;
        resolved(one); /* no thread is to be had now: another time */
    }
}

enum fs_status logins_start(struct logins **out, const struct logins_options *options,
                            struct err *err)
{
    struct logins *logins = calloc(1, sizeof(*logins));
    if (logins == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    *out = logins;
    logins->options = *options;
    logins->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const struct config_region *regions = options->config->regions.rows;
    for (size_t i = 0; i < options->config->regions.count; i++) {
        struct one_login *one = &logins->all[logins->count++];
        one->logins = logins;
        one->login.region = &regions[i];
        one->login.cancel_fd = logins->cancel_fd;
        one->wait_s = RETRY_FIRST_S;
        ev_timer_init(&one->retry, on_retry, 0.0, 0.0);
        one->retry.data = one;
        enum fs_status status = begin(one, err);
        if (status != ST_OK) {
            return status;
        }
    }
    return ST_OK;
}

void logins_stop(struct logins *logins)
{
    if (logins == NULL) {
        return;
    }
    if (logins->cancel_fd >= 0) {
        (void)eventfd_write(logins->cancel_fd, 1);
    }
    for (size_t i = 0; i < logins->count; i++) {
        ev_timer_stop(logins->options.loop, &logins->all[i].retry);
        worker_join(logins->all[i].worker);
        logins->all[i].worker = NULL;
    }
}

void logins_close(struct logins *logins)
{
    if (logins == NULL) {
        return;
    }
    for (size_t i = 0; i < logins->count; i++) {
        login_forget(&logins->all[i].login);
        login_close(&logins->all[i].login);
    }
    if (logins->cancel_fd >= 0) {
        close(logins->cancel_fd);
    }
    free(logins);
}
