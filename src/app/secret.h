/*
 * secret.h - fetch a secret from where the configuration says, late, and forget it soon.
 *
 * Nothing is fetched before a login is used; nothing fetched is printed, logged or recorded. The
 * first fetch turns core files off for this process (prctl), so that no dump holds it.
 */
#ifndef FARSHORE_APP_SECRET_H
#define FARSHORE_APP_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "config_login.h"
#include "farshore/base/err.h"

#define SECRET_MAX_BYTES (64 * 1024)

/*
 * Fetch the text of a secret.
 *
 * config_path  relative *_file paths and commands start from its folder; NULL: from the current
 *              folder.
 * text         set on ST_OK to a NUL-terminated copy without its last line feeds; give it to
 *              secret_forget(). NULL for SECRET_NONE.
 * cancel_fd    a command is killed, and ST_AGAIN given back, once this can be read; -1: never.
 *
 * Returns  ST_OK, ST_NOT_FOUND (no such file or variable), ST_REFUSED (a file that others can
 *          read), ST_INVALID (empty, too long or not one line where it must be), ST_TIMEOUT (the
 *          command took over 10 s), ST_IO. err names the source, never the secret.
 * Thread   any; may wait as long as a command runs, so not the loop thread.
 */
enum fs_status secret_fetch(const struct config_secret *secret, const char *config_path,
                            int cancel_fd, char **text, struct err *err);

/* Wipe and free; NULL is fine. */
void secret_forget(char *text);

/* The path of a *_file as it will be opened: "~/" and relative paths worked out. */
bool secret_path(const char *path, const char *config_path, char *out, size_t out_bytes);

/* Turn core files off for this process; called by the first fetch too. */
void secret_forbid_core(void);

#endif
