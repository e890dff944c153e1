/*
 * fault.h - the words of `lab fault`, parsed. Pure.
 */
#ifndef FARSHORE_LAB_FAULT_H
#define FARSHORE_LAB_FAULT_H

#include <stdint.h>

#include "farshore/base/err.h"
#include "layout.h"

enum fault_kind {
    FAULT_KILL,
    FAULT_TERM,
    FAULT_STOP,
    FAULT_CONT,
    FAULT_START,
    FAULT_CUT,
    FAULT_STALL,
    FAULT_HEAL,
    FAULT_DELAY,
    FAULT_BANDWIDTH,
    FAULT_APP,
    FAULT_CONTROL,
    FAULT_DISK,
};

enum fault_mode {
    FAULT_MODE_OK, /* also up */
    FAULT_MODE_503,
    FAULT_MODE_DOWN,
    FAULT_MODE_FULL,
};

struct fault {
    enum fault_kind kind;
    int region;  /* kill … start, app, disk */
    int node;    /* kill … start: -1 for the whole region */
    int place_a; /* cut … bandwidth */
    int place_b;
    int64_t value; /* milliseconds or bytes a second */
    enum fault_mode mode;
};

/*
 * Parse the words after `lab fault`. ST_INVALID says what is wrong, with the nearest valid name.
 * Thread: any.
 */
enum fs_status fault_parse(const struct lab_layout *layout, int count, const char *const *words,
                           struct fault *out, struct err *err);

/* The verbs, NULL-terminated. */
const char *const *fault_verbs(void);

#endif
