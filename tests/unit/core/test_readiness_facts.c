/*
 * test_readiness_facts.c - overlaps of subjects, and one row a stream whatever the order of
 * replies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "farshore/core/readiness_facts.h"

static struct ready_facts facts;

static bool overlap(const char *a, const char *b)
{
    bool found = ready_subjects_overlap(a, strlen(a), b, strlen(b));
    assert_int_equal(ready_subjects_overlap(b, strlen(b), a, strlen(a)), found);
    return found;
}

static void subjects_overlap_as_a_server_says(void **state)
{
    (void)state;
    assert_true(overlap("a.b", "a.b"));
    assert_true(overlap("a.*", "a.b"));
    assert_true(overlap("a.>", "a.b.c"));
    assert_true(overlap(">", "a"));
    assert_true(overlap("*.b", "a.*"));
    assert_true(overlap("a.*.c", "a.b.>"));
    assert_false(overlap("a.b", "a.c"));
    assert_false(overlap("a", "a.b"));
    assert_false(overlap("a.*", "a"));
    assert_false(overlap("a.>", "a"));
    assert_false(overlap("*", "a.b"));
    assert_false(overlap("ab.>", "a.>"));
    assert_false(overlap("a.b.c", "a.*.d"));
}

static struct ready_stream *add(const char *account, const char *name, const char *subjects,
                                bool is_leader, uint64_t last_seq)
{
    struct ready_stream *row = ready_add_stream(&facts);
    row->account = account;
    row->name = name;
    row->subjects = subjects;
    row->is_leader = is_leader;
    row->last_seq = last_seq;
    return row;
}

static void one_row_is_kept_of_each_stream(void **state)
{
    (void)state;
    ready_facts_begin(&facts, alloc_heap());
    for (unsigned i = 0; i < 100; i++) {
        add("B", "S", "s", false, i)->consumers_known = i == 50 ? 7 : 0;
        add(i % 2 == 0 ? "A" : "C", "S", "s", i == 42 || i == 43, i);
    }
    ready_facts_settle(&facts);
    assert_int_equal(facts.stream_count, 3);
    assert_string_equal(facts.streams[0].account, "A");
    assert_int_equal(facts.streams[0].last_seq, 42);
    assert_int_equal(facts.streams[1].last_seq, 99);
    assert_int_equal(facts.streams[1].consumers_known, 7);
    assert_int_equal(facts.streams[2].last_seq, 43);
    assert_ptr_equal(ready_find_stream(&facts, "C", "S"), &facts.streams[2]);
    assert_null(ready_find_stream(&facts, "C", "T"));
    assert_null(ready_find_stream(&facts, NULL, "T"));
    ready_facts_end(&facts);
}

static void an_overlap_is_found_among_many(void **state)
{
    (void)state;
    static char names[2000][16];
    static char subjects[2000][32];
    ready_facts_begin(&facts, alloc_heap());
    for (unsigned i = 0; i < 2000; i++) {
        strcpy(names[i], "S");
        strcpy(subjects[i], "t");
        for (unsigned k = 0, rest = i; k < 4; k++, rest /= 10) {
            names[i][1 + k] = (char)('0' + rest % 10);
            subjects[i][1 + k] = (char)('0' + rest % 10);
        }
        strcpy(subjects[i] + 5, ".> u.x");
        subjects[i][10] = (char)('a' + i % 26);
        add("A", names[i], subjects[i], true, 1);
    }
    add("A", "WILD", "*.task", true, 1);
    ready_facts_settle(&facts);
    const struct ready_stream *none[2] = {NULL, NULL};
    const struct ready_stream *found = ready_find_overlap(&facts, "A", "t3210.task", none);
    assert_non_null(found);
    const struct ready_stream *both[2] = {found, ready_find_stream(&facts, "A", "WILD")};
    assert_null(ready_find_overlap(&facts, "A", "t3210.task", both));
    assert_null(ready_find_overlap(&facts, "B", "t3210.task", none));
    assert_null(ready_find_overlap(&facts, "A", "v.w", none));
    assert_non_null(ready_find_overlap(&facts, "A", "v.w *.a", none));
    assert_null(ready_find_overlap(&facts, "A", NULL, none));
    ready_facts_end(&facts);
}

static void long_texts_and_many_live_together(void **state)
{
    (void)state;
    static char text[40000];
    ready_facts_begin(&facts, alloc_heap());
    memset(text, 'x', sizeof(text) - 1);
    const char *first = ready_text(&facts, "short");
    for (unsigned i = 0; i < 5000; i++) {
        assert_string_equal(ready_text(&facts, "again"), "again");
    }
    assert_string_equal(ready_text(&facts, text), text);
    assert_string_equal(first, "short");
    assert_null(ready_text(&facts, NULL));
    ready_facts_end(&facts);
    ready_facts_end(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects_overlap_as_a_server_says),
        cmocka_unit_test(one_row_is_kept_of_each_stream),
        cmocka_unit_test(an_overlap_is_found_among_many),
        cmocka_unit_test(long_texts_and_many_live_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
