/*
 * provision_body.c - the JSON of stream and consumer configurations.
 *
 * Why:   nats.c's own structures drop what they do not know and differ by version; raw JSON says
 *        exactly what is asked.
 * Rules: only fields that 2.9 knows (from 2.12 on a server refuses unknown ones); every default
 * that matters is spelt out, so that a request is equal to what the server has kept of the last.
 * See:   provision.c for what is made; tests/unit/lab/test_provision.c
 */
#include <stdbool.h>

#include "farshore/base/assert.h"
#include "provision_api.h"
#include "provision_plan.h"

void provision_print_subject(struct strbuf *out, const struct provision_item *item)
{
    if (item->durable != NULL) {
        strbuf_put(out, "$JS.API.CONSUMER.DURABLE.CREATE.");
        strbuf_put(out, item->stream);
        strbuf_put_char(out, '.');
        strbuf_put(out, item->durable);
        return;
    }
    strbuf_put(out, "$JS.API.STREAM.CREATE.");
    strbuf_put(out, item->stream);
}

static void print_consumer(struct strbuf *out, const struct provision_item *item)
{
    strbuf_put(out, "{\"stream_name\":");
    strbuf_put_json(out, item->stream);
    strbuf_put(out, ",\"config\":{\"durable_name\":");
    strbuf_put_json(out, item->durable);
    strbuf_put(out, ",\"deliver_policy\":\"all\",\"ack_policy\":\"explicit\""
                    ",\"ack_wait\":30000000000,\"max_deliver\":-1,\"max_ack_pending\":1000"
                    ",\"replay_policy\":\"instant\"");
    if (item->subject[0] != '\0') {
        strbuf_put(out, ",\"filter_subject\":");
        strbuf_put_json(out, item->subject);
    }
    strbuf_put(out, "}}");
}

/* What an origin has and a mirror takes from it (a mirror must not name subjects or duplicates). */
static void print_own_subjects(struct strbuf *out, const struct provision_item *item)
{
    strbuf_put(out, ",\"subjects\":[");
    strbuf_put_json(out, item->subject);
    strbuf_put(out, "],\"duplicate_window\":" LAB_DUPLICATE_WINDOW_NS);
}

static void print_kind(struct strbuf *out, const struct provision_item *item)
{
    switch (item->kind) {
    case PROVISION_LOG:
        strbuf_put(out, ",\"discard\":\"old\",\"max_msgs_per_subject\":-1");
        return;
    case PROVISION_JOURNAL: /* appended to and never edited */
        strbuf_put(out, ",\"discard\":\"old\",\"max_msgs_per_subject\":-1,\"deny_delete\":true");
        return;
    case PROVISION_BUCKET: /* a key-value bucket with history 1 is a stream of this form */
        strbuf_put(out, ",\"discard\":\"new\",\"max_msgs_per_subject\":1,\"deny_delete\":true"
                        ",\"allow_rollup_hdrs\":true");
        return;
    }
    FS_ASSERT(false);
}

static void print_stream(struct strbuf *out, const struct provision_item *item)
{
    strbuf_put(out, "{\"name\":");
    strbuf_put_json(out, item->stream);
    if (item->mirror[0] != '\0') {
        strbuf_put(out, ",\"mirror\":{\"name\":");
        strbuf_put_json(out, item->mirror);
        strbuf_put(out, "},\"mirror_direct\":true");
    } else {
        print_own_subjects(out, item);
    }
    strbuf_put(out, ",\"retention\":\"limits\",\"storage\":\"file\",\"num_replicas\":");
    strbuf_put_i64(out, item->replicas);
    strbuf_put(out, ",\"placement\":{\"cluster\":");
    strbuf_put_json(out, item->cluster);
    strbuf_put(out, "},\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"max_age\":0"
                    ",\"max_msg_size\":-1,\"allow_direct\":true");
    print_kind(out, item);
    strbuf_put_char(out, '}');
}

void provision_print_body(struct strbuf *out, const struct provision_item *item)
{
    if (item->durable != NULL) {
        print_consumer(out, item);
    } else {
        print_stream(out, item);
    }
}
