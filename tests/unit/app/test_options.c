/*
 * test_options.c - the command line.
 */
#include "cmocka_all.h"

#include <string.h>

#include "farshore/base/duration.h"
#include "options.h"

#define WORDS 8

static struct options options;
static struct err err;
static int raw_from;

/* Up to WORDS words behind the program's name; NULL ends them. */
static enum fs_status parse(const char *const *words)
{
    static char room[WORDS + 1][64];
    char *argv[WORDS + 2] = {room[WORDS]};
    int argc = 1;
    memset(&err, 0, sizeof(err));
    for (; words[argc - 1] != NULL; argc++) {
        strcpy(room[argc - 1], words[argc - 1]);
        argv[argc] = room[argc - 1];
    }
    return options_parse(argc, argv, &options, &raw_from, &err);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void options_stand_before_and_after_the_word(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--config", "a.yaml", "status", "--json", "--for=1500ms"), ST_OK);
    assert_string_equal(options.config, "a.yaml");
    assert_string_equal(options.command, "status");
    assert_true(options.json);
    assert_int_equal(options.for_ns, 1500 * NS_PER_MS);
    assert_int_equal(options.used_scopes, SCOPE_GLOBAL | SCOPE_LOOK);
}

static void words_after_the_command_are_kept_in_order(void **state)
{
    (void)state;
    assert_int_equal(PARSE("config", "check", "--", "--odd.yaml"), ST_OK);
    assert_int_equal(options.operand_count, 2);
    assert_string_equal(options.operands[1], "--odd.yaml");
}

static void the_labs_words_are_left_alone(void **state)
{
    (void)state;
    assert_int_equal(PARSE("lab", "up", "--whatever"), ST_OK);
    assert_int_equal(raw_from, 1);
    assert_int_equal(PARSE("lab", "--dir", "d", "--rate", "0"), ST_OK);
    assert_int_equal(raw_from, 0);
    assert_string_equal(options.dir, "d");
    assert_int_equal(options.rate, 0);
    assert_int_equal(options.streams, -1);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--jsno"), ST_INVALID);
    assert_non_null(strstr(err.text, "did you mean --json?"));
    assert_int_equal(PARSE("--json=yes"), ST_INVALID);
    assert_non_null(strstr(err.text, "takes no value"));
    assert_int_equal(PARSE("--config"), ST_INVALID);
    assert_non_null(strstr(err.text, "needs a value: FILE"));
    assert_int_equal(PARSE("--for", "10"), ST_INVALID);
    assert_int_equal(PARSE("--interval", "1ms"), ST_INVALID);
    assert_int_equal(PARSE("lab", "--rate", "-1"), ST_INVALID);
    assert_int_equal(PARSE("--config", ""), ST_INVALID);
}

static void every_option_of_the_table_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_count; i++) {
        assert_int_equal(strncmp(option_table[i].name, "--", 2), 0);
        assert_int_equal(option_table[i].value == NULL, option_table[i].kind == OPTION_FLAG);
        assert_int_equal(option_table[i].scope & (option_table[i].scope - 1), 0);
        assert_true(strlen(option_table[i].help) > 0);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(option_table[i].name, option_table[k].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_before_and_after_the_word),
        cmocka_unit_test(words_after_the_command_are_kept_in_order),
        cmocka_unit_test(the_labs_words_are_left_alone),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(every_option_of_the_table_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
