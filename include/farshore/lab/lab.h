/*
 * lab.h - two real NATS regions on this machine, and the ways to break them.
 *
 * A lab is a directory: real nats-servers on loopback as a super-cluster, a proxy that plays the
 * WAN between them, a workload, and one supervisor that owns every process. Whatever happens to the
 * supervisor or to whoever started it, no process stays behind.
 *
 * Thread: each function may be called from any thread that may fork and block as said; none keeps
 * state between calls.
 */
#ifndef FARSHORE_LAB_LAB_H
#define FARSHORE_LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/base/err.h"

/* What `lab up` can be told; zero or NULL means the default. */
struct lab_options {
    const char *dir;         /* default: lab_default_dir() */
    int base_port;           /* first of a block of 64 ports; 0: the first free block from 14200 */
    const char *nats_server; /* default: $FARSHORE_NATS_SERVER, the cache's newest, then the path */
    const char *topology;    /* "3+3+1" (default) or "3+3" */
    bool has_rate;     /* rate_per_s holds a value; else the default of 100 messages a second */
    int rate_per_s;    /* 0: no workload */
    int extra_streams; /* more origins with mirrors beside AGENTESE and EVENTS */
};

/* $XDG_RUNTIME_DIR/farshore-lab, else /tmp/farshore-lab-UID. */
void lab_default_dir(char *out, size_t out_bytes);

/*
 * `farshore lab WORD …`: up, down, status, fault, and the hidden words that farshore runs itself
 * by.
 *
 * argv     argv[0] is "lab", argv[1] the word. No word at all is a usage error here: the console
 *          around it is app's.
 *
 * Returns  the exit code: 0; 1 the lab says no or something failed; 64 usage.
 * Thread   blocks; the process's main thread only.
 */
int lab_command(int argc, char **argv);

/*
 * Start a lab and wait until it is usable: meta leader known, streams and mirrors made, the
 * workload publishing and its first message mirrored. Progress goes to standard error, a line a
 * step.
 *
 * config_path_out  receives the path of the configuration that was written.
 *
 * Returns  ST_OK; ST_INVALID for wrong options; ST_REFUSED when a lab lives in dir or a port is
 *          taken; ST_TIMEOUT with what is missing; then nothing is left running.
 * Thread   blocks up to 90 s; forks, so no other thread may hold locks that exec needs.
 */
enum fs_status lab_up(const struct lab_options *options, char *config_path_out,
                      size_t config_path_bytes, struct err *err);

/*
 * Stop the lab in dir, wait until each of its processes is gone, and remove all but the logs.
 * A directory without a lab is fine.
 *
 * dir      NULL is the default.
 * was_running  may be NULL; tells whether there was anything to stop.
 *
 * Returns  ST_OK; ST_TIMEOUT with the processes that would not end; ST_INVALID when dir is not a
 *          lab's; ST_IO.
 * Thread   blocks up to 30 s.
 */
enum fs_status lab_down(const char *dir, bool *was_running, struct err *err);

/*
 * Hand one fault to the lab: the words after `lab fault`, for example {"cut", "rg1-rg2"}.
 *
 * reply    one clean line: what the lab did. Empty on failure.
 *
 * Returns  ST_OK once the action has begun (a process that ends or starts is not waited for);
 *          ST_INVALID with the nearest valid name in err; ST_NOT_FOUND when no lab runs;
 *          ST_UNSUPPORTED when this machine cannot; ST_TIMEOUT after 200 ms.
 * Thread   any; blocks 200 ms at most, so the console may call it from its loop.
 */
enum fs_status lab_fault(const char *dir, int argc, const char *const *argv, char *reply,
                         size_t reply_bytes, struct err *err);

/*
 * The lab's state as one JSON object (docs/LAB.md), or ST_NOT_FOUND when none runs in dir.
 *
 * json_out  allocated with malloc; the caller frees it.
 * Thread    any; blocks 2 s at most.
 */
enum fs_status lab_status(const char *dir, char **json_out, struct err *err);

/* The words that complete a `fault` line, NULL-terminated, for the console's palette. */
const char *const *lab_fault_verbs(void);

#endif
