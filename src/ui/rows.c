/*
 * rows.c - filter and sort mirrors, once a change of the model.
 *
 * Why:   twelve rows or ten thousand, the ones in trouble come first and names keep still.
 * How:   one pass for states, names and keys, in the order of the last time; a total order (account
 *        and stream break every tie), so that equal models give equal screens. What is in order
 *        already is not sorted, and what changed nothing is not walked.
 * Rules: rows are borrowed from the model and valid until its revision grows.
 * See:   tests/unit/ui/test_sizes.c
 */
#include "rows.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/text.h"

const char *sort_name(enum ui_sort sort)
{
    switch (sort) {
    case SORT_TROUBLE:
        return "trouble";
    case SORT_LOSS:
        return "loss";
    case SORT_LAG:
        return "lag";
    case SORT_NAME:
        return "name";
    case UI_SORTS:
        break;
    }
    return "?";
}

void mirror_rows_init(struct mirror_rows *rows, const struct fs_alloc *alloc)
{
    memset(rows, 0, sizeof(*rows));
    rows->alloc = alloc;
}

void mirror_rows_destroy(struct mirror_rows *rows)
{
    alloc_release(rows->alloc, rows->rows, rows->capacity * sizeof(struct mirror_row));
    rows->rows = NULL;
    rows->capacity = 0;
}

bool text_holds(const char *text, const char *part)
{
    size_t count = strlen(part);

    if (text == NULL) {
        return false;
    }
    for (; *text != '\0' || count == 0; text++) {
        size_t i = 0;
        while (i < count && text[i] != '\0' &&
               tolower((unsigned char)text[i]) == tolower((unsigned char)part[i])) {
            i++;
        }
        if (i == count) {
            return true;
        }
    }
    return false;
}

/* Most trouble first. */
static uint8_t rank_of(enum mirror_state state)
{
    switch (state) {
    case MIRROR_STALLED:
        return 0;
    case MIRROR_BEHIND:
        return 1;
    case MIRROR_LAST_KNOWN:
        return 2;
    case MIRROR_ASLEEP:
        return 3;
    case MIRROR_UNKNOWN:
        return 4;
    case MIRROR_CAUGHT_UP:
        return 5;
    }
    return 4;
}

/* The sort key; what is not known sorts as the worst, because it may be. */
static int64_t key_of(const struct mirror_view *view, enum ui_sort sort)
{
    switch (sort) {
    case SORT_LOSS:
        return view->loss.high < 0 || !view->loss.is_known ? INT64_MAX : view->loss.high;
    case SORT_TROUBLE:
    case SORT_LAG:
        return view->lag_msgs.trust == TRUST_UNKNOWN ? INT64_MAX : view->lag_msgs.number;
    case SORT_NAME:
    case UI_SORTS:
        break;
    }
    return 0;
}

