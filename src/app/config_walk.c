/*
 * config_walk.c - a loaded YAML document into struct config, by the tables of config_schema.c.
 *
 * Why:   every mistake in a file should be told at once, with its place and the nearest valid name.
 * How:   parse_map() walks a mapping along a table of keys; each kind of value has one function.
 *        A value that is wrong becomes a problem and leaves its member at the default.
 * Rules: an alias is an error, so each node is visited once and the work is linear. The text of a
 *        secret never enters a message.
 * See:   docs/CONFIG.md; tests/unit/app/test_config_parse.c
 */
#include "config_walk.h"

#include <stdlib.h>
#include <string.h>

#include "config_schema.h"
#include "farshore/base/duration.h"
#include "farshore/base/number.h"
#include "farshore/base/suggest.h"
#include "farshore/base/text.h"

#define SHOWN_BYTES 65 /* of a wrong value in a message */

struct walk {
    struct config *config;
    struct config_problems *problems;
    yaml_document_t *document;
    bool *is_visited; /* by node */
    bool has_no_memory;
};

static void *rows_alloc(struct walk *walk, size_t count, size_t size)
{
    void *block = config_alloc(walk->config, count * size); /* both bounded by the text's size */
    walk->has_no_memory = walk->has_no_memory || block == NULL;
    return block;
}

static struct config_place place_of(yaml_mark_t mark)
{
    struct config_place place = {(unsigned)mark.line + 1, (unsigned)mark.column + 1};
    return place;
}

#define ERROR_AT(walk, node, ...)                                                                  \
    config_problem_add((walk)->problems, CONFIG_ERROR, place_of((node)->start_mark), __VA_ARGS__)

static const char *node_kind(const yaml_node_t *node)
{
    switch (node->type) {
    case YAML_SCALAR_NODE:
        return "a single value";
    case YAML_SEQUENCE_NODE:
        return "a list";
    case YAML_MAPPING_NODE:
        return "a mapping";
    case YAML_NO_NODE:
        break;
    }
    return "nothing";
}

static bool is_null(const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

/* The node of an index, once: a second visit is an alias. NULL after a problem. */
static yaml_node_t *take_node(struct walk *walk, int index)
{
    yaml_node_t *node = yaml_document_get_node(walk->document, index);
    if (node == NULL) {
        return NULL;
    }
    if (walk->is_visited[index]) {
        ERROR_AT(walk, node, "anchors and aliases are not used here: write the value out");
        return NULL;
    }
    walk->is_visited[index] = true;
    return node;
}

static void shown(char *out, const yaml_node_t *node)
{
    text_clean(out, SHOWN_BYTES, (const char *)node->data.scalar.value, node->data.scalar.length);
}

static bool expect_scalar(struct walk *walk, const yaml_node_t *node, const struct config_key *key)
{
    if (node->type != YAML_SCALAR_NODE) {
        ERROR_AT(walk, node, "\"%s\" must be %s, not %s", key->name, config_kind_help(key->kind),
                 node_kind(node));
        return false;
    }
    if (is_null(node)) {
        ERROR_AT(walk, node, "\"%s\" is empty; it must be %s", key->name,
                 config_kind_help(key->kind));
        return false;
    }
    return true;
}

static const char *copy_scalar(struct walk *walk, const yaml_node_t *node)
{
    char *copy = rows_alloc(walk, node->data.scalar.length + 1, 1);
    if (copy != NULL) {
        memcpy(copy, node->data.scalar.value, node->data.scalar.length);
    }
    return copy;
}

static void parse_int(struct walk *walk, const yaml_node_t *node, const struct config_key *key,
                      int64_t *out)
{
    const char *text = (const char *)node->data.scalar.value;
    int64_t value = 0;
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
        !number_parse_i64(text, node->data.scalar.length, &value)) {
        char word[SHOWN_BYTES];
        shown(word, node);
        ERROR_AT(walk, node, "\"%s\" must be a whole number, not \"%s\"", key->name, word);
    } else if (value < key->least || value > key->most) {
        ERROR_AT(walk, node, "\"%s\" must be from %lld to %lld, not %lld", key->name,
                 (long long)key->least, (long long)key->most, (long long)value);
    } else {
        *out = value;
    }
}

