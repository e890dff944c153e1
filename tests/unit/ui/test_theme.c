/*
 * test_theme.c - themes and keymaps: good lines hold, bad ones are named.
 */
#include "cmocka_all.h"

#include <string.h>

#include "farshore/ui/keymap.h"
#include "farshore/ui/theme.h"

static void a_bad_theme_line_costs_only_itself(void **state)
{
    static const char text[] = "color sev.crti red default\ncolor sev.ok #10ff20 default bold\n"
                               "glyph cursor \"ab\" \">\"\n";
    struct problems problems = {.count = 0};
    struct theme theme;

    (void)state;
    theme_init(&theme);
    assert_int_equal(theme_parse(&theme, "t", text, strlen(text), &problems), ST_INVALID);
    assert_int_equal(problems.count, 2);
    assert_string_equal(problems.text[0],
                        "t:1: unknown role \"sev.crti\"; did you mean \"sev.crit\"?");
    assert_string_equal(problems.text[1], "t:3: glyph \"cursor\" must take 1 column");
    assert_int_equal(theme.styles[ROLE_OK].foreground.kind, COLOR_KIND_RGB);
    assert_int_equal(theme.styles[ROLE_OK].attributes, THEME_BOLD);
}

static void a_keymap_moves_keys_and_names_what_is_wrong(void **state)
{
    static const char text[] = "bind main <Ctrl-P> promote # danger\nbind main P none\n"
                               "bind main x promot\nbind mian x help\n";
    struct problems problems = {.count = 0};
    struct keymap keymap;

    (void)state;
    keymap_init(&keymap);
    assert_int_equal(keymap_lookup(&keymap, KEYS_MAIN, "P"), ACTION_PROMOTE);
    assert_int_equal(keymap_parse(&keymap, "k", text, strlen(text), &problems), ST_INVALID);
    assert_int_equal(keymap_lookup(&keymap, KEYS_MAIN, "P"), ACTION_NONE);
    assert_int_equal(keymap_lookup(&keymap, KEYS_MAIN, "<Ctrl-p>"), ACTION_PROMOTE);
    assert_int_equal(problems.count, 2);
    assert_string_equal(problems.text[0],
                        "k:3: unknown action \"promot\"; did you mean \"promote\"?");
    assert_string_equal(problems.text[1], "k:4: unknown table \"mian\"; did you mean \"main\"?");
}

static void danger_is_a_class_of_the_action(void **state)
{
    (void)state;
    for (int i = ACTION_ARM; i <= ACTION_FLIP_DNS; i++) {
        assert_int_equal(action_info((enum action)i)->class, ACTION_DANGER);
        assert_false(action_info((enum action)i)->is_there);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_theme_line_costs_only_itself),
        cmocka_unit_test(a_keymap_moves_keys_and_names_what_is_wrong),
        cmocka_unit_test(danger_is_a_class_of_the_action),
    };

    return cmocka_run_group_tests_name("ui_theme", tests, NULL, NULL);
}
