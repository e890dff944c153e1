/*
 * server_find.h - which nats-server a lab runs.
 */
#ifndef FARSHORE_LAB_SERVER_FIND_H
#define FARSHORE_LAB_SERVER_FIND_H

#include <stddef.h>

#include "farshore/base/err.h"

/*
 * wanted        a path, or NULL: $FARSHORE_NATS_SERVER, else the newest of the cache
 *               (${XDG_CACHE_HOME:-~/.cache}/farshore/servers/nats-server-VERSION), else
 *               nats-server in the path, /usr/local/bin, /usr/sbin.
 * path_out      absolute.
 * version_out   as `nats-server --version` says it, "2.9.10".
 *
 * Returns ST_NOT_FOUND with how to get one; ST_UNSUPPORTED for what is no nats-server.
 */
enum fs_status server_find(const char *wanted, char *path_out, size_t path_bytes, char *version_out,
                           size_t version_bytes, struct err *err);

/* Compare versions such as 2.9.10 and 2.15.2 by their numbers: < 0, 0, > 0. */
int server_compare_versions(const char *a, const char *b);

#endif
