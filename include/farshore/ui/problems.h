/*
 * problems.h - what is wrong in a theme or keymap file: `file:line: message`, one each.
 */
#ifndef FARSHORE_UI_PROBLEMS_H
#define FARSHORE_UI_PROBLEMS_H

#include <stddef.h>

#include "farshore/base/status.h"

#define PROBLEM_TEXT_BYTES 240
#define PROBLEMS_KEPT 32

/* The first PROBLEMS_KEPT are kept, all are counted. Zero-initialise before use. */
struct problems {
    size_t count;
    char text[PROBLEMS_KEPT][PROBLEM_TEXT_BYTES];
};

/* How many of them have a text. */
size_t problems_kept(const struct problems *problems);

#endif
