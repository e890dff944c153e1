/*
 * bench_model.c - what the model costs: time an event, memory of 10,000 mirrors. Prints, asserts
 * nothing: machines differ.
 *
 * How:   7 servers; 10,000 origins in rg1 and their mirrors in rg2 (20,000 streams), each with
 *        config, sampled until their histories are full, at the pace of big servers (one round in 5
 * s), then a minute of ticks, and every view read as a screen and a digest would.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "farshore/base/duration.h"
#include "farshore/core/view.h"

#define MIRRORS 10000U
#define ROUNDS 70U
#define ROUND_NS (5 * NS_PER_S)

struct bench {
    struct fs_alloc alloc;
    size_t bytes, peak_bytes;
    struct model *model;
    int64_t mono_ns;
    uint64_t seq;
};

static void *count_resize(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    struct bench *bench = context;
    if (new_bytes == 0) {
        bench->bytes -= old_bytes;
        free(block);
        return NULL;
    }
    void *grown = realloc(block, new_bytes);
    if (grown != NULL) {
        bench->bytes = bench->bytes - old_bytes + new_bytes;
        bench->peak_bytes = bench->bytes > bench->peak_bytes ? bench->bytes : bench->peak_bytes;
    }
    return grown;
}

/* Processor time: other work on the machine does not count. */
static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void post(struct bench *bench, struct event *event)
{
    event->seq = ++bench->seq;
    event->mono_ns = bench->mono_ns;
    event->at_ns = bench->mono_ns;
    model_apply(bench->model, event);
}

static void print_cost(const char *what, int64_t passed_ns, uint64_t count)
{
    printf("%-34s %8.1f ms, %7.2f us each of %llu\n", what, (double)passed_ns / 1e6,
           (double)passed_ns / 1e3 / (double)count, (unsigned long long)count);
}

static void answer(struct bench *bench, const char *server, const char *cluster)
{
    struct event event = {.type = EVT_SERVER};
    event.u.server = (struct evt_server){.server = server,
                                         .id = server,
                                         .cluster = cluster,
                                         .via = cluster,
                                         .kind = ASK_STREAMS,
                                         .has_jetstream = true};
    post(bench, &event);
}

static void answer_all(struct bench *bench)
{
    static const char *const servers[] = {"rg1-n1", "rg1-n2", "rg1-n3", "rg2-n1",
                                          "rg2-n2", "rg2-n3", "rg3-n1"};
    static const char *const clusters[] = {"rg1", "rg2", "rg3"};
    for (size_t i = 0; i < 7; i++) {
        answer(bench, servers[i], clusters[i / 3]);
    }
}

static void sample(struct bench *bench, const char *stream, bool is_mirror, uint64_t last_seq)
{
    struct event event = {.type = EVT_STREAM};
    event.u.stream = (struct evt_stream){.server = is_mirror ? "rg2-n1" : "rg1-n1",
                                         .cluster = is_mirror ? "rg2" : "rg1",
                                         .account = "APP",
                                         .stream = stream,
                                         .is_leader = true,
                                         .msgs = (int64_t)last_seq,
                                         .first_seq = 1,
                                         .last_seq = last_seq,
                                         .created_ns = 1};
    post(bench, &event);
}

static void play_round(struct bench *bench, uint64_t round)
{
    char origin[32];
    char mirror[32];
    answer_all(bench);
    for (unsigned i = 0; i < MIRRORS; i++) {
        (void)snprintf(origin, sizeof(origin), "STREAM_%05u", i);
        sample(bench, origin, false, round * (100 + i % 400));
    }
    for (unsigned i = 0; i < MIRRORS; i++) {
        (void)snprintf(origin, sizeof(origin), "STREAM_%05u", i);
        (void)snprintf(mirror, sizeof(mirror), "STREAM_%05u_MIRROR", i);
        sample(bench, mirror, true, round * (100 + i % 400));
        struct event event = {.type = EVT_MIRROR};
        event.u.mirror = (struct evt_mirror){.server = "rg2-n1",
                                             .cluster = "rg2",
                                             .account = "APP",
                                             .stream = mirror,
                                             .origin = origin,
                                             .active_ns = NS_PER_MS};
        post(bench, &event);
    }
}

static void play_configs(struct bench *bench)
{
    char name[32];
    char raw[600];
    memset(raw, 'c', sizeof(raw));
    raw[sizeof(raw) - 1] = '\0';
    for (unsigned i = 0; i < MIRRORS; i++) {
        struct event event = {.type = EVT_STREAM_CONFIG};
        (void)snprintf(name, sizeof(name), "STREAM_%05u", i);
        raw[0] = (char)('a' + i % 26);
        event.u.stream_config = (struct evt_stream_config){
            .server = "rg1-n1", .cluster = "rg1", .account = "APP", .stream = name, .raw = raw};
        post(bench, &event);
    }
}

static void bench_rounds(struct bench *bench)
{
    int64_t begin = clock_ns();
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        bench->mono_ns += ROUND_NS;
        play_round(bench, round);
    }
    print_cost("streams and mirrors", clock_ns() - begin, (uint64_t)ROUNDS * (3 * MIRRORS + 7));
    printf("%-34s %8.1f MiB, peak %.1f MiB\n", "memory, 10,000 mirrors",
           (double)bench->bytes / 1048576, (double)bench->peak_bytes / 1048576);
    begin = clock_ns();
    play_configs(bench);
    print_cost("raw configs of 600 bytes", clock_ns() - begin, MIRRORS);
    printf("%-34s %8.1f MiB\n", "memory with them", (double)bench->bytes / 1048576);
}

static void bench_reads(struct bench *bench)
{
    int64_t longest = 0;
    int64_t begin = clock_ns();
    for (unsigned i = 0; i < 60; i++) {
        struct event tick = {.type = EVT_TICK};
        bench->mono_ns += NS_PER_S;
        int64_t one = clock_ns();
        post(bench, &tick);
        one = clock_ns() - one;
        longest = one > longest ? one : longest;
    }
    print_cost("ticks that judge all", clock_ns() - begin, 60);
    printf("%-34s %8.2f ms\n", "longest tick (all change at once)", (double)longest / 1e6);
    begin = clock_ns();
    for (size_t i = 0; i < view_mirrors(bench->model); i++) {
        struct mirror_view view;
        view_mirror(bench->model, i, &view);
    }
    print_cost("mirrors read", clock_ns() - begin, MIRRORS);
    begin = clock_ns();
    printf("%-34s %016llx\n", "digest", (unsigned long long)model_digest(bench->model));
    print_cost("digest", clock_ns() - begin, 1);
}

int main(void)
{
    struct bench bench = {.alloc = {.resize = count_resize}};
    bench.alloc.context = &bench;
    bench.model = model_create(&bench.alloc, NULL);
    if (bench.model == NULL) {
        return 1;
    }
    for (unsigned i = 1; i <= 3; i++) {
        char name[8];
        struct event event = {.type = EVT_REGION};
        (void)snprintf(name, sizeof(name), "rg%u", i);
        event.u.region.region = name;
        post(&bench, &event);
    }
    bench_rounds(&bench);
    bench_reads(&bench);
    struct model_overflow overflow = model_overflow(bench.model);
    printf("%-34s %zu mirrors; overflow of mirrors %llu, texts %llu\n", "shown",
           view_mirrors(bench.model), (unsigned long long)overflow.mirrors,
           (unsigned long long)overflow.texts);
    model_destroy(bench.model);
    return bench.bytes == 0 ? 0 : 1;
}
