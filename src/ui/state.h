/*
 * state.h - what the operator chose to see. Plain data, so that a replay can redraw any moment.
 *
 * screen = f(model, state, top, size, theme). Nothing here points into the model; a selection is an
 * identity, so that rows may move under it.
 */
#ifndef FARSHORE_UI_PRIVATE_STATE_H
#define FARSHORE_UI_PRIVATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/core/names.h"
#include "farshore/ui/keymap.h"

#define UI_NAME_BYTES 256
#define UI_LINE_BYTES 512
#define UI_HISTORY 32

enum ui_page {
    PAGE_MAIN,
    PAGE_EVIDENCE,
    PAGE_LINKS,
    PAGE_DNS,
    PAGE_LOG,
    PAGE_CHECK,
    PAGE_HELP,
};

/* Panels of the main page, in the order of TAB. */
enum ui_panel {
    PANEL_REGIONS,
    PANEL_EVIDENCE,
    PANEL_LINKS,
    PANEL_DNS,
    PANEL_MIRRORS,
    PANEL_EVENTS,
    UI_PANELS
};

enum ui_sort {
    SORT_TROUBLE,
    SORT_LOSS,
    SORT_LAG,
    SORT_NAME,
    UI_SORTS
};

/* A row by what it is: (region, server), (from, to) or (account, stream). */
struct ui_identity {
    bool is_set;
    char group[UI_NAME_BYTES];
    char name[UI_NAME_BYTES];
};

enum ui_prompt_kind {
    PROMPT_NONE,
    PROMPT_COMMAND,
    PROMPT_FILTER
};

struct ui_prompt {
    enum ui_prompt_kind kind;
    char text[UI_LINE_BYTES];
    size_t count;
    size_t cursor;                     /* byte offset, always between characters */
    size_t complete_from;              /* where the word being completed begins */
    size_t complete_index;             /* which candidate is shown, from 1; 0 none */
    char complete_stem[UI_LINE_BYTES]; /* the word as it was typed */
    size_t history_at;                 /* 0 the new line, 1 the youngest of the history… */
    char pending[UI_LINE_BYTES];       /* the new line while the history is looked at */
};

struct ui_state {
    enum ui_page page;
    enum ui_panel focus;
    bool is_zoomed;
    bool is_unfolded;
    enum ui_sort sort;
    char filter[UI_LINE_BYTES];
    struct ui_identity selected[UI_PANELS];
    bool has_detail; /* the popup of the selected row is open */
    int scroll;      /* of a page or popup: rows above the top; drawing clamps it */
    struct ui_prompt prompt;
    enum severity flash_severity;
    char flash[UI_LINE_BYTES]; /* the message line; "" none */
};

#endif
