/*
 * commands.c - what farshore can be told to do: one table of names, help and functions.
 *
 * Why:   help, the man page's test and dispatch must not disagree.
 * How:   a command is one line here and one function in command_<name>.c.
 * See:   options.c for the options; docs/farshore.1
 */
#include "commands.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/suggest.h"
#include "version.h"

const struct command command_table[] = {
    {"", "", "live console; read-only", 0,
     "Shows the regions, their servers, the gateway links, the JetStream quorum and the\n"
     "mirrors of the configuration, live. It starts with everything down: the first paint\n"
     "waits for nothing, and it reconnects by itself. `?` in the console lists its keys, `:`\n"
     "takes commands. When the output is no terminal it prints a line per change of state.\n",
     command_console},
    {"status", "", "one look, no screen", SCOPE_STATUS | SCOPE_LOOK,
     "Observes for a while, prints what is known, and ends with an exit code:\n"
     "  0  all is well\n"
     "  1  warning: DEGRADED, SUSPECT, a mirror over its lag objective, or the quorum would\n"
     "     not survive the loss of a region\n"
     "  2  critical: DOWN, PARTITION, UNREACHABLE-FROM-HERE, FLAPPING, or the quorum is lost\n"
     "  3  unknown: BLIND, UNKNOWN, or nothing configured answers\n",
     command_status},
    {"check", "", "would a failover work now?", SCOPE_LOOK,
     "Observes for a while, asks for every stream, consumer, store and clock, tries the\n"
     "operator's logins by reads alone, and prints one line a check: GO, WARN, STOP or UNKNOWN\n"
     "with its evidence, then what is not well and what to do about it. Nothing is changed on\n"
     "any server. Ends with an exit code:\n"
     "  0  every check is GO\n"
     "  1  warning: a failover would work, but costs or risks something\n"
     "  2  STOP: a failover would fail, or lose what nobody accepted\n"
     "  3  UNKNOWN: something could not be told\n",
     command_check},
    {"lab", "[up|down|status|fault]", "two real regions on this machine", SCOPE_LAB,
     "Real nats-servers on loopback, joined by gateways through a WAN proxy that can be cut,\n"
     "stalled and slowed. Without a word: starts a lab, opens the console, and ends the lab\n"
     "when the console is left. `farshore lab WORD --help` explains each word.\n",
     command_lab},
    {"config", "check [FILE] | init | show", "the configuration", SCOPE_INIT,
     "check  prints every error as file:line:column: message; exit 78 when there is one\n"
     "show   prints the effective configuration, defaults filled in, secrets as ***\n"
     "init   asks a server and writes a commented configuration; a template when none answers;\n"
     "       never writes over a file without --force\n",
     command_config},
    {"keymap", "check [NAME|FILE]", "check a keymap", 0,
     "Prints every problem as file:line: message; exit 1 when there is one.\n", command_keymap},
    {"theme", "check [NAME|FILE] | list", "check a theme, or list them", 0,
     "check  prints every problem as file:line: message; exit 1 when there is one\n"
     "list   prints the themes that --theme finds by name, and where they are\n",
     command_theme},
    {"help", "[COMMAND]", "say what there is", 0, "", command_help},
};
const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);

/* Of the design, but not of this version; they are not in any list. */
static const char *const later[] = {"wall",   "replay", "plan",    "run",  "keep",
                                    "export", "verify", "observe", "drill"};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(command_table[i].name, name) == 0) {
            return &command_table[i];
        }
    }
    return NULL;
}

int command_unknown(const char *name)
{
    const char *names[sizeof(command_table) / sizeof(command_table[0])];
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        if (strcmp(later[i], name) == 0) {
            fprintf(stderr, "farshore: %s is not in this version\n", name);
            return EXIT_USAGE;
        }
    }
    for (size_t i = 0; i < command_count; i++) {
        names[i] = command_table[i].name;
    }
    const char *near = suggest_nearest(name, names + 1, command_count - 1);
    if (near != NULL) {
        return usage_error("unknown command %s; did you mean %s?", name, near);
    }
    return usage_error("unknown command %s", name);
}

