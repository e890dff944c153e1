/*
 * panel_mirrors.c - the mirrors: how far behind, and what a promotion would lose.
 *
 * Why:   the loss of each stream has to be read before anybody acts.
 * How:   three widths of columns; rows in trouble first; what does not fit folds, the rows without
 *        trouble first, and the last row counts what is folded.
 * Rules: the lag shown is origin minus mirror, never the server's own; every number with its trust.
 */
#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/number.h"

#include "screen.h"

#define ROWS_MOST 512

/* Where the columns stand: right edges of numbers, left edges of texts; 0: not shown. */
struct columns {
    int name_cols;
    int state, lag_end, time_end, contact_end, rate_end, history, loss, loss_cols, read_end;
    int holes_end, server_lag_end, origin, origin_cols;
};

static void row_name(const struct mirror_rows *rows, bool is_full, size_t row, char *out,
                     size_t out_bytes)
{
    (void)snprintf(out, out_bytes, "%s%s%s", is_full ? rows->rows[row].account : "",
                   is_full ? "/" : "", rows->rows[row].stream);
}

/* Columns that the longest name of the first rows takes. */
static int widest_name(const struct screen *screen, bool is_full)
{
    const struct mirror_rows *rows = screen->mirrors;
    char name[2 * UI_NAME_BYTES];
    int width = 0;

    for (size_t i = 0; i < rows->count && i < ROWS_MOST; i++) {
        row_name(rows, is_full, i, name, sizeof(name));
        int cols = grid_text_cols(name, screen->root.grid->is_ascii);
        width = cols > width ? cols : width;
    }
    return width;
}

static void columns_wide(struct columns *out, int cols, int name_cols)
{
    int spare = cols - 120;
    int more = name_cols + 1 - 15;

    more = more < 0 ? 0 : more > 8 + spare / 3 ? 8 + spare / 3 : more;
    more = more > spare && spare < 8 ? (spare < 0 ? 0 : spare + 4) : more;
    out->name_cols = 15 + more;
    out->state = 16 + more;
    out->lag_end = 40 + more;
    out->time_end = 49 + more;
    out->contact_end = 58 + more;
    out->rate_end = 68 + more;
    out->history = 70 + more;
    out->loss = 85 + more;
    out->loss_cols = 24;
    out->read_end = out->loss + out->loss_cols + 4 <= cols ? out->loss + out->loss_cols + 4 : 0;
    if (out->read_end == 0) {
        out->loss_cols = cols - out->loss;
    }
    if (cols - out->read_end >= 24 && out->read_end > 0) {
        out->holes_end = out->read_end + 9;
        out->server_lag_end = out->holes_end + 13;
    }
    if (out->server_lag_end > 0 && cols - out->server_lag_end >= 18) {
        out->origin = out->server_lag_end + 2;
        out->origin_cols = cols - out->origin - 1;
    }
}

static struct columns columns_for(int cols, int name_cols)
{
    struct columns out = {.name_cols = 0};

    if (cols >= 110) {
        columns_wide(&out, cols, name_cols);
    } else if (cols >= 72) {
        int more = name_cols + 1 - 13;
        more = more < 0 ? 0 : more > cols - 80 + 4 ? (cols > 76 ? cols - 80 + 4 : 0) : more;
        out.name_cols = 13 + more;
        out.state = 14 + more;
        out.lag_end = 38 + more;
        out.time_end = 45 + more;
        out.contact_end = 53 + more;
        out.loss = 55 + more;
        out.loss_cols = cols - out.loss;
    } else if (cols >= 36) {
        out.name_cols = cols >= 52 ? 18 : 13;
        out.state = out.name_cols + 2;
        out.lag_end = out.state + 13 + 9;
        out.time_end = cols >= out.lag_end + 8 ? out.lag_end + 8 : 0;
    } else {
        out.name_cols = cols > 20 ? cols - 15 : cols > 15 ? cols - 15 : 3;
        out.state = out.name_cols + 2;
    }
    return out;
}

static bool is_all_last_known(const struct mirror_rows *rows)
{
    return rows->states[MIRROR_LAST_KNOWN] > 0 &&
           rows->states[MIRROR_LAST_KNOWN] + rows->states[MIRROR_UNKNOWN] == rows->all;
}

static void put_at(const struct area *area, int y, int x, const char *text)
{
    struct line line = line_begin(area, y);

    line_to(&line, x);
    line_put(&line, ROLE_HEAD, text);
}

static void put_ending(const struct area *area, int y, int end, const char *text)
{
    if (end > 0) {
        put_at(area, y, end - (int)strlen(text), text);
    }
}

