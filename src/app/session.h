/*
 * session.h - a configuration at work: model, bus, ticks and the NATS feed on one loop.
 *
 * Everything that shows or records something lives on top of a session: status, --plain and the
 * console use the same one. Thread: loop thread only.
 */
#ifndef FARSHORE_APP_SESSION_H
#define FARSHORE_APP_SESSION_H

#include <stdint.h>

#include "bus.h"
#include "config_types.h"
#include "farshore/base/err.h"

#define SESSION_TICK_NS INT64_C(250000000)

struct ev_loop;
struct session;

struct session_options {
    struct ev_loop *loop;
    const struct config *config; /* lives as long as the session */
    const char *mode;            /* "live", "status", "plain", "lab" */
    int64_t interval_ns;         /* 0: the configuration's */
};

/*
 * Make the model and tell it who we are and what is configured. Touches no network and no secret.
 *
 * Returns  ST_OK, ST_NO_MEMORY or ST_IO; on failure nothing is left.
 */
enum fs_status session_open(const struct session_options *options, struct session **out,
                            struct err *err);

/* Begin to fetch logins, connect and tick. Returns at once; what fails becomes an event. */
enum fs_status session_start(struct session *session, struct err *err);

/* Stop the feed (waits a little for its threads), free everything. NULL is fine. */
void session_close(struct session *session);

struct model *session_model(struct session *session);
struct bus *session_bus(struct session *session);

/* Post a line for the operator: EVT_NOTE. */
void session_note(struct session *session, enum severity severity, const char *source,
                  const char *text);

#endif
