/*
 * event_table.h - each event type's name and fields, as data.
 *
 * The tables drive the JSON codec both ways, the CSV export and the tests; adding a member to an
 * event means adding one line there.
 */
#ifndef FARSHORE_CORE_EVENT_TABLE_H
#define FARSHORE_CORE_EVENT_TABLE_H

#include <stddef.h>

#include "farshore/core/event.h"
#include "farshore/core/names.h"

enum field_kind {
    FIELD_BOOL,
    FIELD_I64,
    FIELD_U64,
    FIELD_ENUM,
    FIELD_TEXT,
};

enum field_unit {
    UNIT_NONE,
    UNIT_NS,     /* a length of time */
    UNIT_UTC_NS, /* a point in time, nanoseconds since 1970 */
    UNIT_BYTES,
    UNIT_MSGS,
    UNIT_SEQ,
    UNIT_COUNT,
    UNIT_MILLI_PCT,
};

struct event_field {
    const char *name; /* key in JSON; carries its unit: "rtt_ns" */
    enum field_kind kind;
    enum field_unit unit;
    size_t offset;                  /* in struct event */
    const struct name_table *names; /* of FIELD_ENUM */
};

struct event_info {
    const char *name; /* "server", "meta_peer"… */
    const char *help; /* one line */
    const struct event_field *fields;
    size_t field_count;
};

/* Never NULL for a type below EVENT_TYPES. */
const struct event_info *event_info(enum event_type type);

/* The type of a name; false when there is none. */
bool event_type_of(const char *name, enum event_type *type);

/* The word of a unit as docs and CSV heads print it: "ns", "msgs". */
const char *field_unit_name(enum field_unit unit);

#endif
