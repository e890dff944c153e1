/*
 * test_secret.c - secrets come late, from private places, and are never said.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "secret.h"

static char folder[] = "/tmp/farshore-test-XXXXXX";
static char file_path[256];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(file_path, sizeof(file_path), "%s/pw", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file_path);
    return rmdir(folder);
}

static void write_file(const char *text, mode_t mode)
{
    FILE *file = fopen(file_path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(file_path, mode), 0);
}

static enum fs_status fetch(enum secret_source source, const char *text, char **out,
                            struct err *err)
{
    struct config_secret secret = {.source = source, .text = text, .place = {3, 7}};
    memset(err, 0, sizeof(*err));
    return secret_fetch(&secret, NULL, -1, out, err);
}

static void a_private_file_gives_its_text_without_line_feeds(void **state)
{
    (void)state;
    char *text;
    struct err err;
    write_file("hunter2\r\n\n", 0600);
    assert_int_equal(fetch(SECRET_FILE, file_path, &text, &err), ST_OK);
    assert_string_equal(text, "hunter2");
    secret_forget(text);
}

static void a_file_that_others_can_read_is_refused(void **state)
{
    (void)state;
    char *text;
    struct err err;
    write_file("hunter2\n", 0640);
    assert_int_equal(fetch(SECRET_FILE, file_path, &text, &err), ST_REFUSED);
    assert_null(text);
    assert_non_null(strstr(err.text, "chmod 600"));
    assert_null(strstr(err.text, "hunter2"));
    assert_int_equal(fetch(SECRET_FILE, "/dev/zero", &text, &err), ST_REFUSED);
    assert_int_equal(fetch(SECRET_FILE, "/nonexistent", &text, &err), ST_NOT_FOUND);
}

/* The command would outlive every test's patience; its child is gone when the fetch is back. */
static void a_command_that_nobody_waits_for_is_killed(void **state)
{
    (void)state;
    char *text;
    char command[sizeof(file_path) + 64];
    struct err err = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "", 1), 1);
    snprintf(command, sizeof(command), "echo $$ > %s; exec sleep 1000", file_path);
    struct config_secret secret = {.source = SECRET_COMMAND, .text = command, .place = {3, 7}};
    assert_int_equal(secret_fetch(&secret, NULL, ends[0], &text, &err), ST_AGAIN);
    assert_null(text);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left, dead or alive */
    close(ends[0]);
    close(ends[1]);
}

static void empty_and_oversized_secrets_are_refused(void **state)
{
    (void)state;
    char *text;
    struct err err;
    write_file("\n", 0600);
    assert_int_equal(fetch(SECRET_FILE, file_path, &text, &err), ST_INVALID);
    assert_non_null(strstr(err.text, "line 3"));
    assert_int_equal(fetch(SECRET_COMMAND, "yes | head -c 70000", &text, &err), ST_INVALID);
}

static void a_variable_gives_its_text(void **state)
{
    (void)state;
    char *text;
    struct err err;
    setenv("FARSHORE_TEST_SECRET", "abc", 1);
    assert_int_equal(fetch(SECRET_ENV, "FARSHORE_TEST_SECRET", &text, &err), ST_OK);
    assert_string_equal(text, "abc");
    secret_forget(text);
    unsetenv("FARSHORE_TEST_SECRET");
    assert_int_equal(fetch(SECRET_ENV, "FARSHORE_TEST_SECRET", &text, &err), ST_NOT_FOUND);
}

static void a_command_gives_its_output_or_its_failure(void **state)
{
    (void)state;
    char *text;
    struct err err;
    assert_int_equal(fetch(SECRET_COMMAND, "echo from-command; echo noise >&2", &text, &err),
                     ST_OK);
    assert_string_equal(text, "from-command");
    secret_forget(text);
    assert_int_equal(fetch(SECRET_COMMAND, "echo hunter2; exit 3", &text, &err), ST_REFUSED);
    assert_non_null(strstr(err.text, "status 3"));
    assert_null(strstr(err.text, "hunter2"));
}

static void nothing_given_is_no_secret_and_no_error(void **state)
{
    (void)state;
    char *text;
    struct err err;
    assert_int_equal(fetch(SECRET_NONE, NULL, &text, &err), ST_OK);
    assert_null(text);
    secret_forget(text);
}

static void paths_start_from_the_config_or_from_home(void **state)
{
    (void)state;
    char out[256];
    setenv("HOME", "/home/x", 1);
    assert_true(secret_path("~/a", "/etc/f/c.yaml", out, sizeof(out)));
    assert_string_equal(out, "/home/x/a");
    assert_true(secret_path("a/b", "/etc/f/c.yaml", out, sizeof(out)));
    assert_string_equal(out, "/etc/f/a/b");
    assert_true(secret_path("/a", "/etc/f/c.yaml", out, sizeof(out)));
    assert_string_equal(out, "/a");
    assert_false(secret_path("/abcdefgh", NULL, out, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_private_file_gives_its_text_without_line_feeds),
        cmocka_unit_test(a_file_that_others_can_read_is_refused),
        cmocka_unit_test(a_command_that_nobody_waits_for_is_killed),
        cmocka_unit_test(empty_and_oversized_secrets_are_refused),
        cmocka_unit_test(a_variable_gives_its_text),
        cmocka_unit_test(a_command_gives_its_output_or_its_failure),
        cmocka_unit_test(nothing_given_is_no_secret_and_no_error),
        cmocka_unit_test(paths_start_from_the_config_or_from_home),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
