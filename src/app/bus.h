/*
 * bus.h - every event's one way: stamp, sinks in order, model.
 *
 * Thread: loop thread only. Owner: the caller of bus_init(); the model and the sinks are borrowed.
 */
#ifndef FARSHORE_APP_BUS_H
#define FARSHORE_APP_BUS_H

#include <stdint.h>

#include "farshore/base/err.h"
#include "farshore/core/event.h"
#include "farshore/core/model.h"

#define BUS_SINKS 4

/* Where time comes from; tests hand in their own. */
struct bus_clock {
    int64_t (*mono_ns)(void *context);
    int64_t (*wall_ns)(void *context);
    void *context;
};

struct bus {
    struct model *model;
    struct bus_clock clock;
    struct event_sink sinks[BUS_SINKS];
    size_t sink_count;
    uint64_t next_seq;
    int64_t last_mono_ns;
};

/* clock NULL: CLOCK_MONOTONIC and CLOCK_REALTIME. */
void bus_init(struct bus *bus, struct model *model, const struct bus_clock *clock);

/* A sink sees each event stamped and before the model. ST_FULL beyond BUS_SINKS. */
enum fs_status bus_add_sink(struct bus *bus, struct event_sink sink, struct err *err);

/* Stamp a copy of the event and hand it on. */
void bus_put(struct bus *bus, const struct event *event);

/* The bus as a sink, for feeds. */
struct event_sink bus_sink(struct bus *bus);

#endif
