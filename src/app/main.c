/*
 * main.c - from the command line to a command.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "farshore/base/log.h"
#include "farshore/lab/lab.h"
#include "version.h"

#define EXIT_OUTPUT 74 /* EX_IOERR of sysexits.h, beside 64 and 78 */

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

/* A closed 0, 1 or 2 would be given to the next file or socket, and our output would go there. */
static void keep_standard_fds(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            /* Read-only: what is written to it fails, as it would have. */
            (void)open("/dev/null", O_RDONLY);
        }
    }
}

/* What was not written must not look done; a reader that went away has what it wanted. */
static int check_output(int code)
{
    struct pollfd reader = {.fd = STDOUT_FILENO, .events = POLLOUT};
    bool has_failed = fflush(stdout) != 0 || ferror(stdout) != 0;
    bool is_gone = poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0;
    if (!has_failed || is_gone) {
        return code;
    }
    fprintf(stderr, "farshore: not all of the output could be written\n");
    return code == 0 ? EXIT_OUTPUT : code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    int raw_from = 0;
    keep_standard_fds();
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    if (options_parse(argc, argv, &options, &raw_from, &err) != ST_OK) {
        return usage_error("%s", err.text);
    }
    if (options.version) {
        puts("farshore " FARSHORE_VERSION);
        return check_output(0);
    }
    if (raw_from > 0) {
        return check_output(lab_command(argc - raw_from, argv + raw_from));
    }
    return check_output(dispatch(&options));
}
