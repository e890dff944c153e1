/*
 * options.c - the command line: one table of options, one struct that they fill.
 *
 * Why:   an option that help does not show, or the other way round, cannot exist.
 * How:   options may stand before and after the command's word; `--x=v` and `--x v` are the same;
 *        `--` ends them.
 * Rules: no secret is ever taken from the command line.
 * See:   commands.c
 */
#include "options.h"

#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/number.h"
#include "farshore/base/suggest.h"

#define AT(member) offsetof(struct options, member)

const struct option_info option_table[] = {
    {"--config", "FILE", OPTION_TEXT, SCOPE_GLOBAL, AT(config),
     "configuration; else $FARSHORE_CONFIG, else farshore/farshore.yaml in $XDG_CONFIG_HOME"},
    {"--theme", "NAME", OPTION_TEXT, SCOPE_GLOBAL, AT(theme),
     "colours and glyphs; a name or a file"},
    {"--keymap", "NAME", OPTION_TEXT, SCOPE_GLOBAL, AT(keymap), "keys; a name or a file"},
    {"--no-color", NULL, OPTION_FLAG, SCOPE_GLOBAL, AT(no_color),
     "no colour; also when $NO_COLOR is set"},
    {"--ascii", NULL, OPTION_FLAG, SCOPE_GLOBAL, AT(ascii),
     "plain ASCII; also when the locale is not UTF-8"},
    {"--plain", NULL, OPTION_FLAG, SCOPE_GLOBAL, AT(plain),
     "no screen: a line per change of state; also when the output is no terminal"},
    {"--interval", "TIME", OPTION_DURATION, SCOPE_GLOBAL, AT(interval_ns),
     "how often servers are asked (the configuration's, 1s)"},
    {"--log", "FILE", OPTION_TEXT, SCOPE_GLOBAL, AT(log), "append the program's own log to a file"},
    {"--help", NULL, OPTION_FLAG, SCOPE_GLOBAL, AT(help), "say this"},
    {"--version", NULL, OPTION_FLAG, SCOPE_GLOBAL, AT(version), "say which version this is"},
    {"--json", NULL, OPTION_FLAG, SCOPE_LOOK, AT(json),
     "one JSON object; docs/STATUS.md, docs/CHECK.md"},
    {"--prometheus", NULL, OPTION_FLAG, SCOPE_LOOK, AT(prometheus),
     "Prometheus' text exposition format"},
    {"--for", "TIME", OPTION_DURATION, SCOPE_LOOK, AT(for_ns),
     "how long to observe (3s; with --watch without end)"},
    {"--watch", NULL, OPTION_FLAG, SCOPE_STATUS, AT(watch),
     "again at each interval, and at once on any change of state"},
    {"--url", "URL", OPTION_TEXT, SCOPE_INIT, AT(url), "a server to ask: nats://host:port"},
    {"--context", "NAME", OPTION_TEXT, SCOPE_INIT, AT(context),
     "a context of the nats CLI to ask with"},
    {"--user", "NAME", OPTION_TEXT, SCOPE_INIT, AT(user), "user of the system account"},
    {"--password-env", "VAR", OPTION_TEXT, SCOPE_INIT, AT(password_env),
     "variable that holds its password"},
    {"--creds", "FILE", OPTION_TEXT, SCOPE_INIT, AT(creds), "creds file instead of a user"},
    {"--force", NULL, OPTION_FLAG, SCOPE_INIT, AT(force), "write over a file that is there"},
    {"--dir", "DIR", OPTION_TEXT, SCOPE_LAB, AT(dir), "where the lab lives"},
    {"--base-port", "PORT", OPTION_COUNT, SCOPE_LAB, AT(base_port),
     "first of its ports (the first free block)"},
    {"--nats-server", "PATH", OPTION_TEXT, SCOPE_LAB, AT(nats_server), "the server to run"},
    {"--topology", "T", OPTION_TEXT, SCOPE_LAB, AT(topology), "3+3+1 (default) or 3+3"},
    {"--rate", "N", OPTION_COUNT, SCOPE_LAB, AT(rate), "messages a second; 0 for no workload"},
    {"--streams", "N", OPTION_COUNT, SCOPE_LAB, AT(streams), "further streams with mirrors"},
};
const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);

