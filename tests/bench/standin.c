/*
 * standin.c - many streams and mirrors without the machines that they need.
 *
 * Why:   10,000 R3 mirrors do not fit a test machine; the console must be measured with them.
 * How:   a client of the system account of a real nats-server answers the PING requests as so many
 *        servers of two clusters, in the shape of nats-server 2.15.2: origins in the first cluster,
 *        their mirrors in the second, sequences that go on with time. Honours cluster, accounts,
 *        streams, config and stream_leader_only as the real one does.
 *        standin URL USER SERVERS STREAMS SECONDS ; clusters are named big1 and big2.
 * Rules: the nats-server beside it needs max_payload 64MB (real replies are not bound by it).
 * See:   tests/integration/feed.py, which checks the feed against both
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nats/nats.h>

#include "farshore/base/duration.h"
#include "farshore/base/strbuf.h"
#include "farshore/core/json.h"
#include "farshore/net/clock.h"

#define CLUSTERS 2

struct standin {
    int servers; /* a cluster */
    int streams;
    int64_t start_ns; /* UTC */
    natsConnection *connection;
};

enum endpoint {
    ENDPOINT_JSZ,
    ENDPOINT_GATEWAYZ,
    ENDPOINT_STATSZ,
    ENDPOINT_VARZ
};

/* What a question asks for. */
struct question {
    char cluster[128];
    bool is_exact;
    bool has_accounts;
    bool has_streams;
    bool has_config;
    bool is_leaders_only;
};

static const char *const cluster_names[CLUSTERS] = {"big1", "big2"};

static void read_question(const char *text, size_t length, struct question *out)
{
    struct json_reader in;
    memset(out, 0, sizeof(*out));
    json_begin(&in, text, length);
    if (length == 0 || !json_enter_object(&in)) {
        return;
    }
    while (json_key(&in)) {
        if (json_key_is(&in, "cluster")) {
            json_read_text(&in, out->cluster, sizeof(out->cluster));
        } else if (json_key_is(&in, "exact_match")) {
            json_read_bool(&in, &out->is_exact);
        } else if (json_key_is(&in, "accounts")) {
            json_read_bool(&in, &out->has_accounts);
        } else if (json_key_is(&in, "streams")) {
            json_read_bool(&in, &out->has_streams);
        } else if (json_key_is(&in, "config")) {
            json_read_bool(&in, &out->has_config);
        } else if (json_key_is(&in, "stream_leader_only")) {
            json_read_bool(&in, &out->is_leaders_only);
        } else {
            json_skip(&in);
        }
    }
}

static bool is_asked(const struct question *question, int cluster)
{
    const char *name = cluster_names[cluster];
    if (question->cluster[0] == '\0') {
        return true;
    }
    return question->is_exact ? strcmp(name, question->cluster) == 0
                              : strstr(name, question->cluster) != NULL;
}

/* "2026-11-24T00:19:10.218Z" */
static void put_time(struct strbuf *out, int64_t at_ns)
{
    char text[DURATION_TEXT_BYTES];
    (void)time_print_iso(text, at_ns);
    strbuf_printf(out, "\"%s\"", text);
}

static void put_envelope(struct strbuf *out, int cluster, int server)
{
    strbuf_printf(
        out,
        "{\"server\":{\"name\":\"%s-n%d\",\"host\":\"127.0.0.1\",\"id\":"
        "\"NSTANDIN%d%03dAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"cluster\":\"%s\","
        "\"ver\":\"2.15.2\",\"jetstream\":true,\"flags\":7,\"seq\":%lld,\"time\":",
        cluster_names[cluster], server + 1, cluster, server, cluster_names[cluster],
        (long long)(clock_wall_ns() / NS_PER_MS));
    put_time(out, clock_wall_ns());
    strbuf_put(out, "}");
}

/* ---- JSZ ---- */

static void put_replicas(const struct standin *standin, struct strbuf *out, int cluster, int leader)
{
    bool is_first = true;
    strbuf_put(out, "\"replicas\":[");
    for (int i = 0; i < standin->servers; i++) {
        if (i != leader) {
            strbuf_printf(out,
                          "%s{\"name\":\"%s-n%d\",\"current\":true,\"active\":%d,\"peer\":"
                          "\"peer%d%03d\"}",
                          is_first ? "" : ",", cluster_names[cluster], i + 1, 105000000 + i,
                          cluster, i);
            is_first = false;
        }
    }
    strbuf_put(out, "]");
}

