/*
 * server_config.c - the configurations of a lab's servers and of the console that watches them.
 *
 * Why:   the lab must be a super-cluster as people run it: cluster routes inside a region, gateways
 *        between regions, a system account, an application account, users with what they need.
 * How:   one text a node that nats-server 2.9 and the newest both accept.
 * Rules: gateways are advertised and configured by the proxy's ports only, else gossip goes around
 * the WAN. Every node lists its whole own cluster and each other gateway once: the first size of
 * the meta group is the larger of known peers and routes plus gateway URLs, so one URL too many
 * would ask for a quorum of servers that do not exist. Pings stay at nats-server's defaults, as
 * deployed; what a black hole looks like depends on them. See:   CONTRACTS 2 and 10; docs.nats.io
 * "Gateway Configuration".
 */
#include "server_config.h"

#include <stdio.h>
#include <string.h>

#include "farshore/base/strbuf.h"
#include "files.h"

static const char *const user_names[] = {"sys", "app", "view", "observe"};

static void put_accounts(struct strbuf *out)
{
    strbuf_put(out,
               "accounts {\n"
               "  SYS {\n"
               "    users [\n"
               "      { user: sys, password: sys }\n"
               "      { user: view, password: view, permissions {\n"
               "          publish { allow [\"$SYS.REQ.SERVER.PING\", \"$SYS.REQ.SERVER.PING.>\",\n"
               "                           \"$SYS.REQ.USER.INFO\"] }\n"
               "          subscribe { allow [\"_INBOX.>\", \"$SYS.SERVER.*.STATSZ\",\n"
               "                             \"$SYS.SERVER.*.SHUTDOWN\", "
               "\"$SYS.SERVER.*.LAMEDUCK\",\n"
               "                             \"$JS.EVENT.ADVISORY.STREAM.>\"] } } }\n"
               "    ]\n"
               "  }\n"
               "  APP {\n"
               "    jetstream: enabled\n"
               "    users [\n"
               "      { user: app, password: app }\n"
               "      { user: observe, password: observe, permissions {\n"
               "          publish { allow [\"agentese.farshore-probe\", "
               "\"events.farshore-probe\",\n"
               "            \"$KV.FARSHORE_STATE.>\",\n"
               "            \"$JS.API.STREAM.INFO.KV_FARSHORE_STATE\",\n"
               "            \"$JS.API.STREAM.MSG.GET.KV_FARSHORE_STATE\",\n"
               "            \"$JS.API.DIRECT.GET.KV_FARSHORE_STATE\",\n"
               "            \"$JS.API.DIRECT.GET.KV_FARSHORE_STATE.>\",\n"
               "            \"$JS.API.CONSUMER.CREATE.KV_FARSHORE_STATE\",\n"
               "            \"$JS.API.CONSUMER.CREATE.KV_FARSHORE_STATE.>\",\n"
               "            \"$JS.API.CONSUMER.DELETE.KV_FARSHORE_STATE.>\",\n"
               "            \"$JS.FC.KV_FARSHORE_STATE.>\", "
               "\"$JS.ACK.KV_FARSHORE_STATE.>\"] }\n"
               "          subscribe { allow [\"_INBOX.>\"] } } }\n"
               "    ]\n"
               "  }\n"
               "}\n"
               "system_account: SYS\n");
}

static void put_gateways(struct strbuf *out, const struct lab_layout *layout, int node)
{
    int own = layout->nodes[node].region;

    strbuf_printf(out, "gateway {\n  name: %s\n  listen: \"127.0.0.1:%d\"\n",
                  layout->regions[own].name, layout_node_port(layout, node, LAB_PORT_GATEWAY));
    strbuf_printf(out, "  advertise: \"127.0.0.1:%d\"\n  gateways [\n",
                  layout_node_port(layout, node, LAB_PORT_WAN_GATEWAY));
    for (int i = 0; i < layout->region_count; i++) {
        const struct lab_region *region = &layout->regions[i];
        if (i == own) {
            continue;
        }
        strbuf_printf(out, "    { name: %s, urls [", region->name);
        for (int n = 0; n < region->node_count; n++) {
            strbuf_printf(out, "%s\"nats://127.0.0.1:%d\"", n > 0 ? ", " : "",
                          layout_node_port(layout, region->first_node + n, LAB_PORT_WAN_GATEWAY));
        }
        strbuf_put(out, "] }\n");
    }
    strbuf_put(out, "  ]\n}\n");
}

static void put_cluster(struct strbuf *out, const struct lab_layout *layout, int node)
{
    const struct lab_region *region = &layout->regions[layout->nodes[node].region];

    strbuf_printf(out,
                  "cluster {\n  name: %s\n  listen: \"127.0.0.1:%d\"\n  no_advertise: true\n"
                  "  routes [",
                  region->name, layout_node_port(layout, node, LAB_PORT_ROUTE));
    for (int n = 0; n < region->node_count; n++) {
        strbuf_printf(out, "%s\"nats://127.0.0.1:%d\"", n > 0 ? ", " : "",
                      layout_node_port(layout, region->first_node + n, LAB_PORT_ROUTE));
    }
    strbuf_put(out, "]\n}\n");
}

