/*
 * config_init.c - `farshore config init`: a first, commented configuration.
 *
 * Why:   nobody should have to begin with an empty file and a manual.
 * How:   asks a server for the clusters (config_ask.c) and writes them as regions; when none
 * answers it writes a template and says so. What is written is parsed first. Rules: never over a
 * file that is there, unless forced; never a secret, only where it comes from. See: docs/CONFIG.md
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "config_ask.h"
#include "config_schema.h"
#include "farshore/base/strbuf.h"
#include "farshore/net/nats_context.h"
#include "secret.h"

static void put_login(struct strbuf *out, const struct options *options)
{
    if (options->creds != NULL) {
        strbuf_put(out, "      view:\n        creds_file: ");
        strbuf_put_json(out, options->creds);
        strbuf_put(out, "\n");
    } else {
        strbuf_put(out, "      view:                       # system account, read only\n"
                        "        user: ");
        strbuf_put_json(out, options->user != NULL ? options->user : "view");
        strbuf_put(out, "\n        password_env: ");
        strbuf_put_json(out, options->password_env != NULL ? options->password_env
                                                           : "FARSHORE_PASSWORD");
        strbuf_put(out, "   # or password_file, password_command; creds_*, nkey_*, token_*\n");
    }
}

static void put_region(struct strbuf *out, const struct ask_cluster *cluster, size_t index,
                       const struct options *options, bool is_guess)
{
    static const char *const roles[] = {"primary", "standby", "arbiter"};
    strbuf_put(out, "  - name: ");
    strbuf_put_json(out, cluster->name);
    strbuf_put(out, "                    # also the name of its NATS cluster\n    role: ");
    strbuf_put(out, roles[index < 2 ? index : 2]);
    strbuf_put(out, "                 # primary | standby | arbiter; check this\n    nats:\n");
    if (options->context != NULL && cluster->url_count == 0) {
        strbuf_put(out, "      context: ");
        strbuf_put_json(out, options->context);
        strbuf_put(out, "             # a context of the nats CLI\n");
        return;
    }
    strbuf_put(out, "      urls: [");
    for (size_t i = 0; i < cluster->url_count; i++) {
        strbuf_put(out, i > 0 ? ", " : "");
        strbuf_put_json(out, cluster->urls[i]);
    }
    if (cluster->url_count == 0) {
        strbuf_put(out, "\"nats://");
        strbuf_put(out, cluster->name);
        strbuf_put(out, ".example.org:4222\"");
        is_guess = true;
    }
    strbuf_put(out, is_guess ? "]  # write the real ones\n"
                             : "]  # as the servers say; must be reachable from here\n");
    put_login(out, options);
}

static void put_rest(struct strbuf *out)
{
    strbuf_put(out,
               "\n"
               "# Canaries of our own link: places that answer whenever it works.\n"
               "# controls: [{name: dns1, tcp: \"192.0.2.53:53\"}]\n"
               "\n"
               "verdict: {hold: 60s, clear: 120s}   # patience before DOWN, and before OK again\n"
               "objectives: {api_rto: 5m, stream_rto: 15m, rpo: 5m, lag_warn: 3m}\n"
               "\n"
               "# Where the lock of actions lives; default: the standby.\n"
               "# lock: {region: rg2}\n"
               "\n"
               "# dns:\n"
               "#   resolvers: [system, 192.0.2.53]\n"
               "#   providers: [{name: main, type: powerdns, url: \"http://192.0.2.5:8081\", "
               "key_env: PDNS_KEY}]\n"
               "#   records:                        # the only targets a flip may ever write\n"
               "#     - {name: api.example.org., type: A, provider: main,\n"
               "#        targets: {rg1: [192.0.2.10], rg2: [198.51.100.10]}}\n");
}

static void compose(struct strbuf *out, const struct ask_result *found,
                    const struct options *options, bool is_guess)
{
    strbuf_put(out, "# farshore's configuration; `farshore config check` checks it and\n"
                    "# `farshore config --help` explains every key.\n");
    if (is_guess) {
        strbuf_put(out, "# No server answered: this is a template, nothing in it is real.\n");
    }
    strbuf_put(out, "version: 1\n"
                    "# name: prod/payments           # what screens call this place\n"
                    "interval: 1s                    # how often servers are asked\n"
                    "\nregions:\n");
    for (size_t i = 0; i < found->count; i++) {
        put_region(out, &found->clusters[i], i, options, is_guess);
    }
    put_rest(out);
}

static void use_template(struct ask_result *found)
{
    memset(found, 0, sizeof(*found));
    found->count = 2;
    snprintf(found->clusters[0].name, ASK_NAME_BYTES, "rg1");
    snprintf(found->clusters[1].name, ASK_NAME_BYTES, "rg2");
}

/* Make the folder of a path, and the one above it. */
static void make_folders(const char *path)
{
    char folder[4096];
    snprintf(folder, sizeof(folder), "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0700); /* opening the file tells what did not work */
        *slash = '/';
    }
}

