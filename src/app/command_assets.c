/*
 * command_assets.c - `farshore keymap check` and `farshore theme check|list`.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assets.h"
#include "commands.h"

static int print_problems(const struct problems *problems, const char *path)
{
    for (size_t i = 0; i < problems_kept(problems); i++) {
        fprintf(stderr, "%s\n", problems->text[i]);
    }
    if (problems->count > problems_kept(problems)) {
        fprintf(stderr, "and %zu more\n", problems->count - problems_kept(problems));
    }
    if (problems->count == 0) {
        printf("%s: OK\n", path);
    }
    return problems->count == 0 ? 0 : 1;
}

static int check(const struct options *options, enum asset_kind kind, const char *given)
{
    struct problems problems;
    char path[ASSET_PATH_BYTES];
    const char *name = options->operand_count > 1 ? options->operands[1]
                       : given != NULL            ? given
                                                  : "default";
    struct err err = {0};
    memset(&problems, 0, sizeof(problems));
    enum fs_status status;
    if (kind == ASSET_THEME) {
        struct theme theme;
        status = asset_load_theme(name, &theme, path, &problems, &err);
    } else {
        struct keymap *keymap = calloc(1, sizeof(*keymap));
        status = keymap != NULL ? asset_load_keymap(name, keymap, path, &problems, &err)
                                : err_set(&err, ST_NO_MEMORY, "no memory");
        free(keymap);
    }
    if (status != ST_OK && problems.count == 0) {
        fprintf(stderr, "farshore: %s\n", err.text);
        return 1;
    }
    return print_problems(&problems, path);
}

int command_keymap(const struct options *options)
{
    const char *word = options->operand_count > 0 ? options->operands[0] : "";
    if (strcmp(word, "check") != 0 || options->operand_count > 2) {
        return usage_error("keymap needs a word: check [NAME|FILE]");
    }
    return check(options, ASSET_KEYMAP, options->keymap);
}

static int list_themes(void)
{
    char folder[ASSET_PATH_BYTES];
    for (size_t i = 0; asset_folder(ASSET_THEME, i, folder, sizeof(folder)); i++) {
        struct dirent **rows = NULL;
        int count = scandir(folder, &rows, NULL, alphasort);
        for (int k = 0; k < count; k++) {
            const char *dot = strrchr(rows[k]->d_name, '.');
            if (dot != NULL && strcmp(dot, ".theme") == 0) {
                printf("%-16.*s  %s/%s\n", (int)(dot - rows[k]->d_name), rows[k]->d_name, folder,
                       rows[k]->d_name);
            }
            free(rows[k]);
        }
        free(rows);
    }
    printf("%-16s  built in\n", "default");
    return 0;
}

int command_theme(const struct options *options)
{
    const char *word = options->operand_count > 0 ? options->operands[0] : "";
    if (strcmp(word, "check") == 0 && options->operand_count <= 2) {
        return check(options, ASSET_THEME, options->theme);
    }
    if (strcmp(word, "list") == 0 && options->operand_count == 1) {
        return list_themes();
    }
    return usage_error("theme needs a word: check [NAME|FILE], or list");
}
