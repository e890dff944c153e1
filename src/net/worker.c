/*
 * worker.c - a blocking job on a thread of its own, its completion on the loop.
 *
 * Why:   getaddrinfo(3), TLS handshakes and slow disks block; the loop never may.
 * How:   one thread a job, which posts its completion through the bridge and ends.
 * Rules: the job's context belongs to the thread until done is called.
 * See:   tests/unit/net/test_bridge.c
 */
#include "farshore/net/worker.h"

#include <signal.h>
#include <stdlib.h>

struct worker {
    struct bridge *bridge;
    struct worker_job job;
    pthread_t thread;
};

enum fs_status thread_start(pthread_t *out, void *(*entry)(void *context), void *context,
                            struct err *err)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(out, NULL, entry, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        return err_set_errno(err, ST_IO, failed, "cannot start a thread");
    }
    return ST_OK;
}

static void on_done(void *context, const struct bridge_message *message)
{
    (void)message;
    const struct worker *worker = context;
    worker->job.done(worker->job.context);
}

static void *run_job(void *context)
{
    struct worker *worker = context;
    worker->job.run(worker->job.context);
    struct bridge_writer writer;
    bridge_writer_begin(&writer, worker->bridge);
    bridge_call(&writer, &(struct bridge_message){.call = on_done, .context = worker});
    bridge_writer_end(&writer);
    return NULL;
}

enum fs_status worker_start(struct worker **out, struct bridge *bridge,
                            const struct worker_job *job, struct err *err)
{
    struct worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        return err_set(err, ST_NO_MEMORY, "worker: no memory");
    }
    worker->bridge = bridge;
    worker->job = *job;
    enum fs_status status = thread_start(&worker->thread, run_job, worker, err);
    if (status != ST_OK) {
        free(worker);
        return status;
    }
    *out = worker;
    return ST_OK;
}

void worker_join(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    pthread_join(worker->thread, NULL);
    free(worker);
}
