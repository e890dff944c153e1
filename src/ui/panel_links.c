/*
 * panel_links.c - gateway links, every ordered pair of regions.
 *
 * Why:   a region that cannot be reached and a link that is down look alike from one end.
 * How:   wide: one row a link with round trip, pending, traffic and the last minute as a bar.
 *        Narrow: three links a row, the ones in trouble first.
 * Rules: a link that was seen once stays on the screen as DOWN.
 */
#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/number.h"

#include "screen.h"

#define CELL_COLS 26    /* of a link in the packed form */
#define PENDING_COLS 10 /* pend 18.2k */
#define RATE_COLS 8     /* of the traffic and the blank before it */

static int per_row(int cols)
{
    int cells = cols / CELL_COLS;

    return cells < 1 ? 1 : cells;
}

static int links_want(const struct screen *screen, int cols)
{
    int count = (int)view_links(screen->model);

    if (screen->layout.is_wide || screen->state->is_zoomed) {
        return 1 + (count < 1 ? 1 : count);
    }
    count = (count + per_row(cols) - 1) / per_row(cols);
    return (screen->layout.is_tight ? 0 : 1) + (count < 1 ? 1 : count);
}

static void pair_text(const struct area *area, const struct link_view *view, char *out,
                      size_t out_bytes)
{
    (void)snprintf(out, out_bytes, "%s%s%s", view->from, glyph_text(area, GLYPH_ARROW), view->to);
}

static int pair_cols(const struct screen *screen, const struct area *area, int most)
{
    int width = 8;
    char text[2 * UI_NAME_BYTES + 4];
    struct link_view view;

    for (size_t i = 0; i < view_links(screen->model); i++) {
        view_link(screen->model, i, &view);
        pair_text(area, &view, text, sizeof(text));
        int cols = grid_text_cols(text, area->grid->is_ascii);
        width = cols > width ? cols : width;
    }
    return width > most ? most : width;
}

static void put_state(struct line *line, const struct link_view *view, bool has_clock)
{
    enum severity severity = severity_of_link(view->state);

    line_state(line, severity, link_word(view->state));
    if (severity != SEV_OK && has_clock) {
        line->at++;
        line_clock(line, ROLE_TEXT, view->for_ns);
    }
}

/* Columns of the state and what stands beside it, in a row of its own. */
static int state_cols(const struct link_view *view)
{
    char clock[DURATION_TEXT_BYTES] = "";
    char tally[2 * NUMBER_TEXT_BYTES + 2] = "";
    size_t clock_cols = 0;

    if (view->state == LINK_UP) {
        return 13; /* OK rtt  2.1ms */
    }
    clock_cols = duration_print_clock(clock, view->for_ns) + 1;
    if (view->state == LINK_DEGRADED) {
        size_t used = number_print_grouped(tally, view->servers_up) + 1;
        return 3 + (int)(strlen(link_word(view->state)) + 1 + used +
                         number_print_grouped(tally, view->servers));
    }
    return 3 + (int)(strlen(link_word(view->state)) + clock_cols);
}

static int widest_state(const struct screen *screen)
{
    struct link_view view;
    int width = 16; /* ?  UNKNOWN 00:34 */

    for (size_t i = 0; i < view_links(screen->model); i++) {
        view_link(screen->model, i, &view);
        int cols = state_cols(&view);
        width = cols > width ? cols : width;
    }
    return width;
}

/* Where the columns of a list stand. */
struct link_columns {
    int name_cols, state_cols;
};

/* One link in a row of its own. */
static void draw_row(const struct screen *screen, const struct area *area, int y, size_t index,
                     const struct link_columns *at)
{
    struct line line = line_begin(area, y);
    struct link_view view;
    struct ui_identity identity = {.is_set = false};
    char text[2 * UI_NAME_BYTES + 4];
    int state_at;

    view_link(screen->model, index, &view);
    identity_set(&identity, view.from, view.to);
    if (is_selected(screen, PANEL_LINKS, index, &identity)) {
        line_mark(&line, MARK_SELECTED);
        line_glyph(&line, ROLE_TEXT, GLYPH_CURSOR);
    }
    line_to(&line, 1);
    pair_text(area, &view, text, sizeof(text));
    line_field(&line, ROLE_TEXT, at->name_cols, text);
    line.at++;
    state_at = line.at;
    put_state(&line, &view, view.state == LINK_DOWN || view.state == LINK_UNKNOWN);
    if (view.state == LINK_UP) {
        line_to(&line, state_at + 3);
        line_put(&line, ROLE_LABEL, "rtt");
        line_value(&line, FORM_RTT, 7, &view.rtt_ns);
    } else if (view.state == LINK_DEGRADED) {
        line.at++;
        line_tally_of(&line, ROLE_TEXT, view.servers_up, view.servers);
    }
    line.at = state_at + at->state_cols + 1;
    if (area->cols - line.at >= 50) {
        line_tally_of(&line, ROLE_TEXT, view.servers_up, view.servers_known);
        line_put(&line, ROLE_LABEL, " servers  ");
    }
    if (area->cols - line.at >= PENDING_COLS + RATE_COLS + VIEW_HISTORY + 2) {
        line_put(&line, ROLE_LABEL, "pend");
        line_value(&line, FORM_SHORT, PENDING_COLS - 4, &view.pending_bytes);
    }
    if (area->cols - line.at >= RATE_COLS + VIEW_HISTORY + 2) {
        line_value(&line, FORM_RATE, RATE_COLS, &view.msgs_per_s);
    }
    if (area->cols - line.at >= VIEW_HISTORY + 2) {
        line_to(&line, area->cols - VIEW_HISTORY - 1);
        line_history(&line, view.history);
    }
}

