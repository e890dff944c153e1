/*
 * screen.c - put a whole screen together.
 *
 * Why:   the same model, view state, size and theme must give the same cells, live or replayed.
 * How:   the three top lines first; then panels where layout.c puts them, or one page; then what
 *        lies over the body (detail); then the key line. Later pieces never reach the top lines.
 * Rules: nothing here changes model or state. No clock: the model's time is the screen's.
 * See:   tests/golden, tests/unit/ui/test_sizes.c
 */
#include "screen.h"

#include <string.h>

#include "farshore/base/text.h"

void identity_set(struct ui_identity *out, const char *group, const char *name)
{
    out->is_set = true;
    text_copy(out->group, sizeof(out->group), group);
    text_copy(out->name, sizeof(out->name), name);
}

bool identity_equal(const struct ui_identity *a, const struct ui_identity *b)
{
    return a->is_set == b->is_set && strcmp(a->group, b->group) == 0 &&
           strcmp(a->name, b->name) == 0;
}

size_t selected_row(const struct screen *screen, enum ui_panel panel)
{
    const struct panel *shown = panel_by_id(panel);
    const struct ui_identity *wanted = &screen->state->selected[panel];
    size_t count = shown->count == NULL ? 0 : shown->count(screen);
    struct ui_identity identity;

    if (panel == PANEL_MIRRORS) {
        return screen->mirrors->selected;
    }
    if (!wanted->is_set) {
        return count > 0 ? 0 : count;
    }
    for (size_t i = 0; i < count; i++) {
        memset(&identity, 0, sizeof(identity));
        shown->identify(screen, i, &identity);
        if (identity_equal(&identity, wanted)) {
            return i;
        }
    }
    return count;
}

bool is_selected(const struct screen *screen, enum ui_panel panel, size_t row,
                 const struct ui_identity *identity)
{
    const struct ui_identity *wanted = &screen->state->selected[panel];

    if (screen->state->focus != panel || screen->state->page == PAGE_HELP) {
        return false;
    }
    return wanted->is_set ? identity_equal(identity, wanted) : row == 0;
}

const char *key_hint(const struct screen *screen, enum action action)
{
    const char *key = keymap_key_for(screen->keymap, KEYS_MAIN, action);

    return key == NULL ? "" : key;
}

struct line header_begin(const struct screen *screen, const struct area *area, enum ui_panel panel,
                         const char *title)
{
    struct line line = line_begin(area, 0);
    bool has_focus = screen->state->focus == panel && screen->state->page == PAGE_MAIN;

    line_rule_to(&line, 2);
    line_to(&line, 3);
    line_put(&line, has_focus ? ROLE_FOCUS : ROLE_TITLE, title);
    return line;
}

void header_end(struct line *line, const char *hint)
{
    bool is_ascii = line->area.grid->is_ascii;
    int hint_cols = hint[0] == '\0' ? 0 : grid_text_cols(hint, is_ascii) + 1;
    int end = line->area.cols;

    if (line->at < end) {
        line_to(line, line->at + 1);
    }
    if (line->at + hint_cols + 4 <= end && hint_cols > 0) {
        line_rule_to(line, end - 3 - hint_cols);
        line_to(line, end - 2 - hint_cols);
        line_put(line, ROLE_HEAD, hint);
        line_to(line, end - 2);
    }
    line_rule_to(line, end);
}

const char *server_word(enum server_state state)
{
    return state == SERVER_UP ? "OK" : name_of(&names_server_state, state);
}

const char *link_word(enum link_state state)
{
    return state == LINK_UP ? "OK" : name_of(&names_link_state, state);
}

const char *verdict_word(enum verdict verdict)
{
    return name_of(&names_verdict, verdict);
}

void line_state(struct line *line, enum severity severity, const char *word)
{
    enum theme_role role = role_of_severity(severity);

    if (severity != SEV_OK) {
        line_severity(line, severity);
        line->at++;
    }
    line_put(line, role, word);
}

struct line detail_line(const struct area *area, int row, const char *label)
{
    struct line line = line_begin(area, row);

    line_to(&line, 1);
    line_field(&line, ROLE_HEAD, 16, label);
    line_to(&line, 18);
    return line;
}

static struct area area_of(const struct screen *screen, const struct rect *rect)
{
    return area_part(&screen->root, rect->x, rect->y, rect->cols, rect->rows);
}

static void draw_bar(const struct screen *screen)
{
    const struct rect *left = &screen->layout.panels[PANEL_EVIDENCE];
    const struct rect *dns = &screen->layout.panels[PANEL_DNS];

    for (int y = left->y; y < left->y + left->rows; y++) {
        bool is_header = y == left->y;
        bool is_tee = dns->rows > 0 && y == dns->y;
        enum theme_glyph glyph = is_header ? GLYPH_CROSS : is_tee ? GLYPH_TEE : GLYPH_BAR;
        (void)area_put(&screen->root, screen->layout.split, y, ROLE_RULE, 0,
                       glyph_text(&screen->root, glyph));
    }
}

