/*
 * worker_link.h - a NATS connection that is kept for ever, made off the caller's thread.
 *
 * Users borrow the connection for a short while; it is not destroyed while one has it.
 */
#ifndef FARSHORE_LAB_WORKER_LINK_H
#define FARSHORE_LAB_WORKER_LINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <nats/nats.h>

/*
 * Connect once to the first of urls (comma separated, tried in order) that answers; blocks up to 2
 * s a server. Afterwards nats.c reconnects for ever, in the same order, and buffers nothing
 * meanwhile.
 *
 * closed, closure   called when the connection is given up (authentication); may be NULL.
 */
natsStatus worker_link_connect(natsConnection **out, const char *name, const char *urls,
                               const char *user, const char *password, natsConnectionHandler closed,
                               void *closure);

struct worker_link;

/* Start a thread that connects and connects again. Texts are borrowed. NULL when out of resources.
 */
struct worker_link *worker_link_open(const char *name, const char *urls, const char *user,
                                     const char *password);

/*
 * Borrow the connection; NULL while there is none. It may be reconnecting.
 *
 * generation   differs whenever the connection is another object, so that subscriptions are gone.
 */
natsConnection *worker_link_borrow(struct worker_link *link, uint64_t *generation);
void worker_link_return(struct worker_link *link);

/* Connected right now? */
bool worker_link_is_up(struct worker_link *link);

/* Ask the thread to end and close the connection; callers that block in it come back. */
void worker_link_stop(struct worker_link *link);

/*
 * Wait for the thread until limit_mono_ms and free the link; false when it does not end in time:
 * the link is then abandoned, and the process should leave with _exit().
 */
bool worker_link_close(struct worker_link *link, int64_t limit_mono_ms);

/* Leave a stopped link behind with its thread; its memory stays for whoever still has it. */
void worker_link_abandon(struct worker_link *link);

/* Wait for any thread until limit_mono_ms (CLOCK_MONOTONIC, ms); false when it does not end. */
bool worker_join(pthread_t thread, int64_t limit_mono_ms);

#endif
