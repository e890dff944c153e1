/*
 * test_event_table.c - the field tables: every byte of every event's body is listed, once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "farshore/core/event_table.h"

#define BODY offsetof(struct event, u)
#define SIZE(type, member) [type] = sizeof(((struct event *)NULL)->u.member)

static const size_t body_bytes[EVENT_TYPES] = {
    SIZE(EVT_START, start),
    SIZE(EVT_SETTINGS, settings),
    SIZE(EVT_REGION, region),
    SIZE(EVT_TICK, tick),
    SIZE(EVT_CONN, conn),
    SIZE(EVT_ASK, ask),
    SIZE(EVT_WINDOW, window),
    SIZE(EVT_PACE, pace),
    SIZE(EVT_SERVER, server),
    SIZE(EVT_STATS, stats),
    SIZE(EVT_BYE, bye),
    SIZE(EVT_GATEWAY, gateway),
    SIZE(EVT_GATEWAYS, gateways),
    SIZE(EVT_GATEWAY_CONFIG, gateway_config),
    SIZE(EVT_META_PEER, meta_peer),
    SIZE(EVT_META, meta),
    SIZE(EVT_STREAM, stream),
    SIZE(EVT_MIRROR, mirror),
    SIZE(EVT_STREAM_CONFIG, stream_config),
    SIZE(EVT_STREAMS, streams),
    SIZE(EVT_ADVISORY, advisory),
    SIZE(EVT_DROP, drop),
    SIZE(EVT_NOTE, note),
    SIZE(EVT_KEY, key),
    SIZE(EVT_RESIZE, resize),
    SIZE(EVT_FAULT, fault),
};

static size_t size_of(enum field_kind kind)
{
    switch (kind) {
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_I64:
    case FIELD_U64:
        return sizeof(int64_t);
    case FIELD_ENUM:
        return sizeof(unsigned);
    case FIELD_TEXT:
        return sizeof(char *);
    }
    return 0;
}

/*
 * Fields lie in memory in the order of their table, and between two of them, and behind the last,
 * there is less room than an alignment needs: a member left out would leave a hole of its size,
 * unless it is a flag in another's padding, which the count below finds.
 */
static void every_byte_of_a_body_belongs_to_a_field(void **state)
{
    (void)state;
    for (unsigned t = 0; t < EVENT_TYPES; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        size_t end = BODY;
        for (size_t i = 0; i < info->field_count; i++) {
            const struct event_field *field = &info->fields[i];
            size_t size = size_of(field->kind);
            size_t aligned = (end + size - 1) / size * size;
            assert_int_equal(field->offset, aligned);
            end = field->offset + size;
        }
        assert_true(body_bytes[t] > 0);
        size_t rounded = (end + 7) / 8 * 8;
        size_t body_end = BODY + body_bytes[t];
        assert_true(end <= body_end && body_end <= rounded);
    }
}

static void padding_of_each_body_is_known(void **state)
{
    (void)state;
    /* Bytes of padding: what an added flag or enumeration would hide in. Change with the struct. */
    static const struct {
        enum event_type type;
        size_t padding;
    } known[] = {
        {EVT_REGION, 4},        {EVT_CONN, 4},      {EVT_ASK, 4},      {EVT_WINDOW, 4},
        {EVT_PACE, 11},         {EVT_SERVER, 11},   {EVT_STATS, 7},    {EVT_BYE, 4},
        {EVT_GATEWAY, 11},      {EVT_META_PEER, 6}, {EVT_META, 7},     {EVT_STREAM, 7},
        {EVT_STREAM_CONFIG, 7}, {EVT_STREAMS, 5},   {EVT_ADVISORY, 4}, {EVT_NOTE, 4},
        {EVT_FAULT, 7},
    };
    size_t padding[EVENT_TYPES] = {0};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        padding[known[i].type] = known[i].padding;
    }
    for (unsigned t = 0; t < EVENT_TYPES; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        size_t sum = 0;
        for (size_t i = 0; i < info->field_count; i++) {
            sum += size_of(info->fields[i].kind);
        }
        if (sum + padding[t] != body_bytes[t]) {
            print_error("%s: %zu + %zu of %zu bytes\n", info->name, sum, padding[t], body_bytes[t]);
        }
        assert_int_equal(sum + padding[t], body_bytes[t]);
    }
}

