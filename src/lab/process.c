/*
 * process.c - processes that cannot outlive their lab and cannot be mistaken for others.
 *
 * Why:   a lab is started and killed all day; one stray nats-server on a port breaks the next one,
 * and killing a recycled pid breaks something else. How:   PR_SET_PDEATHSIG in each child; pid plus
 * start time as the identity; signals through a pidfd that was opened before the identity was
 * checked, so that the pid cannot change in between. Rules: process_spawn() from the main thread
 * only. See:   prctl(2), pidfd_open(2), proc(5).
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"
#include "files.h"

static void child_fail(int report_fd)
{
    int cause = errno;

    (void)!write(report_fd, &cause, sizeof(cause));
    _exit(127);
}

static int child_log(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static void child_descriptors(const struct process_spawn *spawn, int report_fd)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log_fd = spawn->log_path != NULL ? child_log(spawn->log_path) : -1;
    int wanted[3] = {spawn->stdin_fd, log_fd >= 0 ? log_fd : spawn->stdout_fd,
                     log_fd >= 0 ? log_fd : spawn->stderr_fd};

    if (null_fd < 0 || (spawn->log_path != NULL && log_fd < 0)) {
        child_fail(report_fd);
    }
    for (int i = 0; i < 3; i++) {
        /* First out of the way of 0 … 2, then into place. */
        wanted[i] = fcntl(wanted[i] >= 0 ? wanted[i] : null_fd, F_DUPFD_CLOEXEC, 10);
        if (wanted[i] < 0) {
            child_fail(report_fd);
        }
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(wanted[i], i) < 0) {
            child_fail(report_fd);
        }
    }
}

static void child_run(const struct process_spawn *spawn, pid_t parent, int report_fd)
{
    sigset_t none;
    struct sigaction standard = {.sa_handler = SIG_DFL};

    for (int number = 1; number < SIGRTMIN; number++) {
        (void)sigaction(number, &standard, NULL);
    }
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        child_fail(report_fd);
    }
    if (getppid() != parent) {
        _exit(127); /* the parent died before the promise was made */
    }
    int kept = fcntl(report_fd, F_DUPFD_CLOEXEC, 20);
    if (kept < 0) {
        child_fail(report_fd);
    }
    child_descriptors(spawn, kept);
    for (int fd = 3; fd < kept; fd++) {
        (void)close(fd);
    }
    (void)close_range((unsigned)kept + 1, ~0U, 0);
    char *argv[32] = {NULL};
    size_t count = 0;
    while (count < 31 && spawn->argv[count] != NULL) {
        count++;
    }
    memcpy(argv, spawn->argv, count * sizeof(argv[0]));
    execv(spawn->path, argv);
    child_fail(kept);
}

enum fs_status process_spawn(const struct process_spawn *spawn, const char *name,
                             struct process_id *out, struct err *err)
{
    int report[2];
    int cause = 0;
    pid_t parent = getpid();

    memset(out, 0, sizeof(*out));
    if (pipe2(report, O_CLOEXEC) != 0) {
        return err_set_errno(err, ST_IO, errno, "cannot start %s", name);
    }
    pid_t pid = fork();
    if (pid == 0) {
        child_run(spawn, parent, report[1]);
    }
    int saved = errno;
    close(report[1]);
    if (pid < 0) {
        close(report[0]);
        return err_set_errno(err, ST_IO, saved, "cannot start %s", name);
    }
    ssize_t count;
    do {
        count = read(report[0], &cause, sizeof(cause));
    } while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count > 0) {
        (void)waitpid(pid, NULL, 0);
        return err_set_errno(err, ST_IO, cause, "cannot run %s", spawn->path);
    }
    text_copy(out->name, sizeof(out->name), name);
    out->pid = pid;
    out->start_ticks = process_start_ticks(pid);
    return ST_OK;
}

/* Field 22 counted after the command's closing bracket; 0 for a zombie or a dead one. */
uint64_t process_start_ticks(pid_t pid)
{
    char path[64];
    char text[1024];
    size_t length = 0;
    uint64_t ticks = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    if (pid <= 0 || files_read(path, "stat", text, sizeof(text), &length, NULL) != ST_OK) {
        return 0;
    }
    char *field = strrchr(text, ')');
    if (field == NULL || field[1] != ' ' || field[2] == 'Z' || field[2] == 'X') {
        return 0;
    }
    field += 2;
    for (int i = 3; i < 22; i++) {
        field = strchr(field, ' ');
        if (field == NULL) {
            return 0;
        }
        field++;
    }
    return number_parse_u64(field, strcspn(field, " "), &ticks) ? ticks : 0;
}

bool process_is_alive(const struct process_id *id)
{
    return id->pid > 0 && id->start_ticks != 0 && process_start_ticks(id->pid) == id->start_ticks;
}

bool process_signal(const struct process_id *id, int signal_number)
{
    int fd = id->pid > 0 ? pidfd_open(id->pid, 0) : -1;

    if (fd < 0) {
        return false;
    }
    bool is_sent = process_is_alive(id) && pidfd_send_signal(fd, signal_number, NULL, 0) == 0;
    close(fd);
    return is_sent;
}

bool process_wait_gone(const struct process_id *id, int timeout_ms)
{
    int fd = id->pid > 0 ? pidfd_open(id->pid, 0) : -1;

    if (fd < 0 || !process_is_alive(id)) {
        if (fd >= 0) {
            close(fd);
        }
        return true;
    }
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready;
    do {
        ready = poll(&wait, 1, timeout_ms);
    } while (ready < 0 && errno == EINTR);
    close(fd);
    return ready > 0;
}

enum fs_status process_save(const char *dir, const struct process_id *ids, int count,
                            struct err *err)
{
    char text[PROCESS_MAX * 64];
    size_t used = 0;

    for (int i = 0; i < count && i < PROCESS_MAX; i++) {
        if (ids[i].pid > 0) {
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %d %llu\n", ids[i].name,
                                     (int)ids[i].pid, (unsigned long long)ids[i].start_ticks);
        }
    }
    return files_write(dir, "processes", text, used, err);
}

int process_load(const char *dir, struct process_id *ids, int max)
{
    char text[PROCESS_MAX * 64 + 1];
    size_t length = 0;
    int count = 0;
    char *rest = text;

    if (files_read(dir, "processes", text, sizeof(text), &length, NULL) != ST_OK) {
        return 0;
    }
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        int64_t pid = 0;
        uint64_t ticks = 0;
        char *name = strsep(&line, " ");
        char *pid_text = strsep(&line, " ");
        if (pid_text == NULL || line == NULL || count == max ||
            !number_parse_i64(pid_text, strlen(pid_text), &pid) || pid <= 1 || pid > INT32_MAX ||
            !number_parse_u64(line, strlen(line), &ticks)) {
            continue;
        }
        text_copy(ids[count].name, sizeof(ids[count].name), name);
        ids[count].pid = (pid_t)pid;
        ids[count].start_ticks = ticks;
        count++;
    }
    return count;
}
