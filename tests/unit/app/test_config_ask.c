/*
 * test_config_ask.c - what servers say of their clusters, and what of it is usable.
 */
#include "cmocka_all.h"

#include <string.h>

#include "config_ask.h"

static void take(struct ask_result *out, const char *text)
{
    config_ask_take(out, text, strlen(text));
}

static void varz_gives_urls_and_gatewayz_gives_clusters(void **state)
{
    (void)state;
    struct ask_result found;
    memset(&found, 0, sizeof(found));
    take(&found, "{\"server\":{\"name\":\"n1\",\"host\":\"192.0.2.1\",\"cluster\":\"rg1\"},"
                 "\"data\":{\"port\":4222,\"max_payload\":1048576,\"cluster\":{\"port\":6222},"
                 "\"connect_urls\":[\"192.0.2.2:4222\",\"192.0.2.1:4222\",7]}}");
    take(&found, "{\"server\":{\"host\":\"192.0.2.1\",\"cluster\":\"rg1\"},\"data\":{\"port\":7222,"
                 "\"outbound_gateways\":{\"rg2\":{\"a\":1},\"bad name\":{}}}}");
    assert_int_equal(found.count, 2);
    assert_string_equal(found.clusters[0].name, "rg1");
    assert_int_equal(found.clusters[0].servers, 1);
    assert_int_equal(found.clusters[0].url_count, 2);
    assert_string_equal(found.clusters[0].urls[0], "nats://192.0.2.1:4222");
    assert_string_equal(found.clusters[0].urls[1], "nats://192.0.2.2:4222");
    assert_string_equal(found.clusters[1].name, "rg2");
    assert_int_equal(found.clusters[1].url_count, 0);
}

static void what_cannot_stand_in_the_file_is_left_out(void **state)
{
    (void)state;
    struct ask_result found;
    memset(&found, 0, sizeof(found));
    take(&found, "not json");
    take(&found, "{\"server\":{\"cluster\":\"a\\u001b[2J\"},\"data\":{}}");
    take(&found, "{\"server\":{\"cluster\":\"\"},\"data\":{}}");
    take(&found, "{\"server\":{\"cluster\":\"rg1\"},\"data\":");
    assert_int_equal(found.count, 0);
    take(&found, "{\"data\":{\"port\":1,\"max_payload\":1},\"server\":{\"cluster\":\"rg1\","
                 "\"host\":\"x y\\\"\"}}");
    assert_int_equal(found.count, 1);
    assert_int_equal(found.clusters[0].url_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varz_gives_urls_and_gatewayz_gives_clusters),
        cmocka_unit_test(what_cannot_stand_in_the_file_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
