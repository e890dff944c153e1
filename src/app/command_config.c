/*
 * command_config.c - `farshore config check|show|init`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static int check(const struct options *options, const char *file)
{
    char path[4096];
    struct config config;
    struct config_problems *problems = calloc(1, sizeof(*problems));
    if (problems == NULL ||
        !config_find(file != NULL ? file : options->config, path, sizeof(path))) {
        fputs("farshore: no configuration: give its FILE\n", stderr);
        free(problems);
        return EXIT_CONFIG;
    }
    enum fs_status status = config_load(path, &config, problems);
    config_print_problems(problems, true, status == ST_OK ? stdout : stderr);
    if (status == ST_OK) {
        printf("%s: OK: %zu regions\n", path, config.regions.count);
    } else {
        fprintf(stderr, "%s: %zu error%s\n", path, problems->errors,
                problems->errors == 1 ? "" : "s");
    }
    config_destroy(&config);
    free(problems);
    return status == ST_OK ? 0 : EXIT_CONFIG;
}

static int show(const struct options *options)
{
    struct config config;
    int code = load_config(options, &config);
    if (code == 0) {
        struct strbuf out;
        strbuf_init(&out, alloc_heap());
        config_show(&config, &out);
        printf("# %s\n%s", config.path, out.text);
        strbuf_destroy(&out);
    }
    config_destroy(&config);
    return code;
}

int command_config(const struct options *options)
{
    const char *word = options->operand_count > 0 ? options->operands[0] : "";
    size_t most = strcmp(word, "check") == 0 ? 2 : 1;
    if ((options->used_scopes & SCOPE_INIT) != 0 && strcmp(word, "init") != 0) {
        return usage_error("only config init takes these options");
    }
    if (options->operand_count > most) {
        return usage_error("config %s: too many words", word);
    }
    if (strcmp(word, "check") == 0) {
        return check(options, options->operand_count > 1 ? options->operands[1] : NULL);
    }
    if (strcmp(word, "show") == 0) {
        return show(options);
    }
    if (strcmp(word, "init") == 0) {
        return command_config_init(options);
    }
    return usage_error("config needs a word: check, init or show");
}
