/*
 * test_feed.c - the NATS feed against real servers: all is seen, a lost region is seen, its return.
 *
 * FS_FEED_REGIONS  "rg1=URL,URL,URL rg2=… rg3=…": 3+3+1 servers with the lab's streams
 * FS_FEED_FAULT    command that ends rg1; FS_FEED_GOODBYES how many goodbyes it makes (0 or 3)
 * FS_FEED_HEAL     command that starts rg1 again
 * Without FS_FEED_REGIONS it is skipped (77). Conditions are awaited, times are not judged.
 */
#include "farshore/feeds/nats_feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>

#include "farshore/base/text.h"
#include "farshore/net/nats_lib.h"

#define REGIONS 3
#define URLS 4
#define SERVERS 16
#define LONGEST_S 60.0

enum phase {
    PHASE_HEALTHY,
    PHASE_LOST,
    PHASE_BACK,
    PHASE_DONE
};

struct server_seen {
    char name[64];
    bool has_gateways;
    bool has_gateway_config;
    bool has_stats;
};

struct watch {
    struct ev_loop *loop;
    enum phase phase;
    struct server_seen servers[SERVERS];
    size_t server_count;
    bool is_named[REGIONS]; /* connected, and the server behind is known by name */
    bool is_lost[REGIONS];
    int64_t replies[REGIONS]; /* of the last window with streams */
    bool is_own_way[REGIONS];
    unsigned mirrors;       /* bit 1 AGENTESE_MIRROR, bit 2 EVENTS_MIRROR */
    unsigned origin_config; /* bit 1 AGENTESE with its raw text, bit 2 EVENTS */
    int64_t peers;          /* as the meta leader lists them */
    int64_t goodbyes;
    int64_t open_parts; /* events of a JSZ reply before the one that closes it */
    char open_server[64];
    bool has_mixed;
    bool has_dropped;
};

static int region_of(const char *name)
{
    if (name == NULL || strncmp(name, "rg", 2) != 0 || name[2] < '1' || name[2] > '3') {
        return -1;
    }
    return name[2] - '1';
}

static struct server_seen *server_of(struct watch *watch, const char *name)
{
    for (size_t i = 0; i < watch->server_count; i++) {
        if (strcmp(watch->servers[i].name, name) == 0) {
            return &watch->servers[i];
        }
    }
    struct server_seen *server = &watch->servers[watch->server_count++ % SERVERS];
    text_copy(server->name, sizeof(server->name), name);
    return server;
}

static void see_conn(struct watch *watch, const struct evt_conn *conn)
{
    int region = region_of(conn->region);
    if (region >= 0) {
        watch->is_named[region] = conn->state == CONN_UP && conn->server != NULL;
        watch->is_lost[region] = conn->state == CONN_LOST;
    }
}

static void see_window(struct watch *watch, const struct evt_window *window)
{
    int region = region_of(window->region);
    if (region >= 0 && (window->kind == ASK_STREAMS || window->kind == ASK_CONFIGS)) {
        watch->replies[region] = window->replies;
        watch->is_own_way[region] = strcmp(window->region, window->via) == 0;
    }
}

static void see_config(struct watch *watch, const struct evt_stream_config *config)
{
    if (config->raw == NULL || config->subjects == NULL) {
        return;
    }
    if (strcmp(config->stream, "AGENTESE") == 0 && strstr(config->raw, "agentese.") != NULL) {
        watch->origin_config |= 1;
    } else if (strcmp(config->stream, "EVENTS") == 0) {
        watch->origin_config |= 2;
    }
}

/* Parts and what closes them come from one server, with nothing of another in between. */
static void see_part(struct watch *watch, const char *server, bool closes)
{
    if (watch->open_parts > 0 && strcmp(watch->open_server, server) != 0) {
        watch->has_mixed = true;
    }
    text_copy(watch->open_server, sizeof(watch->open_server), server);
    watch->open_parts = closes ? 0 : watch->open_parts + 1;
}

static void put(void *context, const struct event *event)
{
    struct watch *watch = context;
    if (event->type == EVT_CONN) {
        see_conn(watch, &event->u.conn);
    } else if (event->type == EVT_WINDOW) {
        see_window(watch, &event->u.window);
    } else if (event->type == EVT_SERVER) {
        (void)server_of(watch, event->u.server.server);
    } else if (event->type == EVT_GATEWAYS) {
        server_of(watch, event->u.gateways.server)->has_gateways = event->u.gateways.outbound == 2;
    } else if (event->type == EVT_GATEWAY_CONFIG) {
        server_of(watch, event->u.gateway_config.server)->has_gateway_config = true;
    } else if (event->type == EVT_STATS) {
        server_of(watch, event->u.stats.server)->has_stats = true;
    } else if (event->type == EVT_STREAM) {
        see_part(watch, event->u.stream.server, false);
    } else if (event->type == EVT_STREAMS) {
        see_part(watch, event->u.streams.server, true);
    } else if (event->type == EVT_MIRROR) {
        watch->mirrors |= strcmp(event->u.mirror.stream, "AGENTESE_MIRROR") == 0 ? 1 : 0;
        watch->mirrors |= strcmp(event->u.mirror.stream, "EVENTS_MIRROR") == 0 ? 2 : 0;
    } else if (event->type == EVT_STREAM_CONFIG) {
        see_config(watch, &event->u.stream_config);
    } else if (event->type == EVT_META && event->u.meta.is_leader) {
        watch->peers = event->u.meta.peers;
    } else if (event->type == EVT_BYE) {
        watch->goodbyes++;
    } else if (event->type == EVT_DROP) {
        watch->has_dropped = true;
    } else if (event->type == EVT_NOTE) {
        printf("note: %s: %s\n", event->u.note.source, event->u.note.text);
    }
}

