/*
 * readiness_facts.c - tables of what a survey found, and finding in them.
 *
 * Why:   10,000 streams are reported by three servers each, and each mirror's future subjects must
 *        be held against all of them: both must stay far below a second.
 * How:   rows are appended as replies come; once, at the end, sorted and thinned out. Subjects are
 *        sorted by a hash of account and first token, so that few are compared.
 * See:   readiness.c; tests/unit/core/test_readiness_facts.c
 */
#include "farshore/core/readiness_facts.h"

#include <string.h>

#include "farshore/base/hash.h"

#define CHUNK_BYTES ((size_t)16384)
#define ROWS_LEAST 16u

struct ready_chunk {
    struct ready_chunk *next;
    size_t bytes, used; /* of this block, the head included */
};

void ready_facts_begin(struct ready_facts *facts, const struct fs_alloc *alloc)
{
    memset(facts, 0, sizeof(*facts));
    facts->alloc = alloc;
}

static size_t row_bytes(size_t table)
{
    static const size_t bytes[] = {sizeof(struct ready_region),  sizeof(struct ready_stream),
                                   sizeof(struct ready_server),  sizeof(struct ready_login),
                                   sizeof(struct ready_account), sizeof(struct ready_place),
                                   sizeof(struct ready_subject)};
    return bytes[table];
}

void ready_facts_end(struct ready_facts *facts)
{
    void *tables[] = {facts->regions,  facts->streams, facts->servers, facts->logins,
                      facts->accounts, facts->places,  facts->subjects};
    for (size_t i = 0; facts->alloc != NULL && i < sizeof(tables) / sizeof(tables[0]); i++) {
        alloc_release(facts->alloc, tables[i], facts->capacities[i] * row_bytes(i));
    }
    while (facts->chunks != NULL) {
        struct ready_chunk *next = facts->chunks->next;
        alloc_release(facts->alloc, facts->chunks, facts->chunks->bytes);
        facts->chunks = next;
    }
    memset(facts, 0, sizeof(*facts));
}

const char *ready_text(struct ready_facts *facts, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    size_t need = strlen(text) + 1;
    struct ready_chunk *chunk = facts->chunks;
    if (chunk == NULL || chunk->bytes - chunk->used < need) {
        size_t bytes = need > CHUNK_BYTES / 4 ? sizeof(*chunk) + need : CHUNK_BYTES;
        chunk = alloc_zeroed(facts->alloc, bytes, 1);
        if (chunk == NULL) {
            facts->has_failed = true;
            return NULL;
        }
        *chunk = (struct ready_chunk){facts->chunks, bytes, sizeof(*chunk)};
        facts->chunks = chunk;
    }
    char *copy = (char *)chunk + chunk->used;
    memcpy(copy, text, need);
    chunk->used += need;
    return copy;
}

/* The next row of a table, zeroed. */
static void *add_row(struct ready_facts *facts, void **rows, uint32_t *count, size_t table)
{
    uint32_t capacity = facts->capacities[table];
    size_t bytes = row_bytes(table);
    if (*count == capacity) {
        uint32_t more = capacity == 0 ? ROWS_LEAST : capacity * 2;
        void *grown = facts->alloc->resize(facts->alloc->context, *rows, capacity * bytes,
                                           (size_t)more * bytes);
        if (grown == NULL) {
            facts->has_failed = true;
            return NULL;
        }
        *rows = grown;
        facts->capacities[table] = more;
    }
    void *row = (char *)*rows + (size_t)*count * bytes;
    memset(row, 0, bytes);
    (*count)++;
    return row;
}

struct ready_region *ready_add_region(struct ready_facts *facts)
{
    return add_row(facts, (void **)&facts->regions, &facts->region_count, 0);
}

struct ready_stream *ready_add_stream(struct ready_facts *facts)
{
    struct ready_stream *row = add_row(facts, (void **)&facts->streams, &facts->stream_count, 1);
    if (row != NULL) {
        row->max_consumers = -1;
        row->lag_critical = -1;
        row->seen_critical_ns = -1;
        row->peer_expect = -1;
    }
    return row;
}

struct ready_server *ready_add_server(struct ready_facts *facts)
{
    return add_row(facts, (void **)&facts->servers, &facts->server_count, 2);
}

struct ready_login *ready_add_login(struct ready_facts *facts)
{
    return add_row(facts, (void **)&facts->logins, &facts->login_count, 3);
}

