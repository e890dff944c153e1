/*
 * ui_impl.h - the inside of struct ui, shared by ui.c, ui_keys.c and prompt.c.
 */
#ifndef FARSHORE_UI_PRIVATE_UI_IMPL_H
#define FARSHORE_UI_PRIVATE_UI_IMPL_H

#include "farshore/ui/ui.h"

#include "grid.h"
#include "input.h"
#include "layout.h"
#include "rows.h"
#include "screen.h"
#include "state.h"

struct ui {
    const struct fs_alloc *alloc;
    struct theme theme;
    struct keymap keymap;
    const struct ui_command *commands;
    size_t command_count;
    struct ui_requests requests;
    struct term *term;
    struct ui_state state;
    struct input input;
    struct mirror_rows mirrors;
    struct grid grid;      /* composed */
    struct grid presented; /* what was sent last */
    struct layout layout;  /* of the last drawing */
    bool is_presented;     /* presented holds a frame */
    bool is_different;     /* the grid composed last differs from it */
    int cols, rows;
    struct ui_top top;
    struct ui_check check;
    char mode[32], recording[64], title[96];
    char history[UI_HISTORY][UI_LINE_BYTES]; /* youngest first */
    size_t history_count;
    const struct model *model; /* during input only */
};

/* A screen for asking panels about rows, or for drawing; rows are built anew. */
struct screen ui_screen(struct ui *ui, const struct model *model);

/* Do what an action means; words are the `:` line's arguments, "" from a key. */
void ui_act(struct ui *ui, enum action action, const char *words);

/* What a key means now. */
enum keymap_table ui_key_table(const struct ui *ui);

void prompt_open(struct ui *ui, enum ui_prompt_kind kind);
void prompt_act(struct ui *ui, enum action action);
/* A key that the prompt's table does not bind: a character to insert, or nothing. */
void prompt_key(struct ui *ui, const char *key);
void prompt_insert(struct ui *ui, const char *text, size_t count);

#endif
