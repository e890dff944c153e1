/*
 * survey_take.c - what a survey's answers say: servers, their clocks, and the operators' logins.
 *
 * Rules: a clock is compared at the middle of the round trip; the smallest round trip wins, as it
 *        errs the least. A login that has not answered all its questions does not work.
 */
#include <string.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"
#include "survey_impl.h"

/* What an operator's login must be able to publish, for the verbs of a failover. */
static const char *const app_subjects[] = {
    "$JS.API.STREAM.UPDATE.*",   "$JS.API.STREAM.CREATE.*",  "$JS.API.STREAM.DELETE.*",
    "$JS.API.STREAM.SNAPSHOT.*", "$JS.API.STREAM.RESTORE.*", "$JS.API.STREAM.NAMES",
    "$JS.API.CONSUMER.CREATE.>", "$KV.FARSHORE_LOCK.lock",   NULL,
};
static const char *const sys_subjects[] = {
    "$JS.API.META.LEADER.STEPDOWN",
    "$JS.API.META.RESCUE",
    "$SYS.SERVER.*.STATSZ",
    "$SYS.REQ.SERVER.PING.JSZ",
    NULL,
};

static struct ready_server *server_of(struct survey *survey, const char *name, const char *region)
{
    struct ready_facts *facts = survey->facts;
    for (uint32_t i = 0; i < facts->server_count; i++) {
        if (strcmp(facts->servers[i].name, name) == 0) {
            return &facts->servers[i];
        }
    }
    const char *copy = ready_text(facts, name);
    struct ready_server *row = copy != NULL ? ready_add_server(facts) : NULL;
    if (row != NULL) {
        row->name = copy;
        row->region = region;
    }
    return row;
}

static void take_ping(struct survey *survey, const struct survey_ask *ask,
                      const struct nats_message *message)
{
    struct survey_server server;
    struct ready_region *region = &survey->facts->regions[ask->region];
    if (!survey_decode_ping(message->data, message->length, &server) ||
        strcmp(server.cluster, region->name) != 0) {
        return;
    }
    struct ready_server *row = server_of(survey, server.name, region->name);
    int64_t trip_ns = message->mono_ns - ask->sent_mono_ns;
    if (row == NULL || trip_ns < 0) {
        return;
    }
    region->servers += server.has_jetstream && !row->has_jetstream ? 1 : 0;
    row->has_jetstream = server.has_jetstream;
    if (server.assets > survey->assets[ask->region]) {
        survey->assets[ask->region] = server.assets;
    }
    if (server.time_ns > 0 && (!row->has_clock || trip_ns / 2 < row->error_ns)) {
        row->has_clock = true;
        row->error_ns = trip_ns / 2;
        row->offset_ns = server.time_ns - (ask->sent_wall_ns + trip_ns / 2);
    }
}

static void take_jsz(struct survey *survey, const struct survey_ask *ask,
                     const struct nats_message *message)
{
    struct ready_region *region = &survey->facts->regions[ask->region];
    if (survey_decode_jsz(message->data, message->length, region->name, survey->facts)) {
        region->listed++;
    }
}

static const struct survey_ask *ask_of(const struct survey_link *link, const char *subject)
{
    const struct survey *survey = link->survey;
    size_t skip = strlen(link->inbox);
    uint64_t number = 0;
    if (strncmp(subject, link->inbox, skip) != 0 || subject[skip] != '.' ||
        !number_parse_u64(subject + skip + 1, strlen(subject + skip + 1), &number) ||
        number >= survey->ask_count) {
        return NULL;
    }
    return &survey->asks[number];
}

void survey_take(struct survey_link *link, const struct nats_message *message)
{
    const struct survey_ask *ask = ask_of(link, message->subject);
    struct survey_server server;
    if (ask == NULL) {
        return;
    }
    switch (ask->kind) {
    case SURVEY_NOTHING:
        return;
    case SURVEY_PING:
        take_ping(link->survey, ask, message);
        return;
    case SURVEY_JSZ:
        take_jsz(link->survey, ask, message);
        return;
    case SURVEY_USER: /* empty: nobody listens, which is so before 2.10 */
        link->has_user = true;
        survey_decode_user(message->data, message->length,
                           link->login->use == SURVEY_SYS ? sys_subjects : app_subjects,
                           &link->user);
        return;
    case SURVEY_SYS_PING:
        link->has_ping = survey_decode_ping(message->data, message->length, &server);
        return;
    case SURVEY_INFO:
        link->has_info = true;
        survey_decode_api(message->data, message->length, &link->info);
        return;
    case SURVEY_NAMES:
        link->has_names = true;
        survey_decode_api(message->data, message->length, &link->names);
        return;
    }
}

