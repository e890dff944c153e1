/*
 * worker_seen.h - has this message id been seen lately? In bounded memory.
 */
#ifndef FARSHORE_LAB_WORKER_SEEN_H
#define FARSHORE_LAB_WORKER_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKER_SEEN_GENERATION 32768 /* ids that are remembered at least */

/*
 * Two generations of open-addressed hashes. The younger fills; when full it becomes the older and
 * the older is forgotten: between one and two generations are remembered, in 1 MiB. Zeroed is
 * empty.
 */
struct worker_seen {
    uint64_t tables[2][2 * WORKER_SEEN_GENERATION]; /* 0 is an empty place */
    size_t used;                                    /* of the younger */
    size_t younger;
};

/* Remember id as new; true when it was remembered already (and does not become younger). Two ids
 * share a hash once in 2^64. */
bool worker_seen_before(struct worker_seen *seen, const char *id);

#endif
