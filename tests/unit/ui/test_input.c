/*
 * test_input.c - bytes of a terminal become keys, pastes and answers, nothing else.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "input.h"

static char seen[512];

static void on_key(void *context, const char *key)
{
    (void)context;
    strcat(strcat(seen, key), " ");
}

static void on_paste(void *context, const char *bytes, size_t count, size_t lost_bytes)
{
    char text[64];

    (void)context;
    (void)snprintf(text, sizeof(text), "paste(%.*s,%zu) ", (int)(count < 20 ? count : 20), bytes,
                   lost_bytes);
    strcat(seen, text);
}

static void on_mode(void *context, int mode, int setting)
{
    char text[32];

    (void)context;
    (void)snprintf(text, sizeof(text), "mode(%d,%d) ", mode, setting);
    strcat(seen, text);
}

static const struct input_sink sink = {.key = on_key, .paste = on_paste, .mode = on_mode};

static void expect(const char *bytes, const char *wanted)
{
    struct input input;

    input_init(&input);
    seen[0] = '\0';
    for (size_t i = 0; i < strlen(bytes); i++) {
        input_feed(&input, &sink, bytes + i, 1);
    }
    if (input_timeout_ms(&input) > 0) {
        input_expire(&input, &sink);
    }
    assert_string_equal(seen, wanted);
}

static void keys_have_names(void **state)
{
    (void)state;
    expect("P\r\t q", "P <Enter> <Tab> <Space> q ");
    expect("\033[A\033OB\033[5~\033[Z\033[15~\033[[A", "<Up> <Down> <PgUp> <S-Tab> <F5> <F1> ");
    expect("\x0c\x7f\xc3\xa9", "<Ctrl-l> <Backspace> \xc3\xa9 ");
}

static void a_lone_escape_is_a_key_after_its_wait(void **state)
{
    (void)state;
    expect("\033", "<Esc> ");
    expect("\033x", "<Alt-x> ");
}

static void a_paste_is_never_keys(void **state)
{
    (void)state;
    expect("\033[200~P\rX\033[201~j", "paste(P\rX,0) j ");
    expect("\033[200~yes", "paste(yes,0) ");
}

static void unknown_sequences_are_dropped(void **state)
{
    (void)state;
    expect("\033[99;5u\033]52;c;QQ==\007\033P1$r\033\\\xff\x80j", "j ");
    expect("\033[?2026;2$yj", "mode(2026,2) j ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_names),
        cmocka_unit_test(a_lone_escape_is_a_key_after_its_wait),
        cmocka_unit_test(a_paste_is_never_keys),
        cmocka_unit_test(unknown_sequences_are_dropped),
    };

    return cmocka_run_group_tests_name("ui_input", tests, NULL, NULL);
}
