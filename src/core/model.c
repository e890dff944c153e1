/*
 * model.c - the model's life, and the fold: one event in, tables changed.
 *
 * Why:   live, replay and wallboard show the same because they fold the same events.
 * How:   each event type changes its rows (apply_*.c) and has the touched states judged at once
 *        (judge_*.c); a tick judges everything, because silence is what changes then.
 * Rules: nothing here knows a clock, a socket or a screen; time is the event's.
 * See:   docs/ARCHITECTURE.md "Events"; tests/unit/core/test_model.c
 */
#include "farshore/core/model.h"

#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"
#include "model_impl.h"
#include "wide.h"

struct model *model_create(const struct fs_alloc *alloc, const struct model_limits *limits)
{
    struct model *model = alloc_zeroed(alloc, 1, sizeof(*model));
    if (model == NULL) {
        return NULL;
    }
    model->alloc = alloc;
    model->limits = limits != NULL ? *limits : MODEL_LIMITS_DEFAULT;
    model->limits.log_lines = model->limits.log_lines > 0 ? model->limits.log_lines : 1;
    model->interval_ns = NS_PER_S;
    model->hold_ns = 60 * NS_PER_S;
    model->clear_ns = 120 * NS_PER_S;
    model->lag_warn_ns = 3 * NS_PER_MINUTE;
    model->tick_mono_ns = NEVER;
    model->judged_mirrors_ns = NEVER;
    model->last_answer_mono_ns = NEVER;
    model->hearing_mono_ns = NEVER;
    model->meta.filling.server = ROW_NONE;
    model->meta.leader = ROW_NONE;
    model->meta.last_leader = ROW_NONE;
    model->free_server = ROW_NONE;
    model->free_stream = ROW_NONE;
    model->free_mirror = ROW_NONE;
    model->meta.judged_mono_ns = NEVER;
    for (size_t i = 0; i < CLAIMS; i++) {
        model->meta.claims[i].server = ROW_NONE;
    }
    return model;
}

static void destroy_servers(struct model *model)
{
    for (uint32_t i = 0; i < model->server_count; i++) {
        struct server_row *row = &model->servers[i];
        char **texts[] = {&row->name,   &row->id,        &row->version,    &row->host,
                          &row->bye_id, &row->raw_stats, &row->meta_leader};
        for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
            model_free_text(model, texts[t]);
        }
        alloc_release(model->alloc, row->gateways, row->gateway_capacity * sizeof(*row->gateways));
    }
    alloc_release(model->alloc, model->servers, model->server_capacity * sizeof(*model->servers));
    alloc_release(model->alloc, model->server_order,
                  model->server_order_capacity * sizeof(*model->server_order));
    index_destroy(&model->server_index, model->alloc);
}

static void destroy_streams(struct model *model)
{
    for (uint32_t i = 0; i < model->stream_count; i++) {
        struct stream_row *row = &model->streams[i];
        alloc_release(model->alloc, row->account, row->key_bytes);
        history_destroy(&row->history, model->alloc);
        model_free_text(model, &row->raw_config);
    }
    for (uint32_t i = 0; i < model->mirror_count; i++) {
        model_free_text(model, &model->mirrors[i].external);
        model_free_text(model, &model->mirrors[i].error);
    }
    alloc_release(model->alloc, model->streams, model->stream_capacity * sizeof(*model->streams));
    alloc_release(model->alloc, model->mirrors, model->mirror_capacity * sizeof(*model->mirrors));
    alloc_release(model->alloc, model->shown, model->shown_capacity * sizeof(*model->shown));
    index_destroy(&model->stream_index, model->alloc);
}

static void destroy_peers(struct model *model, struct peer_row *peers, uint32_t capacity)
{
    for (uint32_t i = 0; i < capacity; i++) {
        model_free_text(model, &peers[i].name);
    }
    alloc_release(model->alloc, peers, capacity * sizeof(*peers));
}

static void destroy_meta(struct model *model)
{
    for (size_t i = 0; i < CLAIMS; i++) {
        struct claim *claim = &model->meta.claims[i];
        destroy_peers(model, claim->peers, claim->peer_capacity);
    }
    destroy_peers(model, model->meta.filling.peers, model->meta.filling.peer_capacity);
}

