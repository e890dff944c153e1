/*
 * check_survey.c - what a check needs from this machine and its configuration, and then the survey.
 *
 * Why:   feeds knows servers and not where secrets come from; this is the wiring between both.
 * How:   logins are fetched all at the same time, each on a thread of its own; places are looked at
 *        meanwhile; then one survey asks everything.
 * Rules: an operator's login is fetched only to be tested, and wiped right after. A place is never
 *        made here: what counts is whether it could be.
 * See:   docs/CHECK.md
 */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "farshore/base/text.h"
#include "farshore/feeds/survey.h"
#include "farshore/net/worker.h"
#include "login.h"

#define PATH_BYTES 4096

/* ---- places ---- */

/* $XDG_STATE_HOME, else ~/.local/state; false when nothing names a home. */
static bool find_state_home(char *out, size_t out_bytes)
{
    const char *given = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (given != NULL && given[0] == '/') {
        length = snprintf(out, out_bytes, "%s", given);
    } else if (home != NULL && home[0] == '/') {
        length = snprintf(out, out_bytes, "%s/.local/state", home);
    }
    return length > 0 && (size_t)length < out_bytes;
}

/* The nearest folder that is there: who may write it may make what is below. */
static void climb_to_existing(char *path)
{
    while (access(path, F_OK) != 0 && errno == ENOENT && strcmp(path, "/") != 0) {
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path) {
            path[1] = '\0';
        } else {
            *slash = '\0';
        }
    }
}

