/*
 * monitor.h - is the lab usable? Asked at the servers' own monitoring ports, blocking, with a
 * deadline.
 */
#ifndef FARSHORE_LAB_MONITOR_H
#define FARSHORE_LAB_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/base/strbuf.h"
#include "layout.h"

/* GET http://127.0.0.1:PORT/PATH; the body into out. False without a 200 in timeout_ms. */
bool monitor_get(int port, const char *path, int timeout_ms, struct strbuf *out);

/* How many servers answer. */
int monitor_listening(const struct lab_layout *layout);

/*
 * Does a meta leader know all peers as current? What is missing is written into missing.
 * Source: the rule of `nats server report jetstream`: only the reply of the server that names
 * itself as the leader counts.
 */
bool monitor_has_meta(const struct lab_layout *layout, char *missing, size_t missing_bytes);

/* Do both mirrors hold a message (or, without a workload, do they exist)? */
bool monitor_has_mirrors(const struct lab_layout *layout, bool is_message_wanted, char *missing,
                         size_t missing_bytes);

#endif
