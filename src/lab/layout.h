/*
 * layout.h - which nodes, places and ports a lab has. Pure: names and numbers only.
 *
 * A place is where a packet starts or ends as the WAN sees it: a region, or `here`, the console's
 * own site. Places are numbered: regions first, then here.
 *
 * A lab owns a block of LAB_BLOCK_PORTS ports on 127.0.0.1 from its base port on: eight for each
 * node (enum lab_port), then the application endpoints, their ways through the proxy, the control.
 */
#ifndef FARSHORE_LAB_LAYOUT_H
#define FARSHORE_LAB_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/base/err.h"

#define LAB_REGIONS_MAX 3
#define LAB_PLACES_MAX (LAB_REGIONS_MAX + 1)
#define LAB_NODES_MAX 7
#define LAB_ENDPOINTS 2 /* application endpoints: rg1 and rg2 */
#define LAB_BLOCK_PORTS 64
#define LAB_BASE_PORT 14200
#define LAB_NAME_BYTES 16
#define LAB_PATH_BYTES 1024

enum lab_topology {
    LAB_TOPOLOGY_3_3_1,
    LAB_TOPOLOGY_3_3,
};

enum lab_port {
    LAB_PORT_CLIENT,
    LAB_PORT_MONITOR,
    LAB_PORT_ROUTE,
    LAB_PORT_GATEWAY,
    LAB_PORT_WAN_GATEWAY, /* the proxy's, where other regions reach the gateway */
    LAB_PORT_WAN_CLIENT,  /* the proxy's, where `here` reaches the client port */
};

struct lab_region {
    char name[LAB_NAME_BYTES];
    const char *role; /* as in the configuration */
    int first_node;
    int node_count;
};

struct lab_node {
    char name[LAB_NAME_BYTES];
    int region;
};

struct lab_layout {
    char dir[LAB_PATH_BYTES];
    char nats_server[LAB_PATH_BYTES];
    enum lab_topology topology;
    int base_port;
    int rate_per_s;
    int extra_streams;
    int region_count;
    int node_count;
    struct lab_region regions[LAB_REGIONS_MAX];
    struct lab_node nodes[LAB_NODES_MAX];
};

/* Fill regions and nodes for a topology; the other fields stay. */
void layout_build(struct lab_layout *layout, enum lab_topology topology);

/* "3+3+1" or "3+3"; false for anything else. */
bool layout_parse_topology(const char *text, enum lab_topology *out);
const char *layout_topology_text(enum lab_topology topology);

int layout_node_port(const struct lab_layout *layout, int node, enum lab_port port);
int layout_endpoint_port(const struct lab_layout *layout, int region);
int layout_endpoint_wan_port(const struct lab_layout *layout, int region);
int layout_control_port(const struct lab_layout *layout);

/* Places: 0 … region_count - 1 are regions, region_count is `here`. */
int layout_here(const struct lab_layout *layout);
const char *layout_place_name(const struct lab_layout *layout, int place);

/* -1 when there is none of that name. */
int layout_find_region(const struct lab_layout *layout, const char *name);
int layout_find_place(const struct lab_layout *layout, const char *name);
int layout_find_node(const struct lab_layout *layout, const char *name);

/* Write and read DIR/lab.conf, by which the supervisor and later commands know the lab. */
enum fs_status layout_save(const struct lab_layout *layout, struct err *err);
enum fs_status layout_load(const char *dir, struct lab_layout *layout, struct err *err);

#endif