static const struct option_info *find_option(const char *word, size_t length)
{
    for (size_t i = 0; i < option_count; i++) {
        if (strlen(option_table[i].name) == length &&
            strncmp(option_table[i].name, word, length) == 0) {
            return &option_table[i];
        }
    }
    return NULL;
}

static enum fs_status unknown_option(const char *word, size_t length, struct err *err)
{
    const char *names[sizeof(option_table) / sizeof(option_table[0])];
    char copy[64];
    for (size_t i = 0; i < option_count; i++) {
        names[i] = option_table[i].name;
    }
    if (length >= sizeof(copy)) {
        length = sizeof(copy) - 1;
    }
    memcpy(copy, word, length);
    copy[length] = '\0';
    const char *near = suggest_nearest(copy, names, option_count);
    return err_set(err, ST_INVALID, "unknown option %s%s%s%s", copy,
                   near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                   near != NULL ? "?" : "");
}

static enum fs_status set_value(const struct option_info *option, const char *value,
                                struct options *out, struct err *err)
{
    char *at = (char *)out + option->offset;
    int64_t number = 0;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return ST_OK;
    case OPTION_TEXT:
        if (value[0] == '\0') {
            return err_set(err, ST_INVALID, "%s needs a value, not an empty one", option->name);
        }
        *(const char **)(void *)at = value;
        return ST_OK;
    case OPTION_DURATION:
        if (!duration_parse(value, strlen(value), &number) || number < 100 * NS_PER_MS) {
            return err_set(err, ST_INVALID, "%s needs a duration such as 3s, at least 100ms",
                           option->name);
        }
        break;
    case OPTION_COUNT:
        if (!number_parse_i64(value, strlen(value), &number) || number < 0 || number > 1000000) {
            return err_set(err, ST_INVALID, "%s needs a whole number", option->name);
        }
        break;
    }
    memcpy(at, &number, sizeof(number));
    return ST_OK;
}

/* Take argv[*at] as an option; moves *at over its value. */
static enum fs_status take_option(int argc, char **argv, int *at, struct options *out,
                                  struct err *err)
{
    const char *word = argv[*at];
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    if (strcmp(word, "-h") == 0) {
        out->help = true;
        return ST_OK;
    }
    const struct option_info *option = find_option(word, length);
    if (option == NULL) {
        return unknown_option(word, length, err);
    }
    const char *value = "";
    if (option->value == NULL && equals != NULL) {
        return err_set(err, ST_INVALID, "%s takes no value", option->name);
    }
    if (option->value != NULL) {
        if (equals == NULL && *at + 1 >= argc) {
            return err_set(err, ST_INVALID, "%s needs a value: %s", option->name, option->value);
        }
        value = equals != NULL ? equals + 1 : argv[++*at];
    }
    out->used_scopes |= option->scope;
    for (unsigned bit = 0; bit < 32; bit++) {
        if (option->scope == 1u << bit) {
            out->last_of_scope[bit] = option->name;
        }
    }
    return set_value(option, value, out, err);
}

enum fs_status options_parse(int argc, char **argv, struct options *out, int *raw_from,
                             struct err *err)
{
    memset(out, 0, sizeof(*out));
    out->base_port = -1;
    out->rate = -1;
    out->streams = -1;
    *raw_from = 0;
    bool is_over = false;
    for (int i = 1; i < argc; i++) {
        if (!is_over && strcmp(argv[i], "--") == 0) {
            is_over = true;
        } else if (!is_over && argv[i][0] == '-' && argv[i][1] != '\0') {
            enum fs_status status = take_option(argc, argv, &i, out, err);
            if (status != ST_OK) {
                return status;
            }
        } else if (out->command == NULL) {
            out->command = argv[i];
            if (strcmp(argv[i], "lab") == 0 && i + 1 < argc && argv[i + 1][0] != '-') {
                *raw_from = i;
                return ST_OK;
            }
        } else if (out->operand_count < OPTIONS_OPERANDS) {
            out->operands[out->operand_count++] = argv[i];
        } else {
            return err_set(err, ST_INVALID, "too many words");
        }
    }
    return ST_OK;
}
