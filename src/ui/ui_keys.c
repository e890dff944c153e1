/*
 * ui_keys.c - what keys and `:` words do.
 *
 * How:   a key is looked up in the table of what is open; its action changes struct ui_state, or
 *        asks the app. The next drawing shows it.
 * Rules: a paste is never keys. A danger key does nothing but say where actions are.
 * See:   tests/unit/ui/test_sizes.c
 */
#include <stdio.h>
#include <string.h>

#include "farshore/base/suggest.h"
#include "farshore/base/text.h"

#include "ui_impl.h"

enum keymap_table ui_key_table(const struct ui *ui)
{
    const struct ui_state *state = &ui->state;

    return state->prompt.kind != PROMPT_NONE ? KEYS_PROMPT
           : state->has_detail               ? KEYS_POPUP
           : state->page != PAGE_MAIN        ? KEYS_PAGE
                                             : KEYS_MAIN;
}

static void open_page(struct ui *ui, enum ui_page page)
{
    bool is_open = ui->state.page == page;

    ui->state.page = is_open ? PAGE_MAIN : page;
    ui->state.has_detail = false;
    ui->state.scroll = 0;
    if (page == PAGE_LINKS && !is_open) {
        ui->state.focus = PANEL_LINKS;
    }
}

static void go_back(struct ui *ui)
{
    struct ui_state *state = &ui->state;

    if (state->has_detail) {
        state->has_detail = false;
        state->scroll = 0;
    } else if (state->page != PAGE_MAIN) {
        state->page = PAGE_MAIN;
        state->scroll = 0;
    } else if (state->is_zoomed) {
        state->is_zoomed = false;
    } else if (state->filter[0] != '\0') {
        state->filter[0] = '\0';
    } else if (state->is_unfolded) {
        state->is_unfolded = false;
    } else {
        state->selected[state->focus].is_set = false;
    }
}

/* The next panel that is on the screen. */
static void move_focus(struct ui *ui, int step)
{
    int panel = (int)ui->state.focus;

    for (int i = 0; i < UI_PANELS; i++) {
        panel = (panel + step + UI_PANELS) % UI_PANELS;
        if (ui->state.is_zoomed || ui->layout.panels[panel].rows > 0) {
            ui->state.focus = (enum ui_panel)panel;
            return;
        }
    }
}

static bool is_scrolled(const struct ui *ui)
{
    const struct ui_state *state = &ui->state;

    return state->has_detail || (state->page != PAGE_MAIN && state->page != PAGE_LINKS);
}

static void scroll_by(struct ui *ui, int rows)
{
    struct screen screen = ui_screen(ui, ui->model);
    int most = screen_max_scroll(&screen);
    int scroll = ui->state.scroll;

    scroll = rows > most - scroll ? most : scroll + rows;
    ui->state.scroll = scroll < 0 ? 0 : scroll;
}

/* Move the selection of the panel in focus; the identity is what is kept. */
static void select_by(struct ui *ui, long step)
{
    enum ui_panel focus = ui->state.focus;
    const struct panel *panel = panel_by_id(focus);
    struct screen screen = ui_screen(ui, ui->model);
    struct ui_identity *selected = &ui->state.selected[focus];
    size_t count = panel->count == NULL ? 0 : panel->count(&screen);
    long row = (long)selected_row(&screen, focus);

    if (focus == PANEL_EVENTS && panel->count == NULL) {
        ui_say(ui, SEV_INFO, "the full log is a page of its own (key L)");
        return;
    }
    if (count == 0) {
        return;
    }
    if (row >= (long)count) {
        row = 0; /* the selected row is gone: begin anew */
    } else {
        row += step;
    }
    row = row < 0 ? 0 : row >= (long)count ? (long)count - 1 : row;
    panel->identify(&screen, (size_t)row, selected);
    /* Moving below the fold opens it, or the cursor would vanish. */
    if (focus == PANEL_MIRRORS && (int)count > ui->layout.panels[focus].rows - 2 &&
        row >= ui->layout.panels[focus].rows - 3) {
        ui->state.is_unfolded = true;
    }
}

