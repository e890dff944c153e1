/*
 * readiness.c - would a failover work now? The table of checks, and what they share.
 *
 * Why:   what makes a failover fail at 3 a.m. is nearly always there weeks before.
 * How:   each row of the table judges one question and fills one check of the report.
 * Rules: pure. What could not be asked is UNKNOWN, never GO; a result only gets worse.
 * See:   docs/CHECK.md; tests/unit/core/test_readiness.c
 */
#include "farshore/core/readiness.h"

#include <string.h>

#include "farshore/base/text.h"
#include "readiness_impl.h"

static const struct rule {
    const char *id, *title;
    void (*judge)(struct judge *judge);
} rules[] = {
    {"regions", "regions answer", ready_check_regions},
    {"quorum", "JetStream quorum, now and without each region", ready_check_quorum},
    {"coverage", "every stream of the primary has a mirror", ready_check_coverage},
    {"complete", "mirrors are complete", ready_check_complete},
    {"fresh", "mirrors hear their origins", ready_check_fresh},
    {"lag", "mirrors are within the lag objective", ready_check_lag},
    {"subjects", "subjects are free for the mirrors", ready_check_subjects},
    {"versions", "server versions", ready_check_versions},
    {"promotion", "how each mirror would be promoted", ready_check_promotion},
    {"retention", "retention survives a promotion", ready_check_retention},
    {"consumers", "consumers' definitions are known", ready_check_consumers},
    {"logins", "operator logins work", ready_check_logins},
    {"clock", "clocks agree", ready_check_clock},
    {"limits", "disk and limits of the standby", ready_check_limits},
    {"buckets", "lock, state and journal are there", ready_check_buckets},
    {"places", "journal and recordings can be written here", ready_check_places},
};
#define RULES (sizeof(rules) / sizeof(rules[0]))
_Static_assert(RULES <= READY_CHECKS_MOST, "a report has room for every rule");

static const char *const result_words[] = {"GO", "WARN", "UNKNOWN", "STOP"};
const struct name_table names_ready_result = {result_words, 4};

const char *ready_check_id(size_t n)
{
    return n < RULES ? rules[n].id : NULL;
}

int ready_exit_code(const struct ready_report *report)
{
    switch (report->has_failed ? READY_UNKNOWN : report->worst) {
    case READY_GO:
        return 0;
    case READY_WARN:
        return 1;
    case READY_STOP:
        return 2;
    case READY_UNKNOWN:
        break;
    }
    return 3;
}

/* ---- texts ---- */

void ready_say(struct strbuf *out, const char *const *parts)
{
    for (; *parts != NULL; parts++) {
        strbuf_put(out, *parts);
    }
}

const char *ready_print(struct ready_number *room, int64_t number)
{
    (void)number_print_grouped(room->text, number);
    return room->text;
}

const char *ready_print_bytes(struct ready_number *room, int64_t bytes)
{
    (void)number_print_bytes(room->text, bytes);
    return room->text;
}

const char *ready_print_time(struct ready_number *room, int64_t ns)
{
    if (ns < 100 * NS_PER_MS) {
        (void)duration_print_rtt(room->text, ns);
    } else {
        (void)duration_print_lag(room->text, ns);
    }
    return room->text;
}

const char *ready_stream_name(char room[READY_NAME_BYTES], const char *account, const char *stream)
{
    text_copy(room, READY_NAME_BYTES, account);
    size_t length = strlen(room);
    text_copy(room + length, READY_NAME_BYTES - length, "/");
    length = strlen(room);
    text_copy(room + length, READY_NAME_BYTES - length, stream);
    return room;
}

/* ---- results ---- */

void ready_raise(struct judge *judge, enum ready_result result)
{
    if (result > judge->check->result) {
        judge->check->result = result;
    }
}

void ready_rests_on(struct judge *judge, int64_t age_ns)
{
    if (age_ns > judge->check->age_ns) {
        judge->check->age_ns = age_ns;
    }
}

