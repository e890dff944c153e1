/*
 * provision_plan.h - the names that the lab's streams, subjects and consumers have.
 *
 * Shared by the one who makes them (provision) and the one who uses them (worker).
 */
#ifndef FARSHORE_LAB_PROVISION_PLAN_H
#define FARSHORE_LAB_PROVISION_PLAN_H

#include <stddef.h>

#define LAB_SUBJECT_AGENTESE "agentese.>"
#define LAB_SUBJECT_EVENTS "events.>"

/* A durable pull consumer on an origin. Users find its stream by the subject, never by name. */
struct lab_durable {
    const char *stream;  /* the origin's name when made */
    const char *subject; /* what the stream captures */
    const char *name;
    const char *filter; /* NULL takes all */
};

#define LAB_DURABLES 3
extern const struct lab_durable lab_durables[LAB_DURABLES];

/* Message ids stay known for 2 minutes; nanoseconds, as the API wants it. */
#define LAB_DUPLICATE_WINDOW_NS "120000000000"

#endif
