/*
 * survey.c - ask once, slowly and by reads alone, what a readiness check must know.
 *
 * Why:   a check may take seconds and megabytes; the feed's beat must not.
 * How:   one connection a login, all opened together. Then rounds: pings and the operators' small
 *        questions to all, then every region's streams, one region after the other. Callbacks come
 *        on nats.c's threads and fill the facts under one mutex; this thread waits on its
 * condition. Rules: publishes only questions that read. A region whose own connection fails is
 * asked through another one. A round ends when all have answered, or at its limit. See:
 * docs/CHECK.md; tests/integration/check.py
 */
#include "farshore/feeds/survey.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"
#include "farshore/net/clock.h"
#include "survey_impl.h"

#define CONNECT_NS (3 * NS_PER_S)
#define ANSWER_NS (5 * NS_PER_S)
#define PING_QUIET_NS (300 * NS_PER_MS) /* no further server after that long */
#define PING_NS (2 * NS_PER_S)
#define CLOSE_MS 500
#define MAX_MSGS 4096
#define MAX_BYTES (256 * 1024 * 1024)
#define MANY_ASSETS                                                                                \
    2000 /* replicated streams and consumers of a server: then leaders' words do                   \
          */

/* ---- callbacks, on foreign threads ---- */

static void on_state(void *context, const struct nats_conn_report *report)
{
    struct survey_link *link = context;
    struct survey *survey = link->survey;
    pthread_mutex_lock(&survey->mutex);
    link->is_up = report->state == CONN_UP;
    if (report->reason != NULL) {
        link->has_failed = true;
        text_copy(link->reason, sizeof(link->reason), report->reason);
    }
    pthread_cond_broadcast(&survey->changed);
    pthread_mutex_unlock(&survey->mutex);
}

static void on_trouble(void *context, enum nats_trouble kind, const char *text, int64_t count)
{
    struct survey_link *link = context;
    struct survey *survey = link->survey;
    (void)count;
    pthread_mutex_lock(&survey->mutex);
    if (kind == NATS_TROUBLE_PERMISSION && !link->is_forbidden) {
        link->is_forbidden = true;
        text_copy(link->reason, sizeof(link->reason), text);
    } else if (kind == NATS_TROUBLE_SLOW) {
        survey->has_lost = true;
    }
    pthread_cond_broadcast(&survey->changed);
    pthread_mutex_unlock(&survey->mutex);
}

static void on_message(void *context, size_t subscription, const struct nats_message *message)
{
    struct survey_link *link = context;
    struct survey *survey = link->survey;
    (void)subscription;
    pthread_mutex_lock(&survey->mutex);
    survey_take(link, message);
    survey->last_mono_ns = message->mono_ns;
    pthread_cond_broadcast(&survey->changed);
    pthread_mutex_unlock(&survey->mutex);
}

/* ---- waiting ---- */

static bool is_stopping(const struct survey *survey)
{
    return survey->options->is_stopping != NULL && atomic_load(survey->options->is_stopping);
}

/* Wait, under the mutex, for a change or at most until then, in steps that notice a stop. */
static void wait_until(struct survey *survey, int64_t until_ns)
{
    int64_t left_ns = until_ns - clock_mono_ns();
    int64_t step_ns = left_ns < 100 * NS_PER_MS ? left_ns : 100 * NS_PER_MS;
    struct timespec until;
    if (step_ns <= 0) {
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += step_ns;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_nsec -= NS_PER_S;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&survey->changed, &survey->mutex, &until);
}

/* ---- connections ---- */

static void open_link(struct survey *survey, size_t index)
{
    const struct survey_login *login = &survey->options->logins[index];
    struct survey_link *link = &survey->links[index];
    struct err err = {0};
    link->survey = survey;
    link->login = login;
    link->region = &survey->options->regions[login->region];
    if (login->state != READY_LOGIN_WORKS) {
        link->has_failed = true;
        return;
    }
    char inbox[sizeof(link->inbox)];
    (void)snprintf(inbox, sizeof(inbox), "%.60s.farshore.check.%ld.%lld.%zu",
                   login->inbox_prefix != NULL ? login->inbox_prefix : "_INBOX", (long)getpid(),
                   (long long)survey->begin_ns, index);
    memcpy(link->inbox, inbox, sizeof(inbox));
    (void)snprintf(link->subject, sizeof(link->subject), "%s.*", inbox);
    struct nats_subscription subscription = {link->subject, MAX_MSGS, MAX_BYTES};
    struct nats_conn_options options = {.name = "farshore check",
                                        .urls = login->urls,
                                        .url_count = login->url_count,
                                        .login = login->login,
                                        .subscriptions = &subscription,
                                        .subscription_count = 1,
                                        .handler = {link, on_state, on_message, on_trouble}};
    if (nats_conn_open(&link->conn, &options, &err) != ST_OK) {
        link->has_failed = true;
        text_copy(link->reason, sizeof(link->reason), err.text);
    }
}

