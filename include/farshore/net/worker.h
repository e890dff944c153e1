/*
 * worker.h - threads for what blocks: names, connects, files on slow disks.
 *
 * Every thread starts with all signals blocked: signals belong to the loop thread.
 */
#ifndef FARSHORE_NET_WORKER_H
#define FARSHORE_NET_WORKER_H

#include <pthread.h>

#include "farshore/base/err.h"
#include "farshore/net/bridge.h"

/*
 * Start a thread with all signals blocked; the caller joins or detaches it.
 *
 * Returns  ST_OK, ST_IO when the system gives no thread.
 */
enum fs_status thread_start(pthread_t *out, void *(*entry)(void *context), void *context,
                            struct err *err);

struct worker;

struct worker_job {
    void (*run)(void *context);  /* on its own thread; may block */
    void (*done)(void *context); /* on the loop thread, in order with the bridge's events */
    void *context;
};

/*
 * Run one blocking job off the loop.
 *
 * out      to be given to worker_join() once done was called (or at the end of the program).
 * Thread   loop thread.
 */
enum fs_status worker_start(struct worker **out, struct bridge *bridge,
                            const struct worker_job *job, struct err *err);

/* Wait for the job's end and give its memory back. After done was called it does not wait. */
void worker_join(struct worker *worker);

#endif
