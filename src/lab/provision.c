/*
 * provision.c - what a fresh lab holds, and making it.
 *
 * Why:   every claim of the console is shown against the same world: two origins in one region,
 * their mirrors in the other, durable consumers, and the places where farshore keeps its state.
 * How:   three rounds, because a mirror and a consumer need their origin: (1) origins, buckets and
 *        journal, (2) mirrors and consumers, (3) extra origins, then their mirrors.
 * Rules: raw JSON over the API (provision_body.c); nothing is changed or deleted, ever.
 * See:   docs/LAB.md; provision_plan.h for the names
 */
#include "provision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nats/nats.h>

#include "provision_api.h"
#include "provision_plan.h"
#include "worker_link.h"

#define CONNECT_LIMIT_MS 60000
#define CONNECT_PAUSE_MS 250
#define EXTRA_MAX 10000
/*
 * Each replicated stream is a raft group on three servers, which costs heartbeats all the time:
 * thousands of them would measure the machine and not the console, which sees R1 streams alike.
 */
#define EXTRA_REPLICAS 1

const struct lab_durable lab_durables[LAB_DURABLES] = {
    {.stream = "AGENTESE", .subject = LAB_SUBJECT_AGENTESE, .name = "agents"},
    {.stream = "EVENTS", .subject = LAB_SUBJECT_EVENTS, .name = "audit"},
    {.stream = "AGENTESE",
     .subject = LAB_SUBJECT_AGENTESE,
     .name = "tasks",
     .filter = "agentese.task.>"},
};

static enum fs_status connect_bounded(const struct lab_provision *provision, natsConnection **out,
                                      struct err *err)
{
    int64_t limit_ms = provision_mono_ms() + CONNECT_LIMIT_MS;
    for (;;) {
        natsStatus status = worker_link_connect(out, "farshore-lab-provision", provision->urls,
                                                provision->user, provision->password, NULL, NULL);
        if (status == NATS_OK) {
            return ST_OK;
        }
        if (status == NATS_CONNECTION_AUTH_FAILED || status == NATS_INVALID_ARG) {
            return err_set(err, ST_REFUSED, "lab provision: %s: %s", provision->urls,
                           natsStatus_GetText(status));
        }
        if (provision_mono_ms() >= limit_ms) {
            return err_set(err, ST_TIMEOUT, "lab provision: no server at %s within 60 s: %s",
                           provision->urls, natsStatus_GetText(status));
        }
        nats_Sleep(CONNECT_PAUSE_MS);
    }
}

static struct provision_item stream_item(const struct lab_provision *provision, const char *name,
                                         const char *subject)
{
    struct provision_item item = {.cluster = provision->origin_cluster,
                                  .replicas = provision->replicas,
                                  .kind = PROVISION_LOG};
    snprintf(item.stream, sizeof item.stream, "%s", name);
    snprintf(item.subject, sizeof item.subject, "%s", subject);
    return item;
}

static struct provision_item mirror_item(const struct lab_provision *provision, const char *origin)
{
    struct provision_item item = stream_item(provision, "", "");
    item.cluster = provision->mirror_cluster;
    snprintf(item.stream, sizeof item.stream, "%s_MIRROR", origin);
    snprintf(item.mirror, sizeof item.mirror, "%s", origin);
    return item;
}

static struct provision_item state_item(const struct lab_provision *provision, const char *name,
                                        const char *subject, enum provision_kind kind)
{
    struct provision_item item = stream_item(provision, name, subject);
    item.cluster = provision->mirror_cluster;
    item.kind = kind;
    return item;
}

static enum fs_status make_origins(natsConnection *nc, const struct lab_provision *provision,
                                   struct err *err)
{
    const struct provision_item items[] = {
        stream_item(provision, "AGENTESE", LAB_SUBJECT_AGENTESE),
        stream_item(provision, "EVENTS", LAB_SUBJECT_EVENTS),
        state_item(provision, "KV_FARSHORE_STATE", "$KV.FARSHORE_STATE.>", PROVISION_BUCKET),
        state_item(provision, "KV_FARSHORE_LOCK", "$KV.FARSHORE_LOCK.>", PROVISION_BUCKET),
        state_item(provision, "FARSHORE_JOURNAL", "farshore.journal.>", PROVISION_JOURNAL),
    };
    return provision_make(nc, items, sizeof items / sizeof items[0], err);
}

static enum fs_status make_followers(natsConnection *nc, const struct lab_provision *provision,
                                     struct err *err)
{
    struct provision_item items[2 + LAB_DURABLES] = {
        mirror_item(provision, "AGENTESE"),
        mirror_item(provision, "EVENTS"),
    };
    for (size_t i = 0; i < LAB_DURABLES; i++) {
        const struct lab_durable *durable = &lab_durables[i];
        items[2 + i] =
            stream_item(provision, durable->stream, durable->filter == NULL ? "" : durable->filter);
        items[2 + i].durable = durable->name;
    }
    return provision_make(nc, items, sizeof items / sizeof items[0], err);
}

static enum fs_status make_extra(natsConnection *nc, const struct lab_provision *provision,
                                 struct err *err)
{
    size_t count = (size_t)provision->extra_streams;
    if (count == 0) {
        return ST_OK;
    }
    struct provision_item *items = calloc(count, sizeof *items);
    if (items == NULL) {
        return err_set(err, ST_NO_MEMORY, "lab provision: out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        char name[32];
        char subject[32];
        snprintf(name, sizeof name, "X%04zu", i + 1);
        snprintf(subject, sizeof subject, "x%04zu.>", i + 1);
        items[i] = stream_item(provision, name, subject);
        items[i].replicas = EXTRA_REPLICAS;
    }
    enum fs_status status = provision_make(nc, items, count, err);
    for (size_t i = 0; status == ST_OK && i < count; i++) {
        char origin[sizeof items[i].stream];
        memcpy(origin, items[i].stream, sizeof origin);
        items[i] = mirror_item(provision, origin);
        items[i].replicas = EXTRA_REPLICAS;
    }
    if (status == ST_OK) {
        status = provision_make(nc, items, count, err);
    }
    free(items);
    return status;
}

enum fs_status lab_provision_run(const struct lab_provision *provision, struct err *err)
{
    natsConnection *nc = NULL;
    if (provision->replicas < 1 || provision->replicas > 5 || provision->extra_streams < 0 ||
        provision->extra_streams > EXTRA_MAX) {
        return err_set(err, ST_INVALID, "lab provision: %d replicas, %d extra streams",
                       provision->replicas, provision->extra_streams);
    }
    enum fs_status status = connect_bounded(provision, &nc, err);
    if (status == ST_OK) {
        status = make_origins(nc, provision, err);
    }
    if (status == ST_OK) {
        status = make_followers(nc, provision, err);
    }
    if (status == ST_OK) {
        status = make_extra(nc, provision, err);
    }
    natsConnection_Destroy(nc);
    return status;
}
