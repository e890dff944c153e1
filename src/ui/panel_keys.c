/*
 * panel_keys.c - the last line: keys, a message, or the prompt.
 *
 * How:   the prompt when one is open, else the message until the next key, else the keys that are
 *        bound now, as many as fit.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "farshore/base/text.h"

#include "screen.h"

void key_pretty(const char *key, char *out, size_t out_bytes)
{
    size_t count = strlen(key);

    if (strncmp(key, "<Ctrl-", 6) == 0) {
        (void)snprintf(out, out_bytes, "^%c",
                       key[6] >= 'a' && key[6] <= 'z' ? key[6] - 32 : key[6]);
    } else if (count > 2 && key[0] == '<') {
        size_t used = 0;
        for (size_t i = 1; i + 1 < count && used + 1 < out_bytes; i++) {
            out[used++] = key[i] >= 'a' && key[i] <= 'z' ? (char)(key[i] - 32) : key[i];
        }
        out[used] = '\0';
    } else {
        text_copy(out, out_bytes, key);
    }
}

static void draw_keys(const struct screen *screen, struct line *line)
{
    static const enum action main_actions[] = {
        ACTION_HELP, ACTION_COMMAND, ACTION_FILTER, ACTION_PANEL_NEXT, ACTION_DETAIL,
        ACTION_SORT, ACTION_UNFOLD,  ACTION_ZOOM,   ACTION_EVIDENCE,   ACTION_LINKS,
        ACTION_DNS,  ACTION_LOG,     ACTION_YANK,   ACTION_BACK,       ACTION_QUIT,
    };
    static const int ranks[] = {0, 1, 4, 3, 3, 6, 7, 5, 8, 8, 9, 7, 9, 1, 1};
    enum keymap_table table = screen->state->page == PAGE_MAIN ? KEYS_MAIN : KEYS_PAGE;
    struct segment parts[16];
    size_t count = sizeof(main_actions) / sizeof(main_actions[0]);
    char key[KEY_NAME_BYTES];

    for (size_t i = 0; i < count; i++) {
        const char *bound = keymap_key_for(screen->keymap, table, main_actions[i]);
        const char *word = action_info(main_actions[i])->word;
        parts[i].role = ROLE_KEY_TEXT;
        parts[i].rank = ranks[i];
        parts[i].text[0] = '\0';
        if (bound != NULL && word != NULL && table == KEYS_PAGE && main_actions[i] == ACTION_QUIT) {
            continue; /* on a page the way back is what matters */
        }
        if (table == KEYS_MAIN && main_actions[i] == ACTION_BACK) {
            continue;
        }
        if (bound != NULL && word != NULL) {
            key_pretty(bound, key, sizeof(key));
            (void)snprintf(parts[i].text, sizeof(parts[i].text), "%s%s%s", key,
                           strlen(key) > 1 || isalnum((unsigned char)key[0]) ? " " : "", word);
        }
    }
    line->at = 1;
    line_segments(line, parts, (int)count, screen->root.cols >= LAYOUT_WIDE_COLS ? 2 : 1);
}

/* The text with its cursor as an underlined cell; it scrolls so that the cursor is seen. */
static void draw_prompt(const struct screen *screen, struct line *line)
{
    const struct ui_prompt *prompt = &screen->state->prompt;
    char before[UI_LINE_BYTES];
    char under[8] = " ";
    size_t under_bytes = 0;
    uint32_t codepoint;
    int room;
    int cols;

    line_put(line, ROLE_PROMPT, prompt->kind == PROMPT_FILTER ? "/" : ":");
    memcpy(before, prompt->text, prompt->cursor);
    before[prompt->cursor] = '\0';
    if (prompt->cursor < prompt->count) {
        under_bytes =
            text_decode(prompt->text + prompt->cursor, prompt->count - prompt->cursor, &codepoint);
        memcpy(under, prompt->text + prompt->cursor, under_bytes);
        under[under_bytes] = '\0';
    }
    room = screen->root.cols - line->at - 3;
    cols = grid_text_cols(before, screen->root.grid->is_ascii);
    struct line text = *line;
    text.area.x += line->at;
    text.area.cols = room + 2 > 0 ? room + 2 : 0;
    text.at = cols > room ? room - cols : 0;
    line_put(&text, ROLE_TEXT, before);
    text.marks = MARK_SELECTED;
    line_put(&text, ROLE_TEXT, under);
    text.marks = 0;
    line_put(&text, ROLE_TEXT, prompt->text + prompt->cursor + under_bytes);
    if (prompt->kind == PROMPT_COMMAND && prompt->count == 0) {
        line_to(&text, 4);
        line_put(&text, ROLE_DIM, "TAB completes, ENTER runs, ESC leaves");
    } else if (prompt->kind == PROMPT_FILTER && prompt->count == 0) {
        line_to(&text, 4);
        line_put(&text, ROLE_DIM, "part of a mirror's name or account; ENTER keeps, ESC drops it");
    }
}

void keys_draw(const struct screen *screen)
{
    int row = screen->root.rows - 1;
    bool has_room = screen->layout.has_keys || screen->root.rows >= 4;
    bool has_prompt = screen->state->prompt.kind != PROMPT_NONE;
    bool has_flash = screen->state->flash[0] != '\0';
    struct line line = line_begin(&screen->root, row);

    if (!has_room || !(has_prompt || has_flash || screen->layout.has_keys)) {
        return;
    }
    area_fill(&screen->root, 0, row, screen->root.cols, 1, ROLE_TEXT);
    if (has_prompt) {
        draw_prompt(screen, &line);
    } else if (has_flash) {
        line_severity(&line, screen->state->flash_severity);
        line.at++;
        line_field(&line, ROLE_TEXT, screen->root.cols - line.at, screen->state->flash);
    } else {
        draw_keys(screen, &line);
    }
}
