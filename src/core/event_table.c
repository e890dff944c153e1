/*
 * event_table.c - each event type's fields as data.
 *
 * Why:   one table drives the codec both ways, exports and tests; a member that is missing here
 * would silently not be recorded, so a test adds up the sizes against the structs. How:   FIELD
 * macros take the struct's name and the member, and work out offsets. See:
 * tests/unit/core/test_event_codec.c
 */
#include "farshore/core/event_table.h"

#include <stddef.h>
#include <string.h>

#define AT(type, member) offsetof(struct event, u.type.member)
#define TEXT(type, member)                                                                         \
    {                                                                                              \
        .name = #member, .kind = FIELD_TEXT, .unit = UNIT_NONE, .offset = AT(type, member)         \
    }
#define BOOL(type, member)                                                                         \
    {                                                                                              \
        .name = #member, .kind = FIELD_BOOL, .unit = UNIT_NONE, .offset = AT(type, member)         \
    }
#define I64(type, member, of_unit)                                                                 \
    {                                                                                              \
        .name = #member, .kind = FIELD_I64, .unit = (of_unit), .offset = AT(type, member)          \
    }
#define U64(type, member, of_unit)                                                                 \
    {                                                                                              \
        .name = #member, .kind = FIELD_U64, .unit = (of_unit), .offset = AT(type, member)          \
    }
#define ENUM(type, member, table)                                                                  \
    {                                                                                              \
        .name = #member, .kind = FIELD_ENUM, .unit = UNIT_NONE, .offset = AT(type, member),        \
        .names = &(table)                                                                          \
    }
