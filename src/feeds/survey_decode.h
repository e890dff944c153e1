/*
 * survey_decode.h - replies to a survey's questions into facts. Private to feeds.
 *
 * Pure functions over bytes, as decode.h; the caller holds the facts for itself alone.
 */
#ifndef FARSHORE_SRC_FEEDS_SURVEY_DECODE_H
#define FARSHORE_SRC_FEEDS_SURVEY_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/core/json.h"
#include "farshore/core/readiness_facts.h"

#define SURVEY_TEXT_BYTES 256

/* The envelope of a system reply. */
struct survey_server {
    char name[SURVEY_TEXT_BYTES], cluster[SURVEY_TEXT_BYTES];
    bool has_jetstream;
    int64_t time_ns; /* UTC by its own clock; 0 not told */
    int64_t assets;  /* replicated streams and consumers on it, of a ping */
};

/* A reply to PING. False when it is none. */
bool survey_decode_ping(const char *text, size_t length, struct survey_server *out);

/*
 * A reply to JSZ with accounts, streams, config and consumers: adds streams, and the store to the
 * server's row (made when new).
 *
 * Returns  whether the reply was whole and of the cluster that was asked.
 */
bool survey_decode_jsz(const char *text, size_t length, const char *cluster,
                       struct ready_facts *facts);

/* Whose stream is read; texts live as long as the facts, but for the server's. */
struct survey_place {
    struct ready_facts *facts;
    const char *server, *region, *account;
};

/* One element of stream_detail; in stands inside the object. */
void survey_add_stream(struct json_reader *in, const struct survey_place *place);

/* What the two kinds of API answers say; texts are empty when they were not told. */
struct survey_answer {
    bool is_answer; /* JSON without an error member */
    int64_t code;   /* err_code of an error; 0 none */
    char error[SURVEY_TEXT_BYTES];
    char user[SURVEY_TEXT_BYTES], account[SURVEY_TEXT_BYTES];
    char forbidden[SURVEY_TEXT_BYTES]; /* the first needed subject that permissions refuse */
    int64_t storage, storage_limit, consumers, consumers_limit; /* -1 not told */
};

/* $SYS.REQ.USER.INFO; needed: patterns of which some subject must be allowed, NULL at the end. */
void survey_decode_user(const char *text, size_t length, const char *const *needed,
                        struct survey_answer *out);

/* $JS.API.INFO and $JS.API.STREAM.NAMES. */
void survey_decode_api(const char *text, size_t length, struct survey_answer *out);

#endif
