/*
 * test_config_parse.c - what a configuration may say, and what is answered when it is wrong.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "config_schema.h"
#include "farshore/base/duration.h"

static struct config_problems problems;

static enum fs_status parse(const char *text, struct config *config)
{
    return config_parse(text, strlen(text), config, &problems);
}

#define HEAD "version: 1\nregions:\n"
#define RG1 "  - {name: rg1, role: primary, nats: {urls: [\"nats://127.0.0.1:4222\"]}}\n"
#define RG2 "  - {name: rg2, role: standby, nats: {urls: [\"nats://127.0.0.1:4223\"]}}\n"
#define MINIMAL HEAD RG1 RG2

/* The whole of CONTRACTS 2, as documented. */
static const char full[] =
    "version: 1\n"
    "name: prod/payments\n"
    "interval: 2s\n"
    "regions:\n"
    "  - name: rg1\n"
    "    role: primary\n"
    "    nats:\n"
    "      urls: [\"nats://192.0.2.1:4222\", \"tls://[2001:db8::1]:4222\", nats://host]\n"
    "      tls: {ca: ca.pem, cert: c.pem, key: k.pem}\n"
    "      view: {user: view, password_env: VIEW_PASSWORD}\n"
    "      observe: {creds_file: ~/observe.creds}\n"
    "      operator: {sys: {nkey_file: sys.nk}, app: {token_command: pass show app}}\n"
    "    probes: [{name: api, url: \"https://api.example.org/healthz\", expect: 204,\n"
    "              pin: 192.0.2.1}]\n"
    "  - name: rg2\n"
    "    role: standby\n"
    "    nats: {context: rg2-view}\n"
    "controls: [{name: dns1, tcp: \"192.0.2.53:53\"}]\n"
    "verdict: {hold: 60s, clear: 2m}\n"
    "objectives: {api_rto: 5m, stream_rto: 15m, rpo: 5m, lag_warn: 3m,\n"
    "             accept_loss: [APP/SCRATCH, \"APP/KV_*\"]}\n"
    "lock: {region: rg2}\n"
    "verify: {publish_subject: null}\n"
    "dns:\n"
    "  resolvers: [system, 192.0.2.53, \"192.0.2.54:5353\", \"[2001:db8::53]:53\"]\n"
    "  providers: [{name: main, type: powerdns, url: \"http://192.0.2.5:8081\", key_env: KEY}]\n"
    "  records:\n"
    "    - {name: api.example.org., type: A, provider: main,\n"
    "       targets: {rg1: [192.0.2.10], rg2: [198.51.100.10]}}\n";

static void assert_problem(const char *text, unsigned line, unsigned column, const char *message)
{
    struct config config;
    assert_int_equal(parse(text, &config), ST_INVALID);
    config_destroy(&config);
    for (size_t i = 0; i < problems.count; i++) {
        const struct config_problem *row = &problems.rows[i];
        if (strstr(row->text, message) != NULL && row->place.line == line &&
            row->place.column == column) {
            return;
        }
    }
    for (size_t i = 0; i < problems.count; i++) {
        print_error("have %u:%u: %s\n", problems.rows[i].place.line, problems.rows[i].place.column,
                    problems.rows[i].text);
    }
    fail_msg("no problem at %u:%u with \"%s\"", line, column, message);
}

