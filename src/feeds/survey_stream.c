/*
 * survey_stream.c - one stream of a survey's JSZ reply into a row of facts.
 *
 * Rules: thresholds are texts in the stream's metadata, as the nats CLI's checks take them; what
 *        cannot be read is said (has_bad_monitor) and not guessed.
 * See:   nats-server server/monitor.go StreamDetail; natscli's io.nats.monitor.* metadata
 */
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/number.h"
#include "farshore/core/json.h"
#include "survey_decode.h"

#define SUBJECTS_BYTES 4096

struct stream {
    char name[SURVEY_TEXT_BYTES], leader[SURVEY_TEXT_BYTES];
    char subjects[SUBJECTS_BYTES], sources[SUBJECTS_BYTES];
    char origin[SURVEY_TEXT_BYTES], external[SURVEY_TEXT_BYTES];
    char retention[32], storage[32];
    bool has_cluster, is_monitored;
    struct ready_stream row;
};

static void append(char *list, size_t list_bytes, const char *text)
{
    size_t length = strlen(list);
    size_t more = strlen(text);
    if (more > 0 && length + more + 2 < list_bytes) {
        list[length] = ' ';
        memcpy(list + length + (length > 0), text, more + 1);
    }
}

static void read_list(struct json_reader *in, char *list, size_t list_bytes)
{
    char text[SURVEY_TEXT_BYTES];
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        if (token == JSON_STRING) {
            json_token_text(in, text, sizeof(text));
            append(list, list_bytes, text);
        } else {
            json_skip_rest(in, token);
        }
    }
}

/* A source's or mirror's name and the API prefix of one elsewhere. */
static void read_source_members(struct json_reader *in, char *name, char *external)
{
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            json_read_text(in, name, SURVEY_TEXT_BYTES);
        } else if (json_key_is(in, "external") && json_enter_object(in)) {
            while (json_key(in)) {
                if (json_key_is(in, "api")) {
                    json_read_text(in, external, SURVEY_TEXT_BYTES);
                } else {
                    json_skip(in);
                }
            }
        } else if (!json_key_is(in, "external")) {
            json_skip(in);
        }
    }
}

static void read_sources(struct json_reader *in, struct stream *stream)
{
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        char name[SURVEY_TEXT_BYTES] = "";
        char external[SURVEY_TEXT_BYTES] = "";
        if (token == JSON_OBJECT) {
            read_source_members(in, name, external);
            append(stream->sources, sizeof(stream->sources), name);
        } else {
            json_skip_rest(in, token);
        }
    }
}

static void read_limit(const char *text, bool is_time, int64_t *out, bool *is_bad)
{
    int64_t value = 0;
    bool is_read = is_time ? duration_parse(text, strlen(text), &value)
                           : number_parse_i64(text, strlen(text), &value) && value >= 0;
    if (is_read) {
        *out = value;
    }
    *is_bad = *is_bad || !is_read;
}

/* Thresholds that operators gave the nats CLI's checks; they are texts. */
static void read_metadata(struct json_reader *in, struct stream *stream)
{
    struct ready_stream *row = &stream->row;
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        char text[64] = "";
        bool is_lag = json_key_is(in, "io.nats.monitor.lag-critical");
        bool is_seen = json_key_is(in, "io.nats.monitor.seen-critical");
        bool is_peers = json_key_is(in, "io.nats.monitor.peer-expect");
        bool is_enabled = json_key_is(in, "io.nats.monitor.enabled");
        if (!is_lag && !is_seen && !is_peers && !is_enabled) {
            json_skip(in);
            continue;
        }
        json_read_text(in, text, sizeof(text));
        if (is_lag) {
            read_limit(text, false, &row->lag_critical, &row->has_bad_monitor);
        } else if (is_seen) {
            read_limit(text, true, &row->seen_critical_ns, &row->has_bad_monitor);
        } else if (is_peers) {
            read_limit(text, false, &row->peer_expect, &row->has_bad_monitor);
        } else {
            stream->is_monitored = strchr("0fF", text[0]) == NULL || text[0] == '\0';
        }
    }
}

static void read_config(struct json_reader *in, struct stream *stream)
{
    if (!json_enter_object(in)) {
        return;
    }
    stream->row.has_config = true;
    while (json_key(in)) {
        if (json_key_is(in, "subjects")) {
            read_list(in, stream->subjects, sizeof(stream->subjects));
        } else if (json_key_is(in, "retention")) {
            json_read_text(in, stream->retention, sizeof(stream->retention));
        } else if (json_key_is(in, "storage")) {
            json_read_text(in, stream->storage, sizeof(stream->storage));
        } else if (json_key_is(in, "num_replicas")) {
            json_read_i64(in, &stream->row.replicas);
        } else if (json_key_is(in, "max_consumers")) {
            json_read_i64(in, &stream->row.max_consumers);
        } else if (json_key_is(in, "sources")) {
            read_sources(in, stream);
        } else if (json_key_is(in, "metadata")) {
            read_metadata(in, stream);
        } else if (!json_key_is(in, "mirror")) {
            json_skip(in);
        } else if (json_enter_object(in)) {
            read_source_members(in, stream->origin, stream->external);
        }
    }
}