static void put_stream_config(struct strbuf *out, int cluster, int stream)
{
    strbuf_printf(out, ",\"config\":{\"name\":\"S%05d%s\",", stream, cluster == 0 ? "" : "_MIRROR");
    if (cluster == 0) {
        strbuf_printf(out, "\"subjects\":[\"s%05d.>\"],", stream);
    }
    strbuf_put(out,
               "\"retention\":\"limits\",\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,"
               "\"max_age\":0,\"max_msgs_per_subject\":-1,\"max_msg_size\":-1,\"discard\":"
               "\"old\",\"storage\":\"file\",\"num_replicas\":3,\"duplicate_window\":"
               "120000000000,");
    if (cluster == 1) {
        strbuf_printf(out, "\"mirror\":{\"name\":\"S%05d\"},", stream);
    }
    strbuf_put(out, "\"compression\":\"none\",\"allow_direct\":false,\"mirror_direct\":false,"
                    "\"sealed\":false,\"deny_delete\":false,\"deny_purge\":false,"
                    "\"allow_rollup_hdrs\":false,\"consumer_limits\":{},\"allow_msg_ttl\":false,"
                    "\"metadata\":{\"_nats.req.level\":\"0\"}}");
}

/* Messages a stream holds now: a few hundred a second at most, some none. */
static int64_t messages_of(const struct standin *standin, int stream)
{
    int64_t elapsed_ms = (clock_wall_ns() - standin->start_ns) / NS_PER_MS;
    return 1000 + elapsed_ms * (stream % 50) / 1000;
}

static void put_stream(const struct standin *standin, struct strbuf *out, int cluster, int server,
                       int stream, bool has_config)
{
    int leader = stream % standin->servers;
    int64_t messages = messages_of(standin, stream);
    int64_t now_ns = clock_wall_ns();
    strbuf_printf(out, "{\"name\":\"S%05d%s\",\"created\":", stream, cluster == 0 ? "" : "_MIRROR");
    put_time(out, standin->start_ns);
    strbuf_printf(
        out,
        ",\"cluster\":{\"name\":\"%s\",\"raft_group\":\"S-R3F-%08d\",\"leader\":\"%s-n%d\","
        "\"system_account\":true,\"traffic_account\":\"SYS\",",
        cluster_names[cluster], stream, cluster_names[cluster], leader + 1);
    put_replicas(standin, out, cluster, leader);
    strbuf_put(out, "}");
    if (has_config) {
        put_stream_config(out, cluster, stream);
    }
    strbuf_printf(out, ",\"state\":{\"messages\":%lld,\"bytes\":%lld,\"first_seq\":1,\"first_ts\":",
                  (long long)messages, (long long)messages * 512);
    put_time(out, standin->start_ns);
    strbuf_printf(out, ",\"last_seq\":%lld,\"last_ts\":", (long long)messages);
    put_time(out, now_ns);
    strbuf_put(out, ",\"num_subjects\":1,\"consumer_count\":0}");
    if (cluster == 1 && server == leader) {
        strbuf_printf(out, ",\"mirror\":{\"name\":\"S%05d\",\"lag\":0,\"active\":%lld}", stream,
                      (long long)((now_ns / 1000 + stream * 977) % 1000000 * 1000));
    }
    strbuf_put(out, "}");
}

static void put_streams(const struct standin *standin, struct strbuf *out, int cluster, int server,
                        const struct question *question)
{
    bool is_first = true;
    strbuf_put(out, ",\"account_details\":[{\"name\":\"APP\",\"id\":\"APP\",\"memory\":0,"
                    "\"storage\":135000,\"reserved_memory\":18446744073709551615,"
                    "\"reserved_storage\":18446744073709551615,\"accounts\":0,\"ha_assets\":0,"
                    "\"api\":{\"level\":0,\"total\":6,\"errors\":0}");
    if (question->has_streams) {
        strbuf_put(out, ",\"stream_detail\":[");
        for (int stream = 0; stream < standin->streams; stream++) {
            if (question->is_leaders_only && stream % standin->servers != server) {
                continue;
            }
            strbuf_put(out, is_first ? "" : ",");
            put_stream(standin, out, cluster, server, stream, question->has_config);
            is_first = false;
        }
        strbuf_put(out, "]");
    }
    strbuf_put(out, "}],\"total\":1");
}

