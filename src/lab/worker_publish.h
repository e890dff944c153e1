/*
 * worker_publish.h - publish at a rate, send again what is not acknowledged, count every ack once.
 */
#ifndef FARSHORE_LAB_WORKER_PUBLISH_H
#define FARSHORE_LAB_WORKER_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/base/strbuf.h"
#include "worker_link.h"

#define WORKER_STREAMS_MAX 16 /* streams that acks are counted for by name; the rest is "other" */
#define WORKER_STREAM_BYTES 64

struct worker_stream_acks {
    char stream[WORKER_STREAM_BYTES];
    uint64_t acks;
};

/* All counts are of this process's life; see worker.h for what each means. */
struct worker_published {
    uint64_t published;
    uint64_t acked;
    uint64_t in_flight;
    uint64_t unknown;
    uint64_t errors;
    uint64_t timeouts;
    uint64_t lost_acks;
    size_t streams;
    struct worker_stream_acks acks[WORKER_STREAMS_MAX];
};

struct worker_publisher;

/* rate_per_s is over both subjects. NULL when out of memory. The link outlives the publisher. */
struct worker_publisher *worker_publisher_open(struct worker_link *link, int rate_per_s);

/* Send what is due at now_mono_ms; never waits longer than a write to a socket may. */
void worker_publisher_tick(struct worker_publisher *publisher, int64_t now_mono_ms);

void worker_publisher_read(struct worker_publisher *publisher, struct worker_published *out);

/* Before the link closes: ends the subscription. NULL is fine. */
void worker_publisher_close(struct worker_publisher *publisher);

/*
 * What an ack says. Exposed for tests.
 *
 * stream   WORKER_STREAM_BYTES, cleaned; "" when the reply is an error or no ack.
 */
bool worker_ack_parse(const char *json, size_t count, char *stream, bool *is_duplicate);

#endif
