/*
 * logins.h - the logins of all regions: fetched side by side, and again until they are had.
 *
 * A login that cannot be fetched (a file that is not there yet, a command that fails) is tried anew
 * after 10 s, later after up to a minute. One slow command costs only its own region. A login that
 * the server refused is fetched again by its connection, as its file may hold another one by then.
 */
#ifndef FARSHORE_APP_LOGINS_H
#define FARSHORE_APP_LOGINS_H

#include "config_types.h"
#include "farshore/base/err.h"
#include "farshore/net/bridge.h"
#include "login.h"

struct ev_loop;
struct logins;

struct logins_options {
    struct ev_loop *loop;
    struct bridge *bridge;       /* outlives the logins */
    const struct config *config; /* the same */
    /*
     * A login was fetched (status ST_OK), or not: then err tells why, and it is tried again. Its
     * texts are wiped when this returns; paths of memory files stay valid until logins_close().
     *
     * source  fetches it anew for its connection, when the server refused it; valid until
     *         logins_close().
     */
    void (*done)(void *context, const struct login *login, const struct nats_login_source *source);
    void *context;
};

/* Begin to fetch. Thread: the loop's, as for all here. Returns ST_OK, ST_NO_MEMORY, ST_IO. */
enum fs_status logins_start(struct logins **out, const struct logins_options *options,
                            struct err *err);

/* End: commands that still run are ended. After bridge_stop(); NULL is fine. */
void logins_stop(struct logins *logins);

/* Free, when no connection uses a memory file any more. NULL is fine. */
void logins_close(struct logins *logins);

#endif
