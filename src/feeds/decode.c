/*
 * decode.c - the envelope around every reply, and the small readers that all decoders share.
 *
 * Why:   a server answers `{"server":{…},"data":{…}}`; who it is decides what the rest means.
 * How:   one walk; "data" is decoded where it stands when "server" came first (it always does),
 *        else its span is kept until the end.
 * Rules: outside data never fails an assertion; what is not understood is a note and a flag.
 * See:   src/feeds/decode.h; tests/unit/feeds/test_decode.c; tests/fuzz
 */
#include "decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"

#define NOTE_BYTES 400

/* ---- small readers ---- */

void decode_name_token(const struct json_reader *in, char out[DECODE_NAME_BYTES])
{
    static const char mark[] = "\xe2\x80\xa6";
    size_t length = json_token_text(in, out, DECODE_NAME_BYTES);
    if (length < DECODE_NAME_BYTES) {
        return;
    }
    size_t kept = DECODE_NAME_BYTES - sizeof(mark);
    while (kept > 0 && ((unsigned char)out[kept] & 0xc0) == 0x80) {
        kept--; /* never inside a sequence */
    }
    memcpy(out + kept, mark, sizeof(mark));
}

bool decode_name(struct json_reader *in, char out[DECODE_NAME_BYTES])
{
    enum json_token token = json_next(in);
    if (token != JSON_STRING) {
        json_skip_rest(in, token);
        return false;
    }
    decode_name_token(in, out);
    return true;
}

bool decode_time(struct json_reader *in, int64_t *out_ns)
{
    char text[64];
    int64_t ns = 0;
    if (!json_read_text(in, text, sizeof(text)) || !time_parse_rfc3339(text, strlen(text), &ns)) {
        return false;
    }
    *out_ns = ns < 0 ? 0 : ns;
    return true;
}

bool decode_duration(struct json_reader *in, int64_t *out_ns)
{
    char text[64];
    return json_read_text(in, text, sizeof(text)) && duration_parse(text, strlen(text), out_ns);
}

bool decode_milli(struct json_reader *in, int64_t *out)
{
    enum json_token token = json_next(in);
    if (token != JSON_NUMBER) {
        json_skip_rest(in, token);
        return false;
    }
    int64_t value = 0;
    int fraction = -1; /* digits after the point, -1 before it */
    for (size_t i = 0; i < in->token_length; i++) {
        char c = in->token[i];
        if (c == '.') {
            fraction = 0;
        } else if (c < '0' || c > '9') {
            *out = 0; /* negative, or an exponent: Go writes one only below a millionth */
            return true;
        } else if (fraction < 3) {
            if (value > INT64_MAX / 100000) {
                return false;
            }
            value = value * 10 + (c - '0');
            fraction += fraction >= 0 ? 1 : 0;
        }
    }
    for (int digits = fraction < 0 ? 0 : fraction; digits < 3; digits++) {
        value *= 10;
    }
    *out = value;
    return true;
}

/* Raw texts are nearly always plain ASCII: look at those bytes before anything slower. */
static bool is_clean(const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x20 || c > 0x7e) {
            return text_is_clean(bytes, count);
        }
    }
    return true;
}

const char *decode_raw(struct decode *decode, const char *bytes, size_t count)
{
    if (count > DECODE_RAW_BYTES || !is_clean(bytes, count)) {
        return NULL;
    }
    if (count + 1 > decode->raw_capacity) {
        size_t capacity = count + 1 < 2048 ? 2048 : 2 * (count + 1);
        char *grown = realloc(decode->raw, capacity);
        if (grown == NULL) {
            return NULL;
        }
        decode->raw = grown;
        decode->raw_capacity = capacity;
    }
    memcpy(decode->raw, bytes, count);
    decode->raw[count] = '\0';
    return decode->raw;
}

void decode_put(const struct decode *decode, const struct event *event)
{
    decode->out->put(decode->out->context, event);
}

void decode_note(const struct decode *decode, const char *text)
{
    char line[NOTE_BYTES];
    char source[DECODE_NAME_BYTES + 8];
    const struct decode_server *server = &decode->result->server;
    (void)snprintf(line, sizeof(line), "%s", text);
    (void)snprintf(source, sizeof(source), "nats %s",
                   server->name[0] == '\0' ? "reply" : server->name);
    decode_put(decode,
               &(struct event){.type = EVT_NOTE,
                               .u.note = {.severity = SEV_WARN, .source = source, .text = line}});
}

const char *decode_text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

/* ---- the envelope ---- */

/* The members of "server", in the object that in stands inside. */
static void read_server_members(struct json_reader *in, struct decode_server *server)
{
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, server->name);
        } else if (json_key_is(in, "id")) {
            decode_name(in, server->id);
        } else if (json_key_is(in, "cluster")) {
            decode_name(in, server->cluster);
        } else if (json_key_is(in, "host")) {
            decode_name(in, server->host);
        } else if (json_key_is(in, "ver")) {
            json_read_text(in, server->version, sizeof(server->version));
        } else if (json_key_is(in, "jetstream")) {
            json_read_bool(in, &server->has_jetstream);
        } else if (json_key_is(in, "seq")) {
            json_read_u64(in, &server->seq);
        } else {
            json_skip(in);
        }
    }
}

static void put_server(const struct decode *decode)
{
    const struct decode_server *server = &decode->result->server;
    decode_put(decode, &(struct event){.type = EVT_SERVER,
                                       .u.server = {
                                           .server = server->name,
                                           .id = server->id,
                                           .cluster = decode_text_or_null(server->cluster),
                                           .version = decode_text_or_null(server->version),
                                           .host = decode_text_or_null(server->host),
                                           .via = decode->context->via,
                                           .kind = decode->context->kind,
                                           .rtt_ns = decode->context->rtt_ns,
                                           .has_jetstream = server->has_jetstream,
                                       }});
}