static enum fs_status write_file(const char *path, const struct strbuf *text, bool is_forced,
                                 struct err *err)
{
    char temporary[4200];
    make_folders(path);
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    const char *target = is_forced ? temporary : path;
    int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC | (is_forced ? O_TRUNC : O_EXCL), 0600);
    if (fd < 0 && errno == EEXIST) {
        return err_set(err, ST_REFUSED, "%s is there already; --force writes over it", path);
    }
    if (fd < 0) {
        return err_set_errno(err, ST_IO, errno, "%s", target);
    }
    bool is_written = write(fd, text->text, text->length) == (ssize_t)text->length;
    is_written = fsync(fd) == 0 && is_written;
    is_written = close(fd) == 0 && is_written;
    if (!is_written || (is_forced && rename(temporary, path) != 0)) {
        int problem = errno;
        (void)unlink(target);
        return err_set_errno(err, ST_IO, problem, "%s", path);
    }
    return ST_OK;
}

/* The login for asking; texts are to be forgotten by the caller. */
static enum fs_status ask_with(const struct options *options, struct ask_result *found,
                               struct err *err)
{
    struct nats_context context;
    struct nats_login login = {.user = options->user, .creds_file = options->creds};
    const char *const *urls = &options->url;
    size_t url_count = options->url != NULL ? 1 : 0;
    char *password = NULL;
    bool has_context = options->context != NULL;
    enum fs_status status = ST_OK;
    memset(&context, 0, sizeof(context));
    if (has_context) {
        status = nats_context_read(&context, options->context, err);
        login = context.login;
        urls = (const char *const *)context.urls;
        url_count = context.url_count;
    } else if (options->password_env != NULL) {
        struct config_secret from = {SECRET_ENV, options->password_env, {0, 0}};
        status = secret_fetch(&from, NULL, -1, &password, err);
        login.password = password;
    }
    if (status == ST_OK) {
        status = config_ask(urls, url_count, &login, found, err);
    }
    secret_forget(password);
    if (has_context) {
        nats_context_destroy(&context);
    }
    return status;
}

static int check_own_work(const struct strbuf *text)
{
    struct config config;
    struct config_problems *problems = calloc(1, sizeof(*problems));
    if (problems == NULL || text->has_failed) {
        fputs("farshore: no memory\n", stderr);
        free(problems);
        return EXIT_CONFIG;
    }
    enum fs_status status = config_parse(text->text, text->length, &config, problems);
    problems->file = "what would be written";
    config_print_problems(problems, false, stderr);
    config_destroy(&config);
    free(problems);
    return status == ST_OK ? 0 : EXIT_CONFIG;
}

static bool is_there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static int write_out(const struct options *options, const char *path, struct ask_result *found,
                     bool is_guess)
{
    struct err err = {0};
    struct strbuf text;
    strbuf_init(&text, alloc_heap());
    compose(&text, found, options, is_guess);
    int code = check_own_work(&text);
    if (code == 0 && write_file(path, &text, options->force, &err) != ST_OK) {
        fprintf(stderr, "farshore: %s\n", err.text);
        code = EXIT_CONFIG;
    } else if (code == 0) {
        printf("%s: %s with %zu regions; check roles and URLs, then `farshore config check`\n",
               path, is_guess ? "a template" : "written", found->count);
    }
    strbuf_destroy(&text);
    return code;
}

int command_config_init(const struct options *options)
{
    char path[4096];
    struct err err = {0};
    struct ask_result *found = calloc(1, sizeof(*found));
    if (options->url != NULL && options->context != NULL) {
        free(found);
        return usage_error("config init takes --url or --context, not both");
    }
    const char *url = options->url;
    const char *problem =
        url != NULL ? config_value_problem(KIND_NATS_URL, url, strlen(url)) : NULL;
    if (problem != NULL) {
        free(found);
        return usage_error("--url must be nats://host:port: %s", problem);
    }
    if (found == NULL || !config_find(options->config, path, sizeof(path))) {
        fputs("farshore: nowhere to write: give --config FILE, or set $HOME\n", stderr);
        free(found);
        return EXIT_CONFIG;
    }
    if (!options->force && is_there(path)) {
        fprintf(stderr, "farshore: %s is there already; --force writes over it\n", path);
        free(found);
        return EXIT_CONFIG;
    }
    bool is_asked = options->url != NULL || options->context != NULL;
    bool is_guess = !is_asked || ask_with(options, found, &err) != ST_OK;
    if (is_guess) {
        fprintf(stderr, "farshore: %s: writing a template\n",
                is_asked ? err.text : "no --url and no --context to ask");
        use_template(found);
    }
    int code = write_out(options, path, found, is_guess);
    free(found);
    return code;
}
