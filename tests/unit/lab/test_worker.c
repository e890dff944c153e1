/*
 * test_worker.c - what the workload reads from outside: acks, deliveries, names; and what it
 * remembers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker_consume.h"
#include "worker_publish.h"
#include "worker_seen.h"

static bool parse_ack(const char *json, char *stream, bool *is_duplicate)
{
    return worker_ack_parse(json, strlen(json), stream, is_duplicate);
}

static void an_ack_names_its_stream(void **state)
{
    (void)state;
    char stream[WORKER_STREAM_BYTES];
    bool is_duplicate = true;
    assert_true(parse_ack("{\"stream\":\"AGENTESE\",\"seq\":7}", stream, &is_duplicate));
    assert_string_equal(stream, "AGENTESE");
    assert_false(is_duplicate);
    assert_true(
        parse_ack("{\"stream\":\"EVENTS\",\"seq\":7,\"duplicate\": true}", stream, &is_duplicate));
    assert_string_equal(stream, "EVENTS");
    assert_true(is_duplicate);
}

static void an_error_or_nonsense_is_no_ack(void **state)
{
    (void)state;
    static const char *const replies[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"stream\":7}",
        "{\"stream\":\"\"}",
        "{\"error\":{\"code\":503,\"err_code\":10077},\"stream\":\"AGENTESE\",\"seq\":0}",
    };
    char stream[WORKER_STREAM_BYTES];
    bool is_duplicate = false;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        assert_false(parse_ack(replies[i], stream, &is_duplicate));
        assert_string_equal(stream, "");
    }
    assert_false(worker_ack_parse(NULL, 0, stream, &is_duplicate));
}

static void a_delivery_tells_its_stream_sequence(void **state)
{
    (void)state;
    uint64_t seq = 0;
    assert_true(
        worker_delivery_parse("$JS.ACK.AGENTESE.agents.1.42.40.1700000000000000000.3", &seq));
    assert_int_equal(seq, 42);
    assert_true(worker_delivery_parse(
        "$JS.ACK.hub.ABCDEF.EVENTS.audit.2.18446744073709551615.40.1700000000.3.x", &seq));
    assert_true(seq == UINT64_MAX);
    assert_false(worker_delivery_parse(NULL, &seq));
    assert_false(worker_delivery_parse("_INBOX.x", &seq));
    assert_false(worker_delivery_parse("$JS.ACK.A.b.1", &seq));
    assert_false(worker_delivery_parse("$JS.ACK.A.b.1.x.40.1.3", &seq));
}

static bool parse_names(const char *json, char *stream)
{
    return worker_names_parse(json, strlen(json), stream);
}

static void the_stream_of_a_subject_is_the_first_of_the_names(void **state)
{
    (void)state;
    char stream[WORKER_NAME_BYTES] = "";
    assert_true(parse_names("{\"type\":\"x\",\"total\":1,\"streams\":[\"AGENTESE\"]}", stream));
    assert_string_equal(stream, "AGENTESE");
    assert_false(parse_names("{\"total\":0,\"streams\":null}", stream));
    assert_false(parse_names("{\"streams\":[]}", stream));
    assert_false(parse_names("{\"streams\":[1]}", stream));
    assert_false(parse_names("{\"error\":{\"code\":503,\"err_code\":10008}}", stream));
    assert_false(parse_names("{\"streams\":[\"a.b\"]}", stream));
    assert_false(parse_names("{\"streams\":[\"a >\"]}", stream));
}

static void an_id_is_seen_once(void **state)
{
    (void)state;
    struct worker_seen *seen = calloc(1, sizeof *seen);
    assert_non_null(seen);
    assert_false(worker_seen_before(seen, "run-1"));
    assert_false(worker_seen_before(seen, "run-2"));
    assert_true(worker_seen_before(seen, "run-1"));
    assert_true(worker_seen_before(seen, "run-2"));
    free(seen);
}

static void the_last_generation_is_always_remembered(void **state)
{
    (void)state;
    char id[32];
    size_t count = (size_t)WORKER_SEEN_GENERATION * 5;
    struct worker_seen *seen = calloc(1, sizeof *seen);
    assert_non_null(seen);
    for (size_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "run-%zu", i);
        assert_false(worker_seen_before(seen, id));
        if (i >= WORKER_SEEN_GENERATION) {
            snprintf(id, sizeof id, "run-%zu", i - WORKER_SEEN_GENERATION + 1);
            assert_true(worker_seen_before(seen, id));
        }
    }
    free(seen);
}

static void what_is_long_ago_is_forgotten(void **state)
{
    (void)state;
    char id[32];
    struct worker_seen *seen = calloc(1, sizeof *seen);
    assert_non_null(seen);
    assert_false(worker_seen_before(seen, "first"));
    for (size_t i = 0; i < (size_t)WORKER_SEEN_GENERATION * 3; i++) {
        snprintf(id, sizeof id, "run-%zu", i);
        assert_false(worker_seen_before(seen, id));
    }
    assert_false(worker_seen_before(seen, "first"));
    free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_names_its_stream),
        cmocka_unit_test(an_error_or_nonsense_is_no_ack),
        cmocka_unit_test(a_delivery_tells_its_stream_sequence),
        cmocka_unit_test(the_stream_of_a_subject_is_the_first_of_the_names),
        cmocka_unit_test(an_id_is_seen_once),
        cmocka_unit_test(the_last_generation_is_always_remembered),
        cmocka_unit_test(what_is_long_ago_is_forgotten),
    };
    return cmocka_run_group_tests_name("lab/worker", tests, NULL, NULL);
}
