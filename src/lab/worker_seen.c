/*
 * worker_seen.c - a bounded memory of message ids; see the header for its form.
 */
#include "worker_seen.h"

#include <string.h>

#include "farshore/base/hash.h"

#define PLACES ((size_t)2 * WORKER_SEEN_GENERATION)

/* The place of hash in table: where it is, or the empty one where it belongs. */
static size_t find_place(const uint64_t *table, uint64_t hash)
{
    size_t place = (size_t)hash % PLACES;
    while (table[place] != 0 && table[place] != hash) {
        place = (place + 1) % PLACES;
    }
    return place;
}

bool worker_seen_before(struct worker_seen *seen, const char *id)
{
    uint64_t hash = hash_finish(hash_text(HASH_SEED, id));
    hash = hash == 0 ? 1 : hash;
    uint64_t *younger = seen->tables[seen->younger];
    const uint64_t *older = seen->tables[1 - seen->younger];
    size_t place = find_place(younger, hash);
    if (younger[place] == hash || older[find_place(older, hash)] == hash) {
        return true;
    }
    if (seen->used == WORKER_SEEN_GENERATION) {
        seen->younger = 1 - seen->younger;
        seen->used = 0;
        younger = seen->tables[seen->younger];
        memset(younger, 0, sizeof seen->tables[0]);
        place = find_place(younger, hash);
    }
    younger[place] = hash;
    seen->used++;
    return false;
}
