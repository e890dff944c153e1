/*
 * command_console.c - `farshore` and `farshore lab` without a word.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "assets.h"
#include "commands.h"
#include "console.h"
#include "farshore/lab/lab.h"

/* The folder of a configuration that a living lab wrote, or NULL: its control socket is beside. */
static const char *lab_of(const struct config *config, char *out, size_t out_bytes)
{
    char path[4096];
    struct stat info;
    const char *slash = strrchr(config->path, '/');
    int length = slash == NULL || slash == config->path
                     ? snprintf(out, out_bytes, "%s", slash == NULL ? "." : "/")
                     : snprintf(out, out_bytes, "%.*s", (int)(slash - config->path), config->path);
    if (length <= 0 || (size_t)length >= out_bytes) {
        return NULL;
    }
    length = snprintf(path, sizeof(path), "%s/control.sock", out);
    bool is_lab = length > 0 && (size_t)length < sizeof(path) && lstat(path, &info) == 0 &&
                  S_ISSOCK(info.st_mode);
    return is_lab ? out : NULL;
}

/* A name that was asked for is there, or the console does not begin. Bad lines do not hinder it. */
static int check_assets(const struct options *options)
{
    struct problems problems = {0};
    struct err err = {0};
    char path[ASSET_PATH_BYTES];
    struct theme theme;
    enum fs_status status = ST_OK;
    if (options->theme != NULL) {
        status = asset_load_theme(options->theme, &theme, path, &problems, &err);
    }
    struct keymap *keymap = calloc(1, sizeof(*keymap));
    if (keymap != NULL && options->keymap != NULL && (status == ST_OK || status == ST_INVALID)) {
        status = asset_load_keymap(options->keymap, keymap, path, &problems, &err);
    }
    free(keymap);
    return status == ST_OK || status == ST_INVALID ? 0 : usage_error("%s", err.text);
}

int command_console(const struct options *options)
{
    char lab_dir[4096];
    struct config config = {0};
    int code = check_assets(options);
    if (code == 0) {
        code = load_config(options, &config);
    }
    if (code == 0) {
        struct console_options console = {.config = &config, .options = options, .mode = "live"};
        console.lab_dir = lab_of(&config, lab_dir, sizeof(lab_dir));
        code = console_or_plain(&console);
    }
    config_destroy(&config);
    return code;
}

/* Up, console, down at quit: whatever the console says, the lab is ended. */
int command_lab(const struct options *options)
{
    char path[4096];
    struct err err = {0};
    struct lab_options lab = {.dir = options->dir,
                              .base_port = options->base_port > 0 ? (int)options->base_port : 0,
                              .nats_server = options->nats_server,
                              .topology = options->topology,
                              .has_rate = options->rate >= 0,
                              .rate_per_s = options->rate > 0 ? (int)options->rate : 0,
                              .extra_streams = options->streams > 0 ? (int)options->streams : 0};
    if (options->operand_count > 0) {
        return usage_error("lab: the word comes first: farshore lab %s …", options->operands[0]);
    }
    if (check_assets(options) != 0) {
        return EXIT_USAGE;
    }
    enum fs_status status = lab_up(&lab, path, sizeof(path), &err);
    if (status != ST_OK) {
        fprintf(stderr, "farshore lab: %s\n", err.text);
        return status == ST_INVALID ? EXIT_USAGE : 1;
    }
    struct options inside = *options;
    inside.config = path;
    struct config config;
    char lab_dir[4096];
    int code = load_config(&inside, &config);
    if (code == 0) {
        struct console_options console = {.config = &config, .options = &inside, .mode = "lab"};
        console.lab_dir = lab_of(&config, lab_dir, sizeof(lab_dir));
        code = console_or_plain(&console);
    }
    config_destroy(&config);
    struct err down_err = {0};
    if (lab_down(options->dir, NULL, &down_err) != ST_OK) {
        fprintf(stderr, "farshore lab: %s\n", down_err.text);
        code = code == 0 ? 1 : code;
    }
    return code;
}
