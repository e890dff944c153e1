/*
 * test_model.c - the fold as a whole: digest, replay, memory that fails, numbers that are hostile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "farshore/core/event_codec.h"
#include "farshore/core/event_table.h"
#include "world.h"

static struct world world;

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Read every view, as a screen would. */
static void read_all(const struct model *model)
{
    struct session_view session;
    struct meta_view meta;
    view_session(model, &session);
    view_meta(model, &meta);
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view view;
        view_region(model, i, &view);
        view_meta_survives(model, i);
        severity_of_verdict(view.verdict);
        assert_non_null(view.name);
        assert_true(view.for_ns >= 0 && view.servers_up <= view.servers);
    }
    for (size_t i = 0; i < view_servers(model); i++) {
        struct server_view view;
        view_server(model, i, &view);
        severity_of_server(view.state);
        assert_non_null(view.name);
        assert_non_null(view.region);
    }
    for (size_t i = 0; i < view_links(model); i++) {
        struct link_view view;
        view_link(model, i, &view);
        severity_of_link(view.state);
        assert_int_equal(strlen(view.history), VIEW_HISTORY);
        assert_true(view.servers_up <= view.servers && view.servers <= view.servers_known);
    }
    for (size_t i = 0; i < view_mirrors(model); i++) {
        struct mirror_view view;
        view_mirror(model, i, &view);
        severity_of_mirror(view.state);
        assert_true(view.lag_msgs.number >= 0 && view.lag_ns.number >= 0);
        assert_true(view.loss.high < 0 || view.loss.high >= view.loss.low);
        assert_int_equal(strlen(view.history), VIEW_HISTORY);
    }
    for (size_t i = 0; i < view_changes(model); i++) {
        struct change_view view;
        view_change(model, i, &view);
        assert_non_null(view.text);
    }
    model_digest(model);
}

static void play_stream(struct world *play, unsigned server, const char *stream, uint64_t seq)
{
    struct event event = world_stream("APP", stream, server, seq);
    world_post(play, &event);
}

/* A long valid life of a super-cluster: deaths, returns, cuts, stalls, stand-stills. */
static void play(struct world *play, unsigned seconds, uint64_t seed)
{
    uint64_t seq = 100;
    uint64_t mirrored = 100;
    play->leader = 6;
    for (unsigned i = 0; i < seconds; i++) {
        uint64_t dice = next_random(&seed);
        unsigned server = (unsigned)(dice >> 8) % play->servers;
        if (dice % 7 == 0) {
            play->is_alive[server] = !play->is_alive[server];
            play->run[server]++;
        }
        if (dice % 11 == 0) {
            play->is_cut[server % 3][(dice >> 20) % 3] ^= true;
        }
        if (dice % 13 == 0) {
            play->is_deaf[server % 3] ^= true;
        }
        if (dice % 17 == 0) {
            struct event bye = {.type = EVT_BYE};
            bye.u.bye = (struct evt_bye){.server = world_server_name(server),
                                         .cluster = world_region_name(server),
                                         .kind = (enum bye_kind)(dice >> 30 & 1)};
            world_post(play, &bye);
        }
        if (dice % 29 == 0) {
            world_conn(play, world_region_name(server), (enum conn_state)(dice >> 40 & 3));
        }
        if (dice % 41 == 0) {
            world_pass(play, 20 * NS_PER_S);
        }
        play->leader = dice % 19 == 0 ? (int)server : play->leader;
        world_second(play);
        seq += dice >> 50 & 63;
        mirrored += dice % 3 == 0 ? 0 : (seq - mirrored) / 2;
        if (play->is_alive[0]) {
            play_stream(play, 0, "AGENTESE", seq);
        }
        if (play->is_alive[3]) {
            play_stream(play, 3, "AGENTESE_MIRROR", mirrored);
            struct event event = world_mirror("APP", "AGENTESE_MIRROR", "AGENTESE",
                                              (int64_t)(dice >> 44 & 3) * NS_PER_S);
            world_post(play, &event);
        }
    }
}

