/*
 * model.h - what is known, as a fold over events.
 *
 * state = fold(events): model_apply() is the only function that changes a model, and it depends on
 * nothing but the model and the event (time is event->mono_ns and event->at_ns). The same events
 * give the same digest, live or replayed.
 *
 * Owner   the caller of model_create(); everything read through core/view.h is borrowed until the
 * next model_apply(). Thread  one thread at a time. Memory  through the allocator given; grows with
 * use up to the limits, then counts overflow. When an allocation fails the row is dropped and
 * counted in overflow.memory.
 */
#ifndef FARSHORE_CORE_MODEL_H
#define FARSHORE_CORE_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "farshore/base/alloc.h"
#include "farshore/core/event.h"
#include "farshore/core/limits.h"

struct model;

/* Rows that found no place, by table. */
struct model_overflow {
    uint64_t regions;
    uint64_t servers;
    uint64_t streams;
    uint64_t mirrors;
    uint64_t texts;  /* raw configs and pushes that were too large to keep */
    uint64_t memory; /* allocations that failed */
    uint64_t queue;  /* EVT_DROP's counts: lost before they were events */
};

/* NULL when the allocator gives nothing. limits NULL means MODEL_LIMITS_DEFAULT. */
struct model *model_create(const struct fs_alloc *alloc, const struct model_limits *limits);
void model_destroy(struct model *model);

/* Take one event in. Never fails: what cannot be stored is counted. */
void model_apply(struct model *model, const struct event *event);

/* A hash over the whole state, the same on every machine for the same events. */
uint64_t model_digest(const struct model *model);

/* Times of the last event applied; 0 before the first. */
int64_t model_mono_ns(const struct model *model);
int64_t model_at_ns(const struct model *model);

/*
 * Counts changes of state (a server, link, region, mirror, quorum or leader), for `--watch` and for
 * drawing at once. It grows by one or more with each such change, never otherwise.
 */
uint64_t model_changes(const struct model *model);

/* Grows with anything that a screen could show except the passing of time. */
uint64_t model_revision(const struct model *model);

/*
 * Grows with anything that could change a mirror's row, its place among the others or how many
 * there are, except the passing of time: answers of other kinds leave it alone, so that ten
 * thousand rows are sorted once for each list of streams and not once a frame.
 */
uint64_t model_mirrors_revision(const struct model *model);

struct model_overflow model_overflow(const struct model *model);

#endif
