/*
 * readiness_places.c - what a run needs around the streams: logins, clocks, disk, buckets, files.
 *
 * Why:   a run that finds its password wrong, its disk full or its lock missing stops half way.
 * Rules: a login that was not tested is UNKNOWN with the reason, never GO. Limits: 75 % is a
 *        warning and 90 % too much, as the nats CLI checks JetStream's store.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "readiness_impl.h"

#define CLOCK_WARN_NS NS_PER_S
#define STORE_WARN_PCT 75
#define STORE_STOP_PCT 90
#define FREE_LEAST_BYTES (INT64_C(64) << 20)

/* ---- logins ---- */

static const char *word_of(enum ready_login_kind kind)
{
    return kind == READY_LOGIN_SYS ? "operator.sys" : "operator.app";
}

/* Elsewhere than in the standby another region's login does the same work. */
static enum ready_result severity_of(const struct judge *judge, const struct ready_login *login)
{
    return text_equal(login->region, judge->standby) ? READY_STOP : READY_WARN;
}

static void judge_login(struct judge *judge, const struct ready_login *login)
{
    char name[READY_NAME_BYTES];
    const char *why = login->why != NULL ? login->why : "no reason was told";
    ready_stream_name(name, login->region, word_of(login->kind));
    switch (login->state) {
    case READY_LOGIN_WORKS:
        ITEM(judge, READY_GO, name, login->user != NULL ? "works as " : "works",
             login->user != NULL ? login->user
                                 : ", but the server cannot say as whom (before 2.10)",
             login->account != NULL ? " of " : "", login->account != NULL ? login->account : "");
        return;
    case READY_LOGIN_ABSENT:
        ITEM(judge, severity_of(judge, login), name, "is not configured");
        return;
    case READY_LOGIN_UNTESTED:
        ITEM(judge, READY_UNKNOWN, name, "not tested: ", why);
        return;
    case READY_LOGIN_REFUSED:
        ITEM(judge, severity_of(judge, login), name, "refused: ", why);
        return;
    case READY_LOGIN_UNABLE:
        ITEM(judge, severity_of(judge, login), name, "connected, but not able: ", why);
        return;
    case READY_LOGIN_SILENT:
        ITEM(judge, READY_UNKNOWN, name, "could not be tried: ", why);
        return;
    }
}

void ready_check_logins(struct judge *judge)
{
    struct ready_number works;
    struct ready_number all;
    bool is_untested = false;
    for (uint32_t i = 0; i < judge->facts->login_count; i++) {
        judge_login(judge, &judge->facts->logins[i]);
        is_untested = is_untested || judge->facts->logins[i].state == READY_LOGIN_UNTESTED;
    }
    if (judge->facts_age_ns < 0 || judge->check->item_count == 0) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, "no login was tried");
        return;
    }
    ready_rests_on(judge, judge->facts_age_ns);
    EVIDENCE(judge, ready_print(&works, ready_count(judge, READY_GO)), " of ",
             ready_print(&all, judge->check->item_count), " work");
    if (is_untested) {
        REMEDY(judge, "arm, or run `farshore check` in a shell: it tests them by reads alone");
    } else if (judge->check->result != READY_GO) {
        REMEDY(judge, "mend nats.operator of the region in the configuration, or the server's "
                      "permissions");
    }
}

/* ---- clock ---- */

static int64_t distance(int64_t ns)
{
    return ns < 0 ? -ns : ns;
}

static void judge_clock(struct judge *judge, const struct ready_server *server)
{
    struct ready_number offset;
    struct ready_number error;
    int64_t away_ns = distance(server->offset_ns);
    bool is_far = away_ns - server->error_ns > CLOCK_WARN_NS;
    ITEM(judge, is_far ? READY_WARN : READY_GO, server->name, ready_print_time(&offset, away_ns),
         server->offset_ns < 0 ? " behind us" : " ahead of us", ", give or take ",
         ready_print_time(&error, server->error_ns));
}

