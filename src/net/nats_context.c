/*
 * nats_context.c - read a context of the nats CLI.
 *
 * Why:   operators have their credentials there already; nobody copies secrets into a second file.
 * How:   small JSON, so cJSON; `~` and $NAME or ${NAME} are expanded in URLs and file names.
 * Rules: error texts name file and field, never a value. Everything is overwritten when freed.
 * See:   include/farshore/net/nats_context.h
 */
#include "farshore/net/nats_context.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "farshore/base/strbuf.h"
#include "nats_options.h"

#define FILE_BYTES 65536
#define DEFAULT_URL "nats://127.0.0.1:4222"

/* ---- where it is ---- */

static void put_home(struct strbuf *out)
{
    const char *home = getenv("HOME");
    strbuf_put(out, home == NULL ? "" : home);
}

static bool context_path(struct strbuf *out, const char *which)
{
    size_t length = strlen(which);
    if (strchr(which, '/') != NULL || (length > 5 && strcmp(which + length - 5, ".json") == 0)) {
        strbuf_put(out, which);
    } else {
        const char *config = getenv("XDG_CONFIG_HOME");
        if (config != NULL && config[0] != '\0') {
            strbuf_put(out, config);
        } else {
            put_home(out);
            strbuf_put(out, "/.config");
        }
        strbuf_put(out, "/nats/context/");
        strbuf_put(out, which);
        strbuf_put(out, ".json");
    }
    return !out->has_failed;
}

/* The whole file, NUL-terminated; the caller overwrites and frees it. */
static enum fs_status read_file(char **out, const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return err_set_errno(err, errno == ENOENT ? ST_NOT_FOUND : ST_IO, errno, "context %s",
                             path);
    }
    char *text = calloc(1, FILE_BYTES + 1);
    size_t count = text == NULL ? 0 : fread(text, 1, FILE_BYTES + 1, file);
    bool has_failed = ferror(file) != 0;
    fclose(file);
    if (text == NULL) {
        return err_set(err, ST_NO_MEMORY, "context %s: no memory", path);
    }
    if (has_failed || count > FILE_BYTES) {
        explicit_bzero(text, FILE_BYTES + 1);
        free(text);
        return err_set(err, has_failed ? ST_IO : ST_INVALID, "context %s: %s", path,
                       has_failed ? "cannot be read" : "longer than 64 KiB");
    }
    *out = text;
    return ST_OK;
}

/* ---- ~ and $NAME ---- */

/* Append the variable whose name begins at name; returns what was used of it. */
static size_t put_variable(struct strbuf *out, const char *name)
{
    char key[128];
    bool has_braces = name[0] == '{';
    size_t start = has_braces ? 1 : 0;
    size_t end = start;
    while (isalnum((unsigned char)name[end]) || name[end] == '_') {
        end++;
    }
    if (end == start || end - start >= sizeof(key) || (has_braces && name[end] != '}')) {
        strbuf_put_char(out, '$');
        return 0;
    }
    memcpy(key, name + start, end - start);
    key[end - start] = '\0';
    const char *value = getenv(key);
    strbuf_put(out, value == NULL ? "" : value);
    return end + (has_braces ? 1 : 0);
}

static char *expand(const char *text)
{
    struct strbuf out;
    strbuf_init(&out, alloc_heap());
    if (text[0] == '~' && (text[1] == '/' || text[1] == '\0')) {
        put_home(&out);
        text++;
    }
    while (*text != '\0') {
        if (*text == '$') {
            text += 1 + put_variable(&out, text + 1);
        } else {
            strbuf_put_char(&out, *text++);
        }
    }
    char *copy = out.has_failed ? NULL : strdup(out.text);
    strbuf_destroy(&out);
    return copy;
}

/* ---- fields ---- */

/* A text member, NULL when absent or empty. */
static enum fs_status get_text(const cJSON *root, const char *key, bool expands, char **out,
                               struct err *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
    *out = NULL;
    if (item == NULL || cJSON_IsNull(item)) {
        return ST_OK;
    }
    if (!cJSON_IsString(item)) {
        return err_set(err, ST_INVALID, "field \"%s\" is not a text", key);
    }
    if (item->valuestring[0] == '\0') {
        return ST_OK;
    }
    *out = expands ? expand(item->valuestring) : strdup(item->valuestring);
    return *out == NULL ? err_set(err, ST_NO_MEMORY, "no memory") : ST_OK;
}

