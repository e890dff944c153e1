/*
 * suggest.h - the nearest valid name, for messages such as `unknown key "regoins"; did you mean
 * "regions"?`
 */
#ifndef FARSHORE_BASE_SUGGEST_H
#define FARSHORE_BASE_SUGGEST_H

#include <stddef.h>

/*
 * The candidate with the smallest edit distance (adjacent swaps count one) of at most a third of
 * the word's length, at least 1.
 *
 * Returns a pointer into candidates, or NULL when nothing is near.
 */
const char *suggest_nearest(const char *word, const char *const *candidates, size_t count);

#endif
