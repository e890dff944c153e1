/*
 * status_json.c - the model as one JSON object: the documented contract of `status --json`.
 *
 * Why:   other programs decide on it, so names, order and units never change silently.
 * How:   a small writer that puts the commas; each row is one function.
 * Rules: times are integers of milliseconds, counts exact, unknown is null and never 0.
 * See:   docs/STATUS.md; tests/golden/status
 */
#include <stdbool.h>

#include "status.h"

#include "farshore/base/duration.h"
#include "farshore/base/text.h"

/* Puts a comma before every member and element but the first. */
struct json_out {
    struct strbuf *buf;
    bool needs_comma;
};

static void name(struct json_out *out, const char *key)
{
    if (out->needs_comma) {
        strbuf_put_char(out->buf, ',');
    }
    out->needs_comma = true;
    if (key != NULL) {
        strbuf_put_json(out->buf, key);
        strbuf_put_char(out->buf, ':');
    }
}

static void open_with(struct json_out *out, const char *key, char bracket)
{
    name(out, key);
    strbuf_put_char(out->buf, bracket);
    out->needs_comma = false;
}

static void close_with(struct json_out *out, char bracket)
{
    strbuf_put_char(out->buf, bracket);
    out->needs_comma = true;
}

static void put_text(struct json_out *out, const char *key, const char *text)
{
    name(out, key);
    strbuf_put_json(out->buf, text);
}

static void put_int(struct json_out *out, const char *key, int64_t value)
{
    name(out, key);
    strbuf_put_i64(out->buf, value);
}

static void put_int_or_null(struct json_out *out, const char *key, bool is_known, int64_t value)
{
    name(out, key);
    if (is_known) {
        strbuf_put_i64(out->buf, value);
    } else {
        strbuf_put(out->buf, "null");
    }
}

/* -1 is "never". */
static void put_age(struct json_out *out, const char *key, int64_t age_ns)
{
    put_int_or_null(out, key, age_ns >= 0, age_ns / NS_PER_MS);
}

static void put_value(struct json_out *out, const char *key, struct value value)
{
    put_int_or_null(out, key, value.trust != TRUST_UNKNOWN, value.number);
}

static void put_value_ms(struct json_out *out, const char *key, struct value value)
{
    put_int_or_null(out, key, value.trust != TRUST_UNKNOWN, value.number / NS_PER_MS);
}

static void put_bool(struct json_out *out, const char *key, bool value)
{
    name(out, key);
    strbuf_put(out->buf, value ? "true" : "false");
}

static void put_tri(struct json_out *out, const char *key, enum tri value)
{
    name(out, key);
    strbuf_put(out->buf, value == TRI_YES ? "true" : value == TRI_NO ? "false" : "null");
}

static void put_time(struct json_out *out, const char *key, int64_t at_ns)
{
    char text[DURATION_TEXT_BYTES];
    if (at_ns <= 0) {
        put_text(out, key, NULL);
        return;
    }
    time_print_iso(text, at_ns);
    put_text(out, key, text);
}

/* Which regions hold origins, and which only mirrors: bit i is region i. */
struct active {
    uint64_t origins, mirrors;
};

static uint64_t region_bit(const struct model *model, const char *region)
{
    for (size_t i = 0; region != NULL && i < view_regions(model) && i < 64; i++) {
        struct region_view row;
        view_region(model, i, &row);
        if (text_equal(row.name, region)) {
            return UINT64_C(1) << i;
        }
    }
    return 0;
}

static void find_active(const struct model *model, struct active *out)
{
    const char *last[2] = {NULL, NULL};
    uint64_t bits[2] = {0, 0};
    out->origins = 0;
    out->mirrors = 0;
    for (size_t i = 0; i < view_mirrors(model); i++) {
        struct mirror_view row;
        view_mirror(model, i, &row);
        if (!text_equal(row.origin_region, last[0])) {
            last[0] = row.origin_region;
            bits[0] = region_bit(model, last[0]);
        }
        if (!text_equal(row.region, last[1])) {
            last[1] = row.region;
            bits[1] = region_bit(model, last[1]);
        }
        out->origins |= bits[0];
        out->mirrors |= bits[1];
    }
}

