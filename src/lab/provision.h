/*
 * provision.h - make the lab's streams, mirrors, consumers and buckets.
 *
 * Blocking: meant for a child process of its own, never for the supervisor's loop.
 */
#ifndef FARSHORE_LAB_PROVISION_H
#define FARSHORE_LAB_PROVISION_H

#include "farshore/base/err.h"

struct lab_provision {
    const char *urls; /* of the APP account's servers, comma separated, tried in order */
    const char *user;
    const char *password;
    const char *origin_cluster; /* where the origins live, as rg1 */
    const char *mirror_cluster; /* where mirrors, buckets and journal live, as rg2 */
    int replicas;               /* 1..5, of everything but the extra streams */
    int extra_streams;          /* 0..10000: X0001, X0002 … each with a mirror, R1 */
};

/*
 * Make everything that a lab has; what exists with the same configuration is left alone.
 *
 * Waits up to 60 s for a server, and up to 60 s for each thing while the servers say "not yet"
 * (no suitable peers, temporarily unavailable, no answer). Needs an account with JetStream.
 *
 * err      names the stream or consumer and the server's code and description; may be NULL.
 *
 * Returns  ST_OK; ST_INVALID for bad arguments; ST_REFUSED when a server said no, or the same name
 *          exists with another configuration; ST_TIMEOUT when it did not come in time.
 * Thread   any, once at a time; it leaves the process with nats.c's threads running.
 * Source   docs/LAB.md; nats-server's JetStream API, as 2.9.10 and 2.15.2 accept it.
 */
enum fs_status lab_provision_run(const struct lab_provision *provision, struct err *err);

#endif
