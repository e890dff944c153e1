/*
 * test_config_load.c - the configuration's file: permissions, names, where it is looked for.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

#define PLAIN "version: 1\nregions:\n  - {name: rg1, role: primary, nats: {urls: [nats://h]}}\n"
#define WITH_SECRET                                                                                \
    "version: 1\nregions:\n  - {name: rg1, role: primary, nats: {urls: [nats://h], "               \
    "view: {user: view, password: view}}}\n"

static struct config_problems problems;
static char folder[] = "/tmp/farshore-test-XXXXXX";
static char path[256];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof(path), "%s/prod.yaml", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static enum fs_status load(const char *text, mode_t mode, struct config *config)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
    return config_load(path, config, &problems);
}

static void a_config_is_named_after_its_file(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(load(PLAIN, 0644, &config), ST_OK);
    assert_string_equal(config.name, "prod");
    assert_string_equal(config.path, path);
    config_destroy(&config);
}

static void a_secret_in_the_file_needs_a_private_file(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(load(WITH_SECRET, 0644, &config), ST_INVALID);
    assert_non_null(strstr(problems.rows[0].text, "chmod 600"));
    config_destroy(&config);
    assert_int_equal(load(WITH_SECRET, 0600, &config), ST_OK);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.rows[0].severity, CONFIG_WARNING);
    config_destroy(&config);
}

static void a_file_that_others_can_write_is_warned_about(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(load(PLAIN, 0666, &config), ST_OK);
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.rows[0].text, "others can write"));
    config_destroy(&config);
}

static void a_missing_file_and_a_folder_are_told_apart(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(config_load("/nonexistent/farshore.yaml", &config, &problems), ST_NOT_FOUND);
    config_destroy(&config);
    assert_int_equal(config_load(folder, &config, &problems), ST_IO);
    config_destroy(&config);
}

static void the_option_wins_over_the_environment_and_that_over_home(void **state)
{
    (void)state;
    char out[256];
    setenv("FARSHORE_CONFIG", "/env.yaml", 1);
    setenv("XDG_CONFIG_HOME", "/xdg", 1);
    assert_true(config_find("/option.yaml", out, sizeof(out)));
    assert_string_equal(out, "/option.yaml");
    assert_true(config_find(NULL, out, sizeof(out)));
    assert_string_equal(out, "/env.yaml");
    unsetenv("FARSHORE_CONFIG");
    assert_true(config_find(NULL, out, sizeof(out)));
    assert_string_equal(out, "/xdg/farshore/farshore.yaml");
    unsetenv("XDG_CONFIG_HOME");
    setenv("HOME", "/home/x", 1);
    assert_true(config_find(NULL, out, sizeof(out)));
    assert_string_equal(out, "/home/x/.config/farshore/farshore.yaml");
    assert_false(config_find(NULL, out, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_is_named_after_its_file),
        cmocka_unit_test(a_secret_in_the_file_needs_a_private_file),
        cmocka_unit_test(a_file_that_others_can_write_is_warned_about),
        cmocka_unit_test(a_missing_file_and_a_folder_are_told_apart),
        cmocka_unit_test(the_option_wins_over_the_environment_and_that_over_home),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