void model_destroy(struct model *model)
{
    if (model == NULL) {
        return;
    }
    for (uint32_t i = 0; i < model->region_count; i++) {
        model_free_text(model, &model->regions[i].name);
        model_free_text(model, &model->regions[i].conn_reason);
    }
    char **texts[] = {&model->version, &model->mode, &model->context, &model->operator_name,
                      &model->host};
    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
        model_free_text(model, texts[t]);
    }
    alloc_release(model->alloc, model->regions, model->region_capacity * sizeof(*model->regions));
    alloc_release(model->alloc, model->links, model->link_capacity * sizeof(*model->links));
    alloc_release(model->alloc, model->log, model->log_capacity * sizeof(*model->log));
    destroy_servers(model);
    destroy_streams(model);
    destroy_meta(model);
    alloc_release(model->alloc, model, sizeof(*model));
}

void model_note_gap(struct model *model, int64_t begin_ns, int64_t end_ns)
{
    model->gaps[model->gap_next] = (struct gap){.begin_ns = begin_ns, .end_ns = end_ns};
    model->gap_next = (model->gap_next + 1) % GAPS;
}

int64_t model_age(const struct model *model, int64_t mono_ns)
{
    if (mono_ns == NEVER) {
        return INT64_MAX;
    }
    int64_t age = model->mono_ns - mono_ns;
    for (size_t i = 0; i < GAPS; i++) {
        const struct gap *gap = &model->gaps[i];
        if (mono_ns < gap->end_ns) {
            age -= gap->end_ns - (mono_ns > gap->begin_ns ? mono_ns : gap->begin_ns);
        }
    }
    return age > 0 ? age : 0;
}

void model_begin_since(const struct model *model, struct since *since)
{
    since->mono_ns = model->mono_ns;
    since->at_ns = model->at_ns;
}

/* ---- regions and links ---- */

uint32_t model_find_region(const struct model *model, const char *name)
{
    for (uint32_t i = 0; name != NULL && i < model->region_count; i++) {
        if (strcmp(model->regions[i].name, name) == 0) {
            return i;
        }
    }
    return ROW_NONE;
}

uint32_t model_region(struct model *model, const char *name)
{
    uint32_t found = model_find_region(model, name);
    if (found != ROW_NONE || name == NULL || name[0] == '\0') {
        return found;
    }
    if (model->region_count >= model->limits.regions || !model_is_name(name)) {
        model->overflow.regions++;
        return ROW_NONE;
    }
    if (!model_make_room(model, (void **)&model->regions, model->region_count,
                         &model->region_capacity, sizeof(*model->regions))) {
        return ROW_NONE;
    }
    struct region_row *row = &model->regions[model->region_count];
    memset(row, 0, sizeof(*row));
    model_set_text(model, &row->name, name);
    if (row->name == NULL) {
        return ROW_NONE;
    }
    row->role = ROLE_NONE;
    row->verdict = VERDICT_UNKNOWN;
    row->via = ROW_NONE;
    row->last_mono_ns = NEVER;
    row->back_mono_ns = NEVER;
    row->life_mono_ns = NEVER;
    row->conn_mono_ns = NEVER;
    row->suspect_mono_ns = NEVER;
    model_begin_since(model, &row->since);
    model->revision++;
    return model->region_count++;
}

const struct link_row *model_find_link(const struct model *model, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < model->link_count; i++) {
        if (model->links[i].from == from && model->links[i].to == to) {
            return &model->links[i];
        }
    }
    return NULL;
}

struct link_row *model_link(struct model *model, uint32_t from, uint32_t to)
{
    const struct link_row *found = model_find_link(model, from, to);
    if (found != NULL) {
        return &model->links[found - model->links];
    }
    if (!model_make_room(model, (void **)&model->links, model->link_count, &model->link_capacity,
                         sizeof(*model->links))) {
        return NULL;
    }
    struct link_row *row = &model->links[model->link_count++];
    memset(row, 0, sizeof(*row));
    row->from = from;
    row->to = to;
    row->state = LINK_UNKNOWN;
    row->healed_mono_ns = NEVER;
    memset(row->bar, ' ', sizeof(row->bar));
    row->bar_step = model->mono_ns / STEP_NS;
    model_begin_since(model, &row->since);
    return row;
}