static void read_state(struct json_reader *in, struct ready_stream *row)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "messages")) {
            json_read_i64(in, &row->msgs);
        } else if (json_key_is(in, "bytes")) {
            json_read_i64(in, &row->bytes);
        } else if (json_key_is(in, "first_seq")) {
            json_read_u64(in, &row->first_seq);
        } else if (json_key_is(in, "last_seq")) {
            json_read_u64(in, &row->last_seq);
        } else if (json_key_is(in, "consumer_count")) {
            json_read_i64(in, &row->consumers);
        } else {
            json_skip(in);
        }
    }
}

static void read_cluster(struct json_reader *in, struct stream *stream)
{
    enum json_token token;
    if (!json_enter_object(in)) {
        return;
    }
    stream->has_cluster = true;
    while (json_key(in)) {
        if (json_key_is(in, "leader")) {
            json_read_text(in, stream->leader, sizeof(stream->leader));
        } else if (!json_key_is(in, "replicas")) {
            json_skip(in);
        } else if (json_enter_array(in)) {
            while (json_element(in, &token)) {
                stream->row.peers++;
                json_skip_rest(in, token);
            }
        }
    }
}

/* One consumer: is its definition there, and does it outlive its client? */
static void read_consumer(struct json_reader *in, struct ready_stream *row)
{
    char durable[SURVEY_TEXT_BYTES] = "";
    bool has_config = false;
    while (json_key(in)) {
        if (!json_key_is(in, "config")) {
            json_skip(in);
            continue;
        }
        has_config = json_enter_object(in);
        while (has_config && json_key(in)) {
            if (json_key_is(in, "durable_name")) {
                json_read_text(in, durable, sizeof(durable));
            } else {
                json_skip(in);
            }
        }
    }
    row->consumers_known += has_config ? 1 : 0;
    row->consumers_durable += has_config && durable[0] != '\0' ? 1 : 0;
}

static void read_consumers(struct json_reader *in, struct ready_stream *row)
{
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        if (token == JSON_OBJECT) {
            read_consumer(in, row);
        } else {
            json_skip_rest(in, token);
        }
    }
}

static void read_members(struct json_reader *in, struct stream *stream)
{
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            json_read_text(in, stream->name, sizeof(stream->name));
        } else if (json_key_is(in, "cluster")) {
            read_cluster(in, stream);
        } else if (json_key_is(in, "config")) {
            read_config(in, stream);
        } else if (json_key_is(in, "state")) {
            read_state(in, &stream->row);
        } else if (json_key_is(in, "consumer_detail")) {
            read_consumers(in, &stream->row);
        } else {
            json_skip(in);
        }
    }
}

static const char *text_or_null(struct ready_facts *facts, const char *text)
{
    return text[0] != '\0' ? ready_text(facts, text) : NULL;
}

static void keep_stream(const struct survey_place *place, const struct stream *stream)
{
    struct ready_facts *facts = place->facts;
    struct ready_stream *row = ready_add_stream(facts);
    if (row == NULL) {
        return;
    }
    *row = stream->row;
    bool is_alone = !stream->has_cluster;
    row->account = place->account;
    row->name = ready_text(facts, stream->name);
    row->region = place->region;
    row->leader = is_alone ? ready_text(facts, place->server) : text_or_null(facts, stream->leader);
    row->is_leader = is_alone || strcmp(stream->leader, place->server) == 0;
    row->peers += is_alone || stream->leader[0] != '\0' ? 1 : 0;
    row->subjects = text_or_null(facts, stream->subjects);
    row->sources = text_or_null(facts, stream->sources);
    row->origin = text_or_null(facts, stream->origin);
    row->external = text_or_null(facts, stream->external);
    row->retention = text_or_null(facts, stream->retention);
    row->storage = text_or_null(facts, stream->storage);
    if (!stream->is_monitored) {
        row->lag_critical = -1;
        row->seen_critical_ns = -1;
        row->peer_expect = -1;
        row->has_bad_monitor = false;
    }
    if (row->name == NULL || row->account == NULL) {
        facts->stream_count--; /* no memory: has_failed says so */
    }
}

void survey_add_stream(struct json_reader *in, const struct survey_place *place)
{
    struct stream stream;
    memset(&stream, 0, sizeof(stream));
    stream.is_monitored = true;
    stream.row.max_consumers = -1;
    stream.row.lag_critical = -1;
    stream.row.seen_critical_ns = -1;
    stream.row.peer_expect = -1;
    read_members(in, &stream);
    if (!in->has_failed && stream.name[0] != '\0') {
        keep_stream(place, &stream);
    }
}
