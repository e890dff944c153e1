/*
 * config_show.c - the effective configuration as YAML, with every secret masked.
 *
 * Why:   an operator should see what holds, defaults included, and paste it into a ticket.
 * How:   the tables of config_schema.c are walked over the struct; what is not set is left out.
 * Rules: a secret, and a command that prints one, is shown as ***; where it comes from is shown.
 * See:   config.h
 */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "config_schema.h"
#include "farshore/base/duration.h"
#include "farshore/base/number.h"

static void put_indent(struct strbuf *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        strbuf_put(out, "  ");
    }
}

static bool is_plain(const char *text)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/";
    static const char rest[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-$";
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], text) == 0) {
            return false;
        }
    }
    return text[0] != '\0' && strchr(first, text[0]) != NULL && strspn(text, rest) == strlen(text);
}

static void put_text(struct strbuf *out, const char *text)
{
    if (is_plain(text)) {
        strbuf_put(out, text);
    } else {
        strbuf_put_json(out, text); /* a JSON string is a YAML one */
    }
}

static void put_duration(struct strbuf *out, int64_t ns)
{
    static const struct {
        int64_t ns;
        const char *unit;
    } units[] = {{60 * NS_PER_MINUTE, "h"}, {NS_PER_MINUTE, "m"}, {NS_PER_S, "s"},
                 {NS_PER_MS, "ms"},         {NS_PER_US, "us"},    {1, "ns"}};
    size_t i = 0;
    while (ns % units[i].ns != 0) {
        i++;
    }
    strbuf_put_i64(out, ns / units[i].ns);
    strbuf_put(out, units[i].unit);
}

static void put_secret(struct strbuf *out, const struct config_key *key,
                       const struct config_secret *secret)
{
    bool is_shown =
        key->source == SECRET_FILE || key->source == SECRET_ENV || strcmp(key->name, "user") == 0;
    put_text(out, is_shown ? secret->text : "***");
}

static void put_texts(struct strbuf *out, const struct config_list *list)
{
    const char *const *rows = list->rows;
    strbuf_put(out, " [");
    for (size_t i = 0; i < list->count; i++) {
        strbuf_put(out, i > 0 ? ", " : "");
        put_text(out, rows[i]);
    }
    strbuf_put(out, "]\n");
}

static void put_targets(struct strbuf *out, const struct config_list *list, unsigned depth)
{
    const struct config_target *rows = list->rows;
    strbuf_put(out, "\n");
    for (size_t i = 0; i < list->count; i++) {
        put_indent(out, depth + 1);
        put_text(out, rows[i].region);
        strbuf_put(out, ":");
        put_texts(out, &rows[i].values);
    }
}

static bool is_set(const struct config_key *key, const char *base)
{
    const void *at = base + key->offset;
    switch (key->kind) {
    case KIND_INT:
    case KIND_DURATION:
        return *(const int64_t *)at != 0;
    case KIND_WORD:
        return true;
    case KIND_SECRET:
        return ((const struct config_secret *)at)->source == key->source;
    case KIND_LIST:
    case KIND_ROWS:
    case KIND_TARGETS:
        return ((const struct config_list *)at)->count > 0;
    case KIND_MAP:
        for (size_t i = 0; i < key->map->count; i++) {
            if (is_set(&key->map->keys[i], at)) {
                return true;
            }
        }
        return false;
    case KIND_RESERVED:
        return false;
    case KIND_TEXT:
    case KIND_NAME:
    case KIND_PATH:
    case KIND_NATS_URL:
    case KIND_WEB_URL:
    case KIND_PROVIDER_URL:
    case KIND_HOST_PORT:
    case KIND_ADDRESS:
    case KIND_RESOLVER:
    case KIND_DOMAIN:
    case KIND_SUBJECT:
    case KIND_STREAM:
        break;
    }
    return *(const char *const *)at != NULL;
}

static void put_map(struct strbuf *out, const struct config_map *map, const char *base,
                    unsigned depth, bool is_row);

static void put_scalar(struct strbuf *out, const struct config_key *key, const void *at)
{
    strbuf_put(out, " ");
    if (key->kind == KIND_INT) {
        strbuf_put_i64(out, *(const int64_t *)at);
    } else if (key->kind == KIND_DURATION) {
        put_duration(out, *(const int64_t *)at);
    } else if (key->kind == KIND_WORD) {
        strbuf_put(out, name_of(key->words, *(const unsigned *)at));
    } else if (key->kind == KIND_SECRET) {
        put_secret(out, key, at);
    } else {
        put_text(out, *(const char *const *)at);
    }
    strbuf_put(out, "\n");
}

static void put_value(struct strbuf *out, const struct config_key *key, const char *base,
                      unsigned depth)
{
    const char *at = base + key->offset;
    const struct config_list *list = (const void *)at;
    if (key->kind == KIND_MAP) {
        strbuf_put(out, "\n");
        put_map(out, key->map, at, depth + 1, false);
    } else if (key->kind == KIND_LIST) {
        put_texts(out, list);
    } else if (key->kind == KIND_TARGETS) {
        put_targets(out, list, depth);
    } else if (key->kind == KIND_ROWS) {
        strbuf_put(out, "\n");
        for (size_t i = 0; i < list->count; i++) {
            put_map(out, key->map, (const char *)list->rows + i * key->map->bytes, depth + 2, true);
        }
    } else {
        put_scalar(out, key, at);
    }
}

/* A row's first key stands behind its dash. */
static void put_map(struct strbuf *out, const struct config_map *map, const char *base,
                    unsigned depth, bool is_row)
{
    bool is_first = is_row;
    for (size_t i = 0; i < map->count; i++) {
        if (!is_set(&map->keys[i], base)) {
            continue;
        }
        put_indent(out, is_first ? depth - 1 : depth);
        strbuf_put(out, is_first ? "- " : "");
        strbuf_put(out, map->keys[i].name);
        strbuf_put(out, ":");
        put_value(out, &map->keys[i], base, depth);
        is_first = false;
    }
}

void config_show(const struct config *config, struct strbuf *out)
{
    put_map(out, &config_schema, (const char *)config, 0, false);
}

static void put_help(struct strbuf *out, const struct config_map *map, unsigned depth)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct config_key *key = &map->keys[i];
        int width = 26 - (int)(2 * depth);
        put_indent(out, depth + 1);
        strbuf_printf(out, "%-*s%s%s\n", width, key->name, key->is_required ? "(required) " : "",
                      key->help);
        bool is_login = key->map != NULL && strcmp(key->name, "observe") == 0;
        bool is_operator = key->map != NULL && strcmp(key->name, "operator") == 0;
        if (is_login || is_operator) {
            put_indent(out, depth + 2);
            strbuf_put(out, is_operator ? "sys, app: keys as in view\n" : "keys as in view\n");
        } else if (key->map != NULL) {
            put_help(out, key->map, depth + 1);
        }
    }
}

void config_print_keys(struct strbuf *out)
{
    put_help(out, &config_schema, 0);
}
