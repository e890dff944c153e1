/*
 * feed_seen.c - what was seen before: pushes, advisories, notes, names of origins.
 *
 * Why:   every connection of the system account carries every server's pushes; and a complaint is
 *        worth a line once, not once a second.
 * How:   hashes in fixed tables; the origins' set grows with what is used.
 * Rules: a table that is full forgets its oldest or refuses quietly what only saves repetition.
 * See:   src/feeds/feed_impl.h
 */
#include <stdlib.h>
#include <string.h>

#include "farshore/base/hash.h"
#include "feed_impl.h"

#define ORIGINS_MIN 64
#define ORIGINS_MAX 65536

/* A server's messages are numbered: an equal or lower number is a copy that came another way. */
bool feed_is_new_push(struct nats_feed *feed, const char *server_id, uint64_t seq)
{
    uint64_t hash = hash_finish(hash_text(HASH_SEED, server_id)) | 1;
    bool is_new = true;
    pthread_mutex_lock(&feed->mutex);
    for (size_t i = 0; i < FEED_PUSHERS; i++) {
        struct pusher *pusher = &feed->pushers[(hash + i) % FEED_PUSHERS];
        if (pusher->server == 0) {
            *pusher = (struct pusher){.server = hash, .seq = seq};
            break;
        }
        if (pusher->server == hash) {
            is_new = seq > pusher->seq;
            pusher->seq = is_new ? seq : pusher->seq;
            break;
        }
        if (i + 1 == FEED_PUSHERS) { /* ids of long gone processes: begin anew */
            memset(feed->pushers, 0, sizeof(feed->pushers));
        }
    }
    pthread_mutex_unlock(&feed->mutex);
    return is_new;
}

bool feed_is_new_advisory(struct nats_feed *feed, uint64_t identity)
{
    bool is_new = true;
    if (identity == 0) {
        return true;
    }
    pthread_mutex_lock(&feed->mutex);
    for (size_t i = 0; i < FEED_ADVISORIES && is_new; i++) {
        is_new = feed->advisories[i] != identity;
    }
    if (is_new) {
        feed->advisories[feed->next_advisory++ % FEED_ADVISORIES] = identity;
    }
    pthread_mutex_unlock(&feed->mutex);
    return is_new;
}

bool feed_is_new_note(struct nats_feed *feed, const struct evt_note *note)
{
    uint64_t hash = hash_text(HASH_SEED, note->source);
    hash = hash_finish(hash_text(hash, note->text)) | 1;
    for (size_t i = 0; i < FEED_NOTES; i++) {
        if (feed->notes[i] == hash) {
            return false;
        }
    }
    feed->notes[feed->note_count++ % FEED_NOTES] = hash;
    return true;
}

/* ---- origins ---- */

static uint64_t origin_hash(const char *account, const char *stream)
{
    return hash_finish(hash_text(hash_text(HASH_SEED, account), stream)) | 1;
}

/* The slot that holds hash or the free one where it belongs; the table is never full. */
static uint64_t *origin_slot(uint64_t *table, size_t capacity, uint64_t hash)
{
    size_t at = (size_t)(hash >> 1) & (capacity - 1);
    while (table[at] != 0 && table[at] != hash) {
        at = (at + 1) & (capacity - 1);
    }
    return &table[at];
}

static bool grow_origins(struct nats_feed *feed)
{
    size_t capacity = feed->origin_capacity == 0 ? ORIGINS_MIN : 2 * feed->origin_capacity;
    uint64_t *table = capacity > ORIGINS_MAX ? NULL : calloc(capacity, sizeof(*table));
    if (table == NULL) {
        return false;
    }
    for (size_t i = 0; i < feed->origin_capacity; i++) {
        if (feed->origins[i] != 0) {
            *origin_slot(table, capacity, feed->origins[i]) = feed->origins[i];
        }
    }
    free(feed->origins);
    feed->origins = table;
    feed->origin_capacity = capacity;
    return true;
}

void feed_add_origin(struct nats_feed *feed, const char *account, const char *stream)
{
    uint64_t hash = origin_hash(account, stream);
    pthread_mutex_lock(&feed->mutex);
    bool has_room = 2 * (feed->origin_count + 1) <= feed->origin_capacity || grow_origins(feed);
    if (has_room) {
        uint64_t *slot = origin_slot(feed->origins, feed->origin_capacity, hash);
        feed->origin_count += *slot == 0 ? 1 : 0;
        *slot = hash;
    }
    pthread_mutex_unlock(&feed->mutex);
}

bool feed_is_origin(void *context, const char *account, const char *stream)
{
    struct nats_feed *feed = context;
    uint64_t hash = origin_hash(account, stream);
    pthread_mutex_lock(&feed->mutex);
    bool is_origin = feed->origin_capacity > 0 &&
                     *origin_slot(feed->origins, feed->origin_capacity, hash) == hash;
    pthread_mutex_unlock(&feed->mutex);
    return is_origin;
}
