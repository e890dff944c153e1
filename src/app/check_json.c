/*
 * check_json.c - a readiness report as one JSON object: the documented contract of `check --json`.
 *
 * Rules: times are integers of milliseconds, counts exact, unknown is null and never 0.
 * See:   docs/CHECK.md; tests/golden/check
 */
#include "check.h"
#include "farshore/base/duration.h"

static void put_member(struct strbuf *out, const char *name, const char *text, bool is_first)
{
    strbuf_put(out, is_first ? "" : ",");
    strbuf_put_json(out, name);
    strbuf_put_char(out, ':');
    strbuf_put_json(out, text);
}

static void put_items(const struct ready_check *check, struct strbuf *out)
{
    strbuf_put(out, ",\"items\":[");
    for (uint32_t i = 0; i < check->item_count; i++) {
        const struct ready_item *item = &check->items[i];
        strbuf_put(out, i > 0 ? ",{" : "{");
        put_member(out, "name", item->name, true);
        put_member(out, "result", name_of(&names_ready_result, item->result), false);
        put_member(out, "evidence", item->text, false);
        strbuf_put_char(out, '}');
    }
    strbuf_put(out, "]}");
}

static void put_check(const struct ready_check *check, struct strbuf *out)
{
    strbuf_put_char(out, '{');
    put_member(out, "id", check->id, true);
    put_member(out, "title", check->title, false);
    put_member(out, "result", name_of(&names_ready_result, check->result), false);
    put_member(out, "evidence", check->evidence.text, false);
    strbuf_put(out, ",\"age_ms\":");
    if (check->age_ns >= 0) {
        strbuf_put_i64(out, check->age_ns / NS_PER_MS);
    } else {
        strbuf_put(out, "null");
    }
    put_member(out, "remedy", check->remedy.length > 0 ? check->remedy.text : NULL, false);
    strbuf_put(out, check->is_waivable ? ",\"waivable\":true" : ",\"waivable\":false");
    put_items(check, out);
}

static void put_counts(const struct ready_report *report, struct strbuf *out)
{
    int64_t counts[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < report->count; i++) {
        counts[report->checks[i].result]++;
    }
    strbuf_put(out, ",\"counts\":{");
    for (unsigned i = 0; i < 4; i++) {
        strbuf_put(out, i > 0 ? "," : "");
        strbuf_put_json(out, name_of(&names_ready_result, i));
        strbuf_put_char(out, ':');
        strbuf_put_i64(out, counts[i]);
    }
    strbuf_put_char(out, '}');
}

void check_json(const struct ready_report *report, const char *context, struct strbuf *out)
{
    char when[DURATION_TEXT_BYTES];
    struct strbuf summary;
    strbuf_init(&summary, alloc_heap());
    check_summary(report, &summary);
    if (report->at_ns > 0) {
        time_print_iso(when, report->at_ns);
    }
    strbuf_put_char(out, '{');
    put_member(out, "time", report->at_ns > 0 ? when : NULL, true);
    put_member(out, "config", context, false);
    put_member(out, "result",
               name_of(&names_ready_result, report->has_failed ? READY_UNKNOWN : report->worst),
               false);
    strbuf_put(out, ",\"exit_code\":");
    strbuf_put_i64(out, ready_exit_code(report));
    put_member(out, "summary", summary.text, false);
    put_counts(report, out);
    strbuf_put(out, ",\"checks\":[");
    for (size_t i = 0; i < report->count; i++) {
        strbuf_put(out, i > 0 ? "," : "");
        put_check(&report->checks[i], out);
    }
    strbuf_put(out, "]}");
    out->has_failed = out->has_failed || summary.has_failed;
    strbuf_destroy(&summary);
}
