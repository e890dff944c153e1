/*
 * model_impl.h - the model's tables, for the files of core that fold, judge and read them.
 *
 * Texts in rows are owned by the row (model_set_text). Row numbers are stable while the row lives.
 * What is stored: samples, and states with the time they began (since). What is not: ages and
 * rates, which views work out when they are read.
 */
#ifndef FARSHORE_CORE_MODEL_IMPL_H
#define FARSHORE_CORE_MODEL_IMPL_H

#include "rows.h"
#include "rows_more.h"

struct model {
    const struct fs_alloc *alloc;
    struct model_limits limits;
    int64_t mono_ns, at_ns, tick_mono_ns, judged_mirrors_ns;
    struct gap gaps[GAPS]; /* the latest ones; gap_next is overwritten next */
    uint32_t gap_next;
    uint64_t changes, revision;
    uint64_t streams_revision; /* of answers about streams only */
    struct model_overflow overflow;
    char *version, *mode, *context, *operator_name, *host;
    int64_t interval_ns, hold_ns, clear_ns, lag_warn_ns;
    int64_t late_ns, late_mono_ns;
    int64_t last_answer_mono_ns;
    int64_t hearing_mono_ns; /* since when somebody answers again, after nobody did */
    int64_t raw_bytes;       /* of all raw texts */
    struct region_row *regions;
    uint32_t region_count, region_capacity;
    struct server_row *servers;
    uint32_t server_count, server_capacity;
    uint32_t free_server, free_stream, free_mirror; /* first free row of each table, or ROW_NONE */
    uint32_t *server_order;                         /* of those that are not free */
    uint32_t server_order_count, server_order_capacity;
    struct index server_index;
    struct link_row *links;
    uint32_t link_count, link_capacity;
    struct meta_state meta;
    struct stream_row *streams;
    uint32_t stream_count, stream_capacity;
    struct index stream_index;
    struct mirror_row *mirrors;
    uint32_t mirror_count, mirror_capacity;
    uint32_t *shown; /* mirrors that are not gone, in the order they were found */
    uint32_t shown_count, shown_capacity;
    struct change_row *log;
    uint32_t log_count, log_capacity, log_next;
};

/* ---- model.c ---- */

/* Make *slot a copy of text (NULL clears it). A failure keeps the old one and is counted. */
void model_set_text(struct model *model, char **slot, const char *text);
void model_free_text(struct model *model, char **slot);

/* The same for a raw text; one that is too large is not kept, and counted. */
void model_set_raw(struct model *model, char **slot, const char *text);

/* Is this a name that a row can have? */
bool model_is_name(const char *name);

/* Room for one more row of size bytes; false (counted) when memory is out. */
bool model_make_room(struct model *model, void **rows, uint32_t count, uint32_t *capacity,
                     size_t size);

/* The region of a cluster's name, made when new; ROW_NONE when name is NULL or the table is full.
 */
uint32_t model_region(struct model *model, const char *name);
uint32_t model_find_region(const struct model *model, const char *name);

struct link_row *model_link(struct model *model, uint32_t from, uint32_t to);
const struct link_row *model_find_link(const struct model *model, uint32_t from, uint32_t to);

/* What of time that passed in a gap of our own ends at the tick that finds it. */
void model_note_gap(struct model *model, int64_t begin_ns, int64_t end_ns);

/*
 * Time since mono_ns as rules count it: what passed while we stood still ourselves is left out, so
 * that a stand-still neither makes anybody silent nor anything old look fresh.
 */
int64_t model_age(const struct model *model, int64_t mono_ns);

void model_begin_since(const struct model *model, struct since *since);

/* ---- apply_*.c ---- */

uint32_t model_find_server(const struct model *model, const char *name);
uint32_t model_find_stream(const struct model *model, const char *account, const char *stream);
void apply_server(struct model *model, const struct event *any);
void apply_stats(struct model *model, const struct event *any);
void apply_bye(struct model *model, const struct event *any);
void apply_gateway(struct model *model, const struct event *any);
void apply_gateways(struct model *model, const struct event *any);
void apply_gateway_config(struct model *model, const struct event *any);
void apply_meta_peer(struct model *model, const struct event *any);
void apply_meta(struct model *model, const struct event *any);
void apply_stream(struct model *model, const struct event *any);
void apply_mirror(struct model *model, const struct event *any);
void apply_stream_config(struct model *model, const struct event *any);
void apply_streams(struct model *model, const struct event *any);

/* ---- series.c ---- */

void series_add(struct series *series, int64_t mono_ns, int64_t value);
/* Newest minus the value of a minute before; 0 while that is not known. */
int64_t series_delta(const struct series *series);

/* ---- judge_*.c: states from samples; each logs what it changes ---- */

void judge_server(struct model *model, uint32_t server);
void judge_links_of(struct model *model, uint32_t region);
void judge_regions(struct model *model);
void judge_meta(struct model *model);
void judge_mirror(struct model *model, uint32_t mirror);
void judge_all(struct model *model); /* on a tick */
/* Does the true leader list this server as a peer of the meta group? */
enum tri judge_lists_peer(const struct model *model, uint32_t server);
enum tri judge_survives(const struct model *model, uint32_t region);
bool judge_is_in_doubt(const struct region_row *row); /* SUSPECT or worse */
bool judge_answers(const struct model *model, uint32_t region);
bool judge_is_deaf(const struct model *model);
bool judge_is_silent(const struct model *model, const struct server_row *row);
int64_t judge_lag(const struct model *model, const struct mirror_row *row, int64_t *lag_ns,
                  bool *is_at_least);
int64_t judge_streams_interval(const struct model *model, uint32_t region);

/* ---- change.c ---- */

/* Texts put together without printf: parts end with NULL. */
void change_log(struct model *model, enum severity severity, const char *const *parts);
void change_note(struct model *model, enum severity severity, const char *const *parts);

/* A line for the operator that is no change of state. */
#define NOTE(model, severity, ...)                                                                 \
    change_note((model), (severity), (const char *const[]){__VA_ARGS__, NULL})
#define CHANGE(model, severity, ...)                                                               \
    change_log((model), (severity), (const char *const[]){__VA_ARGS__, NULL})

#endif
