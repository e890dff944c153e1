/*
 * config_load.c - the configuration's file: where it is, who may read it, what was wrong.
 *
 * Why:   config_parse() is pure; files, modes and the environment are here.
 * How:   read at most CONFIG_MAX_BYTES from a regular file, parse, then judge its permissions.
 * Rules: a file with a secret in it must be 0600 (or stricter) and ours, else it is an error.
 * See:   config.h
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "config_schema.h"
#include "config_walk.h"

static const struct config_place whole_file = {0, 0};

bool config_find(const char *explicit_path, char *out, size_t out_bytes)
{
    const char *from_env = getenv("FARSHORE_CONFIG");
    const char *xdg = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    int length = -1;
    if (explicit_path != NULL) {
        length = snprintf(out, out_bytes, "%s", explicit_path);
    } else if (from_env != NULL && from_env[0] != '\0') {
        length = snprintf(out, out_bytes, "%s", from_env);
    } else if (xdg != NULL && xdg[0] == '/') {
        length = snprintf(out, out_bytes, "%s/farshore/farshore.yaml", xdg);
    } else if (home != NULL && home[0] == '/') {
        length = snprintf(out, out_bytes, "%s/.config/farshore/farshore.yaml", home);
    }
    return length > 0 && (size_t)length < out_bytes;
}

static enum fs_status read_whole(int fd, char *text, size_t *length, struct config_problems *out)
{
    *length = 0;
    while (*length <= CONFIG_MAX_BYTES) {
        ssize_t got = read(fd, text + *length, CONFIG_MAX_BYTES + 1 - *length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            config_problem_add(out, CONFIG_ERROR, whole_file, "cannot be read: %s",
                               strerror(errno));
            return ST_IO;
        }
        if (got == 0) {
            break;
        }
        *length += (size_t)got;
    }
    return ST_OK;
}

/* What the file's mode means for the secrets in it. */
static void check_mode(const struct stat *info, const struct config *config,
                       struct config_problems *out)
{
    if (config->inline_secret.line != 0) {
        bool is_private = (info->st_mode & 077) == 0 && info->st_uid == geteuid();
        config_problem_add(out, is_private ? CONFIG_WARNING : CONFIG_ERROR, config->inline_secret,
                           is_private ? "a secret stands in the file itself; better use "
                                        "_file, _env or _command"
                                      : "a secret stands in the file itself, and the file is not "
                                        "private: chmod 600, or use _file, _env or _command");
    }
    if ((info->st_mode & 022) != 0) {
        config_problem_add(out, CONFIG_WARNING, whole_file,
                           "others can write this file, and it may name commands to run: "
                           "chmod go-w");
    }
}

static const char *keep_text(struct config *config, const char *text, size_t length)
{
    char *copy = config_alloc(config, length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
    }
    return copy;
}

/* The file's name without folder and ending, for a config that names no place. */
static void name_after_file(struct config *config, const char *path)
{
    const char *base = strrchr(path, '/');
    base = base != NULL ? base + 1 : path;
    size_t length = strcspn(base, ".");
    const char *name = length > 0 ? keep_text(config, base, length) : NULL;
    if (name != NULL && config_value_problem(KIND_TEXT, name, length) == NULL) {
        config->name = name;
    }
}

static enum fs_status load_open(int fd, const char *path, struct config *out,
                                struct config_problems *problems)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        config_problem_add(problems, CONFIG_ERROR, whole_file, "is not a regular file");
        return ST_IO;
    }
    char *text = malloc(CONFIG_MAX_BYTES + 1);
    if (text == NULL) {
        return ST_NO_MEMORY;
    }
    size_t length = 0;
    enum fs_status status = read_whole(fd, text, &length, problems);
    if (status == ST_OK) {
        status = config_parse(text, length, out, problems);
        problems->file = path;
        check_mode(&info, out, problems);
    }
    explicit_bzero(text, length);
    free(text);
    if (status == ST_OK && problems->errors > 0) {
        status = ST_INVALID;
    }
    return status;
}

enum fs_status config_load(const char *path, struct config *out, struct config_problems *problems)
{
    memset(out, 0, sizeof(*out));
    memset(problems, 0, sizeof(*problems));
    problems->file = path;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        enum fs_status status = errno == ENOENT ? ST_NOT_FOUND : ST_IO;
        config_problem_add(problems, CONFIG_ERROR, whole_file, "cannot be opened: %s",
                           strerror(errno));
        return status;
    }
    enum fs_status status = load_open(fd, path, out, problems);
    close(fd);
    if (status == ST_NO_MEMORY) {
        config_problem_add(problems, CONFIG_ERROR, whole_file, "no memory to read it");
        return status;
    }
    out->path = keep_text(out, path, strlen(path));
    if (!out->has_name) {
        name_after_file(out, path);
    }
    return status;
}

void config_print_problems(const struct config_problems *problems, bool with_notes, FILE *stream)
{
    static const char *const words[] = {"", "warning: ", "note: "};
    for (size_t i = 0; i < problems->count; i++) {
        const struct config_problem *row = &problems->rows[i];
        if (row->severity == CONFIG_NOTE && !with_notes) {
            continue;
        }
        if (row->place.line == 0) {
            fprintf(stream, "%s: %s%s\n", problems->file, words[row->severity], row->text);
        } else {
            fprintf(stream, "%s:%u:%u: %s%s\n", problems->file, row->place.line, row->place.column,
                    words[row->severity], row->text);
        }
    }
    if (problems->dropped > 0) {
        fprintf(stream, "%s: and %zu more\n", problems->file, problems->dropped);
    }
}
