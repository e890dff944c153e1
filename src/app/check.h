/*
 * check.h - a readiness check: its survey, and its report as text, JSON and Prometheus.
 *
 * Source: docs/CHECK.md is the contract of names, units and codes; a golden test holds it.
 */
#ifndef FARSHORE_APP_CHECK_H
#define FARSHORE_APP_CHECK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "config_types.h"
#include "farshore/base/err.h"
#include "farshore/base/strbuf.h"
#include "farshore/core/readiness.h"

/*
 * Fetch logins, ask the servers, look at our own places; blocks for seconds.
 *
 * config         lives as long as the facts, which borrow from it.
 * untested       why the operator's logins are not to be tried ("not armed"); NULL: try them.
 * is_stopping    set by another thread to end it early; NULL never.
 * cancel_fd      readable once nobody waits any more, for slow commands; -1 none.
 * facts          begun; filled, also when something failed.
 *
 * Returns  ST_OK also when nothing answered; ST_NO_MEMORY, ST_INVALID.
 * Thread   any but the loop's; the library must be open (nats_lib.h).
 */
enum fs_status check_survey(const struct config *config, const char *untested,
                            const atomic_bool *is_stopping, int cancel_fd,
                            struct ready_facts *facts, struct err *err);

/* What the configuration says of a check; check_survey() does it by itself. */
void check_take_config(const struct config *config, struct ready_facts *facts);

/* One line a check, then what is not well; ends with a line feed. */
void check_text(const struct ready_report *report, const char *context, struct strbuf *out);

/* One object on one line, without a line feed. */
void check_json(const struct ready_report *report, const char *context, struct strbuf *out);

/* The text exposition format; ends with a line feed. */
void check_prometheus(const struct ready_report *report, const char *context, struct strbuf *out);

/* One line: the worst result and the first check that has it. */
void check_summary(const struct ready_report *report, struct strbuf *out);

#endif
