/*
 * test_check.c - the printed readiness report of two situations, byte for byte.
 *
 * FS_UPDATE_GOLDEN=1 writes the files anew; say in the commit what a reader now sees.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "check.h"
#include "farshore/base/duration.h"
#include "world.h"

static struct strbuf out;
static struct ready_report report;

static void compare(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", FS_GOLDEN_DIR, name);
    assert_false(out.has_failed);
    if (getenv("FS_UPDATE_GOLDEN") != NULL) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fwrite(out.text, 1, out.length, file);
        fclose(file);
        return;
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail_msg("%s is missing; FS_UPDATE_GOLDEN=1 writes it", path);
        return;
    }
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    text[length] = '\0';
    if (strcmp(text, out.text) != 0) {
        print_error("%s differs; this is what is printed now:\n%s\n", name, out.text);
    }
    assert_string_equal(out.text, text);
    free(text);
}

static void check_all(const char *name)
{
    char file[64];
    strbuf_init(&out, alloc_heap());
    check_json(&report, "prod \"east\"", &out);
    cJSON *tree = cJSON_Parse(out.text);
    assert_non_null(tree);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "checks")), (int)report.count);
    cJSON_Delete(tree);
    strbuf_put_char(&out, '\n');
    snprintf(file, sizeof(file), "%s.json", name);
    compare(file);
    strbuf_reset(&out);
    check_text(&report, "prod \"east\"", &out);
    snprintf(file, sizeof(file), "%s.txt", name);
    compare(file);
    strbuf_reset(&out);
    check_prometheus(&report, "prod \"east\"", &out);
    snprintf(file, sizeof(file), "%s.prom", name);
    compare(file);
    strbuf_destroy(&out);
}

static void nothing_answers_is_unknown(void **state)
{
    (void)state;
    struct world world;
    struct ready_facts facts;
    world_begin(&world);
    ready_facts_begin(&facts, alloc_heap());
    ready_judge(world.model, &facts, alloc_heap(), &report);
    assert_int_equal(ready_exit_code(&report), 3);
    check_all("empty");
    ready_report_end(&report);
    ready_facts_end(&facts);
    world_end(&world);
}

static void add_stream(struct ready_facts *facts, const char *name, const char *region,
                       const char *subjects, const char *origin)
{
    struct ready_stream *row = ready_add_stream(facts);
    assert_non_null(row);
    *row = (struct ready_stream){.account = "APP",
                                 .name = name,
                                 .region = region,
                                 .leader = "rg2-n1",
                                 .subjects = subjects,
                                 .origin = origin,
                                 .retention = "limits",
                                 .storage = "file",
                                 .msgs = 1000,
                                 .bytes = 500000,
                                 .first_seq = 1,
                                 .last_seq = 1000,
                                 .lag_critical = -1,
                                 .seen_critical_ns = -1,
                                 .peer_expect = -1,
                                 .peers = 3,
                                 .replicas = 3,
                                 .has_config = true,
                                 .is_leader = true};
}

static void fill(struct ready_facts *facts)
{
    static const char *const names[] = {"rg1", "rg2"};
    for (unsigned i = 0; i < 2; i++) {
        *ready_add_region(facts) = (struct ready_region){
            .name = names[i], .role = (enum region_role)i, .servers = 3, .listed = 3};
        *ready_add_login(facts) =
            (struct ready_login){.region = names[i],
                                 .kind = READY_LOGIN_APP,
                                 .state = i == 0 ? READY_LOGIN_WORKS : READY_LOGIN_REFUSED,
                                 .user = i == 0 ? "ana" : NULL,
                                 .account = i == 0 ? "APP" : NULL,
                                 .why = i == 0 ? NULL : "authorization violation"};
        *ready_add_server(facts) = (struct ready_server){.name = i == 0 ? "rg1-n1" : "rg2-n1",
                                                         .region = names[i],
                                                         .has_jetstream = true,
                                                         .has_store = true,
                                                         .has_clock = true,
                                                         .offset_ns = -3 * NS_PER_MS,
                                                         .error_ns = NS_PER_MS,
                                                         .store_used_bytes = INT64_C(3) << 30,
                                                         .store_limit_bytes = INT64_C(4) << 30};
    }
    add_stream(facts, "AGENTESE", "rg1", "agentese.>", NULL);
    add_stream(facts, "AGENTESE_MIRROR", "rg2", NULL, "AGENTESE");
    add_stream(facts, "KV_FARSHORE_LOCK", "rg2", "$KV.FARSHORE_LOCK.>", NULL);
    for (unsigned i = 0; i < 10; i++) {
        static const char *const orphans[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J"};
        add_stream(facts, orphans[i], "rg1", orphans[i], NULL);
    }
    *ready_add_place(facts) = (struct ready_place){
        .purpose = "journal", .path = "/state/farshore/runs", .free_bytes = INT64_C(1) << 40};
    facts->lag_warn_ns = 180 * NS_PER_S;
    ready_facts_settle(facts);
}

static void what_is_not_well_comes_with_its_remedy(void **state)
{
    (void)state;
    struct world world;
    struct ready_facts facts;
    world_begin(&world);
    world_run(&world, 10);
    ready_facts_begin(&facts, alloc_heap());
    facts.mono_ns = model_mono_ns(world.model) - 1500 * NS_PER_MS;
    fill(&facts);
    ready_judge(world.model, &facts, alloc_heap(), &report);
    assert_int_equal(ready_exit_code(&report), 2);
    check_all("bad");
    ready_report_end(&report);
    ready_facts_end(&facts);
    world_end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_answers_is_unknown),
        cmocka_unit_test(what_is_not_well_comes_with_its_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
