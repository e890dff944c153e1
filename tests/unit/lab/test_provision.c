/*
 * test_provision.c - the requests that make a lab, as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <cjson/cJSON.h>

#include "provision.h"
#include "provision_api.h"
#include "provision_plan.h"

static void expect_text(void (*print)(struct strbuf *, const struct provision_item *),
                        const struct provision_item *item, const char *expected)
{
    struct strbuf out;
    strbuf_init(&out, alloc_heap());
    print(&out, item);
    assert_false(out.has_failed);
    assert_string_equal(out.text, expected);
    strbuf_destroy(&out);
}

#define LIMITS                                                                                     \
    "\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"max_age\":0,\"max_msg_size\":-1,"     \
    "\"allow_direct\":true"

static void an_origin_spells_out_its_window_and_placement(void **state)
{
    (void)state;
    const struct provision_item item = {.stream = "AGENTESE",
                                        .subject = LAB_SUBJECT_AGENTESE,
                                        .cluster = "rg1",
                                        .replicas = 3,
                                        .kind = PROVISION_LOG};
    expect_text(provision_print_subject, &item, "$JS.API.STREAM.CREATE.AGENTESE");
    expect_text(provision_print_body, &item,
                "{\"name\":\"AGENTESE\",\"subjects\":[\"agentese.>\"],"
                "\"duplicate_window\":120000000000,\"retention\":\"limits\",\"storage\":\"file\","
                "\"num_replicas\":3,\"placement\":{\"cluster\":\"rg1\"}," LIMITS
                ",\"discard\":\"old\",\"max_msgs_per_subject\":-1}");
}

static void a_mirror_names_its_origin_and_no_subjects(void **state)
{
    (void)state;
    const struct provision_item item = {.stream = "EVENTS_MIRROR",
                                        .mirror = "EVENTS",
                                        .cluster = "rg2",
                                        .replicas = 1,
                                        .kind = PROVISION_LOG};
    expect_text(provision_print_body, &item,
                "{\"name\":\"EVENTS_MIRROR\",\"mirror\":{\"name\":\"EVENTS\"},"
                "\"mirror_direct\":true,\"retention\":\"limits\",\"storage\":\"file\","
                "\"num_replicas\":1,\"placement\":{\"cluster\":\"rg2\"}," LIMITS
                ",\"discard\":\"old\",\"max_msgs_per_subject\":-1}");
}

static void a_bucket_is_a_stream_with_history_one(void **state)
{
    (void)state;
    const struct provision_item item = {.stream = "KV_FARSHORE_LOCK",
                                        .subject = "$KV.FARSHORE_LOCK.>",
                                        .cluster = "rg2",
                                        .replicas = 3,
                                        .kind = PROVISION_BUCKET};
    expect_text(provision_print_body, &item,
                "{\"name\":\"KV_FARSHORE_LOCK\",\"subjects\":[\"$KV.FARSHORE_LOCK.>\"],"
                "\"duplicate_window\":120000000000,\"retention\":\"limits\",\"storage\":\"file\","
                "\"num_replicas\":3,\"placement\":{\"cluster\":\"rg2\"}," LIMITS
                ",\"discard\":\"new\",\"max_msgs_per_subject\":1,\"deny_delete\":true,"
                "\"allow_rollup_hdrs\":true}");
}

static void a_journal_denies_deletes(void **state)
{
    (void)state;
    struct strbuf out;
    const struct provision_item item = {.stream = "FARSHORE_JOURNAL",
                                        .subject = "farshore.journal.>",
                                        .cluster = "rg2",
                                        .replicas = 3,
                                        .kind = PROVISION_JOURNAL};
    strbuf_init(&out, alloc_heap());
    provision_print_body(&out, &item);
    assert_non_null(strstr(out.text, "\"deny_delete\":true"));
    assert_null(strstr(out.text, "allow_rollup_hdrs"));
    strbuf_destroy(&out);
}

static void a_consumer_is_durable_and_acks_each_message(void **state)
{
    (void)state;
    const struct provision_item item = {.durable = "tasks",
                                        .stream = "AGENTESE",
                                        .subject = "agentese.task.>",
                                        .cluster = "rg1",
                                        .replicas = 3,
                                        .kind = PROVISION_LOG};
    expect_text(provision_print_subject, &item, "$JS.API.CONSUMER.DURABLE.CREATE.AGENTESE.tasks");
    expect_text(provision_print_body, &item,
                "{\"stream_name\":\"AGENTESE\",\"config\":{\"durable_name\":\"tasks\","
                "\"deliver_policy\":\"all\",\"ack_policy\":\"explicit\",\"ack_wait\":30000000000,"
                "\"max_deliver\":-1,\"max_ack_pending\":1000,\"replay_policy\":\"instant\","
                "\"filter_subject\":\"agentese.task.>\"}}");
}

static void every_durable_of_the_plan_prints_valid_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < LAB_DURABLES; i++) {
        struct strbuf out;
        struct provision_item item = {.durable = lab_durables[i].name, .cluster = "rg1"};
        strbuf_init(&out, alloc_heap());
        provision_print_body(&out, &item);
        cJSON *parsed = cJSON_Parse(out.text);
        assert_non_null(parsed);
        cJSON_Delete(parsed);
        strbuf_destroy(&out);
    }
}

static void wrong_arguments_are_refused_before_any_connection(void **state)
{
    (void)state;
    struct err err = {.status = ST_OK};
    struct lab_provision provision = {.urls = "nats://127.0.0.1:1",
                                      .user = "app",
                                      .password = "app",
                                      .origin_cluster = "rg1",
                                      .mirror_cluster = "rg2",
                                      .replicas = 0,
                                      .extra_streams = 0};
    assert_int_equal(lab_provision_run(&provision, &err), ST_INVALID);
    provision.replicas = 3;
    provision.extra_streams = -1;
    err_reset(&err);
    assert_int_equal(lab_provision_run(&provision, &err), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_spells_out_its_window_and_placement),
        cmocka_unit_test(a_mirror_names_its_origin_and_no_subjects),
        cmocka_unit_test(a_bucket_is_a_stream_with_history_one),
        cmocka_unit_test(a_journal_denies_deletes),
        cmocka_unit_test(a_consumer_is_durable_and_acks_each_message),
        cmocka_unit_test(every_durable_of_the_plan_prints_valid_json),
        cmocka_unit_test(wrong_arguments_are_refused_before_any_connection),
    };
    return cmocka_run_group_tests_name("lab/provision", tests, NULL, NULL);
}
