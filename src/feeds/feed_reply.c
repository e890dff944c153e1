/*
 * feed_reply.c - from a NATS message to events, on nats.c's threads.
 *
 * Why:   a reply of 10,000 streams takes tens of milliseconds to decode; the loop has 5.
 * How:   the inbox token names the question; decode straight from the message's bytes into the
 *        bridge; then one message tells the loop thread about the reply itself.
 * Rules: touches nothing of the loop thread's; shared things under feed->mutex. The time spent here
 *        is counted, so that it is not taken for the server's.
 * See:   src/feeds/decode.h; src/net/bridge.c; docs/ARCHITECTURE.md "Threads"
 */
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "farshore/base/number.h"
#include "farshore/net/clock.h"
#include "feed_impl.h"

#define PUSH_MSGS 4096
#define PUSH_BYTES (8 << 20)
#define SOURCE_BYTES (FEED_NAME_BYTES + 16)
#define NOTE_BYTES 320

enum push {
    PUSH_STATS,
    PUSH_SHUTDOWN,
    PUSH_LAMEDUCK,
    PUSH_ELECTED,
    PUSH_QUORUM_LOST,
};

const struct nats_subscription feed_pushes[FEED_SUBSCRIPTIONS - 1] = {
    [PUSH_STATS] = {"$SYS.SERVER.*.STATSZ", PUSH_MSGS, PUSH_BYTES},
    [PUSH_SHUTDOWN] = {"$SYS.SERVER.*.SHUTDOWN", PUSH_MSGS, PUSH_BYTES},
    [PUSH_LAMEDUCK] = {"$SYS.SERVER.*.LAMEDUCK", PUSH_MSGS, PUSH_BYTES},
    [PUSH_ELECTED] = {"$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.>", PUSH_MSGS, PUSH_BYTES},
    [PUSH_QUORUM_LOST] = {"$JS.EVENT.ADVISORY.STREAM.QUORUM_LOST.>", PUSH_MSGS, PUSH_BYTES},
};

/* ---- things to say ---- */

static void post(struct nats_feed *feed, const struct event *event)
{
    struct bridge_writer writer;
    bridge_writer_begin(&writer, feed->bridge);
    bridge_put(&writer, event);
    bridge_writer_end(&writer);
}

static void post_note(struct feed_region *region, enum severity severity, const char *text)
{
    char source[SOURCE_BYTES];
    (void)snprintf(source, sizeof(source), "nats %s", region->name);
    post(region->feed,
         &(struct event){.type = EVT_NOTE,
                         .u.note = {.severity = severity, .source = source, .text = text}});
}

static void on_state(void *context, const struct nats_conn_report *report)
{
    struct feed_region *region = context;
    atomic_store(&region->is_up, report->state == CONN_UP);
    post(region->feed, &(struct event){.type = EVT_CONN,
                                       .u.conn = {
                                           .region = region->name,
                                           .state = report->state,
                                           .url = report->url,
                                           .server = report->server_id,
                                           .reason = report->reason,
                                       }});
}

static void on_trouble(void *context, enum nats_trouble kind, const char *text, int64_t count)
{
    struct feed_region *region = context;
    char where[SOURCE_BYTES];
    switch (kind) {
    case NATS_TROUBLE_SLOW:
        (void)snprintf(where, sizeof(where), "nats %s queue", region->name);
        post(region->feed,
             &(struct event){.type = EVT_DROP, .u.drop = {.where = where, .count = count}});
        break;
    case NATS_TROUBLE_PERMISSION:
    case NATS_TROUBLE_OTHER:
        post_note(region, SEV_WARN, text);
        break;
    }
}

/* ---- replies ---- */

/* The question that a reply's subject names. */
static bool find_ask(struct nats_feed *feed, const char *subject, struct feed_ask *out)
{
    const char *dot = strrchr(subject, '.');
    uint64_t id = 0;
    if (dot == NULL || !number_parse_u64(dot + 1, strlen(dot + 1), &id) || id == 0) {
        return false;
    }
    pthread_mutex_lock(&feed->mutex);
    *out = feed->asks[id % FEED_ASKS];
    pthread_mutex_unlock(&feed->mutex);
    return out->id == id;
}

