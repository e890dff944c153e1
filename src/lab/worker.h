/*
 * worker.h - the lab's workload: one process that publishes and consumes and counts every ack.
 */
#ifndef FARSHORE_LAB_WORKER_H
#define FARSHORE_LAB_WORKER_H

struct lab_worker {
    const char *publish_urls; /* comma separated, tried in this order, for ever */
    const char *consume_urls;
    const char *user; /* of the APP account */
    const char *password;
    int rate_per_s; /* messages over all subjects; 0 publishes nothing and still consumes */
};

/*
 * Run until standard input closes or TERM or INT comes; then end within a second.
 *
 * Prints one line of JSON a second, and a last one at the end, on standard output:
 *   published   messages begun, each with its own Nats-Msg-Id; published = acked + in_flight
 *   acked       of those, acknowledged by a stream: each counted once, whatever was sent again
 *   in_flight   published and not acknowledged yet; sent again until they are
 *   unknown     of in_flight: at least one send went without any answer, it may be stored
 *   errors      sends that were answered with a failure (no responders, an error, a full stream)
 *   timeouts    sends that got no answer in time
 *   lost_acks   acks that say "duplicate": an earlier send was stored and its ack was lost
 *   acks        acks by the stream that gave them
 *   consumed    messages seen for the first time by the consumers agents and audit, and
 * acknowledged duplicates  deliveries of a message that the same consumer had seen (among its last
 * 32768) consumers   per durable: stream, consumed, duplicates, highest_seq publish_connected,
 * consume_connected A line that the reader does not take in time is dropped, and the next one holds
 * the newer counts.
 *
 * Returns  0 at a regular end, 1 when it could not start.
 * Process  must be its own: blocks signals, sets SIGPIPE to ignore and leaves with _exit(2) when a
 *          library call does not come back in time.
 */
int lab_worker_run(const struct lab_worker *worker);

#endif