static enum fs_status add_url(struct nats_context *out, const char *url, struct err *err)
{
    if (out->url_count == NATS_CONTEXT_URLS) {
        return err_set(err, ST_INVALID, "field \"url\" lists more than %d servers",
                       NATS_CONTEXT_URLS);
    }
    char *copy = strdup(url);
    if (copy == NULL) {
        return err_set(err, ST_NO_MEMORY, "no memory");
    }
    out->urls[out->url_count++] = copy;
    return ST_OK;
}

static enum fs_status get_urls(struct nats_context *out, const cJSON *root, struct err *err)
{
    char *list = NULL;
    enum fs_status status = get_text(root, "url", true, &list, err);
    if (status != ST_OK) {
        return status;
    }
    char *rest = NULL;
    char *url = list == NULL ? NULL : strtok_r(list, ", ", &rest);
    while (url != NULL && status == ST_OK) {
        status = add_url(out, url, err);
        url = strtok_r(NULL, ", ", &rest);
    }
    free(list);
    if (status == ST_OK && out->url_count == 0) {
        status = add_url(out, DEFAULT_URL, err);
    }
    return status;
}

static enum fs_status refuse_unsupported(const struct nats_context *out, const cJSON *root,
                                         struct err *err)
{
    const char *creds = out->login.creds_file;
    if (creds != NULL && strstr(creds, "://") != NULL) {
        return err_set(err, ST_UNSUPPORTED, "field \"creds\" names a resolver; only files work");
    }
    static const char *const refused[] = {"nsc", "user_jwt", "user_seed", "socks_proxy"};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, refused[i]);
        if (cJSON_IsString(item) && item->valuestring[0] != '\0') {
            return err_set(err, ST_UNSUPPORTED, "field \"%s\" is not supported", refused[i]);
        }
    }
    return ST_OK;
}

static enum fs_status get_fields(struct nats_context *out, const cJSON *root, struct err *err)
{
    struct nats_login *login = &out->login;
    struct {
        const char *key;
        bool expands;
        const char **place;
    } const fields[] = {
        {"user", false, &login->user},     {"password", false, &login->password},
        {"token", false, &login->token},   {"creds", true, &login->creds_file},
        {"nkey", true, &login->nkey_file}, {"cert", true, &login->cert_file},
        {"key", true, &login->key_file},   {"ca", true, &login->ca_file},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        char *text = NULL;
        enum fs_status status = get_text(root, fields[i].key, fields[i].expands, &text, err);
        if (status != ST_OK) {
            return status;
        }
        *fields[i].place = text;
    }
    login->tls_first = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "tls_first"));
    enum fs_status status = get_text(root, "inbox_prefix", false, &out->inbox_prefix, err);
    if (status == ST_OK) {
        status = get_urls(out, root, err);
    }
    return status == ST_OK ? refuse_unsupported(out, root, err) : status;
}

enum fs_status nats_context_read(struct nats_context *out, const char *which, struct err *err)
{
    struct strbuf path;
    struct err cause = {0};
    char *text = NULL;
    cJSON *root = NULL;
    memset(out, 0, sizeof(*out));
    strbuf_init(&path, alloc_heap());
    if (!context_path(&path, which)) {
        strbuf_destroy(&path);
        return err_set(err, ST_NO_MEMORY, "context: no memory");
    }
    enum fs_status status = read_file(&text, path.text, err);
    if (status != ST_OK) {
        goto out;
    }
    root = cJSON_Parse(text);
    if (!cJSON_IsObject(root)) {
        status = err_set(err, ST_INVALID, "context %s is not a JSON object", path.text);
        goto out;
    }
    out->name = strdup(which);
    status = get_fields(out, root, &cause);
    if (status != ST_OK) {
        err_set(err, status, "context %s: %s", path.text, cause.text);
    }
out:
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
    cJSON_Delete(root);
    strbuf_destroy(&path);
    if (status != ST_OK) {
        nats_context_destroy(out);
    }
    return status;
}

void nats_context_destroy(struct nats_context *context)
{
    for (size_t i = 0; i < context->url_count; i++) {
        free(context->urls[i]);
    }
    free(context->name);
    free(context->inbox_prefix);
    nats_login_clear(&context->login);
    memset(context, 0, sizeof(*context));
}
