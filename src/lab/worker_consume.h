/*
 * worker_consume.h - pull from one durable consumer, wherever its stream is now.
 */
#ifndef FARSHORE_LAB_WORKER_CONSUME_H
#define FARSHORE_LAB_WORKER_CONSUME_H

#include <stdbool.h>
#include <stdint.h>

#include "provision_plan.h"
#include "worker_link.h"

#define WORKER_NAME_BYTES 64

struct worker_consumed {
    char stream[WORKER_NAME_BYTES]; /* "" until found */
    uint64_t consumed;
    uint64_t duplicates;
    uint64_t highest_seq; /* of the present stream */
};

struct worker_consumer;

/* Start a thread that consumes until stopped. The link outlives it. NULL when out of resources. */
struct worker_consumer *worker_consumer_open(struct worker_link *link,
                                             const struct lab_durable *durable);

void worker_consumer_read(struct worker_consumer *consumer, struct worker_consumed *out);

/* Ask the thread to end; it notices when its present wait ends or the link's connection closes. */
void worker_consumer_stop(struct worker_consumer *consumer);

/* Wait until limit_mono_ms and free it; false when the thread does not end, it is then leaked. */
bool worker_consumer_close(struct worker_consumer *consumer, int64_t limit_mono_ms);

/* The stream sequence in `$JS.ACK…`, the reply subject of a delivery. Exposed for tests. */
bool worker_delivery_parse(const char *reply, uint64_t *stream_seq);

/* The first stream of a STREAM.NAMES reply, cleaned into WORKER_NAME_BYTES; false when none. */
bool worker_names_parse(const char *json, size_t count, char *stream);

#endif
