/*
 * layout.c - names and port numbers of a lab, and its one-page description DIR/lab.conf.
 *
 * Why:   `lab up`, the supervisor, `status` and `down` are separate processes that must agree.
 * How:   everything follows from a handful of values; those are saved, the rest is computed.
 * Rules: the block of a lab is LAB_BLOCK_PORTS wide and nothing else of the lab listens elsewhere.
 * See:   CONTRACTS 10 for the names.
 */
#include "layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/number.h"
#include "farshore/base/text.h"
#include "files.h"

#define LAB_PORTS_PER_NODE 8
#define LAB_OFFSET_ENDPOINT (LAB_NODES_MAX * LAB_PORTS_PER_NODE)
#define LAB_OFFSET_ENDPOINT_WAN (LAB_OFFSET_ENDPOINT + LAB_ENDPOINTS)
#define LAB_OFFSET_CONTROL (LAB_OFFSET_ENDPOINT_WAN + LAB_ENDPOINTS)

void layout_build(struct lab_layout *layout, enum lab_topology topology)
{
    static const char *const roles[LAB_REGIONS_MAX] = {"primary", "standby", "arbiter"};
    static const int sizes[LAB_REGIONS_MAX] = {3, 3, 1};

    layout->topology = topology;
    layout->region_count = topology == LAB_TOPOLOGY_3_3_1 ? 3 : 2;
    layout->node_count = 0;
    for (int i = 0; i < layout->region_count; i++) {
        struct lab_region *region = &layout->regions[i];
        (void)snprintf(region->name, sizeof(region->name), "rg%c", '1' + i);
        region->role = roles[i];
        region->first_node = layout->node_count;
        region->node_count = sizes[i];
        for (int n = 0; n < sizes[i]; n++) {
            struct lab_node *node = &layout->nodes[layout->node_count++];
            (void)snprintf(node->name, sizeof(node->name), "rg%c-n%c", '1' + i, '1' + n);
            node->region = i;
        }
    }
}

bool layout_parse_topology(const char *text, enum lab_topology *out)
{
    if (strcmp(text, "3+3+1") == 0) {
        *out = LAB_TOPOLOGY_3_3_1;
        return true;
    }
    if (strcmp(text, "3+3") == 0) {
        *out = LAB_TOPOLOGY_3_3;
        return true;
    }
    return false;
}

const char *layout_topology_text(enum lab_topology topology)
{
    return topology == LAB_TOPOLOGY_3_3_1 ? "3+3+1" : "3+3";
}

int layout_node_port(const struct lab_layout *layout, int node, enum lab_port port)
{
    return layout->base_port + node * LAB_PORTS_PER_NODE + (int)port;
}

int layout_endpoint_port(const struct lab_layout *layout, int region)
{
    return layout->base_port + LAB_OFFSET_ENDPOINT + region;
}

int layout_endpoint_wan_port(const struct lab_layout *layout, int region)
{
    return layout->base_port + LAB_OFFSET_ENDPOINT_WAN + region;
}

int layout_control_port(const struct lab_layout *layout)
{
    return layout->base_port + LAB_OFFSET_CONTROL;
}

int layout_here(const struct lab_layout *layout)
{
    return layout->region_count;
}

const char *layout_place_name(const struct lab_layout *layout, int place)
{
    return place < layout->region_count ? layout->regions[place].name : "here";
}

int layout_find_region(const struct lab_layout *layout, const char *name)
{
    for (int i = 0; i < layout->region_count; i++) {
        if (strcmp(layout->regions[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

int layout_find_place(const struct lab_layout *layout, const char *name)
{
    return strcmp(name, "here") == 0 ? layout_here(layout) : layout_find_region(layout, name);
}

int layout_find_node(const struct lab_layout *layout, const char *name)
{
    for (int i = 0; i < layout->node_count; i++) {
        if (strcmp(layout->nodes[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

enum fs_status layout_save(const struct lab_layout *layout, struct err *err)
{
    char text[LAB_PATH_BYTES * 2];
    int length = snprintf(text, sizeof(text),
                          "version 1\ntopology %s\nbase_port %d\nrate %d\nstreams %d\n"
                          "nats_server %s\n",
                          layout_topology_text(layout->topology), layout->base_port,
                          layout->rate_per_s, layout->extra_streams, layout->nats_server);
    return files_write(layout->dir, "lab.conf", text, (size_t)length, err);
}

static bool load_int(const char *value, int *out)
{
    int64_t number = 0;

    if (!number_parse_i64(value, strlen(value), &number) || number < 0 || number > 1000000) {
        return false;
    }
    *out = (int)number;
    return true;
}

static bool load_line(struct lab_layout *layout, char *line)
{
    char *value = strchr(line, ' ');

    if (value == NULL) {
        return false;
    }
    *value++ = '\0';
    if (strcmp(line, "version") == 0) {
        return strcmp(value, "1") == 0;
    }
    if (strcmp(line, "topology") == 0) {
        return layout_parse_topology(value, &layout->topology);
    }
    if (strcmp(line, "base_port") == 0) {
        return load_int(value, &layout->base_port);
    }
    if (strcmp(line, "rate") == 0) {
        return load_int(value, &layout->rate_per_s);
    }
    if (strcmp(line, "streams") == 0) {
        return load_int(value, &layout->extra_streams);
    }
    if (strcmp(line, "nats_server") == 0) {
        text_copy(layout->nats_server, sizeof(layout->nats_server), value);
        return true;
    }
    return false;
}

enum fs_status layout_load(const char *dir, struct lab_layout *layout, struct err *err)
{
    char text[LAB_PATH_BYTES * 2];
    size_t length = 0;
    char *rest = text;
    enum fs_status status = files_read(dir, "lab.conf", text, sizeof(text), &length, err);

    if (status != ST_OK) {
        return status;
    }
    memset(layout, 0, sizeof(*layout));
    text_copy(layout->dir, sizeof(layout->dir), dir);
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (line[0] != '\0' && !load_line(layout, line)) {
            return err_set(err, ST_CORRUPT, "%s/lab.conf: bad line \"%s\"", dir, line);
        }
    }
    if (layout->base_port < 1024 || layout->base_port > 65535 - LAB_BLOCK_PORTS) {
        return err_set(err, ST_CORRUPT, "%s/lab.conf: no valid base_port", dir);
    }
    layout_build(layout, layout->topology);
    return ST_OK;
}
