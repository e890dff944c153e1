/*
 * keymap.c - the lines that bind keys, and looking keys up.
 *
 * Why:   hands differ; what an action may do does not.
 * How:   a flat list of (table, key, action); a later line replaces an earlier one.
 * Rules: keys are names as input.c makes them; Ctrl keys know no case.
 * See:   tests/unit/ui/test_theme.c
 */
#include "farshore/ui/keymap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/base/text.h"

#include "builtin_keys.h"
#include "linefile.h"

static const char *const table_names[KEYMAP_TABLES] = {
    [KEYS_GENERIC] = "generic", [KEYS_MAIN] = "main",     [KEYS_PAGE] = "page",
    [KEYS_POPUP] = "popup",     [KEYS_PROMPT] = "prompt",
};

static const char *const key_names[] = {
    "<Enter>", "<Esc>",  "<Tab>",  "<S-Tab>", "<Space>", "<Backspace>", "<Delete>", "<Insert>",
    "<Up>",    "<Down>", "<Left>", "<Right>", "<Home>",  "<End>",       "<PgUp>",   "<PgDn>",
    "<Hash>",  "<Lt>",   "<F1>",   "<F2>",    "<F3>",    "<F4>",        "<F5>",     "<F6>",
    "<F7>",    "<F8>",   "<F9>",   "<F10>",   "<F11>",   "<F12>",
};
#define KEY_NAMES (sizeof(key_names) / sizeof(key_names[0]))

const char *keymap_table_name(enum keymap_table table)
{
    return table < KEYMAP_TABLES ? table_names[table] : "?";
}

bool key_is_valid(const char *key)
{
    size_t count = strlen(key);
    uint32_t codepoint;

    if (count == 0 || count >= KEY_NAME_BYTES || !text_is_clean(key, count)) {
        return false;
    }
    if (text_decode(key, count, &codepoint) == count) {
        return codepoint != ' ' && codepoint != '#' && codepoint != '<';
    }
    for (size_t i = 0; i < KEY_NAMES; i++) {
        if (strcmp(key, key_names[i]) == 0) {
            return true;
        }
    }
    if (strncmp(key, "<Ctrl-", 6) == 0) {
        return count == 8 && key[7] == '>' && key[6] > ' ' && key[6] < 0x7f;
    }
    if (strncmp(key, "<Alt-", 5) == 0) {
        return count == 7 && key[6] == '>' && key[5] > ' ' && key[5] < 0x7f;
    }
    return false;
}

static struct key_binding *find_binding(struct keymap *keymap, enum keymap_table table,
                                        const char *key)
{
    for (size_t i = 0; i < keymap->count; i++) {
        struct key_binding *binding = &keymap->bindings[i];
        if (binding->table == table && strcmp(binding->key, key) == 0) {
            return binding;
        }
    }
    return NULL;
}

/* Ctrl keys know no case: <Ctrl-L> is <Ctrl-l>. */
static void normalise_key(char *key)
{
    if (strncmp(key, "<Ctrl-", 6) == 0) {
        key[6] = (char)tolower((unsigned char)key[6]);
    }
}

static void unknown_action(struct linefile *file, const char *word)
{
    const char *names[ACTIONS];

    for (int i = 0; i < ACTIONS; i++) {
        names[i] = action_info((enum action)i)->name;
    }
    linefile_unknown(file, "action", word, names, ACTIONS);
}

/* May this action stand in this table? Editing words only make sense in a prompt, and only they. */
static bool check_class(struct linefile *file, enum keymap_table table, enum action action)
{
    bool is_text = action_info(action)->class == ACTION_TEXT;

    if (action == ACTION_NONE || action == ACTION_REDRAW || is_text == (table == KEYS_PROMPT)) {
        return true;
    }
    linefile_problem(file, "action \"%s\" does not belong into table \"%s\"",
                     action_info(action)->name, table_names[table]);
    return false;
}

static void parse_bind_line(struct keymap *keymap, struct linefile *file)
{
    struct key_binding *binding;
    enum action action;
    size_t table = 0;
    char *key = file->word[2];

    if (file->words != 4) {
        linefile_problem(file, "expected: bind <table> <key> <action>");
        return;
    }
    while (table < KEYMAP_TABLES && strcmp(file->word[1], table_names[table]) != 0) {
        table++;
    }
    if (table == KEYMAP_TABLES) {
        linefile_unknown(file, "table", file->word[1], table_names, KEYMAP_TABLES);
        return;
    }
    if (!key_is_valid(key)) {
        linefile_unknown(file, "key", key, key_names, KEY_NAMES);
        return;
    }
    normalise_key(key);
    action = action_by_name(file->word[3]);
    if (action == ACTION_NONE && strcmp(file->word[3], "none") != 0) {
        unknown_action(file, file->word[3]);
        return;
    }
    if (!check_class(file, (enum keymap_table)table, action)) {
        return;
    }
    binding = find_binding(keymap, (enum keymap_table)table, key);
    if (binding == NULL && keymap->count == KEYMAP_BINDINGS) {
        linefile_problem(file, "more than %d keys are bound", KEYMAP_BINDINGS);
        return;
    }
    if (binding == NULL) {
        binding = &keymap->bindings[keymap->count++];
        binding->table = (enum keymap_table)table;
        text_copy(binding->key, sizeof(binding->key), key);
    }
    binding->action = action;
}

enum fs_status keymap_parse(struct keymap *keymap, const char *name, const char *text, size_t count,
                            struct problems *problems)
{
    static const char *const commands[] = {"bind"};
    struct linefile file;

    linefile_begin(&file, name, text, count, problems);
    while (linefile_next(&file)) {
        if (strcmp(file.word[0], "bind") == 0) {
            parse_bind_line(keymap, &file);
        } else {
            linefile_unknown(&file, "command", file.word[0], commands, 1);
        }
    }
    return file.has_problem ? ST_INVALID : ST_OK;
}

void keymap_init(struct keymap *keymap)
{
    enum fs_status status;

    memset(keymap, 0, sizeof(*keymap));
    status =
        keymap_parse(keymap, "built-in", (const char *)builtin_keys, sizeof(builtin_keys), NULL);
    FS_ASSERT(status == ST_OK);
}

enum action keymap_lookup(const struct keymap *keymap, enum keymap_table table, const char *key)
{
    enum action generic = ACTION_NONE;

    for (size_t i = 0; i < keymap->count; i++) {
        const struct key_binding *binding = &keymap->bindings[i];
        if (strcmp(binding->key, key) != 0) {
            continue;
        }
        if (binding->table == table) {
            return binding->action;
        }
        if (binding->table == KEYS_GENERIC && table != KEYS_PROMPT) {
            generic = binding->action;
        }
    }
    return generic;
}

const char *keymap_key_for(const struct keymap *keymap, enum keymap_table table, enum action action)
{
    for (size_t i = 0; i < keymap->count; i++) {
        const struct key_binding *binding = &keymap->bindings[i];
        bool is_seen =
            binding->table == table || (binding->table == KEYS_GENERIC && table != KEYS_PROMPT);
        if (binding->action == action && is_seen &&
            keymap_lookup(keymap, table, binding->key) == action) {
            return binding->key;
        }
    }
    return NULL;
}
