/*
 * decode_stream.c - one stream of a JSZ reply: its state, its mirror, its config.
 *
 * Why:   true lag needs each replica's own last sequence; loss needs creation times and counts;
 *        a failover needs the config's own bytes.
 * How:   members into one struct, then up to three events.
 * Rules: sequences are exact. The mirror's state is believed from the stream's leader only. The
 *        config's raw text is never changed: a promotion edits it as text.
 * See:   src/feeds/decode_jsz.c; nats-server server/monitor.go StreamDetail
 */
#include "decode.h"

#include <string.h>

struct stream {
    char name[DECODE_NAME_BYTES];
    char leader[DECODE_NAME_BYTES];
    bool has_cluster;
    bool has_mirror;
    struct evt_stream state;
    char origin[DECODE_NAME_BYTES];
    char external[DECODE_NAME_BYTES];
    char error[DECODE_NAME_BYTES];
    int64_t mirror_lag;
    int64_t mirror_active_ns;
    const char *config;
    size_t config_bytes;
};

struct config {
    char subjects[DECODE_SUBJECTS_BYTES];
    char origin[DECODE_NAME_BYTES];
    char external[DECODE_NAME_BYTES];
    char retention[32];
    char storage[32];
    int64_t replicas;
    bool is_sourced;
};

static void read_cluster(struct json_reader *in, struct stream *stream)
{
    if (!json_enter_object(in)) {
        return;
    }
    stream->has_cluster = true;
    while (json_key(in)) {
        if (json_key_is(in, "leader")) {
            decode_name(in, stream->leader);
        } else {
            json_skip(in);
        }
    }
}

static void read_state(struct json_reader *in, struct evt_stream *state)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "messages")) {
            json_read_i64(in, &state->msgs);
        } else if (json_key_is(in, "bytes")) {
            json_read_i64(in, &state->bytes);
        } else if (json_key_is(in, "first_seq")) {
            json_read_u64(in, &state->first_seq);
        } else if (json_key_is(in, "last_seq")) {
            json_read_u64(in, &state->last_seq);
        } else if (json_key_is(in, "last_ts")) {
            decode_time(in, &state->last_ts_ns);
        } else if (json_key_is(in, "num_deleted")) {
            json_read_i64(in, &state->deleted);
        } else if (json_key_is(in, "consumer_count")) {
            json_read_i64(in, &state->consumers);
        } else {
            json_skip(in);
        }
    }
}

/* The member "external" of a mirror: its API prefix. */
static void read_external(struct json_reader *in, char out[DECODE_NAME_BYTES])
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "api")) {
            decode_name(in, out);
        } else {
            json_skip(in);
        }
    }
}

static void read_mirror_error(struct json_reader *in, char out[DECODE_NAME_BYTES])
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "description")) {
            decode_name(in, out);
        } else {
            json_skip(in);
        }
    }
}

static void read_mirror(struct json_reader *in, struct stream *stream)
{
    if (!json_enter_object(in)) {
        return;
    }
    stream->has_mirror = true;
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, stream->origin);
        } else if (json_key_is(in, "external")) {
            read_external(in, stream->external);
        } else if (json_key_is(in, "lag")) {
            json_read_i64(in, &stream->mirror_lag);
        } else if (json_key_is(in, "active")) {
            json_read_i64(in, &stream->mirror_active_ns);
        } else if (json_key_is(in, "error")) {
            read_mirror_error(in, stream->error);
        } else {
            json_skip(in);
        }
    }
}

static void read_members(struct json_reader *in, struct stream *stream)
{
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, stream->name);
        } else if (json_key_is(in, "created")) {
            decode_time(in, &stream->state.created_ns);
        } else if (json_key_is(in, "cluster")) {
            read_cluster(in, stream);
        } else if (json_key_is(in, "state")) {
            read_state(in, &stream->state);
        } else if (json_key_is(in, "mirror")) {
            read_mirror(in, stream);
        } else if (json_key_is(in, "config")) {
            json_read_raw(in, &stream->config, &stream->config_bytes);
        } else {
            json_skip(in);
        }
    }
}

/* ---- config ---- */

/* Join the subjects by blanks; what does not fit is an ellipsis. */
static void read_subjects(struct json_reader *in, char out[DECODE_SUBJECTS_BYTES])
{
    static const char mark[] = " \xe2\x80\xa6";
    size_t used = 0;
    bool is_full = false;
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        char subject[DECODE_NAME_BYTES];
        if (token != JSON_STRING || is_full) {
            json_skip_rest(in, token);
            continue;
        }
        decode_name_token(in, subject);
        size_t length = strlen(subject);
        is_full = used + 1 + length + sizeof(mark) > DECODE_SUBJECTS_BYTES;
        if (is_full) {
            memcpy(out + used, mark, sizeof(mark));
            continue;
        }
        if (used > 0) {
            out[used++] = ' ';
        }
        memcpy(out + used, subject, length + 1);
        used += length;
    }
}

