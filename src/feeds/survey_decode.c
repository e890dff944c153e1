/*
 * survey_decode.c - replies to a survey's questions into facts.
 *
 * Why:   whether a failover would work hangs on what the once-a-second feed does not carry:
 *        retention, metadata, consumers, stores, limits, permissions.
 * How:   the same pull reader as the feed's decoders; a stream is one row of facts.
 * Rules: numbers stay integers; unknown members are passed over; what is missing stays -1 or NULL.
 * See:   nats-server server/monitor.go JSInfo, StreamDetail; natscli's io.nats.monitor.* metadata
 */
#include "survey_decode.h"

#include <string.h>

#include "decode.h"

/* ---- envelopes ---- */

static void read_server(struct json_reader *in, struct survey_server *out)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            json_read_text(in, out->name, sizeof(out->name));
        } else if (json_key_is(in, "cluster")) {
            json_read_text(in, out->cluster, sizeof(out->cluster));
        } else if (json_key_is(in, "jetstream")) {
            json_read_bool(in, &out->has_jetstream);
        } else if (json_key_is(in, "time")) {
            decode_time(in, &out->time_ns);
        } else {
            json_skip(in);
        }
    }
}

/* statsz: jetstream: stats: ha_assets. */
static void read_assets(struct json_reader *in, const char *const *path, int64_t *out)
{
    if (path[0] == NULL) {
        json_read_i64(in, out);
        return;
    }
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, path[0])) {
            read_assets(in, path + 1, out);
        } else {
            json_skip(in);
        }
    }
}

bool survey_decode_ping(const char *text, size_t length, struct survey_server *out)
{
    static const char *const path[] = {"jetstream", "stats", "ha_assets", NULL};
    struct json_reader in;
    memset(out, 0, sizeof(*out));
    json_begin(&in, text, length);
    if (json_next(&in) != JSON_OBJECT) {
        return false;
    }
    while (json_key(&in)) {
        if (json_key_is(&in, "server")) {
            read_server(&in, out);
        } else if (json_key_is(&in, "statsz")) {
            read_assets(&in, path, &out->assets);
        } else {
            json_skip(&in);
        }
    }
    return !in.has_failed && out->name[0] != '\0';
}

/* ---- a whole JSZ reply ---- */

struct jsz {
    struct ready_facts *facts;
    struct survey_server server;
    const char *region;
    int64_t used, reserved, limit;
};

static void read_streams(struct jsz *jsz, struct json_reader *in, const char *account)
{
    const struct survey_place place = {jsz->facts, jsz->server.name, jsz->region, account};
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        if (token == JSON_OBJECT) {
            survey_add_stream(in, &place);
        } else {
            json_skip_rest(in, token);
        }
    }
}

static void read_account(struct jsz *jsz, struct json_reader *in)
{
    char account[SURVEY_TEXT_BYTES] = "";
    const char *streams = NULL;
    size_t count = 0;
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            json_read_text(in, account, sizeof(account));
        } else if (json_key_is(in, "stream_detail")) {
            json_read_raw(in, &streams, &count);
        } else {
            json_skip(in);
        }
    }
    if (!in->has_failed && streams != NULL && account[0] != '\0') {
        struct json_reader list;
        json_begin(&list, streams, count);
        read_streams(jsz, &list, ready_text(jsz->facts, account));
        in->has_failed = in->has_failed || list.has_failed;
    }
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

static void read_store_limit(struct jsz *jsz, struct json_reader *in)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "max_storage")) {
            json_read_i64(in, &jsz->limit);
        } else {
            json_skip(in);
        }
    }
}

static void read_data(struct jsz *jsz, struct json_reader *in)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "storage")) {
            json_read_i64(in, &jsz->used);
        } else if (json_key_is(in, "reserved_storage")) {
            json_read_i64(in, &jsz->reserved);
        } else if (json_key_is(in, "config")) {
            read_store_limit(jsz, in);
        } else if (json_key_is(in, "account_details")) {
            read_accounts(jsz, in);
        } else {
            json_skip(in);
        }
    }
}

static void keep_store(const struct jsz *jsz)
{
    struct ready_facts *facts = jsz->facts;
    struct ready_server *row = NULL;
    for (uint32_t i = 0; i < facts->server_count; i++) {
        if (strcmp(facts->servers[i].name, jsz->server.name) == 0) {
            row = &facts->servers[i];
        }
    }
    if (row == NULL) {
        const char *name = ready_text(facts, jsz->server.name);
        row = name != NULL ? ready_add_server(facts) : NULL;
        if (row == NULL) {
            return;
        }
        row->name = name;
        row->region = jsz->region;
    }
    row->has_jetstream = true;
    row->has_store = jsz->limit > 0;
    row->store_used_bytes = jsz->used;
    row->store_reserved_bytes = jsz->reserved;
    row->store_limit_bytes = jsz->limit;
}

bool survey_decode_jsz(const char *text, size_t length, const char *cluster,
                       struct ready_facts *facts)
{
    struct jsz jsz = {.facts = facts, .limit = -1};
    struct json_reader in;
    bool has_data = false;
    if (!survey_decode_ping(text, length, &jsz.server) ||
        strcmp(jsz.server.cluster, cluster) != 0) {
        return false;
    }
    jsz.region = ready_text(facts, cluster);
    json_begin(&in, text, length);
    if (jsz.region == NULL || json_next(&in) != JSON_OBJECT) {
        return false;
    }
    while (json_key(&in)) {
        if (json_key_is(&in, "data")) {
            has_data = true;
            read_data(&jsz, &in);
        } else {
            json_skip(&in);
        }
    }
    if (has_data && !in.has_failed) {
        keep_store(&jsz);
    }
    return has_data && !in.has_failed;
}
