/*
 * supervisor.h - the process that owns a lab: servers, proxy, endpoints, workload, control socket.
 *
 * Private to src/lab. One supervisor is one process with one loop and one thread; struct supervisor
 * is its whole state, each part filled by the file named beside it.
 */
#ifndef FARSHORE_LAB_SUPERVISOR_H
#define FARSHORE_LAB_SUPERVISOR_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "disk.h"
#include "endpoint.h"
#include "farshore/base/strbuf.h"
#include "fault.h"
#include "layout.h"
#include "process.h"
#include "proxy.h"

#define SUPERVISOR_LINE_BYTES 2048

enum node_state {
    NODE_STOPPED, /* not started, or ended because it was told to */
    NODE_RUNNING,
    NODE_FROZEN,
    NODE_EXITED, /* ended by itself */
};

struct supervisor;

/* A nats-server (nodes.c). */
struct supervised_node {
    struct supervisor *supervisor;
    struct process_id process;
    enum node_state state;
    bool is_ending;       /* was told to end and has not yet */
    bool is_start_wanted; /* start it again when it has ended */
    int exit_status;      /* wait status of the last one that ended by itself */
    ev_child child;
};

/* A child of our own program whose standard output is read (workload.c). */
struct supervised_helper {
    struct supervisor *supervisor;
    struct process_id process;
    ev_child child;
    ev_io readable;
    int fd; /* its standard output; -1 */
    int stdin_fd;
    size_t used;
    char line[SUPERVISOR_LINE_BYTES];
};

struct workload_counts {
    uint64_t published;
    uint64_t acked;
    uint64_t consumed;
    uint64_t errors;
};

struct control_client; /* control.c */

struct supervisor {
    struct ev_loop *loop;
    struct lab_layout layout;
    struct wan wan;
    struct proxy *proxy;
    struct supervised_node nodes[LAB_NODES_MAX];

    struct lab_endpoint *apps[LAB_ENDPOINTS];
    enum fault_mode app_wanted[LAB_ENDPOINTS]; /* as `fault app` set it */
    bool is_app_killed[LAB_ENDPOINTS];         /* ended together with its region */
    struct lab_endpoint *control_canary;
    enum fault_mode control_mode;

    struct supervised_helper worker;
    ev_timer worker_restart;
    bool is_work_wanted;
    int worker_restarts;
    struct workload_counts counts;       /* over all workers */
    struct workload_counts counts_ended; /* of workers that have ended */
    char worker_line[SUPERVISOR_LINE_BYTES];

    struct supervised_helper provision;
    struct disk disks[LAB_REGIONS_MAX];

    int listen_fd;
    ev_io acceptable;
    struct control_client *clients;
    ev_signal on_term;
    ev_signal on_int;
    bool is_committed; /* it outlives whoever started it */
    bool is_ending;
};

/* supervisor.c */
int supervisor_main(const char *dir);
void supervisor_end(struct supervisor *supervisor);
void supervisor_child_gone(struct supervisor *supervisor);
void supervisor_save_processes(struct supervisor *supervisor);

/* nodes.c: start, end and signal servers. */
enum fs_status node_start(struct supervisor *supervisor, int index, struct err *err);
void node_end(struct supervisor *supervisor, int index, int signal_number);
bool node_signal(struct supervisor *supervisor, int node, int signal_number);
bool node_is_alive(const struct supervised_node *node);
const char *node_state_text(const struct supervised_node *node);

/* workload.c: the worker and the provisioner. */
void workload_start(struct supervisor *supervisor);
enum fs_status provision_start(struct supervisor *supervisor, struct err *err);
void helpers_kill(struct supervisor *supervisor);
bool helpers_are_gone(const struct supervisor *supervisor);

/* inject.c: do a fault; one clean line into reply. */
enum fs_status inject_fault(struct supervisor *supervisor, const struct fault *fault,
                            struct strbuf *reply, struct err *err);

/* report.c: the whole state as JSON, and what is broken on purpose. */
void report_status(const struct supervisor *supervisor, struct strbuf *out);

/* control.c: the socket that commands come by. */
enum fs_status control_open(struct supervisor *supervisor, int holder_fd, struct err *err);
void control_provision_done(struct supervisor *supervisor, enum fs_status status, const char *text);
void control_ended(struct supervisor *supervisor);

#endif
