/*
 * status_prometheus.c - the model in Prometheus' text exposition format.
 *
 * Why:   alerting on what farshore concludes, not only on what servers say of themselves.
 * How:   one table of metrics a kind of row; a metric's samples must stand together, so rows are
 *        walked once a metric.
 * Rules: seconds and bytes as the format wants them, printed exactly and never through a double;
 *        what is unknown has no sample; label values are escaped.
 * See:   docs/STATUS.md "Prometheus"
 */
#include <stdbool.h>

#include "status.h"

#include "farshore/base/duration.h"

/* A sample's value; is_known false leaves the sample out. */
struct sample {
    bool is_known;
    bool is_ns; /* printed as seconds */
    int64_t number;
};

struct labels {
    const char *names[4];
    const char *values[4];
};

static struct sample count_of(int64_t number)
{
    return (struct sample){true, false, number};
}

static struct sample value_of(struct value value, bool is_ns)
{
    return (struct sample){value.trust != TRUST_UNKNOWN, is_ns, value.number};
}

static struct sample age_of(int64_t age_ns)
{
    return (struct sample){age_ns >= 0, true, age_ns};
}

static struct sample tri_of(enum tri value)
{
    return (struct sample){value != TRI_UNKNOWN, false, value == TRI_YES};
}

static void put_label_value(struct strbuf *out, const char *text)
{
    for (const char *at = text != NULL ? text : ""; *at != '\0'; at++) {
        if (*at == '\\' || *at == '"') {
            strbuf_put_char(out, '\\');
        }
        if (*at == '\n') {
            strbuf_put(out, "\\n");
        } else {
            strbuf_put_char(out, *at);
        }
    }
}

static void put_sample(struct strbuf *out, const char *metric, const struct labels *labels,
                       struct sample sample)
{
    if (!sample.is_known) {
        return;
    }
    strbuf_put(out, metric);
    for (size_t i = 0; i < 4 && labels != NULL && labels->names[i] != NULL; i++) {
        strbuf_put(out, i == 0 ? "{" : ",");
        strbuf_put(out, labels->names[i]);
        strbuf_put(out, "=\"");
        put_label_value(out, labels->values[i]);
        strbuf_put_char(out, '"');
    }
    strbuf_put(out, labels != NULL && labels->names[0] != NULL ? "} " : " ");
    if (!sample.is_ns) {
        strbuf_put_i64(out, sample.number);
    } else {
        bool is_negative = sample.number < 0;
        uint64_t ns = is_negative ? -(uint64_t)sample.number : (uint64_t)sample.number;
        strbuf_printf(out, "%s%llu.%09llu", is_negative ? "-" : "",
                      (unsigned long long)(ns / (uint64_t)NS_PER_S),
                      (unsigned long long)(ns % (uint64_t)NS_PER_S));
    }
    strbuf_put_char(out, '\n');
}

/* words: the codes are explained in HELP, so that a graph can be read. */
static void put_head(struct strbuf *out, const char *metric, const char *help,
                     const struct name_table *words)
{
    strbuf_printf(out, "# HELP %s %s", metric, help);
    for (size_t i = 0; words != NULL && i < words->count; i++) {
        strbuf_printf(out, "%s%zu %s", i == 0 ? ": " : ", ", i, words->words[i]);
    }
    strbuf_printf(out, "\n# TYPE %s gauge\n", metric);
}

static void put_single(struct strbuf *out, const char *metric, const char *help,
                       struct sample sample)
{
    put_head(out, metric, help, NULL);
    put_sample(out, metric, NULL, sample);
}

static struct sample region_verdict(const struct region_view *row)
{
    return count_of((int64_t)row->verdict);
}

static struct sample region_for(const struct region_view *row)
{
    return age_of(row->for_ns);
}

static struct sample region_up(const struct region_view *row)
{
    return count_of(row->servers_up);
}

static struct sample region_servers(const struct region_view *row)
{
    return count_of(row->servers);
}

static struct sample region_clients(const struct region_view *row)
{
    return value_of(row->clients, false);
}

static struct sample region_conn(const struct region_view *row)
{
    return (struct sample){row->is_configured, false, row->conn == CONN_UP};
}

static const struct {
    const char *name, *help;
    const struct name_table *words;
    struct sample (*read)(const struct region_view *row);
} region_metrics[] = {
    {"farshore_region_verdict", "verdict", &names_verdict, region_verdict},
    {"farshore_region_verdict_for_seconds", "how long the verdict has held", NULL, region_for},
    {"farshore_region_servers_up", "servers that answer", NULL, region_up},
    {"farshore_region_servers", "servers ever seen and not forgotten", NULL, region_servers},
    {"farshore_region_clients", "client connections", NULL, region_clients},
    {"farshore_region_connection_up", "our own connection to it", NULL, region_conn},
};

