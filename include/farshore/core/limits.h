/*
 * limits.h - how much the model may hold. Memory grows with what is used, never with these.
 *
 * A row beyond a limit is not stored: it is counted in the table's overflow and shown (STYLE 7).
 */
#ifndef FARSHORE_CORE_LIMITS_H
#define FARSHORE_CORE_LIMITS_H

#include <stdint.h>

struct model_limits {
    uint32_t regions;
    uint32_t servers;
    uint32_t streams; /* all streams seen, origins and mirrors included */
    uint32_t mirrors;
    uint32_t log_lines; /* changes of state kept for the events panel */
};

#define MODEL_LIMITS_DEFAULT                                                                       \
    ((struct model_limits){                                                                        \
        .regions = 16, .servers = 512, .streams = 20000, .mirrors = 10000, .log_lines = 512})

#endif
