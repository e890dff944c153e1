/*
 * console_commands.c - the `:` commands that the app adds to those of the screen.
 *
 * Why:   themes, keymaps, the status line and the lab's faults are not ui's business.
 * How:   one line in a table and one function each. A fault goes to the lab on a worker and its
 *        outcome comes back as an event, so that the loop never waits.
 * Rules: `lab` is there only when the configuration is a lab's. One fault at a time.
 * See:   docs/farshore.1 "COMMANDS"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console_impl.h"
#include "farshore/base/duration.h"
#include "farshore/base/text.h"
#include "farshore/lab/lab.h"
#include "farshore/net/worker.h"
#include "status.h"

static const char *nth_asset(struct console *console, enum asset_kind kind, const char *line,
                             size_t n)
{
    const char *word = strrchr(line, ' ');
    size_t length = word != NULL ? strlen(word + 1) : 0;
    for (size_t i = 0;
         word != NULL && asset_name(kind, i, console->candidate, sizeof(console->candidate)); i++) {
        if (strncmp(console->candidate, word + 1, length) == 0 && n-- == 0) {
            return console->candidate;
        }
    }
    return NULL;
}

static const char *complete_theme(void *context, const char *line, size_t n)
{
    return nth_asset(context, ASSET_THEME, line, n);
}

static const char *complete_keymap(void *context, const char *line, size_t n)
{
    return nth_asset(context, ASSET_KEYMAP, line, n);
}

/* The n-th text of a NULL-terminated list that begins with the last word of the line. */
static const char *nth_word(const char *const *list, const char *word, size_t n)
{
    for (; *list != NULL; list++) {
        if (strncmp(*list, word, strlen(word)) == 0 && n-- == 0) {
            return *list;
        }
    }
    return NULL;
}

static const char *complete_lab(void *context, const char *line, size_t n)
{
    struct console *console = context;
    const struct model *model = session_model(console->session);
    const char *rest = line + strcspn(line, " ");
    rest += strspn(rest, " ");
    const char *word = strrchr(line, ' ');
    if (word == NULL) {
        return NULL;
    }
    word++;
    if (strchr(rest, ' ') == NULL) {
        return nth_word(lab_fault_verbs(), word, n);
    }
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view region;
        view_region(model, i, &region);
        if (strncmp(region.name, word, strlen(word)) == 0 && n-- == 0) {
            return region.name;
        }
    }
    for (size_t i = 0; i < view_links(model); i++) {
        struct link_view link;
        view_link(model, i, &link);
        snprintf(console->candidate, sizeof(console->candidate), "%s-%s", link.from, link.to);
        if (strncmp(console->candidate, word, strlen(word)) == 0 && n-- == 0) {
            return console->candidate;
        }
    }
    return NULL;
}

const struct ui_command console_commands[] = {
    {"theme", "theme NAME: other colours and glyphs", complete_theme},
    {"keymap", "keymap NAME: other keys", complete_keymap},
    {"reload", "read theme and keymap again", NULL},
    {"status", "what `farshore status` would say now", NULL},
    {"check", "page: would a failover work now? asks the servers anew", NULL},
    {"lab", "lab FAULT…: break the lab, or mend it: kill rg1, heal rg1-rg2", complete_lab},
};
const size_t console_command_count = sizeof(console_commands) / sizeof(console_commands[0]);

/* Say what went wrong with a file; bad lines beyond the first are in `farshore theme check`. */
static void report(struct console *console, const char *what, enum fs_status status,
                   const struct problems *problems, const struct err *err)
{
    char text[ERR_TEXT_BYTES + 64];
    if (status == ST_OK) {
        return;
    }
    if (problems->count > 1) {
        snprintf(text, sizeof(text), "%s (and %zu more)", problems->text[0], problems->count - 1);
    } else {
        snprintf(text, sizeof(text), "%s", problems->count == 1 ? problems->text[0] : err->text);
    }
    session_note(console->session, SEV_WARN, what, text);
    if (console->ui != NULL) {
        ui_say(console->ui, SEV_WARN, text);
    }
}

static void load_theme(struct console *console, const char *name)
{
    struct problems problems;
    struct theme theme;
    struct err err = {0};
    char path[ASSET_PATH_BYTES];
    memset(&problems, 0, sizeof(problems));
    enum fs_status status = asset_load_theme(name, &theme, path, &problems, &err);
    if (status == ST_OK || status == ST_INVALID) {
        console->theme = theme;
        if (console->options->options->no_color) {
            theme_make_mono(&console->theme);
        }
        if (console->ui != NULL) {
            ui_set_theme(console->ui, &console->theme);
        }
    }
    report(console, "theme", status, &problems, &err);
}

