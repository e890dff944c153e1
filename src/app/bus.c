/*
 * bus.c - every event's one way: stamp, sinks in order, model.
 *
 * Why:   what is recorded must be what the model saw, in the same order and with the same stamps.
 * How:   seq counts from 1; mono_ns is CLOCK_MONOTONIC, at_ns CLOCK_REALTIME.
 * Rules: mono_ns never goes back. CLOCK_MONOTONIC and not CLOCK_BOOTTIME: timers of the loop run on
 *        it, and the time of a suspended machine is no silence of the servers (it counts for
 *        nothing, as any standstill of our own).
 * See:   docs/ARCHITECTURE.md "Events"
 */
#include "bus.h"

#include <time.h>

#include "farshore/base/duration.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t system_mono(void *context)
{
    (void)context;
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t system_wall(void *context)
{
    (void)context;
    return read_clock(CLOCK_REALTIME);
}

void bus_init(struct bus *bus, struct model *model, const struct bus_clock *clock)
{
    *bus = (struct bus){.model = model, .next_seq = 1};
    bus->clock = clock != NULL ? *clock : (struct bus_clock){system_mono, system_wall, NULL};
}

enum fs_status bus_add_sink(struct bus *bus, struct event_sink sink, struct err *err)
{
    if (bus->sink_count == BUS_SINKS) {
        return err_set(err, ST_FULL, "the bus has no room for another sink");
    }
    bus->sinks[bus->sink_count++] = sink;
    return ST_OK;
}

void bus_put(struct bus *bus, const struct event *event)
{
    struct event stamped = *event;
    stamped.seq = bus->next_seq++;
    stamped.mono_ns = bus->clock.mono_ns(bus->clock.context);
    stamped.at_ns = bus->clock.wall_ns(bus->clock.context);
    if (stamped.mono_ns < bus->last_mono_ns) {
        stamped.mono_ns = bus->last_mono_ns;
    }
    bus->last_mono_ns = stamped.mono_ns;
    for (size_t i = 0; i < bus->sink_count; i++) {
        bus->sinks[i].put(bus->sinks[i].context, &stamped);
    }
    model_apply(bus->model, &stamped);
}

static void put_to_bus(void *context, const struct event *event)
{
    bus_put(context, event);
}

struct event_sink bus_sink(struct bus *bus)
{
    return (struct event_sink){bus, put_to_bus};
}
