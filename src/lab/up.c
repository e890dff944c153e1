/*
 * up.c - `lab up`: from options to a lab that is usable.
 *
 * Why:   whoever calls it may count on what it made; whoever interrupts it finds nothing left.
 * How:   lock the directory, choose ports, write the description, start the supervisor, then ask
 *        until servers listen, the meta leader sees every peer, streams and mirrors are made, and
 *        the first message has crossed the WAN. Until the supervisor hears "commit" it hangs on
 * this process's connection: if that goes, so does the lab. Rules: every wait has a deadline and,
 * when it passes, a sentence that names what is missing. See:   supervisor.c, monitor.c;
 * docs/LAB.md.
 */
#include "up.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clean.h"
#include "client.h"
#include "farshore/base/text.h"
#include "farshore/lab/lab.h"
#include "files.h"
#include "monitor.h"
#include "process.h"
#include "server_config.h"
#include "server_find.h"

#define DEFAULT_RATE 100
#define RATE_MAX 100000
#define STREAMS_MAX 10000
#define LOCK_FD 3
#define TAIL_BYTES 400

#define START_MS 10000
#define META_MS 45000
#define PROVISION_MS 120000
#define MIRROR_MS 60000

struct up {
    struct lab_layout layout;
    char version[64];
    int lock_fd;
    int fd; /* to the supervisor */
    long long mono_start_ms;
    struct strbuf answer;
};

static long long now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(const struct up *up, const char *text)
{
    long long ms = now_ms() - up->mono_start_ms;

    (void)fprintf(stderr, "lab: %2lld.%llds %s\n", ms / 1000, ms % 1000 / 100, text);
}

static enum fs_status choose_ports(const struct lab_options *options, int from, struct up *up,
                                   struct err *err)
{
    int wanted = options->base_port;

    if (wanted == 0) {
        up->layout.base_port = up_free_block(from);
        return up->layout.base_port != 0
                   ? ST_OK
                   : err_set(err, ST_REFUSED, "no free block of %d ports from %d on",
                             LAB_BLOCK_PORTS, from);
    }
    if (wanted < 1024 || wanted > 65535 - LAB_BLOCK_PORTS) {
        return err_set(err, ST_INVALID, "--base-port: wanted 1024 to %d", 65535 - LAB_BLOCK_PORTS);
    }
    int taken = up_taken_port(wanted);
    if (taken != 0) {
        int free_block = up_free_block(wanted + LAB_BLOCK_PORTS);
        return err_set(err, ST_REFUSED,
                       "port %d is taken (a lab needs %d to %d); the nearest free block starts at "
                       "--base-port %d",
                       taken, wanted, wanted + LAB_BLOCK_PORTS - 1, free_block);
    }
    up->layout.base_port = wanted;
    return ST_OK;
}

static enum fs_status take_options(const struct lab_options *options, struct up *up,
                                   struct err *err)
{
    enum lab_topology topology = LAB_TOPOLOGY_3_3_1;
    int rate = options->has_rate ? options->rate_per_s : DEFAULT_RATE;

    if (options->topology != NULL && !layout_parse_topology(options->topology, &topology)) {
        return err_set(err, ST_INVALID, "--topology: wanted 3+3+1 or 3+3");
    }
    if (rate < 0 || rate > RATE_MAX) {
        return err_set(err, ST_INVALID, "--rate: wanted 0 to %d messages a second", RATE_MAX);
    }
    if (options->extra_streams < 0 || options->extra_streams > STREAMS_MAX) {
        return err_set(err, ST_INVALID, "--streams: wanted 0 to %d", STREAMS_MAX);
    }
    layout_build(&up->layout, topology);
    up->layout.rate_per_s = rate;
    up->layout.extra_streams = options->extra_streams;
    return server_find(options->nats_server, up->layout.nats_server, sizeof(up->layout.nats_server),
                       up->version, sizeof(up->version), err);
}

/* The directory is ours, is a lab's or empty, and no lab lives in it. */
static enum fs_status take_dir(struct up *up, struct err *err)
{
    const char *dir = up->layout.dir;
    enum fs_status status = files_make_dir(dir, err);

    if (status != ST_OK) {
        return status;
    }
    status = up_lock_dir(dir, &up->lock_fd, NULL);
    if (status == ST_AGAIN) {
        return err_set(err, ST_REFUSED,
                       "a lab lives in %s already; end it with `farshore lab down "
                       "--dir '%s'`, or use another --dir",
                       dir, dir);
    }
    if (status != ST_OK) {
        return err_set(err, status, "cannot lock %s", dir);
    }
    if (files_exists(dir, "lab.conf")) {
        say(up, "removing what an earlier lab left here");
        status = clean_dir(dir, err);
    } else if (!files_is_empty_but(dir, "logs")) {
        status =
            err_set(err, ST_REFUSED, "%s is not empty and not a lab's; use another --dir", dir);
    }
    if (status == ST_OK) {
        status = files_remove_tree(dir, "logs", err);
    }
    if (status == ST_OK) {
        char logs[LAB_PATH_BYTES + 8];
        (void)snprintf(logs, sizeof(logs), "%s/logs", dir);
        status = files_make_dir(logs, err);
    }
    return status;
}