uint32_t ready_count(const struct judge *judge, enum ready_result result)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < judge->check->item_count; i++) {
        count += judge->check->items[i].result == result ? 1 : 0;
    }
    return count;
}

static bool make_room(struct judge *judge)
{
    struct ready_check *check = judge->check;
    const struct fs_alloc *alloc = judge->report->alloc;
    if (check->item_count < check->item_capacity) {
        return true;
    }
    uint32_t more = check->item_capacity == 0 ? 8 : check->item_capacity * 2;
    void *grown =
        alloc->resize(alloc->context, check->items, check->item_capacity * sizeof(*check->items),
                      (size_t)more * sizeof(*check->items));
    if (grown == NULL) {
        judge->report->has_failed = true;
        return false;
    }
    check->items = grown;
    check->item_capacity = more;
    return true;
}

void ready_put_item(struct judge *judge, enum ready_result result, const char *name,
                    const char *const *parts)
{
    const struct fs_alloc *alloc = judge->report->alloc;
    struct strbuf text;
    ready_raise(judge, result);
    if (!make_room(judge)) {
        return;
    }
    strbuf_init(&text, alloc);
    ready_say(&text, parts);
    struct ready_item item = {.result = result,
                              .name = alloc_text(alloc, name),
                              .text = alloc_text(alloc, text.text),
                              .name_bytes = strlen(name) + 1,
                              .text_bytes = text.length + 1};
    bool is_whole = !text.has_failed && item.name != NULL && item.text != NULL;
    strbuf_destroy(&text);
    if (!is_whole) {
        alloc_release(alloc, item.name, item.name != NULL ? item.name_bytes : 0);
        alloc_release(alloc, item.text, item.text != NULL ? item.text_bytes : 0);
        judge->report->has_failed = true;
        return;
    }
    judge->check->items[judge->check->item_count++] = item;
}

/* ---- what the survey knows ---- */

static const struct ready_region *find_region(const struct judge *judge, const char *name)
{
    for (uint32_t i = 0; name != NULL && i < judge->facts->region_count; i++) {
        if (strcmp(judge->facts->regions[i].name, name) == 0) {
            return &judge->facts->regions[i];
        }
    }
    return NULL;
}

bool ready_has_region(const struct judge *judge, const char *region)
{
    const struct ready_region *row = find_region(judge, region);
    return judge->facts_age_ns >= 0 && row != NULL && row->servers > 0 &&
           row->listed >= row->servers;
}

bool ready_need_region(struct judge *judge, const char *region)
{
    const struct ready_region *row = find_region(judge, region);
    struct ready_number listed;
    struct ready_number servers;
    if (region == NULL) {
        EVIDENCE(judge, "the configuration names no primary or no standby");
        REMEDY(judge, "give each region its role in the configuration");
    } else if (judge->facts_age_ns < 0 || row == NULL || row->servers == 0) {
        EVIDENCE(judge, "no server of ", region, " told its streams");
    } else if (row->listed < row->servers) {
        EVIDENCE(judge, "only ", ready_print(&listed, row->listed), " of ",
                 ready_print(&servers, row->servers), " servers of ", region,
                 " told their streams");
    } else {
        ready_rests_on(judge, judge->facts_age_ns);
        return true;
    }
    ready_raise(judge, READY_UNKNOWN);
    return false;
}

static bool is_own_stream(const char *name)
{
    return strcmp(name, "KV_FARSHORE_LOCK") == 0 || strcmp(name, "KV_FARSHORE_STATE") == 0 ||
           strcmp(name, "FARSHORE_JOURNAL") == 0;
}

bool ready_is_origin(const struct judge *judge, const struct ready_stream *stream)
{
    return text_equal(stream->region, judge->primary) && stream->origin == NULL &&
           !is_own_stream(stream->name);
}

bool ready_is_mirror(const struct judge *judge, const struct ready_stream *stream)
{
    return text_equal(stream->region, judge->standby) && stream->origin != NULL;
}

