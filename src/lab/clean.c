/*
 * clean.c - remove what a lab wrote, by name, and keep its logs.
 *
 * Why:   `lab down` must leave nothing behind, and must never remove what somebody else put there.
 * How:   the names are fixed; lab.conf goes last, so that an interrupted removal can be resumed.
 * Rules: only after every process of the lab is gone.
 */
#include "clean.h"

#include <stdio.h>

#include "files.h"
#include "layout.h"

enum fs_status clean_dir(const char *dir, struct err *err)
{
    static const char *const names[] = {
        "control.sock",
        "processes",
        "farshore.yaml",
        "farshore.yaml.new",
        "password.sys",
        "password.app",
        "password.view",
        "password.observe",
        "processes.new",
        "lab.conf.new",
        "password.sys.new",
        "password.app.new",
        "password.view.new",
        "password.observe.new",
        "store",
    };
    struct lab_layout layout;
    enum fs_status status = ST_OK;
    enum fs_status first = ST_OK;

    layout_build(&layout, LAB_TOPOLOGY_3_3_1);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        status = files_remove_tree(dir, names[i], err);
        first = first == ST_OK ? status : first;
    }
    for (int i = 0; i < layout.node_count; i++) {
        char name[LAB_NAME_BYTES + 16];
        (void)snprintf(name, sizeof(name), "%s.conf", layout.nodes[i].name);
        status = files_remove_tree(dir, name, err);
        first = first == ST_OK ? status : first;
        (void)snprintf(name, sizeof(name), "%s.conf.new", layout.nodes[i].name);
        (void)files_remove_tree(dir, name, NULL);
    }
    if (first == ST_OK) {
        first = files_remove_tree(dir, "lab.conf", err);
    }
    return first;
}
