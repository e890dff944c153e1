/*
 * feed_watch.c - run the NATS feed against real servers and print what it says.
 *
 * Why:   to look at the feed alone, and to measure it: loop stalls, memory, CPU.
 * How:   feed_watch SECONDS QUIET USER REGION=URL[,URL…]… ; QUIET 1 prints figures only, 0 each
 *        event as a JSON line.
 * Rules: a tool of the tests; not installed.
 * See:   docs/ARCHITECTURE.md "Asking"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <ev.h>

#include "farshore/base/duration.h"
#include "farshore/core/event_codec.h"
#include "farshore/core/event_table.h"
#include "farshore/feeds/nats_feed.h"
#include "farshore/net/clock.h"
#include "farshore/net/nats_lib.h"

#define URLS 8
#define BEAT_S 0.005

struct watch {
    bool is_quiet;
    uint64_t seq;
    int64_t counts[EVENT_TYPES];
    int64_t last_beat_ns;
    int64_t longest_gap_ns; /* of the loop, whatever the reason: also a busy machine */
    int64_t last_cpu_ns;
    int64_t longest_work_ns; /* of the loop thread's own CPU between two beats */
};

static int64_t thread_cpu_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void put(void *context, const struct event *event)
{
    struct watch *watch = context;
    watch->counts[event->type]++;
    if (watch->is_quiet && event->type != EVT_NOTE && event->type != EVT_DROP &&
        event->type != EVT_PACE && event->type != EVT_CONN) {
        return;
    }
    struct event stamped = *event;
    struct strbuf line;
    stamped.seq = ++watch->seq;
    stamped.mono_ns = clock_mono_ns();
    stamped.at_ns = clock_wall_ns();
    strbuf_init(&line, alloc_heap());
    event_encode(&stamped, &line);
    puts(line.text);
    strbuf_destroy(&line);
}

static void on_end(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
    (void)timer;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

/* A timer every 5 ms: how late it is, is how long the loop was held. */
static void on_beat(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    struct watch *watch = timer->data;
    int64_t now_ns = clock_mono_ns();
    int64_t gap_ns = now_ns - watch->last_beat_ns - (int64_t)(BEAT_S * 1e9);
    watch->longest_gap_ns = gap_ns > watch->longest_gap_ns ? gap_ns : watch->longest_gap_ns;
    watch->last_beat_ns = now_ns;
    int64_t cpu_ns = thread_cpu_ns();
    int64_t work_ns = cpu_ns - watch->last_cpu_ns;
    watch->longest_work_ns = work_ns > watch->longest_work_ns ? work_ns : watch->longest_work_ns;
    watch->last_cpu_ns = cpu_ns;
}

/* RssAnon of this process in KiB. */
static long private_kib(void)
{
    char line[256];
    long kib = -1;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "RssAnon: %ld", &kib) == 1) {
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kib;
}

static void print_figures(const struct watch *watch, const struct bridge_figures *bridge)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    for (int type = 0; type < EVENT_TYPES; type++) {
        if (watch->counts[type] > 0) {
            printf("# %s %lld\n", event_info((enum event_type)type)->name,
                   (long long)watch->counts[type]);
        }
    }
    printf("# bridge: events %lld dropped %lld longest turn %lld us most bytes %lld\n",
           (long long)bridge->events, (long long)bridge->dropped,
           (long long)(bridge->longest_ns / NS_PER_US), (long long)bridge->most_bytes);
    int64_t cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                     usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    printf("# loop late at most %lld us, its own work at once at most %lld us\n",
           (long long)(watch->longest_gap_ns / NS_PER_US),
           (long long)(watch->longest_work_ns / NS_PER_US));
    printf("# RssAnon %ld KiB; max RSS %ld KiB; CPU %lld ms\n", private_kib(), usage.ru_maxrss,
           (long long)(cpu_us / 1000));
}

static size_t parse_region(char *word, const char *user, struct nats_feed_region *region,
                           const char *urls[URLS])
{
    char *rest = NULL;
    region->name = strtok_r(word, "=", &rest);
    char *url = strtok_r(NULL, ",", &rest);
    while (url != NULL && region->url_count < URLS) {
        urls[region->url_count++] = url;
        url = strtok_r(NULL, ",", &rest);
    }
    region->urls = urls;
    region->login.user = user;
    region->login.password = user;
    return region->url_count;
}

int main(int argc, char **argv)
{
    static const char *urls[NATS_FEED_REGIONS][URLS];
    struct nats_feed_region regions[NATS_FEED_REGIONS] = {0};
    struct watch watch = {0};
    struct err err = {0};
    struct nats_feed *feed = NULL;
    struct bridge_figures figures;
    if (argc < 5 || argc - 4 > NATS_FEED_REGIONS) {
        fputs("usage: feed_watch SECONDS QUIET USER REGION=URL[,URL]...\n", stderr);
        return 64;
    }
    watch.is_quiet = argv[2][0] == '1';
    for (int i = 4; i < argc; i++) {
        parse_region(argv[i], argv[3], &regions[i - 4], urls[i - 4]);
    }
    struct ev_loop *loop = ev_default_loop(0);
    struct nats_feed_options options = {.loop = loop,
                                        .sink = {.context = &watch, .put = put},
                                        .regions = regions,
                                        .region_count = (size_t)(argc - 4)};
    if (nats_lib_open(&err) != ST_OK || nats_feed_open(&feed, &options, &err) != ST_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    struct ev_timer end;
    struct ev_timer beat;
    ev_timer_init(&end, on_end, strtod(argv[1], NULL), 0.0);
    ev_timer_init(&beat, on_beat, BEAT_S, BEAT_S);
    beat.data = &watch;
    watch.last_beat_ns = clock_mono_ns();
    watch.last_cpu_ns = thread_cpu_ns();
    ev_timer_start(loop, &end);
    ev_timer_start(loop, &beat);
    ev_run(loop, 0);
    nats_feed_read_figures(feed, &figures);
    print_figures(&watch, &figures);
    int64_t began_ns = clock_mono_ns();
    enum fs_status closed = nats_feed_close(feed, 2000);
    enum fs_status ended = nats_lib_close(2000, &err);
    printf("# closed: feed %d, library %d, in %lld ms\n", (int)closed, (int)ended,
           (long long)((clock_mono_ns() - began_ns) / NS_PER_MS));
    ev_loop_destroy(loop);
    return 0;
}