/* ---- logins ---- */

/* An API's refusal: the login is not able, or (10008, no meta leader) nobody can say. */
static enum ready_login_state state_of(const struct survey_answer *answer)
{
    return answer->is_answer       ? READY_LOGIN_WORKS
           : answer->code == 10008 ? READY_LOGIN_SILENT
                                   : READY_LOGIN_UNABLE;
}

static void judge_app(const struct survey_link *link, struct ready_login *row, const char **why)
{
    const struct survey_answer *first = &link->info;
    if (!link->has_info || !link->has_names) {
        row->state = READY_LOGIN_SILENT;
        *why = "the JetStream API did not answer";
        return;
    }
    if (link->info.is_answer) {
        first = &link->names;
    }
    row->state = state_of(first);
    *why = first->error[0] != '\0' ? first->error : "no responders: JetStream is not there";
}

/* nats.c tells a refusal in words alone once all servers were tried. */
static bool is_refusal(const char *reason)
{
    return strcasestr(reason, "authorization") != NULL ||
           strcasestr(reason, "authentication") != NULL;
}

static void judge_link(const struct survey_link *link, struct ready_login *row, const char **why)
{
    *why = link->reason[0] != '\0' ? link->reason : "no connection in time";
    if (!link->is_up) {
        row->state = is_refusal(link->reason) ? READY_LOGIN_REFUSED : READY_LOGIN_SILENT;
        return;
    }
    if (link->is_forbidden) {
        row->state = READY_LOGIN_UNABLE;
        return;
    }
    if (link->login->use == SURVEY_APP) {
        judge_app(link, row, why);
    } else {
        row->state = link->has_ping ? READY_LOGIN_WORKS : READY_LOGIN_UNABLE;
        *why = "no server answers: not a user of the system account";
    }
}

static void settle_account(struct survey *survey, const struct survey_link *link)
{
    if (link->login->use != SURVEY_APP || !link->info.is_answer) {
        return;
    }
    struct ready_account *row = ready_add_account(survey->facts);
    if (row != NULL) {
        row->name = link->user.is_answer ? ready_text(survey->facts, link->user.account) : NULL;
        row->region = ready_text(survey->facts, link->region->name);
        row->storage_bytes = link->info.storage;
        row->storage_limit_bytes = link->info.storage_limit;
        row->consumers = link->info.consumers;
        row->consumers_limit = link->info.consumers_limit;
    }
}

static void settle_login(struct survey *survey, const struct survey_link *link)
{
    struct ready_facts *facts = survey->facts;
    struct ready_login *row = ready_add_login(facts);
    const char *why = link->login->why;
    char forbidden[SURVEY_TEXT_BYTES + 32] = "may not publish ";
    if (row == NULL) {
        return;
    }
    row->region = ready_text(facts, link->region->name);
    row->kind = link->login->use == SURVEY_SYS ? READY_LOGIN_SYS : READY_LOGIN_APP;
    row->state = link->login->state;
    if (row->state == READY_LOGIN_WORKS) {
        judge_link(link, row, &why);
    }
    if (row->state == READY_LOGIN_WORKS && link->user.forbidden[0] != '\0') {
        size_t length = strlen(forbidden);
        row->state = READY_LOGIN_UNABLE;
        text_copy(forbidden + length, sizeof(forbidden) - length, link->user.forbidden);
        why = forbidden;
    }
    if (link->user.is_answer) {
        row->user = ready_text(facts, link->user.user);
        row->account = ready_text(facts, link->user.account);
    }
    row->why = row->state == READY_LOGIN_WORKS ? NULL : ready_text(facts, why);
}

void survey_settle_logins(struct survey *survey)
{
    for (size_t i = 0; i < survey->options->login_count; i++) {
        if (survey->links[i].login->use != SURVEY_VIEW) {
            settle_login(survey, &survey->links[i]);
            settle_account(survey, &survey->links[i]);
        }
    }
}
