/*
 * inject.c - do what a fault says, and say in one line what was done.
 *
 * Why:   a drill and an operator both need to know what is broken on purpose, and by which words.
 * How:   each kind acts on the part of the lab that it names and prints what it found.
 * Rules: nothing here waits; a process that is told to end or start is reported by `lab status`.
 * See:   CONTRACTS 10 for the meaning of every fault.
 */
#include <signal.h>
#include <stdio.h>

#include "supervisor.h"

static void apply_app(struct supervisor *supervisor, int region)
{
    enum lab_endpoint_mode mode = LAB_ENDPOINT_OK;

    switch (supervisor->app_wanted[region]) {
    case FAULT_MODE_OK:
        mode = LAB_ENDPOINT_OK;
        break;
    case FAULT_MODE_503:
        mode = LAB_ENDPOINT_503;
        break;
    case FAULT_MODE_DOWN:
    case FAULT_MODE_FULL:
        mode = LAB_ENDPOINT_DOWN;
        break;
    }
    lab_endpoint_set(supervisor->apps[region],
                     supervisor->is_app_killed[region] ? LAB_ENDPOINT_DOWN : mode);
}

/* Act on one server; false when it was not in a state for that. */
static bool act_on_node(struct supervisor *supervisor, enum fault_kind kind, int index,
                        struct err *err)
{
    struct supervised_node *node = &supervisor->nodes[index];
    bool is_alive = node_is_alive(node);

    switch (kind) {
    case FAULT_KILL:
        node_end(supervisor, index, SIGKILL);
        return is_alive;
    case FAULT_TERM:
        if (node->state == NODE_FROZEN) {
            (void)node_signal(supervisor, index, SIGCONT); /* a frozen one cannot say goodbye */
        }
        node_end(supervisor, index, SIGTERM);
        return is_alive;
    case FAULT_STOP:
        return node->state == NODE_RUNNING && node_signal(supervisor, index, SIGSTOP);
    case FAULT_CONT:
        return node->state == NODE_FROZEN && node_signal(supervisor, index, SIGCONT);
    case FAULT_START:
        if (is_alive && !node->is_ending) {
            return false;
        }
        return node_start(supervisor, index, err) == ST_OK;
    case FAULT_CUT:
    case FAULT_STALL:
    case FAULT_HEAL:
    case FAULT_DELAY:
    case FAULT_BANDWIDTH:
    case FAULT_APP:
    case FAULT_CONTROL:
    case FAULT_DISK:
        break;
    }
    return false;
}

static const char *done_text(enum fault_kind kind)
{
    switch (kind) {
    case FAULT_KILL:
        return "killed";
    case FAULT_TERM:
        return "told to end:";
    case FAULT_STOP:
        return "frozen:";
    case FAULT_CONT:
        return "thawed:";
    case FAULT_START:
        return "started:";
    case FAULT_CUT:
    case FAULT_STALL:
    case FAULT_HEAL:
    case FAULT_DELAY:
    case FAULT_BANDWIDTH:
    case FAULT_APP:
    case FAULT_CONTROL:
    case FAULT_DISK:
        break;
    }
    return "";
}

static void inject_region_app(struct supervisor *supervisor, const struct fault *fault,
                              struct strbuf *reply)
{
    bool is_end = fault->kind == FAULT_KILL || fault->kind == FAULT_TERM;

    if (fault->node >= 0 || fault->region >= LAB_ENDPOINTS ||
        (!is_end && fault->kind != FAULT_START)) {
        return;
    }
    if (supervisor->is_app_killed[fault->region] != is_end) {
        strbuf_printf(reply, "%s application", is_end ? " and the" : "; also the");
    }
    supervisor->is_app_killed[fault->region] = is_end;
    apply_app(supervisor, fault->region);
}

static enum fs_status inject_nodes(struct supervisor *supervisor, const struct fault *fault,
                                   struct strbuf *reply, struct err *err)
{
    const struct lab_region *region = &supervisor->layout.regions[fault->region];
    int first = fault->node >= 0 ? fault->node : region->first_node;
    int count = fault->node >= 0 ? 1 : region->node_count;
    int done = 0;
    struct err cause = {.status = ST_OK};

    for (int i = first; i < first + count; i++) {
        if (act_on_node(supervisor, fault->kind, i, &cause)) {
            strbuf_put(reply, done++ == 0 ? done_text(fault->kind) : ",");
            strbuf_printf(reply, " %s", supervisor->layout.nodes[i].name);
        }
    }
    if (cause.status != ST_OK) {
        return err_set(err, cause.status, "%s", cause.text);
    }
    if (done == 0) {
        strbuf_printf(reply, "nothing to do: %s is %s",
                      fault->node >= 0 ? supervisor->layout.nodes[fault->node].name : region->name,
                      node_state_text(&supervisor->nodes[first]));
    }
    inject_region_app(supervisor, fault, reply);
    return ST_OK;
}

