/*
 * screen.h - everything that draws: what a drawing may read, and the table of panels.
 *
 * A panel is one file panel_x.c and one entry in panels.c. It reads the screen it is given and the
 * model's views, and draws into its area; it keeps nothing.
 */
#ifndef FARSHORE_UI_PRIVATE_SCREEN_H
#define FARSHORE_UI_PRIVATE_SCREEN_H

#include "farshore/core/view.h"
#include "farshore/ui/ui.h"

#include "draw.h"
#include "grid.h"
#include "layout.h"
#include "rows.h"
#include "state.h"

/* One drawing: f(model, state, top, size, theme). */
struct screen {
    struct area root;
    const struct model *model;
    const struct ui_state *state;
    const struct ui_top *top;
    struct ui_check check;
    const struct keymap *keymap;
    const struct ui_command *commands;
    size_t command_count;
    const struct mirror_rows *mirrors; /* filtered and sorted */
    struct session_view session;
    struct layout layout;
};

struct panel {
    const char *name;
    /* Rows that it would like at that width, header included. */
    int (*want)(const struct screen *screen, int cols);
    void (*draw)(const struct screen *screen, const struct area *area);
    /* Selectable rows in the order shown; NULL: none. */
    size_t (*count)(const struct screen *screen);
    void (*identify)(const struct screen *screen, size_t row, struct ui_identity *out);
    /* The lines of the detail popup for an identity; returns how many (drawing clips). */
    int (*detail)(const struct screen *screen, const struct area *area, int scroll,
                  const struct ui_identity *identity);
};

extern const struct panel panel_regions;
extern const struct panel panel_evidence;
extern const struct panel panel_links;
extern const struct panel panel_dns;
extern const struct panel panel_mirrors;
extern const struct panel panel_events;

const struct panel *panel_by_id(enum ui_panel panel);

/* Draw the whole screen into root's grid. */
void screen_draw(struct screen *screen);

/* Rows of the open page or popup beyond what its area shows: the largest sensible scroll. */
int screen_max_scroll(struct screen *screen);

/* Pieces. */
void top_draw(const struct screen *screen);
void keys_draw(const struct screen *screen);
int help_draw(const struct screen *screen, const struct area *area, int scroll);
int page_draw(const struct screen *screen, const struct area *area, int scroll);
int check_draw(const struct screen *screen, const struct area *area, int scroll);

/* A page's header row in place of a panel's, with the way back on the right; and what is below. */
void page_header(const struct screen *screen, const struct area *area, const char *title);
struct area page_body(const struct area *area);

/* The window's title: "!! rg1 DOWN 00:38". */
void top_title(const struct model *model, char *out, size_t out_bytes);

/* "-- TITLE text ---------- hint --" in the first row; panel's focus shows in the title. */
struct line header_begin(const struct screen *screen, const struct area *area, enum ui_panel panel,
                         const char *title);
void header_end(struct line *line, const char *hint);

/* Is this row the selected one of the panel? row counts from 0; the first is when none is chosen.
 */
bool is_selected(const struct screen *screen, enum ui_panel panel, size_t row,
                 const struct ui_identity *identity);

void identity_set(struct ui_identity *out, const char *group, const char *name);
bool identity_equal(const struct ui_identity *a, const struct ui_identity *b);

/* The row of the selected identity in its panel; count() when it is not there. */
size_t selected_row(const struct screen *screen, enum ui_panel panel);

/* The key that means an action now, as help and hints print it; "" when unbound. */
const char *key_hint(const struct screen *screen, enum action action);

/* A key as people read it: "<Enter>" as "ENTER", "<Ctrl-l>" as "^L". */
void key_pretty(const char *key, char *out, size_t out_bytes);

/* A line of a detail popup: label in a column, then value. Returns where to put the value. */
struct line detail_line(const struct area *area, int row, const char *label);

/* The lines of the detail popups; each returns how many there are. */
int server_detail(const struct screen *screen, const struct area *area, int scroll,
                  const struct ui_identity *identity);
int link_detail(const struct screen *screen, const struct area *area, int scroll,
                const struct ui_identity *identity);
int mirror_detail(const struct screen *screen, const struct area *area, int scroll,
                  const struct ui_identity *identity);

/* "lose 1,204..1,814": what a promotion now would lose. Returns the role to show it in. */
enum theme_role loss_text(const struct mirror_view *view, char *out, size_t out_bytes);

/* Words of states as the screens spell them: "OK" for what is well. */
const char *server_word(enum server_state state);
const char *link_word(enum link_state state);
const char *verdict_word(enum verdict verdict);

/* Glyph and word of a state in its role; what is well has no glyph, as in the screens. */
void line_state(struct line *line, enum severity severity, const char *word);

#endif
