/*
 * ui.c - the console's outside: create, draw, present, take bytes.
 *
 * How:   ui_draw() composes into a grid of its own and compares it with the one sent last;
 *        ui_present() hands it to the terminal. Input goes through input.c to ui_keys.c.
 * Rules: the model is only read, and only during the call that is given it.
 * See:   include/farshore/ui/ui.h for the wiring
 */
#include "farshore/ui/ui.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "farshore/base/text.h"

#include "ui_impl.h"

static void on_key(void *context, const char *key)
{
    struct ui *ui = context;
    enum action action = keymap_lookup(&ui->keymap, ui_key_table(ui), key);

    ui->state.flash[0] = '\0';
    if (ui->requests.key != NULL) {
        ui->requests.key(ui->requests.context, key,
                         action == ACTION_NONE ? NULL : action_info(action)->name);
    }
    if (action != ACTION_NONE) {
        ui_act(ui, action, "");
    } else if (ui->state.prompt.kind != PROMPT_NONE) {
        prompt_key(ui, key);
    }
}

static void on_paste(void *context, const char *bytes, size_t count, size_t lost_bytes)
{
    struct ui *ui = context;
    char clean[UI_LINE_BYTES];
    char plain[UI_LINE_BYTES];
    size_t used = 0;

    ui->state.flash[0] = '\0';
    if (ui->state.prompt.kind == PROMPT_NONE) {
        ui_say(ui, SEV_WARN, "a paste is never taken as keys; : opens a line to paste into");
        return;
    }
    for (size_t i = 0; i < count && used + 1 < sizeof(plain); i++) {
        char c = bytes[i];
        plain[used++] = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    }
    if (lost_bytes > 0 || used < count ||
        text_clean(clean, sizeof(clean), plain, used) >= sizeof(clean)) {
        ui_say(ui, SEV_WARN, "that paste is too long for a line; nothing was taken");
        return;
    }
    prompt_insert(ui, clean, strlen(clean));
}

static void on_mode(void *context, int mode, int setting)
{
    struct ui *ui = context;

    if (ui->term != NULL) {
        term_mode_answered(ui->term, mode, setting);
    }
}

enum fs_status ui_create(const struct ui_options *options, struct ui **out, struct err *err)
{
    const struct fs_alloc *alloc = options->alloc == NULL ? alloc_heap() : options->alloc;
    struct ui *ui = alloc_zeroed(alloc, 1, sizeof(*ui));
    struct ui_top top = {.mode = "LIVE", .recording = "rec OFF"};

    *out = NULL;
    if (ui == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory for the screen");
    }
    ui->alloc = alloc;
    if (options->theme != NULL) {
        ui->theme = *options->theme;
    } else {
        theme_init(&ui->theme);
    }
    if (options->keymap != NULL) {
        ui->keymap = *options->keymap;
    } else {
        keymap_init(&ui->keymap);
    }
    ui->commands = options->commands;
    ui->command_count = options->commands == NULL ? 0 : options->command_count;
    ui->requests = options->requests;
    ui->term = options->term;
    ui->state.focus = PANEL_MIRRORS;
    input_init(&ui->input);
    mirror_rows_init(&ui->mirrors, alloc);
    grid_init(&ui->grid, alloc);
    grid_init(&ui->presented, alloc);
    ui->grid.is_ascii =
        options->is_ascii || (options->term != NULL && term_is_ascii(options->term));
    ui_set_top(ui, &top);
    ui->cols = 80;
    ui->rows = 24;
    if (!grid_resize(&ui->grid, ui->cols, ui->rows)) {
        ui_destroy(ui);
        return err_set(err, ST_NO_MEMORY, "no memory for the screen");
    }
    *out = ui;
    return ST_OK;
}

void ui_destroy(struct ui *ui)
{
    if (ui != NULL) {
        mirror_rows_destroy(&ui->mirrors);
        grid_destroy(&ui->grid);
        grid_destroy(&ui->presented);
        alloc_release(ui->alloc, ui, sizeof(*ui));
    }
}

void ui_set_top(struct ui *ui, const struct ui_top *top)
{
    text_copy(ui->mode, sizeof(ui->mode), top->mode);
    text_copy(ui->recording, sizeof(ui->recording), top->recording);
    ui->top = (struct ui_top){
        .mode = ui->mode, .recording = ui->recording, .is_writable = top->is_writable};
}