static void look_at_place(struct ready_facts *facts, const char *purpose, const char *folder)
{
    char home[PATH_BYTES] = "";
    char path[PATH_BYTES + 32];
    char clean[PATH_BYTES];
    char why[160];
    struct statvfs room;
    struct ready_place *row = ready_add_place(facts);
    if (row == NULL) {
        return;
    }
    row->purpose = purpose;
    row->free_bytes = -1;
    if (!find_state_home(home, sizeof(home))) {
        row->path = "-";
        row->why = "neither XDG_STATE_HOME nor HOME is set";
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/farshore/%s", home, folder);
    text_clean(clean, sizeof(clean), path, strlen(path));
    row->path = ready_text(facts, clean);
    row->path = row->path != NULL ? row->path : "-";
    climb_to_existing(path);
    if (access(path, W_OK | X_OK) != 0) {
        char name[64];
        const char *text = strerror_r(errno, name, sizeof(name));
        (void)snprintf(why, sizeof(why), "%.80s: %s", path, text);
        text_clean(clean, sizeof(clean), why, strlen(why));
        row->why = ready_text(facts, clean);
        row->why = row->why != NULL ? row->why : "it cannot be written";
    } else if (statvfs(path, &room) == 0) {
        row->free_bytes = room.f_bavail < (fsblkcnt_t)(INT64_MAX / (int64_t)room.f_frsize)
                              ? (int64_t)room.f_bavail * (int64_t)room.f_frsize
                              : INT64_MAX;
    }
}

/* ---- logins ---- */

struct fetching {
    const struct config *config;
    const char *untested;
    struct survey_region regions[CONFIG_MAX_REGIONS];
    struct login logins[SURVEY_LOGINS_MOST];
    struct survey_login asked[SURVEY_LOGINS_MOST];
    size_t count;
};

struct resolve_one {
    struct login *login;
    const char *config_path;
};

static void *resolve_entry(void *context)
{
    struct resolve_one *one = context;
    login_resolve(one->login, one->config_path);
    return NULL;
}

static void add_login(struct fetching *fetching, size_t region, enum survey_use use,
                      const struct config_login *which, int cancel_fd)
{
    const struct config_region *regions = fetching->config->regions.rows;
    if (fetching->count == SURVEY_LOGINS_MOST) {
        return;
    }
    struct survey_login *asked = &fetching->asked[fetching->count];
    struct login *login = &fetching->logins[fetching->count];
    fetching->count++;
    asked->region = region;
    asked->use = use;
    asked->state = READY_LOGIN_WORKS;
    login->region = &regions[region];
    login->which = which;
    login->cancel_fd = cancel_fd;
    if (use != SURVEY_VIEW && which->place.line == 0) {
        asked->state = READY_LOGIN_ABSENT;
    } else if (use != SURVEY_VIEW && fetching->untested != NULL) {
        asked->state = READY_LOGIN_UNTESTED;
        asked->why = fetching->untested;
    }
}

static void add_logins(struct fetching *fetching, int cancel_fd)
{
    const struct config_region *regions = fetching->config->regions.rows;
    for (size_t i = 0; i < fetching->config->regions.count; i++) {
        const struct config_nats *nats = &regions[i].nats;
        fetching->regions[i] =
            (struct survey_region){regions[i].name, (enum region_role)regions[i].role};
        add_login(fetching, i, SURVEY_VIEW, NULL, cancel_fd);
        add_login(fetching, i, SURVEY_SYS, &nats->operator_login.sys, cancel_fd);
        add_login(fetching, i, SURVEY_APP, &nats->operator_login.app, cancel_fd);
    }
}

/* All at the same time, so that one slow command costs only itself. */
static void resolve_all(struct fetching *fetching)
{
    pthread_t threads[SURVEY_LOGINS_MOST];
    bool is_started[SURVEY_LOGINS_MOST] = {false};
    struct resolve_one jobs[SURVEY_LOGINS_MOST];
    for (size_t i = 0; i < fetching->count; i++) {
        jobs[i] = (struct resolve_one){&fetching->logins[i], fetching->config->path};
        if (fetching->asked[i].state != READY_LOGIN_WORKS) {
            continue;
        }
        is_started[i] = thread_start(&threads[i], resolve_entry, &jobs[i], NULL) == ST_OK;
        if (!is_started[i]) {
            resolve_entry(&jobs[i]);
        }
    }
    for (size_t i = 0; i < fetching->count; i++) {
        struct login *login = &fetching->logins[i];
        struct survey_login *asked = &fetching->asked[i];
        if (is_started[i]) {
            pthread_join(threads[i], NULL);
        }
        if (asked->state == READY_LOGIN_WORKS && login->status != ST_OK) {
            asked->state = READY_LOGIN_REFUSED;
            asked->why = login->err.text;
        }
        asked->urls = login->urls;
        asked->url_count = login->url_count;
        asked->inbox_prefix = login->inbox_prefix;
        asked->login = login->login;
    }
}

/* ---- all of it ---- */

void check_take_config(const struct config *config, struct ready_facts *facts)
{
    facts->lock_region = config->lock.region;
    facts->accept_loss = config->objectives.accept_loss.rows;
    facts->accept_loss_count = config->objectives.accept_loss.count;
    facts->lag_warn_ns = config->objectives.lag_warn_ns;
    facts->stream_rto_ns = config->objectives.stream_rto_ns;
}

enum fs_status check_survey(const struct config *config, const char *untested,
                            const atomic_bool *is_stopping, int cancel_fd,
                            struct ready_facts *facts, struct err *err)
{
    struct fetching *fetching = calloc(1, sizeof(*fetching));
    if (fetching == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    fetching->config = config;
    fetching->untested = untested;
    check_take_config(config, facts);
    look_at_place(facts, "journal", "runs");
    look_at_place(facts, "recordings", "recordings");
    add_logins(fetching, cancel_fd);
    resolve_all(fetching);
    struct survey_options options = {.regions = fetching->regions,
                                     .region_count = config->regions.count,
                                     .logins = fetching->asked,
                                     .login_count = fetching->count,
                                     .is_stopping = is_stopping};
    enum fs_status status = survey_run(&options, facts, err);
    for (size_t i = 0; i < fetching->count; i++) {
        login_forget(&fetching->logins[i]);
        login_close(&fetching->logins[i]);
    }
    explicit_bzero(fetching, sizeof(*fetching));
    free(fetching);
    return status;
}
