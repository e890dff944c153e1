/*
 * secret.c - secrets from files, the environment and commands.
 *
 * Why:   a credential should be in memory as short and as rarely as possible.
 * How:   a file is opened and judged by its descriptor; a command runs under /bin/sh with a pipe
 * and a deadline, in its own process group so that all of it can be ended. Rules: buffers are wiped
 * before they are freed; err never holds a secret. See:   secret.h
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "farshore/base/duration.h"

#define COMMAND_LIMIT_NS (10 * NS_PER_S)

/* The leak checker attaches to its own process, which an undumpable one refuses. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_LEAK_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_LEAK_CHECKED 1
#endif
#endif
#ifndef IS_LEAK_CHECKED
#define IS_LEAK_CHECKED 0
#endif

void secret_forbid_core(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#if !IS_LEAK_CHECKED
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

void secret_forget(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

bool secret_path(const char *path, const char *config_path, char *out, size_t out_bytes)
{
    const char *home = getenv("HOME");
    const char *slash = config_path != NULL ? strrchr(config_path, '/') : NULL;
    int length;
    if (strncmp(path, "~/", 2) == 0 && home != NULL) {
        length = snprintf(out, out_bytes, "%s/%s", home, path + 2);
    } else if (path[0] == '/' || slash == NULL) {
        length = snprintf(out, out_bytes, "%s", path);
    } else {
        length = snprintf(out, out_bytes, "%.*s/%s", (int)(slash - config_path), config_path, path);
    }
    return length > 0 && (size_t)length < out_bytes;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Read to the end, at most SECRET_MAX_BYTES; deadline_ns 0 waits for ever. Terminates the text. */
static enum fs_status read_all(int fd, int cancel_fd, char *text, int64_t deadline_ns,
                               const char *what, struct err *err)
{
    size_t length = 0;
    for (;;) {
        int wait_ms = -1;
        if (deadline_ns != 0) {
            int64_t left_ns = deadline_ns - now_ns();
            wait_ms = left_ns <= 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1;
        }
        struct pollfd ready[2] = {{.fd = fd, .events = POLLIN},
                                  {.fd = cancel_fd, .events = POLLIN}}; /* -1 is passed over */
        int polled = poll(ready, 2, wait_ms);
        if (polled > 0 && ready[1].revents != 0) {
            return err_set(err, ST_AGAIN, "%s: not waited for", what);
        }
        if (polled == 0) {
            return err_set(err, ST_TIMEOUT, "%s: no end within 10 s", what);
        }
        ssize_t got = polled < 0 ? -1 : read(fd, text + length, SECRET_MAX_BYTES - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return err_set_errno(err, ST_IO, errno, "%s", what);
        }
        length += (size_t)got;
        if (length == SECRET_MAX_BYTES) {
            return err_set(err, ST_INVALID, "%s: larger than %d bytes", what, SECRET_MAX_BYTES - 1);
        }
        if (got == 0) {
            text[length] = '\0';
            return strlen(text) == length ? ST_OK
                                          : err_set(err, ST_INVALID, "%s: holds a zero byte", what);
        }
    }
}

static enum fs_status fetch_file(const char *path, char *text, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        enum fs_status status = errno == ENOENT ? ST_NOT_FOUND : ST_IO;
        return err_set_errno(err, status, errno, "%s", path);
    }
    struct stat info;
    enum fs_status status = ST_OK;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        status = err_set(err, ST_REFUSED, "%s: not a regular file", path);
    } else if ((info.st_mode & 077) != 0) {
        status = err_set(err, ST_REFUSED, "%s: others can read it (mode %03o); chmod 600", path,
                         (unsigned)(info.st_mode & 0777));
    } else if (info.st_uid != geteuid() && info.st_uid != 0) {
        status = err_set(err, ST_REFUSED, "%s: belongs to somebody else", path);
    } else {
        status = read_all(fd, -1, text, 0, path, err);
    }
    close(fd);
    return status;
}

