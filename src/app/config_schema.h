/*
 * config_schema.h - the keys of the configuration as data.
 *
 * A key is one line in a table of config_schema.c: its name, what its value is, where it goes and
 * what it is for. The parser, `farshore config --help` and the tests walk the same tables.
 */
#ifndef FARSHORE_APP_CONFIG_SCHEMA_H
#define FARSHORE_APP_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config_types.h"
#include "farshore/core/names.h"

enum config_kind {
    KIND_INT,          /* int64_t, between least and most */
    KIND_DURATION,     /* int64_t nanoseconds, at least `least` */
    KIND_WORD,         /* unsigned, one of `words` */
    KIND_TEXT,         /* const char *, printable */
    KIND_NAME,         /* letters, digits, - _ . */
    KIND_PATH,         /* of a file */
    KIND_NATS_URL,     /* nats://host[:port] or tls:// */
    KIND_WEB_URL,      /* http:// or https:// */
    KIND_PROVIDER_URL, /* http://, https:// or dns:// */
    KIND_HOST_PORT,    /* host:port */
    KIND_ADDRESS,      /* an IP address */
    KIND_RESOLVER,     /* "system" or an address with an optional port */
    KIND_DOMAIN,       /* a full domain name with its last dot */
    KIND_SUBJECT,      /* a literal NATS subject, or null */
    KIND_STREAM,       /* account/stream; a last * takes any ending */
    KIND_SECRET,       /* struct config_secret, from `source` */
    KIND_LIST,         /* struct config_list of const char *, each of kind `item` */
    KIND_MAP,          /* a struct of its own, by `map` */
    KIND_ROWS,         /* struct config_list of rows by `map` */
    KIND_TARGETS,      /* region: [values] */
    KIND_RESERVED,     /* accepted and not looked into; its place is kept */
};

struct config_map;

struct config_key {
    const char *name;
    enum config_kind kind;
    bool is_required;
    enum secret_source source;
    enum config_kind item;
    size_t offset;       /* in the struct of the map */
    size_t place_offset; /* where its place goes as well; 0 nowhere */
    const struct config_map *map;
    const struct name_table *words;
    int64_t least, most;
    const char *help;
};

/* Each struct described begins with its struct config_place. */
struct config_map {
    const char *name; /* as messages call it */
    const struct config_key *keys;
    size_t count; /* at most 64 */
    size_t bytes; /* of the struct */
};

extern const struct config_map config_schema;

/* What a kind of value looks like: "a duration such as 90s". */
const char *config_kind_help(enum config_kind kind);

/*
 * Check a scalar of one of the text kinds.
 *
 * Returns NULL when it is valid, else what is wrong with it, without the value itself.
 */
const char *config_value_problem(enum config_kind kind, const char *text, size_t length);

/* Checks between keys: names, references, what needs what. */
struct config_problems;
void config_cross_check(const struct config *config, struct config_problems *problems);

/* Add a problem; beyond CONFIG_MAX_PROBLEMS it is only counted. */
void config_problem_add(struct config_problems *problems, unsigned severity,
                        struct config_place place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