/* Every ordered pair of configured regions should have a link. */
static void expect_links(struct model *model, uint32_t region)
{
    for (uint32_t other = 0; other < model->region_count; other++) {
        if (other != region && model->regions[other].is_configured) {
            model_link(model, region, other);
            model_link(model, other, region);
        }
    }
}

static void apply_region(struct model *model, const struct event *any)
{
    const struct evt_region *event = &any->u.region;
    uint32_t region = model_region(model, event->region);
    if (region == ROW_NONE) {
        return;
    }
    model->regions[region].role = event->role;
    model->regions[region].is_configured = true;
    expect_links(model, region);
}

static void apply_conn(struct model *model, const struct event *any)
{
    const struct evt_conn *event = &any->u.conn;
    uint32_t region = model_region(model, event->region);
    if (region == ROW_NONE) {
        return;
    }
    struct region_row *row = &model->regions[region];
    bool was_up = row->conn == CONN_UP;
    row->conn = event->state;
    if (was_up != (event->state == CONN_UP)) {
        row->conn_mono_ns = model->mono_ns;
    }
    if (!was_up && event->state == CONN_UP) {
        row->life_mono_ns = model->mono_ns; /* a server there has sent its INFO */
    }
    model_set_text(model, &row->conn_reason, event->state == CONN_UP ? NULL : event->reason);
    if (was_up && event->state != CONN_UP) {
        CHANGE(model, SEV_WARN, "our connection to ", row->name,
               " is lost: ", event->reason != NULL ? event->reason : "no reason given");
    } else if (!was_up && event->state == CONN_UP) {
        CHANGE(model, SEV_INFO, "connected to ", row->name, event->server != NULL ? " by " : "",
               event->server != NULL ? event->server : "");
    }
    judge_regions(model);
}

/* ---- the rest of the session ---- */

static void apply_start(struct model *model, const struct event *any)
{
    const struct evt_start *event = &any->u.start;
    model_set_text(model, &model->version, event->version);
    model_set_text(model, &model->mode, event->mode);
    model_set_text(model, &model->context, event->context);
    model_set_text(model, &model->operator_name, event->operator_name);
    model_set_text(model, &model->host, event->host);
}

static void apply_settings(struct model *model, const struct event *any)
{
    const struct evt_settings *event = &any->u.settings;
    int64_t interval_ns = event->interval_ns > 0 ? event->interval_ns : NS_PER_S;
    model->interval_ns = wide_clamp(interval_ns, INTERVAL_MIN_NS, INTERVAL_MAX_NS);
    model->hold_ns = wide_count(event->hold_ns);
    model->clear_ns = wide_count(event->clear_ns);
    model->lag_warn_ns = wide_count(event->lag_warn_ns);
}

static void apply_tick(struct model *model, const struct event *any)
{
    const struct evt_tick *event = &any->u.tick;
    if (model->tick_mono_ns != NEVER && model->mono_ns - model->tick_mono_ns > GAP_NS) {
        char gap[DURATION_TEXT_BYTES];
        duration_print_lag(gap, model->mono_ns - model->tick_mono_ns);
        model_note_gap(model, model->tick_mono_ns, model->mono_ns);
        NOTE(model, SEV_UNKNOWN, "this console stood still for ", gap,
             ": nothing is concluded from that time");
    }
    model->tick_mono_ns = model->mono_ns;
    if (event->late_ns >= model->late_ns || model->mono_ns - model->late_mono_ns > 2 * STEP_NS) {
        model->late_ns = event->late_ns;
        model->late_mono_ns = model->mono_ns;
    }
    judge_all(model);
}

static void apply_pace(struct model *model, const struct event *any)
{
    const struct evt_pace *event = &any->u.pace;
    uint32_t region = model_region(model, event->region);
    if (region == ROW_NONE || event->kind != ASK_STREAMS) {
        return;
    }
    struct region_row *row = &model->regions[region];
    int64_t interval_ns = wide_clamp(event->interval_ns, 0, INTERVAL_MAX_NS);
    if (row->is_slowed != event->is_slowed) {
        char every[DURATION_TEXT_BYTES];
        duration_print_lag(every, interval_ns);
        NOTE(model, SEV_INFO, "streams of ", row->name, " are asked for every ", every,
             event->is_slowed ? ": more often would burden its servers" : " again");
    }
    row->streams_interval_ns = interval_ns;
    row->is_slowed = event->is_slowed;
}

