/*
 * linefile.c - split line files into words and collect what is wrong with them.
 *
 * Why:   a typing error in a theme must cost its line, not the console.
 * How:   one line at a time over (text, count); nothing is allocated, every word has a bound.
 * Rules: any bytes are fine as input; texts in messages are cleaned.
 * See:   tests/unit/ui/test_theme.c
 */
#include "linefile.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "farshore/base/suggest.h"
#include "farshore/base/text.h"

size_t problems_kept(const struct problems *problems)
{
    return problems->count < PROBLEMS_KEPT ? problems->count : PROBLEMS_KEPT;
}

void linefile_begin(struct linefile *file, const char *name, const char *text, size_t count,
                    struct problems *problems)
{
    memset(file, 0, sizeof(*file));
    file->name = name;
    file->text = text;
    file->count = count;
    file->problems = problems;
}

void linefile_problem(struct linefile *file, const char *format, ...)
{
    struct problems *problems = file->problems;
    va_list arguments;
    char *out;
    int used;

    file->has_problem = true;
    if (problems == NULL) {
        return;
    }
    if (problems->count < PROBLEMS_KEPT) {
        out = problems->text[problems->count];
        used = snprintf(out, PROBLEM_TEXT_BYTES, "%s:%zu: ", file->name, file->line);
        if (used >= 0 && used < PROBLEM_TEXT_BYTES) {
            va_start(arguments, format);
            (void)vsnprintf(out + used, PROBLEM_TEXT_BYTES - (size_t)used, format, arguments);
            va_end(arguments);
        }
    }
    problems->count++;
}

void linefile_unknown(struct linefile *file, const char *what, const char *word,
                      const char *const *candidates, size_t count)
{
    const char *nearest = suggest_nearest(word, candidates, count);
    char clean[LINEFILE_WORD_BYTES * 4];

    text_clean(clean, sizeof(clean), word, strlen(word));
    if (nearest != NULL) {
        linefile_problem(file, "unknown %s \"%s\"; did you mean \"%s\"?", what, clean, nearest);
    } else {
        linefile_problem(file, "unknown %s \"%s\"", what, clean);
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Read one word at *at; false with a problem reported when it is too long or not closed. */
static bool read_word(struct linefile *file, const char *line, size_t count, size_t *at)
{
    bool is_quoted = line[*at] == '"';
    char *out = file->word[file->words];
    size_t used = 0;
    size_t i = *at + (is_quoted ? 1 : 0);
    bool is_closed = !is_quoted;

    for (; i < count; i++) {
        char c = line[i];
        if (is_quoted && c == '"') {
            is_closed = true;
            i++;
            break;
        }
        if (!is_quoted && is_blank(c)) {
            break;
        }
        if (is_quoted && c == '\\' && i + 1 < count) {
            c = line[++i];
        }
        if (used + 1 >= LINEFILE_WORD_BYTES) {
            linefile_problem(file, "a word is longer than %d bytes", LINEFILE_WORD_BYTES - 1);
            return false;
        }
        out[used++] = c == '\0' ? ' ' : c;
    }
    out[used] = '\0';
    *at = i;
    if (!is_closed) {
        linefile_problem(file, "a \" is never closed");
        return false;
    }
    return true;
}

/* Split a line into words; false when it was reported. */
static bool split_line(struct linefile *file, const char *line, size_t count)
{
    size_t at = 0;

    file->words = 0;
    while (true) {
        while (at < count && is_blank(line[at])) {
            at++;
        }
        if (at >= count) {
            return true;
        }
        if (line[at] == '#' && (file->words == 0 || at + 1 == count || is_blank(line[at + 1]))) {
            return true;
        }
        if (file->words == LINEFILE_WORDS) {
            linefile_problem(file, "more than %d words on a line", LINEFILE_WORDS);
            return false;
        }
        if (!read_word(file, line, count, &at)) {
            return false;
        }
        file->words++;
    }
}

bool linefile_next(struct linefile *file)
{
    while (file->at < file->count) {
        const char *line = file->text + file->at;
        const char *end = memchr(line, '\n', file->count - file->at);
        size_t count = end == NULL ? file->count - file->at : (size_t)(end - line);

        file->at += count + (end == NULL ? 0 : 1);
        file->line++;
        if (split_line(file, line, count) && file->words > 0) {
            return true;
        }
    }
    return false;
}