static void put_witnesses(struct json_out *out, const struct model *model, size_t region)
{
    struct status_witness rows[STATUS_WITNESSES];
    size_t count = status_witnesses(model, region, rows);
    open_with(out, "witnesses", '[');
    for (size_t i = 0; i < count; i++) {
        char class[2] = {rows[i].class, '\0'};
        open_with(out, NULL, '{');
        put_text(out, "name", rows[i].name);
        put_text(out, "class", class);
        put_text(out, "says", witness_word(rows[i].says));
        put_age(out, "age_ms", rows[i].age_ns);
        put_text(out, "detail", rows[i].detail);
        close_with(out, '}');
    }
    close_with(out, ']');
}

static void put_regions(struct json_out *out, const struct model *model)
{
    struct active active;
    find_active(model, &active);
    open_with(out, "regions", '[');
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view row;
        view_region(model, i, &row);
        uint64_t bit = i < 64 ? UINT64_C(1) << i : 0;
        enum tri is_active = (active.origins & bit) != 0   ? TRI_YES
                             : (active.mirrors & bit) != 0 ? TRI_NO
                                                           : TRI_UNKNOWN;
        open_with(out, NULL, '{');
        put_text(out, "name", row.name);
        put_text(out, "role", name_of(&names_region_role, row.role));
        put_tri(out, "active", is_active);
        put_text(out, "verdict", name_of(&names_verdict, row.verdict));
        put_time(out, "since", row.since_at_ns);
        put_age(out, "for_ms", row.for_ns);
        put_witnesses(out, model, i);
        put_text(out, "reason", row.reason);
        put_int(out, "servers_up", row.servers_up);
        put_int(out, "servers", row.servers);
        put_value(out, "clients", row.clients);
        put_text(out, "connection", name_of(&names_conn_state, row.conn));
        put_text(out, "connection_reason", row.conn_reason);
        put_text(out, "via", row.via);
        put_age(out, "streams_interval_ms", row.streams_interval_ns);
        put_bool(out, "slowed", row.is_slowed);
        close_with(out, '}');
    }
    close_with(out, ']');
}

static void put_servers(struct json_out *out, const struct model *model)
{
    open_with(out, "servers", '[');
    for (size_t i = 0; i < view_servers(model); i++) {
        struct server_view row;
        view_server(model, i, &row);
        open_with(out, NULL, '{');
        put_text(out, "name", row.name);
        put_text(out, "region", row.region);
        put_text(out, "state", name_of(&names_server_state, row.state));
        put_text(out, "version", row.version);
        put_age(out, "age_ms", row.age_ns);
        put_time(out, "since", row.since_at_ns);
        put_value(out, "connections", row.connections);
        put_value(out, "slow_consumers", row.slow_consumers);
        put_value(out, "mem_bytes", row.mem_bytes);
        put_bool(out, "lameduck", row.is_lameduck);
        put_bool(out, "via_other", row.is_via_other);
        close_with(out, '}');
    }
    close_with(out, ']');
}

static void put_links(struct json_out *out, const struct model *model)
{
    open_with(out, "links", '[');
    for (size_t i = 0; i < view_links(model); i++) {
        struct link_view row;
        view_link(model, i, &row);
        open_with(out, NULL, '{');
        put_text(out, "from", row.from);
        put_text(out, "to", row.to);
        put_text(out, "state", name_of(&names_link_state, row.state));
        put_int(out, "servers_up", row.servers_up);
        put_int(out, "servers", row.servers);
        put_value_ms(out, "rtt_ms", row.rtt_ns);
        put_time(out, "since", row.since_at_ns);
        put_int_or_null(out, "rtt_us", row.rtt_ns.trust != TRUST_UNKNOWN,
                        row.rtt_ns.number / NS_PER_US);
        put_value(out, "msgs_per_s", row.msgs_per_s);
        put_value(out, "pending_bytes", row.pending_bytes);
        put_int(out, "servers_known", row.servers_known);
        close_with(out, '}');
    }
    close_with(out, ']');
}

