/*
 * assets.c - themes and keymaps by name or path; see assets.h.
 */
#include "assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "farshore/base/suggest.h"
#include "farshore/base/text.h"

#define ASSET_MAX_BYTES (256 * 1024)

#ifndef FARSHORE_DATADIR
#define FARSHORE_DATADIR "/usr/local/share/farshore"
#endif

#define ASSET_NAMES 32 /* that a mistyped one is compared with */

static const char *const folder_names[] = {"themes", "keymaps"};
static const char *const endings[] = {".theme", ".keys"};

/* The source tree, for a program that runs from its build folder; else "". */
static const char *source_folder(void)
{
#if defined(FARSHORE_BUILD_DIR) && defined(FARSHORE_SOURCE_DIR)
    char self[ASSET_PATH_BYTES];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length > 0 && strncmp(self, FARSHORE_BUILD_DIR "/", sizeof(FARSHORE_BUILD_DIR)) == 0) {
        return FARSHORE_SOURCE_DIR;
    }
#endif
    return "";
}

bool asset_folder(enum asset_kind kind, size_t n, char *out, size_t out_bytes)
{
    const char *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    const char *source = source_folder();
    int length = -1;
    size_t at = 0;
    if (xdg != NULL && xdg[0] == '/') {
        if (n == at++) {
            length = snprintf(out, out_bytes, "%s/farshore/%s", xdg, folder_names[kind]);
        }
    } else if (home != NULL && home[0] == '/') {
        if (n == at++) {
            length = snprintf(out, out_bytes, "%s/.config/farshore/%s", home, folder_names[kind]);
        }
    }
    if (source[0] != '\0' && n == at++) {
        length = snprintf(out, out_bytes, "%s/%s", source, folder_names[kind]);
    }
    if (n == at) {
        length = snprintf(out, out_bytes, "%s/%s", FARSHORE_DATADIR, folder_names[kind]);
    }
    return length > 0 && (size_t)length < out_bytes;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

/* Read a file of at most ASSET_MAX_BYTES; the caller frees. NULL with errno. */
static char *read_text(const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return NULL;
    }
    char *text = malloc(ASSET_MAX_BYTES);
    size_t have = 0;
    while (text != NULL && have < ASSET_MAX_BYTES) {
        ssize_t got = read(fd, text + have, ASSET_MAX_BYTES - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            int problem = errno;
            free(text);
            close(fd);
            errno = problem;
            return NULL;
        }
        if (got == 0) {
            break;
        }
        have += (size_t)got;
    }
    close(fd);
    *length = have;
    return text;
}

static enum fs_status say_unknown(enum asset_kind kind, const char *name, struct err *err)
{
    char names[ASSET_NAMES][64];
    const char *known[ASSET_NAMES];
    size_t count = 0;
    while (count < ASSET_NAMES && asset_name(kind, count, names[count], sizeof(names[count]))) {
        known[count] = names[count];
        count++;
    }
    const char *what = kind == ASSET_THEME ? "theme" : "keymap";
    const char *nearest = suggest_nearest(name, known, count);
    return nearest != NULL
               ? err_set(err, ST_NOT_FOUND, "no %s is called \"%.64s\"; did you mean \"%s\"?", what,
                         name, nearest)
               : err_set(err, ST_NOT_FOUND, "no %s is called \"%.64s\"", what, name);
}

/* Find and read; NULL and ST_OK for a built-in default that no file replaces. */
static enum fs_status load_text(enum asset_kind kind, const char *name, char *path, char **text,
                                size_t *length, struct err *err)
{
    *text = NULL;
    if (strchr(name, '/') != NULL || ends_with(name, endings[kind])) {
        snprintf(path, ASSET_PATH_BYTES, "%s", name);
        *text = read_text(path, length);
        return *text != NULL ? ST_OK : err_set_errno(err, ST_IO, errno, "%s", path);
    }
    char folder[ASSET_PATH_BYTES - 80];
    for (size_t i = 0; asset_folder(kind, i, folder, sizeof(folder)); i++) {
        snprintf(path, ASSET_PATH_BYTES, "%s/%.64s%s", folder, name, endings[kind]);
        *text = read_text(path, length);
        if (*text != NULL) {
            return ST_OK;
        }
    }
    snprintf(path, ASSET_PATH_BYTES, "built in");
    if (strcmp(name, "default") == 0) {
        return ST_OK;
    }
    return say_unknown(kind, name, err);
}

enum fs_status asset_load_theme(const char *name, struct theme *theme, char *path,
                                struct problems *problems, struct err *err)
{
    char *text = NULL;
    size_t length = 0;
    theme_init(theme);
    enum fs_status status = load_text(ASSET_THEME, name, path, &text, &length, err);
    if (text != NULL) {
        status = theme_parse(theme, path, text, length, problems);
        free(text);
    }
    return status;
}

enum fs_status asset_load_keymap(const char *name, struct keymap *keymap, char *path,
                                 struct problems *problems, struct err *err)
{
    char *text = NULL;
    size_t length = 0;
    keymap_init(keymap);
    enum fs_status status = load_text(ASSET_KEYMAP, name, path, &text, &length, err);
    if (text != NULL) {
        status = keymap_parse(keymap, path, text, length, problems);
        free(text);
    }
    return status;
}

bool asset_name(enum asset_kind kind, size_t n, char *out, size_t out_bytes)
{
    char folder[ASSET_PATH_BYTES];
    size_t at = 0;
    for (size_t i = 0; asset_folder(kind, i, folder, sizeof(folder)); i++) {
        DIR *dir = opendir(folder);
        const struct dirent *row = NULL;
        while (dir != NULL && (row = readdir(dir)) != NULL) {
            if (!ends_with(row->d_name, endings[kind]) ||
                !text_is_clean(row->d_name, strlen(row->d_name)) || at++ != n) {
                continue;
            }
            size_t length = strlen(row->d_name) - strlen(endings[kind]);
            snprintf(out, out_bytes, "%.*s", (int)length, row->d_name);
            closedir(dir);
            return true;
        }
        if (dir != NULL) {
            closedir(dir);
        }
    }
    return false;
}