static void every_documented_key_is_read(void **state)
{
    (void)state;
    struct config config;
    enum fs_status status = parse(full, &config);
    if (status != ST_OK) {
        config_print_problems(&problems, true, stderr);
    }
    assert_int_equal(status, ST_OK);
    assert_string_equal(config.name, "prod/payments");
    assert_int_equal(config.interval_ns, 2 * NS_PER_S);
    assert_int_equal(config.regions.count, 2);
    const struct config_region *rg1 = config.regions.rows;
    assert_string_equal(rg1->name, "rg1");
    assert_int_equal(rg1->role, ROLE_PRIMARY);
    assert_int_equal(rg1->nats.urls.count, 3);
    assert_string_equal(((const char **)rg1->nats.urls.rows)[1], "tls://[2001:db8::1]:4222");
    assert_int_equal(rg1->nats.view.password.source, SECRET_ENV);
    assert_string_equal(rg1->nats.view.password.text, "VIEW_PASSWORD");
    assert_int_equal(rg1->nats.operator_login.app.token.source, SECRET_COMMAND);
    assert_string_equal(rg1->nats.tls.key, "k.pem");
    const struct config_probe *probe = rg1->probes.rows;
    assert_int_equal(probe->expect, 204);
    assert_string_equal((rg1 + 1)->nats.context, "rg2-view");
    assert_int_equal(config.verdict.clear_ns, 120 * NS_PER_S);
    assert_string_equal(config.lock.region, "rg2");
    assert_int_equal(config.objectives.accept_loss.count, 2);
    assert_string_equal(((const char **)config.objectives.accept_loss.rows)[1], "APP/KV_*");
    assert_null(config.verify.publish_subject);
    const struct config_record *record = config.dns.records.rows;
    const struct config_target *targets = record->targets.rows;
    assert_string_equal(targets[1].region, "rg2");
    assert_string_equal(((const char **)targets[1].values.rows)[0], "198.51.100.10");
    config_destroy(&config);
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(parse(MINIMAL, &config), ST_OK);
    assert_int_equal(config.interval_ns, NS_PER_S);
    assert_int_equal(config.verdict.hold_ns, 60 * NS_PER_S);
    assert_int_equal(config.objectives.stream_rto_ns, 15 * NS_PER_MINUTE);
    assert_string_equal(config.name, "farshore");
    assert_int_equal(problems.count, 0);
    config_destroy(&config);
}

static void an_unknown_key_names_the_nearest_valid_one(void **state)
{
    (void)state;
    assert_problem("version: 1\nregoins: []\n", 2, 1,
                   "unknown key \"regoins\" in the file; did you mean \"regions\"?");
    assert_problem("version: 1\nregions:\n  - name: rg1\n    role: primary\n    nats:\n"
                   "      urls: [nats://h:1]\n      view: {user: v, pasword_env: P}\n",
                   7, 23, "unknown key \"pasword_env\" in view; did you mean \"password_env\"?");
}

static void all_errors_are_told_at_once_in_the_files_order(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(parse("version: two\n"
                           "verdict: {hold: 60}\n"
                           "regions:\n"
                           "  - {name: rg1, role: primry, nats: {}}\n"
                           "lock: {region: rg9}\n",
                           &config),
                     ST_INVALID);
    config_destroy(&config);
    assert_int_equal(problems.errors, 5);
    for (size_t i = 1; i < problems.count; i++) {
        assert_true(problems.rows[i - 1].place.line <= problems.rows[i].place.line);
    }
    assert_non_null(strstr(problems.rows[0].text, "whole number"));
    assert_non_null(strstr(problems.rows[1].text, "duration"));
    assert_non_null(strstr(problems.rows[2].text, "did you mean \"primary\"?"));
    assert_non_null(strstr(problems.rows[3].text, "give urls, or context"));
    assert_non_null(strstr(problems.rows[4].text, "no region is called \"rg9\""));
}

static void wrong_types_say_what_is_expected(void **state)
{
    (void)state;
    assert_problem("[1, 2]\n", 1, 1, "the file must be a mapping");
    assert_problem("version: 1\nregions: rg1\n", 2, 10, "\"regions\" must be a list");
    assert_problem("version: 1\nregions: []\n", 2, 10, "\"regions\" is empty");
    assert_problem("version: [1]\nregions: []\n", 1, 10, "must be a whole number, not a list");
    assert_problem("version:\nregions: []\n", 1, 9, "\"version\" is empty");
    assert_problem("version: 2\nregions: []\n", 1, 10, "from 1 to 1, not 2");
    assert_problem(MINIMAL "interval: 1ms\n", 5, 11, "at least 250ms");
    assert_problem(MINIMAL "interval: 2m\n", 5, 11, "at most 60.0s");
}

