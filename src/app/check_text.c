/*
 * check_text.c - a readiness report for people.
 *
 * Why:   one look tells whether a failover would work, and what to do where it would not.
 * How:   one line a check, aligned; under a check that is not GO, its bad items and the remedy.
 * Rules: never more than a few items a check; how many are left out is said.
 * See:   docs/CHECK.md
 */
#include <stdio.h>

#include "check.h"
#include "farshore/base/duration.h"
#include "table.h"

#define ITEMS_SHOWN 8
#define AGE_BYTES DURATION_TEXT_BYTES

void check_summary(const struct ready_report *report, struct strbuf *out)
{
    static const char *const words[] = {
        "a failover would work now",
        "a failover would work, with reservations",
        "whether a failover would work is not known",
        "a failover would not go well now",
    };
    if (report->has_failed) {
        strbuf_put(out, "UNKNOWN: no memory for all of it");
        return;
    }
    strbuf_printf(out, "%s: %s", name_of(&names_ready_result, report->worst), words[report->worst]);
    for (size_t i = 0; i < report->count && report->worst != READY_GO; i++) {
        if (report->checks[i].result == report->worst) {
            strbuf_printf(out, ": %s, %s", report->checks[i].id, report->checks[i].evidence.text);
            return;
        }
    }
}

static void print_head(const struct ready_report *report, const char *context, struct strbuf *out)
{
    char when[DURATION_TEXT_BYTES] = "-";
    if (report->at_ns > 0) {
        time_print_iso(when, report->at_ns);
    }
    strbuf_printf(out, "%s  %s\n", when, context != NULL ? context : "-");
    check_summary(report, out);
    strbuf_put(out, "\n\n");
}

static void print_lines(const struct ready_report *report, struct strbuf *out)
{
    static const char *const heads[] = {"RESULT", "CHECK", ">AGE", "EVIDENCE", NULL};
    struct table table;
    table_begin(&table, heads);
    for (size_t i = 0; i < report->count; i++) {
        const struct ready_check *check = &report->checks[i];
        char age[AGE_BYTES] = "-";
        if (check->age_ns >= 0) {
            duration_print_age(age, check->age_ns);
        }
        table_cell(&table, name_of(&names_ready_result, check->result));
        table_cell(&table, check->id);
        table_cell(&table, age);
        table_cell(&table, check->evidence.text);
    }
    table_end(&table, out);
}

static void print_items(const struct ready_check *check, struct strbuf *out)
{
    uint32_t shown = 0;
    uint32_t bad = 0;
    for (uint32_t i = 0; i < check->item_count; i++) {
        const struct ready_item *item = &check->items[i];
        if (item->result == READY_GO) {
            continue;
        }
        bad++;
        if (shown < ITEMS_SHOWN) {
            shown++;
            strbuf_printf(out, "  %-7s %s: %s\n", name_of(&names_ready_result, item->result),
                          item->name, item->text);
        }
    }
    if (bad > shown) {
        strbuf_printf(out, "          and %u more: --json lists all\n", bad - shown);
    }
}

/* Worst first, as they outrank each other. */
static void print_details(const struct ready_report *report, struct strbuf *out)
{
    for (int result = READY_STOP; result >= READY_GO; result--) {
        for (size_t i = 0; i < report->count; i++) {
            const struct ready_check *check = &report->checks[i];
            bool is_fine = check->result == READY_GO && check->remedy.length == 0;
            if ((int)check->result != result || is_fine) {
                continue;
            }
            strbuf_printf(out, "\n%s %s: %s%s\n", name_of(&names_ready_result, check->result),
                          check->id, check->title,
                          check->is_waivable ? " (may be waived by name)" : "");
            print_items(check, out);
            if (check->remedy.length > 0) {
                strbuf_printf(out, "  do: %s\n", check->remedy.text);
            }
        }
    }
}

void check_text(const struct ready_report *report, const char *context, struct strbuf *out)
{
    print_head(report, context, out);
    print_lines(report, out);
    print_details(report, out);
}
