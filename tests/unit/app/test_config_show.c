/*
 * test_config_show.c - the effective configuration reads back as the same, without its secrets.
 */
#include "cmocka_all.h"

#include <string.h>

#include "config.h"

static struct config_problems problems;

static const char given[] =
    "version: 1\n"
    "regions:\n"
    "  - name: rg1\n"
    "    role: primary\n"
    "    nats:\n"
    "      urls: [\"nats://192.0.2.1:4222\"]\n"
    "      view: {user: view, password: hunter2}\n"
    "      observe: {creds_command: \"vault read hunter3\"}\n"
    "  - {name: rg2, role: standby, nats: {context: rg2}}\n"
    "dns:\n"
    "  providers: [{name: main, type: route53, key_env: KEY}]\n"
    "  records: [{name: a.b., type: A, provider: main, targets: {rg1: [192.0.2.1]}}]\n";

static const char shown[] = "version: 1\n"
                            "name: farshore\n"
                            "interval: 1s\n"
                            "regions:\n"
                            "  - name: rg1\n"
                            "    role: primary\n"
                            "    nats:\n"
                            "      urls: [\"nats://192.0.2.1:4222\"]\n"
                            "      view:\n"
                            "        user: view\n"
                            "        password: \"***\"\n"
                            "      observe:\n"
                            "        creds_command: \"***\"\n"
                            "  - name: rg2\n"
                            "    role: standby\n"
                            "    nats:\n"
                            "      context: rg2\n"
                            "verdict:\n"
                            "  hold: 1m\n"
                            "  clear: 2m\n"
                            "objectives:\n"
                            "  api_rto: 5m\n"
                            "  stream_rto: 15m\n"
                            "  rpo: 5m\n"
                            "  lag_warn: 3m\n"
                            "dns:\n"
                            "  providers:\n"
                            "    - name: main\n"
                            "      type: route53\n"
                            "      key_env: KEY\n"
                            "  records:\n"
                            "    - name: a.b.\n"
                            "      type: A\n"
                            "      provider: main\n"
                            "      targets:\n"
                            "        rg1: [\"192.0.2.1\"]\n";

static void defaults_are_filled_in_and_secrets_are_masked(void **state)
{
    (void)state;
    struct config config;
    struct strbuf out;
    strbuf_init(&out, alloc_heap());
    assert_int_equal(config_parse(given, sizeof(given) - 1, &config, &problems), ST_OK);
    config_show(&config, &out);
    assert_string_equal(out.text, shown);
    config_destroy(&config);
    strbuf_destroy(&out);
}

static void what_is_shown_reads_back_and_shows_the_same(void **state)
{
    (void)state;
    struct config config;
    struct strbuf out;
    strbuf_init(&out, alloc_heap());
    assert_int_equal(config_parse(shown, sizeof(shown) - 1, &config, &problems), ST_OK);
    config_show(&config, &out);
    assert_string_equal(out.text, shown);
    config_destroy(&config);
    strbuf_destroy(&out);
}

static void the_keys_are_listed_with_their_help(void **state)
{
    (void)state;
    struct strbuf out;
    strbuf_init(&out, alloc_heap());
    config_print_keys(&out);
    assert_non_null(strstr(out.text, "password_env"));
    assert_non_null(strstr(out.text, "lag_warn"));
    assert_non_null(strstr(out.text, "reserved"));
    strbuf_destroy(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_filled_in_and_secrets_are_masked),
        cmocka_unit_test(what_is_shown_reads_back_and_shows_the_same),
        cmocka_unit_test(the_keys_are_listed_with_their_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
