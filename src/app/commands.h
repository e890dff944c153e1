/*
 * commands.h - what farshore can be told to do: one table of names, help and functions.
 */
#ifndef FARSHORE_APP_COMMANDS_H
#define FARSHORE_APP_COMMANDS_H

#include <stddef.h>
#include <stdio.h>

#include "config.h"
#include "options.h"

struct command {
    const char *name;      /* "status"; "" is the console */
    const char *arguments; /* after the name in a usage line */
    const char *summary;   /* one line */
    unsigned scope;        /* of options, beside the global ones */
    const char *details;   /* lines for its --help, each ending with a line feed */
    int (*run)(const struct options *options);
};

extern const struct command command_table[];
extern const size_t command_count;

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

/* Say that a command is not known, or not in this version. Returns EXIT_USAGE. */
int command_unknown(const char *name);

void command_print_help(const struct command *command, FILE *stream);
void command_print_overview(FILE *stream);

int command_console(const struct options *options);
int command_status(const struct options *options);
int command_check(const struct options *options);
int command_config(const struct options *options);
int command_keymap(const struct options *options);
int command_theme(const struct options *options);
int command_lab(const struct options *options);
int command_help(const struct options *options);

/* `config init`: see config_init.c. */
int command_config_init(const struct options *options);

/* Print `farshore: text` with a hint at --help. Returns EXIT_USAGE. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Find and load the configuration that the options name; problems go to standard error.
 *
 * Returns 0, or EXIT_CONFIG. Give config to config_destroy() in any case.
 */
int load_config(const struct options *options, struct config *config);

#endif
