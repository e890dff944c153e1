/*
 * test_err.c - the first failure is kept, cut at a character, and NULL is allowed.
 */
#include "farshore/base/err.h"

#include <errno.h>
#include <string.h>

#include "farshore/base/text.h"

#include "cmocka_all.h"

static void failure_keeps_status_and_text(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ST_INVALID, "%s:%d: bad", "a.yaml", 3), ST_INVALID);
    assert_int_equal(err.status, ST_INVALID);
    assert_string_equal(err.text, "a.yaml:3: bad");
}

static void first_failure_wins(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, ST_IO, "cause");
    assert_int_equal(err_set(&err, ST_INVALID, "consequence"), ST_INVALID);
    assert_int_equal(err_set_errno(&err, ST_TIMEOUT, ENOENT, "later"), ST_TIMEOUT);
    assert_int_equal(err.status, ST_IO);
    assert_string_equal(err.text, "cause");
    err_reset(&err);
    assert_int_equal(err.status, ST_OK);
    assert_string_equal(err.text, "");
    err_set(&err, ST_FULL, "anew");
    assert_string_equal(err.text, "anew");
}

static void errno_text_is_appended(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set_errno(&err, ST_IO, ENOENT, "open %s", "x"), ST_IO);
    assert_string_equal(err.text, "open x: No such file or directory");
    err_reset(&err);
    err_set_errno(&err, ST_IO, 99999, "odd");
    assert_string_equal(err.text, "odd: errno 99999");
}

static void null_err_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ST_IO, "lost"), ST_IO);
    assert_int_equal(err_set_errno(NULL, ST_IO, EIO, "lost"), ST_IO);
    err_reset(NULL);
}

static void long_text_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t lead = 0; lead < 8; lead++) {
        char text[1024] = "";
        memset(text, 'a', lead);
        while (strlen(text) < 900) {
            strcat(text, "\xe2\x82\xac");
        }
        struct err err = {0};
        err_set(&err, ST_IO, "%s", text);
        size_t length = strlen(err.text);
        assert_true(length < ERR_TEXT_BYTES && length > ERR_TEXT_BYTES - 4);
        assert_true(text_is_clean(err.text, length));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failure_keeps_status_and_text),
        cmocka_unit_test(first_failure_wins),
        cmocka_unit_test(errno_text_is_appended),
        cmocka_unit_test(null_err_is_allowed),
        cmocka_unit_test(long_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