static int compare_names(const struct mirror_row *a, const struct mirror_row *b)
{
    int order = strcmp(a->stream, b->stream);

    if (order == 0) {
        order = strcmp(a->account, b->account);
    }
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

static int compare_rows(const void *left, const void *right)
{
    const struct mirror_row *a = left;
    const struct mirror_row *b = right;

    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    if (a->key != b->key) {
        return a->key > b->key ? -1 : 1;
    }
    return compare_names(a, b);
}

static bool reserve(struct mirror_rows *rows, size_t count)
{
    size_t capacity = rows->capacity == 0 ? 64 : rows->capacity;
    struct mirror_row *grown;

    while (capacity < count) {
        capacity *= 2;
    }
    if (capacity == rows->capacity) {
        return true;
    }
    grown = rows->alloc->resize(rows->alloc->context, rows->rows,
                                rows->capacity * sizeof(struct mirror_row),
                                capacity * sizeof(struct mirror_row));
    if (grown == NULL) {
        return false;
    }
    rows->rows = grown;
    rows->capacity = capacity;
    return true;
}

/* What one mirror says about its place; false: the filter hides it. */
static bool fill_row(struct mirror_rows *rows, const struct model *model, uint32_t index,
                     const struct ui_state *state)
{
    bool has_ranks = state->sort == SORT_TROUBLE;
    struct mirror_row *row = &rows->rows[rows->count];
    struct mirror_view view;

    view_mirror(model, index, &view);
    rows->states[view.state]++;
    if (state->filter[0] != '\0' && !text_holds(view.stream, state->filter) &&
        !text_holds(view.account, state->filter)) {
        return false;
    }
    row->index = index;
    row->account = view.account == NULL ? "" : view.account;
    row->stream = view.stream == NULL ? "" : view.stream;
    row->is_trouble = view.state != MIRROR_CAUGHT_UP ||
                      (view.holes.trust != TRUST_UNKNOWN && view.holes.number > 0);
    row->rank = has_ranks ? rank_of(view.state) : 0;
    row->rank = has_ranks && row->rank == 5 && row->is_trouble ? 4 : row->rank;
    /* Among those that are well a lag of 0 to 3 would only make names dance. */
    row->key = has_ranks && !row->is_trouble ? 0 : key_of(&view, state->sort);
    rows->region = rows->count == 0 || (rows->region != NULL && view.region != NULL &&
                                        strcmp(rows->region, view.region) == 0)
                       ? view.region
                       : NULL;
    rows->has_accounts =
        rows->has_accounts || (rows->count > 0 && strcmp(row->account, rows->rows[0].account) != 0);
    rows->trouble += row->is_trouble ? 1 : 0;
    rows->count++;
    return true;
}

static bool is_sorted(const struct mirror_rows *rows)
{
    for (size_t i = 1; i < rows->count; i++) {
        if (compare_rows(&rows->rows[i - 1], &rows->rows[i]) > 0) {
            return false;
        }
    }
    return true;
}

/* The rows of the last time show every mirror: their order is worth keeping. */
static bool has_old_order(const struct mirror_rows *rows, const struct model *model, size_t count)
{
    return rows->model == model && rows->count == count && rows->all == count &&
           rows->filter[0] == '\0' && !rows->has_failed;
}

static void build(struct mirror_rows *rows, const struct model *model, const struct ui_state *state)
{
    size_t count = view_mirrors(model);
    bool is_again = has_old_order(rows, model, count) && state->filter[0] == '\0';

    rows->count = rows->trouble = 0;
    rows->all = count;
    rows->region = NULL;
    rows->has_accounts = false;
    memset(rows->states, 0, sizeof(rows->states));
    rows->has_failed = !reserve(rows, count);
    for (size_t i = 0; i < count && !rows->has_failed; i++) {
        (void)fill_row(rows, model, is_again ? rows->rows[i].index : (uint32_t)i, state);
    }
    if (!is_sorted(rows)) {
        qsort(rows->rows, rows->count, sizeof(struct mirror_row), compare_rows);
    }
}

static bool is_row(const struct mirror_row *row, const struct ui_identity *wanted)
{
    return strcmp(row->stream, wanted->name) == 0 && strcmp(row->account, wanted->group) == 0;
}

/* Where the selected mirror is; it mostly is where it was. */
static void find_selected(struct mirror_rows *rows, const struct ui_identity *wanted)
{
    if (!wanted->is_set) {
        rows->selected = 0;
        return;
    }
    if (rows->selected < rows->count && is_row(&rows->rows[rows->selected], wanted)) {
        return;
    }
    for (rows->selected = 0; rows->selected < rows->count; rows->selected++) {
        if (is_row(&rows->rows[rows->selected], wanted)) {
            return;
        }
    }
}

void mirror_rows_update(struct mirror_rows *rows, const struct model *model,
                        const struct ui_state *state)
{
    uint64_t revision = model_mirrors_revision(model);
    int64_t mono_ns = state->sort == SORT_LOSS ? model_mono_ns(model) : 0;

    if (rows->model != model || rows->revision != revision || rows->mono_ns != mono_ns ||
        rows->sort != state->sort || strcmp(rows->filter, state->filter) != 0) {
        build(rows, model, state);
        rows->model = model;
        rows->revision = revision;
        rows->mono_ns = mono_ns;
        rows->sort = state->sort;
        text_copy(rows->filter, sizeof(rows->filter), state->filter);
    }
    find_selected(rows, &state->selected[PANEL_MIRRORS]);
}
