/*
 * process.h - the lab's processes: spawned with a parent that takes them along, known by pid and
 * start time, never confused with a later process of the same number.
 */
#ifndef FARSHORE_LAB_PROCESS_H
#define FARSHORE_LAB_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "farshore/base/err.h"
#include "layout.h"

#define PROCESS_MAX 16 /* servers, supervisor, worker, provisioner, disk holders */

/* One process as the kernel knows it; pid 0 is none. */
struct process_id {
    char name[LAB_NAME_BYTES];
    pid_t pid;
    uint64_t start_ticks; /* field 22 of /proc/PID/stat: clock ticks after boot */
};

/* How to start one. Descriptors of -1 become /dev/null. */
struct process_spawn {
    const char *path;
    const char *const *argv; /* NULL-terminated, argv[0] included */
    int stdin_fd;
    int stdout_fd;
    int stderr_fd;
    const char *log_path; /* when not NULL: stdout and stderr append to it, mode 0600 */
};

/*
 * Fork and exec. The child dies with the calling process (PR_SET_PDEATHSIG), whatever ends that
 * one; call it from the main thread, because the kernel ties the promise to the calling thread. It
 * gets no descriptor but the three, an empty signal mask and default signal actions.
 *
 * Returns ST_IO when fork or exec fails: an exec that fails is reported here, not by a dead child.
 */
enum fs_status process_spawn(const struct process_spawn *spawn, const char *name,
                             struct process_id *out, struct err *err);

/* Start ticks of a pid; 0 when there is none, also for a zombie when is_zombie_gone. */
uint64_t process_start_ticks(pid_t pid);

/* Does exactly this process live (a zombie does not)? */
bool process_is_alive(const struct process_id *id);

/* Signal exactly this process through a pidfd. False when it is gone. */
bool process_signal(const struct process_id *id, int signal_number);

/* Wait until it is gone, at most timeout_ms. True when gone. Works for processes of any parent. */
bool process_wait_gone(const struct process_id *id, int timeout_ms);

/* DIR/processes: a line "name pid start_ticks" each, read by `lab down` after a lost supervisor. */
enum fs_status process_save(const char *dir, const struct process_id *ids, int count,
                            struct err *err);
int process_load(const char *dir, struct process_id *ids, int max);

#endif
