/*
 * panel_regions.c - the regions with their servers.
 *
 * Why:   the first question is which servers answer, and how the two regions that matter compare.
 * How:   wide: the primary and the standby side by side with a row a server and the clients below;
 *        every further region one row. Narrow: one row a region.
 * Rules: when servers do not all fit, those in trouble are shown and the rest is counted.
 */
#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"

#include "screen.h"

#define MOST_SERVERS 8 /* rows a region takes on the main page */
#define REGIONS_SHOWN 16

/* The two regions that stand side by side: primary, then standby, then as configured. */
static void pick_pair(const struct model *model, size_t pair[2])
{
    struct region_view view;
    size_t count = view_regions(model);

    pair[0] = pair[1] = count;
    for (size_t i = 0; i < count; i++) {
        view_region(model, i, &view);
        if (view.role == ROLE_PRIMARY && pair[0] == count) {
            pair[0] = i;
        } else if (view.role == ROLE_STANDBY && pair[1] == count) {
            pair[1] = i;
        }
    }
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < count && pair[side] == count; i++) {
            if (i != pair[1 - side]) {
                pair[side] = i;
            }
        }
    }
}

static size_t count_servers(const struct model *model, const char *region)
{
    struct server_view view;
    size_t count = 0;

    for (size_t i = 0; i < view_servers(model); i++) {
        view_server(model, i, &view);
        count += text_equal(view.region, region) ? 1 : 0;
    }
    return count;
}

/* Rows that the servers of the taller one of the pair take. */
static int server_rows(const struct screen *screen)
{
    struct region_view view;
    size_t pair[2];
    size_t most = 1;

    pick_pair(screen->model, pair);
    for (size_t side = 0; side < 2; side++) {
        if (pair[side] < view_regions(screen->model)) {
            view_region(screen->model, pair[side], &view);
            size_t servers = count_servers(screen->model, view.name);
            most = servers > most ? servers : most;
        }
    }
    return most > MOST_SERVERS ? MOST_SERVERS : (int)most;
}

static int regions_want(const struct screen *screen, int cols)
{
    int regions = (int)view_regions(screen->model);

    if (screen->state->is_zoomed) {
        return (int)view_servers(screen->model) + 2 * regions + 1;
    }
    if (!screen->layout.is_wide || !layout_is_wide(cols)) {
        return regions + (screen->layout.is_tight ? 0 : 1);
    }
    return 2 + server_rows(screen) + (regions > 2 ? regions - 2 : 0);
}

/* "js leader", "slow 3", "via rg2": what is special about a server. */
static void server_marks(const struct server_view *server, char *out, size_t out_bytes)
{
    char slow[VALUE_TEXT_BYTES] = "";
    bool is_slow =
        server->slow_consumers.trust != TRUST_UNKNOWN && server->slow_consumers.number > 0;

    if (is_slow) {
        (void)value_text(slow, FORM_SHORT, &server->slow_consumers);
    }
    (void)snprintf(
        out, out_bytes, "%s%s%s%s%s%s", is_slow ? "slow " : "", slow,
        is_slow && server->is_meta_leader ? " " : "", server->is_meta_leader ? "js leader" : "",
        server->is_lameduck ? " lame duck" : "", server->is_via_other ? " via other" : "");
}

