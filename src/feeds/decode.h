/*
 * decode.h - replies and pushes of NATS servers into typed events. Private to feeds.
 *
 * Pure functions over bytes: no NATS, no clock, no loop, so that fixtures and fuzzers drive them.
 * They run on nats.c's delivery threads. The sink gets each event during the call, in the order
 * that core/events.h gives: parts before the event that closes them.
 * Source  shapes: nats-server 2.9.10 to 2.15.2, tests/fixtures/nats; unknown members are passed
 *         over, known members of another kind keep their zero value.
 */
#ifndef FARSHORE_SRC_FEEDS_DECODE_H
#define FARSHORE_SRC_FEEDS_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/core/event.h"
#include "farshore/core/json.h"

#define DECODE_NAME_BYTES 256            /* longer names end with an ellipsis */
#define DECODE_SUBJECTS_BYTES 4096       /* subjects of one stream together */
#define DECODE_RAW_BYTES ((size_t)49152) /* longest raw text that is kept */
#define DECODE_STREAMS 50000             /* in one reply */
#define DECODE_GATEWAYS 4096             /* connections in one reply */
#define DECODE_PEERS 1024

/* What the decoder must know of the question. */
struct decode_context {
    enum ask_kind kind;
    const char *cluster; /* that was asked: replies of others are foreign; NULL takes any */
    const char *via;
    int64_t rtt_ns;
    bool asked_leaders_only;
    bool keeps_raw; /* of every config; else of mirrors and of what is_origin() says */
    bool (*is_origin)(void *context, const char *account, const char *stream);
    void *origin_context;
};

/* The server of an envelope. */
struct decode_server {
    char name[DECODE_NAME_BYTES];
    char id[DECODE_NAME_BYTES];
    char cluster[DECODE_NAME_BYTES];
    char version[64];
    char host[DECODE_NAME_BYTES];
    bool has_jetstream;
    uint64_t seq; /* counts the server's own system messages */
};

struct decode_result {
    bool has_server; /* an envelope whose server is known */
    bool is_foreign; /* not of the cluster that was asked; nothing was given to the sink */
    bool is_broken;  /* not JSON, or it broke off; what was read before was given */
    bool is_error;   /* the server answered with an error (a note was given) */
    struct decode_server server;
    int64_t streams;   /* the server's own count; -1 not said */
    uint64_t identity; /* of an advisory: hash of its id; 0 without */
};

/* A reply to a question of context->kind. */
void decode_reply(const char *text, size_t length, const struct decode_context *context,
                  const struct event_sink *out, struct decode_result *result);

/* A $SYS.SERVER.<id>.STATSZ push; context->kind is ASK_PUSH. */
void decode_stats_push(const char *text, size_t length, const struct decode_context *context,
                       const struct event_sink *out, struct decode_result *result);

/* A SHUTDOWN or LAMEDUCK push: the server's own description, bare or in an envelope. */
void decode_bye(const char *text, size_t length, enum bye_kind kind, const struct event_sink *out,
                struct decode_result *result);

/* A JetStream advisory of the system account. */
void decode_advisory(const char *text, size_t length, enum advisory_kind kind,
                     const struct event_sink *out, struct decode_result *result);

/* ---- shared by the decoders ---- */

/* One decode in progress. */
struct decode {
    const struct decode_context *context;
    const struct event_sink *out;
    struct decode_result *result;
    char *raw; /* scratch for raw texts */
    size_t raw_capacity;
};

/* The member "data" (or "statsz") that in stands before, of a server that is known. */
void decode_jsz(struct decode *decode, struct json_reader *in);
void decode_gatewayz(struct decode *decode, struct json_reader *in);
void decode_statsz(struct decode *decode, struct json_reader *in, const char *raw);
void decode_varz(struct decode *decode, struct json_reader *in);

/* One element of stream_detail; in stands inside the object. False when it has no name. */
bool decode_stream(struct decode *decode, struct json_reader *in, const char *account,
                   bool *is_leader);

/* The value after a key as a name of at most DECODE_NAME_BYTES - 1 bytes. False for another kind.
 */
bool decode_name(struct json_reader *in, char out[DECODE_NAME_BYTES]);

/* The current string token as such a name. */
void decode_name_token(const struct json_reader *in, char out[DECODE_NAME_BYTES]);

/* The value after a key: RFC 3339 to UTC ns (0 for Go's zero time), a Go duration to ns. */
bool decode_time(struct json_reader *in, int64_t *out_ns);
bool decode_duration(struct json_reader *in, int64_t *out_ns);

/* The value after a key, a decimal number, in thousandths. */
bool decode_milli(struct json_reader *in, int64_t *out);

/* A NUL-terminated copy of raw bytes, valid until the next call; NULL when long or unclean. */
const char *decode_raw(struct decode *decode, const char *bytes, size_t count);

/* Shorthands: put an event, put a note of a server. */
void decode_put(const struct decode *decode, const struct event *event);
void decode_note(const struct decode *decode, const char *text);

/* NULL for "", else the text: absent texts are NULL in events. */
const char *decode_text_or_null(const char *text);

#endif
