/*
 * decode_advisory.c - JetStream advisories: a stream's leader was elected, its quorum is lost.
 *
 * Why:   they arrive at once where a poll takes up to a second.
 * How:   the copies that servers publish in the system account, which carry the account.
 * Rules: a hint only; state comes from the polls.
 * See:   nats-server server/jetstream_events.go; src/feeds/decode.h
 */
#include "decode.h"

#include <string.h>

#include "farshore/base/hash.h"

struct advisory {
    char id[DECODE_NAME_BYTES];
    char account[DECODE_NAME_BYTES];
    char stream[DECODE_NAME_BYTES];
    char leader[DECODE_NAME_BYTES];
    char cluster[DECODE_NAME_BYTES];
};

static void read_members(struct json_reader *in, struct advisory *advisory)
{
    while (json_key(in)) {
        if (json_key_is(in, "id")) {
            decode_name(in, advisory->id);
        } else if (json_key_is(in, "account")) {
            decode_name(in, advisory->account);
        } else if (json_key_is(in, "stream")) {
            decode_name(in, advisory->stream);
        } else if (json_key_is(in, "leader")) {
            decode_name(in, advisory->leader);
        } else if (json_key_is(in, "cluster")) {
            decode_name(in, advisory->cluster);
        } else {
            json_skip(in);
        }
    }
}

void decode_advisory(const char *text, size_t length, enum advisory_kind kind,
                     const struct event_sink *out, struct decode_result *result)
{
    struct json_reader in;
    struct advisory advisory;
    memset(result, 0, sizeof(*result));
    memset(&advisory, 0, sizeof(advisory));
    result->streams = -1;
    json_begin(&in, text, length);
    if (json_next(&in) == JSON_OBJECT) {
        read_members(&in, &advisory);
    }
    result->is_broken = in.has_failed || advisory.account[0] == '\0' || advisory.stream[0] == '\0';
    if (result->is_broken) {
        return;
    }
    if (advisory.id[0] != '\0') {
        result->identity = hash_finish(hash_text(HASH_SEED, advisory.id)) | 1;
    }
    out->put(out->context, &(struct event){.type = EVT_ADVISORY,
                                           .u.advisory = {
                                               .kind = kind,
                                               .account = advisory.account,
                                               .stream = advisory.stream,
                                               .leader = decode_text_or_null(advisory.leader),
                                               .cluster = decode_text_or_null(advisory.cluster),
                                           }});
}
