/*
 * prompt.c - the line after `:` and `/`: editing, history, completion.
 *
 * How:   a byte buffer whose cursor always stands between characters; completion replaces the word
 *        under way by the next candidate that begins with what was typed.
 * Rules: pasted text is cleaned; a line break in it becomes a blank, so that it can never run.
 * See:   tests/unit/ui/test_sizes.c
 */
#include <string.h>

#include "farshore/base/text.h"

#include "ui_impl.h"

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static void prompt_set(struct ui_prompt *prompt, const char *text)
{
    text_copy(prompt->text, sizeof(prompt->text), text);
    prompt->count = strlen(prompt->text);
    prompt->cursor = prompt->count;
}

/* The filter follows the typing. */
static void prompt_changed(struct ui *ui)
{
    struct ui_prompt *prompt = &ui->state.prompt;

    prompt->complete_index = 0;
    if (prompt->kind == PROMPT_FILTER) {
        text_copy(ui->state.filter, sizeof(ui->state.filter), prompt->text);
    }
}

void prompt_open(struct ui *ui, enum ui_prompt_kind kind)
{
    memset(&ui->state.prompt, 0, sizeof(ui->state.prompt));
    ui->state.prompt.kind = kind;
    if (kind == PROMPT_FILTER) {
        prompt_set(&ui->state.prompt, ui->state.filter);
    }
}

static void prompt_close(struct ui *ui)
{
    memset(&ui->state.prompt, 0, sizeof(ui->state.prompt));
}

void prompt_insert(struct ui *ui, const char *text, size_t count)
{
    struct ui_prompt *prompt = &ui->state.prompt;

    if (prompt->count + count + 1 > sizeof(prompt->text)) {
        ui_say(ui, SEV_WARN, "the line is full");
        return;
    }
    memmove(prompt->text + prompt->cursor + count, prompt->text + prompt->cursor,
            prompt->count - prompt->cursor + 1);
    memcpy(prompt->text + prompt->cursor, text, count);
    prompt->cursor += count;
    prompt->count += count;
    prompt_changed(ui);
}

void prompt_key(struct ui *ui, const char *key)
{
    size_t count = strlen(key);
    uint32_t codepoint;

    if (strcmp(key, "<Space>") == 0) {
        prompt_insert(ui, " ", 1);
    } else if (strcmp(key, "<Hash>") == 0) {
        prompt_insert(ui, "#", 1);
    } else if (strcmp(key, "<Lt>") == 0) {
        prompt_insert(ui, "<", 1);
    } else if (text_decode(key, count, &codepoint) == count && count > 0) {
        prompt_insert(ui, key, count);
    }
}

/* Remove the bytes [from, to). */
static void prompt_cut(struct ui *ui, size_t from, size_t to)
{
    struct ui_prompt *prompt = &ui->state.prompt;

    memmove(prompt->text + from, prompt->text + to, prompt->count - to + 1);
    prompt->count -= to - from;
    prompt->cursor = from;
    prompt_changed(ui);
}

static size_t char_before(const struct ui_prompt *prompt)
{
    size_t at = prompt->cursor;

    while (at > 0) {
        at--;
        if (!is_continuation(prompt->text[at])) {
            break;
        }
    }
    return at;
}

static size_t char_after(const struct ui_prompt *prompt)
{
    size_t at = prompt->cursor;

    if (at < prompt->count) {
        at++;
        while (at < prompt->count && is_continuation(prompt->text[at])) {
            at++;
        }
    }
    return at;
}

