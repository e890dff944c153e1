/*
 * apply_server.c - servers, their load and their gateways, from replies and pushes.
 *
 * Rules: a server is its name; its id tells one run of the process from the next. A goodbye holds
 * until another run answers, or the same one long after (a late reply is no return). A gateway that
 * a complete reply does not list is gone: the servers keep no trace of it. See:   facts on
 * GATEWAYZ; tests/unit/core/test_model_servers.c
 */
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/hash.h"
#include "farshore/base/text.h"
#include "model_impl.h"
#include "wide.h"

#define LATE_REPLY_NS (3 * NS_PER_S)
#define LEFTOVER_NS (NS_PER_S / 2) /* parts of one reply are posted within milliseconds */

struct server_key {
    const struct model *model;
    const char *name;
};

static bool match_server(const void *context, uint32_t row)
{
    const struct server_key *key = context;
    return strcmp(key->model->servers[row].name, key->name) == 0;
}

static uint64_t hash_name(const char *name)
{
    return hash_finish(hash_text(HASH_SEED, name));
}

uint32_t model_find_server(const struct model *model, const char *name)
{
    if (name == NULL) {
        return ROW_NONE;
    }
    struct server_key key = {.model = model, .name = name};
    return index_find(&model->server_index, hash_name(name), match_server, &key);
}

/* Keep server_order sorted by region, then name. There is room for one more. */
static void insert_in_order(struct model *model, uint32_t server)
{
    const struct server_row *row = &model->servers[server];
    uint32_t at = model->server_order_count++;
    for (; at > 0; at--) {
        const struct server_row *other = &model->servers[model->server_order[at - 1]];
        if (other->region < row->region ||
            (other->region == row->region && strcmp(other->name, row->name) < 0)) {
            break;
        }
        model->server_order[at] = model->server_order[at - 1];
    }
    model->server_order[at] = server;
}

static void begin_server(const struct model *model, struct server_row *row, uint32_t region)
{
    row->next_free = ROW_NONE;
    row->region = region;
    row->last_mono_ns = NEVER;
    row->own_mono_ns = NEVER;
    row->bye_mono_ns = NEVER;
    row->rtt_mono_ns = NEVER;
    row->stats_mono_ns = NEVER;
    row->gateways_mono_ns = NEVER;
    row->streams_mono_ns = NEVER;
    row->streams_prev_mono_ns = NEVER;
    row->leads_mono_ns = NEVER;
    row->leads_prev_mono_ns = NEVER;
    row->meta_mono_ns = NEVER;
    row->state = SERVER_UNKNOWN;
    model_begin_since(model, &row->since);
}

/* The server of a name, made when new; ROW_NONE when there is no room or no region. */
static uint32_t take_server(struct model *model, const char *name, const char *cluster)
{
    uint32_t found = model_find_server(model, name);
    if (found != ROW_NONE || name == NULL || name[0] == '\0') {
        return found;
    }
    uint32_t region = model_region(model, cluster);
    if (region == ROW_NONE) {
        return ROW_NONE;
    }
    bool has_free = model->free_server != ROW_NONE;
    if ((!has_free && model->server_count >= model->limits.servers) || !model_is_name(name)) {
        model->overflow.servers++;
        return ROW_NONE;
    }
    if (!model_make_room(model, (void **)&model->server_order, model->server_order_count,
                         &model->server_order_capacity, sizeof(*model->server_order)) ||
        (!has_free && !model_make_room(model, (void **)&model->servers, model->server_count,
                                       &model->server_capacity, sizeof(*model->servers)))) {
        return ROW_NONE;
    }
    uint32_t server = has_free ? model->free_server : model->server_count;
    struct server_row *row = &model->servers[server];
    uint32_t next_free = has_free ? row->next_free : ROW_NONE;
    memset(row, 0, sizeof(*row));
    row->region = ROW_NONE;
    row->next_free = next_free; /* as it was, should it not be taken */
    model_set_text(model, &row->name, name);
    if (row->name == NULL) {
        return ROW_NONE;
    }
    if (!index_add(&model->server_index, model->alloc, hash_name(name), server)) {
        model->overflow.memory++;
        model_free_text(model, &row->name);
        return ROW_NONE;
    }
    model->free_server = next_free;
    model->server_count += has_free ? 0 : 1;
    begin_server(model, row, region);
    insert_in_order(model, server);
    return server;
}