static void put_regions(struct strbuf *out, const struct model *model)
{
    for (size_t m = 0; m < sizeof(region_metrics) / sizeof(region_metrics[0]); m++) {
        put_head(out, region_metrics[m].name, region_metrics[m].help, region_metrics[m].words);
        for (size_t i = 0; i < view_regions(model); i++) {
            struct region_view row;
            view_region(model, i, &row);
            struct labels labels = {{"region", "role", NULL, NULL},
                                    {row.name, name_of(&names_region_role, row.role), NULL, NULL}};
            put_sample(out, region_metrics[m].name, &labels, region_metrics[m].read(&row));
        }
    }
}

static struct sample server_state_of(const struct server_view *row)
{
    return count_of((int64_t)row->state);
}

static struct sample server_age(const struct server_view *row)
{
    return age_of(row->age_ns);
}

static struct sample server_connections(const struct server_view *row)
{
    return value_of(row->connections, false);
}

static struct sample server_slow(const struct server_view *row)
{
    return value_of(row->slow_consumers, false);
}

static struct sample server_mem(const struct server_view *row)
{
    return value_of(row->mem_bytes, false);
}

static const struct {
    const char *name, *help;
    const struct name_table *words;
    struct sample (*read)(const struct server_view *row);
} server_metrics[] = {
    {"farshore_server_state", "state", &names_server_state, server_state_of},
    {"farshore_server_answer_age_seconds", "since its last answer", NULL, server_age},
    {"farshore_server_connections", "client connections", NULL, server_connections},
    {"farshore_server_slow_consumers", "slow consumers since its start", NULL, server_slow},
    {"farshore_server_memory_bytes", "memory in use", NULL, server_mem},
};

static void put_servers(struct strbuf *out, const struct model *model)
{
    for (size_t m = 0; m < sizeof(server_metrics) / sizeof(server_metrics[0]); m++) {
        put_head(out, server_metrics[m].name, server_metrics[m].help, server_metrics[m].words);
        for (size_t i = 0; i < view_servers(model); i++) {
            struct server_view row;
            view_server(model, i, &row);
            struct labels labels = {{"server", "region", NULL, NULL},
                                    {row.name, row.region, NULL, NULL}};
            put_sample(out, server_metrics[m].name, &labels, server_metrics[m].read(&row));
        }
    }
}

static struct sample link_state_of(const struct link_view *row)
{
    return count_of((int64_t)row->state);
}

static struct sample link_up(const struct link_view *row)
{
    return count_of(row->servers_up);
}

static struct sample link_servers(const struct link_view *row)
{
    return count_of(row->servers);
}

static struct sample link_rtt(const struct link_view *row)
{
    return value_of(row->rtt_ns, true);
}

static const struct {
    const char *name, *help;
    const struct name_table *words;
    struct sample (*read)(const struct link_view *row);
} link_metrics[] = {
    {"farshore_link_state", "gateway link", &names_link_state, link_state_of},
    {"farshore_link_servers_up", "servers with an outbound to the other region", NULL, link_up},
    {"farshore_link_servers", "servers that answer", NULL, link_servers},
    {"farshore_link_rtt_seconds", "median round trip of the outbounds", NULL, link_rtt},
};

static void put_links(struct strbuf *out, const struct model *model)
{
    for (size_t m = 0; m < sizeof(link_metrics) / sizeof(link_metrics[0]); m++) {
        put_head(out, link_metrics[m].name, link_metrics[m].help, link_metrics[m].words);
        for (size_t i = 0; i < view_links(model); i++) {
            struct link_view row;
            view_link(model, i, &row);
            struct labels labels = {{"from", "to", NULL, NULL}, {row.from, row.to, NULL, NULL}};
            put_sample(out, link_metrics[m].name, &labels, link_metrics[m].read(&row));
        }
    }
}

static struct sample mirror_state_of(const struct mirror_view *row)
{
    return count_of((int64_t)row->state);
}

static struct sample mirror_lag_msgs(const struct mirror_view *row)
{
    return value_of(row->lag_msgs, false);
}

static struct sample mirror_lag(const struct mirror_view *row)
{
    return value_of(row->lag_ns, true);
}

static struct sample mirror_contact(const struct mirror_view *row)
{
    return value_of(row->contact_ns, true);
}