static void names_of_types_are_unique_and_found(void **state)
{
    (void)state;
    for (unsigned t = 0; t < EVENT_TYPES; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        enum event_type found = EVENT_TYPES;
        assert_non_null(info->name);
        assert_non_null(info->help);
        assert_true(event_type_of(info->name, &found));
        assert_int_equal(found, t);
    }
    enum event_type none = EVENT_TYPES;
    assert_false(event_type_of("", &none));
    assert_false(event_type_of("Server", &none));
}

static void names_of_fields_are_unique_and_no_stamps(void **state)
{
    (void)state;
    for (unsigned t = 0; t < EVENT_TYPES; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        for (size_t i = 0; i < info->field_count; i++) {
            const char *name = info->fields[i].name;
            assert_string_not_equal(name, "type");
            assert_string_not_equal(name, "seq");
            assert_string_not_equal(name, "mono_ns");
            assert_string_not_equal(name, "at_ns");
            for (size_t other = 0; other < i; other++) {
                assert_string_not_equal(name, info->fields[other].name);
            }
        }
    }
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name);
    size_t end_length = strlen(end);
    return length > end_length && strcmp(name + length - end_length, end) == 0;
}

static void units_agree_with_the_names_that_carry_them(void **state)
{
    (void)state;
    for (unsigned t = 0; t < EVENT_TYPES; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        for (size_t i = 0; i < info->field_count; i++) {
            const struct event_field *field = &info->fields[i];
            bool is_time = field->unit == UNIT_NS || field->unit == UNIT_UTC_NS;
            assert_int_equal(is_time, ends_with(field->name, "_ns"));
            if (ends_with(field->name, "_bytes")) {
                assert_int_equal(field->unit, UNIT_BYTES);
            }
            assert_int_equal(field->kind == FIELD_ENUM, field->names != NULL);
            assert_non_null(field_unit_name(field->unit));
        }
    }
}

static void every_word_of_every_enumeration_is_there_and_unique(void **state)
{
    (void)state;
    static const struct {
        const struct name_table *table;
        size_t count;
    } tables[] = {
        {&names_region_role, ROLE_NONE + 1},
        {&names_conn_state, CONN_LOST + 1},
        {&names_ask_kind, ASK_KINDS},
        {&names_bye_kind, BYE_LAMEDUCK + 1},
        {&names_gateway_direction, GATEWAY_INBOUND + 1},
        {&names_advisory_kind, ADVISORY_QUORUM_LOST + 1},
        {&names_severity, SEV_CRIT + 1},
        {&names_server_state, SERVER_GONE + 1},
        {&names_link_state, LINK_DOWN + 1},
        {&names_mirror_state, MIRROR_CAUGHT_UP + 1},
        {&names_verdict, VERDICT_UNKNOWN + 1},
        {&names_trust, TRUST_UNKNOWN + 1},
    };
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        assert_int_equal(tables[i].table->count, tables[i].count);
        for (unsigned word = 0; word < tables[i].count; word++) {
            unsigned value = 0;
            assert_non_null(tables[i].table->words[word]);
            assert_true(name_value(tables[i].table, name_of(tables[i].table, word), &value));
            assert_int_equal(value, word);
        }
        assert_string_equal(name_of(tables[i].table, (unsigned)tables[i].count), "?");
        assert_string_equal(name_of(tables[i].table, UINT32_MAX), "?");
    }
    assert_string_equal(name_of(&names_mirror_state, MIRROR_LAST_KNOWN), "LAST KNOWN");
    assert_string_equal(name_of(&names_mirror_state, MIRROR_CAUGHT_UP), "CAUGHT UP");
    assert_string_equal(name_of(&names_verdict, VERDICT_UNREACHABLE), "UNREACHABLE-FROM-HERE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_a_body_belongs_to_a_field),
        cmocka_unit_test(padding_of_each_body_is_known),
        cmocka_unit_test(names_of_types_are_unique_and_found),
        cmocka_unit_test(names_of_fields_are_unique_and_no_stamps),
        cmocka_unit_test(units_agree_with_the_names_that_carry_them),
        cmocka_unit_test(every_word_of_every_enumeration_is_there_and_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