static void move(struct ui *ui, enum action action)
{
    int page = ui->layout.body.rows > 2 ? ui->layout.body.rows - 2 : 1;
    int panel_rows = ui->layout.panels[ui->state.focus].rows - 3;
    long rows = 0;

    if (!is_scrolled(ui) && panel_rows > 0 && ui->state.page == PAGE_MAIN) {
        page = panel_rows;
    }
    rows = action == ACTION_ROW_UP      ? -1
           : action == ACTION_ROW_DOWN  ? 1
           : action == ACTION_PAGE_UP   ? -page
           : action == ACTION_PAGE_DOWN ? page
           : action == ACTION_FIRST     ? -1000000
                                        : 1000000;
    if (is_scrolled(ui)) {
        scroll_by(ui, (int)rows);
    } else {
        select_by(ui, rows);
    }
}

static void open_detail(struct ui *ui)
{
    enum ui_panel focus = ui->state.focus;
    const struct panel *panel = panel_by_id(focus);
    struct screen screen = ui_screen(ui, ui->model);
    struct ui_identity *selected = &ui->state.selected[focus];

    if (focus == PANEL_EVIDENCE) {
        open_page(ui, PAGE_EVIDENCE);
    } else if (focus == PANEL_DNS) {
        open_page(ui, PAGE_DNS);
    } else if (focus == PANEL_EVENTS) {
        open_page(ui, PAGE_LOG);
    } else if (panel->count(&screen) == 0 && !selected->is_set) {
        ui_say(ui, SEV_INFO, "no row to look at");
    } else {
        if (!selected->is_set) {
            panel->identify(&screen, 0, selected);
        }
        ui->state.has_detail = true;
        ui->state.scroll = 0;
    }
}

static void set_sort(struct ui *ui, const char *words)
{
    char text[64];

    if (words[0] == '\0') {
        ui->state.sort = (enum ui_sort)((ui->state.sort + 1) % UI_SORTS);
    } else {
        int sort = 0;
        while (sort < UI_SORTS && strcmp(sort_name((enum ui_sort)sort), words) != 0) {
            sort++;
        }
        if (sort == UI_SORTS) {
            ui_say(ui, SEV_WARN, "sort by trouble, loss, lag or name");
            return;
        }
        ui->state.sort = (enum ui_sort)sort;
    }
    (void)snprintf(text, sizeof(text), "mirrors sorted by %s", sort_name(ui->state.sort));
    ui_say(ui, SEV_INFO, text);
}

/* Trailing blanks away, then a line break. */
static void put_row(const struct grid *grid, int y, bool is_marked_only, struct strbuf *out)
{
    size_t start = out->length;
    bool is_marked = false;

    for (int x = 0; x < grid->cols; x++) {
        const struct cell *cell = grid_cell(grid, x, y);
        if (!is_marked_only || cell->marks != 0) {
            strbuf_put(out, cell->text);
            is_marked = true;
        }
    }
    while (out->length > start && out->text[out->length - 1] == ' ') {
        out->text[--out->length] = '\0';
    }
    if (is_marked) {
        strbuf_put_char(out, '\n');
    }
}

/* What is on the screen: the verdict and the selected row; a page or popup as a whole. */
static void yank(struct ui *ui)
{
    bool is_whole = ui->state.has_detail || ui->state.page != PAGE_MAIN;
    struct err err = {.status = ST_OK};
    struct strbuf text;
    char said[64];

    strbuf_init(&text, ui->alloc);
    put_row(&ui->grid, ui->layout.verdict_row, false, &text);
    for (int y = ui->layout.top_rows; y < ui->grid.rows - 1; y++) {
        put_row(&ui->grid, y, !is_whole, &text);
    }
    if (ui->term == NULL) {
        ui_say(ui, SEV_WARN, "no terminal, no clipboard");
    } else if (term_yank(ui->term, text.text, &err) != ST_OK) {
        ui_say(ui, SEV_WARN, err.text);
    } else {
        (void)snprintf(said, sizeof(said), "%zu bytes sent to the terminal's clipboard",
                       text.length);
        ui_say(ui, SEV_INFO, said);
    }
    strbuf_destroy(&text);
}

static void say_absent(struct ui *ui, enum action action)
{
    const struct action_info *info = action_info(action);
    char text[UI_LINE_BYTES];

    (void)snprintf(text, sizeof(text), "%s %s", info->name, info->absent);
    ui_say(ui, info->class == ACTION_DANGER ? SEV_WARN : SEV_INFO, text);
}

