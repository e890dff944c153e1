/*
 * worker_publish.c - the publishing half of the workload.
 *
 * Why:   a failover is judged by what a client was promised: a message that was acknowledged must
 * be in the stream afterwards, so acks are counted exactly, per stream. How:   a table of slots,
 * one a message without an ack. Acks come to <inbox>.<slot>.<number> on a thread of nats.c; the
 * number must be the slot's own, so that a late ack of an earlier send settles the message and one
 * that comes twice counts once. A message keeps its Nats-Msg-Id over all sends; the stream stores
 * it once as long as it remembers ids (2 minutes). States of a slot: FREE, then SENT (until its
 * limit), WAITING (for the next send), FREE. Rules: nothing is sent while not connected. What is
 * under way is bounded by two seconds of the rate; with the table full nothing new begins. nats.c
 * is never called under the mutex. See:   worker.h for the counters; tests/unit/lab/test_worker.c
 */
#include "worker_publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"

#define SLOTS_MIN 64
#define SLOTS_MAX 8192
#define ACK_LIMIT_MS 2000
#define RETRY_FIRST_MS 250
#define RETRY_MOST_MS 1000
#define SWEEP_MS 50 /* how often slots are looked at for sending again */
#define PAYLOAD_BYTES 256
/* Subjects repeat after so many messages, so that no server's subject table grows for ever. */
#define SUBJECT_NUMBERS 512

/* agentese.task.* and events.audit.*: slot % FAMILIES says which, so that each has half the slots.
 */
#define FAMILIES 2

enum slot_state {
    SLOT_FREE,
    SLOT_SENT,
    SLOT_WAITING
};

struct slot {
    enum slot_state state;
    bool is_unknown; /* one send had no answer */
    int pause_ms;    /* before the next send; doubles */
    uint64_t number; /* of the message, from 1 */
    int64_t due_mono_ms;
};

struct worker_publisher {
    struct worker_link *link;
    int rate_per_s;
    char run[40]; /* prefix of every Nats-Msg-Id */
    char inbox[64];
    natsSubscription *replies;
    uint64_t generation; /* of the connection that replies belongs to */
    int64_t paced_mono_ms;
    int64_t swept_mono_ms;
    int64_t credit; /* thousandths of a message that may begin */
    uint64_t next_number;
    size_t next_family;
    pthread_mutex_t mutex; /* over everything below, and inbox */
    pthread_cond_t silent; /* no callback of replies runs any more */
    bool is_listening;
    size_t slot_count;
    size_t next_free[FAMILIES]; /* where to look for a free slot first */
    struct slot *slots;
    struct worker_published counts;
};

bool worker_ack_parse(const char *json, size_t count, char *stream, bool *is_duplicate)
{
    stream[0] = '\0';
    *is_duplicate = false;
    cJSON *ack = cJSON_ParseWithLength(json, count);
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(ack, "stream");
    bool is_ack = cJSON_IsString(name) && name->valuestring[0] != '\0' &&
                  cJSON_GetObjectItemCaseSensitive(ack, "error") == NULL;
    if (is_ack) {
        text_clean(stream, WORKER_STREAM_BYTES, name->valuestring, strlen(name->valuestring));
        *is_duplicate = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(ack, "duplicate"));
    }
    cJSON_Delete(ack);
    return is_ack;
}

/* One more ack of stream; with the table full it is counted under its last name, "other". */
static void count_ack(struct worker_published *counts, const char *stream)
{
    size_t i = 0;
    while (i < counts->streams && strcmp(counts->acks[i].stream, stream) != 0) {
        i++;
    }
    if (i == counts->streams && i < WORKER_STREAMS_MAX) {
        const char *name = i + 1 < WORKER_STREAMS_MAX ? stream : "other";
        text_copy(counts->acks[i].stream, sizeof counts->acks[i].stream, name);
        counts->streams++;
    }
    counts->acks[i < WORKER_STREAMS_MAX ? i : WORKER_STREAMS_MAX - 1].acks++;
}