static void the_same_events_give_the_same_digest(void **state)
{
    (void)state;
    uint64_t digests[2];
    for (unsigned i = 0; i < 2; i++) {
        world_begin(&world, 7);
        play(&world, 200, 42);
        digests[i] = model_digest(world.model);
        assert_true(digests[i] == model_digest(world.model));
        world_end(&world);
    }
    assert_true(digests[0] == digests[1]);
    world_begin(&world, 7);
    play(&world, 200, 43);
    assert_true(model_digest(world.model) != digests[0]);
    world_end(&world);
}

static void reading_views_changes_nothing(void **state)
{
    (void)state;
    world_begin(&world, 7);
    play(&world, 100, 7);
    uint64_t before = model_digest(world.model);
    uint64_t revision = model_revision(world.model);
    read_all(world.model);
    assert_true(model_digest(world.model) == before);
    assert_true(model_revision(world.model) == revision);
    world_end(&world);
}

static void the_digest_tells_the_order_of_rows(void **state)
{
    (void)state;
    uint64_t digests[2];
    for (unsigned i = 0; i < 2; i++) {
        world_begin(&world, 7);
        world_answer(&world, i == 0 ? 0 : 1, "rg1");
        world_answer(&world, i == 0 ? 1 : 0, "rg1");
        digests[i] = model_digest(world.model);
        world_end(&world);
    }
    assert_true(digests[0] != digests[1]);
}

static const struct event_field *field_of(enum event_type type, const char *name)
{
    const struct event_info *info = event_info(type);
    for (size_t i = 0; i < info->field_count; i++) {
        if (strcmp(info->fields[i].name, name) == 0) {
            return &info->fields[i];
        }
    }
    fail_msg("no field %s", name);
    return NULL;
}

/* A world of one of everything; a field of one event is moved by one, or a text made another. */
static uint64_t digest_with(enum event_type changed, const char *name)
{
    struct event events[] = {
        {.type = EVT_START, .u.start = {"farshore", "0.1", "live", "lab", "ada", "host"}},
        {.type = EVT_PACE, .u.pace = {"rg1", ASK_STREAMS, 5 * NS_PER_S, 1, 1, false}},
        {.type = EVT_STATS, .u.stats = {.server = "rg1-n1", .is_push = true, .raw = "{}"}},
        world_stream("APP", "AGENTESE", 0, 10),
        world_stream("APP", "AGENTESE_MIRROR", 3, 9),
        world_mirror("APP", "AGENTESE_MIRROR", "AGENTESE", 5),
        {.type = EVT_STREAM_CONFIG,
         .u.stream_config = {.account = "APP", .stream = "AGENTESE", .raw = "{}"}},
        {.type = EVT_DROP, .u.drop = {"queue", 1}},
        {.type = EVT_NOTE, .u.note = {SEV_WARN, "config", "text"}},
        {.type = EVT_CONN, .u.conn = {"rg1", CONN_LOST, NULL, NULL, "why"}},
    };
    world_begin(&world, 7);
    world_round(&world);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (events[i].type == changed) {
            const struct event_field *field = field_of(changed, name);
            if (field == NULL) {
                return 0; /* field_of() has failed the test */
            }
            char *at = (char *)&events[i] + field->offset;
            static const char *const other = "other";
            int64_t number = 0;
            if (field->kind == FIELD_TEXT) {
                memcpy(at, &other, sizeof(other));
            } else if (field->kind == FIELD_BOOL) {
                *at = (char)!*at;
            } else if (field->kind == FIELD_ENUM) {
                *at = (char)(*at + 1);
            } else {
                memcpy(&number, at, sizeof(number));
                number++;
                memcpy(at, &number, sizeof(number));
            }
        }
        world_post(&world, &events[i]);
    }
    uint64_t digest = model_digest(world.model);
    world_end(&world);
    return digest;
}

