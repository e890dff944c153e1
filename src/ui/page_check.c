/*
 * page_check.c - the page of `:check`: would a failover work now?
 *
 * Why:   whoever stands before a failover wants the same answer as `farshore check` gives, without
 *        leaving the screen.
 * How:   draws the report that the app handed over: worst checks first, each with its evidence, its
 *        bad items and what to do.
 * Rules: the report is of one moment; its age stands in the first line. Without one the page says
 *        that it is on its way.
 */
#include <stdio.h>
#include <string.h>

#include "screen.h"

#define ITEMS_SHOWN 8

static enum severity severity_of(enum ready_result result)
{
    switch (result) {
    case READY_GO:
        return SEV_OK;
    case READY_WARN:
        return SEV_WARN;
    case READY_STOP:
        return SEV_CRIT;
    case READY_UNKNOWN:
        break;
    }
    return SEV_UNKNOWN;
}

/* A text in whole words from a column on, over as many rows as it needs; `begun` is the first row
 * when something stands in it already, else NULL. Returns the next row. */
static int put_wrapped(const struct area *area, int y, int column, enum theme_role role,
                       const char *text, struct line *begun)
{
    const char *at = text;
    for (;;) {
        struct line line = begun != NULL ? *begun : line_begin(area, y);
        char part[UI_LINE_BYTES];
        int cols;
        begun = NULL;
        y++;
        line_to(&line, column);
        cols = line_left(&line);
        size_t fits = cols > 0 ? words_that_fit(at, cols, area->grid->is_ascii) : 0;
        if (fits == 0 || fits >= strlen(at) || fits >= sizeof(part)) {
            line_words(&line, role, cols > 0 ? cols : 0, at);
            return y;
        }
        memcpy(part, at, fits);
        part[fits] = '\0';
        line_put(&line, role, part);
        at += fits;
        at += at[0] == ' ' ? 1 : 0;
    }
}

/* Glyph and word of a result; what is well has its word alone. */
static void put_result(struct line *line, enum ready_result result)
{
    line_to(line, 1);
    line_severity(line, severity_of(result));
    line->at++;
    line_field(line, role_of_severity(severity_of(result)), 7,
               name_of(&names_ready_result, result));
}

static int draw_items(const struct area *area, int y, const struct ready_check *check)
{
    char text[UI_LINE_BYTES * 2];
    uint32_t bad = 0;
    for (uint32_t i = 0; i < check->item_count; i++) {
        const struct ready_item *item = &check->items[i];
        if (item->result == READY_GO) {
            continue;
        }
        if (++bad <= ITEMS_SHOWN) {
            (void)snprintf(text, sizeof(text), "%s %s: %s",
                           name_of(&names_ready_result, item->result), item->name, item->text);
            y = put_wrapped(area, y, 6, ROLE_TEXT, text, NULL);
        }
    }
    if (bad > ITEMS_SHOWN) {
        struct line line = line_begin(area, y++);
        line_to(&line, 6);
        line_printf(&line, ROLE_DIM, "and %u more; farshore check --json lists all",
                    bad - ITEMS_SHOWN);
    }
    return y;
}

static int draw_check(const struct area *area, int y, const struct ready_check *check)
{
    struct line line = line_begin(area, y);
    char text[UI_LINE_BYTES];
    put_result(&line, check->result);
    line_to(&line, 12);
    line_field(&line, ROLE_TITLE, 10, check->id);
    y = area->cols < 60 ? put_wrapped(area, y + 1, 4, ROLE_TEXT, check->evidence.text, NULL)
                        : put_wrapped(area, y, 23, ROLE_TEXT, check->evidence.text, &line);
    if (check->result != READY_GO) {
        y = draw_items(area, y, check);
    }
    if (check->remedy.length > 0) {
        (void)snprintf(text, sizeof(text), "do: %s", check->remedy.text);
        y = put_wrapped(area, y, 4, check->result == READY_GO ? ROLE_DIM : ROLE_WARN, text, NULL);
    }
    return y;
}

static int draw_head(const struct screen *screen, const struct area *area, int y)
{
    static const char *const words[] = {
        "a failover would work now",
        "a failover would work, with reservations",
        "whether a failover would work is not known",
        "a failover would not go well now",
    };
    const struct ready_report *report = screen->check.report;
    struct line line = line_begin(area, y);
    enum ready_result worst = report->has_failed ? READY_UNKNOWN : report->worst;
    put_result(&line, worst);
    line_to(&line, 12);
    line_words(&line, ROLE_TITLE, line_left(&line), words[worst]);
    line = line_begin(area, y + 1);
    line_to(&line, 12);
    line_put(&line, ROLE_DIM, "checked ");
    line_age(&line, ROLE_DIM, 0, model_at_ns(screen->model) - report->at_ns);
    line_put(&line, ROLE_DIM, " ago; :check asks again");
    return y + 3;
}

int check_draw(const struct screen *screen, const struct area *area, int scroll)
{
    const struct ready_report *report = screen->check.report;
    struct area body = page_body(area);
    int y = -scroll;

    page_header(screen, area, "CHECK  would a failover work now?");
    if (screen->check.progress != NULL) {
        struct line line = line_begin(&body, y++);
        line_to(&line, 1);
        line_severity(&line, SEV_UNKNOWN);
        line_to(&line, 4);
        line_words(&line, ROLE_TEXT, line_left(&line), screen->check.progress);
        y++;
    }
    if (report == NULL) {
        if (screen->check.progress == NULL) {
            y = put_wrapped(&body, y, 1, ROLE_DIM, "nothing was checked yet; :check asks", NULL);
        }
        return y + scroll + 1;
    }
    y = draw_head(screen, &body, y);
    for (int result = READY_STOP; result >= READY_GO; result--) {
        for (size_t i = 0; i < report->count; i++) {
            if ((int)report->checks[i].result == result) {
                y = draw_check(&body, y, &report->checks[i]);
            }
        }
    }
    return y + scroll + 1;
}