static void inject_way(struct supervisor *supervisor, const struct fault *fault,
                       struct strbuf *reply)
{
    const struct lab_layout *layout = &supervisor->layout;
    struct wan_way *way = wan_way(&supervisor->wan, fault->place_a, fault->place_b);
    int before = proxy_count(supervisor->proxy, fault->place_a, fault->place_b);
    int64_t now_ns = proxy_mono_ns();

    strbuf_printf(reply, "%s-%s ", layout_place_name(layout, fault->place_a),
                  layout_place_name(layout, fault->place_b));
    if (fault->kind == FAULT_CUT) {
        way->is_cut = true;
        way->is_stalled = false;
        strbuf_printf(reply, "cut: %d connections closed, new ones are refused", before);
    } else if (fault->kind == FAULT_STALL) {
        way->is_stalled = true;
        way->is_cut = false;
        strbuf_printf(reply, "stalled: %d connections stay open and carry nothing", before);
    } else if (fault->kind == FAULT_HEAL) {
        strbuf_put(reply, wan_heal(way, now_ns) ? "healed: no cut, stall, delay or limit"
                                                : "was whole already");
    } else if (fault->kind == FAULT_DELAY) {
        way->delay_ms = fault->value;
        strbuf_printf(reply, "delay %lld ms on the round trip", (long long)fault->value);
    } else if (fault->value == 0) {
        wan_set_bandwidth(way, 0, now_ns);
        strbuf_put(reply, "bandwidth unlimited");
    } else {
        wan_set_bandwidth(way, fault->value, now_ns);
        strbuf_printf(reply, "bandwidth %lld bytes a second each way", (long long)fault->value);
    }
    proxy_apply(supervisor->proxy, fault->place_a, fault->place_b);
}

static void inject_app(struct supervisor *supervisor, const struct fault *fault,
                       struct strbuf *reply)
{
    const char *name = supervisor->layout.regions[fault->region].name;

    supervisor->app_wanted[fault->region] = fault->mode;
    apply_app(supervisor, fault->region);
    strbuf_printf(reply, "application of %s: %s%s", name,
                  fault->mode == FAULT_MODE_OK    ? "ok"
                  : fault->mode == FAULT_MODE_503 ? "answers 503"
                                                  : "down",
                  supervisor->is_app_killed[fault->region]
                      ? " (once its region is started; it was killed with it)"
                      : "");
}

static void inject_control(struct supervisor *supervisor, const struct fault *fault,
                           struct strbuf *reply)
{
    supervisor->control_mode = fault->mode;
    lab_endpoint_set(supervisor->control_canary,
                     fault->mode == FAULT_MODE_OK ? LAB_ENDPOINT_OK : LAB_ENDPOINT_DOWN);
    strbuf_printf(reply, "control %s", fault->mode == FAULT_MODE_OK ? "up" : "down");
}

static enum fs_status inject_disk(struct supervisor *supervisor, const struct fault *fault,
                                  struct strbuf *reply, struct err *err)
{
    bool is_full = fault->mode == FAULT_MODE_FULL;
    enum fs_status status = disk_set_full(&supervisor->disks[fault->region], is_full, err);

    if (status == ST_OK) {
        strbuf_printf(reply, "disk of %s: %s", supervisor->layout.regions[fault->region].name,
                      is_full ? "full" : "has room again");
    }
    return status;
}

enum fs_status inject_fault(struct supervisor *supervisor, const struct fault *fault,
                            struct strbuf *reply, struct err *err)
{
    switch (fault->kind) {
    case FAULT_KILL:
    case FAULT_TERM:
    case FAULT_STOP:
    case FAULT_CONT:
    case FAULT_START:
        return inject_nodes(supervisor, fault, reply, err);
    case FAULT_CUT:
    case FAULT_STALL:
    case FAULT_HEAL:
    case FAULT_DELAY:
    case FAULT_BANDWIDTH:
        inject_way(supervisor, fault, reply);
        return ST_OK;
    case FAULT_APP:
        inject_app(supervisor, fault, reply);
        return ST_OK;
    case FAULT_CONTROL:
        inject_control(supervisor, fault, reply);
        return ST_OK;
    case FAULT_DISK:
        return inject_disk(supervisor, fault, reply, err);
    }
    return ST_OK;
}