const struct ready_stream *ready_origin_of(const struct judge *judge,
                                           const struct ready_stream *mirror)
{
    return mirror->external != NULL
               ? NULL
               : ready_find_stream(judge->facts, mirror->account, mirror->origin);
}

/* Is name one of the texts joined by blanks? */
static bool is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at != NULL && *at != '\0';) {
        const char *end = strchr(at, ' ');
        size_t count = end != NULL ? (size_t)(end - at) : strlen(at);
        if (count == length && memcmp(at, name, length) == 0) {
            return true;
        }
        at = end != NULL ? end + 1 : NULL;
    }
    return false;
}

/* A copy that cannot be told by account: an origin in another domain, or one of several sources. */
static const struct ready_stream *find_other_copy(const struct judge *judge,
                                                  const struct ready_stream *origin)
{
    for (uint32_t i = 0; i < judge->facts->stream_count; i++) {
        const struct ready_stream *row = &judge->facts->streams[i];
        if ((row->external == NULL && row->sources == NULL) ||
            !text_equal(row->region, judge->standby)) {
            continue;
        }
        bool is_sourcing =
            strcmp(row->account, origin->account) == 0 && is_listed(row->sources, origin->name);
        if (is_sourcing || (row->external != NULL && text_equal(row->origin, origin->name))) {
            return row;
        }
    }
    return NULL;
}

const struct ready_stream *ready_copy_of(const struct judge *judge,
                                         const struct ready_stream *origin)
{
    for (uint32_t i = origin->first_copy; i != 0; i = judge->facts->streams[i - 1].next_copy) {
        if (text_equal(judge->facts->streams[i - 1].region, judge->standby)) {
            return &judge->facts->streams[i - 1];
        }
    }
    return find_other_copy(judge, origin);
}

/* ---- all of it ---- */

static void find_roles(struct judge *judge)
{
    for (size_t i = 0; i < view_regions(judge->model); i++) {
        struct region_view region;
        view_region(judge->model, i, &region);
        if (region.is_configured && region.role == ROLE_PRIMARY) {
            judge->primary = region.name;
        } else if (region.is_configured && region.role == ROLE_STANDBY && judge->standby == NULL) {
            judge->standby = region.name;
        }
    }
}

void ready_judge(const struct model *model, const struct ready_facts *facts,
                 const struct fs_alloc *alloc, struct ready_report *out)
{
    memset(out, 0, sizeof(*out));
    out->alloc = alloc;
    out->at_ns = model_at_ns(model);
    struct judge judge = {.model = model, .facts = facts, .report = out, .facts_age_ns = -1};
    if (facts->mono_ns > 0) {
        int64_t age_ns = model_mono_ns(model) - facts->mono_ns;
        judge.facts_age_ns = age_ns > 0 ? age_ns : 0;
    }
    find_roles(&judge);
    for (size_t i = 0; i < RULES; i++) {
        judge.check = &out->checks[i];
        judge.check->id = rules[i].id;
        judge.check->title = rules[i].title;
        judge.check->age_ns = -1;
        strbuf_init(&judge.check->evidence, alloc);
        strbuf_init(&judge.check->remedy, alloc);
        out->count = i + 1;
        rules[i].judge(&judge);
        out->worst = judge.check->result > out->worst ? judge.check->result : out->worst;
        out->has_failed =
            out->has_failed || judge.check->evidence.has_failed || judge.check->remedy.has_failed;
    }
    out->has_failed = out->has_failed || facts->has_failed;
}

void ready_report_end(struct ready_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        struct ready_check *check = &report->checks[i];
        for (uint32_t k = 0; k < check->item_count; k++) {
            alloc_release(report->alloc, check->items[k].name, check->items[k].name_bytes);
            alloc_release(report->alloc, check->items[k].text, check->items[k].text_bytes);
        }
        alloc_release(report->alloc, check->items, check->item_capacity * sizeof(*check->items));
        strbuf_destroy(&check->evidence);
        strbuf_destroy(&check->remedy);
    }
    memset(report, 0, sizeof(*report));
}
