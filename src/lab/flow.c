/*
 * flow.c - a queue of bytes with times of release.
 *
 * Why:   a WAN has a delay; its bytes must neither overtake each other nor be copied more than
 * needed. How:   64 KiB blocks in a list, filled and emptied in place; stamps in a ring, one for
 * each millisecond in which something was read. Rules: release times in the ring only grow. Without
 * a delay a byte's stamp is its time of arrival. See:   tests/unit/lab/test_flow.c
 */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "farshore/base/assert.h"

#define FLOW_POOL_KEEP 64
#define FLOW_STAMPS_FIRST 8

struct flow_block {
    struct flow_block *next;
    char bytes[FLOW_BLOCK_BYTES];
};

static struct flow_block *block_get(struct flow_pool *pool)
{
    struct flow_block *block = pool->free_list;

    if (block != NULL) {
        pool->free_list = block->next;
        pool->free_count--;
    } else {
        block = malloc(sizeof(*block));
    }
    if (block != NULL) {
        block->next = NULL;
    }
    return block;
}

static void block_put(struct flow_pool *pool, struct flow_block *block)
{
    if (pool->free_count >= FLOW_POOL_KEEP) {
        free(block);
        return;
    }
    block->next = pool->free_list;
    pool->free_list = block;
    pool->free_count++;
}

void flow_init(struct flow *flow, struct flow_pool *pool)
{
    memset(flow, 0, sizeof(*flow));
    flow->pool = pool;
}

void flow_destroy(struct flow *flow)
{
    while (flow->head != NULL) {
        struct flow_block *next = flow->head->next;
        block_put(flow->pool, flow->head);
        flow->head = next;
    }
    free(flow->stamps);
    flow_init(flow, flow->pool);
}

void flow_pool_destroy(struct flow_pool *pool)
{
    while (pool->free_list != NULL) {
        struct flow_block *next = pool->free_list->next;
        free(pool->free_list);
        pool->free_list = next;
    }
    pool->free_count = 0;
}

size_t flow_pending(const struct flow *flow)
{
    return (size_t)(flow->in - flow->out);
}

static bool flow_grow(struct flow *flow)
{
    struct flow_block *block = block_get(flow->pool);

    if (block == NULL) {
        return false;
    }
    if (flow->tail == NULL) {
        flow->head = block;
        flow->head_offset = 0;
    } else {
        flow->tail->next = block;
    }
    flow->tail = block;
    flow->tail_used = 0;
    return true;
}

int flow_space(struct flow *flow, size_t want_bytes, struct iovec iov[FLOW_IOV])
{
    if (want_bytes == 0) {
        return 0;
    }
    if ((flow->tail == NULL || flow->tail_used == FLOW_BLOCK_BYTES) && !flow_grow(flow)) {
        return 0;
    }
    size_t room = FLOW_BLOCK_BYTES - flow->tail_used;
    iov[0].iov_base = flow->tail->bytes + flow->tail_used;
    iov[0].iov_len = room < want_bytes ? room : want_bytes;
    return 1;
}

static struct flow_stamp *stamp_at(const struct flow *flow, size_t index)
{
    return &flow->stamps[(flow->stamp_first + index) & (flow->stamp_capacity - 1)];
}

static bool stamp_reserve(struct flow *flow)
{
    if (flow->stamp_count < flow->stamp_capacity) {
        return true;
    }
    size_t capacity = flow->stamp_capacity == 0 ? FLOW_STAMPS_FIRST : flow->stamp_capacity * 2;
    struct flow_stamp *stamps = malloc(capacity * sizeof(*stamps));
    if (stamps == NULL) {
        return false;
    }
    for (size_t i = 0; i < flow->stamp_count; i++) {
        stamps[i] = *stamp_at(flow, i);
    }
    free(flow->stamps);
    flow->stamps = stamps;
    flow->stamp_first = 0;
    flow->stamp_capacity = capacity;
    return true;
}