static void daemon_run(const struct up *up, int starter_fd)
{
    char log[LAB_PATH_BYTES + 32];
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;

    (void)setsid();
    if (fork() != 0) {
        _exit(0);
    }
    for (int number = 1; number < SIGRTMIN; number++) {
        (void)sigaction(number, &standard, NULL);
    }
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)snprintf(log, sizeof(log), "%s/logs/supervisor.log", up->layout.dir);
    int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int starter = fcntl(starter_fd, F_DUPFD_CLOEXEC, 10);
    int lock = fcntl(up->lock_fd, F_DUPFD_CLOEXEC, 10);
    log_fd = fcntl(log_fd, F_DUPFD_CLOEXEC, 10);
    if (log_fd < 0 || starter < 0 || lock < 0 || dup2(starter, 0) < 0 || dup2(log_fd, 1) < 0 ||
        dup2(log_fd, 2) < 0 || dup2(lock, LOCK_FD) < 0 || chdir("/") != 0) {
        _exit(127);
    }
    (void)close_range(LOCK_FD + 1, ~0U, 0);
    execl("/proc/self/exe", "farshore", "lab", "supervise", up->layout.dir, (char *)NULL);
    _exit(127);
}

/* Start the supervisor and hear that its ports are its own. */
static enum fs_status start_supervisor(struct up *up, struct err *err)
{
    int pair[2];
    int status = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return err_set_errno(err, ST_IO, errno, "cannot start the supervisor");
    }
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        daemon_run(up, pair[1]);
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return err_set_errno(err, ST_IO, errno, "cannot start the supervisor");
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    up->fd = pair[0];
    (void)fcntl(up->fd, F_SETFL, O_NONBLOCK);
    return client_answer(up->fd, START_MS, &up->answer, err);
}

/* After a failure: let the supervisor finish its end, so that nothing runs when we return. */
static void abandon(struct up *up)
{
    struct process_id ids[PROCESS_MAX];
    int count = process_load(up->layout.dir, ids, PROCESS_MAX);

    if (up->fd >= 0) {
        close(up->fd);
        up->fd = -1;
    }
    for (int i = 0; i < count; i++) {
        if (!process_wait_gone(&ids[i], 5000)) {
            (void)process_signal(&ids[i], SIGKILL);
            (void)process_wait_gone(&ids[i], 5000);
        }
    }
    if (files_exists(up->layout.dir, "lab.conf")) {
        (void)clean_dir(up->layout.dir, NULL);
    }
}

static void pause_ms(long ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&wait, NULL);
}

/* The last words of the server's log, for a message. */
static enum fs_status fail_with_log(const struct up *up, int node, const char *missing,
                                    struct err *err)
{
    char name[LAB_NAME_BYTES + 16];
    char tail[TAIL_BYTES];
    char clean[TAIL_BYTES];
    char logs[LAB_PATH_BYTES + 8];

    (void)snprintf(logs, sizeof(logs), "%s/logs", up->layout.dir);
    (void)snprintf(name, sizeof(name), "%s.log", up->layout.nodes[node].name);
    files_tail(logs, name, tail, sizeof(tail));
    size_t length = strlen(tail);
    while (length > 0 && tail[length - 1] == '\n') {
        tail[--length] = '\0';
    }
    const char *last = strrchr(tail, '\n');
    last = last != NULL ? last + 1 : tail;
    (void)text_clean(clean, sizeof(clean), last, strlen(last));
    return err_set(err, ST_TIMEOUT, "%s; %s/%s ends: %s", missing, logs, name, clean);
}

static enum fs_status wait_listening(struct up *up, struct err *err)
{
    long long until_ms = now_ms() + START_MS;
    char text[128];

    while (monitor_listening(&up->layout) < up->layout.node_count) {
        if (now_ms() >= until_ms) {
            for (int i = 0; i < up->layout.node_count; i++) {
                struct strbuf body;
                strbuf_init(&body, alloc_heap());
                bool is_up = monitor_get(layout_node_port(&up->layout, i, LAB_PORT_MONITOR),
                                         "/varz", 500, &body);
                strbuf_destroy(&body);
                if (!is_up) {
                    (void)snprintf(text, sizeof(text), "server %s does not listen",
                                   up->layout.nodes[i].name);
                    return fail_with_log(up, i, text, err);
                }
            }
        }
        pause_ms(50);
    }
    (void)snprintf(text, sizeof(text), "%d servers listen", up->layout.node_count);
    say(up, text);
    return ST_OK;
}

