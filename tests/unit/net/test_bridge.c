/*
 * test_bridge.c - events of several threads arrive in order, bounded, without holding the loop.
 */
#include "farshore/net/bridge.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>

#include "farshore/base/duration.h"
#include "farshore/net/clock.h"
#include "farshore/net/worker.h"

#include "cmocka_all.h"

#define POSTERS 4
#define REPLIES 50
#define EVENTS_A_REPLY 700

struct fixture {
    struct ev_loop *loop;
    struct bridge *bridge;
    int64_t events;
    int64_t calls;
    int64_t drops;
    char open_reply[32]; /* whose events are coming */
    bool has_mixed;
    int64_t delay_ns; /* the sink's own slowness */
    int posters_left;
};

static void open_bridge(struct fixture *fixture, struct bridge_options options,
                        void (*put)(void *, const struct event *))
{
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    options.loop = fixture->loop;
    options.sink = (struct event_sink){.context = fixture, .put = put};
    assert_int_equal(bridge_open(&fixture->bridge, &options, NULL), ST_OK);
}

static void close_bridge(struct fixture *fixture)
{
    bridge_close(fixture->bridge);
    ev_loop_destroy(fixture->loop);
}

/* Advisories are parts, a note closes the reply of the same name. */
static void put_counting(void *context, const struct event *event)
{
    struct fixture *fixture = context;
    int64_t until_ns = clock_mono_ns() + fixture->delay_ns;
    while (fixture->delay_ns > 0 && clock_mono_ns() < until_ns) {
    }
    fixture->events++;
    if (event->type == EVT_DROP) {
        fixture->drops = event->u.drop.count;
        return;
    }
    const char *reply = event->type == EVT_NOTE ? event->u.note.source : event->u.advisory.account;
    if (fixture->open_reply[0] != '\0' && strcmp(fixture->open_reply, reply) != 0) {
        fixture->has_mixed = true;
    }
    snprintf(fixture->open_reply, sizeof(fixture->open_reply), "%s",
             event->type == EVT_NOTE ? "" : reply);
}

static void post_reply(struct bridge *bridge, const char *name, int count)
{
    struct bridge_writer writer;
    char stream[64];
    bridge_writer_begin(&writer, bridge);
    for (int i = 0; i < count; i++) {
        snprintf(stream, sizeof(stream), "stream-%d", i);
        bridge_put(&writer, &(struct event){.type = EVT_ADVISORY,
                                            .u.advisory = {.account = name, .stream = stream}});
    }
    bridge_put(&writer,
               &(struct event){.type = EVT_NOTE, .u.note = {.source = name, .text = "end"}});
    bridge_writer_end(&writer);
}

struct poster {
    pthread_t thread;
    struct fixture *fixture;
    int index;
};

static void on_poster_done(void *context, const struct bridge_message *message)
{
    struct fixture *fixture = context;
    fixture->calls += message->words[0];
    if (--fixture->posters_left == 0) {
        ev_break(fixture->loop, EVBREAK_ALL);
    }
}

static void *post_many(void *context)
{
    const struct poster *poster = context;
    struct bridge_writer writer;
    for (int i = 0; i < REPLIES; i++) {
        char name[32];
        snprintf(name, sizeof(name), "p%d-r%d", poster->index, i);
        post_reply(poster->fixture->bridge, name, i % 2 == 0 ? 3 : EVENTS_A_REPLY);
    }
    bridge_writer_begin(&writer, poster->fixture->bridge);
    bridge_call(&writer, &(struct bridge_message){
                             .call = on_poster_done, .context = poster->fixture, .words = {1}});
    bridge_writer_end(&writer);
    return NULL;
}

static void run_posters(struct fixture *fixture)
{
    struct poster posters[POSTERS];
    fixture->posters_left = POSTERS;
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.fixture = fixture, .index = i};
        assert_int_equal(thread_start(&posters[i].thread, post_many, &posters[i], NULL), ST_OK);
    }
    ev_run(fixture->loop, 0);
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, NULL);
    }
}

static void events_of_one_reply_stay_together(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    open_bridge(&fixture, (struct bridge_options){.wait_ns = 60 * NS_PER_S}, put_counting);
    run_posters(&fixture);
    assert_false(fixture.has_mixed);
    assert_int_equal(fixture.calls, POSTERS);
    assert_int_equal(fixture.drops, 0);
    assert_int_equal(fixture.events,
                     POSTERS * (REPLIES / 2 * (3 + 1) + REPLIES / 2 * (EVENTS_A_REPLY + 1)));
    close_bridge(&fixture);
}

static void small_ring_waits_and_loses_nothing(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct bridge_figures figures;
    open_bridge(
        &fixture,
        (struct bridge_options){.max_batches = 2, .max_bytes = 200000, .wait_ns = 60 * NS_PER_S},
        put_counting);
    run_posters(&fixture);
    bridge_read_figures(fixture.bridge, &figures);
    assert_int_equal(figures.dropped, 0);
    assert_true(figures.most_bytes <= 400000);
    assert_false(fixture.has_mixed);
    close_bridge(&fixture);
}

