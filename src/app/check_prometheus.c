/*
 * check_prometheus.c - a readiness report in Prometheus' text exposition format.
 *
 * Rules: what is unknown has no age sample; results are numbers whose meaning stands in HELP.
 * See:   docs/CHECK.md "Prometheus"
 */
#include "check.h"
#include "farshore/base/duration.h"

#define MEANING "0 GO, 1 WARN, 2 STOP, 3 UNKNOWN"

static int64_t number_of(enum ready_result result)
{
    static const int64_t numbers[] = {0, 1, 3, 2};
    return numbers[result];
}

static void put_head(struct strbuf *out, const char *name, const char *help)
{
    strbuf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_label(struct strbuf *out, const char *text)
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

static void put_seconds(struct strbuf *out, int64_t ns)
{
    strbuf_printf(out, "%lld.%09lld\n", (long long)(ns / NS_PER_S), (long long)(ns % NS_PER_S));
}

static void put_items(const struct ready_report *report, struct strbuf *out)
{
    put_head(out, "farshore_check_items",
             "streams, servers, logins or places of a check by result");
    for (size_t i = 0; i < report->count; i++) {
        int64_t counts[4] = {0, 0, 0, 0};
        for (uint32_t k = 0; k < report->checks[i].item_count; k++) {
            counts[report->checks[i].items[k].result]++;
        }
        for (unsigned k = 0; k < 4; k++) {
            strbuf_printf(out, "farshore_check_items{check=\"%s\",result=\"%s\"} %lld\n",
                          report->checks[i].id, name_of(&names_ready_result, k),
                          (long long)counts[k]);
        }
    }
}

void check_prometheus(const struct ready_report *report, const char *context, struct strbuf *out)
{
    put_head(out, "farshore_check_info", "the configuration that was checked");
    strbuf_put(out, "farshore_check_info{config=\"");
    put_label(out, context);
    strbuf_put(out, "\"} 1\n");
    put_head(out, "farshore_check_status", "exit code of check: " MEANING);
    strbuf_printf(out, "farshore_check_status %d\n", ready_exit_code(report));
    put_head(out, "farshore_check_result", "result of one check: " MEANING);
    for (size_t i = 0; i < report->count; i++) {
        strbuf_printf(out, "farshore_check_result{check=\"%s\"} %lld\n", report->checks[i].id,
                      (long long)number_of(report->checks[i].result));
    }
    put_head(out, "farshore_check_age_seconds", "age of the oldest thing that a check rests on");
    for (size_t i = 0; i < report->count; i++) {
        if (report->checks[i].age_ns >= 0) {
            strbuf_printf(out, "farshore_check_age_seconds{check=\"%s\"} ", report->checks[i].id);
            put_seconds(out, report->checks[i].age_ns);
        }
    }
    put_items(report, out);
}