/* Start `/bin/sh -c command` in its own group with its output on *out_fd. */
static enum fs_status start_command(const char *command, pid_t *pid, int *out_fd, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return err_set_errno(err, ST_IO, errno, "command");
    }
    char shell[] = "sh";
    char option[] = "-c";
    char *copy = strdup(command);
    char *argv[] = {shell, option, copy, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t standard;
    sigemptyset(&none);
    sigemptyset(&standard);
    sigaddset(&standard, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    int failed =
        copy == NULL ? ENOMEM : posix_spawn(pid, "/bin/sh", &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(copy);
    close(ends[1]);
    if (failed != 0) {
        close(ends[0]);
        return err_set_errno(err, ST_IO, failed, "command");
    }
    *out_fd = ends[0];
    return ST_OK;
}

static enum fs_status fetch_command(const char *command, int cancel_fd, char *text, struct err *err)
{
    pid_t pid = 0;
    int fd = -1;
    enum fs_status status = start_command(command, &pid, &fd, err);
    if (status != ST_OK) {
        return status;
    }
    status = read_all(fd, cancel_fd, text, now_ns() + COMMAND_LIMIT_NS, "command", err);
    close(fd);
    if (status != ST_OK) {
        kill(-pid, SIGKILL);
    }
    int outcome = 0;
    while (waitpid(pid, &outcome, 0) < 0 && errno == EINTR) {
    }
    if (status == ST_OK && (!WIFEXITED(outcome) || WEXITSTATUS(outcome) != 0)) {
        return err_set(err, ST_REFUSED, "command: failed with status %d",
                       WIFEXITED(outcome) ? WEXITSTATUS(outcome) : 128 + WTERMSIG(outcome));
    }
    return status;
}

static enum fs_status fetch_env(const char *name, char *text, struct err *err)
{
    const char *value = getenv(name);
    if (value == NULL || value[0] == '\0') {
        return err_set(err, ST_NOT_FOUND, "$%s is not set", name);
    }
    size_t length = strlen(value);
    if (length >= SECRET_MAX_BYTES) {
        return err_set(err, ST_INVALID, "$%s is larger than %d bytes", name, SECRET_MAX_BYTES - 1);
    }
    memcpy(text, value, length + 1);
    return ST_OK;
}

static enum fs_status fetch(const struct config_secret *secret, const char *config_path,
                            int cancel_fd, char *text, struct err *err)
{
    char path[4096];
    switch (secret->source) {
    case SECRET_FILE:
        if (!secret_path(secret->text, config_path, path, sizeof(path))) {
            return err_set(err, ST_INVALID, "the path of a secret is too long");
        }
        return fetch_file(path, text, err);
    case SECRET_ENV:
        return fetch_env(secret->text, text, err);
    case SECRET_COMMAND:
        return fetch_command(secret->text, cancel_fd, text, err);
    case SECRET_INLINE:
        memcpy(text, secret->text, strlen(secret->text) + 1); /* short: the parser bounds it */
        return ST_OK;
    case SECRET_NONE:
        break;
    }
    return ST_NOT_FOUND;
}

enum fs_status secret_fetch(const struct config_secret *secret, const char *config_path,
                            int cancel_fd, char **text, struct err *err)
{
    *text = NULL;
    if (secret->source == SECRET_NONE) {
        return ST_OK;
    }
    secret_forbid_core();
    char *room = calloc(1, SECRET_MAX_BYTES + 1);
    if (room == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    enum fs_status status = fetch(secret, config_path, cancel_fd, room, err);
    size_t length = status == ST_OK ? strlen(room) : 0;
    while (status == ST_OK && length > 0 && strchr("\r\n", room[length - 1]) != NULL) {
        room[--length] = '\0';
    }
    if (status == ST_OK && length == 0) {
        status = err_set(err, ST_INVALID, "the secret on line %u of the config is empty",
                         secret->place.line);
    }
    if (status == ST_OK) {
        *text = strdup(room);
        status = *text != NULL ? ST_OK : err_set(err, ST_NO_MEMORY, "no memory");
    }
    explicit_bzero(room, SECRET_MAX_BYTES);
    free(room);
    return status;
}