static int64_t mono_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Send the slot's message again after its pause. Under the mutex. */
static void slot_wait(struct slot *slot, int64_t now_mono_ms)
{
    slot->state = SLOT_WAITING;
    slot->due_mono_ms = now_mono_ms + slot->pause_ms;
    slot->pause_ms = slot->pause_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : slot->pause_ms * 2;
}

/* The slot that a reply's subject <inbox>.<slot>.<number> names; NULL when it is settled. */
static struct slot *find_slot(struct worker_publisher *publisher, const char *subject)
{
    uint64_t index = 0;
    uint64_t number = 0;
    const char *number_at = strrchr(subject, '.');
    size_t skip = strlen(publisher->inbox) + 1;
    if (number_at == NULL || (size_t)(number_at - subject) <= skip ||
        !number_parse_u64(number_at + 1, strlen(number_at + 1), &number) ||
        !number_parse_u64(subject + skip, (size_t)(number_at - subject) - skip, &index) ||
        index >= publisher->slot_count) {
        return NULL;
    }
    struct slot *slot = &publisher->slots[index];
    return slot->state != SLOT_FREE && slot->number == number ? slot : NULL;
}

static void on_reply(natsConnection *nc, natsSubscription *sub, natsMsg *msg, void *closure)
{
    (void)nc;
    (void)sub;
    struct worker_publisher *publisher = closure;
    char stream[WORKER_STREAM_BYTES];
    bool is_duplicate = false;
    bool is_ack = !natsMsg_IsNoResponders(msg) &&
                  worker_ack_parse(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg), stream,
                                   &is_duplicate);
    pthread_mutex_lock(&publisher->mutex);
    struct slot *slot = find_slot(publisher, natsMsg_GetSubject(msg));
    if (slot != NULL && is_ack) {
        publisher->counts.acked++;
        publisher->counts.in_flight--;
        publisher->counts.unknown -= slot->is_unknown ? 1 : 0;
        publisher->counts.lost_acks += is_duplicate ? 1 : 0;
        count_ack(&publisher->counts, stream);
        slot->state = SLOT_FREE;
    } else if (slot != NULL) {
        publisher->counts.errors++;
        if (slot->state == SLOT_SENT) {
            slot_wait(slot, mono_ms());
        }
    }
    pthread_mutex_unlock(&publisher->mutex);
    natsMsg_Destroy(msg);
}

