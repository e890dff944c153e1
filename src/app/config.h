/*
 * config.h - the configuration as the program uses it, and how it is read.
 *
 * config_parse() is a pure function of a text: no file, no environment, no clock; it is what the
 * fuzz target calls. config_load() adds the file and its permissions. Secrets are not in here but
 * where they come from (struct config_secret); src/app/secret.h fetches one late.
 *
 * Owner   everything hangs on the arena in struct config; config_destroy() wipes and frees it.
 * Source  docs/CONFIG.md; the tables of keys are in config_schema.c.
 */
#ifndef FARSHORE_APP_CONFIG_H
#define FARSHORE_APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config_types.h"
#include "farshore/base/err.h"
#include "farshore/base/strbuf.h"

enum config_severity {
    CONFIG_ERROR,
    CONFIG_WARNING,
    CONFIG_NOTE
};

struct config_problem {
    enum config_severity severity;
    struct config_place place; /* line 0: the file as a whole */
    char text[240];
};

struct config_problems {
    const char *file; /* for printing */
    struct config_problem rows[CONFIG_MAX_PROBLEMS];
    size_t count;
    size_t errors; /* all, also those that found no row */
    size_t dropped;
};

extern const struct name_table config_provider_types;
extern const struct name_table config_record_types;

/*
 * Parse and check a whole configuration.
 *
 * text      UTF-8 YAML; need not be NUL-terminated.
 * out       filled in any case and to be given to config_destroy(); usable only on ST_OK.
 * problems  every error, warning and note, in the order of the file; zeroed first.
 *
 * Returns   ST_OK when there is no error (warnings may be), ST_INVALID, or ST_NO_MEMORY.
 */
enum fs_status config_parse(const char *text, size_t length, struct config *out,
                            struct config_problems *problems);

/* Read a file and parse it; inline secrets need a file that is 0600 and ours. ST_IO, ST_NOT_FOUND
 * and ST_INVALID as above; each failure is also a problem. path is copied. */
enum fs_status config_load(const char *path, struct config *out, struct config_problems *problems);

/* Wipe and free. The struct is zero afterwards. */
void config_destroy(struct config *config);

/*
 * The file to use: explicit (may be NULL), else $FARSHORE_CONFIG, else
 * $XDG_CONFIG_HOME/farshore/farshore.yaml, else ~/.config/farshore/farshore.yaml.
 * Returns false when out is too small or nothing names a home.
 */
bool config_find(const char *explicit_path, char *out, size_t out_bytes);

/* `file:line:column: message`, one a line; notes only when asked for. */
void config_print_problems(const struct config_problems *problems, bool with_notes, FILE *stream);

/* Append the effective configuration as YAML: defaults filled in, secrets masked. */
void config_show(const struct config *config, struct strbuf *out);

/* Append every key with its help, indented as it nests. */
void config_print_keys(struct strbuf *out);

#endif