static void put_jsz(const struct standin *standin, struct strbuf *out, int cluster, int server,
                    const struct question *question)
{
    strbuf_put(out, ",\"data\":{\"memory\":0,\"storage\":22500,\"accounts\":1,\"ha_assets\":3,"
                    "\"api\":{\"level\":5,\"total\":0,\"errors\":0},\"server_id\":\"N\",\"now\":");
    put_time(out, clock_wall_ns());
    strbuf_printf(out, ",\"streams\":%d,\"consumers\":0,\"messages\":500,\"bytes\":22500,",
                  standin->streams);
    strbuf_printf(out,
                  "\"meta_cluster\":{\"name\":\"%s\",\"leader\":\"big2-n1\",\"peer\":\"p\","
                  "\"cluster_size\":%d,\"quorum_needed\":%d,\"pending\":0",
                  cluster_names[cluster], CLUSTERS * standin->servers,
                  CLUSTERS * standin->servers / 2 + 1);
    if (cluster == 1 && server == 0) {
        strbuf_put(out, ",\"replicas\":[");
        for (int i = 1; i < CLUSTERS * standin->servers; i++) {
            int other = i < standin->servers ? 1 : 0;
            strbuf_printf(out,
                          "%s{\"name\":\"%s-n%d\",\"current\":true,\"active\":400000000,\"peer\":"
                          "\"p%d\"}",
                          i == 1 ? "" : ",", cluster_names[other],
                          other == 1 ? i + 1 : i - standin->servers + 1, i);
        }
        strbuf_put(out, "]");
    }
    strbuf_put(out, "}");
    if (question->has_accounts) {
        put_streams(standin, out, cluster, server, question);
    }
    strbuf_put(out, "}}");
}

/* ---- the small ones ---- */

static void put_gatewayz(struct strbuf *out, int cluster)
{
    const char *other = cluster_names[1 - cluster];
    strbuf_put(out, ",\"data\":{\"server_id\":\"N\",\"now\":");
    put_time(out, clock_wall_ns());
    strbuf_printf(
        out,
        ",\"name\":\"%s\",\"host\":\"127.0.0.1\",\"port\":7222,\"outbound_gateways\":{"
        "\"%s\":{\"configured\":true,\"connection\":{\"cid\":11,\"kind\":\"Gateway\",\"rtt\":"
        "\"87\xc2\xb5s\",\"uptime\":\"26s\",\"idle\":\"0s\",\"pending_bytes\":0,\"in_msgs\":0,"
        "\"out_msgs\":424,\"in_bytes\":0,\"out_bytes\":56384,\"name\":\"NPEER\"}}},"
        "\"inbound_gateways\":{}}}",
        cluster_names[cluster], other);
}

static void put_statsz(struct strbuf *out)
{
    strbuf_put(out, ",\"statsz\":{\"start\":");
    put_time(out, clock_wall_ns() - NS_PER_MINUTE);
    strbuf_put(out, ",\"mem\":23535616,\"cores\":2,\"cpu\":2,\"connections\":1,"
                    "\"subscriptions\":257,\"sent\":{\"msgs\":10,\"bytes\":20},\"received\":{"
                    "\"msgs\":30,\"bytes\":40},\"slow_consumers\":0,\"active_servers\":6}}");
}

static void put_varz(struct strbuf *out, int cluster)
{
    strbuf_printf(
        out,
        ",\"data\":{\"server_id\":\"N\",\"version\":\"2.15.2\",\"gateway\":{\"name\":\"%s\","
        "\"gateways\":[{\"name\":\"%s\",\"urls\":[\"127.0.0.1:1\"]}]},\"start\":",
        cluster_names[cluster], cluster_names[1 - cluster]);
    put_time(out, clock_wall_ns() - NS_PER_MINUTE);
    strbuf_put(out, ",\"mem\":1,\"cpu\":1.5,\"connections\":1,\"in_msgs\":1,\"out_msgs\":2,"
                    "\"in_bytes\":3,\"out_bytes\":4,\"slow_consumers\":0,\"subscriptions\":5}}");
}

