/*
 * main.c - from the command line to a command.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "farshore/base/log.h"
#include "farshore/lab/lab.h"
#include "version.h"

/* Is every option one of this command's? */
static int check_scopes(const struct options *options, const struct command *command)
{
    for (unsigned bit = 1; bit < 32; bit++) {
        if ((options->used_scopes & (1u << bit) & ~command->scope) != 0) {
            return usage_error("%s%s does not take %s",
                               command->name[0] != '\0' ? "" : "the console", command->name,
                               options->last_of_scope[bit]);
        }
    }
    return 0;
}

static int open_log(const struct options *options)
{
    struct err err = {0};
    if (options->log != NULL && log_open(options->log, LOG_LEVEL_DEBUG, &err) != ST_OK) {
        fprintf(stderr, "farshore: --log: %s\n", err.text);
        return EXIT_USAGE;
    }
    return 0;
}

static int dispatch(const struct options *options)
{
    const struct command *command = command_find(options->command != NULL ? options->command : "");
    if (command == NULL) {
        return command_unknown(options->command);
    }
    if (options->help) {
        if (options->command == NULL) {
            command_print_overview(stdout);
        } else {
            command_print_help(command, stdout);
        }
        return 0;
    }
    int code = check_scopes(options, command);
    if (code == 0) {
        code = open_log(options);
    }
    if (code == 0) {
        code = command->run(options);
        log_close();
    }
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    int raw_from = 0;
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    if (options_parse(argc, argv, &options, &raw_from, &err) != ST_OK) {
        return usage_error("%s", err.text);
    }
    if (options.version) {
        puts("farshore " FARSHORE_VERSION);
        return 0;
    }
    if (raw_from > 0) {
        return lab_command(argc - raw_from, argv + raw_from);
    }
    return dispatch(&options);
}
