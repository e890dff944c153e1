/*
 * index.c - from a name's hash to a row's number.
 *
 * How:   linear probing at most 3/4 full; removal shifts the run back, so there are no tombstones.
 * See:   tests/unit/core/test_index.c
 */
#include "index.h"

#include <string.h>

#define FIRST_CAPACITY 16U

static uint32_t spread(uint64_t hash)
{
    return (uint32_t)(hash >> 32) ^ (uint32_t)hash;
}

uint32_t index_find(const struct index *index, uint64_t hash, index_match *match,
                    const void *context)
{
    if (index->capacity == 0) {
        return ROW_NONE;
    }
    uint32_t key = spread(hash);
    uint32_t mask = index->capacity - 1;
    for (uint32_t at = key & mask; index->slots[at].row != ROW_NONE; at = (at + 1) & mask) {
        if (index->slots[at].hash == key && match(context, index->slots[at].row)) {
            return index->slots[at].row;
        }
    }
    return ROW_NONE;
}

static void place(struct index *index, uint32_t key, uint32_t row)
{
    uint32_t mask = index->capacity - 1;
    uint32_t at = key & mask;
    while (index->slots[at].row != ROW_NONE) {
        at = (at + 1) & mask;
    }
    index->slots[at] = (struct index_slot){.row = row, .hash = key};
}

static bool grow(struct index *index, const struct fs_alloc *alloc)
{
    struct index old = *index;
    uint32_t capacity = old.capacity == 0 ? FIRST_CAPACITY : old.capacity * 2;
    struct index_slot *slots = alloc_zeroed(alloc, capacity, sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    memset(slots, 0xff, capacity * sizeof(*slots));
    index->slots = slots;
    index->capacity = capacity;
    for (uint32_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].row != ROW_NONE) {
            place(index, old.slots[i].hash, old.slots[i].row);
        }
    }
    alloc_release(alloc, old.slots, old.capacity * sizeof(*old.slots));
    return true;
}

bool index_add(struct index *index, const struct fs_alloc *alloc, uint64_t hash, uint32_t row)
{
    if (index->used + 1 > index->capacity / 4 * 3 && !grow(index, alloc)) {
        return false;
    }
    place(index, spread(hash), row);
    index->used++;
    return true;
}

void index_remove(struct index *index, uint64_t hash, uint32_t row)
{
    if (index->capacity == 0) {
        return;
    }
    uint32_t mask = index->capacity - 1;
    uint32_t at = spread(hash) & mask;
    while (index->slots[at].row != row) {
        if (index->slots[at].row == ROW_NONE) {
            return;
        }
        at = (at + 1) & mask;
    }
    index->used--;
    for (uint32_t next = (at + 1) & mask; index->slots[next].row != ROW_NONE;
         next = (next + 1) & mask) {
        uint32_t home = index->slots[next].hash & mask;
        if (((next - home) & mask) >= ((next - at) & mask)) {
            index->slots[at] = index->slots[next];
            at = next;
        }
    }
    index->slots[at].row = ROW_NONE;
}

void index_destroy(struct index *index, const struct fs_alloc *alloc)
{
    alloc_release(alloc, index->slots, index->capacity * sizeof(*index->slots));
    memset(index, 0, sizeof(*index));
}