static void draw_server(const struct screen *screen, const struct area *area, int row,
                        const struct server_view *server, int name_cols, size_t position)
{
    struct line line = line_begin(area, row);
    enum severity severity = severity_of_server(server->state);
    struct ui_identity identity = {.is_set = false};
    char marks[96];

    identity_set(&identity, server->region, server->name);
    if (is_selected(screen, PANEL_REGIONS, position, &identity)) {
        line_mark(&line, MARK_SELECTED);
        line_glyph(&line, ROLE_TEXT, GLYPH_CURSOR);
    }
    line_to(&line, 1);
    line_field(&line, ROLE_TEXT, name_cols, server->name);
    line.at += 2;
    if (server->state == SERVER_UP || server->state == SERVER_STALE) {
        int state_at = line.at;
        line_state(&line, severity, server_word(server->state));
        line_to(&line, state_at + 6);
        line_put(&line, ROLE_LABEL, server->state == SERVER_UP ? "rtt" : " rtt");
        line_value(&line, FORM_RTT, 7, &server->rtt_ns);
        line_put(&line, ROLE_LABEL, "  conns");
        line_value(&line, FORM_SHORT, 6, &server->connections);
        line.at += 2;
        server_marks(server, marks, sizeof(marks));
        bool is_slow = strncmp(marks, "slow", 4) == 0;
        line_field(&line, is_slow ? ROLE_WARN : ROLE_TEXT,
                   line_left(&line) > 9 ? line_left(&line) - 9 : 0, marks);
        line_to(&line, area->cols - 8);
        line_put(&line, ROLE_DIM, "age");
        line_age(&line, ROLE_DIM, 4, server->age_ns);
    } else {
        line_state(&line, severity, server_word(server->state));
        if (server->state != SERVER_UNKNOWN) {
            line.at++;
            line_clock(&line, ROLE_TEXT, server->for_ns);
        }
        line_to(&line, 1 + name_cols + 2 + 16);
        line_put(&line, ROLE_TEXT, "no answer");
        if (server->age_ns >= 0) {
            line_put(&line, ROLE_TEXT, " for ");
            line_age(&line, ROLE_TEXT, 0, server->age_ns);
        }
    }
}

static void put_clients(struct line *line, const struct region_view *region)
{
    line_value(line, FORM_COUNT, 0, &region->clients);
    if (region->clients.trust == TRUST_OK && region->clients_delta_60s != 0) {
        struct value delta = {.number = region->clients_delta_60s, .trust = TRUST_OK};
        line_put(line, ROLE_TEXT, region->clients_delta_60s > 0 ? " +" : " ");
        line_value(line, FORM_COUNT, 0, &delta);
        line_put(line, ROLE_DIM, line_left(line) > 30 ? " in 60s" : "/60s");
    } else if (region->clients.trust == TRUST_STALE || region->clients.trust == TRUST_LAST_KNOWN) {
        line_put(line, ROLE_STALE, " (");
        line_age(line, ROLE_STALE, 0, region->clients.age_ns);
        line_put(line, ROLE_STALE, " old)");
    }
}

static void draw_clients(const struct area *area, int row, const struct region_view *region,
                         int name_cols)
{
    struct line line = line_begin(area, row);
    int state_at;

    line_to(&line, 1);
    line_field(&line, ROLE_TEXT, name_cols, "clients");
    line.at += 2;
    state_at = line.at;
    if (region->clients.trust == TRUST_UNKNOWN) {
        line_state(&line, SEV_UNKNOWN, "nothing heard yet");
        return;
    }
    if (region->clients.trust == TRUST_OK) {
        line_state(&line, SEV_OK, "OK");
    } else {
        line_state(&line, SEV_UNKNOWN, "STALE");
    }
    line_to(&line, state_at + (region->clients.trust == TRUST_OK ? 6 : 10));
    put_clients(&line, region);
}

static int name_width(const struct screen *screen, const char *region, int most)
{
    struct server_view view;
    int width = 7;

    for (size_t i = 0; i < view_servers(screen->model); i++) {
        view_server(screen->model, i, &view);
        if (region == NULL || text_equal(view.region, region)) {
            int cols = grid_text_cols(view.name, screen->root.grid->is_ascii);
            width = cols > width ? cols : width;
        }
    }
    return width > most ? most : width;
}

/* Servers of a region in at most rows rows; in trouble first when they do not fit. */
static void draw_servers(const struct screen *screen, const struct area *area, int y, int rows,
                         const struct region_view *region)
{
    size_t count = count_servers(screen->model, region->name);
    bool is_cut = (int)count > rows;
    int room = is_cut ? rows - 1 : rows;
    int name_cols = name_width(screen, region->name, area->cols / 4);
    int shown = 0;
    struct server_view view;

    for (int pass = is_cut ? 0 : 2; pass < 3 && pass != (is_cut ? 2 : 3); pass++) {
        for (size_t i = 0; i < view_servers(screen->model) && shown < room; i++) {
            view_server(screen->model, i, &view);
            bool is_trouble = view.state != SERVER_UP;
            if (text_equal(view.region, region->name) && (pass == 2 || is_trouble == (pass == 0))) {
                draw_server(screen, area, y + shown, &view, name_cols, i);
                shown++;
            }
        }
    }
    if (is_cut && rows > 0) {
        struct line line = line_begin(area, y + room);
        line_to(&line, 2);
        line_tally(&line, ROLE_DIM, count - (size_t)shown);
        line_put(&line, ROLE_DIM, " more servers (z shows all)");
    }
    if (count == 0 && rows > 0) {
        struct line line = line_begin(area, y);
        line_to(&line, 1);
        line_put(&line, ROLE_UNKNOWN, "?  no server has answered yet");
    }
}

