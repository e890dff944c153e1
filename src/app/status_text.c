/*
 * status_text.c - the model as tables for people.
 *
 * Why:   one look from a shell, a ticket or a serial line, without a screen.
 * How:   one table a kind of row; words and units as the nats CLI and the console print them.
 * Rules: a value whose trust is not OK says so: `~` stale or last known, `-` unknown.
 * See:   docs/STATUS.md
 */
#include <stdio.h>
#include <string.h>

#include "status.h"
#include "table.h"

#include "farshore/base/duration.h"
#include "farshore/base/number.h"

#define CELL_BYTES 64

static void cell_number(struct table *table, struct value value)
{
    char text[CELL_BYTES] = "-";
    if (value.trust != TRUST_UNKNOWN) {
        size_t length = number_print_grouped(text, value.number);
        if (value.trust != TRUST_OK) {
            snprintf(text + length, sizeof(text) - length, "~");
        }
    }
    table_cell(table, text);
}

static void cell_time(struct table *table, struct value value, size_t (*print)(char *, int64_t))
{
    char text[CELL_BYTES] = "-";
    if (value.trust != TRUST_UNKNOWN) {
        size_t length = print(text, value.number);
        if (value.trust != TRUST_OK) {
            snprintf(text + length, sizeof(text) - length, "~");
        }
    }
    table_cell(table, text);
}

static void cell_age(struct table *table, int64_t age_ns)
{
    char text[CELL_BYTES] = "never";
    if (age_ns >= 0) {
        duration_print_age(text, age_ns);
    }
    table_cell(table, text);
}

static void cell_clock(struct table *table, int64_t ns)
{
    char text[CELL_BYTES];
    duration_print_clock(text, ns);
    table_cell(table, text);
}

static void cell_ratio(struct table *table, uint32_t up, uint32_t all)
{
    char text[CELL_BYTES];
    snprintf(text, sizeof(text), "%u/%u", up, all);
    table_cell(table, text);
}

static void print_head(const struct model *model, int64_t lag_warn_ns, struct strbuf *out)
{
    static const char *const codes[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    struct session_view session;
    char why[VIEW_REASON_BYTES * 2];
    char when[DURATION_TEXT_BYTES] = "-";
    char age[DURATION_TEXT_BYTES] = "never";
    view_session(model, &session);
    enum status_exit code = status_judge(model, lag_warn_ns, why, sizeof(why));
    if (model_at_ns(model) > 0) {
        time_print_iso(when, model_at_ns(model));
    }
    if (session.data_age_ns >= 0) {
        size_t length = duration_print_lag(age, session.data_age_ns);
        snprintf(age + length, sizeof(age) - length, " old");
    }
    strbuf_printf(out, "%s  %s  data %s\n", when, session.context != NULL ? session.context : "-",
                  age);
    strbuf_printf(out, "%s: %s\n", codes[code], why);
    strbuf_printf(out, "my own link: %s (%u of %u connections)\n\n",
                  name_of(&names_verdict, session.own_link), session.connections_up,
                  session.connections_all);
}

static void print_regions(const struct model *model, struct strbuf *out)
{
    static const char *const heads[] = {"REGION",   "ROLE",     "VERDICT", ">FOR",
                                        ">SERVERS", ">CLIENTS", "WHY",     NULL};
    struct table table;
    table_begin(&table, heads);
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view row;
        view_region(model, i, &row);
        table_cell(&table, row.name);
        table_cell(&table, name_of(&names_region_role, row.role));
        table_cell(&table, name_of(&names_verdict, row.verdict));
        cell_clock(&table, row.for_ns);
        cell_ratio(&table, row.servers_up, row.servers);
        cell_number(&table, row.clients);
        table_cell(&table, row.reason);
    }
    table_end(&table, out);
}

static void print_servers(const struct model *model, struct strbuf *out)
{
    static const char *const heads[] = {"SERVER", "REGION", "STATE", "VERSION", ">RTT",
                                        ">CONNS", ">SLOW",  ">AGE",  "NOTE",    NULL};
    struct table table;
    table_begin(&table, heads);
    for (size_t i = 0; i < view_servers(model); i++) {
        struct server_view row;
        view_server(model, i, &row);
        table_cell(&table, row.name);
        table_cell(&table, row.region);
        table_cell(&table, name_of(&names_server_state, row.state));
        table_cell(&table, row.version);
        cell_time(&table, row.rtt_ns, duration_print_rtt);
        cell_number(&table, row.connections);
        cell_number(&table, row.slow_consumers);
        cell_age(&table, row.age_ns);
        table_cell(&table, row.is_meta_leader ? "meta leader"
                           : row.is_lameduck  ? "lame duck"
                           : row.is_via_other ? "by another region"
                                              : "");
    }
    table_end(&table, out);
}

