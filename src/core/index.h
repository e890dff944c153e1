/*
 * index.h - from a name's hash to a row's number: open addressing, no names kept.
 *
 * The index stores row numbers only; the caller compares names, so that a name lives once, in its
 * row.
 */
#ifndef FARSHORE_CORE_INDEX_H
#define FARSHORE_CORE_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/base/alloc.h"

#define ROW_NONE UINT32_MAX

struct index_slot {
    uint32_t row; /* ROW_NONE: free */
    uint32_t hash;
};

struct index {
    struct index_slot *slots;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t used;
};

/* A function type, so that callers declare it once. */
typedef bool index_match(const void *context, uint32_t row);

/* The row, or ROW_NONE. */
uint32_t index_find(const struct index *index, uint64_t hash, index_match *match,
                    const void *context);

/* Add a row that is not there yet; false when memory is out. */
bool index_add(struct index *index, const struct fs_alloc *alloc, uint64_t hash, uint32_t row);

void index_remove(struct index *index, uint64_t hash, uint32_t row);

void index_destroy(struct index *index, const struct fs_alloc *alloc);

#endif
