/*
 * view_region.c - sessions, regions, servers and links as people ask about them.
 *
 * Rules: ages and rates are worked out here, on read; a value's trust follows from its age and from
 *        whether its server still answers.
 */
#include <string.h>

#include "farshore/base/duration.h"
#include "model_impl.h"
#include "wide.h"

#define SLOW_SAMPLE_NS                                                                             \
    (35 * NS_PER_S)                  /* STATSZ and VARZ come each 10 s: three misses and a half    \
                                      */
#define RTT_STALE_NS (30 * NS_PER_S) /* gateway round trips are refreshed by pings only */

static int64_t age_or_never(const struct model *model, int64_t mono_ns)
{
    return mono_ns == NEVER ? -1 : model->mono_ns - mono_ns;
}

static struct value value_of(const struct model *model, int64_t number, int64_t mono_ns,
                             int64_t stale_ns, bool is_source_up)
{
    struct value value = {.number = number, .age_ns = age_or_never(model, mono_ns)};
    value.trust = mono_ns == NEVER          ? TRUST_UNKNOWN
                  : !is_source_up           ? TRUST_LAST_KNOWN
                  : value.age_ns > stale_ns ? TRUST_STALE
                                            : TRUST_OK;
    return value;
}

void view_session(const struct model *model, struct session_view *out)
{
    memset(out, 0, sizeof(*out));
    out->version = model->version;
    out->mode = model->mode;
    out->context = model->context;
    out->operator_name = model->operator_name;
    out->host = model->host;
    out->data_age_ns = age_or_never(model, model->last_answer_mono_ns);
    out->late_ns = model->mono_ns - model->late_mono_ns <= 2 * STEP_NS ? model->late_ns : 0;
    for (uint32_t i = 0; i < model->region_count; i++) {
        const struct region_row *row = &model->regions[i];
        out->connections_all += row->is_configured ? 1 : 0;
        out->connections_up += row->is_configured && row->conn == CONN_UP ? 1 : 0;
    }
    bool is_heard = out->data_age_ns >= 0 && out->data_age_ns <= MISSES * model->interval_ns;
    out->own_link = !is_heard && out->data_age_ns >= 0           ? VERDICT_BLIND
                    : !is_heard                                  ? VERDICT_UNKNOWN
                    : out->connections_up < out->connections_all ? VERDICT_DEGRADED
                                                                 : VERDICT_OK;
}

size_t view_regions(const struct model *model)
{
    return model->region_count;
}

static void view_clients(const struct model *model, size_t index, struct region_view *out)
{
    int64_t newest = NEVER;
    int64_t total = 0;
    bool is_up = false;
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *row = &model->servers[i];
        if (row->region != index || row->stats_mono_ns == NEVER) {
            continue;
        }
        newest = row->stats_mono_ns > newest ? row->stats_mono_ns : newest;
        is_up = is_up || row->state == SERVER_UP;
        total = wide_add(total, row->connections);
    }
    const struct region_row *row = &model->regions[index];
    if (is_up && row->clients.count > 0) {
        total = row->clients.values[SERIES - 1]; /* of those that answer */
    }
    out->clients = value_of(model, total, newest, SLOW_SAMPLE_NS, is_up);
    out->clients_delta_60s = series_delta(&row->clients);
}

void view_region(const struct model *model, size_t index, struct region_view *out)
{
    const struct region_row *row = &model->regions[index];
    memset(out, 0, sizeof(*out));
    out->name = row->name;
    out->role = row->role;
    out->is_configured = row->is_configured;
    out->verdict = row->verdict;
    out->for_ns = model->mono_ns - row->since.mono_ns;
    out->since_at_ns = row->since.at_ns;
    out->conn = row->conn;
    out->conn_reason = row->conn_reason;
    bool is_heard = model_age(model, row->last_mono_ns) <= MISSES * model->interval_ns;
    out->via = is_heard && row->via != ROW_NONE ? model->regions[row->via].name : NULL;
    out->streams_interval_ns = judge_streams_interval(model, (uint32_t)index);
    out->is_slowed = row->is_slowed;
    memcpy(out->reason, row->reason, sizeof(out->reason));
    for (uint32_t i = 0; i < model->server_count; i++) {
        out->servers += model->servers[i].region == index ? 1 : 0;
        out->servers_up +=
            model->servers[i].region == index && model->servers[i].state == SERVER_UP ? 1 : 0;
    }
    view_clients(model, index, out);
}

size_t view_servers(const struct model *model)
{
    return model->server_order_count;
}

