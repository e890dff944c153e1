/*
 * config_walk.h - the two steps of config_parse(): memory, and the walk over a document.
 */
#ifndef FARSHORE_APP_CONFIG_WALK_H
#define FARSHORE_APP_CONFIG_WALK_H

#include <stddef.h>

#include <yaml.h>

#include "config.h"

/* Zeroed bytes that live as long as the config; NULL on exhaustion. */
void *config_alloc(struct config *config, size_t bytes);

/* Fill config from the document's root; ST_OK also when there are problems. */
enum fs_status config_walk(yaml_document_t *document, struct config *config,
                           struct config_problems *problems);

#endif