static int64_t release_time(int64_t mono_now_ns, int64_t delay_ns)
{
    int64_t at_ns = mono_now_ns + delay_ns;

    if (delay_ns == 0) {
        return at_ns;
    }
    return (at_ns + FLOW_QUANTUM_NS - 1) / FLOW_QUANTUM_NS * FLOW_QUANTUM_NS;
}

bool flow_commit(struct flow *flow, size_t count, int64_t mono_now_ns, int64_t delay_ns)
{
    int64_t release_ns = release_time(mono_now_ns, delay_ns);

    if (count == 0) {
        return true;
    }
    FS_ASSERT(flow->tail != NULL && count <= FLOW_BLOCK_BYTES - flow->tail_used);
    struct flow_stamp *last = flow->stamp_count > 0 ? stamp_at(flow, flow->stamp_count - 1) : NULL;
    if (last != NULL && last->mono_release_ns >= release_ns) {
        last->end += count; /* never before what came earlier */
    } else if (last != NULL && delay_ns == 0 && last->mono_release_ns <= mono_now_ns) {
        last->end += count; /* both may leave at once: one stamp is enough */
    } else {
        if (!stamp_reserve(flow)) {
            return false;
        }
        *stamp_at(flow, flow->stamp_count) =
            (struct flow_stamp){.end = flow->in + count, .mono_release_ns = release_ns};
        flow->stamp_count++;
    }
    flow->tail_used += count;
    flow->in += count;
    return true;
}

/* The first byte that may not leave yet, counted from the flow's first byte. */
static uint64_t ready_end(const struct flow *flow, int64_t mono_now_ns)
{
    uint64_t end = flow->out;

    for (size_t i = 0; i < flow->stamp_count; i++) {
        const struct flow_stamp *stamp = stamp_at(flow, i);
        if (stamp->mono_release_ns > mono_now_ns) {
            break;
        }
        end = stamp->end;
    }
    return end;
}

int flow_ready(const struct flow *flow, int64_t mono_now_ns, size_t want_bytes,
               struct iovec iov[FLOW_IOV])
{
    size_t left = (size_t)(ready_end(flow, mono_now_ns) - flow->out);
    size_t offset = flow->head_offset;
    int count = 0;

    left = left < want_bytes ? left : want_bytes;
    for (struct flow_block *block = flow->head; left > 0 && count < FLOW_IOV; block = block->next) {
        size_t used = block == flow->tail ? flow->tail_used : FLOW_BLOCK_BYTES;
        size_t here = used - offset < left ? used - offset : left;
        iov[count].iov_base = block->bytes + offset;
        iov[count].iov_len = here;
        count += here > 0 ? 1 : 0;
        left -= here;
        offset = 0;
    }
    return count;
}

void flow_consume(struct flow *flow, size_t count)
{
    FS_ASSERT(count <= flow_pending(flow));
    flow->out += count;
    while (flow->stamp_count > 0 && stamp_at(flow, 0)->end <= flow->out) {
        flow->stamp_first = (flow->stamp_first + 1) & (flow->stamp_capacity - 1);
        flow->stamp_count--;
    }
    while (count > 0) {
        FS_ASSERT(flow->head != NULL);
        size_t used = flow->head == flow->tail ? flow->tail_used : FLOW_BLOCK_BYTES;
        size_t here = used - flow->head_offset < count ? used - flow->head_offset : count;
        flow->head_offset += here;
        count -= here;
        if (flow->head_offset == used) {
            struct flow_block *empty = flow->head;
            flow->head = empty->next;
            flow->head_offset = 0;
            if (flow->head == NULL) {
                flow->tail = NULL;
                flow->tail_used = 0;
            }
            block_put(flow->pool, empty);
        }
    }
}

int64_t flow_next_ns(const struct flow *flow)
{
    return flow->stamp_count > 0 ? stamp_at(flow, 0)->mono_release_ns : INT64_MAX;
}
