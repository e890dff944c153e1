/*
 * test_log.c - whole, clean, private lines, from several threads too.
 */
#include "farshore/base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka_all.h"

struct fixture {
    char directory[64];
    char path[96];
    char text[1 << 20];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (fixture == NULL) {
        return -1;
    }
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/farshore-log-XXXXXX");
    if (mkdtemp(fixture->directory) == NULL) {
        free(fixture);
        return -1;
    }
    snprintf(fixture->path, sizeof fixture->path, "%s/log", fixture->directory);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    log_close();
    unlink(fixture->path);
    rmdir(fixture->directory);
    free(fixture);
    return 0;
}

static const char *read_log(struct fixture *fixture)
{
    FILE *file = fopen(fixture->path, "r");
    assert_non_null(file);
    size_t count = fread(fixture->text, 1, sizeof fixture->text - 1, file);
    fixture->text[count] = '\0';
    fclose(file);
    return fixture->text;
}

static void line_has_time_level_module_and_text(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(log_open(fixture->path, LOG_LEVEL_INFO, NULL), ST_OK);
    log_write(LOG_LEVEL_INFO, "nats", "connected to %s", "rg1");
    const char *text = read_log(fixture);
    assert_int_equal(strlen(text),
                     strlen("2026-11-23T03:12:44.123Z info  nats: connected to rg1\n"));
    assert_string_equal(text + 24, " info  nats: connected to rg1\n");
}

static void detail_beyond_the_level_and_a_closed_log_say_nothing(void **state)
{
    struct fixture *fixture = *state;
    log_write(LOG_LEVEL_ERROR, "lab", "before");
    assert_int_equal(log_open(fixture->path, LOG_LEVEL_WARN, NULL), ST_OK);
    log_write(LOG_LEVEL_DEBUG, "lab", "too detailed");
    log_write(LOG_LEVEL_WARN, "lab", "kept");
    log_close();
    log_write(LOG_LEVEL_ERROR, "lab", "after");
    const char *text = read_log(fixture);
    assert_non_null(strstr(text, "kept"));
    assert_null(strstr(text, "before"));
    assert_null(strstr(text, "detailed"));
    assert_null(strstr(text, "after"));
}

static void hostile_text_stays_one_harmless_line(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(log_open(fixture->path, LOG_LEVEL_INFO, NULL), ST_OK);
    log_write(LOG_LEVEL_INFO, "nats", "a\nb\x1b[2J");
    assert_non_null(strstr(read_log(fixture), "nats: a\\x0ab\\x1b[2J\n"));
}

static void long_line_is_cut_and_says_so(void **state)
{
    struct fixture *fixture = *state;
    char text[5000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(log_open(fixture->path, LOG_LEVEL_INFO, NULL), ST_OK);
    log_write(LOG_LEVEL_INFO, "nats", "%s", text);
    const char *line = read_log(fixture);
    assert_true(strlen(line) < 2048);
    assert_non_null(strstr(line, "xx (cut)\n"));
}

static void file_is_appended_to_and_private(void **state)
{
    struct fixture *fixture = *state;
    int fd = open(fixture->path, O_WRONLY | O_CREAT, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "old\n", 4), 4);
    close(fd);
    assert_int_equal(log_open(fixture->path, LOG_LEVEL_INFO, NULL), ST_OK);
    log_write(LOG_LEVEL_INFO, "lab", "new");
    struct stat info;
    assert_int_equal(stat(fixture->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    const char *text = read_log(fixture);
    assert_memory_equal(text, "old\n", 4);
    assert_non_null(strstr(text, "lab: new\n"));
}

static void refused_path_is_explained(void **state)
{
    struct fixture *fixture = *state;
    struct err err = {0};
    assert_int_equal(log_open(fixture->directory, LOG_LEVEL_INFO, &err), ST_IO);
    assert_non_null(strstr(err.text, "Is a directory"));
    assert_non_null(strstr(err.text, fixture->directory));
}

static void lost_lines_are_counted_in_the_next_one(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit before;
    assert_int_equal(log_open(fixture->path, LOG_LEVEL_INFO, NULL), ST_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct rlimit full = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    log_write(LOG_LEVEL_INFO, "lab", "one");
    log_write(LOG_LEVEL_INFO, "lab", "two");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    log_write(LOG_LEVEL_INFO, "lab", "three");
    const char *text = read_log(fixture);
    assert_non_null(strstr(text, " warn  log: lines lost: 2\n"));
    assert_non_null(strstr(text, "lab: three\n"));
    assert_null(strstr(text, "one"));
}

enum {
    THREADS = 4,
    LINES_EACH = 500
};

static void *write_lines(void *name)
{
    for (int i = 0; i < LINES_EACH; i++) {
        log_write(LOG_LEVEL_INFO, name, "line %d of a text that is long enough to be torn", i);
    }
    return NULL;
}

static void lines_of_several_threads_do_not_mix(void **state)
{
    struct fixture *fixture = *state;
    static char names[THREADS][8] = {"one", "two", "three", "four"};
    pthread_t threads[THREADS];
    assert_int_equal(log_open(fixture->path, LOG_LEVEL_INFO, NULL), ST_OK);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    int count = 0;
    char *rest = NULL;
    (void)read_log(fixture);
    for (char *line = strtok_r(fixture->text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        int number = 0;
        char name[8] = "";
        char tail[8] = "";
        assert_int_equal(sscanf(line + 24,
                                " info %7[a-z]: line %d of a text that is long enough to be %7s",
                                name, &number, tail),
                         3);
        assert_string_equal(tail, "torn");
        count++;
    }
    assert_int_equal(count, THREADS * LINES_EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(line_has_time_level_module_and_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(detail_beyond_the_level_and_a_closed_log_say_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_text_stays_one_harmless_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_line_is_cut_and_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(file_is_appended_to_and_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refused_path_is_explained, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_lines_are_counted_in_the_next_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_of_several_threads_do_not_mix, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
