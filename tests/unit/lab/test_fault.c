/*
 * test_fault.c - every fault's words, and a helpful sentence for every mistake.
 */
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "fault.h"

static enum fs_status parse(const char *line, struct fault *fault, struct err *err)
{
    struct lab_layout layout;
    const char *words[8];
    char copy[128];
    char *rest = copy;
    int count = 0;

    memset(&layout, 0, sizeof(layout));
    layout_build(&layout, LAB_TOPOLOGY_3_3_1);
    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
        words[count++] = word;
    }
    err_reset(err);
    return fault_parse(&layout, count, words, fault, err);
}

static void every_fault_is_understood(void **state)
{
    struct fault fault;
    struct err err = {.status = ST_OK};

    (void)state;
    assert_int_equal(parse("kill rg1", &fault, &err), ST_OK);
    assert_int_equal(fault.kind, FAULT_KILL);
    assert_int_equal(fault.region, 0);
    assert_int_equal(fault.node, -1);
    assert_int_equal(parse("term rg2/rg2-n3", &fault, &err), ST_OK);
    assert_int_equal(fault.node, 5);
    assert_int_equal(parse("stop rg3-n1", &fault, &err), ST_OK);
    assert_int_equal(fault.region, 2);
    assert_int_equal(parse("cut here-rg1", &fault, &err), ST_OK);
    assert_int_equal(fault.place_a, 3);
    assert_int_equal(fault.place_b, 0);
    assert_int_equal(parse("delay rg1-rg2 500", &fault, &err), ST_OK);
    assert_int_equal(fault.value, 500);
    assert_int_equal(parse("bandwidth rg1-rg2 0", &fault, &err), ST_OK);
    assert_int_equal(parse("app 503 rg2", &fault, &err), ST_OK);
    assert_int_equal(fault.mode, FAULT_MODE_503);
    assert_int_equal(parse("control up", &fault, &err), ST_OK);
    assert_int_equal(fault.mode, FAULT_MODE_OK);
    assert_int_equal(parse("disk full rg1", &fault, &err), ST_OK);
    assert_int_equal(fault.mode, FAULT_MODE_FULL);
}

static void mistakes_name_the_nearest_name(void **state)
{
    static const char *const cases[][2] = {
        {"kil rg1", "did you mean \"kill\"?"},
        {"kill rg1/rg1-n4", "did you mean \"rg1-n"},
        {"kill rg1/rg2-n1", "unknown node"},
        {"cut rg1-hree", "did you mean \"here\"?"},
        {"cut rg1", "joined by"},
        {"cut rg1-rg1", "different"},
        {"app 404 rg1", "unknown state"},
        {"app ok rg3", "unknown region"},
        {"delay rg1-rg2 1.5", "whole number"},
        {"delay rg1-rg2 60001", "whole number"},
        {"bandwidth rg1-rg2 -1", "whole number"},
        {"heal", "usage: fault heal A-B"},
        {"disk full", "usage: fault disk"},
        {"explode rg1", "there are kill, term"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault fault;
        struct err err = {.status = ST_OK};
        assert_int_equal(parse(cases[i][0], &fault, &err), ST_INVALID);
        if (strstr(err.text, cases[i][1]) == NULL) {
            fail_msg("%s: %s", cases[i][0], err.text);
        }
    }
}

static void the_verbs_for_completion_are_all_parsed(void **state)
{
    struct fault fault;
    struct err err = {.status = ST_OK};
    int count = 0;

    (void)state;
    for (const char *const *verb = fault_verbs(); *verb != NULL; verb++) {
        assert_int_equal(parse(*verb, &fault, &err), ST_INVALID);
        assert_non_null(strstr(err.text, "usage: fault"));
        count++;
    }
    assert_int_equal(count, 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_understood),
        cmocka_unit_test(mistakes_name_the_nearest_name),
        cmocka_unit_test(the_verbs_for_completion_are_all_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