static void parse_duration(struct walk *walk, const yaml_node_t *node, const struct config_key *key,
                           int64_t *out)
{
    char word[SHOWN_BYTES];
    char bound[DURATION_TEXT_BYTES];
    int64_t value = 0;
    shown(word, node);
    if (!duration_parse((const char *)node->data.scalar.value, node->data.scalar.length, &value)) {
        ERROR_AT(walk, node, "\"%s\" must be a duration such as 90s or 5m, not \"%s\"", key->name,
                 word);
    } else if (value < key->least) {
        duration_print_rtt(bound, key->least);
        ERROR_AT(walk, node, "\"%s\" must be at least %s, not %s", key->name, bound, word);
    } else if (key->most > 0 && value > key->most) {
        duration_print_rtt(bound, key->most);
        ERROR_AT(walk, node, "\"%s\" must be at most %s, not %s", key->name, bound, word);
    } else {
        *out = value;
    }
}

static void parse_word(struct walk *walk, const yaml_node_t *node, const struct config_key *key,
                       unsigned *out)
{
    char word[SHOWN_BYTES];
    shown(word, node);
    const char *text = (const char *)node->data.scalar.value;
    if (strlen(text) == node->data.scalar.length && name_value(key->words, text, out)) {
        return;
    }
    const char *near = suggest_nearest(word, key->words->words, key->words->count);
    ERROR_AT(walk, node, "\"%s\" must be %s, not \"%s\"%s%s%s", key->name, key->help, word,
             near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
             near != NULL ? "\"?" : "");
}

static void parse_text(struct walk *walk, const yaml_node_t *node, enum config_kind kind,
                       const char *name, const char **out)
{
    const char *text = (const char *)node->data.scalar.value;
    const char *problem = config_value_problem(kind, text, node->data.scalar.length);
    if (problem == NULL) {
        *out = copy_scalar(walk, node);
        return;
    }
    char word[SHOWN_BYTES];
    shown(word, node);
    ERROR_AT(walk, node, "\"%s\" must be %s, not \"%s\": %s", name, config_kind_help(kind), word,
             problem);
}

static void parse_secret(struct walk *walk, const yaml_node_t *node, const struct config_key *key,
                         struct config_secret *out)
{
    struct config_place place = place_of(node->start_mark);
    if (out->source != SECRET_NONE) {
        ERROR_AT(walk, node, "\"%s\": the same is given on line %u already; keep one", key->name,
                 out->place.line);
        return;
    }
    const char *text = (const char *)node->data.scalar.value;
    const char *problem = config_value_problem(KIND_SECRET, text, node->data.scalar.length);
    if (problem != NULL) {
        ERROR_AT(walk, node, "\"%s\" is not usable: %s", key->name, problem);
        return;
    }
    out->source = key->source;
    out->place = place;
    out->text = copy_scalar(walk, node);
    if (key->source == SECRET_INLINE && strcmp(key->name, "user") != 0 &&
        walk->config->inline_secret.line == 0) {
        walk->config->inline_secret = place;
    }
}

