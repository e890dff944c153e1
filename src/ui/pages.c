/*
 * pages.c - what fills the whole body: help, the full log, evidence, links, DNS.
 *
 * How:   each page draws its lines from the scroll on and returns how many it has.
 * Rules: help is generated from the live key tables, so that it cannot lie.
 */
#include <stdio.h>
#include <string.h>

#include "panel_events.h"
#include "screen.h"

void page_header(const struct screen *screen, const struct area *area, const char *title)
{
    struct line line = line_begin(area, 0);
    const char *key = keymap_key_for(screen->keymap, KEYS_PAGE, ACTION_BACK);
    char pretty[KEY_NAME_BYTES];
    char hint[48];

    line_rule_to(&line, 2);
    line_to(&line, 3);
    line_put(&line, ROLE_TITLE, title);
    key_pretty(key == NULL ? "" : key, pretty, sizeof(pretty));
    (void)snprintf(hint, sizeof(hint), "%s back", pretty);
    header_end(&line, hint);
}

struct area page_body(const struct area *area)
{
    return area_part(area, 0, 1, area->cols, area->rows - 1);
}

/* All keys of an action in a table, joined by blanks. */
static void keys_of(const struct keymap *keymap, enum keymap_table table, enum action action,
                    char *out, size_t out_bytes)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < keymap->count; i++) {
        const struct key_binding *binding = &keymap->bindings[i];
        if (binding->table == table && binding->action == action && used < out_bytes) {
            int more =
                snprintf(out + used, out_bytes - used, "%s%s", used == 0 ? "" : " ", binding->key);
            used += more > 0 ? (size_t)more : 0;
        }
    }
}

static int help_table(const struct screen *screen, const struct area *area, int y,
                      enum keymap_table table)
{
    static const char *const titles[KEYMAP_TABLES] = {
        [KEYS_GENERIC] = "EVERYWHERE",
        [KEYS_MAIN] = "ON THE MAIN PAGE",
        [KEYS_PAGE] = "ON OTHER PAGES",
        [KEYS_POPUP] = "IN POPUPS",
        [KEYS_PROMPT] = "WHILE TYPING AFTER : OR /",
    };
    struct line line = line_begin(area, y++);
    char keys[96];

    line_to(&line, 1);
    line_put(&line, ROLE_TITLE, titles[table]);
    for (int i = ACTION_NONE + 1; i < ACTIONS; i++) {
        const struct action_info *info = action_info((enum action)i);
        keys_of(screen->keymap, table, (enum action)i, keys, sizeof(keys));
        if (keys[0] == '\0') {
            continue;
        }
        line = line_begin(area, y++);
        line_to(&line, 2);
        line_field(&line, ROLE_KEY, 18, keys);
        line.at++;
        line_field(&line, info->is_there ? ROLE_TEXT : ROLE_DIM, 14, info->name);
        line_put(&line, info->is_there ? ROLE_TEXT : ROLE_DIM, info->help);
        if (!info->is_there) {
            line_put(&line, ROLE_DIM, " (not in this version)");
        }
    }
    return y + 1;
}

static int help_commands(const struct screen *screen, const struct area *area, int y)
{
    struct line line = line_begin(area, y++);

    line_to(&line, 1);
    line_put(&line, ROLE_TITLE, "COMMANDS");
    line_put(&line, ROLE_DIM, "  after : ; every action above is one too, by its name");
    for (size_t i = 0; i < screen->command_count; i++) {
        line = line_begin(area, y++);
        line_to(&line, 2);
        line_field(&line, ROLE_KEY, 18, screen->commands[i].name);
        line.at++;
        line_put(&line, ROLE_TEXT, screen->commands[i].help);
    }
    return y + 1;
}

static int help_legend(const struct area *area, int y)
{
    static const struct {
        enum severity severity;
        const char *text;
    } glyphs[] = {
        {SEV_CRIT, "act now"},
        {SEV_WARN, "watch"},
        {SEV_UNKNOWN, "unknown: nothing is known, which is not the same as well"},
        {SEV_INFO, "news"},
        {SEV_OK, "checked and well (also as the word OK)"},
    };
    static const char *const lines[] = {
        "~1,204   stale or last known: no longer measured, see its age",
        "-        unknown: never measured",
        "LAG      origin's last sequence minus the mirror's; never the server's own figure",
        "lose a..b  at least a messages, at most b, if promoted now",
        "HOLES    messages the mirror lacks beside its lag",
    };
    struct line line = line_begin(area, y++);

    line_to(&line, 1);
    line_put(&line, ROLE_TITLE, "SIGNS");
    for (size_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++) {
        line = line_begin(area, y++);
        line_to(&line, 2);
        line_severity(&line, glyphs[i].severity);
        line_to(&line, 11);
        line_put(&line, ROLE_TEXT, glyphs[i].text);
    }
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        line = line_begin(area, y++);
        line_to(&line, 2);
        line_put(&line, ROLE_TEXT, lines[i]);
    }
    return y + 1;
}