static void answer_as(const struct standin *standin, enum endpoint endpoint, const char *reply,
                      int cluster, int server, const struct question *question)
{
    struct strbuf out;
    strbuf_init(&out, alloc_heap());
    put_envelope(&out, cluster, server);
    switch (endpoint) {
    case ENDPOINT_JSZ:
        put_jsz(standin, &out, cluster, server, question);
        break;
    case ENDPOINT_GATEWAYZ:
        put_gatewayz(&out, cluster);
        break;
    case ENDPOINT_STATSZ:
        put_statsz(&out);
        break;
    case ENDPOINT_VARZ:
        put_varz(&out, cluster);
        break;
    }
    natsStatus status =
        natsConnection_Publish(standin->connection, reply, out.text, (int)out.length);
    if (status != NATS_OK) {
        fprintf(stderr, "standin: %zu bytes: %s\n", out.length, natsStatus_GetText(status));
    }
    strbuf_destroy(&out);
}

static void on_question(natsConnection *connection, natsSubscription *subscription, natsMsg *msg,
                        void *closure)
{
    const struct standin *standin = closure;
    static const char *const names[] = {"JSZ", "GATEWAYZ", "STATSZ", "VARZ"};
    const char *name = strrchr(natsMsg_GetSubject(msg), '.') + 1;
    struct question question;
    (void)connection;
    (void)subscription;
    read_question(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg), &question);
    for (int endpoint = 0; endpoint < 4 && natsMsg_GetReply(msg) != NULL; endpoint++) {
        if (strcmp(name, names[endpoint]) != 0) {
            continue;
        }
        for (int cluster = 0; cluster < CLUSTERS; cluster++) {
            for (int i = 0; is_asked(&question, cluster) && i < standin->servers; i++) {
                answer_as(standin, (enum endpoint)endpoint, natsMsg_GetReply(msg), cluster, i,
                          &question);
            }
        }
    }
    natsMsg_Destroy(msg);
}

static natsStatus connect_to(struct standin *standin, const char *url, const char *user)
{
    natsOptions *options = NULL;
    natsStatus status = natsOptions_Create(&options);
    if (status == NATS_OK) {
        status = natsOptions_SetURL(options, url);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetUserInfo(options, user, user);
    }
    if (status == NATS_OK) {
        status = natsConnection_Connect(&standin->connection, options);
    }
    natsOptions_Destroy(options);
    return status;
}

int main(int argc, char **argv)
{
    static const char *const subjects[] = {
        "$SYS.REQ.SERVER.PING.JSZ", "$SYS.REQ.SERVER.PING.GATEWAYZ", "$SYS.REQ.SERVER.PING.STATSZ",
        "$SYS.REQ.SERVER.PING.VARZ"};
    struct standin standin = {.start_ns = clock_wall_ns()};
    natsSubscription *subscriptions[4] = {NULL};
    if (argc != 6) {
        fputs("usage: standin URL USER SERVERS STREAMS SECONDS\n", stderr);
        return 64;
    }
    standin.servers = (int)strtol(argv[3], NULL, 10);
    standin.streams = (int)strtol(argv[4], NULL, 10);
    natsStatus status = connect_to(&standin, argv[1], argv[2]);
    for (int i = 0; i < 4 && status == NATS_OK; i++) {
        status = natsConnection_Subscribe(&subscriptions[i], standin.connection, subjects[i],
                                          on_question, &standin);
    }
    if (status != NATS_OK) {
        fprintf(stderr, "standin: %s\n", natsStatus_GetText(status));
        return 1;
    }
    puts("ready");
    fflush(stdout);
    sleep((unsigned)strtoul(argv[5], NULL, 10));
    for (int i = 0; i < 4; i++) {
        natsSubscription_Destroy(subscriptions[i]);
    }
    natsConnection_Destroy(standin.connection);
    nats_CloseAndWait(2000);
    return 0;
}
