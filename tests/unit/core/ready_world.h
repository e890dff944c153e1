/*
 * ready_world.h - a world that is ready for a failover, for tests to break.
 *
 * The model is played as world.h does; the facts are what a survey of it would bring. One at a
 * time.
 */
#ifndef FARSHORE_TESTS_CORE_READY_WORLD_H
#define FARSHORE_TESTS_CORE_READY_WORLD_H

#include "farshore/core/readiness.h"
#include "world.h"

extern struct world world;
extern struct ready_facts facts;
extern struct ready_report report;

/* 7 servers with an arbiter, or 6 without. */
void ready_world_begin(unsigned servers);
void ready_world_end(void);

/* A stream of the account APP that is well, with its leader. */
struct ready_stream *add_stream(const char *name, const char *region, const char *subjects,
                                const char *origin);
struct ready_stream *stream(const char *name);
void remove_stream(const char *name);

/* One sample of the mirror and of its origin, in the model. */
void post_mirror(uint64_t origin_seq, uint64_t mirror_seq, int64_t active_ns);

/* A server says its version. */
void post_version(const char *server, const char *region, const char *version);

/* Judge all anew; the check of that id. */
const struct ready_check *judge(const char *id);
void expect(const char *id, enum ready_result result);

/* The same, and evidence, remedy or an item hold that part. */
void expect_text(const char *id, enum ready_result result, const char *part);

#endif
