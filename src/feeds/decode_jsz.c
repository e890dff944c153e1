/*
 * decode_jsz.c - JSZ: the meta group and every stream of a server.
 *
 * Why:   one reply may be megabytes and thousands of streams; no tree is ever built of it.
 * How:   members are decoded where they stand when what they need came before (it always does in
 *        real replies), else their span is read at the end of the object.
 * Rules: only a server that names itself leader is believed about the peers: followers of 2.15 list
 *        their own view.
 * See:   src/feeds/decode_stream.c; nats-server server/monitor.go Jsz
 */
#include "decode.h"

#include <string.h>

struct jsz {
    struct decode *decode;
    int64_t streams; /* put */
    bool has_other_leaders;
    bool is_cut;
    int64_t accounts;
    int64_t accounts_total; /* -1 not said */
};

/* ---- meta_cluster ---- */

struct meta {
    char leader[DECODE_NAME_BYTES];
    bool is_leader;
    int64_t size;
    int64_t quorum_needed;
    int64_t pending;
    int64_t peers;
};

static void read_peer(const struct decode *decode, struct json_reader *in, struct meta *meta)
{
    char peer[DECODE_NAME_BYTES] = "";
    struct event event = {.type = EVT_META_PEER,
                          .u.meta_peer = {.server = decode->result->server.name, .peer = peer}};
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, peer);
        } else if (json_key_is(in, "current")) {
            json_read_bool(in, &event.u.meta_peer.is_current);
        } else if (json_key_is(in, "offline")) {
            json_read_bool(in, &event.u.meta_peer.is_offline);
        } else if (json_key_is(in, "active")) {
            json_read_i64(in, &event.u.meta_peer.active_ns);
        } else if (json_key_is(in, "lag")) {
            json_read_i64(in, &event.u.meta_peer.lag);
        } else {
            json_skip(in);
        }
    }
    if (!in->has_failed && peer[0] != '\0' && meta->peers < DECODE_PEERS) {
        decode_put(decode, &event);
        meta->peers++;
    }
}

static void read_peers(const struct decode *decode, struct json_reader *in, struct meta *meta)
{
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        if (token == JSON_OBJECT) {
            read_peer(decode, in, meta);
        } else {
            json_skip_rest(in, token);
        }
    }
}

static void put_meta(const struct decode *decode, const struct meta *meta)
{
    const struct decode_server *server = &decode->result->server;
    decode_put(decode, &(struct event){.type = EVT_META,
                                       .u.meta = {
                                           .server = server->name,
                                           .cluster = decode_text_or_null(server->cluster),
                                           .leader = decode_text_or_null(meta->leader),
                                           .is_leader = meta->is_leader,
                                           .size = meta->size,
                                           .quorum_needed = meta->quorum_needed,
                                           .pending = meta->pending,
                                           .peers = meta->peers,
                                       }});
}

static void read_meta(const struct decode *decode, struct json_reader *in)
{
    struct meta meta;
    const char *peers = NULL;
    size_t peers_bytes = 0;
    memset(&meta, 0, sizeof(meta));
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "leader")) {
            decode_name(in, meta.leader);
        } else if (json_key_is(in, "replicas")) {
            json_read_raw(in, &peers, &peers_bytes);
        } else if (json_key_is(in, "cluster_size")) {
            json_read_i64(in, &meta.size);
        } else if (json_key_is(in, "quorum_needed")) {
            json_read_i64(in, &meta.quorum_needed);
        } else if (json_key_is(in, "pending")) {
            json_read_i64(in, &meta.pending);
        } else {
            json_skip(in);
        }
    }
    if (in->has_failed) {
        return;
    }
    meta.is_leader =
        meta.leader[0] != '\0' && strcmp(meta.leader, decode->result->server.name) == 0;
    if (meta.is_leader && peers != NULL) {
        struct json_reader list;
        json_begin(&list, peers, peers_bytes);
        read_peers(decode, &list, &meta);
    }
    put_meta(decode, &meta);
}

/* ---- account_details ---- */

static void read_streams(struct jsz *jsz, struct json_reader *in, const char *account)
{
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        bool is_leader = false;
        if (token != JSON_OBJECT || jsz->streams >= DECODE_STREAMS) {
            jsz->is_cut = jsz->is_cut || token == JSON_OBJECT;
            json_skip_rest(in, token);
        } else if (decode_stream(jsz->decode, in, account, &is_leader)) {
            jsz->streams++;
            jsz->has_other_leaders = jsz->has_other_leaders || !is_leader;
        }
    }
}

/* One account; in stands inside. */
static void read_account(struct jsz *jsz, struct json_reader *in)
{
    char account[DECODE_NAME_BYTES] = "";
    const char *streams = NULL;
    size_t streams_bytes = 0;
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, account);
        } else if (json_key_is(in, "stream_detail") && account[0] != '\0') {
            read_streams(jsz, in, account);
        } else if (json_key_is(in, "stream_detail")) {
            json_read_raw(in, &streams, &streams_bytes);
        } else {
            json_skip(in);
        }
    }
    if (!in->has_failed && streams != NULL && account[0] != '\0') {
        struct json_reader list;
        json_begin(&list, streams, streams_bytes);
        read_streams(jsz, &list, account);
    }
    jsz->accounts++;
}

static void read_accounts(struct jsz *jsz, struct json_reader *in)
{
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        if (token == JSON_OBJECT) {
            read_account(jsz, in);
        } else {
            json_skip_rest(in, token);
        }
    }
}

static void put_streams(const struct jsz *jsz, bool has_failed)
{
    const struct decode *decode = jsz->decode;
    const struct decode_server *server = &decode->result->server;
    bool is_complete = !has_failed && !jsz->is_cut && jsz->accounts >= jsz->accounts_total;
    decode_put(decode, &(struct event){.type = EVT_STREAMS,
                                       .u.streams = {
                                           .server = server->name,
                                           .cluster = decode_text_or_null(server->cluster),
                                           .streams = jsz->streams,
                                           .is_leaders_only = decode->context->asked_leaders_only &&
                                                              !jsz->has_other_leaders,
                                           .has_config = decode->context->kind == ASK_CONFIGS,
                                           .is_complete = is_complete,
                                       }});
}

void decode_jsz(struct decode *decode, struct json_reader *in)
{
    struct jsz jsz = {.decode = decode, .accounts_total = -1};
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "meta_cluster")) {
            read_meta(decode, in);
        } else if (json_key_is(in, "account_details")) {
            read_accounts(&jsz, in);
        } else if (json_key_is(in, "streams")) {
            json_read_i64(in, &decode->result->streams);
        } else if (json_key_is(in, "total")) {
            json_read_i64(in, &jsz.accounts_total);
        } else {
            json_skip(in);
        }
    }
    if (decode->context->kind != ASK_META) {
        put_streams(&jsz, in->has_failed);
    }
}
