/*
 * linefile.h - lines of words, as theme and keymap files are made of.
 *
 * Words are split by blanks. "…" groups one and knows \" and \\. `#` at the start of a line, or
 * alone as a word, begins a comment, so that #8a0000 is a colour.
 */
#ifndef FARSHORE_UI_PRIVATE_LINEFILE_H
#define FARSHORE_UI_PRIVATE_LINEFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/ui/problems.h"

#define LINEFILE_WORDS 8
#define LINEFILE_WORD_BYTES 48

struct linefile {
    const char *name;
    const char *text;
    size_t count, at;
    size_t line; /* of the words below, from 1 */
    size_t words;
    char word[LINEFILE_WORDS][LINEFILE_WORD_BYTES];
    struct problems *problems; /* may be NULL */
    bool has_problem;
};

void linefile_begin(struct linefile *file, const char *name, const char *text, size_t count,
                    struct problems *problems);

/* The next line that holds words and can be split; false at the end. */
bool linefile_next(struct linefile *file);

/* Report a problem of the present line. */
void linefile_problem(struct linefile *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Report that word is no valid `what`, with the nearest of candidates. */
void linefile_unknown(struct linefile *file, const char *what, const char *word,
                      const char *const *candidates, size_t count);

#endif
