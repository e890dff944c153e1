/*
 * provision_api.h - JetStream API requests, many under way at once, each tried until it is settled.
 */
#ifndef FARSHORE_LAB_PROVISION_API_H
#define FARSHORE_LAB_PROVISION_API_H

#include <stddef.h>
#include <stdint.h>

#include <nats/nats.h>

#include "farshore/base/err.h"
#include "farshore/base/strbuf.h"

enum provision_kind {
    PROVISION_LOG,     /* an origin, a mirror, or a consumer */
    PROVISION_JOURNAL, /* appended to, nothing may be deleted */
    PROVISION_BUCKET,  /* key-value, history 1 */
};

/* What to make. Pointers are borrowed. */
struct provision_item {
    const char *durable; /* NULL: a stream */
    char stream[64];
    char subject[64]; /* a stream's only subject, or a consumer's filter; "" for none */
    char mirror[64];  /* the origin's name; "" for none */
    const char *cluster;
    int replicas;
    enum provision_kind kind;
};

/* The request's subject and body, as every server from 2.9 to the strict ones takes them. */
void provision_print_subject(struct strbuf *out, const struct provision_item *item);
void provision_print_body(struct strbuf *out, const struct provision_item *item);

/*
 * Make all items, several at once and in no order; returns when each is made or one has failed.
 * An item that exists with another configuration fails, one with the same is fine.
 */
enum fs_status provision_make(natsConnection *nc, const struct provision_item *items, size_t count,
                              struct err *err);

/* Milliseconds of the monotonic clock. */
int64_t provision_mono_ms(void);

#endif
