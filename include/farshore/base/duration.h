/*
 * duration.h - lengths of time and points in time, as text. Units are nanoseconds throughout.
 */
#ifndef FARSHORE_BASE_DURATION_H
#define FARSHORE_BASE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MINUTE (60 * NS_PER_S)

#define DURATION_TEXT_BYTES 32 /* room for any of the texts below */

/*
 * Parse "90s", "5m", "1h30m", "250ms", "729µs", "1.5s" (Go's form; also d for days). A bare "0" is
 * 0; any other number needs its unit. Negative and overflowing values and fractions of more than 9
 * digits are refused.
 */
bool duration_parse(const char *text, size_t count, int64_t *out_ns);

/*
 * Parse RFC 3339 UTC or with an offset, fraction up to 9 digits, to nanoseconds since 1970.
 *
 * What 64 bits cannot hold (years outside 1677 to 2262) is refused; so is Go's zero time,
 * 0001-01-01T00:00:00Z, which NATS prints for "never". No leap seconds.
 */
bool time_parse_rfc3339(const char *text, size_t count, int64_t *out_ns);

/* All that print truncate, and take a negative length for zero. out: DURATION_TEXT_BYTES. */

/* Age in at most 4 columns: "0s" "38s" "12m" "5h" "3d"; "250ms" is "0s". Returns the length. */
size_t duration_print_age(char *out, int64_t ns);

/* With one decimal below 100 s, in at most 6 columns: "0.0s" "2.9s" "38.0s" "3m12s" "5h02m". */
size_t duration_print_lag(char *out, int64_t ns);

/* Round trips: "87us" (below 1 ms), "2.1ms", "84ms", "1.2s". Returns the length. */
size_t duration_print_rtt(char *out, int64_t ns);

/* Clock of a state that goes on: "00:38", "12:07", "1:02:33", "3d04h". Returns the length. */
size_t duration_print_clock(char *out, int64_t ns);

/* "03:12:44Z" from nanoseconds UTC. Returns the length. */
size_t time_print_clock(char *out, int64_t at_ns);

/* "2026-11-23T03:12:44.123Z" from nanoseconds UTC. Returns the length. */
size_t time_print_iso(char *out, int64_t at_ns);

#endif