static void apply_advisory(struct model *model, const struct event *any)
{
    const struct evt_advisory *event = &any->u.advisory;
    const char *stream = event->stream != NULL ? event->stream : "?";
    if (event->kind == ADVISORY_QUORUM_LOST) {
        NOTE(model, SEV_CRIT, "stream ", stream, " lost its quorum");
    } else {
        NOTE(model, SEV_INFO, "stream ", stream, " is led by ",
             event->leader != NULL ? event->leader : "?");
    }
}

static void apply_fault(struct model *model, const struct event *any)
{
    const struct evt_fault *event = &any->u.fault;
    const char *outcome = event->outcome != NULL ? event->outcome : "";
    NOTE(model, event->is_ok ? SEV_INFO : SEV_WARN, "lab fault ",
         event->words != NULL ? event->words : "?", outcome[0] != '\0' ? ": " : "", outcome);
}

static void apply_drop(struct model *model, const struct event *any)
{
    const struct evt_drop *event = &any->u.drop;
    model->overflow.queue += (uint64_t)wide_count(event->count);
}

static void apply_note(struct model *model, const struct event *any)
{
    const struct evt_note *event = &any->u.note;
    bool has_source = event->source != NULL;
    NOTE(model, event->severity, has_source ? event->source : "", has_source ? ": " : "",
         event->text != NULL ? event->text : "");
}

/* Recorded, but nothing that a model knows changes. */
static void apply_nothing(struct model *model, const struct event *any)
{
    (void)model;
    (void)any;
}

static void (*const appliers[EVENT_TYPES])(struct model *, const struct event *) = {
    [EVT_START] = apply_start,
    [EVT_SETTINGS] = apply_settings,
    [EVT_REGION] = apply_region,
    [EVT_TICK] = apply_tick,
    [EVT_CONN] = apply_conn,
    [EVT_ASK] = apply_nothing,
    [EVT_WINDOW] = apply_nothing,
    [EVT_PACE] = apply_pace,
    [EVT_SERVER] = apply_server,
    [EVT_STATS] = apply_stats,
    [EVT_BYE] = apply_bye,
    [EVT_GATEWAY] = apply_gateway,
    [EVT_GATEWAYS] = apply_gateways,
    [EVT_GATEWAY_CONFIG] = apply_gateway_config,
    [EVT_META_PEER] = apply_meta_peer,
    [EVT_META] = apply_meta,
    [EVT_STREAM] = apply_stream,
    [EVT_MIRROR] = apply_mirror,
    [EVT_STREAM_CONFIG] = apply_stream_config,
    [EVT_STREAMS] = apply_streams,
    [EVT_ADVISORY] = apply_advisory,
    [EVT_DROP] = apply_drop,
    [EVT_NOTE] = apply_note,
    [EVT_KEY] = apply_nothing,
    [EVT_RESIZE] = apply_nothing,
    [EVT_FAULT] = apply_fault,
};

static bool is_about_streams(enum event_type type)
{
    return type == EVT_STREAM || type == EVT_MIRROR || type == EVT_STREAM_CONFIG ||
           type == EVT_STREAMS || type == EVT_START || type == EVT_SETTINGS;
}

void model_apply(struct model *model, const struct event *event)
{
    /* Monotonic time orders; an event that claims to be older cannot turn time back. */
    int64_t mono_ns = event->mono_ns < MONO_MAX_NS ? event->mono_ns : MONO_MAX_NS;
    if (mono_ns > model->mono_ns) {
        model->mono_ns = mono_ns;
    }
    model->at_ns = event->at_ns;
    appliers[event->type](model, event);
    if (appliers[event->type] != apply_nothing && event->type != EVT_TICK) {
        model->revision++;
        model->streams_revision += is_about_streams(event->type) ? 1 : 0;
    }
}

int64_t model_mono_ns(const struct model *model)
{
    return model->mono_ns;
}

int64_t model_at_ns(const struct model *model)
{
    return model->at_ns;
}

uint64_t model_changes(const struct model *model)
{
    return model->changes;
}

uint64_t model_revision(const struct model *model)
{
    return model->revision;
}

uint64_t model_mirrors_revision(const struct model *model)
{
    return model->streams_revision + model->changes;
}

struct model_overflow model_overflow(const struct model *model)
{
    return model->overflow;
}
