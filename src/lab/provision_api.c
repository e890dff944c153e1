/*
 * provision_api.c - settle a list of JetStream API requests over one connection.
 *
 * Why:   each replicated stream costs an election of half a second; made one after another a lab
 *        would not be usable in time. And a fresh super-cluster says "not yet" in several ways.
 * How:   a window of calls under way, replies on one inbox as <inbox>.<item>. What says "not yet"
 *        (10005 no suitable peers, 503 such as 10008, no answer) is sent again until CALL_LIMIT_MS.
 *        A create that timed out may have been executed: the same create sent again is then
 * answered as equal, so that repeating is safe. Any success for an item settles it, however late.
 * Rules: every wait is bounded; the first failure ends it all and is named with the item.
 * See:   provision.c; tests/unit/lab/test_provision.c
 */
#include "provision_api.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"

#define CALLS_UNDER_WAY_MAX 8
#define CALL_LIMIT_MS 60000 /* from an item's first send to giving it up */
#define REPLY_LIMIT_MS 6000 /* the servers themselves give up after 5 s */
#define RETRY_PAUSE_MS 250
#define IDLE_WAIT_MS 50

/* JetStream error codes (nats-server's errors.json). */
#define CODE_NO_SUITABLE_PEERS 10005
#define CODE_STREAM_NOT_FOUND 10059
#define CODE_NOT_LEADER 10009

enum call_state {
    CALL_NEW,
    CALL_SENT,
    CALL_PAUSED,
    CALL_DONE
};

struct call {
    enum call_state state;
    int64_t first_mono_ms;
    int64_t due_mono_ms; /* SENT: the reply's limit; PAUSED: when to send again */
};

struct round {
    natsConnection *nc;
    natsSubscription *replies;
    const struct provision_item *items;
    struct call *calls;
    size_t count;
    size_t done;
    size_t first_open; /* every item before it is done */
    size_t under_way;
    char inbox[64];
    char last_no[256]; /* why the last call was put off, for the message of a time-out */
    struct strbuf subject;
    struct strbuf body;
    struct err *err;
};

int64_t provision_mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *item_kind(const struct provision_item *item)
{
    return item->durable != NULL ? "consumer " : "stream ";
}

static enum fs_status item_failed(struct round *round, size_t i, enum fs_status status,
                                  const char *why)
{
    const struct provision_item *item = &round->items[i];
    return err_set(round->err, status, "%s%s%s%s: %s", item_kind(item), item->stream,
                   item->durable != NULL ? "/" : "", item->durable != NULL ? item->durable : "",
                   why);
}

/* Later, unless the item's time is over. */
static enum fs_status put_off(struct round *round, size_t i, const char *why)
{
    struct call *call = &round->calls[i];
    int64_t now_ms = provision_mono_ms();
    if (call->state == CALL_SENT) {
        round->under_way--;
    }
    text_copy(round->last_no, sizeof round->last_no, why);
    if (now_ms - call->first_mono_ms >= CALL_LIMIT_MS) {
        char text[320];
        snprintf(text, sizeof text, "not made within 60 s; last: %s", why);
        return item_failed(round, i, ST_TIMEOUT, text);
    }
    call->state = CALL_PAUSED;
    call->due_mono_ms = now_ms + RETRY_PAUSE_MS;
    return ST_OK;
}

static enum fs_status send_call(struct round *round, size_t i)
{
    struct call *call = &round->calls[i];
    int64_t now_ms = provision_mono_ms();
    char reply[96];
    if (call->state == CALL_NEW) {
        call->first_mono_ms = now_ms;
    }
    strbuf_reset(&round->subject);
    strbuf_reset(&round->body);
    provision_print_subject(&round->subject, &round->items[i]);
    provision_print_body(&round->body, &round->items[i]);
    if (round->subject.has_failed || round->body.has_failed) {
        return item_failed(round, i, ST_NO_MEMORY, "out of memory");
    }
    if (natsConnection_Status(round->nc) != NATS_CONN_STATUS_CONNECTED) {
        return put_off(round, i, "not connected");
    }
    snprintf(reply, sizeof reply, "%s.%zu", round->inbox, i);
    natsStatus sent = natsConnection_PublishRequest(round->nc, round->subject.text, reply,
                                                    round->body.text, (int)round->body.length);
    if (sent != NATS_OK) {
        return put_off(round, i, natsStatus_GetText(sent));
    }
    call->state = CALL_SENT;
    call->due_mono_ms = now_ms + REPLY_LIMIT_MS;
    round->under_way++;
    return ST_OK;
}

static void settle(struct round *round, size_t i)
{
    if (round->calls[i].state == CALL_SENT) {
        round->under_way--;
    }
    round->calls[i].state = CALL_DONE;
    round->done++;
    while (round->first_open < round->count && round->calls[round->first_open].state == CALL_DONE) {
        round->first_open++;
    }
}

/* Does the server mean "not yet"? A consumer's stream may not have reached every server. */
static bool is_not_yet(const struct provision_item *item, int code, int err_code)
{
    return code == 503 || err_code == CODE_NO_SUITABLE_PEERS || err_code == CODE_NOT_LEADER ||
           (item->durable != NULL && err_code == CODE_STREAM_NOT_FOUND);
}