struct ready_account *ready_add_account(struct ready_facts *facts)
{
    return add_row(facts, (void **)&facts->accounts, &facts->account_count, 4);
}

struct ready_place *ready_add_place(struct ready_facts *facts)
{
    return add_row(facts, (void **)&facts->places, &facts->place_count, 5);
}

/* ---- order ---- */

static int compare_names(const struct ready_stream *row, const char *account, const char *name)
{
    int order = strcmp(row->account, account);
    return order != 0 ? order : strcmp(row->name, name);
}

/* By account and name; of the same stream the better report first. */
static bool is_before(const struct ready_stream *a, const struct ready_stream *b)
{
    int order = compare_names(a, b->account, b->name);
    if (order != 0) {
        return order < 0;
    }
    if (a->is_leader != b->is_leader) {
        return a->is_leader;
    }
    return a->last_seq > b->last_seq;
}

static bool is_stream_before(const void *rows, uint32_t a, uint32_t b)
{
    const struct ready_stream *streams = rows;
    return is_before(&streams[a], &streams[b]);
}

static bool is_subject_before(const void *rows, uint32_t a, uint32_t b)
{
    const struct ready_subject *subjects = rows;
    if (subjects[a].token != subjects[b].token) {
        return subjects[a].token < subjects[b].token;
    }
    return subjects[a].stream < subjects[b].stream;
}

static void swap_rows(char *rows, size_t bytes, uint32_t a, uint32_t b)
{
    char room[sizeof(struct ready_stream)];
    memcpy(room, rows + a * bytes, bytes);
    memcpy(rows + a * bytes, rows + b * bytes, bytes);
    memcpy(rows + b * bytes, room, bytes);
}

/* Heapsort: no recursion, no memory, the same order whatever the input's. */
static void sort_rows(void *rows, uint32_t count, size_t bytes,
                      bool (*before)(const void *rows, uint32_t a, uint32_t b))
{
    uint32_t start = count / 2;
    uint32_t end = count;
    while (end > 1) {
        if (start > 0) {
            start--;
        } else {
            swap_rows(rows, bytes, 0, --end);
        }
        uint32_t root = start;
        for (uint32_t child = 2 * root + 1; child < end; child = 2 * root + 1) {
            child += child + 1 < end && before(rows, child, child + 1) ? 1 : 0;
            if (!before(rows, root, child)) {
                break;
            }
            swap_rows(rows, bytes, root, child);
            root = child;
        }
    }
}

/* ---- subjects ---- */

static size_t token_length(const char *text, size_t count)
{
    size_t length = 0;
    while (length < count && text[length] != '.') {
        length++;
    }
    return length;
}

static bool is_wild(const char *token, size_t length)
{
    return length == 1 && (token[0] == '*' || token[0] == '>');
}

bool ready_subjects_overlap(const char *a, size_t a_count, const char *b, size_t b_count)
{
    for (;;) {
        size_t a_length = token_length(a, a_count);
        size_t b_length = token_length(b, b_count);
        if ((a_length == 1 && a[0] == '>') || (b_length == 1 && b[0] == '>')) {
            return true;
        }
        bool is_same = a_length == b_length && memcmp(a, b, a_length) == 0;
        if (!is_same && !is_wild(a, a_length) && !is_wild(b, b_length)) {
            return false;
        }
        if (a_length == a_count || b_length == b_count) {
            return a_length == a_count && b_length == b_count;
        }
        a += a_length + 1;
        a_count -= a_length + 1;
        b += b_length + 1;
        b_count -= b_length + 1;
    }
}

static uint64_t hash_token(const char *account, const char *token, size_t length)
{
    uint64_t hash = hash_text(HASH_SEED, account);
    return hash_finish(is_wild(token, length) ? hash : hash_bytes(hash, token, length));
}

/* The next subject of a list joined by blanks; false at its end. */
static bool next_subject(const char **list, const char **subject, size_t *length)
{
    while (**list == ' ') {
        (*list)++;
    }
    *subject = *list;
    while (**list != '\0' && **list != ' ') {
        (*list)++;
    }
    *length = (size_t)(*list - *subject);
    return *length > 0;
}

static void index_subjects(struct ready_facts *facts, uint32_t stream)
{
    const struct ready_stream *row = &facts->streams[stream];
    const char *list = row->subjects != NULL ? row->subjects : "";
    const char *subject;
    size_t length;
    while (next_subject(&list, &subject, &length)) {
        struct ready_subject *entry =
            add_row(facts, (void **)&facts->subjects, &facts->subject_count, 6);
        if (entry != NULL) {
            entry->token = hash_token(row->account, subject, token_length(subject, length));
            entry->text = subject;
            entry->stream = stream;
        }
    }
}

