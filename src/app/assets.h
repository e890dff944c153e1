/*
 * assets.h - themes and keymaps by name or path.
 *
 * A name is looked for in $XDG_CONFIG_HOME/farshore/<kind>, the installed share folder, and the
 * source tree when the program runs from its build; "default" is built in as a last resort.
 */
#ifndef FARSHORE_APP_ASSETS_H
#define FARSHORE_APP_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/base/err.h"
#include "farshore/ui/keymap.h"
#include "farshore/ui/theme.h"

#define ASSET_PATH_BYTES 4096

enum asset_kind {
    ASSET_THEME,
    ASSET_KEYMAP
};

/* The n-th folder that is looked into, from 0; false after the last. */
bool asset_folder(enum asset_kind kind, size_t n, char *out, size_t out_bytes);

/*
 * Load over the built-in one.
 *
 * name      a name, or a path when it holds a '/' or ends with .theme or .keys.
 * path      receives what was read, or "built in"; ASSET_PATH_BYTES.
 * Returns   ST_OK; ST_INVALID with bad lines in problems (the rest holds); ST_NOT_FOUND or ST_IO,
 *           then it is the built-in one.
 */
enum fs_status asset_load_theme(const char *name, struct theme *theme, char *path,
                                struct problems *problems, struct err *err);
enum fs_status asset_load_keymap(const char *name, struct keymap *keymap, char *path,
                                 struct problems *problems, struct err *err);

/* The n-th name that can be loaded, for completion; false after the last. */
bool asset_name(enum asset_kind kind, size_t n, char *out, size_t out_bytes);

#endif