/* A sign of life of a server is one of its region, and says that we hear at all. */
static void hear(struct model *model, struct server_row *row)
{
    if (judge_is_deaf(model)) {
        model->hearing_mono_ns = model->mono_ns;
    }
    struct region_row *region = &model->regions[row->region];
    if (region->last_mono_ns != NEVER &&
        model_age(model, region->last_mono_ns) > MISSES * model->interval_ns) {
        region->back_mono_ns = model->mono_ns;
    }
    row->last_mono_ns = model->mono_ns;
    model->last_answer_mono_ns = model->mono_ns;
    region->last_mono_ns = model->mono_ns;
    region->life_mono_ns = model->mono_ns;
}

/* It was started in another cluster: the one that it left must not look alive by it. */
static void move_server(struct model *model, uint32_t server, uint32_t region)
{
    struct server_row *row = &model->servers[server];
    uint32_t at = 0;
    while (model->server_order[at] != server) {
        at++;
    }
    model->server_order_count--;
    memmove(model->server_order + at, model->server_order + at + 1,
            (model->server_order_count - at) * sizeof(*model->server_order));
    row->region = region;
    row->gateway_count = 0;
    insert_in_order(model, server);
}

void apply_server(struct model *model, const struct event *any)
{
    const struct evt_server *event = &any->u.server;
    uint32_t server = take_server(model, event->server, event->cluster);
    if (server == ROW_NONE) {
        return;
    }
    uint32_t cluster = model_region(model, event->cluster);
    if (cluster != ROW_NONE && cluster != model->servers[server].region) {
        move_server(model, server, cluster);
    }
    struct server_row *row = &model->servers[server];
    if (row->has_said_bye) {
        bool is_new_run = event->id != NULL && !text_equal(event->id, row->bye_id);
        if (!is_new_run && model->mono_ns - row->bye_mono_ns < LATE_REPLY_NS) {
            return;
        }
        row->has_said_bye = false;
        row->is_lameduck = false;
    }
    if (!text_equal(row->id, event->id)) {
        row->is_lameduck = false;
        model_set_text(model, &row->id, event->id);
    }
    model_set_text(model, &row->version, event->version);
    model_set_text(model, &row->host, event->host);
    row->has_jetstream = event->has_jetstream;
    hear(model, row);
    struct region_row *region = &model->regions[row->region];
    uint32_t via = model_find_region(model, event->via);
    if (via != ROW_NONE && event->kind != ASK_PUSH) {
        region->via = via;
        if (via == row->region) {
            row->own_mono_ns = model->mono_ns;
        }
    }
    if (event->rtt_ns >= 0) {
        row->rtt_ns = event->rtt_ns;
        row->rtt_mono_ns = model->mono_ns;
    }
    judge_server(model, server);
}

static void sum_clients(struct model *model, uint32_t region)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *row = &model->servers[i];
        if (row->region == region && row->state == SERVER_UP) {
            total = wide_add(total, row->connections);
        }
    }
    series_add(&model->regions[region].clients, model->mono_ns, total);
}

void apply_stats(struct model *model, const struct event *any)
{
    const struct evt_stats *event = &any->u.stats;
    uint32_t server = model_find_server(model, event->server);
    if (server == ROW_NONE) {
        return;
    }
    struct server_row *row = &model->servers[server];
    row->stats_mono_ns = model->mono_ns;
    row->start_ns = event->start_ns != 0 ? event->start_ns : row->start_ns;
    row->connections = wide_count(event->connections);
    row->subscriptions = wide_count(event->subscriptions);
    row->slow_consumers = wide_count(event->slow_consumers);
    row->cpu_milli_pct = wide_count(event->cpu_milli_pct);
    row->mem_bytes = wide_count(event->mem_bytes);
    series_add(&row->clients, model->mono_ns, row->connections);
    sum_clients(model, row->region);
    if (event->is_push && event->raw != NULL) {
        model_set_raw(model, &row->raw_stats, event->raw);
    }
}

void apply_bye(struct model *model, const struct event *any)
{
    const struct evt_bye *event = &any->u.bye;
    uint32_t server = take_server(model, event->server, event->cluster);
    if (server == ROW_NONE) {
        return;
    }
    struct server_row *row = &model->servers[server];
    if (row->id != NULL && event->id != NULL && !text_equal(row->id, event->id)) {
        return; /* of an earlier run */
    }
    if (event->kind == BYE_LAMEDUCK) {
        if (!row->is_lameduck) {
            NOTE(model, SEV_WARN, "server ", row->name, " goes into lame duck mode");
        }
        row->is_lameduck = true;
        return;
    }
    row->has_said_bye = true;
    row->bye_mono_ns = model->mono_ns;
    model_set_text(model, &row->bye_id, event->id);
    judge_server(model, server);
    judge_links_of(model, row->region);
    judge_meta(model);
    judge_regions(model);
}