static void print_links(const struct model *model, struct strbuf *out)
{
    static const char *const heads[] = {"LINK", "STATE",   ">FOR",     ">OUTBOUNDS",
                                        ">RTT", ">MSGS/S", ">PENDING", NULL};
    struct table table;
    char text[160];
    table_begin(&table, heads);
    for (size_t i = 0; i < view_links(model); i++) {
        struct link_view row;
        view_link(model, i, &row);
        snprintf(text, sizeof(text), "%s->%s", row.from, row.to);
        table_cell(&table, text);
        table_cell(&table, name_of(&names_link_state, row.state));
        cell_clock(&table, row.for_ns);
        cell_ratio(&table, row.servers_up, row.servers);
        cell_time(&table, row.rtt_ns, duration_print_rtt);
        cell_number(&table, row.msgs_per_s);
        cell_number(&table, row.pending_bytes);
    }
    table_end(&table, out);
}

static void put_value(struct strbuf *out, struct value value)
{
    if (value.trust == TRUST_UNKNOWN) {
        strbuf_put(out, "?");
    } else {
        strbuf_put_i64(out, value.number);
    }
}

static void print_meta(const struct model *model, struct strbuf *out)
{
    static const char *const words[] = {"unknown", "no", "yes"};
    struct meta_view meta;
    view_meta(model, &meta);
    strbuf_printf(out, "JetStream meta: leader %s", meta.leader != NULL ? meta.leader : "unknown");
    if (meta.leader_region != NULL) {
        strbuf_printf(out, " in %s", meta.leader_region);
    } else if (meta.last_leader != NULL) {
        strbuf_printf(out, " (was %s)", meta.last_leader);
    }
    strbuf_put(out, ", alive ");
    put_value(out, meta.alive);
    strbuf_put(out, " of ");
    put_value(out, meta.size);
    strbuf_put(out, ", quorum needs ");
    put_value(out, meta.quorum);
    strbuf_printf(out, ": %s\n",
                  meta.has_quorum == TRI_YES  ? "held"
                  : meta.has_quorum == TRI_NO ? "LOST"
                                              : "unknown");
    strbuf_put(out, "would survive the loss of:");
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view row;
        view_region(model, i, &row);
        strbuf_printf(out, "%s %s %s", i > 0 ? "," : "", row.name,
                      words[view_meta_survives(model, i)]);
    }
    strbuf_put(out, "\n");
}

static void cell_loss(struct table *table, const struct loss_view *loss)
{
    char text[3 * NUMBER_TEXT_BYTES + 16] = "unknown";
    if (loss->is_known) {
        size_t length = number_print_grouped(text, loss->low);
        if (loss->high != loss->low) {
            length += (size_t)snprintf(text + length, sizeof(text) - length, "..");
            length += loss->high >= 0
                          ? number_print_grouped(text + length, loss->high)
                          : (size_t)snprintf(text + length, sizeof(text) - length, "unknown");
        }
        if (loss->is_growing && loss->growing_per_s > 0) {
            snprintf(text + length, sizeof(text) - length, " +%lld/s",
                     (long long)loss->growing_per_s);
        }
    }
    table_cell(table, text);
}

static void print_mirrors(const struct model *model, struct strbuf *out)
{
    static const char *const heads[] = {"MIRROR",   "REGION",    "ORIGIN",
                                        "STATE",    ">LAG MSGS", ">LAG TIME",
                                        ">CONTACT", ">RATE/S",   "IF PROMOTED NOW LOSE",
                                        NULL};
    struct table table;
    char origin[256];
    table_begin(&table, heads);
    for (size_t i = 0; i < view_mirrors(model); i++) {
        struct mirror_view row;
        view_mirror(model, i, &row);
        snprintf(origin, sizeof(origin), "%s (%s)", row.origin,
                 row.origin_region != NULL ? row.origin_region : "?");
        table_cell(&table, row.stream);
        table_cell(&table, row.region);
        table_cell(&table, origin);
        table_cell(&table, name_of(&names_mirror_state, row.state));
        cell_number(&table, row.lag_msgs);
        cell_time(&table, row.lag_ns, duration_print_lag);
        cell_time(&table, row.contact_ns, duration_print_age);
        cell_number(&table, row.rate_per_s);
        cell_loss(&table, &row.loss);
    }
    table_end(&table, out);
}

static void print_overflow(const struct model *model, struct strbuf *out)
{
    struct model_overflow lost = model_overflow(model);
    if (lost.regions + lost.servers + lost.streams + lost.mirrors + lost.memory + lost.queue == 0) {
        return;
    }
    strbuf_printf(out,
                  "\nno room for: %llu regions, %llu servers, %llu streams, %llu mirrors; "
                  "%llu allocations failed, %llu events dropped\n",
                  (unsigned long long)lost.regions, (unsigned long long)lost.servers,
                  (unsigned long long)lost.streams, (unsigned long long)lost.mirrors,
                  (unsigned long long)lost.memory, (unsigned long long)lost.queue);
}

void status_text(const struct model *model, int64_t lag_warn_ns, struct strbuf *out)
{
    print_head(model, lag_warn_ns, out);
    print_regions(model, out);
    if (view_servers(model) > 0) {
        strbuf_put(out, "\n");
        print_servers(model, out);
    }
    if (view_links(model) > 0) {
        strbuf_put(out, "\n");
        print_links(model, out);
    }
    strbuf_put(out, "\n");
    print_meta(model, out);
    if (view_mirrors(model) > 0) {
        strbuf_put(out, "\n");
        print_mirrors(model, out);
    }
    print_overflow(model, out);
}
