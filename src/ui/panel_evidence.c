/*
 * panel_evidence.c - what each region's verdict rests on.
 *
 * Why:   "is it the region or my link?" is the question that decides everything after it.
 * How:   a place: nothing judges named witnesses yet, and the panel says so; until then each region
 *        shows the plain reason of its verdict and whose connection carries its answers.
 */
#include <stdio.h>
#include <string.h>

#include "screen.h"

static int evidence_want(const struct screen *screen, int cols)
{
    (void)cols;
    return 2 + 2 * (int)view_regions(screen->model);
}

/* The reason in whole words, in a second row when there is room for one. Returns the rows used. */
static int draw_reason(const struct area *area, int y, const char *text, int room)
{
    int cols = area->cols - 4;
    bool is_ascii = area->grid->is_ascii;
    struct line line = line_begin(area, y);
    size_t first = words_that_fit(text, cols, is_ascii);
    char part[VIEW_REASON_BYTES];

    line_to(&line, 3);
    if (room < 2 || text[first] == '\0' || first == 0 || first >= sizeof(part)) {
        line_words(&line, ROLE_DIM, cols, text);
        return 1;
    }
    memcpy(part, text, first);
    part[first] = '\0';
    line_put(&line, ROLE_DIM, part);
    line = line_begin(area, y + 1);
    line_to(&line, 3);
    line_words(&line, ROLE_DIM, cols, text + first + 1);
    return 2;
}

/* A region in two rows or, with `spare` rows, three: verdict and way, then its reason. */
static int draw_region(const struct screen *screen, const struct area *area, int y, size_t index,
                       int spare)
{
    struct line line = line_begin(area, y);
    struct region_view view;
    enum severity severity;

    view_region(screen->model, index, &view);
    severity = severity_of_verdict(view.verdict);
    line_to(&line, 1);
    line_field(&line, ROLE_TITLE, 10, view.name);
    line.at++;
    line_state(&line, severity, verdict_word(view.verdict));
    line_to(&line, 24);
    if (view.conn == CONN_UP) {
        line_put(&line, ROLE_TEXT, "my connection UP");
    } else {
        line_printf(&line, ROLE_WARN, "my connection %s", name_of(&names_conn_state, view.conn));
    }
    if (view.via != NULL && strcmp(view.via, view.name) != 0) {
        line_printf(&line, ROLE_WARN, ", asked via %s", view.via);
    }
    return 1 + draw_reason(area, y + 1,
                           view.conn != CONN_UP && view.conn_reason != NULL && severity == SEV_OK
                               ? view.conn_reason
                               : view.reason,
                           1 + spare);
}

static void evidence_draw(const struct screen *screen, const struct area *area)
{
    struct line line =
        header_begin(screen, area, PANEL_EVIDENCE, "EVIDENCE  is it the region or my link?");
    char hint[32];
    int y = 2;

    (void)snprintf(hint, sizeof(hint), "%s more", key_hint(screen, ACTION_EVIDENCE));
    header_end(&line, hint);
    line = line_begin(area, 1);
    line_to(&line, 1);
    line_put(&line, ROLE_UNKNOWN, "?");
    line_put(&line, ROLE_DIM, "  nothing judges witnesses yet; a verdict here rests on:");
    for (size_t i = 0; i < view_regions(screen->model) && y < area->rows; i++) {
        int spare = area->rows - y - 2 * (int)(view_regions(screen->model) - i);
        y += draw_region(screen, area, y, i, spare);
    }
}

const struct panel panel_evidence = {
    .name = "evidence", .want = evidence_want, .draw = evidence_draw};
