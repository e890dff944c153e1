/*
 * details.c - every field of one row, each with its age: the popups behind ENTER.
 *
 * How:   a sink that writes one labelled line after another; lines above the scroll or below the
 *        area are counted and clipped.
 */
#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"

#include "screen.h"

/* Where the next line goes; rows counts them all. */
struct detail {
    const struct area *area;
    int scroll;
    int rows;
};

static struct line detail_next(struct detail *detail, const char *label)
{
    int row = detail->rows++ - detail->scroll;

    return detail_line(detail->area, row < 0 ? -1 : row, label);
}

static void detail_text(struct detail *detail, const char *label, const char *text)
{
    struct line line = detail_next(detail, label);

    line_put(&line, text == NULL ? ROLE_NO_VALUE : ROLE_TEXT, text == NULL ? "-" : text);
}

static void detail_value(struct detail *detail, const char *label, enum value_form form,
                         const struct value *value)
{
    struct line line = detail_next(detail, label);

    line_value(&line, form, 16, value);
    if (value->trust != TRUST_UNKNOWN) {
        line_put(&line, ROLE_DIM, "   ");
        line_age(&line, ROLE_DIM, 0, value->age_ns);
        line_put(&line, ROLE_DIM, " old");
    }
    if (value->trust != TRUST_OK) {
        line_printf(&line, ROLE_STALE, "  %s", name_of(&names_trust, value->trust));
    }
}

static void detail_age(struct detail *detail, const char *label, int64_t age_ns)
{
    struct line line = detail_next(detail, label);

    line_age(&line, ROLE_TEXT, 0, age_ns);
}

static void detail_state(struct detail *detail, enum severity severity, const char *word,
                         int64_t for_ns, int64_t since_at_ns)
{
    struct line line = detail_next(detail, "state");
    char since[DURATION_TEXT_BYTES];

    line_state(&line, severity, word);
    line_put(&line, ROLE_TEXT, " for ");
    line_clock(&line, ROLE_TEXT, for_ns);
    if (since_at_ns > 0) {
        (void)time_print_iso(since, since_at_ns);
        line_printf(&line, ROLE_DIM, "  since %s", since);
    }
}

static int detail_gone(struct detail *detail)
{
    struct line line = detail_next(detail, "");

    line.at = 1;
    line_put(&line, ROLE_UNKNOWN, "?  no longer known (ESC closes)");
    return detail->rows;
}

int server_detail(const struct screen *screen, const struct area *area, int scroll,
                  const struct ui_identity *identity)
{
    struct detail detail = {.area = area, .scroll = scroll};
    struct server_view view;
    bool is_found = false;

    for (size_t i = 0; i < view_servers(screen->model) && !is_found; i++) {
        view_server(screen->model, i, &view);
        is_found =
            text_equal(view.name, identity->name) && text_equal(view.region, identity->group);
    }
    if (!is_found) {
        return detail_gone(&detail);
    }
    detail_state(&detail, severity_of_server(view.state), server_word(view.state), view.for_ns,
                 view.since_at_ns);
    detail_age(&detail, "last answer", view.age_ns);
    detail_text(&detail, "region", view.region);
    detail_text(&detail, "version", view.version);
    detail_text(&detail, "host", view.host);
    detail_value(&detail, "round trip", FORM_RTT, &view.rtt_ns);
    detail_value(&detail, "connections", FORM_COUNT, &view.connections);
    detail_value(&detail, "slow consumers", FORM_COUNT, &view.slow_consumers);
    detail_value(&detail, "cpu", FORM_CPU, &view.cpu_milli_pct);
    detail_value(&detail, "memory", FORM_BYTES, &view.mem_bytes);
    detail_text(&detail, "meta leader", view.is_meta_leader ? "yes" : "no");
    detail_text(&detail, "lame duck", view.is_lameduck ? "yes: it is about to stop" : "no");
    detail_text(&detail, "answers",
                view.is_via_other ? "through another region only" : "over its own connection");
    return detail.rows;
}

