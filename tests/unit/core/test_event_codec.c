/*
 * test_event_codec.c - events as JSON lines: every type and boundary there and back, hostile lines
 * refused with a name.
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

static struct event_texts texts;

static void set_field(struct event *event, const struct event_field *field, unsigned round)
{
    static const int64_t signed_numbers[] = {0,         1,         -1,
                                             INT64_MAX, INT64_MIN, (INT64_C(1) << 53) + 1};
    static const uint64_t numbers[] = {0, 1, UINT64_MAX, (uint64_t)INT64_MAX + 1};
    static const char *const words[] = {NULL, "", "a", "\"\\/ \xc3\xa9 \xf0\x9f\x98\x80",
                                        "\\x1b[0m"};
    char *at = (char *)event + field->offset;
    bool flag = round % 2 == 1;
    unsigned value = 0;
    switch (field->kind) {
    case FIELD_BOOL:
        memcpy(at, &flag, sizeof(flag));
        return;
    case FIELD_I64:
        memcpy(at, &signed_numbers[round % 6], sizeof(int64_t));
        return;
    case FIELD_U64:
        memcpy(at, &numbers[round % 4], sizeof(uint64_t));
        return;
    case FIELD_ENUM:
        value = round % (unsigned)field->names->count;
        memcpy(at, &value, sizeof(value));
        return;
    case FIELD_TEXT:
        memcpy(at, &words[round % 5], sizeof(words[0]));
        return;
    }
}

static void assert_same_field(const struct event *a, const struct event *b,
                              const struct event_field *field)
{
    const char *text_a = NULL;
    const char *text_b = NULL;
    size_t bytes = field->kind == FIELD_BOOL   ? sizeof(bool)
                   : field->kind == FIELD_ENUM ? sizeof(unsigned)
                                               : sizeof(int64_t);
    const char *at_a = (const char *)a + field->offset;
    const char *at_b = (const char *)b + field->offset;
    if (field->kind != FIELD_TEXT) {
        assert_memory_equal(at_a, at_b, bytes);
        return;
    }
    memcpy(&text_a, at_a, sizeof(text_a));
    memcpy(&text_b, at_b, sizeof(text_b));
    if (text_a == NULL || text_b == NULL) {
        assert_ptr_equal(text_a, text_b);
        return;
    }
    assert_string_equal(text_a, text_b);
}

static enum fs_status decode(const char *line, struct event *event, struct err *err)
{
    return event_decode(line, strlen(line), event, &texts, err);
}

static void every_type_returns_with_every_boundary_value(void **state)
{
    (void)state;
    struct strbuf buf;
    strbuf_init(&buf, alloc_heap());
    for (unsigned t = 0; t < EVENT_TYPES; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        for (unsigned round = 0; round < 60; round++) {
            struct event event = {.type = (enum event_type)t,
                                  .seq = round % 2 == 0 ? UINT64_MAX : 0,
                                  .mono_ns = round % 2 == 0 ? INT64_MAX : 0,
                                  .at_ns = round % 2 == 0 ? INT64_MIN : 0};
            struct event back;
            struct err err = {0};
            for (size_t i = 0; i < info->field_count; i++) {
                set_field(&event, &info->fields[i], round + (unsigned)i * (round / 6));
            }
            strbuf_reset(&buf);
            event_encode(&event, &buf);
            assert_false(buf.has_failed);
            assert_int_equal(decode(buf.text, &back, &err), ST_OK);
            assert_true(back.type == event.type && back.seq == event.seq);
            assert_true(back.mono_ns == event.mono_ns && back.at_ns == event.at_ns);
            for (size_t i = 0; i < info->field_count; i++) {
                assert_same_field(&event, &back, &info->fields[i]);
            }
        }
    }
    strbuf_destroy(&buf);
}

static void a_line_looks_as_documented(void **state)
{
    (void)state;
    struct strbuf buf;
    struct event event = {.type = EVT_BYE, .seq = 7, .mono_ns = 8, .at_ns = 9};
    event.u.bye.server = "rg1-n1";
    strbuf_init(&buf, alloc_heap());
    event_encode(&event, &buf);
    assert_string_equal(buf.text, "{\"type\":\"bye\",\"seq\":7,\"mono_ns\":8,\"at_ns\":9,"
                                  "\"server\":\"rg1-n1\",\"kind\":\"shutdown\"}");
    strbuf_destroy(&buf);
}

static void unknown_keys_are_skipped_and_missing_ones_are_zero(void **state)
{
    (void)state;
    struct event event;
    assert_int_equal(
        decode("{\"new\":{\"deep\":[1,{}]},\"seq\":3,\"type\":\"tick\",\"x\":null}", &event, NULL),
        ST_OK);
    assert_int_equal(event.type, EVT_TICK);
    assert_true(event.seq == 3 && event.u.tick.late_ns == 0);
    assert_int_equal(decode("{\"type\":\"bye\",\"server\":null}", &event, NULL), ST_OK);
    assert_null(event.u.bye.server);
}

static void wrong_kinds_and_values_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *named;
    } cases[] = {
        {"{\"type\":\"tick\",\"late_ns\":\"1\"}", "tick.late_ns"},
        {"{\"type\":\"tick\",\"late_ns\":9223372036854775808}", "tick.late_ns"},
        {"{\"type\":\"tick\",\"late_ns\":{}}", "tick.late_ns"},
        {"{\"type\":\"tick\",\"seq\":-1}", "stamp"},
        {"{\"type\":\"tick\",\"mono_ns\":true}", "stamp"},
        {"{\"type\":\"server\",\"server\":5}", "server.server"},
        {"{\"type\":\"server\",\"has_jetstream\":1}", "server.has_jetstream"},
        {"{\"type\":\"bye\",\"kind\":\"vanished\"}", "bye.kind"},
        {"{\"type\":\"bye\",\"kind\":0}", "bye.kind"},
        {"{\"type\":\"stream\",\"last_seq\":-1}", "stream.last_seq"},
        {"{\"type\":\"stream\",\"last_seq\":18446744073709551616}", "stream.last_seq"},
        {"{\"type\":\"nothing\"}", "nothing"},
        {"{\"type\":5}", "type"},
        {"{\"seq\":5}", "type"},
        {"[]", "object"},
        {"", "object"},
        {"{\"type\":\"tick\"", "broken"},
        {"{\"type\":\"tick\"} x", "broken"},
        {"{\"type\":\"bye\",\"server\":[1,}", "broken"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event event;
        struct err err = {0};
        assert_int_equal(decode(cases[i].line, &event, &err), ST_INVALID);
        assert_non_null(strstr(err.text, cases[i].named));
    }
}

static void a_line_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    static const char line[] = "{\"type\":\"note\",\"seq\":1,\"severity\":\"warn\",\"source\":"
                               "\"a\\u00e9\",\"text\":\"b\"}";
    for (size_t cut = 0; cut < strlen(line); cut++) {
        struct event event;
        char *copy = malloc(cut + 1);
        assert_non_null(copy);
        memcpy(copy, line, cut);
        assert_int_equal(event_decode(copy, cut, &event, &texts, NULL), ST_INVALID);
        free(copy);
    }
}

static void texts_are_cleaned_on_the_way_in(void **state)
{
    (void)state;
    struct event event;
    assert_int_equal(
        decode("{\"type\":\"note\",\"text\":\"\\u001b]0;x\\u0007\",\"source\":\"\xff\"}", &event,
               NULL),
        ST_OK);
    assert_string_equal(event.u.note.text, "\\x1b]0;x\\x07");
    assert_string_equal(event.u.note.source, "\\xff");
}

static void texts_have_a_limit_together(void **state)
{
    (void)state;
    struct event event;
    struct err err = {0};
    size_t room = (size_t)2 * EVENT_TEXT_BYTES;
    char *line = malloc(room);
    assert_non_null(line);
    /* Exactly full: two texts with their NULs. */
    size_t first = 1000;
    size_t second = EVENT_TEXT_BYTES - first - 2;
    char *at = line + sprintf(line, "{\"type\":\"note\",\"source\":\"");
    memset(at, 'a', first);
    at += first;
    at += sprintf(at, "\",\"text\":\"");
    memset(at, 'b', second);
    sprintf(at + second, "\"}");
    assert_int_equal(decode(line, &event, &err), ST_OK);
    assert_int_equal(strlen(event.u.note.text), second);
    sprintf(at + second, "b\"}");
    assert_int_equal(decode(line, &event, &err), ST_FULL);
    assert_non_null(strstr(err.text, "note.text"));
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_returns_with_every_boundary_value),
        cmocka_unit_test(a_line_looks_as_documented),
        cmocka_unit_test(unknown_keys_are_skipped_and_missing_ones_are_zero),
        cmocka_unit_test(wrong_kinds_and_values_are_named),
        cmocka_unit_test(a_line_cut_at_any_byte_is_refused),
        cmocka_unit_test(texts_are_cleaned_on_the_way_in),
        cmocka_unit_test(texts_have_a_limit_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