static void on_reply(struct feed_region *connection, const struct nats_message *message)
{
    struct nats_feed *feed = connection->feed;
    struct feed_ask ask;
    if (!find_ask(feed, message->subject, &ask)) {
        return; /* older than all that is remembered */
    }
    if (message->length == 0) {
        post_note(connection, SEV_WARN,
                  "nobody answers system requests here: is this user in the system account?");
        return;
    }
    int64_t rtt_ns = message->mono_ns - ask.sent_ns;
    int64_t own_ns = atomic_load(&connection->busy_ns) - ask.busy_ns;
    int64_t net_ns = own_ns > rtt_ns ? 0 : rtt_ns - own_ns;
    struct decode_result result;
    struct bridge_writer writer;
    struct decode_context context = {
        .kind = ask.kind,
        .cluster = feed->regions[ask.region].name,
        .via = connection->name,
        .rtt_ns = rtt_ns,
        .asked_leaders_only = ask.is_leaders_only,
        .keeps_raw = !ask.is_leaders_only,
        .is_origin = feed_is_origin,
        .origin_context = feed,
    };
    bridge_writer_begin(&writer, feed->bridge);
    struct event_sink sink = bridge_writer_sink(&writer);
    decode_reply(message->data, message->length, &context, &sink, &result);
    if (result.has_server && !result.is_foreign) {
        bridge_call(&writer, &(struct bridge_message){
                                 .call = feed_note_reply,
                                 .context = feed,
                                 .words = {(int64_t)ask.id, rtt_ns, net_ns, result.streams}});
    }
    bridge_writer_end(&writer);
}

/* ---- pushes ---- */

/* While the server's own region is connected, that connection's copy is the one that counts. */
static bool is_others_affair(const struct feed_region *connection, const char *cluster)
{
    int home = feed_find_region(connection->feed, cluster);
    return home != FEED_NO_REGION && home != connection->index &&
           atomic_load(&connection->feed->regions[home].is_up);
}

static void on_stats(struct feed_region *connection, const struct nats_message *message)
{
    struct decode_context context = {.kind = ASK_PUSH, .via = connection->name, .rtt_ns = -1};
    struct decode_result result;
    struct bridge_writer writer;
    bridge_writer_begin(&writer, connection->feed->bridge);
    struct event_sink sink = bridge_writer_sink(&writer);
    decode_stats_push(message->data, message->length, &context, &sink, &result);
    if (!result.has_server || is_others_affair(connection, result.server.cluster) ||
        !feed_is_new_push(connection->feed, result.server.id, result.server.seq)) {
        bridge_writer_drop(&writer);
    }
    bridge_writer_end(&writer);
}

static void on_bye(struct feed_region *connection, const struct nats_message *message,
                   enum bye_kind kind)
{
    struct decode_result result;
    struct bridge_writer writer;
    bridge_writer_begin(&writer, connection->feed->bridge);
    struct event_sink sink = bridge_writer_sink(&writer);
    decode_bye(message->data, message->length, kind, &sink, &result);
    if (!result.has_server ||
        !feed_is_new_push(connection->feed, result.server.id, result.server.seq)) {
        bridge_writer_drop(&writer);
    }
    bridge_writer_end(&writer);
}

static void on_advisory(struct feed_region *connection, const struct nats_message *message,
                        enum advisory_kind kind)
{
    struct decode_result result;
    struct bridge_writer writer;
    bridge_writer_begin(&writer, connection->feed->bridge);
    struct event_sink sink = bridge_writer_sink(&writer);
    decode_advisory(message->data, message->length, kind, &sink, &result);
    if (!feed_is_new_advisory(connection->feed, result.identity)) {
        bridge_writer_drop(&writer);
    }
    bridge_writer_end(&writer);
}

static void on_message(void *context, size_t subscription, const struct nats_message *message)
{
    struct feed_region *connection = context;
    if (subscription == 0) {
        on_reply(connection, message);
    } else {
        switch ((enum push)(subscription - 1)) {
        case PUSH_STATS:
            on_stats(connection, message);
            break;
        case PUSH_SHUTDOWN:
            on_bye(connection, message, BYE_SHUTDOWN);
            break;
        case PUSH_LAMEDUCK:
            on_bye(connection, message, BYE_LAMEDUCK);
            break;
        case PUSH_ELECTED:
            on_advisory(connection, message, ADVISORY_LEADER_ELECTED);
            break;
        case PUSH_QUORUM_LOST:
            on_advisory(connection, message, ADVISORY_QUORUM_LOST);
            break;
        }
    }
    atomic_fetch_add(&connection->busy_ns, clock_mono_ns() - message->mono_ns);
}

struct nats_conn_handler feed_handler(struct feed_region *region)
{
    return (struct nats_conn_handler){.context = region,
                                      .on_state = on_state,
                                      .on_message = on_message,
                                      .on_trouble = on_trouble};
}
