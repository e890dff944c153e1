/*
 * test_suggest.c - the near name is offered, the far one is not.
 */
#include "farshore/base/suggest.h"

#include <string.h>

#include "cmocka_all.h"

static const char *const keys[] = {"version", "regions",    "controls",
                                   "verdict", "objectives", "lock"};

static const char *near_key(const char *word)
{
    return suggest_nearest(word, keys, sizeof keys / sizeof keys[0]);
}

static void near_words_are_found(void **state)
{
    (void)state;
    assert_string_equal(near_key("regoins"), "regions");
    assert_string_equal(near_key("region"), "regions");
    assert_string_equal(near_key("verison"), "version");
    assert_string_equal(near_key("lokc"), "lock");
    assert_string_equal(near_key("objektives"), "objectives");
    assert_string_equal(near_key("lock"), "lock");
}

static void far_words_are_not(void **state)
{
    (void)state;
    assert_null(near_key("xyz"));
    assert_null(near_key(""));
    assert_null(near_key("loook5"));
    assert_null(near_key("providers"));
    assert_null(suggest_nearest("a", keys, 0));
}

static void smallest_distance_wins_and_ties_go_to_the_first(void **state)
{
    (void)state;
    static const char *const names[] = {"cuts", "cut", "cat"};
    assert_string_equal(suggest_nearest("cut", names, 3), "cut");
    assert_string_equal(suggest_nearest("cit", names, 3), "cut");
}

static void long_words_and_candidates_are_left_alone(void **state)
{
    (void)state;
    char word[200];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *const names[] = {word, "aaa"};
    assert_null(suggest_nearest(word, names, 2));
    assert_string_equal(suggest_nearest("aaa", names, 2), "aaa");
    assert_non_null(suggest_nearest(word + 199 - 64, (const char *const[]){word + 199 - 63}, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_words_are_found),
        cmocka_unit_test(far_words_are_not),
        cmocka_unit_test(smallest_distance_wins_and_ties_go_to_the_first),
        cmocka_unit_test(long_words_and_candidates_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