static struct sample mirror_loss_low(const struct mirror_view *row)
{
    return (struct sample){row->loss.is_known, false, row->loss.low};
}

static struct sample mirror_loss_high(const struct mirror_view *row)
{
    return (struct sample){row->loss.is_known && row->loss.high >= 0, false, row->loss.high};
}

static const struct {
    const char *name, *help;
    const struct name_table *words;
    struct sample (*read)(const struct mirror_view *row);
} mirror_metrics[] = {
    {"farshore_mirror_state", "state", &names_mirror_state, mirror_state_of},
    {"farshore_mirror_lag_messages", "true lag: the origin's last sequence minus the mirror's",
     NULL, mirror_lag_msgs},
    {"farshore_mirror_lag_seconds", "true lag in time", NULL, mirror_lag},
    {"farshore_mirror_contact_age_seconds", "since the mirror heard of its origin", NULL,
     mirror_contact},
    {"farshore_mirror_loss_low_messages", "lost at least, if promoted now", NULL, mirror_loss_low},
    {"farshore_mirror_loss_high_messages", "lost at most, if promoted now", NULL, mirror_loss_high},
};

static void put_mirrors(struct strbuf *out, const struct model *model)
{
    for (size_t m = 0; m < sizeof(mirror_metrics) / sizeof(mirror_metrics[0]); m++) {
        put_head(out, mirror_metrics[m].name, mirror_metrics[m].help, mirror_metrics[m].words);
        for (size_t i = 0; i < view_mirrors(model); i++) {
            struct mirror_view row;
            view_mirror(model, i, &row);
            struct labels labels = {{"account", "stream", "region", "origin"},
                                    {row.account, row.stream, row.region, row.origin}};
            put_sample(out, mirror_metrics[m].name, &labels, mirror_metrics[m].read(&row));
        }
    }
}

static void put_meta(struct strbuf *out, const struct model *model)
{
    struct meta_view meta;
    view_meta(model, &meta);
    put_single(out, "farshore_meta_size", "peers of the JetStream meta group",
               value_of(meta.size, false));
    put_single(out, "farshore_meta_alive", "peers that are alive", value_of(meta.alive, false));
    put_single(out, "farshore_meta_quorum", "peers that a quorum needs",
               value_of(meta.quorum, false));
    put_single(out, "farshore_meta_has_quorum", "1 when the meta group has a quorum",
               tri_of(meta.has_quorum));
    put_head(out, "farshore_meta_survives_loss",
             "1 when the quorum would survive the loss of that region", NULL);
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view row;
        view_region(model, i, &row);
        struct labels labels = {{"region", NULL, NULL, NULL}, {row.name, NULL, NULL, NULL}};
        put_sample(out, "farshore_meta_survives_loss", &labels,
                   tri_of(view_meta_survives(model, i)));
    }
}

void status_prometheus(const struct model *model, int64_t lag_warn_ns, struct strbuf *out)
{
    struct session_view session;
    char why[VIEW_REASON_BYTES * 2];
    view_session(model, &session);
    struct labels info = {{"version", "config", NULL, NULL},
                          {session.version, session.context, NULL, NULL}};
    put_head(out, "farshore_info", "the program and the configuration that say this", NULL);
    put_sample(out, "farshore_info", &info, count_of(1));
    put_single(out, "farshore_status",
               "exit code of status: 0 OK, 1 warning, 2 critical, 3 unknown",
               count_of((int64_t)status_judge(model, lag_warn_ns, why, sizeof(why))));
    put_head(out, "farshore_own_link", "verdict on our own link", &names_verdict);
    put_sample(out, "farshore_own_link", NULL, count_of((int64_t)session.own_link));
    put_single(out, "farshore_own_connections_up", "our own connections that are up",
               count_of(session.connections_up));
    put_single(out, "farshore_own_connections", "our own connections, one a region",
               count_of(session.connections_all));
    put_single(out, "farshore_data_age_seconds", "since any server answered",
               age_of(session.data_age_ns));
    put_regions(out, model);
    put_servers(out, model);
    put_links(out, model);
    put_meta(out, model);
    put_mirrors(out, model);
    struct model_overflow lost = model_overflow(model);
    put_single(out, "farshore_overflow_rows", "rows that found no room since the start",
               count_of((int64_t)(lost.regions + lost.servers + lost.streams + lost.mirrors +
                                  lost.memory)));
    put_single(out, "farshore_dropped_events", "events lost before they were events",
               count_of((int64_t)lost.queue));
}
