/*
 * files.h - a lab's directory: private files, whole writes, careful removal.
 */
#ifndef FARSHORE_LAB_FILES_H
#define FARSHORE_LAB_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/base/err.h"

/* DIR/NAME into out; ST_INVALID when it does not fit. */
enum fs_status files_path(char *out, size_t out_bytes, const char *dir, const char *name,
                          struct err *err);

/* Make dir (and, one level, nothing above it) 0700; an existing one must be ours and not a link. */
enum fs_status files_make_dir(const char *dir, struct err *err);

/* Write DIR/NAME 0600 at once: a reader sees the old text or the new one. */
enum fs_status files_write(const char *dir, const char *name, const char *text, size_t length,
                           struct err *err);

/* Read all of DIR/NAME, NUL-terminated. ST_NOT_FOUND, ST_FULL when it does not fit. */
enum fs_status files_read(const char *dir, const char *name, char *out, size_t out_bytes,
                          size_t *length, struct err *err);

/* The last lines of DIR/NAME, at most count bytes; empty when there is no such file. */
void files_tail(const char *dir, const char *name, char *out, size_t out_bytes);

/* Remove DIR/NAME and all below it; links are removed, not followed. Missing is fine. */
enum fs_status files_remove_tree(const char *dir, const char *name, struct err *err);

bool files_exists(const char *dir, const char *name);

/* No entry but NAME (may be NULL)? A missing directory is empty too. */
bool files_is_empty_but(const char *dir, const char *name);

#endif