static void load_keymap(struct console *console, const char *name)
{
    struct problems problems;
    struct keymap keymap;
    struct err err = {0};
    char path[ASSET_PATH_BYTES];
    memset(&problems, 0, sizeof(problems));
    enum fs_status status = asset_load_keymap(name, &keymap, path, &problems, &err);
    if (status == ST_OK || status == ST_INVALID) {
        console->keymap = keymap;
        if (console->ui != NULL) {
            ui_set_keymap(console->ui, &console->keymap);
        }
    }
    report(console, "keymap", status, &problems, &err);
}

void console_load_assets(struct console *console)
{
    const struct options *options = console->options->options;
    theme_init(&console->theme);
    keymap_init(&console->keymap);
    load_theme(console, options->theme != NULL ? options->theme : "default");
    load_keymap(console, options->keymap != NULL ? options->keymap : "default");
}

static void say_status(struct console *console)
{
    char why[VIEW_REASON_BYTES * 2];
    char text[VIEW_REASON_BYTES * 2 + 32];
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    static const enum severity severities[] = {SEV_OK, SEV_WARN, SEV_CRIT, SEV_UNKNOWN};
    enum status_exit code =
        status_judge(session_model(console->session),
                     console->options->config->objectives.lag_warn_ns, why, sizeof(why));
    snprintf(text, sizeof(text), "%s: %s", words[code], why);
    ui_say(console->ui, severities[code], text);
}

static void run_fault(void *context)
{
    struct console *console = context;
    struct lab_job *job = &console->lab_job;
    job->status = lab_fault(console->options->lab_dir, job->argc, job->argv, job->reply,
                            sizeof(job->reply), &job->err);
}

static void fault_done(void *context)
{
    struct console *console = context;
    struct lab_job *job = &console->lab_job;
    char clean[ERR_TEXT_BYTES];
    const char *text = job->status == ST_OK ? job->reply : job->err.text;
    text_clean(clean, sizeof(clean), text, strlen(text));
    struct event event = {
        .type = EVT_FAULT,
        .u.fault = {.words = job->line, .outcome = clean, .is_ok = job->status == ST_OK}};
    bus_put(session_bus(console->session), &event);
    ui_say(console->ui, job->status == ST_OK ? SEV_INFO : SEV_WARN, clean);
    worker_join(job->worker);
    job->worker = NULL;
    job->is_running = false;
}

/* Split the words after `lab`; a leading "fault" is accepted too. False: too many or too long. */
static bool split_words(struct lab_job *job, const char *line)
{
    job->argc = 0;
    for (const char *at = line + strcspn(line, " "); *(at += strspn(at, " ")) != '\0';) {
        size_t length = strcspn(at, " ");
        if (job->argc == CONSOLE_WORDS || length >= sizeof(job->words[0])) {
            return false;
        }
        memcpy(job->words[job->argc], at, length);
        job->words[job->argc][length] = '\0';
        if (job->argc > 0 || strcmp(job->words[0], "fault") != 0) {
            job->argv[job->argc] = job->words[job->argc];
            job->argc++;
        }
        at += length;
    }
    return job->argc > 0;
}

static void command_fault(struct console *console, const char *line)
{
    struct lab_job *job = &console->lab_job;
    struct err err = {0};
    if (console->options->lab_dir == NULL) {
        ui_say(console->ui, SEV_WARN, "this is no lab: its configuration is not a lab's");
        return;
    }
    if (job->is_running) {
        ui_say(console->ui, SEV_WARN, "the last fault is still on its way");
        return;
    }
    memset(job, 0, sizeof(*job));
    if (!split_words(job, line)) {
        ui_say(console->ui, SEV_WARN, "lab needs a fault, such as: lab kill rg1");
        return;
    }
    const char *words = line + strcspn(line, " ");
    text_copy(job->line, sizeof(job->line), words + strspn(words, " "));
    struct worker_job work = {run_fault, fault_done, console};
    job->is_running = true;
    if (worker_start(&job->worker, console->bridge, &work, &err) != ST_OK) {
        job->is_running = false;
        ui_say(console->ui, SEV_WARN, err.text);
    }
}

void console_stop_jobs(struct console *console)
{
    if (console->lab_job.is_running) {
        worker_join(console->lab_job.worker);
        console->lab_job.is_running = false;
    }
    console_check_end(console);
}

void console_command(void *context, const char *line)
{
    struct console *console = context;
    const char *rest = line + strcspn(line, " ");
    size_t length = (size_t)(rest - line);
    rest += strspn(rest, " ");
    if (strncmp(line, "theme", length) == 0) {
        load_theme(console, rest[0] != '\0' ? rest : "default");
    } else if (strncmp(line, "keymap", length) == 0) {
        load_keymap(console, rest[0] != '\0' ? rest : "default");
    } else if (strncmp(line, "reload", length) == 0) {
        console_load_assets(console);
    } else if (strncmp(line, "status", length) == 0) {
        say_status(console);
    } else if (strncmp(line, "check", length) == 0) {
        console_check(console);
    } else {
        command_fault(console, line);
    }
}
