/*
 * keymap.h - which key means what, from line files: `bind <table> <key> <action>`.
 *
 * Actions and their classes are a table in C; a keymap can move a key and never change what an
 * action may do. Keys are looked up in the table of what is open, then in `generic`. Bad lines are
 * reported with file:line and the nearest valid name, and skipped. Pure functions over text.
 */
#ifndef FARSHORE_UI_KEYMAP_H
#define FARSHORE_UI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/ui/problems.h"

enum keymap_table {
    KEYS_GENERIC,
    KEYS_MAIN,
    KEYS_PAGE,
    KEYS_POPUP,
    KEYS_PROMPT,
    KEYMAP_TABLES
};

enum action_class {
    ACTION_VIEW,  /* changes what is shown */
    ACTION_MOVE,  /* moves in it */
    ACTION_TEXT,  /* edits a prompt's line */
    ACTION_MARK,  /* writes into the recording */
    ACTION_DANGER /* opens the form of something that changes the world */
};

enum action {
    ACTION_NONE,
    ACTION_HELP,
    ACTION_COMMAND,
    ACTION_FILTER,
    ACTION_PANEL_NEXT,
    ACTION_PANEL_PREV,
    ACTION_DETAIL,
    ACTION_BACK,
    ACTION_ZOOM,
    ACTION_SORT,
    ACTION_UNFOLD,
    ACTION_EVIDENCE,
    ACTION_LINKS,
    ACTION_DNS,
    ACTION_LOG,
    ACTION_YANK,
    ACTION_REDRAW,
    ACTION_SUSPEND,
    ACTION_QUIT,
    ACTION_ROW_UP,
    ACTION_ROW_DOWN,
    ACTION_PAGE_UP,
    ACTION_PAGE_DOWN,
    ACTION_FIRST,
    ACTION_LAST,
    ACTION_MARK_NOTE,
    ACTION_LOOK_BACK,
    ACTION_GO_TO_TIME,
    ACTION_ARM,
    ACTION_FENCE,
    ACTION_UNFENCE,
    ACTION_PROMOTE,
    ACTION_FAILOVER,
    ACTION_SWITCHOVER,
    ACTION_FLIP_DNS,
    ACTION_ACCEPT,
    ACTION_CANCEL,
    ACTION_COMPLETE,
    ACTION_COMPLETE_PREV,
    ACTION_HISTORY_PREV,
    ACTION_HISTORY_NEXT,
    ACTION_CHAR_PREV,
    ACTION_CHAR_NEXT,
    ACTION_LINE_START,
    ACTION_LINE_END,
    ACTION_DELETE_PREV,
    ACTION_DELETE_NEXT,
    ACTION_DELETE_WORD,
    ACTION_DELETE_LINE,
    ACTIONS,
};

struct action_info {
    const char *name; /* in keymaps, help and the `:` prompt */
    const char *word; /* in the key bar; NULL: not there */
    enum action_class class;
    bool is_there;    /* false: `help` says what it will be, `absent` why it is not */
    const char *help; /* one line */
    const char *absent;
};

const struct action_info *action_info(enum action action);

/* The action of that name; ACTION_NONE when there is none. */
enum action action_by_name(const char *name);

#define KEY_NAME_BYTES 16
#define KEYMAP_BINDINGS 256

struct key_binding {
    enum keymap_table table;
    enum action action;
    char key[KEY_NAME_BYTES];
};

struct keymap {
    size_t count;
    struct key_binding bindings[KEYMAP_BINDINGS];
};

/* The built-in keys: the same text as keymaps/default.keys. */
void keymap_init(struct keymap *keymap);

/*
 * Read a keymap's lines over what it already binds; as theme_parse().
 *
 * Returns   ST_OK, or ST_INVALID when there was any problem (the good lines hold).
 */
enum fs_status keymap_parse(struct keymap *keymap, const char *name, const char *text, size_t count,
                            struct problems *problems);

/* What a key means in a table, generic included; ACTION_NONE unbound. */
enum action keymap_lookup(const struct keymap *keymap, enum keymap_table table, const char *key);

/* A key that means action in that table (or generic); NULL when none does. */
const char *keymap_key_for(const struct keymap *keymap, enum keymap_table table,
                           enum action action);

const char *keymap_table_name(enum keymap_table table);

/* Is this how a key is written: one printable character, or a name in angle brackets? */
bool key_is_valid(const char *key);

#endif
