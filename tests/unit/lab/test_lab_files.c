/*
 * test_lab_files.c - a lab's directory, its description and its processes.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clean.h"
#include "cmocka_all.h"
#include "files.h"
#include "layout.h"
#include "process.h"
#include "server_config.h"
#include "server_find.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/farshore-files-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int drop_dir(void **state)
{
    (void)state;
    const char *slash = strrchr(dir, '/');
    return files_remove_tree("/tmp", slash + 1, NULL) == ST_OK ? 0 : 1;
}

static void a_file_is_private_and_read_back(void **state)
{
    char text[64];
    char path[128];
    size_t length = 0;
    struct stat st;

    (void)state;
    assert_int_equal(files_write(dir, "a", "hello\n", 6, NULL), ST_OK);
    assert_int_equal(files_read(dir, "a", text, sizeof(text), &length, NULL), ST_OK);
    assert_int_equal(length, 6);
    assert_string_equal(text, "hello\n");
    (void)snprintf(path, sizeof(path), "%s/a", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(files_read(dir, "b", text, sizeof(text), &length, NULL), ST_NOT_FOUND);
    assert_int_equal(files_read(dir, "a", text, 6, &length, NULL), ST_FULL);
}

static void the_tail_starts_at_a_line(void **state)
{
    char text[16];

    (void)state;
    assert_int_equal(files_write(dir, "log", "first line\nsecond\nlast\n", 23, NULL), ST_OK);
    files_tail(dir, "log", text, sizeof(text));
    assert_string_equal(text, "second\nlast\n");
    files_tail(dir, "none", text, sizeof(text));
    assert_string_equal(text, "");
}

static void removal_does_not_follow_links(void **state)
{
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tree", dir);
    assert_int_equal(files_make_dir(path, NULL), ST_OK);
    assert_int_equal(files_write(dir, "kept", "x", 1, NULL), ST_OK);
    assert_int_equal(files_write(path, "gone", "x", 1, NULL), ST_OK);
    (void)snprintf(path, sizeof(path), "%s/tree/link", dir);
    assert_int_equal(symlink(dir, path), 0);
    assert_int_equal(files_remove_tree(dir, "tree", NULL), ST_OK);
    assert_false(files_exists(dir, "tree"));
    assert_true(files_exists(dir, "kept"));
    assert_int_equal(files_remove_tree(dir, "tree", NULL), ST_OK);
}

static void a_layout_is_saved_and_loaded(void **state)
{
    struct lab_layout layout = {.base_port = 15000, .rate_per_s = 7, .extra_streams = 3};
    struct lab_layout loaded;

    (void)state;
    (void)snprintf(layout.dir, sizeof(layout.dir), "%s", dir);
    (void)snprintf(layout.nats_server, sizeof(layout.nats_server), "/opt/nats server");
    layout_build(&layout, LAB_TOPOLOGY_3_3);
    assert_int_equal(layout_save(&layout, NULL), ST_OK);
    assert_int_equal(layout_load(dir, &loaded, NULL), ST_OK);
    assert_int_equal(loaded.base_port, 15000);
    assert_int_equal(loaded.node_count, 6);
    assert_int_equal(loaded.rate_per_s, 7);
    assert_string_equal(loaded.nats_server, "/opt/nats server");
    assert_int_equal(files_write(dir, "lab.conf", "version 2\n", 10, NULL), ST_OK);
    assert_int_equal(layout_load(dir, &loaded, NULL), ST_CORRUPT);
}

static void ports_of_a_block_never_collide(void **state)
{
    struct lab_layout layout = {.base_port = 20000};
    bool is_used[LAB_BLOCK_PORTS] = {false};

    (void)state;
    layout_build(&layout, LAB_TOPOLOGY_3_3_1);
    for (int node = 0; node < layout.node_count; node++) {
        for (int port = LAB_PORT_CLIENT; port <= LAB_PORT_WAN_CLIENT; port++) {
            int at = layout_node_port(&layout, node, (enum lab_port)port) - layout.base_port;
            assert_in_range(at, 0, LAB_BLOCK_PORTS - 1);
            assert_false(is_used[at]);
            is_used[at] = true;
        }
    }
    int rest[] = {layout_endpoint_port(&layout, 0), layout_endpoint_port(&layout, 1),
                  layout_endpoint_wan_port(&layout, 0), layout_endpoint_wan_port(&layout, 1),
                  layout_control_port(&layout)};
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        assert_in_range(rest[i], 20000, 20000 + LAB_BLOCK_PORTS - 1);
        assert_false(is_used[rest[i] - 20000]);
        is_used[rest[i] - 20000] = true;
    }
}

static void gateways_know_only_the_proxys_ports(void **state)
{
    struct lab_layout layout = {.base_port = 20000};
    char text[16384];
    char port[32];
    size_t length = 0;

    (void)state;
    (void)snprintf(layout.dir, sizeof(layout.dir), "%s", dir);
    layout_build(&layout, LAB_TOPOLOGY_3_3_1);
    assert_int_equal(server_config_write(&layout, 0, "/store", NULL), ST_OK);
    assert_int_equal(files_read(dir, "rg1-n1.conf", text, sizeof(text), &length, NULL), ST_OK);
    for (int node = 1; node < layout.node_count; node++) {
        (void)snprintf(port, sizeof(port), ":%d\"",
                       layout_node_port(&layout, node, LAB_PORT_GATEWAY));
        assert_null(strstr(text, port));
    }
    /* Routes and gateway URLs together are the meta group's first size: 3 + 4. */
    int urls = 0;
    for (const char *at = strstr(text, "nats://"); at != NULL; at = strstr(at + 1, "nats://")) {
        urls++;
    }
    assert_int_equal(urls, 7);
}

