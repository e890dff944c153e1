/*
 * test_assert.c - a broken rule names itself and stops the program; a kept one costs nothing.
 */
#include "farshore/base/assert.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"

static void kept_rule_goes_on(void **state)
{
    (void)state;
    FS_ASSERT(1 + 1 == 2);
}

static void broken_rule_prints_its_place_and_aborts(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL);
        (void)dup2(ends[1], STDERR_FILENO);
        fs_assert_failed("sky == blue", "weather.c", 42);
    }
    close(ends[1]);
    char text[256] = "";
    ssize_t count = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(count > 0);
    assert_string_equal(text, "farshore: bug: weather.c:42: sky == blue\n");
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_rule_goes_on),
        cmocka_unit_test(broken_rule_prints_its_place_and_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