struct worker_publisher *worker_publisher_open(struct worker_link *link, int rate_per_s)
{
    struct worker_publisher *publisher = calloc(1, sizeof *publisher);
    struct timespec now;
    if (publisher == NULL) {
        return NULL;
    }
    int64_t slots = (int64_t)rate_per_s * 2;
    slots = slots < SLOTS_MIN ? SLOTS_MIN : slots > SLOTS_MAX ? SLOTS_MAX : slots;
    publisher->slot_count = (size_t)slots;
    publisher->slots = calloc(publisher->slot_count, sizeof *publisher->slots);
    if (publisher->slots == NULL) {
        free(publisher);
        return NULL;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(publisher->run, sizeof publisher->run, "%" PRIx64 "-%d",
             (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, (int)getpid());
    publisher->link = link;
    publisher->rate_per_s = rate_per_s;
    publisher->next_number = 1;
    publisher->paced_mono_ms = mono_ms();
    pthread_mutex_init(&publisher->mutex, NULL);
    pthread_cond_init(&publisher->silent, NULL);
    return publisher;
}

/* nats.c calls this once the last callback of a subscription has returned. */
static void on_silent(void *closure)
{
    struct worker_publisher *publisher = closure;
    pthread_mutex_lock(&publisher->mutex);
    publisher->is_listening = false;
    pthread_cond_broadcast(&publisher->silent);
    pthread_mutex_unlock(&publisher->mutex);
}

/* End the subscription and wait until none of its callbacks runs. */
static void unsubscribe(struct worker_publisher *publisher)
{
    if (publisher->replies == NULL) {
        return;
    }
    natsSubscription_Unsubscribe(publisher->replies);
    natsSubscription_Destroy(publisher->replies);
    publisher->replies = NULL;
    pthread_mutex_lock(&publisher->mutex);
    while (publisher->is_listening) {
        pthread_cond_wait(&publisher->silent, &publisher->mutex);
    }
    pthread_mutex_unlock(&publisher->mutex);
}

/* Listen for acks on this connection, once for each connection object. */
static bool subscribe(struct worker_publisher *publisher, natsConnection *nc, uint64_t generation)
{
    natsInbox *inbox = NULL;
    char wildcard[80];
    if (publisher->replies != NULL && publisher->generation == generation) {
        return true;
    }
    unsubscribe(publisher);
    if (natsInbox_Create(&inbox) != NATS_OK) {
        return false;
    }
    pthread_mutex_lock(&publisher->mutex);
    text_copy(publisher->inbox, sizeof publisher->inbox, inbox);
    pthread_mutex_unlock(&publisher->mutex);
    natsInbox_Destroy(inbox);
    snprintf(wildcard, sizeof wildcard, "%s.>", publisher->inbox);
    publisher->generation = generation;
    if (natsConnection_Subscribe(&publisher->replies, nc, wildcard, on_reply, publisher) !=
        NATS_OK) {
        return false;
    }
    publisher->is_listening =
        natsSubscription_SetOnCompleteCB(publisher->replies, on_silent, publisher) == NATS_OK;
    return true;
}

static natsMsg *make_message(struct worker_publisher *publisher, size_t index, uint64_t number)
{
    bool is_event = index % FAMILIES == 1;
    char subject[64];
    char reply[128];
    char id[72];
    char payload[PAYLOAD_BYTES + 1];
    natsMsg *msg = NULL;
    snprintf(subject, sizeof subject, "%s.%" PRIu64, is_event ? "events.audit" : "agentese.task",
             number / FAMILIES % SUBJECT_NUMBERS);
    snprintf(reply, sizeof reply, "%s.%zu.%" PRIu64, publisher->inbox, index, number);
    snprintf(id, sizeof id, "%s-%" PRIu64, publisher->run, number);
    int used = snprintf(payload, sizeof payload, "{\"id\":\"%s\",\"fill\":\"", id);
    memset(payload + used, '.', sizeof payload - (size_t)used);
    memcpy(payload + PAYLOAD_BYTES - 2, "\"}", 2);
    if (natsMsg_Create(&msg, subject, reply, payload, PAYLOAD_BYTES) != NATS_OK) {
        return NULL;
    }
    if (natsMsgHeader_Set(msg, "Nats-Msg-Id", id) != NATS_OK) {
        natsMsg_Destroy(msg);
        return NULL;
    }
    return msg;
}

/* The slot is SENT already, because its ack may come before the call returns. */
static void send_slot(struct worker_publisher *publisher, natsConnection *nc, size_t index,
                      uint64_t number)
{
    natsMsg *msg = make_message(publisher, index, number);
    natsStatus status = msg == NULL ? NATS_NO_MEMORY : natsConnection_PublishMsg(nc, msg);
    natsMsg_Destroy(msg);
    if (status == NATS_OK) {
        return;
    }
    pthread_mutex_lock(&publisher->mutex);
    struct slot *slot = &publisher->slots[index];
    if (slot->state == SLOT_SENT && slot->number == number) {
        slot_wait(slot, mono_ms());
    }
    pthread_mutex_unlock(&publisher->mutex);
}

/* Under the mutex: is this slot to be sent again now? Marks what went unanswered. */
static bool slot_is_due(struct worker_publisher *publisher, struct slot *slot, int64_t now_mono_ms)
{
    if (slot->state == SLOT_FREE || now_mono_ms < slot->due_mono_ms) {
        return false;
    }
    if (slot->state == SLOT_SENT) {
        publisher->counts.timeouts++;
        publisher->counts.unknown += slot->is_unknown ? 0 : 1;
        slot->is_unknown = true;
        slot_wait(slot, now_mono_ms);
        return false;
    }
    slot->state = SLOT_SENT;
    slot->due_mono_ms = now_mono_ms + ACK_LIMIT_MS;
    return true;
}

static void send_again(struct worker_publisher *publisher, natsConnection *nc, int64_t now_mono_ms)
{
    if (now_mono_ms - publisher->swept_mono_ms < SWEEP_MS) {
        return;
    }
    publisher->swept_mono_ms = now_mono_ms;
    for (size_t i = 0; i < publisher->slot_count; i++) {
        pthread_mutex_lock(&publisher->mutex);
        struct slot *slot = &publisher->slots[i];
        uint64_t number = slot->number;
        bool is_due = slot_is_due(publisher, slot, now_mono_ms);
        pthread_mutex_unlock(&publisher->mutex);
        if (is_due) {
            send_slot(publisher, nc, i, number);
        }
    }
}

/* Take a free slot of this family for a new message; false when all of its own are under way. */
static bool begin_message(struct worker_publisher *publisher, size_t family, int64_t now_mono_ms,
                          size_t *index)
{
    size_t places = publisher->slot_count / FAMILIES;
    bool has_slot = false;
    pthread_mutex_lock(&publisher->mutex);
    for (size_t i = 0; i < places && !has_slot; i++) {
        *index = (publisher->next_free[family] + i) % places * FAMILIES + family;
        has_slot = publisher->slots[*index].state == SLOT_FREE;
    }
    if (has_slot) {
        publisher->next_free[family] = (*index / FAMILIES + 1) % places;
        publisher->slots[*index] = (struct slot){.state = SLOT_SENT,
                                                 .pause_ms = RETRY_FIRST_MS,
                                                 .number = publisher->next_number,
                                                 .due_mono_ms = now_mono_ms + ACK_LIMIT_MS};
        publisher->counts.published++;
        publisher->counts.in_flight++;
    }
    pthread_mutex_unlock(&publisher->mutex);
    return has_slot;
}

/* The families take turns; one that is stuck misses its turns and does not hold up the other. */
static void send_new(struct worker_publisher *publisher, natsConnection *nc, int64_t now_mono_ms)
{
    for (; publisher->credit >= 1000; publisher->credit -= 1000) {
        size_t index = 0;
        size_t family = publisher->next_family;
        publisher->next_family = (family + 1) % FAMILIES;
        if (begin_message(publisher, family, now_mono_ms, &index)) {
            send_slot(publisher, nc, index, publisher->next_number++);
        }
    }
}

void worker_publisher_tick(struct worker_publisher *publisher, int64_t now_mono_ms)
{
    uint64_t generation = 0;
    int64_t most = (int64_t)publisher->rate_per_s * 100 + 1000; /* what was missed is not made up */
    publisher->credit += (now_mono_ms - publisher->paced_mono_ms) * publisher->rate_per_s;
    publisher->credit = publisher->credit > most ? most : publisher->credit;
    publisher->paced_mono_ms = now_mono_ms;
    if (publisher->rate_per_s == 0) {
        return;
    }
    natsConnection *nc = worker_link_borrow(publisher->link, &generation);
    if (nc == NULL) {
        return;
    }
    if (natsConnection_Status(nc) == NATS_CONN_STATUS_CONNECTED &&
        subscribe(publisher, nc, generation)) {
        send_again(publisher, nc, now_mono_ms);
        send_new(publisher, nc, now_mono_ms);
    }
    worker_link_return(publisher->link);
}

void worker_publisher_read(struct worker_publisher *publisher, struct worker_published *out)
{
    pthread_mutex_lock(&publisher->mutex);
    *out = publisher->counts;
    pthread_mutex_unlock(&publisher->mutex);
}

void worker_publisher_close(struct worker_publisher *publisher)
{
    if (publisher == NULL) {
        return;
    }
    unsubscribe(publisher);
    pthread_cond_destroy(&publisher->silent);
    pthread_mutex_destroy(&publisher->mutex);
    free(publisher->slots);
    free(publisher);
}