void ready_check_clock(struct judge *judge)
{
    int64_t most_ns = 0;
    struct ready_number most;
    for (uint32_t i = 0; i < judge->facts->server_count; i++) {
        const struct ready_server *server = &judge->facts->servers[i];
        if (server->has_clock) {
            judge_clock(judge, server);
            most_ns = distance(server->offset_ns) > most_ns ? distance(server->offset_ns) : most_ns;
        }
    }
    if (judge->check->item_count == 0) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, "no server told its time");
        return;
    }
    struct ready_number servers;
    ready_rests_on(judge, judge->facts_age_ns);
    EVIDENCE(judge, "at most ", ready_print_time(&most, most_ns), " apart over ",
             ready_print(&servers, judge->check->item_count), " servers");
    if (judge->check->result != READY_GO) {
        REMEDY(judge, "mend NTP: ages of messages, tokens and journals are compared between "
                      "machines");
    }
}

/* ---- limits ---- */

static int64_t percent(int64_t part, int64_t whole)
{
    if (part <= 0) {
        return 0;
    }
    return part < INT64_MAX / 100 ? part * 100 / whole : part / (whole / 100 + 1);
}

static enum ready_result result_of_share(int64_t share)
{
    return share >= STORE_STOP_PCT ? READY_STOP : share >= STORE_WARN_PCT ? READY_WARN : READY_GO;
}

static void judge_store(struct judge *judge, const struct ready_server *server)
{
    struct ready_number used;
    struct ready_number limit;
    struct ready_number share;
    if (!server->has_store || server->store_limit_bytes <= 0) {
        ITEM(judge, READY_UNKNOWN, server->name, "told nothing of its store");
        return;
    }
    int64_t taken = server->store_used_bytes > server->store_reserved_bytes
                        ? server->store_used_bytes
                        : server->store_reserved_bytes;
    int64_t part = percent(taken, server->store_limit_bytes);
    ITEM(judge, result_of_share(part), server->name, ready_print_bytes(&used, taken), " of ",
         ready_print_bytes(&limit, server->store_limit_bytes), " taken or reserved (",
         ready_print(&share, part), " %)");
}

static void judge_account(struct judge *judge, const struct ready_account *account)
{
    char name[READY_NAME_BYTES];
    struct ready_number used;
    struct ready_number limit;
    ready_stream_name(name, "account", account->name != NULL ? account->name : "?");
    if (account->storage_limit_bytes > 0) {
        int64_t part = percent(account->storage_bytes, account->storage_limit_bytes);
        ITEM(judge, result_of_share(part), name, ready_print_bytes(&used, account->storage_bytes),
             " of ", ready_print_bytes(&limit, account->storage_limit_bytes), " of storage used");
    }
    if (account->consumers_limit > 0 && account->consumers >= account->consumers_limit) {
        ITEM(judge, READY_WARN, name, ready_print(&used, account->consumers), " of ",
             ready_print(&limit, account->consumers_limit),
             " consumers: those of the primary could not be made anew");
    }
}

void ready_check_limits(struct judge *judge)
{
    struct ready_number servers;
    uint32_t count = 0;
    if (!ready_need_region(judge, judge->standby)) {
        return;
    }
    for (uint32_t i = 0; i < judge->facts->server_count; i++) {
        const struct ready_server *server = &judge->facts->servers[i];
        if (server->has_jetstream && text_equal(server->region, judge->standby)) {
            judge_store(judge, server);
            count++;
        }
    }
    for (uint32_t i = 0; i < judge->facts->account_count; i++) {
        if (text_equal(judge->facts->accounts[i].region, judge->standby)) {
            judge_account(judge, &judge->facts->accounts[i]);
        }
    }
    if (count == 0) {
        ready_raise(judge, READY_UNKNOWN);
    }
    EVIDENCE(judge, ready_print(&servers, count), " servers of ", judge->standby,
             judge->check->result == READY_GO ? " have room" : ": not all have room");
    if (judge->check->result == READY_STOP || judge->check->result == READY_WARN) {
        REMEDY(judge, "give the standby more disk or a higher limit: after a failover it takes "
                      "all writes");
    }
}

/* ---- buckets ---- */

