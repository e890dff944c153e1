/*
 * survey.h - ask once, slowly and by reads alone, what a readiness check must know.
 *
 * The feed asks small questions each second. A survey asks large ones once: every stream with its
 * configuration, its consumers' definitions, stores, clocks; and whether the operator's logins
 * work. It never publishes anything that changes a server.
 *
 * Thread   survey_run() blocks for seconds: any thread but the loop's. The library must be open
 *          (nats_lib.h). Connections are its own and closed when it returns.
 * Secrets  logins are borrowed during the call; no text it leaves holds a secret.
 */
#ifndef FARSHORE_FEEDS_SURVEY_H
#define FARSHORE_FEEDS_SURVEY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/err.h"
#include "farshore/core/readiness_facts.h"
#include "farshore/net/nats_conn.h"

enum survey_use {
    SURVEY_VIEW, /* the console's own, system account: streams, stores, clocks */
    SURVEY_SYS,  /* the operator's two: only tested */
    SURVEY_APP
};

struct survey_region {
    const char *name; /* its NATS cluster */
    enum region_role role;
};

struct survey_login {
    size_t region; /* index of its region */
    enum survey_use use;
    enum ready_login_state state; /* ABSENT, UNTESTED, REFUSED: with why; WORKS: to be tried */
    const char *why;
    const char *const *urls;
    size_t url_count;
    const char *inbox_prefix; /* NULL: _INBOX */
    struct nats_login login;
};

struct survey_options {
    const struct survey_region *regions;
    size_t region_count;
    const struct survey_login *logins;
    size_t login_count;
    int64_t connect_ns;             /* how long connections may take; 0 is 3 s */
    int64_t answer_ns;              /* how long each round of answers may take; 0 is 5 s */
    const atomic_bool *is_stopping; /* set by another thread to end it early; NULL never */
};

#define SURVEY_LOGINS_MOST 64

/*
 * Ask everything; what did not answer is missing from the facts, and they say so.
 *
 * facts    begun; gets regions, streams, servers, logins and accounts, settled, and mono_ns.
 *
 * Returns  ST_OK also when nothing answered; ST_NO_MEMORY; ST_INVALID for too many logins.
 */
enum fs_status survey_run(const struct survey_options *options, struct ready_facts *facts,
                          struct err *err);

#endif