static enum fs_status finish(struct strbuf *out, const struct lab_layout *layout, const char *name,
                             struct err *err)
{
    enum fs_status status = out->has_failed
                                ? err_set(err, ST_NO_MEMORY, "no memory for %s", name)
                                : files_write(layout->dir, name, out->text, out->length, err);

    strbuf_destroy(out);
    return status;
}

enum fs_status server_config_write(const struct lab_layout *layout, int node, const char *store_dir,
                                   struct err *err)
{
    struct strbuf out;
    char name[LAB_NAME_BYTES + 8];

    strbuf_init(&out, alloc_heap());
    strbuf_printf(&out, "server_name: %s\nlisten: \"127.0.0.1:%d\"\nhttp: \"127.0.0.1:%d\"\n",
                  layout->nodes[node].name, layout_node_port(layout, node, LAB_PORT_CLIENT),
                  layout_node_port(layout, node, LAB_PORT_MONITOR));
    strbuf_put(&out, "jetstream {\n  store_dir: ");
    strbuf_put_json(&out, store_dir);
    strbuf_put(&out, "\n  max_mem: 1GB\n  max_file: 64GB\n}\n");
    put_cluster(&out, layout, node);
    put_gateways(&out, layout, node);
    put_accounts(&out);
    (void)snprintf(name, sizeof(name), "%s.conf", layout->nodes[node].name);
    return finish(&out, layout, name, err);
}

void server_config_urls(const struct lab_layout *layout, int region, char *out, size_t out_bytes)
{
    const struct lab_region *at = &layout->regions[region];
    size_t used = 0;

    out[0] = '\0';
    for (int n = 0; n < at->node_count && used < out_bytes; n++) {
        used += (size_t)snprintf(out + used, out_bytes - used, "%snats://127.0.0.1:%d",
                                 n > 0 ? "," : "",
                                 layout_node_port(layout, at->first_node + n, LAB_PORT_CLIENT));
    }
}

static void put_user(struct strbuf *out, const struct lab_layout *layout, const char *indent,
                     const char *key, const char *user)
{
    char path[LAB_PATH_BYTES + 32];

    (void)snprintf(path, sizeof(path), "%s/password.%s", layout->dir, user);
    strbuf_printf(out, "%s%s: {user: %s, password_file: ", indent, key, user);
    strbuf_put_json(out, path);
    strbuf_put(out, "}\n");
}

static void put_region(struct strbuf *out, const struct lab_layout *layout, int region)
{
    const struct lab_region *at = &layout->regions[region];

    strbuf_printf(out, "  - name: %s\n    role: %s\n    nats:\n      urls: [", at->name, at->role);
    for (int n = 0; n < at->node_count; n++) {
        strbuf_printf(out, "%s\"nats://127.0.0.1:%d\"", n > 0 ? ", " : "",
                      layout_node_port(layout, at->first_node + n, LAB_PORT_WAN_CLIENT));
    }
    strbuf_put(out, "]\n");
    put_user(out, layout, "      ", "view", "view");
    put_user(out, layout, "      ", "observe", "observe");
    strbuf_put(out, "      operator:\n");
    put_user(out, layout, "        ", "sys", "sys");
    put_user(out, layout, "        ", "app", "app");
    if (region < LAB_ENDPOINTS) {
        strbuf_printf(out,
                      "    probes: [{name: api, url: \"http://127.0.0.1:%d/healthz\", "
                      "expect: 200}]\n",
                      layout_endpoint_wan_port(layout, region));
    }
}

enum fs_status console_config_write(const struct lab_layout *layout, struct err *err)
{
    struct strbuf out;
    enum fs_status status = ST_OK;

    for (size_t i = 0; i < sizeof(user_names) / sizeof(user_names[0]) && status == ST_OK; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "password.%s", user_names[i]);
        status = files_write(layout->dir, name, user_names[i], strlen(user_names[i]), err);
    }
    if (status != ST_OK) {
        return status;
    }
    strbuf_init(&out, alloc_heap());
    strbuf_put(&out, "# Written by `farshore lab up`; the urls lead through the lab's proxy.\n"
                     "version: 1\nname: lab\nregions:\n");
    for (int i = 0; i < layout->region_count; i++) {
        put_region(&out, layout, i);
    }
    strbuf_printf(&out,
                  "controls: [{name: lab, tcp: \"127.0.0.1:%d\"}]\n"
                  "verdict: {hold: 10s, clear: 10s}\n"
                  "objectives: {api_rto: 5m, stream_rto: 15m, rpo: 5m, lag_warn: 3m}\n"
                  "lock: {region: rg2}\n",
                  layout_control_port(layout));
    return finish(&out, layout, "farshore.yaml", err);
}