/* "REGION rg1  primary --- !! DOWN 00:38 --" */
static void draw_title(const struct screen *screen, const struct area *area,
                       const struct region_view *region)
{
    char title[UI_NAME_BYTES + 64];
    struct line line;
    struct line end;
    enum severity severity = severity_of_verdict(region->verdict);
    int state_cols;
    char clock[DURATION_TEXT_BYTES] = "";

    (void)snprintf(title, sizeof(title), "REGION %s  %s", region->name,
                   name_of(&names_region_role, region->role));
    line = header_begin(screen, area, PANEL_REGIONS, title);
    line_to(&line, line.at + 1);
    line_rule_to(&line, area->cols);
    state_cols = (int)strlen(verdict_word(region->verdict));
    if (severity != SEV_OK) {
        (void)duration_print_clock(clock, region->for_ns < 0 ? 0 : region->for_ns);
        state_cols += 4 + (int)strlen(clock);
    }
    end = line_begin(area, 0);
    end.at = area->cols - state_cols - 4;
    area_fill(area, end.at, 0, state_cols + 2, 1, ROLE_TEXT);
    end.at++;
    line_state(&end, severity, verdict_word(region->verdict));
    if (severity != SEV_OK) {
        line_put(&end, ROLE_TEXT, " ");
        line_put(&end, ROLE_TEXT, clock);
    }
    line_put(&end, ROLE_TEXT, " ");
}

static void draw_pair_side(const struct screen *screen, const struct area *area, size_t index,
                           int rows)
{
    struct region_view view;

    if (index >= view_regions(screen->model)) {
        struct line line = header_begin(screen, area, PANEL_REGIONS, "REGION ?");
        header_end(&line, "none configured");
        return;
    }
    view_region(screen->model, index, &view);
    draw_title(screen, area, &view);
    draw_servers(screen, area, 1, rows - 2, &view);
    if (rows >= 2) {
        draw_clients(area, rows - 1, &view, name_width(screen, view.name, area->cols / 4));
    }
}

/* A region in one row. */
static void draw_row(const struct screen *screen, const struct area *area, int row, size_t index,
                     int name_cols)
{
    struct line line = line_begin(area, row);
    struct region_view view;
    enum severity severity;
    int at;

    view_region(screen->model, index, &view);
    severity = severity_of_verdict(view.verdict);
    line_to(&line, 1);
    line_field(&line, ROLE_TITLE, name_cols, view.name);
    if (area->cols >= 60) {
        line.at++;
        line_field(&line, ROLE_TEXT, 8, name_of(&names_region_role, view.role));
    }
    line.at++;
    at = line.at;
    line_state(&line, severity, verdict_word(view.verdict));
    if (severity != SEV_OK) {
        line.at++;
        line_clock(&line, ROLE_TEXT, view.for_ns);
    }
    line_to(&line, at + (area->cols >= 60 ? 18 : 17));
    line_put(&line, ROLE_LABEL, area->cols >= 60 ? "servers " : "srv ");
    line_tally_of(&line, ROLE_TEXT, view.servers_up, view.servers);
    line.at += area->cols >= 60 ? 3 : 1;
    line_put(&line, ROLE_LABEL, area->cols >= 60 ? "clients " : "cl ");
    put_clients(&line, &view);
    if (severity != SEV_OK && line_left(&line) > 24) {
        line.at += 3;
        line_field(&line, ROLE_DIM, line_left(&line) - 1, view.reason);
    }
}

static int region_cols(const struct screen *screen)
{
    struct region_view view;
    int width = 3;

    for (size_t i = 0; i < view_regions(screen->model); i++) {
        view_region(screen->model, i, &view);
        int cols = grid_text_cols(view.name, screen->root.grid->is_ascii);
        width = cols > width ? cols : width;
    }
    return width > 16 ? 16 : width;
}

