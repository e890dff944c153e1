/*
 * names.h - the enumerations that events and the model share, and their words.
 *
 * The words are what JSON, text and the screen show (CONTRACTS 4): "CAUGHT UP" with its space.
 */
#ifndef FARSHORE_CORE_NAMES_H
#define FARSHORE_CORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum region_role {
    ROLE_PRIMARY,
    ROLE_STANDBY,
    ROLE_ARBITER,
    ROLE_NONE
};

enum conn_state {
    CONN_NONE,
    CONN_CONNECTING,
    CONN_UP,
    CONN_LOST
};

enum ask_kind {
    ASK_META,     /* JSZ without streams */
    ASK_STREAMS,  /* JSZ with streams */
    ASK_CONFIGS,  /* JSZ with streams and their config */
    ASK_GATEWAYS, /* GATEWAYZ */
    ASK_STATS,    /* STATSZ */
    ASK_VARS,     /* VARZ */
    ASK_PUSH,     /* not asked: the server sent it by itself */
    ASK_KINDS,
};

enum bye_kind {
    BYE_SHUTDOWN,
    BYE_LAMEDUCK
};

enum gateway_direction {
    GATEWAY_OUTBOUND,
    GATEWAY_INBOUND
};

enum advisory_kind {
    ADVISORY_LEADER_ELECTED,
    ADVISORY_QUORUM_LOST
};

/* By position and glyph before colour: `!!` act now, `!` watch, `?` unknown, `.` news, `=` checked.
 */
enum severity {
    SEV_OK,
    SEV_INFO,
    SEV_UNKNOWN,
    SEV_WARN,
    SEV_CRIT
};

enum server_state {
    SERVER_UNKNOWN,
    SERVER_UP,
    SERVER_STALE,
    SERVER_DOWN,
    SERVER_GONE
};

enum link_state {
    LINK_UNKNOWN,
    LINK_UP,
    LINK_DEGRADED,
    LINK_DOWN
};

enum mirror_state {
    MIRROR_UNKNOWN,
    MIRROR_LAST_KNOWN,
    MIRROR_STALLED,
    MIRROR_ASLEEP,
    MIRROR_BEHIND,
    MIRROR_CAUGHT_UP,
};

/* In order of severity; BLIND and UNKNOWN stand outside the order and are never OK. */
enum verdict {
    VERDICT_OK,
    VERDICT_DEGRADED,
    VERDICT_SUSPECT,
    VERDICT_FLAPPING,
    VERDICT_PARTITION,
    VERDICT_UNREACHABLE,
    VERDICT_DOWN,
    VERDICT_BLIND,
    VERDICT_UNKNOWN,
};

/* How far a shown value can be believed. */
enum trust {
    TRUST_OK,
    TRUST_STALE,
    TRUST_LAST_KNOWN,
    TRUST_UNKNOWN
};

/* A question that may have no answer yet. */
enum tri {
    TRI_UNKNOWN,
    TRI_NO,
    TRI_YES
};

/* How severe a state is, for glyph and place before colour. */
enum severity severity_of_verdict(enum verdict verdict);
enum severity severity_of_server(enum server_state state);
enum severity severity_of_link(enum link_state state);
enum severity severity_of_mirror(enum mirror_state state);

/* The words of one enumeration, for codecs: words[value]. */
struct name_table {
    const char *const *words;
    size_t count;
};

extern const struct name_table names_region_role;
extern const struct name_table names_conn_state;
extern const struct name_table names_ask_kind;
extern const struct name_table names_bye_kind;
extern const struct name_table names_gateway_direction;
extern const struct name_table names_advisory_kind;
extern const struct name_table names_severity;
extern const struct name_table names_server_state;
extern const struct name_table names_link_state;
extern const struct name_table names_mirror_state;
extern const struct name_table names_verdict;
extern const struct name_table names_trust;

/* The word for a value; "?" for a value out of range (which a recording may hold). */
const char *name_of(const struct name_table *table, unsigned value);

/* The value for a word; false when there is none. */
bool name_value(const struct name_table *table, const char *word, unsigned *value);

#endif
