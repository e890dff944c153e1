/*
 * forget.h - rows that are let go when what they stand for is gone.
 */
#ifndef FARSHORE_CORE_FORGET_H
#define FARSHORE_CORE_FORGET_H

#include <stdint.h>

struct model;

/*
 * Find what was deleted on the servers, and free the rows of what is gone for long enough. Once an
 * interval.
 */
void forget_sweep(struct model *model);

/* Free a mirror's row; its stream's row stays. */
void forget_mirror(struct model *model, uint32_t mirror);

/* Take a mirror out of its origin's list. */
void forget_origin_of(struct model *model, uint32_t mirror);

/* Let an origin's past go when nothing mirrors it any more, and its row when it was never seen. */
void forget_unmirrored(struct model *model, uint32_t origin);

#endif
