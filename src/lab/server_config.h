/*
 * server_config.h - what the lab writes for others to read: nats-server's configuration of each
 * node, the console's configuration, the passwords' files.
 */
#ifndef FARSHORE_LAB_SERVER_CONFIG_H
#define FARSHORE_LAB_SERVER_CONFIG_H

#include "farshore/base/err.h"
#include "layout.h"

/* Write DIR/NODE.conf. store_dir is where the node keeps its streams. */
enum fs_status server_config_write(const struct lab_layout *layout, int node, const char *store_dir,
                                   struct err *err);

/* Write DIR/farshore.yaml and DIR/password.USER of every user. */
enum fs_status console_config_write(const struct lab_layout *layout, struct err *err);

/* nats://127.0.0.1:PORT,… of a region's own client ports. */
void server_config_urls(const struct lab_layout *layout, int region, char *out, size_t out_bytes);

#endif
