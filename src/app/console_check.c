/*
 * console_check.c - `:check`: the readiness checks on a page of the console.
 *
 * Why:   who stands before a failover wants the answer without leaving the screen.
 * How:   the survey runs on a worker; when it comes back its facts and the live model are judged.
 * Rules: a console that is not armed opens no operator's login: "not tested: not armed". One survey
 *        at a time; the last report stays until the next one is there.
 * See:   docs/CHECK.md
 */
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "console_impl.h"
#include "farshore/net/nats_lib.h"
#include "farshore/net/worker.h"

static void show(struct console *console, const char *progress)
{
    struct check_job *job = &console->check_job;
    struct ui_check check = {job->has_report ? &job->report : NULL, progress};
    ui_set_check(console->ui, &check);
}

static void run_survey(void *context)
{
    struct console *console = context;
    struct check_job *job = &console->check_job;
    job->status = check_survey(console->options->config, "not armed", &job->is_stopping,
                               job->cancel_fd, &job->facts, &job->err);
}

static void forget_survey(struct check_job *job)
{
    worker_join(job->worker);
    job->worker = NULL;
    job->is_running = false;
    if (job->cancel_fd >= 0) {
        close(job->cancel_fd);
    }
}

static void survey_done(void *context)
{
    struct console *console = context;
    struct check_job *job = &console->check_job;
    forget_survey(job);
    if (job->has_report) {
        ready_report_end(&job->report);
    }
    ready_judge(session_model(console->session), &job->facts, alloc_heap(), &job->report);
    job->has_report = true;
    ready_facts_end(&job->facts);
    show(console, NULL);
    if (job->status != ST_OK) {
        ui_say(console->ui, SEV_WARN, job->err.text);
    }
    console->wants_draw = true;
    console->is_urgent = true;
}

void console_check(struct console *console)
{
    struct check_job *job = &console->check_job;
    ui_open_check(console->ui);
    if (job->is_running) {
        return;
    }
    memset(&job->err, 0, sizeof(job->err));
    atomic_store(&job->is_stopping, false);
    struct worker_job work = {run_survey, survey_done, console};
    enum fs_status status = nats_lib_open(&job->err);
    if (status == ST_OK) {
        job->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        ready_facts_begin(&job->facts, alloc_heap());
        job->is_running = true;
        status = worker_start(&job->worker, console->bridge, &work, &job->err);
    }
    if (status != ST_OK) {
        if (job->is_running) {
            forget_survey(job);
            ready_facts_end(&job->facts);
        }
        ui_say(console->ui, SEV_WARN, job->err.text);
    }
    show(console, job->is_running ? "asking the servers; this takes a few seconds" : NULL);
}

void console_check_end(struct console *console)
{
    struct check_job *job = &console->check_job;
    if (job->is_running) {
        atomic_store(&job->is_stopping, true);
        if (job->cancel_fd >= 0) {
            (void)eventfd_write(job->cancel_fd, 1);
        }
        forget_survey(job);
        ready_facts_end(&job->facts);
    }
    if (job->has_report) {
        ready_report_end(&job->report);
        job->has_report = false;
    }
}
