/*
 * survey_impl.h - one survey in progress. Private to feeds.
 *
 * Everything is guarded by the survey's mutex but the options and what never changes of a link.
 */
#ifndef FARSHORE_SRC_FEEDS_SURVEY_IMPL_H
#define FARSHORE_SRC_FEEDS_SURVEY_IMPL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/feeds/survey.h"
#include "survey_decode.h"

#define SURVEY_REGIONS 16
#define SURVEY_ASKS 256

enum survey_kind {
    SURVEY_NOTHING, /* never left */
    SURVEY_PING,    /* of a region's servers, by the view login */
    SURVEY_JSZ,
    SURVEY_USER, /* by an operator's login: who am I */
    SURVEY_SYS_PING,
    SURVEY_INFO,
    SURVEY_NAMES
};

struct survey_ask {
    enum survey_kind kind;
    size_t region; /* of PING and JSZ */
    int64_t sent_mono_ns, sent_wall_ns;
};

struct survey_link {
    struct survey *survey;
    const struct survey_login *login;
    const struct survey_region *region;
    struct nats_conn *conn;
    char inbox[128], subject[136];
    char reason[SURVEY_TEXT_BYTES]; /* why it is not up, or what is forbidden */
    bool is_up, has_failed, is_forbidden;
    /* Of an operator's login. */
    bool has_user, has_ping, has_info, has_names;
    struct survey_answer user, info, names;
};

struct survey {
    const struct survey_options *options;
    struct ready_facts *facts;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int64_t begin_ns, last_mono_ns;
    bool has_lost; /* a queue of the library was full */
    struct survey_ask asks[SURVEY_ASKS];
    size_t ask_count;
    int64_t assets[SURVEY_REGIONS]; /* the most of one server */
    struct survey_link links[SURVEY_LOGINS_MOST];
};

/* One message to a link's inbox. Thread: nats.c's, under the mutex. */
void survey_take(struct survey_link *link, const struct nats_message *message);

/* Every login's and account's row, when all connections are closed. */
void survey_settle_logins(struct survey *survey);

#endif
