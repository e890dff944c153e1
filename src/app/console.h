/*
 * console.h - the live screen on a loop.
 */
#ifndef FARSHORE_APP_CONSOLE_H
#define FARSHORE_APP_CONSOLE_H

#include <stdbool.h>

#include "config_types.h"
#include "farshore/base/err.h"
#include "options.h"

#define CONSOLE_NO_SCREEN (-1)

struct console_options {
    const struct config *config;
    const struct options *options;
    const char *mode;    /* of EVT_START: "live", "lab" */
    const char *lab_dir; /* the lab that `:lab` reaches; NULL none */
};

/*
 * Show the console until it is left.
 *
 * Returns the exit code: 0; 1 when there is no terminal; CONSOLE_NO_SCREEN when there is one that
 *         cannot show a screen.
 * Thread  main thread.
 */
int console_run(const struct console_options *options);

/* The same without a screen: a line per change of state until INT, TERM or HUP. */
int plain_run(const struct console_options *options);

/* The screen, or lines where there is none; says on standard error when it chose the latter. */
int console_or_plain(const struct console_options *options);

#endif