int usage_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("farshore: ", stderr);
    vfprintf(stderr, format, args);
    fputs("\nfarshore: `farshore help` says what there is\n", stderr);
    va_end(args);
    return EXIT_USAGE;
}

static void print_options(unsigned scope, FILE *stream)
{
    for (size_t i = 0; i < option_count; i++) {
        if ((option_table[i].scope & scope) == 0) {
            continue;
        }
        char left[40];
        snprintf(left, sizeof(left), "%s%s%s", option_table[i].name,
                 option_table[i].value != NULL ? " " : "",
                 option_table[i].value != NULL ? option_table[i].value : "");
        fprintf(stream, "  %-20s  %s\n", left, option_table[i].help);
    }
}

void command_print_help(const struct command *command, FILE *stream)
{
    fprintf(stream, "farshore%s%s%s%s [OPTIONS]\n  %s\n\n%s", command->name[0] != '\0' ? " " : "",
            command->name, command->arguments[0] != '\0' ? " " : "", command->arguments,
            command->summary, command->details);
    if (command->scope != 0) {
        fputs(command->scope == SCOPE_INIT  ? "\nOptions of init:\n"
              : command->scope == SCOPE_LAB ? "\nOptions without a word:\n"
                                            : "\nOptions:\n",
              stream);
        print_options(command->scope, stream);
    }
    fputs("\nGlobal options:\n", stream);
    print_options(SCOPE_GLOBAL, stream);
    if (strcmp(command->name, "config") == 0) {
        struct strbuf keys;
        strbuf_init(&keys, alloc_heap());
        config_print_keys(&keys);
        fprintf(stream, "\nKeys of the file:\n%s", keys.text);
        strbuf_destroy(&keys);
    }
}

void command_print_overview(FILE *stream)
{
    fputs("farshore: a terminal console for the failover of a two-region NATS super-cluster\n\n"
          "Commands:\n",
          stream);
    for (size_t i = 0; i < command_count; i++) {
        const struct command *row = &command_table[i];
        char left[80];
        snprintf(left, sizeof(left), "farshore%s%s%s%s", row->name[0] != '\0' ? " " : "", row->name,
                 row->arguments[0] != '\0' ? " " : "", row->arguments);
        fprintf(stream, "  %-45s  %s\n", left, row->summary);
    }
    fputs("\n`farshore COMMAND --help` says more of each.\n\nGlobal options:\n", stream);
    print_options(SCOPE_GLOBAL, stream);
    fputs("\nUsage errors end with 64, a bad configuration with 78.\n", stream);
}

int command_help(const struct options *options)
{
    if (options->operand_count == 0) {
        command_print_overview(stdout);
        return 0;
    }
    const struct command *command = command_find(options->operands[0]);
    if (command == NULL) {
        return command_unknown(options->operands[0]);
    }
    command_print_help(command, stdout);
    return 0;
}

int load_config(const struct options *options, struct config *config)
{
    char path[4096];
    memset(config, 0, sizeof(*config));
    if (!config_find(options->config, path, sizeof(path))) {
        fputs("farshore: no configuration: give --config FILE, or set $HOME\n", stderr);
        return EXIT_CONFIG;
    }
    struct config_problems *problems = calloc(1, sizeof(*problems));
    if (problems == NULL) {
        fputs("farshore: no memory\n", stderr);
        return EXIT_CONFIG;
    }
    enum fs_status status = config_load(path, config, problems);
    config_print_problems(problems, false, stderr);
    free(problems);
    if (status == ST_NOT_FOUND && options->config == NULL) {
        fputs(
            "farshore: `farshore config init` writes a configuration; `farshore lab` needs none\n",
            stderr);
    }
    return status == ST_OK ? 0 : EXIT_CONFIG;
}