static void the_consoles_configuration_goes_through_the_proxy(void **state)
{
    struct lab_layout layout = {.base_port = 20000};
    char text[16384];
    size_t length = 0;

    (void)state;
    (void)snprintf(layout.dir, sizeof(layout.dir), "%s", dir);
    layout_build(&layout, LAB_TOPOLOGY_3_3_1);
    assert_int_equal(console_config_write(&layout, NULL), ST_OK);
    assert_int_equal(files_read(dir, "farshore.yaml", text, sizeof(text), &length, NULL), ST_OK);
    assert_non_null(strstr(text, "urls: [\"nats://127.0.0.1:20005\", \"nats://127.0.0.1:20013\""));
    assert_non_null(strstr(text, "role: arbiter"));
    assert_non_null(strstr(text, "lock: {region: rg2}"));
    assert_null(strstr(text, "password: "));
    assert_int_equal(files_read(dir, "password.view", text, sizeof(text), &length, NULL), ST_OK);
    assert_string_equal(text, "view");
}

static void cleaning_keeps_the_logs_and_what_is_not_the_labs(void **state)
{
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/logs", dir);
    assert_int_equal(files_make_dir(path, NULL), ST_OK);
    assert_int_equal(files_write(dir, "lab.conf", "", 0, NULL), ST_OK);
    assert_int_equal(files_write(dir, "rg3-n1.conf", "", 0, NULL), ST_OK);
    assert_int_equal(files_write(dir, "mine.txt", "", 0, NULL), ST_OK);
    assert_int_equal(clean_dir(dir, NULL), ST_OK);
    assert_false(files_exists(dir, "lab.conf"));
    assert_false(files_exists(dir, "rg3-n1.conf"));
    assert_true(files_exists(dir, "mine.txt"));
    assert_true(files_exists(dir, "logs"));
}

static void a_process_is_known_by_its_start_time(void **state)
{
    const char *argv[] = {"sleep", "100", NULL};
    struct process_spawn spawn = {
        .path = "/bin/sleep", .argv = argv, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1};
    struct process_id id;
    struct process_id loaded[4];

    (void)state;
    assert_int_equal(process_spawn(&spawn, "sleeper", &id, NULL), ST_OK);
    assert_true(process_is_alive(&id));
    struct process_id other = id;
    other.start_ticks++;
    assert_false(process_is_alive(&other));
    assert_false(process_signal(&other, SIGKILL));
    assert_true(process_is_alive(&id));
    assert_int_equal(process_save(dir, &id, 1, NULL), ST_OK);
    assert_int_equal(process_load(dir, loaded, 4), 1);
    assert_string_equal(loaded[0].name, "sleeper");
    assert_int_equal(loaded[0].start_ticks, id.start_ticks);
    assert_false(process_wait_gone(&id, 0));
    assert_true(process_signal(&id, SIGKILL));
    assert_true(process_wait_gone(&id, 5000));
    assert_int_equal(waitpid(id.pid, NULL, 0), id.pid);
    assert_false(process_is_alive(&id));
}

static void a_program_that_is_not_there_is_said_at_once(void **state)
{
    const char *argv[] = {"nothing", NULL};
    struct process_spawn spawn = {.path = "/nonexistent/nothing",
                                  .argv = argv,
                                  .stdin_fd = -1,
                                  .stdout_fd = -1,
                                  .stderr_fd = -1};
    struct process_id id;
    struct err err = {.status = ST_OK};

    (void)state;
    assert_int_equal(process_spawn(&spawn, "nothing", &id, &err), ST_IO);
    assert_non_null(strstr(err.text, "/nonexistent/nothing"));
}

static void versions_compare_by_number(void **state)
{
    (void)state;
    assert_true(server_compare_versions("2.9.10", "2.15.2") < 0);
    assert_true(server_compare_versions("2.10.0", "2.9.99") > 0);
    assert_int_equal(server_compare_versions("2.12.1", "2.12.1"), 0);
    assert_true(server_compare_versions("2.12.0-RC.1", "2.12.0") < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_private_and_read_back, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(the_tail_starts_at_a_line, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(removal_does_not_follow_links, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(a_layout_is_saved_and_loaded, make_dir, drop_dir),
        cmocka_unit_test(ports_of_a_block_never_collide),
        cmocka_unit_test_setup_teardown(gateways_know_only_the_proxys_ports, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(the_consoles_configuration_goes_through_the_proxy, make_dir,
                                        drop_dir),
        cmocka_unit_test_setup_teardown(cleaning_keeps_the_logs_and_what_is_not_the_labs, make_dir,
                                        drop_dir),
        cmocka_unit_test_setup_teardown(a_process_is_known_by_its_start_time, make_dir, drop_dir),
        cmocka_unit_test(a_program_that_is_not_there_is_said_at_once),
        cmocka_unit_test(versions_compare_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
