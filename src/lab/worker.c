/*
 * worker.c - the main loop of the workload process.
 *
 * Why:   the lab's claims about loss and duplicates need a client that counts exactly and that no
 *        fault can end.
 * How:   this thread paces the publisher, prints a line a second and watches standard input and the
 *        signals; each connection and each durable has a thread of its own that may block.
 * Rules: nothing here waits for a server. The end takes at most STOP_LIMIT_MS: what does not come
 *        back by then is left behind by _exit(2), after the last line is out.
 * See:   worker.h; docs/LAB.md "Workload"
 */
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "farshore/base/strbuf.h"
#include "provision_plan.h"
#include "worker_consume.h"
#include "worker_publish.h"

#define TICK_MS 5
#define TICK_IDLE_MS 100
#define LINE_EVERY_MS 1000
#define STOP_LIMIT_MS 600
#define FINAL_LINE_LIMIT_MS 100
/* Of lab_durables: those that see every message once; the others see some of them again. */
#define WHOLE_DURABLES 2

struct workload {
    struct worker_link *publish_link;
    struct worker_link *consume_link;
    struct worker_publisher *publisher;
    struct worker_consumer *consumers[LAB_DURABLES];
    int signal_fd;
    int tick_ms;
    struct strbuf line;
};

static int64_t mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void put_count(struct strbuf *line, const char *name, uint64_t value)
{
    if (line->text[line->length - 1] != '{') {
        strbuf_put_char(line, ',');
    }
    strbuf_put_json(line, name);
    strbuf_put_char(line, ':');
    strbuf_put_u64(line, value);
}

static void put_published(struct strbuf *line, const struct worker_published *counts)
{
    put_count(line, "published", counts->published);
    put_count(line, "acked", counts->acked);
    put_count(line, "in_flight", counts->in_flight);
    put_count(line, "unknown", counts->unknown);
    put_count(line, "errors", counts->errors);
    put_count(line, "timeouts", counts->timeouts);
    put_count(line, "lost_acks", counts->lost_acks);
    strbuf_put(line, ",\"acks\":{");
    for (size_t i = 0; i < counts->streams; i++) {
        put_count(line, counts->acks[i].stream, counts->acks[i].acks);
    }
    strbuf_put_char(line, '}');
}

static void put_consumed(struct strbuf *line, struct workload *workload)
{
    struct worker_consumed counts[LAB_DURABLES];
    uint64_t consumed = 0;
    uint64_t duplicates = 0;
    for (size_t i = 0; i < LAB_DURABLES; i++) {
        worker_consumer_read(workload->consumers[i], &counts[i]);
        consumed += i < WHOLE_DURABLES ? counts[i].consumed : 0;
        duplicates += i < WHOLE_DURABLES ? counts[i].duplicates : 0;
    }
    put_count(line, "consumed", consumed);
    put_count(line, "duplicates", duplicates);
    strbuf_put(line, ",\"consumers\":{");
    for (size_t i = 0; i < LAB_DURABLES; i++) {
        strbuf_put(line, i == 0 ? "" : ",");
        strbuf_put_json(line, lab_durables[i].name);
        strbuf_put(line, ":{\"stream\":");
        strbuf_put_json(line, counts[i].stream);
        put_count(line, "consumed", counts[i].consumed);
        put_count(line, "duplicates", counts[i].duplicates);
        put_count(line, "highest_seq", counts[i].highest_seq);
        strbuf_put_char(line, '}');
    }
    strbuf_put_char(line, '}');
}

/*
 * Print the counts. A line is one write and only when the reader has room, so that a stopped reader
 * cannot stop the workload. Returns false when there is no reader any more.
 */
static bool print_line(struct workload *workload, int wait_ms)
{
    struct worker_published published;
    struct strbuf *line = &workload->line;
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    worker_publisher_read(workload->publisher, &published);
    strbuf_reset(line);
    strbuf_put_char(line, '{');
    put_published(line, &published);
    put_consumed(line, workload);
    strbuf_put(line, ",\"publish_connected\":");
    strbuf_put(line, worker_link_is_up(workload->publish_link) ? "true" : "false");
    strbuf_put(line, ",\"consume_connected\":");
    strbuf_put(line, worker_link_is_up(workload->consume_link) ? "true" : "false");
    strbuf_put(line, "}\n");
    if (line->has_failed || poll(&out, 1, wait_ms) != 1) {
        return true;
    }
    return write(STDOUT_FILENO, line->text, line->length) >= 0 || errno == EAGAIN;
}