/* Begin a list of at most CONFIG_MAX_ROWS rows; false after a problem. */
static bool begin_rows(struct walk *walk, const yaml_node_t *node, const char *name, bool is_map,
                       size_t row_bytes, struct config_list *out)
{
    enum yaml_node_type_e wanted = is_map ? YAML_MAPPING_NODE : YAML_SEQUENCE_NODE;
    if (node->type != wanted) {
        ERROR_AT(walk, node, "\"%s\" must be %s, not %s", name,
                 is_map ? "a mapping" : "a list (one \"- \" a line, or [a, b])", node_kind(node));
        return false;
    }
    size_t count = is_map
                       ? (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start)
                       : (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (count == 0) {
        ERROR_AT(walk, node, "\"%s\" is empty", name);
        return false;
    }
    if (count > CONFIG_MAX_ROWS) {
        ERROR_AT(walk, node, "\"%s\" has %zu entries, at most %d are possible", name, count,
                 CONFIG_MAX_ROWS);
        return false;
    }
    out->count = 0; /* a row that was given up may have filled it */
    out->rows = rows_alloc(walk, count, row_bytes);
    return out->rows != NULL;
}

static void parse_texts(struct walk *walk, const yaml_node_t *node, enum config_kind kind,
                        const char *name, struct config_list *out)
{
    if (!begin_rows(walk, node, name, false, sizeof(const char *), out)) {
        return;
    }
    const char **rows = out->rows;
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        yaml_node_t *value = take_node(walk, *item);
        if (value == NULL) {
            continue;
        }
        if (value->type != YAML_SCALAR_NODE) {
            ERROR_AT(walk, value, "an entry of \"%s\" must be %s, not %s", name,
                     config_kind_help(kind), node_kind(value));
            continue;
        }
        parse_text(walk, value, kind, name, &rows[out->count]);
        if (rows[out->count] != NULL) {
            out->count++;
        }
    }
}

static void parse_targets(struct walk *walk, const yaml_node_t *node, const struct config_key *key,
                          struct config_list *out)
{
    if (!begin_rows(walk, node, key->name, true, sizeof(struct config_target), out)) {
        return;
    }
    struct config_target *rows = out->rows;
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = take_node(walk, pair->key);
        yaml_node_t *value = take_node(walk, pair->value);
        if (name == NULL || value == NULL) {
            continue;
        }
        if (name->type != YAML_SCALAR_NODE) {
            ERROR_AT(walk, name, "a key of \"%s\" must be a region's name", key->name);
            continue;
        }
        struct config_target *row = &rows[out->count];
        memset(row, 0, sizeof(*row));
        row->place = place_of(name->start_mark);
        parse_text(walk, name, KIND_NAME, key->name, &row->region);
        parse_texts(walk, value, KIND_TEXT, key->name, &row->values);
        if (row->region != NULL) {
            out->count++;
        }
    }
}

static void parse_map(struct walk *walk, const yaml_node_t *node, const struct config_map *map,
                      void *base);

static void parse_rows(struct walk *walk, const yaml_node_t *node, const struct config_key *key,
                       struct config_list *out)
{
    if (!begin_rows(walk, node, key->name, false, key->map->bytes, out)) {
        return;
    }
    for (yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        yaml_node_t *row = take_node(walk, *item);
        if (row != NULL) {
            parse_map(walk, row, key->map, (char *)out->rows + out->count * key->map->bytes);
            out->count++;
        }
    }
}

static void parse_value(struct walk *walk, yaml_node_t *node, const struct config_key *key,
                        char *base)
{
    void *out = base + key->offset;
    struct config_place place = place_of(node->start_mark);
    if (key->place_offset != 0) {
        memcpy(base + key->place_offset, &place, sizeof(place));
    }
    switch (key->kind) {
    case KIND_MAP:
        parse_map(walk, node, key->map, out);
        return;
    case KIND_ROWS:
        parse_rows(walk, node, key, out);
        return;
    case KIND_LIST:
        parse_texts(walk, node, key->item, key->name, out);
        return;
    case KIND_TARGETS:
        parse_targets(walk, node, key, out);
        return;
    case KIND_RESERVED:
        memcpy(out, &place, sizeof(place));
        return;
    case KIND_SUBJECT:
        if (node->type == YAML_SCALAR_NODE && is_null(node)) {
            return;
        }
        break;
    case KIND_INT:
    case KIND_DURATION:
    case KIND_WORD:
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
    case KIND_STREAM:
    case KIND_SECRET:
        break;
    }
    if (!expect_scalar(walk, node, key)) {
        return;
    }
    if (key->kind == KIND_INT) {
        parse_int(walk, node, key, out);
    } else if (key->kind == KIND_DURATION) {
        parse_duration(walk, node, key, out);
    } else if (key->kind == KIND_WORD) {
        parse_word(walk, node, key, out);
    } else if (key->kind == KIND_SECRET) {
        parse_secret(walk, node, key, out);
    } else {
        parse_text(walk, node, key->kind, key->name, out);
    }
}

