/*
 * workload.c - the two helpers of a lab that speak NATS: the provisioner, once, and the worker.
 *
 * Why:   nats.c brings threads and blocks; the supervisor has neither. So both run as processes of
 *        their own, the same program by another word.
 * How:   their standard output is a pipe: the worker prints a line of JSON a second, the
 * provisioner its error. The worker's standard input is a pipe too; it ends when that closes.
 * Rules: a worker that ends unasked is started again; the counts go on over all of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "farshore/base/log.h"
#include "farshore/base/number.h"
#include "farshore/base/text.h"
#include "server_config.h"
#include "supervisor.h"

#define URLS_BYTES 512
#define WORKER_RESTART_S 1.

static void helper_close(struct supervised_helper *helper)
{
    ev_io_stop(helper->supervisor->loop, &helper->readable);
    if (helper->fd >= 0) {
        close(helper->fd);
        helper->fd = -1;
    }
    if (helper->stdin_fd >= 0) {
        close(helper->stdin_fd);
        helper->stdin_fd = -1;
    }
}

/* The first integer after "key": in a line of JSON that our own worker printed. */
static uint64_t line_count(const char *line, const char *key)
{
    char quoted[32];
    uint64_t value = 0;

    (void)snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *at = strstr(line, quoted);
    if (at == NULL) {
        return 0;
    }
    at += strlen(quoted);
    return number_parse_u64(at, strspn(at, "0123456789"), &value) ? value : 0;
}

static void take_line(struct supervisor *supervisor, const char *line)
{
    const struct workload_counts *ended = &supervisor->counts_ended;

    if (line[0] != '{' || line[strlen(line) - 1] != '}' || !text_is_clean(line, strlen(line))) {
        return;
    }
    text_copy(supervisor->worker_line, sizeof(supervisor->worker_line), line);
    supervisor->counts.published = ended->published + line_count(line, "published");
    supervisor->counts.acked = ended->acked + line_count(line, "acked");
    supervisor->counts.consumed = ended->consumed + line_count(line, "consumed");
    supervisor->counts.errors = ended->errors + line_count(line, "errors");
}

/* Read what is there; false at the end of the stream. A line that is too long is dropped whole. */
static bool helper_read(struct supervised_helper *helper)
{
    ssize_t count =
        read(helper->fd, helper->line + helper->used, sizeof(helper->line) - 1 - helper->used);

    if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
        return true;
    }
    if (count <= 0) {
        return false;
    }
    helper->used += (size_t)count;
    helper->line[helper->used] = '\0';
    return true;
}

static void on_worker_line(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct supervised_helper *helper = watcher->data;
    char *end;

    (void)events;
    if (!helper_read(helper)) {
        ev_io_stop(loop, watcher);
        return;
    }
    while ((end = strchr(helper->line, '\n')) != NULL) {
        *end = '\0';
        take_line(helper->supervisor, helper->line);
        helper->used -= (size_t)(end + 1 - helper->line);
        memmove(helper->line, end + 1, helper->used + 1);
    }
    if (helper->used == sizeof(helper->line) - 1) {
        helper->used = 0;
        helper->line[0] = '\0';
    }
}

static void on_provision_text(struct ev_loop *loop, ev_io *watcher, int events)
{
    struct supervised_helper *helper = watcher->data;

    (void)events;
    if (helper->used == sizeof(helper->line) - 1 || !helper_read(helper)) {
        ev_io_stop(loop, watcher);
    }
}

static void on_worker_exit(struct ev_loop *loop, ev_child *watcher, int events)
{
    struct supervised_helper *helper = watcher->data;
    struct supervisor *supervisor = helper->supervisor;

    (void)events;
    ev_child_stop(loop, watcher);
    memset(&helper->process, 0, sizeof(helper->process));
    helper_close(helper);
    supervisor->counts_ended = supervisor->counts;
    if (supervisor->is_work_wanted && !supervisor->is_ending) {
        log_write(LOG_LEVEL_ERROR, "lab", "the worker ended, wait status %d; again in 1 s",
                  watcher->rstatus);
        supervisor->worker_restarts++;
        ev_timer_set(&supervisor->worker_restart, WORKER_RESTART_S, 0.);
        ev_timer_start(loop, &supervisor->worker_restart);
    }
    supervisor_save_processes(supervisor);
    supervisor_child_gone(supervisor);
}

static void on_provision_exit(struct ev_loop *loop, ev_child *watcher, int events)
{
    struct supervised_helper *helper = watcher->data;
    struct supervisor *supervisor = helper->supervisor;
    char text[ERR_TEXT_BYTES];
    enum fs_status status = ST_IO;

    (void)events;
    ev_child_stop(loop, watcher);
    while (helper->fd >= 0 && helper->used < sizeof(helper->line) - 1) {
        size_t before = helper->used;
        if (!helper_read(helper) || helper->used == before) {
            break; /* all that it said */
        }
    }
    if (WIFEXITED(watcher->rstatus) && WEXITSTATUS(watcher->rstatus) <= ST_UNSUPPORTED) {
        status = (enum fs_status)WEXITSTATUS(watcher->rstatus);
    }
    helper->line[strcspn(helper->line, "\n")] = '\0';
    (void)text_clean(text, sizeof(text), helper->line, strlen(helper->line));
    memset(&helper->process, 0, sizeof(helper->process));
    helper_close(helper);
    supervisor_save_processes(supervisor);
    control_provision_done(supervisor, status, text);
    supervisor_child_gone(supervisor);
}

