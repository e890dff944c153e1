/*
 * nats_context.h - the contexts of the nats CLI: who connects where, in a JSON file.
 *
 * Source  natscli: $XDG_CONFIG_HOME or ~/.config, nats/context/NAME.json; fields url, user,
 *         password, token, creds, nkey, cert, key, ca, inbox_prefix, tls_first. Files and URLs may
 *         hold ~ and $VARIABLES.
 */
#ifndef FARSHORE_NET_NATS_CONTEXT_H
#define FARSHORE_NET_NATS_CONTEXT_H

#include <stddef.h>

#include "farshore/base/err.h"
#include "farshore/net/nats_conn.h"

#define NATS_CONTEXT_URLS 16

/* Everything read from one file; owns its texts. */
struct nats_context {
    char *name;
    char *urls[NATS_CONTEXT_URLS];
    size_t url_count; /* at least 1: without a url it is nats://127.0.0.1:4222 */
    char *inbox_prefix;
    struct nats_login login; /* points to texts owned by this struct */
};

/*
 * Read a context.
 *
 * which    a name, or a path when it holds a '/' or ends with ".json".
 * Returns  ST_OK; ST_NOT_FOUND, ST_INVALID (not JSON, wrong type), ST_UNSUPPORTED (nsc://, op://
 *          and other resolvers in creds, user_jwt), ST_NO_MEMORY. err names the file and the field
 *          and never a secret.
 */
enum fs_status nats_context_read(struct nats_context *out, const char *which, struct err *err);

void nats_context_destroy(struct nats_context *context);

#endif