static void draw_heads(const struct screen *screen, const struct area *area, int y,
                       const struct columns *at)
{
    bool is_last = is_all_last_known(screen->mirrors);
    bool is_wide = at->history > 0;

    put_at(area, y, 1, "STREAM");
    put_at(area, y, at->state, is_last ? "AT LAST CONTACT" : "STATE");
    put_ending(area, y, at->lag_end, at->loss > 0 ? "LAG msgs" : "LAG");
    put_ending(area, y, at->time_end, is_wide ? "LAG time" : "LAG t");
    put_ending(area, y, at->contact_end, "CONTACT");
    put_ending(area, y, at->rate_end, is_last ? "RATE THEN" : "RATE");
    if (is_wide) {
        put_at(area, y, at->history, "LAG LAST 60s");
    }
    if (at->loss > 0) {
        put_at(area, y, at->loss, is_wide ? "IF PROMOTED NOW" : "IF PROMOTED");
    }
    put_ending(area, y, at->read_end, "READ");
    put_ending(area, y, at->holes_end, "HOLES");
    put_ending(area, y, at->server_lag_end, "SERVER SAYS");
    if (at->origin > 0) {
        put_at(area, y, at->origin, "ORIGIN");
    }
}

enum theme_role loss_text(const struct mirror_view *view, char *out, size_t out_bytes)
{
    char low[NUMBER_TEXT_BYTES];
    char high[NUMBER_TEXT_BYTES] = "?";
    char grows[NUMBER_TEXT_BYTES + 8] = "";
    char holes[NUMBER_TEXT_BYTES + 16] = "";
    size_t used;

    if (view->holes.trust != TRUST_UNKNOWN && view->holes.number > 0) {
        (void)snprintf(holes, sizeof(holes), ", ");
        used = number_print_grouped(holes + 2, view->holes.number) + 2;
        (void)snprintf(holes + used, sizeof(holes) - used, " HOLES");
    }
    if (!view->loss.is_known) {
        (void)snprintf(out, out_bytes, "loss UNKNOWN%s", holes);
        return ROLE_UNKNOWN;
    }
    (void)number_print_grouped(low, view->loss.low);
    if (view->loss.high >= 0) {
        (void)number_print_grouped(high, view->loss.high);
    }
    if (view->loss.is_growing && view->loss.growing_per_s > 0) {
        (void)snprintf(grows, sizeof(grows), " +");
        (void)number_print_short(grows + 2, view->loss.growing_per_s);
        (void)strcat(grows, "/s");
    }
    (void)snprintf(out, out_bytes, "lose %s..%s%s%s", low, high, holes,
                   view->state == MIRROR_CAUGHT_UP ? "" : grows);
    return view->loss.low > 0 && view->state != MIRROR_CAUGHT_UP ? ROLE_TITLE : ROLE_TEXT;
}

static void put_value_ending(struct line *line, int end, enum value_form form,
                             const struct value *value, int width)
{
    if (end > 0) {
        line->at = end - width;
        line_value(line, form, width, value);
    }
}

static void draw_lag_time(struct line *line, int end, const struct mirror_view *view)
{
    char text[VALUE_TEXT_BYTES + 1] = ">";
    enum theme_role role = value_text(text + 1, FORM_LAG, &view->lag_ns);

    line->at = end - 8;
    line_field_right(line, role, 8, view->is_lag_at_least ? text : text + 1);
}