static void act_view(struct ui *ui, enum action action, const char *words)
{
    struct ui_state *state = &ui->state;

    if (action == ACTION_HELP) {
        open_page(ui, PAGE_HELP);
    } else if (action == ACTION_COMMAND) {
        prompt_open(ui, PROMPT_COMMAND);
    } else if (action == ACTION_FILTER && words[0] != '\0') {
        text_copy(state->filter, sizeof(state->filter), words);
    } else if (action == ACTION_FILTER) {
        prompt_open(ui, PROMPT_FILTER);
    } else if (action == ACTION_DETAIL) {
        open_detail(ui);
    } else if (action == ACTION_BACK) {
        go_back(ui);
    } else if (action == ACTION_ZOOM) {
        state->page = PAGE_MAIN;
        state->is_zoomed = !state->is_zoomed;
    } else if (action == ACTION_SORT) {
        set_sort(ui, words);
    } else if (action == ACTION_UNFOLD) {
        state->is_unfolded = !state->is_unfolded;
    } else if (action == ACTION_EVIDENCE) {
        open_page(ui, PAGE_EVIDENCE);
    } else if (action == ACTION_LINKS) {
        open_page(ui, PAGE_LINKS);
    } else if (action == ACTION_DNS) {
        open_page(ui, PAGE_DNS);
    } else if (action == ACTION_LOG) {
        open_page(ui, PAGE_LOG);
    } else if (action == ACTION_YANK) {
        yank(ui);
    } else if (action == ACTION_REDRAW && ui->term != NULL) {
        term_invalidate(ui->term);
        ui->is_presented = false;
    } else if (action == ACTION_SUSPEND) {
        ui_suspend(ui);
    } else if (action == ACTION_QUIT && ui->requests.quit != NULL) {
        ui->requests.quit(ui->requests.context);
    }
}

void ui_act(struct ui *ui, enum action action, const char *words)
{
    const struct action_info *info = action_info(action);

    if (!info->is_there) {
        say_absent(ui, action);
        return;
    }
    switch (info->class) {
    case ACTION_VIEW:
    case ACTION_MARK:
    case ACTION_DANGER:
        act_view(ui, action, words);
        break;
    case ACTION_MOVE:
        if (action == ACTION_PANEL_NEXT || action == ACTION_PANEL_PREV) {
            move_focus(ui, action == ACTION_PANEL_NEXT ? 1 : -1);
        } else {
            move(ui, action);
        }
        break;
    case ACTION_TEXT:
        prompt_act(ui, action);
        break;
    }
}

static void say_unknown(struct ui *ui, const char *word)
{
    const char *names[ACTIONS + 64];
    size_t count = 0;
    const char *nearest;
    char text[UI_LINE_BYTES];

    for (size_t i = 0; i < ui->command_count && i < 64; i++) {
        names[count++] = ui->commands[i].name;
    }
    for (int i = ACTION_NONE + 1; i < ACTIONS; i++) {
        names[count++] = action_info((enum action)i)->name;
    }
    nearest = suggest_nearest(word, names, count);
    (void)snprintf(text, sizeof(text), "no command \"%.60s\"%s%s%s", word,
                   nearest == NULL ? "" : "; did you mean \"", nearest == NULL ? "" : nearest,
                   nearest == NULL ? " (? lists them)" : "\"?");
    ui_say(ui, SEV_WARN, text);
}

void ui_run_line(struct ui *ui, const struct model *model, const char *line)
{
    char word[UI_LINE_BYTES];
    size_t count;
    enum action action;
    const struct model *outer = ui->model;

    line += strspn(line, " ");
    count = strcspn(line, " ");
    if (count == 0) {
        return;
    }
    count = count < sizeof(word) ? count : sizeof(word) - 1;
    memcpy(word, line, count);
    word[count] = '\0';
    for (size_t i = 0; i < ui->command_count; i++) {
        if (strcmp(ui->commands[i].name, word) == 0) {
            if (ui->requests.command != NULL) {
                ui->requests.command(ui->requests.context, line);
            }
            return;
        }
    }
    action = action_by_name(word);
    if (action == ACTION_NONE || action_info(action)->class == ACTION_TEXT) {
        say_unknown(ui, word);
        return;
    }
    ui->model = model;
    ui_act(ui, action, line + count + strspn(line + count, " "));
    ui->model = outer;
}