static const struct bucket {
    const char *stream, *name;
    enum ready_result missing;
    const char *purpose, *command;
} buckets[] = {
    {"KV_FARSHORE_LOCK", "FARSHORE_LOCK", READY_STOP, "the lock, without which no run starts",
     "nats kv add FARSHORE_LOCK --history 1 --replicas 3 --storage file --cluster "},
    {"KV_FARSHORE_STATE", "FARSHORE_STATE", READY_WARN, "what an observer hands on",
     "nats kv add FARSHORE_STATE --history 1 --replicas 3 --storage file --cluster "},
    {"FARSHORE_JOURNAL", "FARSHORE_JOURNAL", READY_WARN, "the journal's second copy",
     "nats stream add FARSHORE_JOURNAL --subjects 'farshore.journal.>' --storage file --replicas 3 "
     "--deny-delete --defaults --cluster "},
};

static void judge_bucket(struct judge *judge, const struct bucket *bucket, const char *region)
{
    const struct ready_stream *found = NULL;
    for (uint32_t i = 0; i < judge->facts->stream_count; i++) {
        const struct ready_stream *row = &judge->facts->streams[i];
        if (strcmp(row->name, bucket->stream) == 0 &&
            (found == NULL || text_equal(row->region, region))) {
            found = row;
        }
    }
    if (found == NULL) {
        ITEM(judge, bucket->missing, bucket->name, "missing: ", bucket->purpose);
        REMEDY(judge, judge->check->remedy.length > 0 ? "; " : "", bucket->command, region);
    } else if (!text_equal(found->region, region)) {
        ITEM(judge, READY_WARN, bucket->name, "lives in ",
             found->region != NULL ? found->region : "?", " and not in ", region,
             ", where the lock belongs");
    } else if (found->leader == NULL) {
        ITEM(judge, bucket->missing, bucket->name, "has no leader: it takes no writes");
    } else {
        ITEM(judge, READY_GO, bucket->name, "in ", region, ", leader ", found->leader);
    }
}

void ready_check_buckets(struct judge *judge)
{
    struct ready_number there;
    const char *region =
        judge->facts->lock_region != NULL ? judge->facts->lock_region : judge->standby;
    if (!ready_need_region(judge, region)) {
        return;
    }
    for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
        judge_bucket(judge, &buckets[i], region);
    }
    EVIDENCE(judge, ready_print(&there, ready_count(judge, READY_GO)), " of 3 are in ", region);
}

/* ---- places ---- */

static void judge_place(struct judge *judge, const struct ready_place *place, int64_t need_bytes)
{
    struct ready_number free_bytes;
    struct ready_number need;
    if (place->why != NULL) {
        ITEM(judge, READY_STOP, place->purpose, place->path, ": ", place->why);
    } else if (place->free_bytes < 0) {
        ITEM(judge, READY_UNKNOWN, place->purpose, place->path, ": its room is not known");
    } else if (place->free_bytes < need_bytes) {
        ITEM(judge, READY_STOP, place->purpose, place->path, ": ",
             ready_print_bytes(&free_bytes, place->free_bytes), " free, ",
             ready_print_bytes(&need, need_bytes), " needed");
    } else {
        ITEM(judge, READY_GO, place->purpose, place->path, ": ",
             ready_print_bytes(&free_bytes, place->free_bytes), " free");
    }
}

void ready_check_places(struct judge *judge)
{
    int64_t snapshots = ready_snapshot_bytes(judge);
    struct ready_number places;
    struct ready_number writable;
    for (uint32_t i = 0; i < judge->facts->place_count; i++) {
        int64_t need = FREE_LEAST_BYTES + (snapshots > 0 ? 2 * snapshots : 0);
        judge_place(judge, &judge->facts->places[i], need);
    }
    if (judge->check->item_count == 0) {
        ready_raise(judge, READY_UNKNOWN);
        EVIDENCE(judge, "no place was looked at");
        return;
    }
    ready_rests_on(judge, judge->facts_age_ns);
    EVIDENCE(judge, ready_print(&writable, ready_count(judge, READY_GO)), " of ",
             ready_print(&places, judge->check->item_count), " can be written and have room");
    if (snapshots > 0) {
        struct ready_number bytes;
        EVIDENCE(judge, "; snapshots need twice ", ready_print_bytes(&bytes, snapshots));
    } else if (snapshots < 0) {
        EVIDENCE(judge, "; whether snapshots come here is not known");
    }
    if (judge->check->result != READY_GO) {
        REMEDY(judge, "set XDG_STATE_HOME to a folder of yours with room");
    }
}