static void draw_wide(const struct screen *screen, const struct area *area)
{
    size_t pair[2];
    size_t count = view_regions(screen->model);
    int further = count > 2 ? (int)count - 2 : 0;
    int rows = area->rows - further < 3 ? (area->rows < 3 ? area->rows : 3) : area->rows - further;
    int split = screen->layout.split;
    struct area left = area_part(area, 0, 0, split, rows);
    struct area right = area_part(area, split + 1, 0, area->cols - split - 1, rows);
    int y = rows;

    pick_pair(screen->model, pair);
    draw_pair_side(screen, &left, pair[0], rows);
    draw_pair_side(screen, &right, pair[1], rows);
    for (int row = 0; row < rows; row++) {
        (void)area_put(area, split, row, ROLE_RULE, 0,
                       glyph_text(area, row == 0 ? GLYPH_CROSS : GLYPH_BAR));
    }
    for (size_t i = 0; i < count; i++) {
        if (i != pair[0] && i != pair[1]) {
            draw_row(screen, area, y++, i, region_cols(screen));
        }
    }
}

/* Every region with all its servers: the zoomed panel. */
static void draw_zoomed(const struct screen *screen, const struct area *area)
{
    struct region_view view;
    size_t selected = selected_row(screen, PANEL_REGIONS);
    int total = (int)view_servers(screen->model) + 2 * (int)view_regions(screen->model);
    int skip = (int)selected + 4 > area->rows && total > area->rows
                   ? (int)selected + 4 - area->rows / 2
                   : 0;
    int y = -skip;

    for (size_t i = 0; i < view_regions(screen->model); i++) {
        view_region(screen->model, i, &view);
        int rows = (int)count_servers(screen->model, view.name);
        struct area part = *area;
        if (y >= 0 && y < area->rows) {
            struct area title = area_part(area, 0, y, area->cols, 1);
            draw_title(screen, &title, &view);
        }
        draw_servers(screen, &part, y + 1, rows < 1 ? 1 : rows, &view);
        y += 1 + (rows < 1 ? 1 : rows);
        draw_clients(&part, y++, &view, name_width(screen, view.name, area->cols / 4));
    }
}

static void regions_draw(const struct screen *screen, const struct area *area)
{
    int y = 0;

    if (screen->state->is_zoomed) {
        draw_zoomed(screen, area);
        return;
    }
    if (screen->layout.is_wide) {
        draw_wide(screen, area);
        return;
    }
    if (!screen->layout.is_tight && area->rows > 2) {
        struct line line = header_begin(screen, area, PANEL_REGIONS, "REGIONS");
        char hint[64];
        (void)snprintf(hint, sizeof(hint), "%s evidence", key_hint(screen, ACTION_EVIDENCE));
        header_end(&line, hint);
        y = 1;
    }
    if (view_regions(screen->model) == 0) {
        struct line line = line_begin(area, y);
        line_put(&line, ROLE_UNKNOWN, " ?  no region is configured");
    }
    /* The worst first when not all fit. */
    for (int severity = SEV_CRIT; severity >= SEV_OK; severity--) {
        bool is_cut = (int)view_regions(screen->model) + (y == 1 && severity == SEV_CRIT ? 1 : 0) >
                      area->rows;
        for (size_t i = 0; i < view_regions(screen->model); i++) {
            struct region_view view;
            view_region(screen->model, i, &view);
            if (!is_cut || severity_of_verdict(view.verdict) == (enum severity)severity) {
                draw_row(screen, area, y++, i, region_cols(screen));
            }
        }
        if (!is_cut) {
            break;
        }
    }
}

static size_t regions_count(const struct screen *screen)
{
    return view_servers(screen->model);
}

static void regions_identify(const struct screen *screen, size_t row, struct ui_identity *out)
{
    struct server_view view;

    view_server(screen->model, row, &view);
    identity_set(out, view.region, view.name);
}

const struct panel panel_regions = {
    .name = "regions",
    .want = regions_want,
    .draw = regions_draw,
    .count = regions_count,
    .identify = regions_identify,
    .detail = server_detail,
};
