/*
 * events.h - the body of each event type.
 *
 * Every member is listed in src/core/event_table.c with its name, kind and unit; a test walks both.
 * Server and cluster names identify: a server is its name (the peer id is a hash of it), a region
 * of the config is the NATS cluster of the same name. Identity of a stream is account + stream.
 */
#ifndef FARSHORE_CORE_EVENTS_H
#define FARSHORE_CORE_EVENTS_H

#include "farshore/core/events_server.h"
#include "farshore/core/events_session.h"
#include "farshore/core/events_stream.h"

#endif
