/*
 * supervisor.c - the life of a lab: from its ports to its end.
 *
 * Why:   one process owns everything, so that one death ends everything.
 * How:   started by `lab up` with three descriptors: 0 the starter's connection, 1 and 2 the log,
 *        3 the directory, locked for as long as the lab lives. It listens on every port of its own,
 *        starts the servers, then does what the control socket says.
 * Rules: one thread, libev's default loop (it alone knows children). The end is always the same:
 *        kill every child, wait for each, remove the files, answer, go.
 * See:   docs/LAB.md; control.c for the words.
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clean.h"
#include "farshore/base/log.h"
#include "farshore/base/text.h"
#include "files.h"
#include "peer.h"

#define STARTER_FD 0

void supervisor_save_processes(struct supervisor *supervisor)
{
    struct process_id ids[PROCESS_MAX];
    struct err err = {.status = ST_OK};
    int count = 0;

    memset(ids, 0, sizeof(ids));
    text_copy(ids[0].name, sizeof(ids[0].name), "supervisor");
    ids[0].pid = getpid();
    ids[0].start_ticks = process_start_ticks(getpid());
    count = 1;
    for (int i = 0; i < supervisor->layout.node_count; i++) {
        ids[count++] = supervisor->nodes[i].process;
    }
    for (int i = 0; i < supervisor->layout.region_count; i++) {
        ids[count++] = supervisor->disks[i].holder;
    }
    ids[count++] = supervisor->worker.process;
    ids[count++] = supervisor->provision.process;
    if (process_save(supervisor->layout.dir, ids, count, &err) != ST_OK) {
        log_write(LOG_LEVEL_ERROR, "lab", "%s", err.text);
    }
}

/* A gateway's connection comes from the region of the server that holds its other end. */
static int identify(void *context, int peer_port, int local_port)
{
    const struct supervisor *supervisor = context;
    pid_t pids[LAB_NODES_MAX];

    for (int i = 0; i < supervisor->layout.node_count; i++) {
        pids[i] = supervisor->nodes[i].process.pid;
    }
    int owner = peer_find_owner(peer_socket_inode(peer_port, local_port), pids,
                                supervisor->layout.node_count);
    return owner < 0 ? -1 : supervisor->layout.nodes[owner].region;
}

static enum fs_status open_proxy(struct supervisor *supervisor, struct err *err)
{
    const struct lab_layout *layout = &supervisor->layout;
    int here = layout_here(layout);
    enum fs_status status = ST_OK;

    supervisor->proxy = proxy_open(supervisor->loop, &supervisor->wan, identify, supervisor, err);
    if (supervisor->proxy == NULL) {
        return ST_NO_MEMORY;
    }
    for (int i = 0; i < layout->node_count && status == ST_OK; i++) {
        int region = layout->nodes[i].region;
        status =
            proxy_listen(supervisor->proxy, layout_node_port(layout, i, LAB_PORT_WAN_GATEWAY),
                         PROXY_ASK, region, layout_node_port(layout, i, LAB_PORT_GATEWAY), err);
        if (status == ST_OK) {
            status =
                proxy_listen(supervisor->proxy, layout_node_port(layout, i, LAB_PORT_WAN_CLIENT),
                             here, region, layout_node_port(layout, i, LAB_PORT_CLIENT), err);
        }
    }
    for (int i = 0; i < LAB_ENDPOINTS && status == ST_OK; i++) {
        status = proxy_listen(supervisor->proxy, layout_endpoint_wan_port(layout, i), here, i,
                              layout_endpoint_port(layout, i), err);
    }
    return status;
}

static enum fs_status open_endpoints(struct supervisor *supervisor, struct err *err)
{
    for (int i = 0; i < LAB_ENDPOINTS; i++) {
        supervisor->apps[i] = lab_endpoint_open(
            supervisor->loop, layout_endpoint_port(&supervisor->layout, i), LAB_ENDPOINT_APP, err);
        if (supervisor->apps[i] == NULL) {
            return ST_REFUSED;
        }
    }
    supervisor->control_canary = lab_endpoint_open(
        supervisor->loop, layout_control_port(&supervisor->layout), LAB_ENDPOINT_CONTROL, err);
    return supervisor->control_canary != NULL ? ST_OK : ST_REFUSED;
}

static enum fs_status open_servers(struct supervisor *supervisor, struct err *err)
{
    enum fs_status status = ST_OK;

    for (int i = 0; i < supervisor->layout.region_count && status == ST_OK; i++) {
        status = disk_open(&supervisor->disks[i], &supervisor->layout, i, err);
    }
    for (int i = 0; i < supervisor->layout.node_count && status == ST_OK; i++) {
        status = node_start(supervisor, i, err);
    }
    return status;
}