/* Which streams mirror which; origins in other domains or accounts are none of ours. */
static void link_copies(struct ready_facts *facts)
{
    for (uint32_t i = 0; i < facts->stream_count; i++) {
        facts->streams[i].first_copy = 0;
        facts->streams[i].next_copy = 0;
    }
    for (uint32_t i = facts->stream_count; i > 0; i--) {
        struct ready_stream *copy = &facts->streams[i - 1];
        if (copy->origin == NULL || copy->external != NULL) {
            continue;
        }
        const struct ready_stream *origin = ready_find_stream(facts, copy->account, copy->origin);
        if (origin != NULL && origin != copy) {
            struct ready_stream *row = &facts->streams[origin - facts->streams];
            copy->next_copy = row->first_copy;
            row->first_copy = i;
        }
    }
}

void ready_facts_settle(struct ready_facts *facts)
{
    uint32_t kept = 0;
    sort_rows(facts->streams, facts->stream_count, sizeof(*facts->streams), is_stream_before);
    for (uint32_t i = 0; i < facts->stream_count; i++) {
        struct ready_stream *row = &facts->streams[i];
        struct ready_stream *last = kept > 0 ? &facts->streams[kept - 1] : NULL;
        if (last == NULL || compare_names(last, row->account, row->name) != 0) {
            facts->streams[kept++] = *row;
        } else if (row->consumers_known > last->consumers_known) {
            last->consumers_known = row->consumers_known; /* a replica may list more of them */
            last->consumers_durable = row->consumers_durable;
        }
    }
    facts->stream_count = kept;
    facts->subject_count = 0;
    link_copies(facts);
    for (uint32_t i = 0; i < kept; i++) {
        index_subjects(facts, i);
    }
    sort_rows(facts->subjects, facts->subject_count, sizeof(*facts->subjects), is_subject_before);
}

const struct ready_stream *ready_find_stream(const struct ready_facts *facts, const char *account,
                                             const char *name)
{
    uint32_t low = 0;
    uint32_t high = facts->stream_count;
    if (account == NULL || name == NULL) {
        return NULL;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_names(&facts->streams[middle], account, name);
        if (order == 0) {
            return &facts->streams[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

static uint32_t first_of_token(const struct ready_facts *facts, uint64_t token)
{
    uint32_t low = 0;
    uint32_t high = facts->subject_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (facts->subjects[middle].token < token) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct overlap_question {
    const struct ready_facts *facts;
    const char *account, *subject;
    size_t length;
    const struct ready_stream *const *skip;
};

/* Among the entries from `from` on that share its token, or all when is_all. */
static const struct ready_stream *find_among(const struct overlap_question *question,
                                             uint64_t token, bool is_all)
{
    const struct ready_facts *facts = question->facts;
    for (uint32_t i = is_all ? 0 : first_of_token(facts, token); i < facts->subject_count; i++) {
        const struct ready_subject *entry = &facts->subjects[i];
        if (!is_all && entry->token != token) {
            return NULL;
        }
        const struct ready_stream *stream = &facts->streams[entry->stream];
        const char *end = entry->text;
        while (*end != '\0' && *end != ' ') {
            end++;
        }
        if (stream != question->skip[0] && stream != question->skip[1] &&
            strcmp(stream->account, question->account) == 0 &&
            ready_subjects_overlap(question->subject, question->length, entry->text,
                                   (size_t)(end - entry->text))) {
            return stream;
        }
    }
    return NULL;
}

const struct ready_stream *ready_find_overlap(const struct ready_facts *facts, const char *account,
                                              const char *subjects,
                                              const struct ready_stream *const skip[2])
{
    struct overlap_question question = {.facts = facts, .account = account, .skip = skip};
    const char *list = subjects != NULL ? subjects : "";
    while (next_subject(&list, &question.subject, &question.length)) {
        size_t first = token_length(question.subject, question.length);
        bool is_all = is_wild(question.subject, first);
        const struct ready_stream *found =
            find_among(&question, hash_token(account, question.subject, first), is_all);
        if (found == NULL && !is_all) {
            found = find_among(&question, hash_token(account, "*", 1), false);
        }
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}
