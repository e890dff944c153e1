/*
 * status.h - the model as text, JSON and Prometheus, and the exit code that sums it up.
 *
 * Printers only read views; nothing is cut off and nothing unknown is printed as a number.
 * Source: docs/STATUS.md is the contract of names, units and codes; a golden test holds it.
 */
#ifndef FARSHORE_APP_STATUS_H
#define FARSHORE_APP_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "farshore/base/strbuf.h"
#include "farshore/core/model.h"
#include "farshore/core/view.h"

enum status_exit {
    STATUS_OK = 0,
    STATUS_WARNING = 1,
    STATUS_CRITICAL = 2,
    STATUS_UNKNOWN = 3,
};

/* One object on one line, without a line feed. */
void status_json(const struct model *model, int64_t lag_warn_ns, struct strbuf *buf);

/* Tables for people; ends with a line feed. */
void status_text(const struct model *model, int64_t lag_warn_ns, struct strbuf *out);

/* The text exposition format; ends with a line feed. */
void status_prometheus(const struct model *model, int64_t lag_warn_ns, struct strbuf *out);

/*
 * The exit code, CONTRACTS' table.
 *
 * lag_warn_ns  a mirror further behind than this is a warning.
 * why          one line that names the first reason; at least VIEW_REASON_BYTES.
 */
enum status_exit status_judge(const struct model *model, int64_t lag_warn_ns, char *why,
                              size_t why_bytes);

enum witness_says {
    WITNESS_UNKNOWN,
    WITNESS_UP,
    WITNESS_SILENT
};

struct status_witness {
    char name[160];
    char class; /* 'A' by the region's own connection, 'B' by another region's */
    enum witness_says says;
    int64_t age_ns; /* of what it says; -1 never said anything */
    char detail[VIEW_REASON_BYTES];
};

#define STATUS_WITNESSES                                                                           \
    20 /* own connection, servers both ways, a gateway of each other region                        \
        */

/* Who says what about a region, the region's own connection first. Returns how many. */
size_t status_witnesses(const struct model *model, size_t region_index,
                        struct status_witness out[STATUS_WITNESSES]);

const char *witness_word(enum witness_says says);

#endif
