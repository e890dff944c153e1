/*
 * report.c - `lab status` as JSON: everything the supervisor knows, in one object.
 *
 * Why:   tests, drills and people ask the same question; one answer serves all three.
 * How:   printed straight into a strbuf; every name is ours, every text from outside was cleaned.
 * Rules: fields are only added, never renamed.
 */
#include <stdio.h>
#include <unistd.h>

#include "supervisor.h"

static void put_key_text(struct strbuf *out, const char *key, const char *value)
{
    strbuf_printf(out, "\"%s\":", key);
    strbuf_put_json(out, value);
}

static void put_node(struct strbuf *out, const struct supervisor *supervisor, int index)
{
    const struct lab_layout *layout = &supervisor->layout;
    const struct lab_node *node = &layout->nodes[index];
    const struct supervised_node *state = &supervisor->nodes[index];

    strbuf_printf(out, "{\"name\":\"%s\",\"region\":\"%s\",\"pid\":%d,\"state\":\"%s\",",
                  node->name, layout->regions[node->region].name, (int)state->process.pid,
                  node_state_text(state));
    strbuf_printf(out,
                  "\"ending\":%s,\"client_port\":%d,\"monitor_port\":%d,\"gateway_port\":%d,"
                  "\"wan_gateway_port\":%d,\"wan_client_port\":%d,",
                  state->is_ending ? "true" : "false",
                  layout_node_port(layout, index, LAB_PORT_CLIENT),
                  layout_node_port(layout, index, LAB_PORT_MONITOR),
                  layout_node_port(layout, index, LAB_PORT_GATEWAY),
                  layout_node_port(layout, index, LAB_PORT_WAN_GATEWAY),
                  layout_node_port(layout, index, LAB_PORT_WAN_CLIENT));
    char log[LAB_PATH_BYTES + 64];
    (void)snprintf(log, sizeof(log), "%s/logs/%s.log", layout->dir, node->name);
    put_key_text(out, "log", log);
    strbuf_put(out, "}");
}

static const char *mode_text(enum fault_mode mode)
{
    switch (mode) {
    case FAULT_MODE_OK:
        return "ok";
    case FAULT_MODE_503:
        return "503";
    case FAULT_MODE_DOWN:
        return "down";
    case FAULT_MODE_FULL:
        return "full";
    }
    return "";
}

static void put_apps(struct strbuf *out, const struct supervisor *supervisor)
{
    strbuf_put(out, "\"apps\":[");
    for (int i = 0; i < LAB_ENDPOINTS; i++) {
        bool is_killed = supervisor->is_app_killed[i];
        strbuf_printf(out, "%s{\"region\":\"%s\",\"state\":\"%s\",\"port\":%d,\"wan_port\":%d}",
                      i > 0 ? "," : "", supervisor->layout.regions[i].name,
                      is_killed ? "down" : mode_text(supervisor->app_wanted[i]),
                      layout_endpoint_port(&supervisor->layout, i),
                      layout_endpoint_wan_port(&supervisor->layout, i));
    }
    strbuf_printf(out, "],\"control\":{\"state\":\"%s\",\"port\":%d},",
                  supervisor->control_mode == FAULT_MODE_OK ? "up" : "down",
                  layout_control_port(&supervisor->layout));
}

static void put_ways(struct strbuf *out, const struct supervisor *supervisor)
{
    const struct lab_layout *layout = &supervisor->layout;
    const char *comma = "";

    strbuf_put(out, "\"ways\":[");
    for (int low = 0; low < layout->region_count; low++) {
        for (int high = low + 1; high <= layout->region_count; high++) {
            const struct wan_way *way = &supervisor->wan.ways[low][high];
            strbuf_printf(out,
                          "%s{\"a\":\"%s\",\"b\":\"%s\",\"state\":\"%s\",\"delay_ms\":%lld,"
                          "\"bytes_per_s\":%lld,\"connections\":%d,\"bytes_ab\":%lld,"
                          "\"bytes_ba\":%lld}",
                          comma, layout_place_name(layout, low), layout_place_name(layout, high),
                          way->is_cut       ? "cut"
                          : way->is_stalled ? "stalled"
                                            : "open",
                          (long long)way->delay_ms, (long long)way->bytes_per_s,
                          proxy_count(supervisor->proxy, low, high), (long long)way->bytes[0],
                          (long long)way->bytes[1]);
            comma = ",";
        }
    }
    strbuf_put(out, "],");
}

static void put_fault(struct strbuf *out, const char **comma, const char *text)
{
    strbuf_put(out, *comma);
    strbuf_put_json(out, text);
    *comma = ",";
}

static void put_way_faults(struct strbuf *out, const char **comma,
                           const struct supervisor *supervisor)
{
    const struct lab_layout *layout = &supervisor->layout;
    char text[96];

    for (int low = 0; low < layout->region_count; low++) {
        for (int high = low + 1; high <= layout->region_count; high++) {
            const struct wan_way *way = &supervisor->wan.ways[low][high];
            const char *a = layout_place_name(layout, low);
            const char *b = layout_place_name(layout, high);
            if (way->is_cut || way->is_stalled) {
                (void)snprintf(text, sizeof(text), "%s %s-%s", way->is_cut ? "cut" : "stall", a, b);
                put_fault(out, comma, text);
            }
            if (way->delay_ms > 0) {
                (void)snprintf(text, sizeof(text), "delay %s-%s %lld", a, b,
                               (long long)way->delay_ms);
                put_fault(out, comma, text);
            }
            if (way->bytes_per_s > 0) {
                (void)snprintf(text, sizeof(text), "bandwidth %s-%s %lld", a, b,
                               (long long)way->bytes_per_s);
                put_fault(out, comma, text);
            }
        }
    }
}