static bool is_healthy(const struct watch *watch)
{
    bool is_whole = watch->server_count == 7 && watch->mirrors == 3 && watch->origin_config == 3 &&
                    watch->peers == 6 && watch->replies[0] == 3 && watch->replies[1] == 3 &&
                    watch->replies[2] == 1;
    for (int i = 0; i < REGIONS; i++) {
        is_whole = is_whole && watch->is_named[i] && watch->is_own_way[i];
    }
    for (size_t i = 0; i < watch->server_count && is_whole; i++) {
        const struct server_seen *server = &watch->servers[i];
        is_whole = server->has_gateways && server->has_gateway_config && server->has_stats;
    }
    return is_whole;
}

static long number_of(const char *variable)
{
    const char *text = getenv(variable);
    return text == NULL ? 0 : strtol(text, NULL, 10);
}

static void run(const char *variable)
{
    const char *command = getenv(variable);
    if (command == NULL || system(command) != 0) { /* NOLINT: the test's own command */
        fprintf(stderr, "%s failed\n", variable);
        exit(1);
    }
}

static void on_look(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
    struct watch *watch = timer->data;
    (void)revents;
    switch (watch->phase) {
    case PHASE_HEALTHY:
        if (is_healthy(watch)) {
            puts("healthy");
            watch->phase = PHASE_LOST;
            run("FS_FEED_FAULT");
        }
        break;
    case PHASE_LOST:
        if (watch->is_lost[0] && watch->replies[0] == 0 && !watch->is_own_way[0] &&
            watch->replies[1] == 3 && watch->goodbyes == number_of("FS_FEED_GOODBYES")) {
            puts("lost");
            watch->phase = PHASE_BACK;
            run("FS_FEED_HEAL");
        }
        break;
    case PHASE_BACK:
        if (is_healthy(watch)) {
            puts("back");
            watch->phase = PHASE_DONE;
            ev_break(loop, EVBREAK_ALL);
        }
        break;
    case PHASE_DONE:
        break;
    }
}

static void on_too_long(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
    const struct watch *watch = timer->data;
    (void)revents;
    fprintf(stderr,
            "phase %d: servers %zu mirrors %u configs %u peers %lld replies %lld %lld %lld "
            "own way %d lost %d goodbyes %lld\n",
            (int)watch->phase, watch->server_count, watch->mirrors, watch->origin_config,
            (long long)watch->peers, (long long)watch->replies[0], (long long)watch->replies[1],
            (long long)watch->replies[2], watch->is_own_way[0], watch->is_lost[0],
            (long long)watch->goodbyes);
    ev_break(loop, EVBREAK_ALL);
}

static void parse_regions(char *words, struct nats_feed_region regions[REGIONS],
                          const char *urls[REGIONS][URLS])
{
    char *rest = NULL;
    char *word = strtok_r(words, " ", &rest);
    for (int i = 0; i < REGIONS && word != NULL; i++) {
        char *inner = NULL;
        regions[i].name = strtok_r(word, "=", &inner);
        for (char *url = strtok_r(NULL, ",", &inner); url != NULL && regions[i].url_count < URLS;
             url = strtok_r(NULL, ",", &inner)) {
            urls[i][regions[i].url_count++] = url;
        }
        regions[i].urls = urls[i];
        regions[i].login = (struct nats_login){.user = "view", .password = "view"};
        word = strtok_r(NULL, " ", &rest);
    }
}

static int run_feed(const struct nats_feed_region regions[REGIONS])
{
    struct ev_loop *loop = ev_default_loop(0);
    struct watch watch = {.loop = loop};
    struct nats_feed_options options = {.loop = loop,
                                        .sink = {.context = &watch, .put = put},
                                        .regions = regions,
                                        .region_count = REGIONS};
    struct err err = {0};
    struct nats_feed *feed = NULL;
    struct ev_timer look;
    struct ev_timer too_long;
    if (nats_lib_open(&err) != ST_OK || nats_feed_open(&feed, &options, &err) != ST_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    ev_timer_init(&look, on_look, 0.05, 0.05);
    ev_timer_init(&too_long, on_too_long, LONGEST_S, 0.0);
    look.data = &watch;
    too_long.data = &watch;
    ev_timer_start(loop, &look);
    ev_timer_start(loop, &too_long);
    ev_run(loop, 0);
    ev_timer_stop(loop, &look);
    ev_timer_stop(loop, &too_long);
    enum fs_status closed = nats_feed_close(feed, 5000);
    enum fs_status ended = nats_lib_close(5000, &err);
    ev_loop_destroy(loop);
    printf("closed %d %d, mixed %d, dropped %d\n", (int)closed, (int)ended, watch.has_mixed,
           watch.has_dropped);
    bool is_good = watch.phase == PHASE_DONE && closed == ST_OK && ended == ST_OK &&
                   !watch.has_mixed && !watch.has_dropped;
    return is_good ? 0 : 1;
}

int main(void)
{
    static const char *urls[REGIONS][URLS];
    struct nats_feed_region regions[REGIONS] = {0};
    const char *words = getenv("FS_FEED_REGIONS");
    char *copy = words == NULL ? NULL : strdup(words);
    if (copy == NULL) {
        return 77;
    }
    parse_regions(copy, regions, urls);
    int result = run_feed(regions);
    free(copy);
    return result;
}