static void put_meta(struct json_out *out, const struct model *model)
{
    struct meta_view meta;
    view_meta(model, &meta);
    open_with(out, "meta", '{');
    put_text(out, "leader", meta.leader);
    put_text(out, "region", meta.leader_region);
    put_value(out, "size", meta.size);
    put_value(out, "alive", meta.alive);
    put_value(out, "quorum", meta.quorum);
    put_tri(out, "has_quorum", meta.has_quorum);
    open_with(out, "survives_loss_of", '{');
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view region;
        view_region(model, i, &region);
        put_tri(out, region.name, view_meta_survives(model, i));
    }
    close_with(out, '}');
    put_text(out, "last_leader", meta.last_leader);
    put_age(out, "leader_age_ms", meta.leader_age_ns);
    close_with(out, '}');
}

static void put_loss(struct json_out *out, const struct loss_view *loss)
{
    open_with(out, "loss", '{');
    put_bool(out, "known", loss->is_known);
    put_int_or_null(out, "low", loss->is_known, loss->low);
    put_int_or_null(out, "high", loss->is_known && loss->high >= 0, loss->high);
    put_int_or_null(out, "growing_per_s", loss->is_known, loss->growing_per_s);
    put_age(out, "sample_age_ms", loss->sample_age_ns);
    close_with(out, '}');
}

static void put_mirrors(struct json_out *out, const struct model *model)
{
    open_with(out, "mirrors", '[');
    for (size_t i = 0; i < view_mirrors(model); i++) {
        struct mirror_view row;
        view_mirror(model, i, &row);
        open_with(out, NULL, '{');
        put_text(out, "account", row.account);
        put_text(out, "stream", row.stream);
        put_text(out, "origin", row.origin);
        put_text(out, "region", row.region);
        put_text(out, "origin_region", row.origin_region);
        put_text(out, "state", name_of(&names_mirror_state, row.state));
        put_value(out, "lag_msgs", row.lag_msgs);
        put_value_ms(out, "lag_ms", row.lag_ns);
        put_value_ms(out, "contact_age_ms", row.contact_ns);
        put_value(out, "server_lag", row.server_lag);
        put_loss(out, &row.loss);
        put_time(out, "since", row.since_at_ns);
        put_text(out, "lag_trust", name_of(&names_trust, row.lag_msgs.trust));
        put_bool(out, "lag_at_least", row.is_lag_at_least);
        put_value(out, "holes", row.holes);
        put_value(out, "rate_per_s", row.rate_per_s);
        put_value(out, "msgs", row.msgs);
        put_value(out, "last_seq", row.last_seq);
        put_value(out, "origin_last_seq", row.origin_last_seq);
        put_text(out, "error", row.error);
        close_with(out, '}');
    }
    close_with(out, ']');
}

static void put_overflow(struct json_out *out, const struct model *model)
{
    struct model_overflow lost = model_overflow(model);
    open_with(out, "overflow", '{');
    put_int(out, "regions", (int64_t)lost.regions);
    put_int(out, "servers", (int64_t)lost.servers);
    put_int(out, "streams", (int64_t)lost.streams);
    put_int(out, "mirrors", (int64_t)lost.mirrors);
    put_int(out, "memory", (int64_t)lost.memory);
    put_int(out, "queue", (int64_t)lost.queue);
    close_with(out, '}');
}

void status_json(const struct model *model, int64_t lag_warn_ns, struct strbuf *buf)
{
    struct json_out state = {buf, false};
    struct json_out *out = &state;
    struct session_view session;
    char why[VIEW_REASON_BYTES * 2];
    view_session(model, &session);
    enum status_exit code = status_judge(model, lag_warn_ns, why, sizeof(why));
    open_with(out, NULL, '{');
    put_time(out, "time", model_at_ns(model));
    put_text(out, "config", session.context);
    open_with(out, "own_link", '{');
    put_text(out, "state", name_of(&names_verdict, session.own_link));
    put_int(out, "connections_up", session.connections_up);
    put_int(out, "connections", session.connections_all);
    close_with(out, '}');
    put_regions(out, model);
    put_servers(out, model);
    put_links(out, model);
    put_meta(out, model);
    put_mirrors(out, model);
    put_age(out, "data_age_ms", session.data_age_ns);
    put_int(out, "exit_code", (int64_t)code);
    put_text(out, "summary", why);
    put_overflow(out, model);
    close_with(out, '}');
}
