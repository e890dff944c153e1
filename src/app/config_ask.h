/*
 * config_ask.h - ask one reachable server which clusters there are, for `config init`.
 */
#ifndef FARSHORE_APP_CONFIG_ASK_H
#define FARSHORE_APP_CONFIG_ASK_H

#include <stddef.h>

#include "farshore/base/err.h"
#include "farshore/net/nats_conn.h"

#define ASK_CLUSTERS 16
#define ASK_URLS 5
#define ASK_NAME_BYTES 65
#define ASK_URL_BYTES 128

struct ask_cluster {
    char name[ASK_NAME_BYTES];
    size_t servers; /* that answered */
    char urls[ASK_URLS][ASK_URL_BYTES];
    size_t url_count;
};

struct ask_result {
    struct ask_cluster clusters[ASK_CLUSTERS]; /* by name */
    size_t count;
};

/*
 * Connect, ask every server by PING, and collect for a moment.
 *
 * Returns  ST_OK with at least one cluster; ST_TIMEOUT when no connection came within 3 s, err says
 *          why; ST_NOT_FOUND when nobody answered (no system account); ST_NO_MEMORY, ST_IO.
 * Thread   main thread; blocks up to 6 s. The library is opened and closed again.
 */
enum fs_status config_ask(const char *const *urls, size_t url_count, const struct nats_login *login,
                          struct ask_result *out, struct err *err);

/* Take one reply in; public for its test. Text may be anything. */
void config_ask_take(struct ask_result *out, const char *text, size_t length);

#endif
