/*
 * panel_events.c - changes of state, newest first.
 *
 * Why:   what happened in which order is half of every incident.
 * How:   one row a change: time, glyph, text; the full log is a page of the same rows.
 */
#include "panel_events.h"

#include <stdio.h>

#include "farshore/base/duration.h"

#include "screen.h"

void event_row(const struct area *area, int y, const struct change_view *change)
{
    struct line line = line_begin(area, y);
    char clock[DURATION_TEXT_BYTES];

    (void)time_print_clock(clock, change->at_ns);
    line_to(&line, 1);
    line_put(&line, ROLE_DIM, clock);
    line.at += area->cols >= LAYOUT_WIDE_COLS ? 2 : 1;
    line_severity(&line, change->severity);
    line.at++;
    line_field(&line, ROLE_TEXT, area->cols - line.at - 1, change->text);
}

static int events_want(const struct screen *screen, int cols)
{
    size_t count = view_changes(screen->model);

    (void)cols;
    return (screen->layout.is_tight ? 0 : 1) + (count < 5 ? 5 : count > 40 ? 40 : (int)count);
}

static void events_draw(const struct screen *screen, const struct area *area)
{
    size_t count = view_changes(screen->model);
    struct change_view change;
    int y = 0;

    if (area->rows > 1) {
        struct line line = header_begin(screen, area, PANEL_EVENTS, "EVENTS");
        char hint[32];
        (void)snprintf(hint, sizeof(hint), "%s full log", key_hint(screen, ACTION_LOG));
        header_end(&line, hint);
        y = 1;
    }
    for (size_t i = 0; i < count && y < area->rows; i++, y++) {
        view_change(screen->model, i, &change);
        event_row(area, y, &change);
    }
    if (count == 0 && y < area->rows) {
        struct line line = line_begin(area, y);
        line_put(&line, ROLE_DIM, " nothing has changed since the start");
    }
}

const struct panel panel_events = {.name = "events", .want = events_want, .draw = events_draw};