static enum fs_status helper_start(struct supervisor *supervisor, struct supervised_helper *helper,
                                   const char *name, const char *const *argv, struct err *err)
{
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    char log[LAB_PATH_BYTES + 64];

    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        if (in[0] >= 0) {
            close(in[0]);
            close(in[1]);
        }
        return err_set_errno(err, ST_IO, errno, "cannot start the %s", name);
    }
    (void)snprintf(log, sizeof(log), "%s/logs/%s.log", supervisor->layout.dir, name);
    int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct process_spawn spawn = {.path = "/proc/self/exe",
                                  .argv = argv,
                                  .stdin_fd = in[0],
                                  .stdout_fd = out[1],
                                  .stderr_fd = log_fd};
    enum fs_status status = process_spawn(&spawn, name, &helper->process, err);
    close(in[0]);
    close(out[1]);
    if (log_fd >= 0) {
        close(log_fd);
    }
    if (status != ST_OK) {
        close(in[1]);
        close(out[0]);
        return status;
    }
    (void)fcntl(out[0], F_SETFL, O_NONBLOCK);
    helper->supervisor = supervisor;
    helper->fd = out[0];
    helper->stdin_fd = in[1];
    helper->used = 0;
    helper->line[0] = '\0';
    return ST_OK;
}

static void helper_watch(struct supervised_helper *helper,
                         void (*readable)(struct ev_loop *, ev_io *, int),
                         void (*exited)(struct ev_loop *, ev_child *, int))
{
    struct ev_loop *loop = helper->supervisor->loop;

    ev_io_init(&helper->readable, readable, helper->fd, EV_READ);
    helper->readable.data = helper;
    ev_io_start(loop, &helper->readable);
    ev_child_init(&helper->child, exited, helper->process.pid, 0);
    helper->child.data = helper;
    ev_child_start(loop, &helper->child);
    supervisor_save_processes(helper->supervisor);
}

static void on_restart(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    workload_start(timer->data);
}

void workload_start(struct supervisor *supervisor)
{
    char publish[URLS_BYTES];
    char standby[URLS_BYTES];
    char both[2 * URLS_BYTES];
    char rate[NUMBER_TEXT_BYTES];
    const char *argv[] = {"farshore", "lab", "worker", "run", both, both, rate, NULL};
    struct err err = {.status = ST_OK};

    if (!supervisor->is_work_wanted) {
        supervisor->is_work_wanted = true;
        ev_timer_init(&supervisor->worker_restart, on_restart, 0., 0.);
        supervisor->worker_restart.data = supervisor;
    }
    if (supervisor->worker.process.pid > 0 || supervisor->is_ending) {
        return;
    }
    /* Clients prefer the primary's servers and go to the standby's when those are gone. */
    server_config_urls(&supervisor->layout, 0, publish, sizeof(publish));
    server_config_urls(&supervisor->layout, 1, standby, sizeof(standby));
    (void)snprintf(both, sizeof(both), "%s,%s", publish, standby);
    (void)number_print_i64(rate, supervisor->layout.rate_per_s);
    if (helper_start(supervisor, &supervisor->worker, "worker", argv, &err) != ST_OK) {
        log_write(LOG_LEVEL_ERROR, "lab", "%s", err.text);
        return;
    }
    helper_watch(&supervisor->worker, on_worker_line, on_worker_exit);
}

enum fs_status provision_start(struct supervisor *supervisor, struct err *err)
{
    char urls[URLS_BYTES];
    char streams[NUMBER_TEXT_BYTES];
    const char *argv[] = {"farshore", "lab", "worker", "provision", urls, streams, NULL};

    if (supervisor->provision.process.pid > 0) {
        return err_set(err, ST_REFUSED, "the streams are being made already");
    }
    server_config_urls(&supervisor->layout, 0, urls, sizeof(urls));
    (void)number_print_i64(streams, supervisor->layout.extra_streams);
    enum fs_status status =
        helper_start(supervisor, &supervisor->provision, "provision", argv, err);
    if (status == ST_OK) {
        helper_watch(&supervisor->provision, on_provision_text, on_provision_exit);
    }
    return status;
}

void helpers_kill(struct supervisor *supervisor)
{
    if (supervisor->is_work_wanted) {
        ev_timer_stop(supervisor->loop, &supervisor->worker_restart);
    }
    (void)process_signal(&supervisor->worker.process, SIGKILL);
    (void)process_signal(&supervisor->provision.process, SIGKILL);
}

bool helpers_are_gone(const struct supervisor *supervisor)
{
    return supervisor->worker.process.pid <= 0 && supervisor->provision.process.pid <= 0;
}