static void the_digest_differs_on_any_field_that_a_view_shows(void **state)
{
    (void)state;
    static const struct {
        enum event_type type;
        const char *field;
    } cases[] = {
        {EVT_START, "version"},       {EVT_START, "mode"},
        {EVT_START, "context"},       {EVT_START, "operator_name"},
        {EVT_START, "host"},          {EVT_PACE, "interval_ns"},
        {EVT_PACE, "is_slowed"},      {EVT_STATS, "start_ns"},
        {EVT_STATS, "connections"},   {EVT_STATS, "slow_consumers"},
        {EVT_STATS, "cpu_milli_pct"}, {EVT_STATS, "mem_bytes"},
        {EVT_STATS, "raw"},           {EVT_STREAM, "msgs"},
        {EVT_STREAM, "bytes"},        {EVT_STREAM, "first_seq"},
        {EVT_STREAM, "last_seq"},     {EVT_STREAM, "deleted"},
        {EVT_STREAM, "consumers"},    {EVT_STREAM, "created_ns"},
        {EVT_STREAM, "last_ts_ns"},   {EVT_STREAM, "is_leader"},
        {EVT_MIRROR, "lag"},          {EVT_MIRROR, "active_ns"},
        {EVT_MIRROR, "error"},        {EVT_MIRROR, "external"},
        {EVT_STREAM_CONFIG, "raw"},   {EVT_DROP, "count"},
        {EVT_NOTE, "severity"},       {EVT_NOTE, "text"},
        {EVT_CONN, "reason"},         {EVT_STREAM, "account"},
        {EVT_STREAM, "stream"},
    };
    uint64_t plain = digest_with(EVENT_TYPES, NULL);
    assert_true(plain == digest_with(EVENT_TYPES, NULL));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (digest_with(cases[i].type, cases[i].field) == plain) {
            fail_msg("the digest does not see %s.%s", event_info(cases[i].type)->name,
                     cases[i].field);
        }
    }
}

/* ---- replay ---- */

struct replay {
    struct model *model;
    struct strbuf line;
    struct event_texts texts;
    unsigned events;
};

static void replay_put(void *context, const struct event *event)
{
    struct replay *replay = context;
    struct event decoded;
    strbuf_reset(&replay->line);
    event_encode(event, &replay->line);
    assert_int_equal(
        event_decode(replay->line.text, replay->line.length, &decoded, &replay->texts, NULL),
        ST_OK);
    model_apply(replay->model, &decoded);
    replay->events++;
}

static void a_replay_of_recorded_lines_ends_in_the_same_state(void **state)
{
    (void)state;
    static struct replay replay;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        memset(&replay, 0, sizeof(replay));
        replay.model = model_create(alloc_heap(), NULL);
        strbuf_init(&replay.line, alloc_heap());
        world_begin(&world, 7);
        model_destroy(world.model);
        world.model = model_create(alloc_heap(), NULL);
        world.also = (struct event_sink){.context = &replay, .put = replay_put};
        world_settings(&world, NS_PER_S, 10 * NS_PER_S);
        for (unsigned i = 0; i < 20; i++) {
            play(&world, 15, seed * 100 + i);
            assert_true(model_digest(world.model) == model_digest(replay.model));
        }
        assert_true(replay.events > 3000);
        assert_true(model_changes(world.model) == model_changes(replay.model));
        strbuf_destroy(&replay.line);
        model_destroy(replay.model);
        world_end(&world);
    }
}

/* ---- memory ---- */

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct counting_alloc counting;
    counting_begin(&counting);
    world_begin_with(&world, 7, &counting.alloc);
    play(&world, 12, 5);
    world_end(&world);
    uint64_t calls = counting.calls;
    assert_int_equal(counting.bytes, 0);
    assert_true(calls > 50);
    for (uint64_t n = 1; n <= calls; n++) {
        for (unsigned fails_on = 0; fails_on < 2; fails_on++) {
            counting_begin(&counting);
            counting.fail_at = n;
            counting.fails_on = fails_on == 1;
            world_begin_with(&world, 7, &counting.alloc);
            if (world.model != NULL) {
                play(&world, 12, 5);
                read_all(world.model);
                assert_true(counting.failed == 0 || model_overflow(world.model).memory > 0);
            }
            world_end(&world);
            assert_int_equal(counting.bytes, 0);
        }
    }
}

static void a_model_without_memory_is_none(void **state)
{
    (void)state;
    struct counting_alloc counting;
    counting_begin(&counting);
    counting.fail_at = 1;
    assert_null(model_create(&counting.alloc, NULL));
    model_destroy(NULL);
}

