/*
 * worker_consume.c - the consuming half of the workload, one thread a durable.
 *
 * Why:   after a promotion the messages come from another stream of another name; a client that
 *        knows only the subject must find it, as the lab's clients do.
 * How:   ask STREAM.NAMES for the subject, pull from the durable there in batches, acknowledge.
 *        Whatever goes wrong ends the session, and the next one asks for the stream anew. When the
 *        question itself fails (no meta leader answers it) the last known stream is tried again.
 * Rules: no wait is longer than NEXT_WAIT_MS but the question; ids are remembered over sessions and
 *        streams, so that a message delivered again from the promoted stream counts as a duplicate.
 * See:   worker.h for the counters; nats-server's pull protocol: an expired pull ends with 408, a
 *        lost one with nothing
 */
#include "worker_consume.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"
#include "worker_seen.h"

#define QUESTION_LIMIT_MS 2000
#define BATCH 100
#define PULL_EXPIRES_MS 2000
#define PULL_GRACE_MS 2000 /* past its end without a word: the pull was lost */
#define NEXT_WAIT_MS 200
#define REST_MS 500

struct worker_consumer {
    struct worker_link *link;
    const struct lab_durable *durable;
    struct worker_seen *seen; /* the thread's own */
    pthread_t thread;
    pthread_mutex_t mutex; /* over everything below */
    pthread_cond_t stopping;
    bool should_stop;
    struct worker_consumed counts;
};

bool worker_delivery_parse(const char *reply, uint64_t *stream_seq)
{
    /* $JS.ACK.stream.consumer.delivered.SEQ.…; with domain and account two tokens later. */
    const char *tokens[16];
    size_t count = 0;
    if (reply == NULL || strncmp(reply, "$JS.ACK.", 8) != 0) {
        return false;
    }
    for (const char *at = reply; at != NULL && count < 16; count++) {
        tokens[count] = at;
        at = strchr(at, '.');
        at = at == NULL ? NULL : at + 1;
    }
    if (count < 9) {
        return false;
    }
    const char *seq = tokens[count == 9 ? 5 : 7];
    return number_parse_u64(seq, strcspn(seq, "."), stream_seq);
}

bool worker_names_parse(const char *json, size_t count, char *stream)
{
    cJSON *reply = cJSON_ParseWithLength(json, count);
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(reply, "streams");
    const cJSON *first = cJSON_IsArray(names) ? cJSON_GetArrayItem(names, 0) : NULL;
    bool is_found = first != NULL && cJSON_IsString(first) && first->valuestring[0] != '\0' &&
                    strlen(first->valuestring) < WORKER_NAME_BYTES &&
                    strpbrk(first->valuestring, ".*> ") == NULL;
    if (is_found) {
        text_clean(stream, WORKER_NAME_BYTES, first->valuestring, strlen(first->valuestring));
    }
    cJSON_Delete(reply);
    return is_found;
}

static bool is_stopping(struct worker_consumer *consumer)
{
    pthread_mutex_lock(&consumer->mutex);
    bool should_stop = consumer->should_stop;
    pthread_mutex_unlock(&consumer->mutex);
    return should_stop;
}

/* Sleep for REST_MS or until stopped. */
static void rest(struct worker_consumer *consumer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += REST_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_mutex_lock(&consumer->mutex);
    if (!consumer->should_stop) {
        pthread_cond_timedwait(&consumer->stopping, &consumer->mutex, &until);
    }
    pthread_mutex_unlock(&consumer->mutex);
}

static void set_stream(struct worker_consumer *consumer, const char *stream)
{
    pthread_mutex_lock(&consumer->mutex);
    if (strcmp(consumer->counts.stream, stream) != 0) {
        text_copy(consumer->counts.stream, sizeof consumer->counts.stream, stream);
        consumer->counts.highest_seq = 0;
    }
    pthread_mutex_unlock(&consumer->mutex);
}

/* Which stream captures the subject now? The last known one when nobody answers. */
static bool find_stream(struct worker_consumer *consumer, natsConnection *nc, char *stream)
{
    natsMsg *msg = NULL;
    char question[128];
    snprintf(question, sizeof question, "{\"subject\":\"%s\"}", consumer->durable->subject);
    natsStatus status =
        natsConnection_RequestString(&msg, nc, "$JS.API.STREAM.NAMES", question, QUESTION_LIMIT_MS);
    bool is_found =
        status == NATS_OK &&
        worker_names_parse(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg), stream);
    natsMsg_Destroy(msg);
    if (!is_found) {
        text_copy(stream, WORKER_NAME_BYTES, consumer->counts.stream); /* only we write it */
        return stream[0] != '\0';
    }
    set_stream(consumer, stream);
    return true;
}

static void take_message(struct worker_consumer *consumer, natsConnection *nc, natsMsg *msg)
{
    uint64_t seq = 0;
    const char *id = NULL;
    const char *reply = natsMsg_GetReply(msg);
    bool has_seq = worker_delivery_parse(reply, &seq);
    if (!has_seq || natsConnection_PublishString(nc, reply, "+ACK") != NATS_OK) {
        return;
    }
    bool has_id = natsMsgHeader_Get(msg, "Nats-Msg-Id", &id) == NATS_OK && id != NULL;
    bool is_seen = has_id && worker_seen_before(consumer->seen, id);
    pthread_mutex_lock(&consumer->mutex);
    consumer->counts.consumed += is_seen ? 0 : 1;
    consumer->counts.duplicates += is_seen ? 1 : 0;
    if (seq > consumer->counts.highest_seq) {
        consumer->counts.highest_seq = seq;
    }
    pthread_mutex_unlock(&consumer->mutex);
}

