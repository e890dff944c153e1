/*
 * flow.h - the bytes on their way in one direction of one connection: what was read, when it may
 * leave, in exact order. Pure but for the heap: time is handed in.
 *
 * A flow is a list of blocks that are filled by readv and emptied by writev in place, so a byte is
 * copied into the process once and out of it once. Beside the bytes stands a queue of stamps: "up
 * to byte N may leave at T". Stamps never go back in time, so a shorter delay never overtakes bytes
 * that are already on their way.
 *
 * Memory: at most limit_bytes plus one block; empty blocks go back to the pool.
 */
#ifndef FARSHORE_LAB_FLOW_H
#define FARSHORE_LAB_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define FLOW_BLOCK_BYTES 65536
#define FLOW_IOV 4
#define FLOW_QUANTUM_NS INT64_C(1000000) /* delayed bytes leave on whole milliseconds */

struct flow_block;

/* Empty blocks kept for the next reader; shared by all flows of a proxy. */
struct flow_pool {
    struct flow_block *free_list;
    int free_count;
};

struct flow_stamp {
    uint64_t end; /* counted from the flow's first byte */
    int64_t mono_release_ns;
};

struct flow {
    struct flow_pool *pool;
    struct flow_block *head;
    struct flow_block *tail;
    size_t head_offset; /* first byte that has not left, in head */
    size_t tail_used;   /* bytes filled in tail */
    uint64_t in;        /* bytes that ever came */
    uint64_t out;       /* bytes that ever left */
    struct flow_stamp *stamps;
    size_t stamp_first;
    size_t stamp_count;
    size_t stamp_capacity; /* a power of two, or 0 */
};

void flow_init(struct flow *flow, struct flow_pool *pool);
void flow_destroy(struct flow *flow);
void flow_pool_destroy(struct flow_pool *pool);

/* Bytes inside. */
size_t flow_pending(const struct flow *flow);

/*
 * Room to read into, at most want_bytes in at most FLOW_IOV pieces. Returns the number of pieces,
 * 0 when memory is exhausted. Follow it by flow_commit() before any other call.
 */
int flow_space(struct flow *flow, size_t want_bytes, struct iovec iov[FLOW_IOV]);

/* count bytes were read into the room at mono_now_ns and may leave delay_ns later. False: no
 * memory. */
bool flow_commit(struct flow *flow, size_t count, int64_t mono_now_ns, int64_t delay_ns);

/* What may leave now, at most want_bytes. Returns the number of pieces. */
int flow_ready(const struct flow *flow, int64_t mono_now_ns, size_t want_bytes,
               struct iovec iov[FLOW_IOV]);

/* count bytes have left. */
void flow_consume(struct flow *flow, size_t count);

/* When the first byte may leave; INT64_MAX when there is none. */
int64_t flow_next_ns(const struct flow *flow);

#endif