static void await_links(struct survey *survey)
{
    int64_t limit_ns = survey->options->connect_ns > 0 ? survey->options->connect_ns : CONNECT_NS;
    int64_t end_ns = survey->begin_ns + limit_ns;
    pthread_mutex_lock(&survey->mutex);
    while (clock_mono_ns() < end_ns && !is_stopping(survey)) {
        size_t open = 0;
        for (size_t i = 0; i < survey->options->login_count; i++) {
            const struct survey_link *link = &survey->links[i];
            open += !link->is_up && !link->has_failed ? 1 : 0;
        }
        if (open == 0) {
            break;
        }
        wait_until(survey, end_ns);
    }
    pthread_mutex_unlock(&survey->mutex);
}

/* Its own view connection, else any other region's that is up; NULL none. Under the mutex. */
static struct survey_link *way_to(struct survey *survey, const struct survey_region *region)
{
    struct survey_link *other = NULL;
    for (size_t i = 0; i < survey->options->login_count; i++) {
        struct survey_link *link = &survey->links[i];
        if (link->login->use != SURVEY_VIEW || !link->is_up) {
            continue;
        }
        if (link->region == region) {
            return link;
        }
        other = other == NULL ? link : other;
    }
    return other;
}

/* ---- questions ---- */

/* Under the mutex: the answer may come before publish returns. */
static void ask(struct survey_link *link, const char *subject, const char *body,
                const struct survey_ask *ask)
{
    struct survey *survey = link->survey;
    char reply[sizeof(link->inbox) + 24];
    if (survey->ask_count == SURVEY_ASKS) {
        return;
    }
    struct survey_ask *kept = &survey->asks[survey->ask_count];
    *kept = *ask;
    kept->sent_mono_ns = clock_mono_ns();
    kept->sent_wall_ns = clock_wall_ns();
    (void)snprintf(reply, sizeof(reply), "%s.%zu", link->inbox, survey->ask_count);
    survey->ask_count++;
    if (nats_conn_publish(link->conn, subject, reply, body) != ST_OK) {
        kept->kind = SURVEY_NOTHING;
    }
}

static void ask_operators(struct survey *survey)
{
    for (size_t i = 0; i < survey->options->login_count; i++) {
        struct survey_link *link = &survey->links[i];
        if (!link->is_up || link->login->use == SURVEY_VIEW) {
            continue;
        }
        ask(link, "$SYS.REQ.USER.INFO", "", &(struct survey_ask){.kind = SURVEY_USER});
        if (link->login->use == SURVEY_SYS) {
            ask(link, "$SYS.REQ.SERVER.PING", "", &(struct survey_ask){.kind = SURVEY_SYS_PING});
        } else {
            ask(link, "$JS.API.INFO", "", &(struct survey_ask){.kind = SURVEY_INFO});
            ask(link, "$JS.API.STREAM.NAMES", "{}", &(struct survey_ask){.kind = SURVEY_NAMES});
        }
    }
}

static bool have_operators_answered(const struct survey *survey)
{
    for (size_t i = 0; i < survey->options->login_count; i++) {
        const struct survey_link *link = &survey->links[i];
        bool is_asked = link->is_up && link->login->use != SURVEY_VIEW;
        bool is_done =
            link->login->use == SURVEY_SYS ? link->has_ping : link->has_info && link->has_names;
        if (is_asked && !link->is_forbidden && (!is_done || !link->has_user)) {
            return false;
        }
    }
    return true;
}

/* exact_match is known from 2.12 on; before, the filter means "contains" and replies are checked.
 */
static void print_body(char *out, size_t out_bytes, const char *cluster, const char *more)
{
    (void)snprintf(out, out_bytes, "{\"cluster\":\"%s\",\"exact_match\":true%s}", cluster, more);
}

