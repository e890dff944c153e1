/*
 * nodes.c - the lab's nats-servers: started, ended, frozen, watched.
 *
 * Why:   an operator's faults and a server's own death must look different in `lab status`.
 * How:   one ev_child a server; who told it to end is remembered until it has ended.
 * Rules: a server belongs to this process and dies with it (process.h).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "farshore/base/log.h"
#include "server_config.h"
#include "supervisor.h"

static void on_exit_of_node(struct ev_loop *loop, ev_child *watcher, int events)
{
    struct supervised_node *node = watcher->data;
    struct supervisor *supervisor = node->supervisor;
    int index = (int)(node - supervisor->nodes);

    (void)events;
    ev_child_stop(loop, watcher);
    node->state = node->is_ending ? NODE_STOPPED : NODE_EXITED;
    node->exit_status = watcher->rstatus;
    node->is_ending = false;
    memset(&node->process, 0, sizeof(node->process));
    if (node->state == NODE_EXITED) {
        log_write(LOG_LEVEL_ERROR, "lab", "%s ended by itself, wait status %d",
                  supervisor->layout.nodes[index].name, node->exit_status);
    }
    if (node->is_start_wanted && !supervisor->is_ending) {
        struct err err = {.status = ST_OK};
        node->is_start_wanted = false;
        if (node_start(supervisor, index, &err) != ST_OK) {
            log_write(LOG_LEVEL_ERROR, "lab", "%s", err.text);
        }
    }
    supervisor_save_processes(supervisor);
    supervisor_child_gone(supervisor);
}

bool node_is_alive(const struct supervised_node *node)
{
    return node->process.pid > 0;
}

enum fs_status node_start(struct supervisor *supervisor, int index, struct err *err)
{
    struct supervised_node *node = &supervisor->nodes[index];
    const char *name = supervisor->layout.nodes[index].name;
    char config[LAB_PATH_BYTES + 64];
    char log[LAB_PATH_BYTES + 64];
    char store[LAB_PATH_BYTES + 64];
    const char *argv[] = {"nats-server", "-c", config, NULL};
    struct process_spawn spawn = {.path = supervisor->layout.nats_server,
                                  .argv = argv,
                                  .stdin_fd = -1,
                                  .stdout_fd = -1,
                                  .stderr_fd = -1,
                                  .log_path = log};

    if (node_is_alive(node)) {
        node->is_start_wanted = node->is_ending;
        return ST_OK;
    }
    (void)snprintf(config, sizeof(config), "%s/%s.conf", supervisor->layout.dir, name);
    (void)snprintf(log, sizeof(log), "%s/logs/%s.log", supervisor->layout.dir, name);
    (void)snprintf(store, sizeof(store), "%s/%s",
                   supervisor->disks[supervisor->layout.nodes[index].region].store, name);
    enum fs_status status = server_config_write(&supervisor->layout, index, store, err);
    if (status == ST_OK) {
        status = process_spawn(&spawn, name, &node->process, err);
    }
    if (status != ST_OK) {
        return status;
    }
    node->supervisor = supervisor;
    node->state = NODE_RUNNING;
    node->is_ending = false;
    ev_child_init(&node->child, on_exit_of_node, node->process.pid, 0);
    node->child.data = node;
    ev_child_start(supervisor->loop, &node->child);
    supervisor_save_processes(supervisor);
    return ST_OK;
}

void node_end(struct supervisor *supervisor, int index, int signal_number)
{
    struct supervised_node *node = &supervisor->nodes[index];

    node->is_start_wanted = false;
    if (!node_is_alive(node)) {
        node->state = NODE_STOPPED;
        return;
    }
    node->is_ending = true;
    (void)process_signal(&node->process, signal_number);
}

bool node_signal(struct supervisor *supervisor, int index, int signal_number)
{
    struct supervised_node *node = &supervisor->nodes[index];

    if (!node_is_alive(node) || !process_signal(&node->process, signal_number)) {
        return false;
    }
    node->state = signal_number == SIGSTOP ? NODE_FROZEN : NODE_RUNNING;
    return true;
}

const char *node_state_text(const struct supervised_node *node)
{
    switch (node->state) {
    case NODE_STOPPED:
        return "stopped";
    case NODE_RUNNING:
        return "running";
    case NODE_FROZEN:
        return "frozen";
    case NODE_EXITED:
        return "exited";
    }
    return "";
}