/* Wait a tick; true when standard input has closed or a signal came. */
static bool wait_for_end(struct workload *workload)
{
    char thrown_away[256];
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = workload->signal_fd, .events = POLLIN}};
    if (poll(fds, 2, workload->tick_ms) <= 0) {
        return false;
    }
    if (fds[1].revents != 0) {
        return true;
    }
    return fds[0].revents != 0 && read(STDIN_FILENO, thrown_away, sizeof thrown_away) <= 0;
}

static void run_until_end(struct workload *workload)
{
    int64_t line_due_ms = mono_ms() + LINE_EVERY_MS;
    for (;;) {
        if (wait_for_end(workload)) {
            return;
        }
        int64_t now_ms = mono_ms();
        worker_publisher_tick(workload->publisher, now_ms);
        if (now_ms >= line_due_ms) {
            line_due_ms += (now_ms - line_due_ms) / LINE_EVERY_MS * LINE_EVERY_MS + LINE_EVERY_MS;
            if (!print_line(workload, 0)) {
                return;
            }
        }
    }
}

static bool open_workload(struct workload *workload, const struct lab_worker *worker)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before any thread, which inherits it */
    signal(SIGPIPE, SIG_IGN);
    workload->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    workload->tick_ms = worker->rate_per_s > 0 ? TICK_MS : TICK_IDLE_MS;
    if (workload->signal_fd < 0 || nats_Open(-1) != NATS_OK) {
        return false;
    }
    workload->publish_link = worker_link_open("farshore-lab-publish", worker->publish_urls,
                                              worker->user, worker->password);
    workload->consume_link = worker_link_open("farshore-lab-consume", worker->consume_urls,
                                              worker->user, worker->password);
    if (workload->publish_link == NULL || workload->consume_link == NULL) {
        return false;
    }
    workload->publisher = worker_publisher_open(workload->publish_link, worker->rate_per_s);
    for (size_t i = 0; i < LAB_DURABLES; i++) {
        workload->consumers[i] = worker_consumer_open(workload->consume_link, &lab_durables[i]);
        if (workload->consumers[i] == NULL) {
            return false;
        }
    }
    return workload->publisher != NULL;
}

/* Give everything back; false when a library call holds a thread too long. */
static bool close_workload(struct workload *workload)
{
    int64_t limit_ms = mono_ms() + STOP_LIMIT_MS;
    bool has_stuck = false;
    for (size_t i = 0; i < LAB_DURABLES; i++) {
        worker_consumer_stop(workload->consumers[i]);
    }
    worker_link_stop(workload->consume_link);
    for (size_t i = 0; i < LAB_DURABLES; i++) {
        has_stuck = !worker_consumer_close(workload->consumers[i], limit_ms) || has_stuck;
    }
    if (has_stuck) {
        worker_link_abandon(workload->consume_link); /* a stuck consumer still has it */
    } else {
        has_stuck = !worker_link_close(workload->consume_link, limit_ms);
    }
    worker_publisher_close(workload->publisher);
    has_stuck = !worker_link_close(workload->publish_link, limit_ms) || has_stuck;
    return !has_stuck &&
           nats_CloseAndWait(limit_ms > mono_ms() ? limit_ms - mono_ms() : 1) == NATS_OK;
}

int lab_worker_run(const struct lab_worker *worker)
{
    struct workload workload = {.signal_fd = -1};
    strbuf_init(&workload.line, alloc_heap());
    if (worker->rate_per_s < 0 || !open_workload(&workload, worker)) {
        static const char message[] = "lab worker: cannot start\n";
        (void)!write(STDERR_FILENO, message, sizeof message - 1);
        _exit(1); /* threads may run already */
    }
    run_until_end(&workload);
    print_line(&workload, FINAL_LINE_LIMIT_MS);
    if (!close_workload(&workload)) {
        _exit(0);
    }
    close(workload.signal_fd);
    strbuf_destroy(&workload.line);
    return 0;
}