static void draw_main(struct screen *screen)
{
    for (int i = 0; i < UI_PANELS; i++) {
        const struct rect *rect = &screen->layout.panels[i];
        struct area area = area_of(screen, rect);
        if (area.rows > 0 && area.cols > 0) {
            panel_by_id((enum ui_panel)i)->draw(screen, &area);
        }
    }
    if (screen->layout.is_wide && screen->layout.panels[PANEL_EVIDENCE].rows > 0 &&
        !screen->state->is_zoomed) {
        draw_bar(screen);
    }
}

static void make_layout(struct screen *screen)
{
    int cols = screen->root.cols;
    int rows = screen->root.rows;
    int wanted[UI_PANELS];

    screen->layout.is_tight = layout_is_tight(rows);
    screen->layout.is_wide = layout_is_wide(cols) && !screen->layout.is_tight;
    screen->layout.split = screen->layout.is_wide ? cols / 2 - 1 : cols;
    for (int i = 0; i < UI_PANELS; i++) {
        bool is_right = i == PANEL_LINKS || i == PANEL_DNS;
        bool is_left = i == PANEL_EVIDENCE;
        int panel_cols = !screen->layout.is_wide ? cols
                         : is_right              ? cols - screen->layout.split - 1
                         : is_left               ? screen->layout.split
                                                 : cols;
        wanted[i] = panel_by_id((enum ui_panel)i)->want(screen, panel_cols);
    }
    layout_compute(&screen->layout, cols, rows, wanted);
    if (screen->state->is_zoomed) {
        layout_zoom(&screen->layout, screen->state->focus);
    }
}

/* The box of the detail popup, inside the body; its content area is returned. */
static struct area popup_area(const struct screen *screen)
{
    struct area body = area_of(screen, &screen->layout.body);
    int margin_x = body.cols >= 60 ? body.cols / 12 : 0;
    int margin_y = body.rows >= 14 ? 1 : 0;

    return area_part(&body, margin_x, margin_y, body.cols - 2 * margin_x, body.rows - 2 * margin_y);
}

static void draw_box(const struct area *box, const char *title)
{
    struct line line;

    area_fill(box, 0, 0, box->cols, box->rows, ROLE_POPUP);
    for (int y = 0; y < box->rows; y++) {
        bool is_top = y == 0;
        bool is_bottom = y == box->rows - 1;
        line = line_begin(box, y);
        line_glyph(&line, ROLE_RULE,
                   is_top      ? GLYPH_CORNER_TL
                   : is_bottom ? GLYPH_CORNER_BL
                               : GLYPH_BAR);
        if (is_top || is_bottom) {
            line_rule_to(&line, box->cols - 1);
        }
        line_to(&line, box->cols - 1);
        line_glyph(&line, ROLE_RULE,
                   is_top      ? GLYPH_CORNER_TR
                   : is_bottom ? GLYPH_CORNER_BR
                               : GLYPH_BAR);
    }
    line = line_begin(box, 0);
    line_to(&line, 2);
    line_put(&line, ROLE_TITLE, " ");
    line_put(&line, ROLE_TITLE, title);
    line_put(&line, ROLE_TITLE, " ");
}

/* The popup's lines; returns how many there are beyond what fits. */
static int draw_detail(const struct screen *screen, int scroll)
{
    enum ui_panel panel = screen->state->focus;
    const struct panel *shown = panel_by_id(panel);
    const struct ui_identity *identity = &screen->state->selected[panel];
    struct area box = popup_area(screen);
    char title[2 * UI_NAME_BYTES + 16];
    struct area inside;
    int rows;

    if (shown->detail == NULL || box.rows < 1) {
        return 0;
    }
    text_copy(title, sizeof(title), identity->name);
    if (identity->group[0] != '\0') {
        strcat(title, panel == PANEL_LINKS ? " from " : " in ");
        strcat(title, identity->group);
    }
    if (box.rows < 4 || box.cols < 12) {
        area_fill(&box, 0, 0, box.cols, box.rows, ROLE_POPUP);
        inside = box;
    } else {
        draw_box(&box, title);
        inside = area_part(&box, 1, 1, box.cols - 2, box.rows - 2);
    }
    rows = shown->detail(screen, &inside, scroll, identity);
    return rows > inside.rows ? rows - inside.rows : 0;
}

static int draw_body(struct screen *screen, int scroll)
{
    struct area body = area_of(screen, &screen->layout.body);
    int rows = 0;

    if (body.rows < 1) {
        return 0;
    }
    if (screen->state->page == PAGE_MAIN) {
        draw_main(screen);
    } else if (screen->state->page == PAGE_HELP) {
        rows = help_draw(screen, &body, scroll);
    } else {
        rows = page_draw(screen, &body, scroll);
    }
    if (screen->state->has_detail) {
        return draw_detail(screen, scroll);
    }
    return rows > body.rows ? rows - body.rows : 0;
}

void screen_draw(struct screen *screen)
{
    int beyond;

    view_session(screen->model, &screen->session);
    grid_blank(screen->root.grid);
    make_layout(screen);
    beyond = draw_body(screen, screen->state->scroll);
    if (beyond < screen->state->scroll) { /* scrolled past the end: show the end */
        grid_blank(screen->root.grid);
        (void)draw_body(screen, beyond);
    }
    top_draw(screen);
    keys_draw(screen);
}

int screen_max_scroll(struct screen *screen)
{
    view_session(screen->model, &screen->session);
    make_layout(screen);
    return draw_body(screen, 0);
}