int link_detail(const struct screen *screen, const struct area *area, int scroll,
                const struct ui_identity *identity)
{
    struct detail detail = {.area = area, .scroll = scroll};
    struct link_view view;
    struct line line;
    bool is_found = false;

    for (size_t i = 0; i < view_links(screen->model) && !is_found; i++) {
        view_link(screen->model, i, &view);
        is_found = text_equal(view.from, identity->group) && text_equal(view.to, identity->name);
    }
    if (!is_found) {
        return detail_gone(&detail);
    }
    detail_state(&detail, severity_of_link(view.state), link_word(view.state), view.for_ns,
                 view.since_at_ns);
    line = detail_next(&detail, "outbounds");
    line_tally_of(&line, ROLE_TEXT, view.servers_up, view.servers);
    line_put(&line, ROLE_TEXT, " answering servers have one; ");
    line_tally(&line, ROLE_TEXT, view.servers_known);
    line_put(&line, ROLE_TEXT, " known");
    detail_value(&detail, "round trip", FORM_RTT, &view.rtt_ns);
    detail_value(&detail, "sent", FORM_RATE, &view.msgs_per_s);
    detail_value(&detail, "pending", FORM_BYTES, &view.pending_bytes);
    line = detail_next(&detail, "last 60s");
    line_history(&line, view.history);
    line_put(&line, ROLE_DIM, "  each 5s, the oldest first");
    return detail.rows;
}

static void mirror_numbers(struct detail *detail, const struct mirror_view *view)
{
    struct line line;

    detail_value(detail, "lag", FORM_COUNT, &view->lag_msgs);
    detail_value(detail, view->is_lag_at_least ? "lag time, least" : "lag time", FORM_LAG,
                 &view->lag_ns);
    detail_value(detail, "last contact", FORM_AGE, &view->contact_ns);
    detail_value(detail, "origin writes", FORM_RATE, &view->rate_per_s);
    detail_value(detail, "holes", FORM_COUNT, &view->holes);
    detail_value(detail, "messages", FORM_COUNT, &view->msgs);
    detail_value(detail, "last sequence", FORM_COUNT, &view->last_seq);
    detail_value(detail, "origin's last", FORM_COUNT, &view->origin_last_seq);
    detail_value(detail, "server says lag", FORM_COUNT, &view->server_lag);
    line = detail_next(detail, "");
    line_put(&line, ROLE_DIM, "(frozen by the server when the origin dies: never the lag above)");
}

int mirror_detail(const struct screen *screen, const struct area *area, int scroll,
                  const struct ui_identity *identity)
{
    struct detail detail = {.area = area, .scroll = scroll};
    struct mirror_view view;
    char text[160];
    struct line line;
    bool is_found = false;

    for (size_t i = 0; i < view_mirrors(screen->model) && !is_found; i++) {
        view_mirror(screen->model, i, &view);
        is_found =
            text_equal(view.stream, identity->name) && text_equal(view.account, identity->group);
    }
    if (!is_found) {
        return detail_gone(&detail);
    }
    detail_state(&detail, severity_of_mirror(view.state), name_of(&names_mirror_state, view.state),
                 view.for_ns, view.since_at_ns);
    line = detail_next(&detail, "if promoted now");
    enum theme_role role = loss_text(&view, text, sizeof(text));
    line_put(&line, role, text);
    if (view.loss.sample_age_ns >= 0) {
        line_put(&line, ROLE_DIM, "   origin sampled ");
        line_age(&line, ROLE_DIM, 0, view.loss.sample_age_ns);
        line_put(&line, ROLE_DIM, " ago");
    }
    detail_text(&detail, "stream", view.stream);
    detail_text(&detail, "account", view.account);
    detail_text(&detail, "region", view.region);
    (void)snprintf(text, sizeof(text), "%s in %s", view.origin == NULL ? "?" : view.origin,
                   view.origin_region == NULL ? "? (not seen)" : view.origin_region);
    detail_text(&detail, "origin", text);
    mirror_numbers(&detail, &view);
    line = detail_next(&detail, "lag, last 60s");
    line_history(&line, view.history);
    line_put(&line, ROLE_DIM, "  each 5s, the oldest first; 9 = the most");
    detail_text(&detail, "server's error", view.error);
    return detail.rows;
}