/* ---- gateways ---- */

static struct gateway_row *take_gateway(struct model *model, struct server_row *row,
                                        uint32_t remote)
{
    for (uint32_t i = 0; i < row->gateway_count; i++) {
        if (row->gateways[i].remote == remote) {
            return &row->gateways[i];
        }
    }
    if (!model_make_room(model, (void **)&row->gateways, row->gateway_count, &row->gateway_capacity,
                         sizeof(*row->gateways))) {
        return NULL;
    }
    struct gateway_row *gateway = &row->gateways[row->gateway_count++];
    memset(gateway, 0, sizeof(*gateway));
    gateway->remote = remote;
    gateway->rtt_ns = -1;
    gateway->rtt_mono_ns = NEVER;
    gateway->mono_ns = NEVER;
    gateway->prev_mono_ns = NEVER;
    return gateway;
}

void apply_gateway(struct model *model, const struct event *any)
{
    const struct evt_gateway *event = &any->u.gateway;
    uint32_t server = model_find_server(model, event->server);
    if (server == ROW_NONE || event->direction != GATEWAY_OUTBOUND) {
        return;
    }
    struct server_row *row = &model->servers[server];
    row->gateways_taken = wide_add(row->gateways_taken, 1);
    uint32_t remote = model_region(model, event->remote);
    if (remote == ROW_NONE || remote == row->region) {
        return;
    }
    struct gateway_row *gateway = take_gateway(model, row, remote);
    if (gateway == NULL || model_link(model, row->region, remote) == NULL) {
        return;
    }
    if (event->rtt_ns >= 0 && (event->rtt_ns != gateway->rtt_ns || !gateway->is_up)) {
        gateway->rtt_ns = event->rtt_ns;
        gateway->rtt_mono_ns = model->mono_ns;
    }
    int64_t msgs = wide_count(event->msgs);
    bool is_same = gateway->is_up && msgs >= gateway->msgs;
    gateway->prev_msgs = is_same ? gateway->msgs : msgs;
    gateway->prev_mono_ns = is_same ? gateway->mono_ns : NEVER;
    gateway->msgs = msgs;
    gateway->bytes = wide_count(event->bytes);
    gateway->pending_bytes = wide_count(event->pending_bytes);
    gateway->mono_ns = model->mono_ns;
    int64_t uptime_ns =
        event->uptime_ns < 0 || event->uptime_ns > MONO_MAX_NS ? 0 : event->uptime_ns;
    gateway->up_mono_ns = model->mono_ns - uptime_ns;
    gateway->is_listed = true;
}

/*
 * A reply of which parts were dropped on the way takes nothing down, and parts that an earlier
 * reply without an end left behind are too old to count for this one.
 */
void apply_gateways(struct model *model, const struct event *any)
{
    const struct evt_gateways *event = &any->u.gateways;
    uint32_t server = model_find_server(model, event->server);
    if (server == ROW_NONE) {
        return;
    }
    struct server_row *row = &model->servers[server];
    bool is_whole = row->gateways_taken >= event->outbound;
    bool has_leftovers = row->gateways_taken > event->outbound;
    for (uint32_t i = 0; i < row->gateway_count; i++) {
        struct gateway_row *gateway = &row->gateways[i];
        bool is_old = has_leftovers && model->mono_ns - gateway->mono_ns >= LEFTOVER_NS;
        bool is_listed = gateway->is_listed && !is_old;
        gateway->is_up = is_listed || (gateway->is_up && !is_whole);
        gateway->is_listed = false;
    }
    row->gateways_taken = 0;
    row->gateways_mono_ns = model->mono_ns;
    judge_links_of(model, row->region);
    judge_regions(model);
}

void apply_gateway_config(struct model *model, const struct event *any)
{
    const struct evt_gateway_config *event = &any->u.gateway_config;
    uint32_t from = model_region(model, event->cluster);
    uint32_t to = model_region(model, event->remote);
    if (from != ROW_NONE && to != ROW_NONE && from != to) {
        model_link(model, from, to);
    }
}