static void raw_texts_are_bounded_and_counted(void **state)
{
    (void)state;
    struct counting_alloc counting;
    static char raw[40000];
    char name[32];
    counting_begin(&counting);
    world_begin_with(&world, 7, &counting.alloc);
    for (unsigned i = 0; i < 1500; i++) {
        snprintf(name, sizeof(name), "M%u", i);
        struct event event = world_mirror("APP", name, name + 1, 0);
        world_post(&world, &event);
        memset(raw, 'x', sizeof(raw));
        raw[i == 0 ? 39999 : 20000] = '\0';
        event = (struct event){.type = EVT_STREAM_CONFIG};
        event.u.stream_config.account = "APP";
        event.u.stream_config.stream = name + 1;
        event.u.stream_config.raw = raw;
        world_post(&world, &event);
    }
    assert_true(model_overflow(world.model).texts > 1);
    assert_true(counting.bytes < (size_t)20 << 20);
    world_end(&world);
    assert_int_equal(counting.bytes, 0);
}

/* ---- hostile events ---- */

static void fill_hostile(struct event *event, uint64_t *seed)
{
    static const int64_t numbers[] = {INT64_MIN, -1, 0, 1, INT64_MAX, INT64_MAX - 1, NS_PER_S};
    static const char *const words[] = {NULL,       "",    "rg1", "rg2",      "rg1-n1", "rg2-n1",
                                        "AGENTESE", "APP", "x",   "MIRROR_1", "rg9"};
    const struct event_info *info = event_info(event->type);
    for (size_t i = 0; i < info->field_count; i++) {
        const struct event_field *field = &info->fields[i];
        char *at = (char *)event + field->offset;
        uint64_t dice = next_random(seed) >> 16;
        bool flag = dice % 2 == 0;
        unsigned word = field->kind == FIELD_ENUM ? (unsigned)(dice % field->names->count) : 0;
        switch (field->kind) {
        case FIELD_BOOL:
            memcpy(at, &flag, sizeof(flag));
            break;
        case FIELD_I64:
        case FIELD_U64:
            memcpy(at, &numbers[dice % 7], sizeof(int64_t));
            break;
        case FIELD_ENUM:
            memcpy(at, &word, sizeof(word));
            break;
        case FIELD_TEXT:
            memcpy(at, &words[dice % 11], sizeof(words[0]));
            break;
        }
    }
}

static void hostile_events_overflow_nothing(void **state)
{
    (void)state;
    uint64_t seed = 99;
    struct model_limits small = {
        .regions = 3, .servers = 4, .streams = 6, .mirrors = 3, .log_lines = 0};
    for (unsigned run = 0; run < 40; run++) {
        memset(&world, 0, sizeof(world));
        world.model = model_create(alloc_heap(), run % 2 == 0 ? NULL : &small);
        int64_t mono_ns = 0;
        for (unsigned i = 0; i < 2000; i++) {
            uint64_t dice = next_random(&seed);
            struct event event = {.type = (enum event_type)((dice >> 10) % EVENT_TYPES)};
            fill_hostile(&event, &seed);
            mono_ns += (int64_t)(dice >> 34);
            event.mono_ns = i == 1900 ? INT64_MAX : i % 50 == 0 ? INT64_MIN : mono_ns;
            event.at_ns = i % 3 == 0 ? INT64_MIN : INT64_MAX;
            model_apply(world.model, &event);
            if (i % 100 == 0 || i > 1990) {
                read_all(world.model);
            }
        }
        world_end(&world);
    }
}

static void time_never_runs_backwards(void **state)
{
    (void)state;
    world_begin(&world, 7);
    world_round(&world);
    int64_t before = model_mono_ns(world.model);
    world.now_ns -= 500 * NS_PER_S;
    world_tick(&world);
    assert_true(model_mono_ns(world.model) == before);
    assert_int_equal(world_region(&world, "rg1").verdict, VERDICT_OK);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_events_give_the_same_digest),
        cmocka_unit_test(reading_views_changes_nothing),
        cmocka_unit_test(the_digest_tells_the_order_of_rows),
        cmocka_unit_test(the_digest_differs_on_any_field_that_a_view_shows),
        cmocka_unit_test(a_replay_of_recorded_lines_ends_in_the_same_state),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_model_without_memory_is_none),
        cmocka_unit_test(raw_texts_are_bounded_and_counted),
        cmocka_unit_test(hostile_events_overflow_nothing),
        cmocka_unit_test(time_never_runs_backwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
