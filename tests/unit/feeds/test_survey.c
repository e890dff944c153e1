/*
 * test_survey.c - replies of real servers to a survey's questions, and broken ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "survey_decode.h"

#define SERVER(cluster)                                                                            \
    "{\"server\":{\"name\":\"rg2-n1\",\"cluster\":\"" cluster "\",\"jetstream\":true,"             \
    "\"time\":\"2026-11-24T03:18:20.5Z\"},"

static struct ready_facts facts;

static bool decode(const char *text)
{
    return survey_decode_jsz(text, strlen(text), "rg2", &facts);
}

static const char mirror[] = SERVER(
    "rg2") "\"data\":{\"config\":{\"max_storage\":68719476736},\"storage\":1646604,"
           "\"reserved_storage\":7,\"account_details\":[{\"name\":\"APP\",\"id\":\"APP\","
           "\"storage\":1,\"reserved_storage\":18446744073709551615,\"stream_detail\":["
           "{\"name\":\"ORDERS_MIRROR\",\"cluster\":{\"leader\":\"rg2-n1\",\"replicas\":["
           "{\"name\":\"rg2-n2\"},{\"name\":\"rg2-n3\"}]},\"config\":{\"subjects\":[\"a.>\","
           "\"b\"],\"retention\":\"limits\",\"storage\":\"file\",\"num_replicas\":3,"
           "\"mirror\":{\"name\":\"ORDERS\",\"external\":{\"api\":\"$JS.d.API\"}},"
           "\"metadata\":{\"io.nats.monitor.lag-critical\":\"200\","
           "\"io.nats.monitor.seen-critical\":\"5m\",\"other\":{\"x\":[1]},"
           "\"io.nats.monitor.peer-expect\":\"3\"}},\"state\":{\"messages\":"
           "9007199254740993,\"bytes\":5,\"first_seq\":2,\"last_seq\":9007199254740994,"
           "\"consumer_count\":2},\"consumer_detail\":[{\"name\":\"a\",\"config\":"
           "{\"durable_name\":\"a\"}},{\"name\":\"b\",\"config\":{}},{\"name\":\"c\"}]}]}]}}";

static void a_stream_is_taken_whole(void **state)
{
    (void)state;
    ready_facts_begin(&facts, alloc_heap());
    assert_true(decode(mirror));
    assert_int_equal(facts.stream_count, 1);
    const struct ready_stream *row = &facts.streams[0];
    assert_string_equal(row->account, "APP");
    assert_string_equal(row->name, "ORDERS_MIRROR");
    assert_string_equal(row->region, "rg2");
    assert_string_equal(row->leader, "rg2-n1");
    assert_string_equal(row->subjects, "a.> b");
    assert_string_equal(row->origin, "ORDERS");
    assert_string_equal(row->external, "$JS.d.API");
    assert_string_equal(row->retention, "limits");
    assert_string_equal(row->storage, "file");
    assert_true(row->is_leader && row->has_config && !row->has_bad_monitor);
    assert_int_equal(row->msgs, INT64_C(9007199254740993));
    assert_int_equal(row->last_seq, UINT64_C(9007199254740994));
    assert_int_equal(row->peers, 3);
    assert_int_equal(row->consumers, 2);
    assert_int_equal(row->consumers_known, 2);
    assert_int_equal(row->consumers_durable, 1);
    assert_int_equal(row->lag_critical, 200);
    assert_int_equal(row->seen_critical_ns, INT64_C(300000000000));
    assert_int_equal(row->peer_expect, 3);
    assert_int_equal(facts.server_count, 1);
    assert_int_equal(facts.servers[0].store_used_bytes, 1646604);
    assert_int_equal(facts.servers[0].store_reserved_bytes, 7);
    assert_int_equal(facts.servers[0].store_limit_bytes, INT64_C(68719476736));
    ready_facts_end(&facts);
}

static void a_reply_of_another_cluster_or_a_torn_one_does_not_count(void **state)
{
    (void)state;
    ready_facts_begin(&facts, alloc_heap());
    assert_false(decode(SERVER("rg22") "\"data\":{\"account_details\":[]}}"));
    assert_false(decode(SERVER("rg2") "\"error\":{\"code\":500}}"));
    assert_false(decode(""));
    assert_false(decode("[]"));
    for (size_t length = 0; length < sizeof(mirror) - 1; length++) {
        assert_false(survey_decode_jsz(mirror, length, "rg2", &facts));
    }
    ready_facts_end(&facts);
}

static void thresholds_that_are_none_are_said(void **state)
{
    (void)state;
    static const char head[] = SERVER("rg2") "\"data\":{\"account_details\":[{\"name\":\"APP\","
                                             "\"stream_detail\":[{\"name\":\"S\",\"config\":"
                                             "{\"metadata\":{";
    static const char tail[] = "}}}]}]}}";
    static const struct {
        const char *members;
        bool is_bad;
        int64_t lag;
    } rows[] = {
        {"\"io.nats.monitor.lag-critical\":\"many\"", true, -1},
        {"\"io.nats.monitor.lag-critical\":\"-5\"", true, -1},
        {"\"io.nats.monitor.seen-critical\":\"5\"", true, -1},
        {"\"io.nats.monitor.lag-critical\":\"5\",\"io.nats.monitor.enabled\":\"true\"", false, 5},
        {"\"io.nats.monitor.lag-critical\":\"x\",\"io.nats.monitor.enabled\":\"false\"", false, -1},
        {"\"io.nats.monitor.enabled\":\"0\",\"io.nats.monitor.lag-critical\":\"5\"", false, -1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024] = "";
        strcat(strcat(strcpy(text, head), rows[i].members), tail);
        ready_facts_begin(&facts, alloc_heap());
        assert_true(decode(text));
        assert_int_equal(facts.streams[0].has_bad_monitor, rows[i].is_bad);
        assert_int_equal(facts.streams[0].lag_critical, rows[i].lag);
        assert_true(facts.streams[0].is_leader); /* a server on its own */
        assert_string_equal(facts.streams[0].leader, "rg2-n1");
        ready_facts_end(&facts);
    }
}

