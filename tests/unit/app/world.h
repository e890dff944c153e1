/*
 * world.h - a model of three regions, made of events as the feed would send them.
 */
#ifndef FARSHORE_TESTS_APP_WORLD_H
#define FARSHORE_TESTS_APP_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "farshore/core/model.h"

struct world {
    struct model *model;
    int64_t mono_ns, at_ns;
    uint64_t seq;
    bool is_rg1_dead;
    uint64_t origin_seq;
};

/* Configured and told that it begins; nobody has answered yet. */
void world_begin(struct world *world);
void world_end(struct world *world);

/* Let time pass: ticks, and each second the answers of all servers that live. */
void world_run(struct world *world, int seconds);

#endif