static void draw_row(const struct screen *screen, const struct area *area, int y, size_t row,
                     const struct columns *at, bool is_full)
{
    struct line line = line_begin(area, y);
    struct ui_identity identity = {.is_set = false};
    struct mirror_view view;
    char text[2 * UI_NAME_BYTES];
    enum theme_role role;

    view_mirror(screen->model, screen->mirrors->rows[row].index, &view);
    identity_set(&identity, view.account, view.stream);
    if (is_selected(screen, PANEL_MIRRORS, row, &identity)) {
        line_mark(&line, MARK_SELECTED);
        line_glyph(&line, ROLE_TEXT, GLYPH_CURSOR);
    }
    line_to(&line, 1);
    row_name(screen->mirrors, is_full, row, text, sizeof(text));
    line_field(&line, ROLE_TEXT, at->name_cols - 1, text);
    line.at = at->state;
    line_severity(&line, severity_of_mirror(view.state));
    line.at++;
    line_put(&line, role_of_severity(severity_of_mirror(view.state)),
             name_of(&names_mirror_state, view.state));
    put_value_ending(&line, at->lag_end, FORM_COUNT, &view.lag_msgs, 9);
    if (at->time_end > 0) {
        draw_lag_time(&line, at->time_end, &view);
    }
    if (at->contact_end > 0) {
        struct value contact = view.contact_ns;
        line.at = at->contact_end - 7;
        if (contact.trust == TRUST_UNKNOWN) {
            line_field_right(&line, ROLE_NO_VALUE, 7, "never");
        } else {
            line_value(&line, FORM_AGE, 7, &contact);
        }
    }
    put_value_ending(&line, at->rate_end, FORM_RATE, &view.rate_per_s, 9);
    if (at->history > 0) {
        line.at = at->history;
        line_history(&line, view.history);
    }
    if (at->loss > 0) {
        role = loss_text(&view, text, sizeof(text));
        line.at = at->loss;
        line_field(&line, role, at->loss_cols, text);
    }
    if (at->read_end > 0) {
        line.at = at->read_end - 5;
        line_age(&line, ROLE_DIM, 5, view.msgs.trust == TRUST_UNKNOWN ? -1 : view.msgs.age_ns);
    }
    put_value_ending(&line, at->holes_end, FORM_COUNT, &view.holes, 8);
    put_value_ending(&line, at->server_lag_end, FORM_COUNT, &view.server_lag, 9);
    if (at->origin > 0) {
        (void)snprintf(text, sizeof(text), "%s%s%s", view.origin == NULL ? "?" : view.origin,
                       view.origin_region == NULL ? "" : " in ",
                       view.origin_region == NULL ? "" : view.origin_region);
        line.at = at->origin;
        line_field(&line, ROLE_DIM, at->origin_cols, text);
    }
}

/* Choose the rows to show: positions in the order; returns how many. */
static size_t choose(const struct screen *screen, size_t room, size_t *out)
{
    const struct mirror_rows *rows = screen->mirrors;
    size_t selected = rows->selected;
    bool is_chosen = screen->state->selected[PANEL_MIRRORS].is_set && selected < rows->count;
    size_t trouble = rows->trouble < room ? rows->trouble : room;
    size_t fine = room - trouble;
    size_t count = 0;
    bool has_selected = false;

    for (size_t i = 0; i < rows->count && count < room; i++) {
        size_t *left = rows->rows[i].is_trouble ? &trouble : &fine;
        if (*left > 0) {
            (*left)--;
            has_selected = has_selected || i == selected;
            out[count++] = i;
        }
    }
    if (is_chosen && !has_selected && count > 0) {
        out[count - 1] = selected;
    }
    return count;
}

static size_t choose_window(const struct screen *screen, size_t room, size_t *out)
{
    const struct mirror_rows *rows = screen->mirrors;
    size_t selected = rows->selected;
    size_t first = selected < rows->count && selected > room / 2 ? selected - room / 2 : 0;

    first = first + room > rows->count ? rows->count - room : first;
    for (size_t i = 0; i < room; i++) {
        out[i] = first + i;
    }
    return room;
}

static void draw_fold(const struct screen *screen, const struct area *area, int y,
                      const size_t *shown, size_t count)
{
    const struct mirror_rows *rows = screen->mirrors;
    size_t hidden = rows->count - count;
    size_t trouble = rows->trouble;
    struct line line = line_begin(area, y);
    const char *key = key_hint(screen, ACTION_UNFOLD);

    for (size_t i = 0; i < count; i++) {
        trouble -= rows->rows[shown[i]].is_trouble ? 1 : 0;
    }
    line_to(&line, 2);
    line_tally(&line, ROLE_TEXT, hidden);
    if (trouble > 0) {
        line_put(&line, ROLE_TEXT, " more, ");
        line_tally(&line, ROLE_WARN, trouble);
        line_printf(&line, ROLE_WARN, " in trouble");
        line_printf(&line, ROLE_DIM, " (%s unfolds)", key);
    } else if (area->cols >= LAYOUT_WIDE_COLS) {
        line_printf(&line, ROLE_DIM,
                    " more CAUGHT UP (rows without trouble fold first when the list does not fit; "
                    "%s unfolds)",
                    key);
    } else {
        line_printf(&line, ROLE_DIM, " more CAUGHT UP (folded, %s unfolds)", key);
    }
}