static const struct config_key *find_key(struct walk *walk, const yaml_node_t *name,
                                         const struct config_map *map)
{
    if (name->type != YAML_SCALAR_NODE) {
        ERROR_AT(walk, name, "a key in %s must be a name, not %s", map->name, node_kind(name));
        return NULL;
    }
    const char *text = (const char *)name->data.scalar.value;
    const char *candidates[64];
    for (size_t i = 0; i < map->count; i++) {
        if (strlen(text) == name->data.scalar.length && strcmp(map->keys[i].name, text) == 0) {
            return &map->keys[i];
        }
        candidates[i] = map->keys[i].name;
    }
    char word[SHOWN_BYTES];
    shown(word, name);
    const char *near = suggest_nearest(word, candidates, map->count);
    ERROR_AT(walk, name, "unknown key \"%s\" in %s%s%s%s", word, map->name,
             near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
             near != NULL ? "\"?" : "");
    return NULL;
}

static void report_missing(struct walk *walk, const yaml_node_t *node, const struct config_map *map,
                           uint64_t seen)
{
    for (size_t i = 0; i < map->count; i++) {
        if (map->keys[i].is_required && (seen & (UINT64_C(1) << i)) == 0) {
            ERROR_AT(walk, node, "\"%s\" is missing in %s: %s", map->keys[i].name, map->name,
                     map->keys[i].help);
        }
    }
}

/* Depth is that of the schema, so this recursion is bounded. */
static void parse_map(struct walk *walk, const yaml_node_t *node, const struct config_map *map,
                      void *base)
{
    struct config_place place = place_of(node->start_mark);
    memcpy(base, &place, sizeof(place));
    if (node->type != YAML_MAPPING_NODE) {
        ERROR_AT(walk, node, "%s must be a mapping (key: value), not %s", map->name,
                 node_kind(node));
        return;
    }
    uint64_t seen = 0;
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = take_node(walk, pair->key);
        const struct config_key *key = name != NULL ? find_key(walk, name, map) : NULL;
        if (key == NULL) {
            continue;
        }
        uint64_t bit = UINT64_C(1) << (size_t)(key - map->keys);
        if ((seen & bit) != 0) {
            ERROR_AT(walk, name, "\"%s\" is given twice in %s", key->name, map->name);
            continue;
        }
        seen |= bit;
        yaml_node_t *value = take_node(walk, pair->value);
        if (value != NULL) {
            parse_value(walk, value, key, base);
        }
    }
    report_missing(walk, node, map, seen);
}

enum fs_status config_walk(yaml_document_t *document, struct config *config,
                           struct config_problems *problems)
{
    struct walk state = {config, problems, document, NULL, false};
    struct walk *walk = &state;
    yaml_node_t *root = yaml_document_get_root_node(walk->document);
    if (root == NULL) {
        struct config_place start = {1, 1};
        config_problem_add(problems, CONFIG_ERROR, start, "the file is empty");
        return ST_INVALID;
    }
    size_t nodes = (size_t)(walk->document->nodes.top - walk->document->nodes.start);
    walk->is_visited = calloc(nodes + 1, sizeof(bool));
    if (walk->is_visited == NULL) {
        return ST_NO_MEMORY;
    }
    walk->is_visited[1] = true; /* the root */
    parse_map(walk, root, &config_schema, config);
    free(walk->is_visited);
    return walk->has_no_memory ? ST_NO_MEMORY : ST_OK;
}