/* Is this server's word wanted? Tells the sink that it lives. */
static bool accept_server(struct decode *decode, struct json_reader *in)
{
    struct decode_result *result = decode->result;
    if (!json_enter_object(in)) {
        return false;
    }
    read_server_members(in, &result->server);
    result->has_server =
        !in->has_failed && result->server.name[0] != '\0' && result->server.id[0] != '\0';
    if (!result->has_server) {
        return false;
    }
    const char *asked = decode->context->cluster;
    result->is_foreign = asked != NULL && strcmp(asked, result->server.cluster) != 0;
    if (!result->is_foreign) {
        put_server(decode);
    }
    return !result->is_foreign;
}

static void read_body(struct decode *decode, struct json_reader *in, const char *raw)
{
    switch (decode->context->kind) {
    case ASK_META:
    case ASK_STREAMS:
    case ASK_CONFIGS:
        decode_jsz(decode, in);
        break;
    case ASK_GATEWAYS:
        decode_gatewayz(decode, in);
        break;
    case ASK_STATS:
    case ASK_PUSH:
        decode_statsz(decode, in, raw);
        break;
    case ASK_VARS:
        decode_varz(decode, in);
        break;
    case ASK_KINDS:
        json_skip(in);
        break;
    }
}

static void read_error(struct decode *decode, struct json_reader *in)
{
    char description[200] = "";
    char line[NOTE_BYTES];
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "description")) {
            json_read_text(in, description, sizeof(description));
        } else {
            json_skip(in);
        }
    }
    decode->result->is_error = true;
    (void)snprintf(line, sizeof(line), "%s is answered with an error: %s",
                   name_of(&names_ask_kind, decode->context->kind),
                   description[0] == '\0' ? "no description" : description);
    decode_note(decode, line);
}

static bool is_body_key(const struct decode *decode, const struct json_reader *in)
{
    enum ask_kind kind = decode->context->kind;
    return json_key_is(in, kind == ASK_STATS || kind == ASK_PUSH ? "statsz" : "data");
}

/* A span of the text that had to wait for the server's name. */
struct span {
    const char *bytes;
    size_t count;
};

static void read_span(struct decode *decode, const struct span *span, bool is_error,
                      const char *raw)
{
    struct json_reader in;
    if (span->bytes == NULL) {
        return;
    }
    json_begin(&in, span->bytes, span->count);
    if (is_error) {
        read_error(decode, &in);
    } else {
        read_body(decode, &in, raw);
    }
}

static void read_envelope(struct decode *decode, struct json_reader *in, const char *raw)
{
    struct decode_result *result = decode->result;
    struct span body = {NULL, 0};
    struct span error = {NULL, 0};
    bool is_wanted = false;
    if (json_next(in) != JSON_OBJECT) {
        in->has_failed = true;
        return;
    }
    while (!result->is_foreign && json_key(in)) {
        if (json_key_is(in, "server") && !result->has_server) {
            is_wanted = accept_server(decode, in);
        } else if (is_body_key(decode, in)) {
            if (is_wanted) {
                read_body(decode, in, raw);
            } else {
                json_read_raw(in, &body.bytes, &body.count);
            }
        } else if (json_key_is(in, "error")) {
            json_read_raw(in, &error.bytes, &error.count);
        } else {
            json_skip(in);
        }
    }
    if (is_wanted && !in->has_failed) {
        read_span(decode, &body, false, raw);
        read_span(decode, &error, true, raw);
    }
}

static void run(const char *text, size_t length, const struct decode_context *context,
                const struct event_sink *out, struct decode_result *result, const char *raw)
{
    struct json_reader in;
    struct decode decode = {.context = context, .out = out, .result = result};
    memset(result, 0, sizeof(*result));
    result->streams = -1;
    json_begin(&in, text, length);
    read_envelope(&decode, &in, raw);
    result->is_broken = in.has_failed || (!result->has_server && !result->is_foreign);
    if (result->is_broken) {
        char line[NOTE_BYTES];
        (void)snprintf(line, sizeof(line), "an answer to %s could not be read",
                       name_of(&names_ask_kind, context->kind));
        decode_note(&decode, line);
    }
    free(decode.raw);
}

void decode_reply(const char *text, size_t length, const struct decode_context *context,
                  const struct event_sink *out, struct decode_result *result)
{
    run(text, length, context, out, result, NULL);
}

void decode_stats_push(const char *text, size_t length, const struct decode_context *context,
                       const struct event_sink *out, struct decode_result *result)
{
    struct decode scratch = {0};
    const char *raw = decode_raw(&scratch, text, length);
    run(text, length, context, out, result, raw);
    free(scratch.raw);
}

/* ---- goodbyes and advisories ---- */

void decode_bye(const char *text, size_t length, enum bye_kind kind, const struct event_sink *out,
                struct decode_result *result)
{
    struct json_reader in;
    memset(result, 0, sizeof(*result));
    result->streams = -1;
    json_begin(&in, text, length);
    if (json_next(&in) == JSON_OBJECT) {
        read_server_members(&in, &result->server);
    }
    struct decode_server *server = &result->server;
    result->is_broken = in.has_failed;
    result->has_server = !in.has_failed && server->name[0] != '\0' && server->id[0] != '\0';
    if (!result->has_server) {
        result->is_broken = true;
        return;
    }
    out->put(out->context, &(struct event){.type = EVT_BYE,
                                           .u.bye = {
                                               .server = server->name,
                                               .id = server->id,
                                               .cluster = decode_text_or_null(server->cluster),
                                               .kind = kind,
                                           }});
}
