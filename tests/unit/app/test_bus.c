/*
 * test_bus.c - one way for every event: stamped, recorded, then applied.
 */
#include "cmocka_all.h"

#include "bus.h"
#include "farshore/core/view.h"

struct clock {
    int64_t mono_ns, wall_ns;
};

static int64_t read_mono(void *context)
{
    return ((struct clock *)context)->mono_ns;
}

static int64_t read_wall(void *context)
{
    return ((struct clock *)context)->wall_ns;
}

struct seen {
    const struct model *model;
    struct event last;
    int64_t model_mono_ns; /* when the event passed */
    int count;
};

static void see(void *context, const struct event *event)
{
    struct seen *seen = context;
    seen->last = *event;
    seen->model_mono_ns = model_mono_ns(seen->model);
    seen->count++;
}

static void a_sink_sees_the_stamped_event_before_the_model(void **state)
{
    (void)state;
    struct clock clock = {1000, 5000};
    struct bus_clock source = {read_mono, read_wall, &clock};
    struct model *model = model_create(alloc_heap(), NULL);
    struct seen seen = {.model = model};
    struct bus bus;
    bus_init(&bus, model, &source);
    assert_int_equal(bus_add_sink(&bus, (struct event_sink){&seen, see}, NULL), ST_OK);
    struct event tick = {.type = EVT_TICK};
    bus_put(&bus, &tick);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.last.seq, 1);
    assert_int_equal(seen.last.mono_ns, 1000);
    assert_int_equal(seen.last.at_ns, 5000);
    assert_int_equal(seen.model_mono_ns, 0);
    assert_int_equal(model_mono_ns(model), 1000);
    assert_int_equal(tick.seq, 0);
    clock.mono_ns = 2000;
    struct event_sink sink = bus_sink(&bus);
    sink.put(sink.context, &tick);
    assert_int_equal(seen.last.seq, 2);
    model_destroy(model);
}

static void monotonic_time_never_goes_back_but_wall_time_may(void **state)
{
    (void)state;
    struct clock clock = {1000, 5000};
    struct bus_clock source = {read_mono, read_wall, &clock};
    struct model *model = model_create(alloc_heap(), NULL);
    struct seen seen = {.model = model};
    struct bus bus;
    bus_init(&bus, model, &source);
    assert_int_equal(bus_add_sink(&bus, (struct event_sink){&seen, see}, NULL), ST_OK);
    struct event tick = {.type = EVT_TICK};
    bus_put(&bus, &tick);
    clock = (struct clock){900, 4000};
    bus_put(&bus, &tick);
    assert_int_equal(seen.last.mono_ns, 1000);
    assert_int_equal(seen.last.at_ns, 4000);
    model_destroy(model);
}

static void a_sink_too_many_is_refused(void **state)
{
    (void)state;
    struct model *model = model_create(alloc_heap(), NULL);
    struct seen seen = {.model = model};
    struct bus bus;
    bus_init(&bus, model, NULL);
    for (int i = 0; i < BUS_SINKS; i++) {
        assert_int_equal(bus_add_sink(&bus, (struct event_sink){&seen, see}, NULL), ST_OK);
    }
    assert_int_equal(bus_add_sink(&bus, (struct event_sink){&seen, see}, NULL), ST_FULL);
    model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sink_sees_the_stamped_event_before_the_model),
        cmocka_unit_test(monotonic_time_never_goes_back_but_wall_time_may),
        cmocka_unit_test(a_sink_too_many_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