/* One link in a cell of the packed form. */
static void draw_cell(const struct screen *screen, const struct area *area, int x, int y,
                      size_t index)
{
    struct area cell = area_part(area, x, y, CELL_COLS - 1, 1);
    struct line line = line_begin(&cell, 0);
    struct link_view view;
    struct ui_identity identity = {.is_set = false};
    char text[2 * UI_NAME_BYTES + 4];

    view_link(screen->model, index, &view);
    identity_set(&identity, view.from, view.to);
    if (is_selected(screen, PANEL_LINKS, index, &identity)) {
        line_mark(&line, MARK_SELECTED);
        line_glyph(&line, ROLE_TEXT, GLYPH_CURSOR);
    }
    line_to(&line, 1);
    pair_text(area, &view, text, sizeof(text));
    line_field(&line, ROLE_TEXT, pair_cols(screen, area, 11), text);
    line.at++;
    put_state(&line, &view, view.state == LINK_DOWN);
    if (view.state == LINK_UP) {
        line.at++;
        line_value(&line, FORM_RTT, 0, &view.rtt_ns);
    } else if (view.state == LINK_DEGRADED) {
        line.at++;
        line_tally_of(&line, ROLE_TEXT, view.servers_up, view.servers);
    }
}

/* Links by severity, worst first: order[i] is a link's index; at most room of them. */
static size_t worst_links(const struct model *model, size_t *order, size_t room)
{
    struct link_view view;
    size_t count = 0;

    for (int severity = SEV_CRIT; severity >= SEV_OK; severity--) {
        for (size_t i = 0; i < view_links(model) && count < room; i++) {
            view_link(model, i, &view);
            if (severity_of_link(view.state) == (enum severity)severity) {
                order[count++] = i;
            }
        }
    }
    return count;
}

static void put_more(const struct area *area, int y, size_t more)
{
    struct line line = line_begin(area, y);

    area_fill(area, 0, y, area->cols, 1, ROLE_TEXT);
    line_to(&line, 2);
    line_tally(&line, ROLE_DIM, more);
    line_put(&line, ROLE_DIM, " more links");
}

static void draw_packed(const struct screen *screen, const struct area *area)
{
    size_t order[64];
    int columns = per_row(area->cols);
    size_t all = view_links(screen->model);
    size_t room = (size_t)columns * (size_t)area->rows;
    size_t count;

    room = room > 64 ? 64 : room;
    count = worst_links(screen->model, order, room);
    for (size_t i = 0; i < count; i++) {
        int column = (int)i % columns;
        int y = (int)i / columns;
        draw_cell(screen, area, column * CELL_COLS, y, order[i]);
        if (column > 0) {
            (void)area_put(area, column * CELL_COLS - 1, y, ROLE_RULE, 0,
                           glyph_text(area, GLYPH_BAR));
        }
    }
    if (all > count && area->rows > 1) {
        put_more(area, area->rows - 1, all - count + (size_t)columns);
    } else if (all > count && area->cols > CELL_COLS) {
        struct line line = line_begin(area, 0);
        line_to(&line, columns * CELL_COLS);
        struct link_view last;
        view_link(screen->model, order[count - 1], &last);
        line_put(&line, ROLE_DIM, "+");
        line_tally(&line, ROLE_DIM, all - count);
        line_put(&line, ROLE_DIM, last.state == LINK_UP ? " links OK" : " links");
    }
}

static void draw_list(const struct screen *screen, const struct area *area)
{
    struct link_columns at = {.name_cols = pair_cols(screen, area, area->cols / 3),
                              .state_cols = widest_state(screen)};
    size_t all = view_links(screen->model);
    size_t rows = (size_t)area->rows;
    size_t first = 0;

    if (all > rows) {
        size_t selected = selected_row(screen, PANEL_LINKS);
        first = selected < all && selected > rows / 2 ? selected - rows / 2 : 0;
        first = first > all - rows ? all - rows : first;
    }
    for (size_t i = first; i < all && i < first + rows; i++) {
        draw_row(screen, area, (int)(i - first), i, &at);
    }
    if (all > rows && rows > 1 && first + rows < all) {
        put_more(area, area->rows - 1, all - first - rows + 1);
    }
}

static void links_draw(const struct screen *screen, const struct area *area)
{
    int y = 0;
    struct area list;

    if (!screen->layout.is_tight || screen->state->is_zoomed) {
        struct line line =
            header_begin(screen, area, PANEL_LINKS,
                         area->cols >= 50 && screen->layout.is_wide ? "GATEWAY LINKS" : "LINKS");
        char hint[32];
        bool is_page = screen->state->page == PAGE_LINKS;
        (void)snprintf(hint, sizeof(hint), is_page ? "ESC back" : "%s more",
                       key_hint(screen, ACTION_LINKS));
        header_end(&line, hint);
        y = 1;
    }
    list = area_part(area, 0, y, area->cols, area->rows - y);
    if (view_links(screen->model) == 0) {
        struct line line = line_begin(&list, 0);
        line_put(&line, ROLE_UNKNOWN, " ?  no server has told of its gateways yet");
    } else if (screen->layout.is_wide || screen->state->is_zoomed ||
               screen->state->page == PAGE_LINKS) {
        draw_list(screen, &list);
    } else {
        draw_packed(screen, &list);
    }
}

static size_t links_count(const struct screen *screen)
{
    return view_links(screen->model);
}

static void links_identify(const struct screen *screen, size_t row, struct ui_identity *out)
{
    struct link_view view;

    view_link(screen->model, row, &view);
    identity_set(out, view.from, view.to);
}

const struct panel panel_links = {
    .name = "links",
    .want = links_want,
    .draw = links_draw,
    .count = links_count,
    .identify = links_identify,
    .detail = link_detail,
};
