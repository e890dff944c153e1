/*
 * names.c - the words of every enumeration that events and the model share.
 *
 * Why:   JSON, text and the screen must spell a state alike; CONTRACTS 4 fixes the words.
 * Rules: a table's order is its enumeration's order; a test walks both ends.
 */
#include "farshore/core/names.h"

#include <string.h>

#define TABLE(table, list)                                                                         \
    const struct name_table table = {.words = (list), .count = sizeof(list) / sizeof((list)[0])}

static const char *const role_words[] = {
    [ROLE_PRIMARY] = "primary",
    [ROLE_STANDBY] = "standby",
    [ROLE_ARBITER] = "arbiter",
    [ROLE_NONE] = "none",
};
TABLE(names_region_role, role_words);

static const char *const conn_words[] = {
    [CONN_NONE] = "none",
    [CONN_CONNECTING] = "connecting",
    [CONN_UP] = "up",
    [CONN_LOST] = "lost",
};
TABLE(names_conn_state, conn_words);

static const char *const ask_words[] = {
    [ASK_META] = "meta",         [ASK_STREAMS] = "streams", [ASK_CONFIGS] = "configs",
    [ASK_GATEWAYS] = "gateways", [ASK_STATS] = "stats",     [ASK_VARS] = "vars",
    [ASK_PUSH] = "push",
};
TABLE(names_ask_kind, ask_words);

static const char *const bye_words[] = {
    [BYE_SHUTDOWN] = "shutdown",
    [BYE_LAMEDUCK] = "lameduck",
};
TABLE(names_bye_kind, bye_words);

static const char *const direction_words[] = {
    [GATEWAY_OUTBOUND] = "outbound",
    [GATEWAY_INBOUND] = "inbound",
};
TABLE(names_gateway_direction, direction_words);

static const char *const advisory_words[] = {
    [ADVISORY_LEADER_ELECTED] = "leader_elected",
    [ADVISORY_QUORUM_LOST] = "quorum_lost",
};
TABLE(names_advisory_kind, advisory_words);

static const char *const severity_words[] = {
    [SEV_OK] = "ok",     [SEV_INFO] = "info", [SEV_UNKNOWN] = "unknown",
    [SEV_WARN] = "warn", [SEV_CRIT] = "crit",
};
TABLE(names_severity, severity_words);

static const char *const server_words[] = {
    [SERVER_UNKNOWN] = "UNKNOWN", [SERVER_UP] = "UP",     [SERVER_STALE] = "STALE",
    [SERVER_DOWN] = "DOWN",       [SERVER_GONE] = "GONE",
};
TABLE(names_server_state, server_words);

static const char *const link_words[] = {
    [LINK_UNKNOWN] = "UNKNOWN",
    [LINK_UP] = "UP",
    [LINK_DEGRADED] = "DEGRADED",
    [LINK_DOWN] = "DOWN",
};
TABLE(names_link_state, link_words);

static const char *const mirror_words[] = {
    [MIRROR_UNKNOWN] = "UNKNOWN", [MIRROR_LAST_KNOWN] = "LAST KNOWN",
    [MIRROR_STALLED] = "STALLED", [MIRROR_ASLEEP] = "ASLEEP",
    [MIRROR_BEHIND] = "BEHIND",   [MIRROR_CAUGHT_UP] = "CAUGHT UP",
};
TABLE(names_mirror_state, mirror_words);

static const char *const verdict_words[] = {
    [VERDICT_OK] = "OK",
    [VERDICT_DEGRADED] = "DEGRADED",
    [VERDICT_SUSPECT] = "SUSPECT",
    [VERDICT_FLAPPING] = "FLAPPING",
    [VERDICT_PARTITION] = "PARTITION",
    [VERDICT_UNREACHABLE] = "UNREACHABLE-FROM-HERE",
    [VERDICT_DOWN] = "DOWN",
    [VERDICT_BLIND] = "BLIND",
    [VERDICT_UNKNOWN] = "UNKNOWN",
};
TABLE(names_verdict, verdict_words);

static const char *const trust_words[] = {
    [TRUST_OK] = "ok",
    [TRUST_STALE] = "stale",
    [TRUST_LAST_KNOWN] = "last known",
    [TRUST_UNKNOWN] = "unknown",
};
TABLE(names_trust, trust_words);

const char *name_of(const struct name_table *table, unsigned value)
{
    return value < table->count ? table->words[value] : "?";
}

bool name_value(const struct name_table *table, const char *word, unsigned *value)
{
    for (unsigned i = 0; i < table->count; i++) {
        if (strcmp(table->words[i], word) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}
