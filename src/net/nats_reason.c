/*
 * nats_reason.c - strips where in the library an error arose, and names its number.
 *
 * Why:   an operator needs "Connection reset by peer", not a line of a C file.
 * Rules: the server's own words are never changed.
 * See:   tests/unit/net/test_nats_reason.c
 */
#include "nats_reason.h"

#include <stdlib.h>
#include <string.h>

#include "farshore/base/text.h"

#define NUMBER_PREFIX " error: "
#define ERRNO_MOST 4095

/* Behind "(file.c:123): ", when the text begins so. */
static const char *skip_place(const char *text)
{
    const char *end = text[0] == '(' ? strstr(text, "): ") : NULL;
    const char *dot = end != NULL ? strstr(text, ".c:") : NULL;
    return dot != NULL && dot < end ? end + strlen("): ") : text;
}

/* The error number that the text ends with, or 0. */
static int number_of(const char *text, size_t *kept)
{
    const char *at = strstr(text, NUMBER_PREFIX);
    if (at == NULL) {
        return 0;
    }
    const char *digits = at + strlen(NUMBER_PREFIX);
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 4 || digits[count] != '\0') {
        return 0;
    }
    *kept = (size_t)(digits - text);
    int number = (int)strtol(digits, NULL, 10);
    return number <= ERRNO_MOST ? number : 0;
}

void nats_reason_copy(char *out, size_t size, const char *text)
{
    const char *reason = text == NULL ? "" : skip_place(text);
    size_t kept = 0;
    int number = number_of(reason, &kept);
    const char *words = number > 0 ? strerrordesc_np(number) : NULL;
    text_copy(out, size, reason[0] == '\0' ? "connection lost" : reason);
    if (words != NULL && kept < size) {
        text_copy(out + kept, size - kept, words);
    }
}
