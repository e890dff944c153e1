/*
 * config_types.h - what a configuration holds once it is parsed.
 *
 * Owner: everything hangs on the arena of struct config; config_destroy() wipes and frees it.
 * Source: docs/CONFIG.md; the tables of keys are in config_schema.c.
 */
#ifndef FARSHORE_APP_CONFIG_TYPES_H
#define FARSHORE_APP_CONFIG_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config_login.h"
#include "farshore/core/names.h"

#define CONFIG_MAX_BYTES (1024 * 1024)
#define CONFIG_MAX_ROWS 256
#define CONFIG_MAX_REGIONS 16
#define CONFIG_MAX_PROBLEMS 100

struct config_operator {
    struct config_place place;
    struct config_login sys, app;
};

struct config_nats {
    struct config_place place;
    struct config_list urls; /* const char * */
    const char *context;     /* a nats CLI context instead of urls */
    struct config_place context_place;
    struct config_tls tls;
    struct config_login view, observe;
    struct config_operator operator_login;
};

struct config_probe {
    struct config_place place;
    const char *name, *url, *pin;
    int64_t expect;
};

struct config_region {
    struct config_place place;
    const char *name;
    unsigned role; /* enum region_role */
    struct config_nats nats;
    struct config_list probes; /* struct config_probe */
};

struct config_control {
    struct config_place place;
    const char *name, *tcp;
};

struct config_verdict {
    struct config_place place;
    int64_t hold_ns, clear_ns;
};

struct config_objectives {
    struct config_place place;
    int64_t api_rto_ns, stream_rto_ns, rpo_ns, lag_warn_ns;
    struct config_list accept_loss; /* const char *: account/stream */
};

struct config_lock {
    struct config_place place;
    const char *region; /* NULL: the standby */
};

struct config_verify {
    struct config_place place;
    const char *publish_subject; /* NULL: nothing is published */
};

struct config_provider {
    struct config_place place;
    const char *name, *url, *zone, *key_name;
    unsigned type; /* index into config_provider_types */
    struct config_secret key, secret;
};

struct config_target {
    struct config_place place;
    const char *region;
    struct config_list values; /* const char * */
};

struct config_record {
    struct config_place place;
    const char *name, *provider;
    struct config_place provider_place;
    unsigned type;              /* index into config_record_types */
    struct config_list targets; /* struct config_target */
};

struct config_dns {
    struct config_place place;
    struct config_list resolvers; /* const char * */
    struct config_list providers; /* struct config_provider */
    struct config_list records;   /* struct config_record */
};

struct config_chunk;

struct config {
    struct config_place place;
    int64_t version;
    const char *name; /* what screens call this place; never NULL after config_parse() */
    bool has_name;    /* the file gives it */
    const char *path; /* the file; NULL for a bare text */
    int64_t interval_ns;
    struct config_list regions;  /* struct config_region */
    struct config_list controls; /* struct config_control */
    struct config_verdict verdict;
    struct config_objectives objectives;
    struct config_lock lock;
    struct config_verify verify;
    struct config_dns dns;
    struct config_place kubernetes;    /* where the reserved key stands */
    struct config_place inline_secret; /* the first one; line 0 none */
    struct config_chunk *chunks;
};

#endif