static enum fs_status wait_meta(struct up *up, struct err *err)
{
    long long until_ms = now_ms() + META_MS;
    char missing[256] = "";

    while (!monitor_has_meta(&up->layout, missing, sizeof(missing))) {
        if (now_ms() >= until_ms) {
            return fail_with_log(up, 0, missing, err);
        }
        pause_ms(100);
    }
    say(up, missing);
    return ST_OK;
}

static enum fs_status wait_mirrors(struct up *up, struct err *err)
{
    long long until_ms = now_ms() + MIRROR_MS;
    char missing[256] = "";

    while (!monitor_has_mirrors(&up->layout, up->layout.rate_per_s > 0, missing, sizeof(missing))) {
        if (now_ms() >= until_ms) {
            return fail_with_log(up, up->layout.regions[1].first_node, missing, err);
        }
        pause_ms(100);
    }
    say(up, up->layout.rate_per_s > 0 ? "the workload runs and both mirrors hold messages"
                                      : "both mirrors are there; no workload (--rate 0)");
    return ST_OK;
}

static enum fs_status make_usable(struct up *up, struct err *err)
{
    char text[160];
    enum fs_status status = wait_listening(up, err);

    if (status == ST_OK) {
        status = wait_meta(up, err);
    }
    if (status == ST_OK) {
        status = client_request(up->fd, "provision", PROVISION_MS, &up->answer, err);
    }
    if (status != ST_OK) {
        return status;
    }
    (void)snprintf(text, sizeof(text), "streams, mirrors, consumers and buckets are made (%d more)",
                   up->layout.extra_streams);
    say(up, text);
    status = client_request(up->fd, "work", START_MS, &up->answer, err);
    if (status == ST_OK) {
        status = wait_mirrors(up, err);
    }
    if (status == ST_OK) {
        status = client_request(up->fd, "commit", START_MS, &up->answer, err);
    }
    return status;
}

/* Ports can be taken between the look and the start: with no port asked for, try the next block. */
static enum fs_status start_somewhere(const struct lab_options *options, struct up *up,
                                      struct err *err)
{
    int from = LAB_BASE_PORT;

    for (;;) {
        struct err attempt = {.status = ST_OK};
        char text[256];
        enum fs_status status = choose_ports(options, from, up, &attempt);
        if (status == ST_OK) {
            status = layout_save(&up->layout, &attempt);
        }
        if (status == ST_OK) {
            status = console_config_write(&up->layout, &attempt);
        }
        if (status == ST_OK) {
            (void)snprintf(
                text, sizeof(text), "starting %d servers %s (nats-server %s), ports %d-%d",
                up->layout.node_count, layout_topology_text(up->layout.topology), up->version,
                up->layout.base_port, up->layout.base_port + LAB_BLOCK_PORTS - 1);
            say(up, text);
            status = start_supervisor(up, &attempt);
        }
        if (status == ST_OK) {
            return ST_OK;
        }
        abandon(up);
        if (status != ST_REFUSED || options->base_port != 0 || up->layout.base_port == 0) {
            return err_set(err, status, "%s", attempt.text);
        }
        from = up->layout.base_port + LAB_BLOCK_PORTS;
    }
}

enum fs_status lab_up(const struct lab_options *options, char *config_path_out,
                      size_t config_path_bytes, struct err *err)
{
    struct up *up = calloc(1, sizeof(*up));
    struct err own = {.status = ST_OK};

    if (up == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    up->lock_fd = up->fd = -1;
    up->mono_start_ms = now_ms();
    strbuf_init(&up->answer, alloc_heap());
    enum fs_status status =
        up_resolve_dir(options->dir, up->layout.dir, sizeof(up->layout.dir) - 128, &own);
    if (status == ST_OK) {
        status = take_options(options, up, &own);
    }
    if (status == ST_OK) {
        status = take_dir(up, &own);
    }
    if (status == ST_OK) {
        status = start_somewhere(options, up, &own);
        if (status == ST_OK) {
            status = make_usable(up, &own);
        }
        if (status == ST_OK) {
            status = files_path(config_path_out, config_path_bytes, up->layout.dir, "farshore.yaml",
                                &own);
        }
        if (status != ST_OK) {
            abandon(up);
        }
    }
    if (status == ST_OK) {
        say(up, "usable");
    } else {
        status = err_set(err, status, "%s", own.text);
    }
    if (up->fd >= 0) {
        close(up->fd);
    }
    if (up->lock_fd >= 0) {
        close(up->lock_fd);
    }
    strbuf_destroy(&up->answer);
    free(up);
    return status;
}
