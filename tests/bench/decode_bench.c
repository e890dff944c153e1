/*
 * decode_bench.c - how long one reply takes to decode: decode_bench FILE [TIMES].
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "farshore/base/duration.h"
#include "farshore/net/clock.h"

static void count_event(void *context, const struct event *event)
{
    (void)event;
    ++*(int64_t *)context;
}

int main(int argc, char **argv)
{
    int64_t events = 0;
    int64_t best_ns = INT64_MAX;
    struct event_sink sink = {.context = &events, .put = count_event};
    struct decode_context context = {.kind = ASK_CONFIGS, .via = "rg1", .keeps_raw = true};
    struct decode_result result = {0};
    FILE *file = argc > 1 ? fopen(argv[1], "re") : NULL;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        return 64;
    }
    size_t size = (size_t)ftell(file);
    char *text = malloc(size + 1);
    rewind(file);
    if (text == NULL || fread(text, 1, size, file) != size) {
        return 1;
    }
    for (long i = argc > 2 ? strtol(argv[2], NULL, 10) : 10; i > 0; i--) {
        events = 0;
        int64_t began_ns = clock_mono_ns();
        decode_reply(text, size, &context, &sink, &result);
        int64_t took_ns = clock_mono_ns() - began_ns;
        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    printf("%zu bytes, %lld events, best %lld us%s\n", size, (long long)events,
           (long long)(best_ns / NS_PER_US), result.is_broken ? ", broken" : "");
    free(text);
    fclose(file);
    return 0;
}
