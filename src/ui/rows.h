/*
 * rows.h - which mirrors are shown, in which order.
 */
#ifndef FARSHORE_UI_PRIVATE_ROWS_H
#define FARSHORE_UI_PRIVATE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/base/alloc.h"
#include "farshore/core/view.h"

#include "state.h"

#define MIRROR_STATES (MIRROR_CAUGHT_UP + 1)

struct mirror_row {
    uint32_t index;               /* in the model */
    uint8_t rank;                 /* 0: most trouble */
    bool is_trouble;              /* anything but CAUGHT UP without holes */
    int64_t key;                  /* larger first, within the rank or alone */
    const char *account, *stream; /* borrowed from the model until its next revision */
};

struct mirror_rows {
    const struct fs_alloc *alloc;
    struct mirror_row *rows;
    size_t count;                 /* shown: filtered */
    size_t all;                   /* in the model */
    size_t trouble;               /* of the shown */
    size_t states[MIRROR_STATES]; /* of all */
    size_t selected;              /* position of the selected identity; count: not shown */
    const char *region;           /* where all that are shown live; NULL: in several, or none */
    bool has_accounts;            /* those shown are of more than one account */
    size_t capacity;
    bool has_failed; /* no memory: rows are missing, and the screen says so */

    /* What they were worked out from; private to rows.c. */
    const struct model *model;
    uint64_t revision; /* model_mirrors_revision() */
    int64_t mono_ns;   /* of the loss, which grows with time */
    enum ui_sort sort;
    char filter[UI_LINE_BYTES];
};

void mirror_rows_init(struct mirror_rows *rows, const struct fs_alloc *alloc);
void mirror_rows_destroy(struct mirror_rows *rows);

/*
 * Bring filter, order and selection up to date for a drawing. Costs a pass over all mirrors only
 * when the model, the filter or the sorting changed since the last call, else one comparison.
 */
void mirror_rows_update(struct mirror_rows *rows, const struct model *model,
                        const struct ui_state *state);

const char *sort_name(enum ui_sort sort);

/* Does text hold part, ASCII letters of any case? */
bool text_holds(const char *text, const char *part);

#endif