static void full_ring_drops_and_says_how_many(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct bridge_figures figures;
    open_bridge(&fixture, (struct bridge_options){.max_batches = 1, .wait_ns = NS_PER_MS},
                put_counting);
    post_reply(fixture.bridge, "first", 3); /* nobody drains: it stays */
    post_reply(fixture.bridge, "second", 4000);
    bridge_read_figures(fixture.bridge, &figures);
    assert_int_equal(figures.dropped, 4001);
    ev_run(fixture.loop, EVRUN_ONCE);
    assert_int_equal(fixture.drops, 4001);
    close_bridge(&fixture);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    (*(int *)timer->data)++;
}

static void timers_run_between_turns(void **state)
{
    (void)state;
    struct fixture fixture = {.delay_ns = 50 * NS_PER_US};
    struct bridge_figures figures;
    struct ev_timer timer;
    int fired = 0;
    open_bridge(&fixture, (struct bridge_options){.budget_ns = NS_PER_MS}, put_counting);
    ev_timer_init(&timer, on_timer, 0.001, 0.001);
    timer.data = &fired;
    ev_timer_start(fixture.loop, &timer);
    post_reply(fixture.bridge, "long", 2000);
    while (fixture.events < 2001) {
        ev_run(fixture.loop, EVRUN_ONCE);
    }
    bridge_read_figures(fixture.bridge, &figures);
    assert_true(fired >= 10); /* 100 ms of events in turns of 1 ms */
    ev_timer_stop(fixture.loop, &timer);
    close_bridge(&fixture);
}

static void put_checking_texts(void *context, const struct event *event)
{
    struct fixture *fixture = context;
    fixture->events++;
    if (event->type == EVT_STREAM_CONFIG) {
        assert_string_equal(event->u.stream_config.server, "s");
        assert_string_equal(event->u.stream_config.account, "s");
        assert_null(event->u.stream_config.origin);
        assert_int_equal(strlen(event->u.stream_config.raw), 100000);
    }
}

static void texts_are_copied_and_absent_ones_stay_absent(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct bridge_writer writer;
    char *raw = malloc(100001);
    assert_non_null(raw);
    memset(raw, 'x', 100000);
    raw[100000] = '\0';
    open_bridge(&fixture, (struct bridge_options){0}, put_checking_texts);
    bridge_writer_begin(&writer, fixture.bridge);
    for (int i = 0; i < 5; i++) {
        struct evt_stream_config config = {.server = "s", .account = "s", .raw = raw};
        bridge_put(&writer, &(struct event){.type = EVT_STREAM_CONFIG, .u.stream_config = config});
    }
    bridge_writer_end(&writer);
    memset(raw, 'y', 10);
    free(raw);
    while (fixture.events < 5) {
        ev_run(fixture.loop, EVRUN_ONCE);
    }
    close_bridge(&fixture);
}

static void dropped_writer_posts_nothing(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct bridge_writer writer;
    open_bridge(&fixture, (struct bridge_options){0}, put_counting);
    bridge_writer_begin(&writer, fixture.bridge);
    bridge_put(&writer, &(struct event){.type = EVT_NOTE, .u.note = {.source = "a"}});
    bridge_writer_drop(&writer);
    bridge_writer_end(&writer);
    ev_run(fixture.loop, EVRUN_NOWAIT);
    assert_int_equal(fixture.events, 0);
    close_bridge(&fixture);
}

static void run_work(void *context)
{
    ((struct fixture *)context)->drops = 7;
}

static void on_work_done(void *context)
{
    struct fixture *fixture = context;
    fixture->calls = 1;
    ev_break(fixture->loop, EVBREAK_ALL);
}

static void worker_completes_on_the_loop(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct worker *worker = NULL;
    open_bridge(&fixture, (struct bridge_options){0}, put_counting);
    struct worker_job job = {.run = run_work, .done = on_work_done, .context = &fixture};
    assert_int_equal(worker_start(&worker, fixture.bridge, &job, NULL), ST_OK);
    ev_run(fixture.loop, 0);
    assert_int_equal(fixture.calls, 1);
    assert_int_equal(fixture.drops, 7);
    worker_join(worker);
    close_bridge(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_of_one_reply_stay_together),
        cmocka_unit_test(small_ring_waits_and_loses_nothing),
        cmocka_unit_test(full_ring_drops_and_says_how_many),
        cmocka_unit_test(timers_run_between_turns),
        cmocka_unit_test(texts_are_copied_and_absent_ones_stay_absent),
        cmocka_unit_test(dropped_writer_posts_nothing),
        cmocka_unit_test(worker_completes_on_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