static void a_ping_tells_time_and_assets(void **state)
{
    (void)state;
    struct survey_server server;
    const char *text = SERVER("rg2") "\"statsz\":{\"jetstream\":{\"stats\":{\"ha_assets\":6}}}}";
    assert_true(survey_decode_ping(text, strlen(text), &server));
    assert_string_equal(server.name, "rg2-n1");
    assert_int_equal(server.time_ns, INT64_C(1795490300500000000));
    assert_int_equal(server.assets, 6);
    assert_true(server.has_jetstream);
    assert_false(survey_decode_ping("{}", 2, &server));
    assert_false(survey_decode_ping("", 0, &server));
}

static void permissions_are_judged_by_what_is_needed(void **state)
{
    (void)state;
    static const char *const needed[] = {"$JS.API.STREAM.UPDATE.*", "$KV.FARSHORE_LOCK.lock", NULL};
    static const struct {
        const char *permissions, *forbidden;
    } rows[] = {
        {"", ""},
        {",\"permissions\":{\"publish\":{\"allow\":[\"$JS.API.>\",\"$KV.>\"]}}", ""},
        {",\"permissions\":{\"publish\":{\"allow\":[\"$JS.API.STREAM.UPDATE.A\",\"$KV.>\"]}}", ""},
        {",\"permissions\":{\"publish\":{\"allow\":[\"$KV.>\"]}}", "$JS.API.STREAM.UPDATE.*"},
        {",\"permissions\":{\"publish\":{\"allow\":[\">\"],\"deny\":[\"$KV.>\"]}}",
         "$KV.FARSHORE_LOCK.lock"},
        {",\"permissions\":{\"publish\":{\"deny\":[\"$JS.API.STREAM.UPDATE.X\"]}}", ""},
        {",\"permissions\":{\"subscribe\":{\"allow\":[\"_INBOX.>\"]}}", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[512] = "{\"data\":{\"user\":\"app\",\"account\":\"KEY\",\"account_name\":\"APP\"";
        struct survey_answer answer;
        strcat(strcat(text, rows[i].permissions), "}}");
        survey_decode_user(text, strlen(text), needed, &answer);
        assert_true(answer.is_answer);
        assert_string_equal(answer.user, "app");
        assert_string_equal(answer.account, "APP");
        assert_string_equal(answer.forbidden, rows[i].forbidden);
    }
}

static void an_answer_with_an_error_is_none(void **state)
{
    (void)state;
    struct survey_answer answer;
    const char *refused = "{\"type\":\"x\",\"error\":{\"code\":503,\"err_code\":10008,"
                          "\"description\":\"JetStream system temporarily unavailable\"}}";
    survey_decode_api(refused, strlen(refused), &answer);
    assert_false(answer.is_answer);
    assert_int_equal(answer.code, 10008);
    assert_string_equal(answer.error, "JetStream system temporarily unavailable");
    const char *told = "{\"storage\":17,\"consumers\":3,\"limits\":{\"max_storage\":-1,"
                       "\"max_consumers\":5}}";
    survey_decode_api(told, strlen(told), &answer);
    assert_true(answer.is_answer);
    assert_int_equal(answer.storage, 17);
    assert_int_equal(answer.storage_limit, -1);
    assert_int_equal(answer.consumers_limit, 5);
    survey_decode_api("", 0, &answer); /* no responders */
    assert_false(answer.is_answer);
    survey_decode_user("", 0, (const char *const[]){NULL}, &answer);
    assert_false(answer.is_answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_taken_whole),
        cmocka_unit_test(a_reply_of_another_cluster_or_a_torn_one_does_not_count),
        cmocka_unit_test(thresholds_that_are_none_are_said),
        cmocka_unit_test(a_ping_tells_time_and_assets),
        cmocka_unit_test(permissions_are_judged_by_what_is_needed),
        cmocka_unit_test(an_answer_with_an_error_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