static void draw_rows(const struct screen *screen, const struct area *area)
{
    const struct mirror_rows *rows = screen->mirrors;
    size_t shown[ROWS_MOST];
    size_t room = area->rows > ROWS_MOST ? ROWS_MOST : (size_t)area->rows;
    bool is_full = rows->has_accounts;
    struct columns at = columns_for(area->cols, widest_name(screen, is_full));
    bool is_cut = rows->count > room;
    bool has_fold = is_cut && !screen->state->is_unfolded && room > 1;
    size_t count;
    int y = 0;

    if (area->rows >= 3 || (size_t)area->rows > rows->count) {
        draw_heads(screen, area, y++, &at);
        room--;
        is_cut = rows->count > room;
        has_fold = is_cut && !screen->state->is_unfolded && room > 1;
    }
    if (!is_cut) {
        count = choose(screen, rows->count, shown);
    } else if (has_fold) {
        count = choose(screen, room - 1, shown);
    } else {
        count = choose_window(screen, room, shown);
    }
    for (size_t i = 0; i < count; i++) {
        draw_row(screen, area, y++, shown[i], &at, is_full);
    }
    if (has_fold) {
        draw_fold(screen, area, y, shown, count);
    }
    if (rows->count == 0) {
        struct line line = line_begin(area, y);
        line_put(&line, rows->has_failed ? ROLE_WARN : ROLE_UNKNOWN,
                 rows->has_failed ? " !  out of memory: the mirrors cannot be listed"
                 : rows->all > 0  ? " no mirror matches the filter (ESC drops it)"
                                  : " ?  no mirror is known yet");
    }
}

/* The slowest pace of the streams' questions; 0 when none is slowed. */
static int64_t slowest_ns(const struct model *model)
{
    struct region_view view;
    int64_t slowest = 0;

    for (size_t i = 0; i < view_regions(model); i++) {
        view_region(model, i, &view);
        if (view.is_slowed && view.streams_interval_ns > slowest) {
            slowest = view.streams_interval_ns;
        }
    }
    return slowest;
}

static void draw_title(const struct screen *screen, const struct area *area)
{
    const struct mirror_rows *rows = screen->mirrors;
    const char *region = rows->region;
    int64_t slowest = slowest_ns(screen->model);
    bool is_wide = area->cols >= LAYOUT_WIDE_COLS;
    char text[UI_NAME_BYTES + UI_LINE_BYTES + 32];
    struct line line;

    (void)snprintf(text, sizeof(text), is_wide && region != NULL ? "MIRRORS in %s" : "MIRRORS%s%s",
                   region == NULL ? ""
                   : is_wide      ? region
                                  : " ",
                   region == NULL ? "" : region);
    line = header_begin(screen, area, PANEL_MIRRORS, text);
    line.at += is_wide ? 2 : 1;
    line_tally(&line, ROLE_TEXT, rows->count);
    line_put(&line, ROLE_TEXT, is_wide ? " of " : "/");
    line_tally(&line, ROLE_TEXT, rows->all);
    if (is_wide) {
        line_printf(&line, ROLE_TEXT, "   sort: %s", sort_name(screen->state->sort));
    }
    if (screen->state->filter[0] != '\0') {
        line_printf(&line, ROLE_WARN, "  filter: %.40s", screen->state->filter);
    }
    if (slowest > 0) {
        (void)duration_print_age(text, slowest);
        line_printf(&line, ROLE_WARN, is_wide ? "  streams every %s" : "  every %s", text);
    }
    if (is_all_last_known(rows)) {
        line_put(&line, ROLE_WARN,
                 is_wide && line_left(&line) > 75
                     ? "   (origin unreachable: every lag below is LAST KNOWN)"
                     : ", lag is LAST KNOWN");
    }
    (void)snprintf(text, sizeof(text), "%s filter  %s sort", key_hint(screen, ACTION_FILTER),
                   key_hint(screen, ACTION_SORT));
    header_end(&line, text);
}

static int mirrors_want(const struct screen *screen, int cols)
{
    int count = screen->mirrors->count > ROWS_MOST ? ROWS_MOST : (int)screen->mirrors->count;

    (void)cols;
    return 2 + (count < 1 ? 1 : count);
}

static void mirrors_draw(const struct screen *screen, const struct area *area)
{
    struct area list = area_part(area, 0, 1, area->cols, area->rows - 1);

    draw_title(screen, area);
    if (list.rows > 0) {
        draw_rows(screen, &list);
    }
}

static size_t mirrors_count(const struct screen *screen)
{
    return screen->mirrors->count;
}

static void mirrors_identify(const struct screen *screen, size_t row, struct ui_identity *out)
{
    identity_set(out, screen->mirrors->rows[row].account, screen->mirrors->rows[row].stream);
}

const struct panel panel_mirrors = {
    .name = "mirrors",
    .want = mirrors_want,
    .draw = mirrors_draw,
    .count = mirrors_count,
    .identify = mirrors_identify,
    .detail = mirror_detail,
};