void view_server(const struct model *model, size_t index, struct server_view *out)
{
    uint32_t server = model->server_order[index];
    const struct server_row *row = &model->servers[server];
    bool is_up = row->state == SERVER_UP;
    memset(out, 0, sizeof(*out));
    out->name = row->name;
    out->region = model->regions[row->region].name;
    out->version = row->version;
    out->host = row->host;
    out->state = row->state;
    out->for_ns = model->mono_ns - row->since.mono_ns;
    out->since_at_ns = row->since.at_ns;
    out->age_ns = age_or_never(model, row->last_mono_ns);
    out->rtt_ns = value_of(model, row->rtt_ns, row->rtt_mono_ns, SERVER_DOWN_NS, is_up);
    out->connections = value_of(model, row->connections, row->stats_mono_ns, SLOW_SAMPLE_NS, is_up);
    out->slow_consumers =
        value_of(model, row->slow_consumers, row->stats_mono_ns, SLOW_SAMPLE_NS, is_up);
    out->cpu_milli_pct =
        value_of(model, row->cpu_milli_pct, row->stats_mono_ns, SLOW_SAMPLE_NS, is_up);
    out->mem_bytes = value_of(model, row->mem_bytes, row->stats_mono_ns, SLOW_SAMPLE_NS, is_up);
    out->connections_delta_60s = series_delta(&row->clients);
    out->has_jetstream = row->has_jetstream;
    out->is_meta_leader = model->meta.leader == server;
    out->is_lameduck = row->is_lameduck;
    out->is_via_other = is_up && model_age(model, row->own_mono_ns) > MISSES * model->interval_ns;
}

/* ---- links ---- */

size_t view_links(const struct model *model)
{
    return model->link_count;
}

static const struct gateway_row *outbound_of(const struct server_row *row, uint32_t remote)
{
    for (uint32_t i = 0; i < row->gateway_count; i++) {
        if (row->gateways[i].remote == remote && row->gateways[i].is_up) {
            return &row->gateways[i];
        }
    }
    return NULL;
}

static int64_t rate_of(const struct gateway_row *gateway)
{
    if (gateway->prev_mono_ns == NEVER) {
        return 0;
    }
    return wide_scale(gateway->msgs - gateway->prev_msgs, NS_PER_S,
                      gateway->mono_ns - gateway->prev_mono_ns);
}

/* The middle of up to VIEW_RTTS round trips. */
#define VIEW_RTTS 64
static int64_t median(int64_t *numbers, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        int64_t number = numbers[i];
        uint32_t at = i;
        for (; at > 0 && numbers[at - 1] > number; at--) {
            numbers[at] = numbers[at - 1];
        }
        numbers[at] = number;
    }
    return numbers[count / 2];
}

static void sum_outbounds(const struct model *model, const struct link_row *link,
                          struct link_view *out)
{
    int64_t rtts[VIEW_RTTS];
    uint32_t rtt_count = 0;
    int64_t rtt_mono_ns = NEVER;
    int64_t mono_ns = NEVER;
    int64_t rate = 0;
    int64_t pending = 0;
    for (uint32_t i = 0; i < model->server_count; i++) {
        const struct server_row *row = &model->servers[i];
        if (row->region != link->from) {
            continue;
        }
        out->servers_known++;
        bool is_fresh = model_age(model, row->gateways_mono_ns) <= MISSES * model->interval_ns;
        bool is_answering = row->state == SERVER_UP && is_fresh;
        out->servers += is_answering ? 1 : 0;
        const struct gateway_row *gateway = outbound_of(row, link->to);
        if (gateway == NULL) {
            continue;
        }
        out->servers_up += is_answering ? 1 : 0;
        rate = wide_add(rate, rate_of(gateway));
        pending = wide_add(pending, gateway->pending_bytes);
        mono_ns = gateway->mono_ns > mono_ns ? gateway->mono_ns : mono_ns;
        if (gateway->rtt_ns >= 0 && rtt_count < VIEW_RTTS) {
            rtts[rtt_count++] = gateway->rtt_ns;
            rtt_mono_ns = gateway->rtt_mono_ns > rtt_mono_ns ? gateway->rtt_mono_ns : rtt_mono_ns;
        }
    }
    bool is_up = out->servers_up > 0;
    out->rtt_ns = value_of(model, rtt_count > 0 ? median(rtts, rtt_count) : 0, rtt_mono_ns,
                           RTT_STALE_NS, is_up);
    out->msgs_per_s = value_of(model, rate, mono_ns, MISSES * model->interval_ns, is_up);
    out->pending_bytes = value_of(model, pending, mono_ns, MISSES * model->interval_ns, is_up);
}

void view_link(const struct model *model, size_t index, struct link_view *out)
{
    const struct link_row *link = &model->links[index];
    memset(out, 0, sizeof(*out));
    out->from = model->regions[link->from].name;
    out->to = model->regions[link->to].name;
    out->state = link->state;
    out->for_ns = model->mono_ns - link->since.mono_ns;
    out->since_at_ns = link->since.at_ns;
    sum_outbounds(model, link, out);
    for (size_t i = 0; i < STEPS; i++) {
        out->history[i] = link->bar[i];
        if (link->bar[i] == ' ') {
            out->history[i] = '?'; /* before it was known, or while we stood still */
        }
    }
}