static void ping_round(struct survey *survey)
{
    char body[NATS_BODY_BYTES];
    int64_t begin_ns = clock_mono_ns();
    pthread_mutex_lock(&survey->mutex);
    for (size_t i = 0; i < survey->options->region_count; i++) {
        const struct survey_region *region = &survey->options->regions[i];
        struct survey_link *link = way_to(survey, region);
        print_body(body, sizeof(body), region->name, "");
        if (link != NULL) {
            ask(link, "$SYS.REQ.SERVER.PING", body,
                &(struct survey_ask){.kind = SURVEY_PING, .region = i});
        }
    }
    ask_operators(survey);
    survey->last_mono_ns = begin_ns;
    for (int64_t now_ns = begin_ns; now_ns < begin_ns + PING_NS && !is_stopping(survey);
         now_ns = clock_mono_ns()) {
        bool is_quiet = now_ns - survey->last_mono_ns >= PING_QUIET_NS;
        if (is_quiet && have_operators_answered(survey)) {
            break;
        }
        wait_until(survey, begin_ns + PING_NS);
    }
    pthread_mutex_unlock(&survey->mutex);
}

static void stream_round(struct survey *survey, size_t index)
{
    const struct survey_region *region = &survey->options->regions[index];
    struct ready_region *row = &survey->facts->regions[index];
    char body[NATS_BODY_BYTES];
    int64_t limit_ns = survey->options->answer_ns > 0 ? survey->options->answer_ns : ANSWER_NS;
    int64_t end_ns = clock_mono_ns() + limit_ns;
    pthread_mutex_lock(&survey->mutex);
    struct survey_link *link = way_to(survey, region);
    print_body(body, sizeof(body), region->name,
               survey->assets[index] > MANY_ASSETS
                   ? ",\"accounts\":true,\"streams\":true,\"config\":true,\"consumer\":true,"
                     "\"limit\":20000,\"stream_leader_only\":true"
                   : ",\"accounts\":true,\"streams\":true,\"config\":true,\"consumer\":true,"
                     "\"limit\":20000");
    if (link != NULL && row->servers > 0) {
        ask(link, "$SYS.REQ.SERVER.PING.JSZ", body,
            &(struct survey_ask){.kind = SURVEY_JSZ, .region = index});
        while (row->listed < row->servers && clock_mono_ns() < end_ns && !is_stopping(survey)) {
            wait_until(survey, end_ns);
        }
    }
    pthread_mutex_unlock(&survey->mutex);
}

/* ---- all of it ---- */

static bool add_regions(struct survey *survey)
{
    for (size_t i = 0; i < survey->options->region_count; i++) {
        struct ready_region *row = ready_add_region(survey->facts);
        if (row == NULL) {
            return false;
        }
        row->role = survey->options->regions[i].role;
        row->name = ready_text(survey->facts, survey->options->regions[i].name);
        if (row->name == NULL) {
            survey->facts->region_count--;
            return false;
        }
    }
    return true;
}

static void close_links(struct survey *survey)
{
    for (size_t i = 0; i < survey->options->login_count; i++) {
        if (survey->links[i].conn != NULL) {
            nats_conn_stop(survey->links[i].conn);
        }
    }
    for (size_t i = 0; i < survey->options->login_count; i++) {
        (void)nats_conn_close(survey->links[i].conn, CLOSE_MS);
        survey->links[i].conn = NULL;
    }
}

static void run(struct survey *survey)
{
    for (size_t i = 0; i < survey->options->login_count; i++) {
        open_link(survey, i);
    }
    await_links(survey);
    ping_round(survey);
    for (size_t i = 0; i < survey->options->region_count; i++) {
        stream_round(survey, i);
    }
    pthread_mutex_lock(&survey->mutex);
    for (size_t i = 0; i < survey->options->login_count; i++) {
        const struct survey_link *link = &survey->links[i];
        if (link->login->use == SURVEY_VIEW && link->is_up) {
            survey->facts->regions[link->login->region].is_own_link_up = true;
        }
    }
    pthread_mutex_unlock(&survey->mutex);
    close_links(survey);
    survey_settle_logins(survey);
}

enum fs_status survey_run(const struct survey_options *options, struct ready_facts *facts,
                          struct err *err)
{
    if (options->login_count > SURVEY_LOGINS_MOST) {
        return err_set(err, ST_INVALID, "more than %d logins", SURVEY_LOGINS_MOST);
    }
    struct survey *survey = calloc(1, sizeof(*survey));
    pthread_condattr_t attributes;
    if (survey == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    survey->options = options;
    survey->facts = facts;
    survey->begin_ns = clock_mono_ns();
    pthread_mutex_init(&survey->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&survey->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (add_regions(survey)) {
        run(survey);
        ready_facts_settle(facts);
        facts->mono_ns = clock_mono_ns();
    }
    pthread_cond_destroy(&survey->changed);
    pthread_mutex_destroy(&survey->mutex);
    free(survey);
    return facts->has_failed ? err_set(err, ST_NO_MEMORY, "no memory") : ST_OK;
}