#define INFO(type, text)                                                                           \
    {                                                                                              \
        .name = #type, .help = (text), .fields = type##_fields,                                    \
        .field_count = sizeof(type##_fields) / sizeof(type##_fields[0])                            \
    }

static const struct event_field start_fields[] = {
    TEXT(start, program), TEXT(start, version),       TEXT(start, mode),
    TEXT(start, context), TEXT(start, operator_name), TEXT(start, host),
};

static const struct event_field settings_fields[] = {
    I64(settings, interval_ns, UNIT_NS), I64(settings, hold_ns, UNIT_NS),
    I64(settings, clear_ns, UNIT_NS),    I64(settings, lag_warn_ns, UNIT_NS),
    I64(settings, rpo_ns, UNIT_NS),
};

static const struct event_field region_fields[] = {
    TEXT(region, region),
    ENUM(region, role, names_region_role),
};

static const struct event_field tick_fields[] = {
    I64(tick, late_ns, UNIT_NS),
};

static const struct event_field conn_fields[] = {
    TEXT(conn, region), ENUM(conn, state, names_conn_state), TEXT(conn, url), TEXT(conn, server),
    TEXT(conn, reason),
};

static const struct event_field ask_fields[] = {
    TEXT(ask, region),
    TEXT(ask, via),
    ENUM(ask, kind, names_ask_kind),
};

static const struct event_field window_fields[] = {
    TEXT(window, region),
    TEXT(window, via),
    ENUM(window, kind, names_ask_kind),
    I64(window, replies, UNIT_COUNT),
    I64(window, window_ns, UNIT_NS),
    I64(window, rtt_ns, UNIT_NS),
};

static const struct event_field pace_fields[] = {
    TEXT(pace, region),          ENUM(pace, kind, names_ask_kind), I64(pace, interval_ns, UNIT_NS),
    I64(pace, cost_ns, UNIT_NS), I64(pace, streams, UNIT_COUNT),   BOOL(pace, is_slowed),
};

static const struct event_field server_fields[] = {
    TEXT(server, server),
    TEXT(server, id),
    TEXT(server, cluster),
    TEXT(server, version),
    TEXT(server, host),
    TEXT(server, via),
    ENUM(server, kind, names_ask_kind),
    I64(server, rtt_ns, UNIT_NS),
    BOOL(server, has_jetstream),
};

static const struct event_field stats_fields[] = {
    TEXT(stats, server),
    TEXT(stats, cluster),
    I64(stats, start_ns, UNIT_UTC_NS),
    I64(stats, connections, UNIT_COUNT),
    I64(stats, subscriptions, UNIT_COUNT),
    I64(stats, slow_consumers, UNIT_COUNT),
    I64(stats, cpu_milli_pct, UNIT_MILLI_PCT),
    I64(stats, mem_bytes, UNIT_BYTES),
    I64(stats, in_msgs, UNIT_MSGS),
    I64(stats, out_msgs, UNIT_MSGS),
    I64(stats, in_bytes, UNIT_BYTES),
    I64(stats, out_bytes, UNIT_BYTES),
    I64(stats, active_servers, UNIT_COUNT),
    BOOL(stats, is_push),
    TEXT(stats, raw),
};

static const struct event_field bye_fields[] = {
    TEXT(bye, server),
    TEXT(bye, id),
    TEXT(bye, cluster),
    ENUM(bye, kind, names_bye_kind),
};

static const struct event_field gateway_fields[] = {
    TEXT(gateway, server),
    TEXT(gateway, cluster),
    TEXT(gateway, remote),
    ENUM(gateway, direction, names_gateway_direction),
    TEXT(gateway, peer_id),
    I64(gateway, rtt_ns, UNIT_NS),
    I64(gateway, msgs, UNIT_MSGS),
    I64(gateway, bytes, UNIT_BYTES),
    I64(gateway, pending_bytes, UNIT_BYTES),
    I64(gateway, uptime_ns, UNIT_NS),
    BOOL(gateway, is_configured),
};

static const struct event_field gateways_fields[] = {
    TEXT(gateways, server),
    TEXT(gateways, cluster),
    I64(gateways, outbound, UNIT_COUNT),
    I64(gateways, inbound, UNIT_COUNT),
};

static const struct event_field gateway_config_fields[] = {
    TEXT(gateway_config, server),
    TEXT(gateway_config, cluster),
    TEXT(gateway_config, remote),
};

static const struct event_field meta_peer_fields[] = {
    TEXT(meta_peer, server),
    TEXT(meta_peer, peer),
    BOOL(meta_peer, is_current),
    BOOL(meta_peer, is_offline),
    I64(meta_peer, active_ns, UNIT_NS),
    I64(meta_peer, lag, UNIT_MSGS),
};

static const struct event_field meta_fields[] = {
    TEXT(meta, server),
    TEXT(meta, cluster),
    TEXT(meta, leader),
    BOOL(meta, is_leader),
    I64(meta, size, UNIT_COUNT),
    I64(meta, quorum_needed, UNIT_COUNT),
    I64(meta, pending, UNIT_COUNT),
    I64(meta, peers, UNIT_COUNT),
};

static const struct event_field stream_fields[] = {
    TEXT(stream, server),
    TEXT(stream, cluster),
    TEXT(stream, account),
    TEXT(stream, stream),
    TEXT(stream, leader),
    BOOL(stream, is_leader),
    I64(stream, msgs, UNIT_MSGS),
    I64(stream, bytes, UNIT_BYTES),
    U64(stream, first_seq, UNIT_SEQ),
    U64(stream, last_seq, UNIT_SEQ),
    I64(stream, last_ts_ns, UNIT_UTC_NS),
    I64(stream, deleted, UNIT_MSGS),
    I64(stream, consumers, UNIT_COUNT),
    I64(stream, created_ns, UNIT_UTC_NS),
};

static const struct event_field mirror_fields[] = {
    TEXT(mirror, server),        TEXT(mirror, cluster),
    TEXT(mirror, account),       TEXT(mirror, stream),
    TEXT(mirror, origin),        TEXT(mirror, external),
    I64(mirror, lag, UNIT_MSGS), I64(mirror, active_ns, UNIT_NS),
    TEXT(mirror, error),
};

static const struct event_field stream_config_fields[] = {
    TEXT(stream_config, server),     TEXT(stream_config, cluster),
    TEXT(stream_config, account),    TEXT(stream_config, stream),
    TEXT(stream_config, subjects),   TEXT(stream_config, origin),
    TEXT(stream_config, external),   TEXT(stream_config, retention),
    TEXT(stream_config, storage),    I64(stream_config, replicas, UNIT_COUNT),
    BOOL(stream_config, is_sourced), TEXT(stream_config, raw),
};

static const struct event_field streams_fields[] = {
    TEXT(streams, server),          TEXT(streams, cluster),    I64(streams, streams, UNIT_COUNT),
    BOOL(streams, is_leaders_only), BOOL(streams, has_config), BOOL(streams, is_complete),
};

static const struct event_field advisory_fields[] = {
    ENUM(advisory, kind, names_advisory_kind),
    TEXT(advisory, account),
    TEXT(advisory, stream),
    TEXT(advisory, leader),
    TEXT(advisory, cluster),
};

static const struct event_field drop_fields[] = {
    TEXT(drop, where),
    I64(drop, count, UNIT_COUNT),
};

static const struct event_field note_fields[] = {
    ENUM(note, severity, names_severity),
    TEXT(note, source),
    TEXT(note, text),
};

static const struct event_field key_fields[] = {
    TEXT(key, key),
    TEXT(key, action),
};

static const struct event_field resize_fields[] = {
    I64(resize, cols, UNIT_COUNT),
    I64(resize, rows, UNIT_COUNT),
};

static const struct event_field fault_fields[] = {
    TEXT(fault, words),
    TEXT(fault, outcome),
    BOOL(fault, is_ok),
};

static const struct event_info infos[EVENT_TYPES] = {
    [EVT_START] = INFO(start, "a session begins: which program, which config"),
    [EVT_SETTINGS] = INFO(settings, "the numbers of the config that the rules need"),
    [EVT_REGION] = INFO(region, "a region of the config"),
    [EVT_TICK] = INFO(tick, "time passed; states are judged anew"),
    [EVT_CONN] = INFO(conn, "our own connection to a region changed"),
    [EVT_ASK] = INFO(ask, "a question left for a region's servers"),
    [EVT_WINDOW] = INFO(window, "its window closed: who was silent is silent"),
    [EVT_PACE] = INFO(pace, "how often a question is asked now, and why"),
    [EVT_SERVER] = INFO(server, "a server answered: a sign of life with its identity"),
    [EVT_STATS] = INFO(stats, "a server's load (STATSZ, VARZ)"),
    [EVT_BYE] = INFO(bye, "a server said goodbye (SHUTDOWN, LAMEDUCK)"),
    [EVT_GATEWAY] = INFO(gateway, "one gateway connection of a server; part of a GATEWAYZ reply"),
    [EVT_GATEWAYS] = INFO(gateways, "a GATEWAYZ reply is complete: what it did not list is gone"),
    [EVT_GATEWAY_CONFIG] = INFO(gateway_config, "a server is configured to reach a cluster"),
    [EVT_META_PEER] = INFO(meta_peer, "one peer of the meta group, as the meta leader sees it"),
    [EVT_META] = INFO(meta, "a server's view of the meta group; follows its peers"),
    [EVT_STREAM] = INFO(stream, "one replica's state of a stream"),
    [EVT_MIRROR] = INFO(mirror, "what a mirror's leader says of its origin"),
    [EVT_STREAM_CONFIG] = INFO(stream_config, "one server's config of a stream"),
    [EVT_STREAMS] = INFO(streams, "a JSZ reply with streams is complete"),
    [EVT_ADVISORY] = INFO(advisory, "JetStream advisory: leader elected, quorum lost"),
    [EVT_DROP] = INFO(drop, "something was dropped; counted where it happened"),
    [EVT_NOTE] = INFO(note, "a message for the operator"),
    [EVT_KEY] = INFO(key, "a key and what it meant"),
    [EVT_RESIZE] = INFO(resize, "the terminal's size"),
    [EVT_FAULT] = INFO(fault, "a fault injected into the lab"),
};

static const char *const unit_names[] = {
    [UNIT_NONE] = "",     [UNIT_NS] = "ns",   [UNIT_UTC_NS] = "ns UTC", [UNIT_BYTES] = "bytes",
    [UNIT_MSGS] = "msgs", [UNIT_SEQ] = "seq", [UNIT_COUNT] = "",        [UNIT_MILLI_PCT] = "m%",
};

const struct event_info *event_info(enum event_type type)
{
    return &infos[type];
}

bool event_type_of(const char *name, enum event_type *type)
{
    for (unsigned i = 0; i < EVENT_TYPES; i++) {
        if (strcmp(infos[i].name, name) == 0) {
            *type = (enum event_type)i;
            return true;
        }
    }
    return false;
}

const char *field_unit_name(enum field_unit unit)
{
    return unit_names[unit];
}
