/*
 * options.h - the command line: one table of options, one struct that they fill.
 *
 * The parser, every --help and the man page's test read the same table. An option belongs to the
 * commands whose scope it names.
 */
#ifndef FARSHORE_APP_OPTIONS_H
#define FARSHORE_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/err.h"

#define EXIT_USAGE 64
#define EXIT_CONFIG 78

#define SCOPE_GLOBAL 1u
#define SCOPE_STATUS 2u
#define SCOPE_INIT 4u
#define SCOPE_LAB 8u
#define SCOPE_LOOK 16u /* of status and check */

#define OPTIONS_OPERANDS 8

struct options {
    const char *config, *theme, *keymap, *log;
    bool no_color, ascii, plain, help, version;
    int64_t interval_ns; /* 0: the configuration's */
    bool json, prometheus, watch;
    int64_t for_ns; /* 0: not given */
    const char *url, *context, *user, *password_env, *creds;
    bool force;
    const char *dir, *nats_server, *topology;
    int64_t base_port, rate, streams; /* -1: not given */
    const char *command;              /* NULL: none */
    const char *operands[OPTIONS_OPERANDS];
    size_t operand_count;
    unsigned used_scopes;          /* of the options given */
    const char *last_of_scope[32]; /* by bit: an option given that belongs only there */
};

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_DURATION,
    OPTION_COUNT
};

struct option_info {
    const char *name;  /* "--config" */
    const char *value; /* "FILE"; NULL for a flag */
    enum option_kind kind;
    unsigned scope;
    size_t offset; /* in struct options */
    const char *help;
};

extern const struct option_info option_table[];
extern const size_t option_count;

/*
 * Parse the arguments after the program's name.
 *
 * raw_from  set to the index in argv at which the words of `lab WORD …` begin ("lab" itself);
 *           0 when there are none. They are not looked into.
 * Returns   ST_OK or ST_INVALID with what to say.
 */
enum fs_status options_parse(int argc, char **argv, struct options *out, int *raw_from,
                             struct err *err);

#endif
