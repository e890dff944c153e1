/*
 * readiness.h - would a failover work now? One row a check, from the model and the survey's facts.
 *
 * ready_judge() is pure: the same model and facts give the same report. A check is one row of the
 * table in readiness.c. Its result is a guard's: GO; WARN works, but costs or risks something; STOP
 * would fail or lose what nobody accepted; UNKNOWN could not be told, which is never GO.
 *
 * Source  docs/CHECK.md is the contract of ids, words and exit codes.
 */
#ifndef FARSHORE_CORE_READINESS_H
#define FARSHORE_CORE_READINESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/strbuf.h"
#include "farshore/core/model.h"
#include "farshore/core/names.h"
#include "farshore/core/readiness_facts.h"

enum ready_result {
    READY_GO,
    READY_WARN,
    READY_UNKNOWN,
    READY_STOP
}; /* in the order in which they outrank each other */

extern const struct name_table names_ready_result;

/* One stream, region, server or login within a check. */
struct ready_item {
    enum ready_result result;
    char *name, *text;
    size_t name_bytes, text_bytes;
};

struct ready_check {
    const char *id, *title; /* of the table; live for ever */
    enum ready_result result;
    bool is_waivable;       /* a STOP that an operator may waive by naming the streams */
    int64_t age_ns;         /* of the oldest thing it rests on; -1 nothing was ever seen */
    struct strbuf evidence; /* one line */
    struct strbuf remedy;   /* one line; empty when there is nothing to do */
    struct ready_item *items;
    uint32_t item_count, item_capacity;
};

#define READY_CHECKS_MOST 24

struct ready_report {
    const struct fs_alloc *alloc;
    int64_t at_ns; /* UTC, when this was true */
    struct ready_check checks[READY_CHECKS_MOST];
    size_t count;
    enum ready_result worst;
    bool has_failed; /* memory ran out: not to be believed */
};

/*
 * Judge everything. The report is filled anew and given to ready_report_end().
 *
 * facts    settled; facts->mono_ns on the model's clock.
 */
void ready_judge(const struct model *model, const struct ready_facts *facts,
                 const struct fs_alloc *alloc, struct ready_report *out);
void ready_report_end(struct ready_report *report);

/* The names of the table, for docs and tests: row n, or NULL after the last. */
const char *ready_check_id(size_t n);

/* 0 GO, 1 WARN, 2 STOP, 3 UNKNOWN. */
int ready_exit_code(const struct ready_report *report);

#endif