int help_draw(const struct screen *screen, const struct area *area, int scroll)
{
    struct area body = page_body(area);
    int y = -scroll;

    page_header(screen, area, "HELP  from the keys that are bound now");
    y = help_table(screen, &body, y, KEYS_MAIN);
    y = help_table(screen, &body, y, KEYS_GENERIC);
    y = help_legend(&body, y);
    y = help_commands(screen, &body, y);
    y = help_table(screen, &body, y, KEYS_PAGE);
    y = help_table(screen, &body, y, KEYS_POPUP);
    y = help_table(screen, &body, y, KEYS_PROMPT);
    return y + scroll;
}

static int log_draw(const struct screen *screen, const struct area *area, int scroll)
{
    struct area body = page_body(area);
    size_t count = view_changes(screen->model);
    struct change_view change;

    page_header(screen, area, "LOG  every change of state, the newest first");
    for (int y = 0; y < body.rows && (size_t)y + (size_t)scroll < count; y++) {
        view_change(screen->model, (size_t)y + (size_t)scroll, &change);
        event_row(&body, y, &change);
    }
    return (int)count + 1;
}

static int evidence_region(const struct screen *screen, const struct area *area, int y,
                           size_t index)
{
    struct region_view view;
    struct line line;

    view_region(screen->model, index, &view);
    line = line_begin(area, y++);
    line_to(&line, 1);
    line_field(&line, ROLE_TITLE, 12, view.name);
    line_put(&line, ROLE_TEXT, " ");
    line_state(&line, severity_of_verdict(view.verdict), verdict_word(view.verdict));
    line_put(&line, ROLE_TEXT, " for ");
    line_clock(&line, ROLE_TEXT, view.for_ns);
    line = detail_line(area, y++, "  rests on");
    line_put(&line, ROLE_TEXT, view.reason);
    line = detail_line(area, y++, "  my connection");
    line_put(&line, view.conn == CONN_UP ? ROLE_TEXT : ROLE_WARN,
             name_of(&names_conn_state, view.conn));
    if (view.conn_reason != NULL) {
        line_printf(&line, ROLE_WARN, ": %s", view.conn_reason);
    }
    line = detail_line(area, y++, "  answers come by");
    line_put(&line, view.via == NULL ? ROLE_UNKNOWN : ROLE_TEXT,
             view.via == NULL ? "? nobody's connection" : view.via);
    line = detail_line(area, y++, "  servers up");
    line_tally_of(&line, ROLE_TEXT, view.servers_up, view.servers);
    return y + 1;
}

static int evidence_draw(const struct screen *screen, const struct area *area, int scroll)
{
    struct area body = page_body(area);
    int y = -scroll;
    struct line line;

    page_header(screen, area, "EVIDENCE  is it the region or my link?");
    line = line_begin(&body, y++);
    line_put(&line, ROLE_UNKNOWN, " ?");
    line_put(&line, ROLE_DIM,
             "  No witness is judged by name yet. Until then a region's verdict rests on its");
    line = line_begin(&body, y++);
    line_put(&line, ROLE_DIM, "    servers' answers and the other regions' gateways, as below.");
    y++;
    for (size_t i = 0; i < view_regions(screen->model); i++) {
        y = evidence_region(screen, &body, y, i);
    }
    return y + scroll;
}

static int dns_draw(const struct screen *screen, const struct area *area, int scroll)
{
    static const char *const lines[] = {
        " ?  Who serves users now is unknown: this console does not ask DNS yet.",
        "",
        "    Here will stand each configured record, what its provider holds, what every",
        "    resolver answers, and how long old answers may live on.",
    };
    struct area body = page_body(area);

    page_header(screen, area, "DNS  who serves users now");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct line line = line_begin(&body, (int)i - scroll);
        line_put(&line, i == 0 ? ROLE_UNKNOWN : ROLE_DIM, lines[i]);
    }
    return 1 + (int)(sizeof(lines) / sizeof(lines[0]));
}

int page_draw(const struct screen *screen, const struct area *area, int scroll)
{
    switch (screen->state->page) {
    case PAGE_MAIN:
    case PAGE_HELP:
        break;
    case PAGE_EVIDENCE:
        return evidence_draw(screen, area, scroll);
    case PAGE_LINKS:
        panel_links.draw(screen, area);
        return area->rows;
    case PAGE_DNS:
        return dns_draw(screen, area, scroll);
    case PAGE_LOG:
        return log_draw(screen, area, scroll);
    case PAGE_CHECK:
        return check_draw(screen, area, scroll);
    }
    return 0;
}