static void read_config_mirror(struct json_reader *in, struct config *config)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, config->origin);
        } else if (json_key_is(in, "external")) {
            read_external(in, config->external);
        } else {
            json_skip(in);
        }
    }
}

static void read_config_sources(struct json_reader *in, struct config *config)
{
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        config->is_sourced = config->is_sourced || token == JSON_OBJECT;
        json_skip_rest(in, token);
    }
}

static bool read_config(const char *bytes, size_t count, struct config *config)
{
    struct json_reader in;
    memset(config, 0, sizeof(*config));
    json_begin(&in, bytes, count);
    if (!json_enter_object(&in)) {
        return false;
    }
    while (json_key(&in)) {
        if (json_key_is(&in, "subjects")) {
            read_subjects(&in, config->subjects);
        } else if (json_key_is(&in, "mirror")) {
            read_config_mirror(&in, config);
        } else if (json_key_is(&in, "sources")) {
            read_config_sources(&in, config);
        } else if (json_key_is(&in, "retention")) {
            json_read_text(&in, config->retention, sizeof(config->retention));
        } else if (json_key_is(&in, "storage")) {
            json_read_text(&in, config->storage, sizeof(config->storage));
        } else if (json_key_is(&in, "num_replicas")) {
            json_read_i64(&in, &config->replicas);
        } else {
            json_skip(&in);
        }
    }
    return !in.has_failed;
}

static bool wants_raw(const struct decode_context *context, const char *account, const char *stream,
                      bool is_mirror)
{
    return context->keeps_raw || is_mirror ||
           (context->is_origin != NULL &&
            context->is_origin(context->origin_context, account, stream));
}

static void put_config(struct decode *decode, const struct stream *stream, const char *account)
{
    const struct decode_server *server = &decode->result->server;
    struct config config;
    if (stream->config == NULL || !read_config(stream->config, stream->config_bytes, &config)) {
        return;
    }
    bool is_mirror = config.origin[0] != '\0';
    const char *raw = wants_raw(decode->context, account, stream->name, is_mirror)
                          ? decode_raw(decode, stream->config, stream->config_bytes)
                          : NULL;
    decode_put(decode, &(struct event){.type = EVT_STREAM_CONFIG,
                                       .u.stream_config = {
                                           .server = server->name,
                                           .cluster = decode_text_or_null(server->cluster),
                                           .account = account,
                                           .stream = stream->name,
                                           .subjects = decode_text_or_null(config.subjects),
                                           .origin = decode_text_or_null(config.origin),
                                           .external = decode_text_or_null(config.external),
                                           .retention = decode_text_or_null(config.retention),
                                           .storage = decode_text_or_null(config.storage),
                                           .replicas = config.replicas,
                                           .is_sourced = config.is_sourced,
                                           .raw = raw,
                                       }});
}

/* ---- events ---- */

static void put_mirror(const struct decode *decode, const struct stream *stream,
                       const char *account)
{
    const struct decode_server *server = &decode->result->server;
    decode_put(decode, &(struct event){.type = EVT_MIRROR,
                                       .u.mirror = {
                                           .server = server->name,
                                           .cluster = decode_text_or_null(server->cluster),
                                           .account = account,
                                           .stream = stream->name,
                                           .origin = decode_text_or_null(stream->origin),
                                           .external = decode_text_or_null(stream->external),
                                           .lag = stream->mirror_lag,
                                           .active_ns = stream->mirror_active_ns,
                                           .error = decode_text_or_null(stream->error),
                                       }});
}

bool decode_stream(struct decode *decode, struct json_reader *in, const char *account,
                   bool *is_leader)
{
    const struct decode_server *server = &decode->result->server;
    struct stream stream;
    memset(&stream, 0, sizeof(stream));
    stream.mirror_active_ns = -1;
    read_members(in, &stream);
    if (in->has_failed || stream.name[0] == '\0') {
        return false;
    }
    if (!stream.has_cluster) {
        memcpy(stream.leader, server->name, sizeof(stream.leader)); /* a server on its own */
    }
    *is_leader = strcmp(stream.leader, server->name) == 0;
    struct event event = {.type = EVT_STREAM, .u.stream = stream.state};
    event.u.stream.server = server->name;
    event.u.stream.cluster = decode_text_or_null(server->cluster);
    event.u.stream.account = account;
    event.u.stream.stream = stream.name;
    event.u.stream.leader = decode_text_or_null(stream.leader);
    event.u.stream.is_leader = *is_leader;
    decode_put(decode, &event);
    if (stream.has_mirror && *is_leader) {
        put_mirror(decode, &stream, account);
    }
    put_config(decode, &stream, account);
    return true;
}
