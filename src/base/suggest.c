/*
 * suggest.c - the nearest of a list of valid names.
 *
 * Why:   a message that names the right key saves the look into the manual.
 * How:   optimal string alignment distance (insert, delete, replace, swap of neighbours) with three
 *        rows on the stack.
 * Rules: bytes, not characters: the names that we offer are ASCII. Words beyond WORD_LIMIT bytes
 * have no neighbours. Pure; core may use it. See:   tests/unit/base/test_suggest.c
 */
#include "farshore/base/suggest.h"

#include <string.h>

#define WORD_LIMIT 64

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Both at most WORD_LIMIT bytes long. */
static size_t edit_distance(const char *a, size_t a_count, const char *b, size_t b_count)
{
    size_t rows[3][WORD_LIMIT + 1];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b_count; j++) {
        before[j] = j;
        above[j] = j;
    }
    for (size_t i = 1; i <= a_count; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_count; j++) {
            size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = least(replace, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_count];
}

const char *suggest_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t word_count = strlen(word);
    if (word_count == 0 || word_count > WORD_LIMIT) {
        return NULL;
    }
    size_t limit = word_count / 3 > 0 ? word_count / 3 : 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t candidate_count = strlen(candidates[i]);
        if (candidate_count > WORD_LIMIT) {
            continue;
        }
        size_t distance = edit_distance(word, word_count, candidates[i], candidate_count);
        if (distance < limit || (distance == limit && nearest == NULL)) {
            nearest = candidates[i];
            limit = distance;
            if (distance == 0) {
                break;
            }
        }
    }
    return nearest;
}