static bool is_everything_gone(const struct supervisor *supervisor)
{
    for (int i = 0; i < supervisor->layout.node_count; i++) {
        if (node_is_alive(&supervisor->nodes[i])) {
            return false;
        }
    }
    return helpers_are_gone(supervisor);
}

void supervisor_child_gone(struct supervisor *supervisor)
{
    if (supervisor->is_ending && is_everything_gone(supervisor)) {
        ev_break(supervisor->loop, EVBREAK_ALL);
    }
}

static void on_nothing_left(int revents, void *context)
{
    (void)revents;
    supervisor_child_gone(context);
}

void supervisor_end(struct supervisor *supervisor)
{
    if (supervisor->is_ending) {
        return;
    }
    supervisor->is_ending = true;
    helpers_kill(supervisor);
    for (int i = 0; i < supervisor->layout.node_count; i++) {
        node_end(supervisor, i, SIGKILL);
    }
    /* Not from here: the caller may stand in a watcher that the end would free. */
    ev_once(supervisor->loop, -1, 0, 0., on_nothing_left, supervisor);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
    (void)loop;
    (void)events;
    supervisor_end(watcher->data);
}

static void watch_signals(struct supervisor *supervisor)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGHUP, &ignore, NULL);
    ev_signal_init(&supervisor->on_term, on_signal, SIGTERM);
    ev_signal_init(&supervisor->on_int, on_signal, SIGINT);
    supervisor->on_term.data = supervisor;
    supervisor->on_int.data = supervisor;
    ev_signal_start(supervisor->loop, &supervisor->on_term);
    ev_signal_start(supervisor->loop, &supervisor->on_int);
}

static void raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* First word to the starter: "ok" when all of our own ports are ours and the servers run. */
static void tell_starter(const struct err *err)
{
    char line[ERR_TEXT_BYTES + 32];
    int length = err->status == ST_OK
                     ? snprintf(line, sizeof(line), "ok \n")
                     : snprintf(line, sizeof(line), "error %d %s\n", (int)err->status, err->text);

    (void)!write(STARTER_FD, line, (size_t)length);
}

static enum fs_status supervisor_open(struct supervisor *supervisor, const char *dir,
                                      struct err *err)
{
    enum fs_status status = layout_load(dir, &supervisor->layout, err);

    supervisor->worker.fd = supervisor->worker.stdin_fd = -1;
    supervisor->provision.fd = supervisor->provision.stdin_fd = -1;
    supervisor->worker.supervisor = supervisor;
    supervisor->provision.supervisor = supervisor;
    supervisor->listen_fd = -1;
    supervisor->loop = ev_default_loop(EVFLAG_AUTO);
    if (status == ST_OK && supervisor->loop == NULL) {
        status = err_set(err, ST_IO, "no event loop");
    }
    if (status == ST_OK) {
        watch_signals(supervisor);
        raise_limits();
        supervisor_save_processes(supervisor);
        status = open_proxy(supervisor, err);
    }
    if (status == ST_OK) {
        status = open_endpoints(supervisor, err);
    }
    if (status == ST_OK) {
        status = open_servers(supervisor, err);
    }
    return status;
}

static void supervisor_close(struct supervisor *supervisor)
{
    struct err err = {.status = ST_OK};

    proxy_close(supervisor->proxy);
    for (int i = 0; i < LAB_ENDPOINTS; i++) {
        lab_endpoint_close(supervisor->apps[i]);
    }
    lab_endpoint_close(supervisor->control_canary);
    for (int i = 0; i < supervisor->layout.region_count; i++) {
        disk_close(&supervisor->disks[i]);
    }
    if (clean_dir(supervisor->layout.dir, &err) != ST_OK) {
        log_write(LOG_LEVEL_ERROR, "lab", "%s", err.text);
    }
}

int supervisor_main(const char *dir)
{
    static struct supervisor supervisor; /* the process's one; too large for a stack */
    struct err err = {.status = ST_OK};
    char log[LAB_PATH_BYTES + 32];

    (void)snprintf(log, sizeof(log), "%s/logs/supervisor.log", dir);
    (void)log_open(log, LOG_LEVEL_INFO, NULL);
    enum fs_status status = supervisor_open(&supervisor, dir, &err);
    tell_starter(&err);
    if (status == ST_OK) {
        (void)fcntl(STARTER_FD, F_SETFL, O_NONBLOCK);
        status = control_open(&supervisor, STARTER_FD, &err);
    }
    if (status != ST_OK) {
        log_write(LOG_LEVEL_ERROR, "lab", "%s", err.text);
        supervisor_end(&supervisor);
    }
    ev_run(supervisor.loop, 0);
    supervisor_close(&supervisor);
    control_ended(&supervisor);
    log_close();
    return status == ST_OK ? 0 : 1;
}