void ui_set_check(struct ui *ui, const struct ui_check *check)
{
    ui->check = *check;
}

void ui_open_check(struct ui *ui)
{
    ui->state.page = PAGE_CHECK;
    ui->state.has_detail = false;
    ui->state.scroll = 0;
}

void ui_resize(struct ui *ui, int cols, int rows)
{
    ui->cols = cols < 1 ? 1 : cols;
    ui->rows = rows < 1 ? 1 : rows;
    if (!grid_resize(&ui->grid, ui->cols, ui->rows)) {
        ui->cols = ui->grid.cols;
        ui->rows = ui->grid.rows;
    }
    ui->is_presented = false;
    if (ui->term != NULL) {
        term_resize(ui->term, ui->cols, ui->rows);
    }
}

struct screen ui_screen(struct ui *ui, const struct model *model)
{
    mirror_rows_update(&ui->mirrors, model, &ui->state);
    return (struct screen){
        .root = grid_area(&ui->grid, &ui->theme),
        .model = model,
        .state = &ui->state,
        .top = &ui->top,
        .check = ui->check,
        .keymap = &ui->keymap,
        .commands = ui->commands,
        .command_count = ui->command_count,
        .mirrors = &ui->mirrors,
        .layout = ui->layout,
    };
}

bool ui_draw(struct ui *ui, const struct model *model)
{
    struct screen screen = ui_screen(ui, model);
    char title[96];

    screen_draw(&screen);
    ui->layout = screen.layout;
    top_title(model, title, sizeof(title));
    text_copy(ui->title, sizeof(ui->title), title);
    ui->is_different = !grid_equal(&ui->grid, &ui->presented);
    return !ui->is_presented || ui->is_different;
}

bool ui_present(struct ui *ui)
{
    if (ui->is_presented && !ui->is_different) {
        return true;
    }
    if (ui->term != NULL && !term_draw(ui->term, &ui->grid, ui->title)) {
        ui->is_presented = false;
        return false;
    }
    ui->is_presented = grid_copy(&ui->presented, &ui->grid);
    ui->is_different = false;
    return true;
}

static struct input_sink sink_of(struct ui *ui)
{
    return (struct input_sink){.context = ui, .key = on_key, .paste = on_paste, .mode = on_mode};
}

void ui_input_bytes(struct ui *ui, const struct model *model, const char *bytes, size_t count)
{
    struct input_sink sink = sink_of(ui);

    ui->model = model;
    input_feed(&ui->input, &sink, bytes, count);
    ui->model = NULL;
}

int ui_input_timeout_ms(const struct ui *ui)
{
    return input_timeout_ms(&ui->input);
}

void ui_input_timeout(struct ui *ui, const struct model *model)
{
    struct input_sink sink = sink_of(ui);

    ui->model = model;
    input_expire(&ui->input, &sink);
    ui->model = NULL;
}

void ui_say(struct ui *ui, enum severity severity, const char *text)
{
    ui->state.flash_severity = severity;
    text_copy(ui->state.flash, sizeof(ui->state.flash), text);
    if (ui->requests.redraw != NULL) {
        ui->requests.redraw(ui->requests.context);
    }
}

void ui_suspend(struct ui *ui)
{
    int cols = ui->cols;
    int rows = ui->rows;

    if (ui->term == NULL) {
        return;
    }
    term_suspend(ui->term);
    (void)raise(SIGSTOP);
    term_resume(ui->term);
    (void)term_size(ui->term, &cols, &rows);
    ui_resize(ui, cols, rows);
    if (ui->requests.redraw != NULL) {
        ui->requests.redraw(ui->requests.context);
    }
}

void ui_set_theme(struct ui *ui, const struct theme *theme)
{
    ui->theme = *theme;
    ui->is_presented = false;
    if (ui->term != NULL) {
        term_set_theme(ui->term, theme);
    }
}

void ui_set_keymap(struct ui *ui, const struct keymap *keymap)
{
    ui->keymap = *keymap;
    ui->is_presented = false;
}

void ui_dump(const struct ui *ui, struct strbuf *out)
{
    grid_dump(&ui->grid, out);
}

uint64_t ui_hash(const struct ui *ui)
{
    return grid_hash(&ui->grid);
}