static void duplicates_are_errors(void **state)
{
    (void)state;
    assert_problem("version: 1\n" MINIMAL, 2, 1, "\"version\" is given twice");
    assert_problem(MINIMAL RG1, 5, 5, "region \"rg1\" is already on line 3");
    assert_problem(HEAD RG1 "  - {name: rg3, role: primary, nats: {urls: [nats://h]}}\n", 4, 5,
                   "a second primary; the first one is on line 3");
    assert_problem(HEAD "  - name: rg1\n    role: primary\n    nats:\n      urls: [nats://h]\n"
                        "      view: {user: a, password_env: P, password_file: f}\n",
                   7, 55, "is given on line 7 already");
}

static void addresses_and_urls_are_checked(void **state)
{
    (void)state;
#define REGION(url) HEAD "  - {name: rg1, role: primary, nats: {urls: [\"" url "\"]}}\n"
    assert_problem(REGION("nats://u:p@h:4222"), 3, 46, "a login does not belong into a URL");
    assert_problem(REGION("http://h:4222"), 3, 46, "the scheme is missing");
    assert_problem(REGION("nats://h:70000"), 3, 46, "from 1 to 65535");
    assert_problem(REGION("nats://2001:db8::1"), 3, 46, "port must be a number");
    assert_problem(REGION("nats://h:1/x"), 3, 46, "nothing may follow the port");
    assert_problem(MINIMAL "controls: [{name: c, tcp: h}]\n", 5, 27, "the port is missing");
    assert_problem(MINIMAL "dns: {resolvers: [9.9.9.999]}\n", 5, 19, "neither \"system\" nor");
    assert_problem(MINIMAL "verify: {publish_subject: a.*}\n", 5, 27, "wildcards");
    assert_problem(MINIMAL "objectives: {accept_loss: [SCRATCH]}\n", 5, 28, "account/stream");
    assert_problem(MINIMAL "objectives: {accept_loss: [APP/]}\n", 5, 28, "account/stream");
    assert_problem(MINIMAL "objectives: {accept_loss: [\"APP/*X\"]}\n", 5, 28, "at the end");
    assert_problem(MINIMAL "objectives: {accept_loss: [\"*/S\"]}\n", 5, 28, "at the end");
#undef REGION
}

static void references_between_keys_must_hold(void **state)
{
    (void)state;
#define DNS MINIMAL "dns:\n  providers: [{name: main, type: route53}]\n  records:\n"
    assert_problem(DNS "    - {name: a.b., type: A, provider: man, targets: {rg1: [192.0.2.1]}}\n",
                   8, 39, "none is called \"man\"; did you mean \"main\"?");
    assert_problem(DNS "    - {name: a.b., type: A, provider: main, targets: {rg4: [192.0.2.1]}}\n",
                   8, 55, "no region is called \"rg4\"");
    assert_problem(DNS
                   "    - {name: a.b., type: AAAA, provider: main, targets: {rg1: [1.2.3.4]}}\n",
                   8, 58, "an AAAA record takes IPv6");
    assert_problem(DNS "    - {name: a.b, type: A, provider: main, targets: {rg1: [1.2.3.4]}}\n", 8,
                   14, "the last dot is missing");
#undef DNS
}

static void logins_are_complete_and_of_one_kind(void **state)
{
    (void)state;
#define VIEW(login)                                                                                \
    HEAD "  - {name: rg1, role: primary, nats: {urls: [nats://h], view: {" login "}}}\n"
    assert_problem(VIEW("user: a"), 3, 63, "user and password go together");
    assert_problem(VIEW("user: a, password_env: P, token_env: T"), 3, 63, "several kinds of login");
    assert_problem(VIEW(""), 3, 63, "a login needs");
#undef VIEW
}