/* What is broken on purpose, in the words that would do it again. */
static void put_faults(struct strbuf *out, const struct supervisor *supervisor)
{
    const struct lab_layout *layout = &supervisor->layout;
    const char *comma = "";
    char text[96];

    strbuf_put(out, "\"faults\":[");
    for (int i = 0; i < layout->node_count; i++) {
        const struct supervised_node *node = &supervisor->nodes[i];
        if (node->state != NODE_RUNNING || node->is_ending) {
            (void)snprintf(text, sizeof(text), "%s %s/%s",
                           node->state == NODE_FROZEN   ? "stop"
                           : node->state == NODE_EXITED ? "exited"
                                                        : "kill",
                           layout->regions[layout->nodes[i].region].name, layout->nodes[i].name);
            put_fault(out, &comma, text);
        }
    }
    put_way_faults(out, &comma, supervisor);
    for (int i = 0; i < LAB_ENDPOINTS; i++) {
        if (supervisor->app_wanted[i] != FAULT_MODE_OK || supervisor->is_app_killed[i]) {
            (void)snprintf(text, sizeof(text), "app %s %s",
                           supervisor->is_app_killed[i] ? "down"
                                                        : mode_text(supervisor->app_wanted[i]),
                           layout->regions[i].name);
            put_fault(out, &comma, text);
        }
    }
    if (supervisor->control_mode != FAULT_MODE_OK) {
        put_fault(out, &comma, "control down");
    }
    for (int i = 0; i < layout->region_count; i++) {
        if (supervisor->disks[i].is_full) {
            (void)snprintf(text, sizeof(text), "disk full %s", layout->regions[i].name);
            put_fault(out, &comma, text);
        }
    }
    strbuf_put(out, "],");
}

static void put_disks(struct strbuf *out, const struct supervisor *supervisor)
{
    strbuf_put(out, "\"disks\":[");
    for (int i = 0; i < supervisor->layout.region_count; i++) {
        const struct disk *disk = &supervisor->disks[i];
        strbuf_printf(out, "%s{\"region\":\"%s\",\"state\":\"%s\",\"can_fill\":%s,",
                      i > 0 ? "," : "", supervisor->layout.regions[i].name,
                      disk->is_full ? "full" : "ok", disk->holder.pid > 0 ? "true" : "false");
        put_key_text(out, "reason", disk->reason);
        strbuf_put(out, "}");
    }
    strbuf_put(out, "],");
}

static void put_workload(struct strbuf *out, const struct supervisor *supervisor)
{
    const struct workload_counts *counts = &supervisor->counts;

    strbuf_printf(out,
                  "\"workload\":{\"state\":\"%s\",\"pid\":%d,\"rate\":%d,\"restarts\":%d,"
                  "\"published\":%llu,\"acked\":%llu,\"consumed\":%llu,\"errors\":%llu,\"worker\":",
                  supervisor->worker.process.pid > 0 ? "running" : "stopped",
                  (int)supervisor->worker.process.pid, supervisor->layout.rate_per_s,
                  supervisor->worker_restarts, (unsigned long long)counts->published,
                  (unsigned long long)counts->acked, (unsigned long long)counts->consumed,
                  (unsigned long long)counts->errors);
    strbuf_put(out, supervisor->worker_line[0] != '\0' ? supervisor->worker_line : "null");
    strbuf_put(out, "}");
}

void report_status(const struct supervisor *supervisor, struct strbuf *out)
{
    const struct lab_layout *layout = &supervisor->layout;
    char config[LAB_PATH_BYTES + 32];

    (void)snprintf(config, sizeof(config), "%s/farshore.yaml", layout->dir);
    strbuf_put(out, "{");
    put_key_text(out, "dir", layout->dir);
    strbuf_put(out, ",");
    put_key_text(out, "config", config);
    strbuf_put(out, ",");
    put_key_text(out, "nats_server", layout->nats_server);
    strbuf_printf(out, ",\"topology\":\"%s\",\"base_port\":%d,\"supervisor_pid\":%d,\"usable\":%s,",
                  layout_topology_text(layout->topology), layout->base_port, (int)getpid(),
                  supervisor->is_committed ? "true" : "false");
    strbuf_put(out, "\"nodes\":[");
    for (int i = 0; i < layout->node_count; i++) {
        strbuf_put(out, i > 0 ? "," : "");
        put_node(out, supervisor, i);
    }
    strbuf_put(out, "],");
    put_apps(out, supervisor);
    put_ways(out, supervisor);
    put_disks(out, supervisor);
    put_faults(out, supervisor);
    put_workload(out, supervisor);
    strbuf_put(out, "}");
}
