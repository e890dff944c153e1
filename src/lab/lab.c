/*
 * lab.c - a running lab from outside: stop it, ask it, break it.
 *
 * Why:   these are what the console, the drill and the shell call; none of them owns the lab.
 * How:   each is one request to the supervisor (client.c). `down` also works without one: every
 *        process that the lab ever had stands in DIR/processes with its start time.
 * Rules: a pid is signalled only while its start time is the recorded one.
 */
#include "farshore/lab/lab.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clean.h"
#include "client.h"
#include "farshore/base/text.h"
#include "fault.h"
#include "files.h"
#include "process.h"
#include "up.h"

#define FAULT_MS 200
#define STATUS_MS 2000
#define DOWN_MS 15000
#define GONE_MS 5000

const char *const *lab_fault_verbs(void)
{
    return fault_verbs();
}

static enum fs_status request(const char *wanted_dir, const char *text, int timeout_ms,
                              struct strbuf *answer, struct err *err)
{
    char dir[LAB_PATH_BYTES];
    int fd = -1;
    enum fs_status status = up_resolve_dir(wanted_dir, dir, sizeof(dir), err);

    if (status == ST_OK) {
        status = client_connect(dir, &fd, err);
    }
    if (status == ST_OK) {
        status = client_request(fd, text, timeout_ms, answer, err);
        close(fd);
    }
    return status;
}

enum fs_status lab_fault(const char *dir, int argc, const char *const *argv, char *reply,
                         size_t reply_bytes, struct err *err)
{
    struct strbuf text;
    struct strbuf answer;

    text_copy(reply, reply_bytes, "");
    strbuf_init(&text, alloc_heap());
    strbuf_init(&answer, alloc_heap());
    strbuf_put(&text, "fault");
    for (int i = 0; i < argc; i++) {
        strbuf_put_char(&text, ' ');
        strbuf_put(&text, argv[i]);
    }
    enum fs_status status = text.length > 500 || !text_is_clean(text.text, text.length)
                                ? err_set(err, ST_INVALID, "a fault is a few plain words")
                                : request(dir, text.text, FAULT_MS, &answer, err);
    if (status == ST_OK) {
        (void)text_clean(reply, reply_bytes, answer.text, answer.length);
    }
    strbuf_destroy(&text);
    strbuf_destroy(&answer);
    return status;
}

enum fs_status lab_status(const char *dir, char **json_out, struct err *err)
{
    struct strbuf answer;

    *json_out = NULL;
    strbuf_init(&answer, alloc_heap());
    enum fs_status status = request(dir, "status", STATUS_MS, &answer, err);
    if (status == ST_OK) {
        *json_out = strdup(answer.text);
        if (*json_out == NULL) {
            status = err_set(err, ST_NO_MEMORY, "no memory for the status");
        }
    }
    strbuf_destroy(&answer);
    return status;
}

/* Whatever still lives of the recorded processes: ended, waited for. */
static enum fs_status end_processes(const struct process_id *ids, int count, bool *was_running,
                                    struct err *err)
{
    enum fs_status status = ST_OK;

    for (int i = 0; i < count; i++) {
        *was_running = *was_running || process_is_alive(&ids[i]);
        (void)process_signal(&ids[i], SIGKILL);
    }
    for (int i = 0; i < count; i++) {
        if (!process_wait_gone(&ids[i], GONE_MS)) {
            status = err_set(err, ST_TIMEOUT, "%s, process %d, does not end", ids[i].name,
                             (int)ids[i].pid);
        }
    }
    return status;
}

/* The polite way. Processes are read before and after: one may start meanwhile. */
static int ask_to_end(const char *dir, struct process_id *ids, bool *was_running)
{
    struct strbuf answer;
    int fd = -1;
    int count = process_load(dir, ids, PROCESS_MAX);

    if (client_connect(dir, &fd, NULL) != ST_OK) {
        return count;
    }
    *was_running = true;
    strbuf_init(&answer, alloc_heap());
    (void)client_request(fd, "down", DOWN_MS, &answer, NULL);
    strbuf_destroy(&answer);
    close(fd);
    for (int i = 0; i < count; i++) {
        if (strcmp(ids[i].name, "supervisor") == 0) {
            (void)process_wait_gone(&ids[i], GONE_MS);
        }
    }
    return count;
}

static enum fs_status lock_when_free(const char *dir, int *fd, struct err *err)
{
    struct timespec wait = {.tv_nsec = 20000000};
    enum fs_status status = ST_AGAIN;

    for (int i = 0; i < GONE_MS / 20 && status == ST_AGAIN; i++) {
        status = up_lock_dir(dir, fd, NULL);
        if (status == ST_AGAIN) {
            (void)nanosleep(&wait, NULL);
        }
    }
    return status == ST_OK ? ST_OK : err_set(err, status, "%s is in use by another `lab up`", dir);
}

enum fs_status lab_down(const char *wanted_dir, bool *was_running, struct err *err)
{
    char dir[LAB_PATH_BYTES];
    struct process_id ids[PROCESS_MAX];
    bool is_any = false;
    int lock_fd = -1;
    enum fs_status status = up_resolve_dir(wanted_dir, dir, sizeof(dir), err);

    if (status == ST_OK && files_exists(dir, "lab.conf")) {
        int count = ask_to_end(dir, ids, &is_any);
        status = end_processes(ids, count, &is_any, err);
        if (status == ST_OK) {
            status = lock_when_free(dir, &lock_fd, err);
        }
        if (status == ST_OK && files_exists(dir, "lab.conf")) {
            count = process_load(dir, ids, PROCESS_MAX);
            status = end_processes(ids, count, &is_any, err);
            status = status == ST_OK ? clean_dir(dir, err) : status;
        }
        if (lock_fd >= 0) {
            close(lock_fd);
        }
    }
    if (was_running != NULL) {
        *was_running = is_any;
    }
    return status;
}