static void a_secret_never_enters_a_message(void **state)
{
    (void)state;
    static const char *const texts[] = {
        HEAD "  - {name: rg1, role: primary, nats: {urls: [nats://h], view: {user: a, "
             "password: \"hunter2\\x01\"}}}\n",
        HEAD "  - {name: rg1, role: primary, nats: {urls: [nats://h], view: {user: a, "
             "passwort: hunter2}}}\n",
        HEAD "  - {name: rg1, role: primary, nats: {urls: [nats://h], view: {user: a, "
             "password: [hunter2]}}}\n",
        HEAD "  - {name: rg1, role: primary, nats: {urls: [nats://h], view: {user: a, "
             "password: hunter2, password_env: P}}}\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct config config;
        assert_int_equal(parse(texts[i], &config), ST_INVALID);
        config_destroy(&config);
        assert_true(problems.count > 0);
        for (size_t k = 0; k < problems.count; k++) {
            assert_null(strstr(problems.rows[k].text, "hunter2"));
        }
    }
}

static void aliases_and_second_documents_are_refused(void **state)
{
    (void)state;
    assert_problem(HEAD "  - &r {name: rg1, role: primary, nats: {urls: [nats://h]}}\n  - *r\n", 3,
                   5, "anchors and aliases");
    assert_problem(MINIMAL "---\nversion: 1\n", 6, 1, "a second document");
    assert_problem("version: 1\n  regions: x\n", 2, 10, "not YAML");
    assert_problem("", 1, 1, "the file is empty");
    assert_problem("version: \"\\0\"\nregions: []\n", 1, 10, "whole number");
}

static void kubernetes_is_reserved_and_said_so(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(parse(MINIMAL "kubernetes: {anything: [1, {a: b}]}\n", &config), ST_OK);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.rows[0].severity, CONFIG_WARNING);
    assert_non_null(strstr(problems.rows[0].text, "not yet used"));
    config_destroy(&config);
}

static void hostile_texts_are_bounded_and_shown_escaped(void **state)
{
    (void)state;
    char text[8000];
    size_t length = (size_t)snprintf(text, sizeof(text), "version: 1\n");
    for (int i = 0; i < 300; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, "\"k\\x1b%d\": 1\n", i);
    }
    struct config config;
    assert_int_equal(config_parse(text, length, &config, &problems), ST_INVALID);
    config_destroy(&config);
    assert_int_equal(problems.count, CONFIG_MAX_PROBLEMS);
    assert_true(problems.dropped > 0);
    for (size_t i = 0; i < problems.count; i++) {
        assert_null(strchr(problems.rows[i].text, '\x1b'));
    }
}

static void check_table(const struct config_map *map)
{
    assert_true(map->count <= 64);
    for (size_t i = 0; i < map->count; i++) {
        const struct config_key *key = &map->keys[i];
        assert_non_null(key->name);
        assert_non_null(key->help);
        assert_true(key->offset < map->bytes);
        assert_int_equal(key->kind == KIND_MAP || key->kind == KIND_ROWS, key->map != NULL);
        assert_int_equal(key->kind == KIND_WORD, key->words != NULL);
        assert_int_equal(key->kind == KIND_SECRET, key->source != SECRET_NONE);
        if (key->map != NULL) {
            check_table(key->map);
        }
    }
}

static void every_key_of_the_tables_is_complete(void **state)
{
    (void)state;
    check_table(&config_schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_documented_key_is_read),
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(an_unknown_key_names_the_nearest_valid_one),
        cmocka_unit_test(all_errors_are_told_at_once_in_the_files_order),
        cmocka_unit_test(wrong_types_say_what_is_expected),
        cmocka_unit_test(duplicates_are_errors),
        cmocka_unit_test(addresses_and_urls_are_checked),
        cmocka_unit_test(references_between_keys_must_hold),
        cmocka_unit_test(logins_are_complete_and_of_one_kind),
        cmocka_unit_test(a_secret_never_enters_a_message),
        cmocka_unit_test(aliases_and_second_documents_are_refused),
        cmocka_unit_test(kubernetes_is_reserved_and_said_so),
        cmocka_unit_test(hostile_texts_are_bounded_and_shown_escaped),
        cmocka_unit_test(every_key_of_the_tables_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