static enum fs_status take_error(struct round *round, size_t i, const cJSON *error)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "code");
    const cJSON *err_code = cJSON_GetObjectItemCaseSensitive(error, "err_code");
    const cJSON *said = cJSON_GetObjectItemCaseSensitive(error, "description");
    int number = cJSON_IsNumber(code) ? code->valueint : 0;
    int detail = cJSON_IsNumber(err_code) ? err_code->valueint : 0;
    const char *raw = cJSON_IsString(said) ? said->valuestring : "no description";
    char clean[192];
    char why[256];
    text_clean(clean, sizeof clean, raw, strlen(raw));
    snprintf(why, sizeof why, "%d/%d %s", number, detail, clean);
    if (is_not_yet(&round->items[i], number, detail)) {
        return put_off(round, i, why);
    }
    return item_failed(round, i, ST_REFUSED, why);
}

/* Which item a reply is for: the last token of its subject. */
static bool reply_item(const struct round *round, natsMsg *msg, size_t *out)
{
    const char *subject = natsMsg_GetSubject(msg);
    const char *dot = subject == NULL ? NULL : strrchr(subject, '.');
    uint64_t number = 0;
    if (dot == NULL || !number_parse_u64(dot + 1, strlen(dot + 1), &number) ||
        number >= round->count) {
        return false;
    }
    *out = (size_t)number;
    return true;
}

static enum fs_status take_reply(struct round *round, natsMsg *msg)
{
    size_t i = 0;
    if (!reply_item(round, msg, &i) || round->calls[i].state == CALL_DONE) {
        return ST_OK;
    }
    if (natsMsg_IsNoResponders(msg)) {
        return put_off(round, i, "no server answers the JetStream API");
    }
    cJSON *reply = cJSON_ParseWithLength(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg));
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error");
    enum fs_status status = ST_OK;
    if (!cJSON_IsObject(reply)) {
        status = item_failed(round, i, ST_INVALID, "the server's reply is not a JSON object");
    } else if (error != NULL) {
        status = take_error(round, i, error);
    } else {
        settle(round, i);
    }
    cJSON_Delete(reply);
    return status;
}

/* Send what is due and mark what went unanswered. */
static enum fs_status advance_calls(struct round *round)
{
    int64_t now_ms = provision_mono_ms();
    for (size_t i = round->first_open; i < round->count; i++) {
        struct call *call = &round->calls[i];
        enum fs_status status = ST_OK;
        if (call->state == CALL_SENT && now_ms >= call->due_mono_ms) {
            status = put_off(round, i, "no answer");
        }
        bool is_due =
            call->state == CALL_NEW || (call->state == CALL_PAUSED && now_ms >= call->due_mono_ms);
        if (status == ST_OK && is_due && round->under_way < CALLS_UNDER_WAY_MAX) {
            status = send_call(round, i);
        }
        if (status != ST_OK) {
            return status;
        }
        if (call->state == CALL_NEW) {
            break; /* the window is full, and everything behind is new as well */
        }
    }
    return ST_OK;
}

static enum fs_status run_round(struct round *round)
{
    enum fs_status status = ST_OK;
    while (status == ST_OK && round->done < round->count) {
        natsMsg *msg = NULL;
        status = advance_calls(round);
        if (status != ST_OK) {
            break;
        }
        natsStatus got = natsSubscription_NextMsg(&msg, round->replies, IDLE_WAIT_MS);
        if (got == NATS_OK) {
            status = take_reply(round, msg);
            natsMsg_Destroy(msg);
        } else if (got != NATS_TIMEOUT) {
            status = err_set(round->err, ST_IO, "lab provision: %s%s%s", natsStatus_GetText(got),
                             round->last_no[0] != '\0' ? "; last: " : "", round->last_no);
        }
    }
    return status;
}

enum fs_status provision_make(natsConnection *nc, const struct provision_item *items, size_t count,
                              struct err *err)
{
    enum fs_status status = ST_OK;
    natsInbox *inbox = NULL;
    char wildcard[80];
    struct round round = {.nc = nc, .items = items, .count = count, .err = err};
    strbuf_init(&round.subject, alloc_heap());
    strbuf_init(&round.body, alloc_heap());
    round.calls = calloc(count + 1, sizeof *round.calls);
    natsStatus made = natsInbox_Create(&inbox);
    if (round.calls == NULL || made != NATS_OK) {
        status = err_set(err, ST_NO_MEMORY, "lab provision: out of memory");
        goto out;
    }
    text_copy(round.inbox, sizeof round.inbox, inbox);
    snprintf(wildcard, sizeof wildcard, "%s.*", round.inbox);
    made = natsConnection_SubscribeSync(&round.replies, nc, wildcard);
    if (made != NATS_OK) {
        status = err_set(err, ST_IO, "lab provision: %s", natsStatus_GetText(made));
        goto out;
    }
    status = run_round(&round);
out:
    natsSubscription_Destroy(round.replies);
    natsInbox_Destroy(inbox);
    free(round.calls);
    strbuf_destroy(&round.subject);
    strbuf_destroy(&round.body);
    return status;
}