/* What the server says about a pull, as an empty message with a status header. */
enum pull_end {
    PULL_GOES_ON,
    PULL_OVER, /* expired or nothing there: ask again */
    PULL_LOST, /* consumer or leader gone: find the stream anew */
};

static enum pull_end read_status(natsMsg *msg)
{
    const char *status = NULL;
    if (natsMsg_GetDataLength(msg) > 0 || natsMsgHeader_Get(msg, "Status", &status) != NATS_OK) {
        return PULL_GOES_ON;
    }
    if (strcmp(status, "404") == 0 || strcmp(status, "408") == 0) {
        return PULL_OVER;
    }
    return strcmp(status, "100") == 0 ? PULL_GOES_ON : PULL_LOST;
}

static int64_t mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Take what one pull brings. */
static enum pull_end take_batch(struct worker_consumer *consumer, natsConnection *nc,
                                natsSubscription *inbox)
{
    int64_t limit_ms = mono_ms() + PULL_EXPIRES_MS + PULL_GRACE_MS;
    int taken = 0;
    while (taken < BATCH && !is_stopping(consumer)) {
        natsMsg *msg = NULL;
        natsStatus status = natsSubscription_NextMsg(&msg, inbox, NEXT_WAIT_MS);
        if (status == NATS_TIMEOUT && mono_ms() < limit_ms) {
            continue;
        }
        if (status != NATS_OK) {
            return PULL_LOST;
        }
        enum pull_end end = natsMsg_IsNoResponders(msg) ? PULL_LOST : read_status(msg);
        if (end == PULL_GOES_ON && natsMsg_GetReply(msg) != NULL) {
            take_message(consumer, nc, msg);
            taken++;
        }
        natsMsg_Destroy(msg);
        if (end != PULL_GOES_ON) {
            return end;
        }
    }
    return PULL_OVER;
}

/* Pull from the durable until something goes wrong. */
static void run_session(struct worker_consumer *consumer, natsConnection *nc, const char *stream)
{
    natsSubscription *sub = NULL;
    natsInbox *inbox = NULL;
    char subject[192];
    char request[96];
    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.MSG.NEXT.%s.%s", stream,
             consumer->durable->name);
    snprintf(request, sizeof request, "{\"batch\":%d,\"expires\":%" PRId64 "}", BATCH,
             (int64_t)PULL_EXPIRES_MS * 1000000);
    if (natsInbox_Create(&inbox) != NATS_OK) {
        return;
    }
    if (natsConnection_SubscribeSync(&sub, nc, inbox) == NATS_OK) {
        enum pull_end end = PULL_OVER;
        while (end == PULL_OVER && !is_stopping(consumer) &&
               natsConnection_Status(nc) == NATS_CONN_STATUS_CONNECTED &&
               natsConnection_PublishRequestString(nc, subject, inbox, request) == NATS_OK) {
            end = take_batch(consumer, nc, sub);
        }
    }
    natsSubscription_Destroy(sub);
    natsInbox_Destroy(inbox);
}

static void *run_consumer(void *argument)
{
    struct worker_consumer *consumer = argument;
    while (!is_stopping(consumer)) {
        uint64_t generation = 0;
        char stream[WORKER_NAME_BYTES] = "";
        natsConnection *nc = worker_link_borrow(consumer->link, &generation);
        if (nc != NULL) {
            if (natsConnection_Status(nc) == NATS_CONN_STATUS_CONNECTED &&
                find_stream(consumer, nc, stream)) {
                run_session(consumer, nc, stream);
            }
            worker_link_return(consumer->link);
        }
        rest(consumer);
    }
    nats_ReleaseThreadMemory();
    return NULL;
}

static void free_consumer(struct worker_consumer *consumer)
{
    pthread_cond_destroy(&consumer->stopping);
    pthread_mutex_destroy(&consumer->mutex);
    free(consumer->seen);
    free(consumer);
}

struct worker_consumer *worker_consumer_open(struct worker_link *link,
                                             const struct lab_durable *durable)
{
    struct worker_consumer *consumer = calloc(1, sizeof *consumer);
    pthread_condattr_t attributes;
    if (consumer == NULL) {
        return NULL;
    }
    consumer->link = link;
    consumer->durable = durable;
    consumer->seen = calloc(1, sizeof *consumer->seen);
    pthread_mutex_init(&consumer->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&consumer->stopping, &attributes);
    pthread_condattr_destroy(&attributes);
    if (consumer->seen == NULL ||
        pthread_create(&consumer->thread, NULL, run_consumer, consumer) != 0) {
        free_consumer(consumer);
        return NULL;
    }
    return consumer;
}

void worker_consumer_read(struct worker_consumer *consumer, struct worker_consumed *out)
{
    pthread_mutex_lock(&consumer->mutex);
    *out = consumer->counts;
    pthread_mutex_unlock(&consumer->mutex);
}

void worker_consumer_stop(struct worker_consumer *consumer)
{
    pthread_mutex_lock(&consumer->mutex);
    consumer->should_stop = true;
    pthread_cond_broadcast(&consumer->stopping);
    pthread_mutex_unlock(&consumer->mutex);
}

bool worker_consumer_close(struct worker_consumer *consumer, int64_t limit_mono_ms)
{
    worker_consumer_stop(consumer);
    if (!worker_thread_join(consumer->thread, limit_mono_ms)) {
        pthread_detach(consumer->thread);
        return false;
    }
    free_consumer(consumer);
    return true;
}