static size_t word_before(const struct ui_prompt *prompt)
{
    size_t at = prompt->cursor;

    while (at > 0 && prompt->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && prompt->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void history_add(struct ui *ui, const char *line)
{
    if (line[0] == '\0' || (ui->history_count > 0 && strcmp(ui->history[0], line) == 0)) {
        return;
    }
    memmove(ui->history[1], ui->history[0], sizeof(ui->history) - sizeof(ui->history[0]));
    text_copy(ui->history[0], sizeof(ui->history[0]), line);
    ui->history_count += ui->history_count < UI_HISTORY ? 1 : 0;
}

static void history_move(struct ui *ui, bool is_back)
{
    struct ui_prompt *prompt = &ui->state.prompt;

    if (prompt->kind != PROMPT_COMMAND) {
        return;
    }
    if (is_back && prompt->history_at < ui->history_count) {
        if (prompt->history_at == 0) {
            text_copy(prompt->pending, sizeof(prompt->pending), prompt->text);
        }
        prompt->history_at++;
    } else if (!is_back && prompt->history_at > 0) {
        prompt->history_at--;
    } else {
        return;
    }
    prompt_set(prompt,
               prompt->history_at == 0 ? prompt->pending : ui->history[prompt->history_at - 1]);
    prompt_changed(ui);
}

/* The n-th command or action whose name begins with stem; NULL after the last. */
static const char *command_candidate(const struct ui *ui, const char *stem, size_t n)
{
    size_t count = strlen(stem);

    for (size_t i = 0; i < ui->command_count; i++) {
        if (strncmp(ui->commands[i].name, stem, count) == 0 && n-- == 0) {
            return ui->commands[i].name;
        }
    }
    for (int i = ACTION_NONE + 1; i < ACTIONS; i++) {
        const struct action_info *info = action_info((enum action)i);
        if (info->class != ACTION_TEXT && strncmp(info->name, stem, count) == 0 && n-- == 0) {
            return info->name;
        }
    }
    return NULL;
}

/* The n-th argument that begins with stem, for the command that the line begins with. */
static const char *argument_candidate(const struct ui *ui, const char *line, const char *stem,
                                      size_t n)
{
    size_t count = strlen(stem);
    size_t word = strcspn(line, " ");
    const char *candidate;

    if (word == 4 && strncmp(line, "sort", 4) == 0) {
        for (int i = 0; i < UI_SORTS; i++) {
            candidate = sort_name((enum ui_sort)i);
            if (strncmp(candidate, stem, count) == 0 && n-- == 0) {
                return candidate;
            }
        }
        return NULL;
    }
    for (size_t i = 0; i < ui->command_count; i++) {
        const struct ui_command *command = &ui->commands[i];
        if (strlen(command->name) != word || strncmp(command->name, line, word) != 0 ||
            command->complete == NULL) {
            continue;
        }
        for (size_t k = 0; k < 10000; k++) {
            candidate = command->complete(ui->requests.context, line, k);
            if (candidate == NULL) {
                return NULL;
            }
            if (strncmp(candidate, stem, count) == 0 && n-- == 0) {
                return candidate;
            }
        }
    }
    return NULL;
}

static const char *prompt_candidate(const struct ui *ui, size_t n)
{
    const struct ui_prompt *prompt = &ui->state.prompt;
    char line[UI_LINE_BYTES];

    if (prompt->complete_from == 0) {
        return command_candidate(ui, prompt->complete_stem, n);
    }
    memcpy(line, prompt->text, prompt->complete_from);
    text_copy(line + prompt->complete_from, sizeof(line) - prompt->complete_from,
              prompt->complete_stem);
    return argument_candidate(ui, line, prompt->complete_stem, n);
}

/* Put the candidate in place of the word; index 0 is the word as typed. */
static void complete_show(struct ui *ui, size_t index)
{
    struct ui_prompt *prompt = &ui->state.prompt;
    const char *candidate = index == 0 ? prompt->complete_stem : prompt_candidate(ui, index - 1);
    char text[UI_LINE_BYTES];

    if (candidate == NULL) {
        index = 0;
        candidate = prompt->complete_stem;
    }
    text_copy(text, sizeof(text), candidate);
    if (prompt->complete_from + strlen(text) + 1 > sizeof(prompt->text)) {
        return;
    }
    strcpy(prompt->text + prompt->complete_from, text);
    prompt->count = prompt->cursor = strlen(prompt->text);
    prompt->complete_index = index;
}

static void prompt_complete(struct ui *ui, bool is_back)
{
    struct ui_prompt *prompt = &ui->state.prompt;
    size_t index = prompt->complete_index;
    size_t last = 0;

    if (prompt->kind != PROMPT_COMMAND || prompt->cursor != prompt->count) {
        return;
    }
    if (index == 0) {
        size_t from = prompt->count;
        while (from > 0 && prompt->text[from - 1] != ' ') {
            from--;
        }
        prompt->complete_from = from;
        text_copy(prompt->complete_stem, sizeof(prompt->complete_stem), prompt->text + from);
        if (prompt_candidate(ui, 0) == NULL) {
            ui_say(ui, SEV_INFO, "nothing completes this");
            return;
        }
    }
    if (is_back && index == 0) {
        while (prompt_candidate(ui, last) != NULL) {
            last++;
        }
        complete_show(ui, last);
    } else {
        complete_show(ui, is_back ? index - 1 : index + 1);
    }
    /* The only candidate: it is done, go on with the next word. */
    if (index == 0 && prompt_candidate(ui, 1) == NULL) {
        prompt_insert(ui, " ", 1);
    }
}

static void prompt_accept(struct ui *ui)
{
    enum ui_prompt_kind kind = ui->state.prompt.kind;
    char line[UI_LINE_BYTES];

    text_copy(line, sizeof(line), ui->state.prompt.text);
    prompt_close(ui);
    if (kind == PROMPT_COMMAND) {
        history_add(ui, line);
        ui_run_line(ui, ui->model, line);
    }
}

void prompt_act(struct ui *ui, enum action action)
{
    struct ui_prompt *prompt = &ui->state.prompt;

    if (action == ACTION_ACCEPT) {
        prompt_accept(ui);
    } else if (action == ACTION_CANCEL) {
        if (prompt->kind == PROMPT_FILTER) {
            ui->state.filter[0] = '\0';
        }
        prompt_close(ui);
    } else if (action == ACTION_COMPLETE || action == ACTION_COMPLETE_PREV) {
        prompt_complete(ui, action == ACTION_COMPLETE_PREV);
    } else if (action == ACTION_HISTORY_PREV || action == ACTION_HISTORY_NEXT) {
        history_move(ui, action == ACTION_HISTORY_PREV);
    } else if (action == ACTION_CHAR_PREV) {
        prompt->cursor = char_before(prompt);
    } else if (action == ACTION_CHAR_NEXT) {
        prompt->cursor = char_after(prompt);
    } else if (action == ACTION_LINE_START) {
        prompt->cursor = 0;
    } else if (action == ACTION_LINE_END) {
        prompt->cursor = prompt->count;
    } else if (action == ACTION_DELETE_PREV) {
        if (prompt->count == 0) {
            prompt_close(ui); /* backspace on an empty line leaves, as in vi */
        } else {
            prompt_cut(ui, char_before(prompt), prompt->cursor);
        }
    } else if (action == ACTION_DELETE_NEXT) {
        size_t cursor = prompt->cursor;
        prompt_cut(ui, cursor, char_after(prompt));
    } else if (action == ACTION_DELETE_WORD) {
        prompt_cut(ui, word_before(prompt), prompt->cursor);
    } else if (action == ACTION_DELETE_LINE) {
        prompt_cut(ui, 0, prompt->count);
    }
}
