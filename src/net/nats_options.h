/*
 * nats_options.h - a login and its nats.c options. Private to net.
 */
#ifndef FARSHORE_SRC_NET_NATS_OPTIONS_H
#define FARSHORE_SRC_NET_NATS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <nats/nats.h>

#include "farshore/base/err.h"
#include "farshore/net/nats_conn.h"

/* Deep copy; false without memory (then clear it all the same). */
bool nats_login_copy(struct nats_login *to, const struct nats_login *from);

/* Overwrite and free every text. */
void nats_login_clear(struct nats_login *login);

/*
 * nats.c options for a connection that reconnects for ever (timings: nats_options.c). Callbacks are
 * the caller's to set.
 *
 * Returns  ST_OK; ST_INVALID or ST_IO with a text that holds no secret.
 */
enum fs_status nats_options_make(natsOptions **out, const char *name, const char *const *urls,
                                 size_t url_count, const struct nats_login *login, struct err *err);

#endif
