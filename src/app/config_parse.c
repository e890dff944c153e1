/*
 * config_parse.c - a YAML text into a checked struct config.
 *
 * Why:   a pure function of a text, so that tests and the fuzz target need no files.
 * How:   libyaml loads the document with marks, config_walk() fills the struct,
 * config_cross_check() compares the keys with each other; then the problems are put into the file's
 * order. Rules: no file, no environment, no clock. See:   docs/CONFIG.md;
 * tests/unit/app/test_config_parse.c, tests/fuzz/fuzz_app_config.c
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "config_schema.h"
#include "config_walk.h"
#include "farshore/base/duration.h"

#define MAX_DEPTH 32

struct config_chunk {
    struct config_chunk *next;
    size_t bytes;
    max_align_t data[];
};

void *config_alloc(struct config *config, size_t bytes)
{
    struct config_chunk *chunk = calloc(1, sizeof(*chunk) + bytes);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->bytes = bytes;
    chunk->next = config->chunks;
    config->chunks = chunk;
    return chunk->data;
}

void config_destroy(struct config *config)
{
    struct config_chunk *chunk = config->chunks;
    while (chunk != NULL) {
        struct config_chunk *next = chunk->next;
        explicit_bzero(chunk->data, chunk->bytes);
        free(chunk);
        chunk = next;
    }
    memset(config, 0, sizeof(*config));
}

void config_problem_add(struct config_problems *problems, unsigned severity,
                        struct config_place place, const char *format, ...)
{
    if (severity == CONFIG_ERROR) {
        problems->errors++;
    }
    if (problems->count == CONFIG_MAX_PROBLEMS) {
        problems->dropped++;
        return;
    }
    struct config_problem *problem = &problems->rows[problems->count++];
    problem->severity = (enum config_severity)severity;
    problem->place = place;
    va_list args;
    va_start(args, format);
    vsnprintf(problem->text, sizeof(problem->text), format, args);
    va_end(args);
}

static void set_defaults(struct config *config)
{
    config->interval_ns = NS_PER_S;
    config->verdict.hold_ns = 60 * NS_PER_S;
    config->verdict.clear_ns = 120 * NS_PER_S;
    config->objectives.api_rto_ns = 5 * NS_PER_MINUTE;
    config->objectives.stream_rto_ns = 15 * NS_PER_MINUTE;
    config->objectives.rpo_ns = 5 * NS_PER_MINUTE;
    config->objectives.lag_warn_ns = 3 * NS_PER_MINUTE;
}

/* Stable, and short enough for insertion: by line, then column. */
static void sort_problems(struct config_problems *problems)
{
    for (size_t i = 1; i < problems->count; i++) {
        struct config_problem row = problems->rows[i];
        size_t at = i;
        while (at > 0 && (problems->rows[at - 1].place.line > row.place.line ||
                          (problems->rows[at - 1].place.line == row.place.line &&
                           problems->rows[at - 1].place.column > row.place.column))) {
            problems->rows[at] = problems->rows[at - 1];
            at--;
        }
        problems->rows[at] = row;
    }
}

static void report_yaml(const yaml_parser_t *parser, struct config_problems *problems)
{
    struct config_place place = {(unsigned)parser->problem_mark.line + 1,
                                 (unsigned)parser->problem_mark.column + 1};
    const char *problem = parser->problem != NULL ? parser->problem : "not readable";
    if (parser->error == YAML_READER_ERROR) {
        place.line = 1;
        place.column = 1;
        config_problem_add(problems, CONFIG_ERROR, place, "not UTF-8 text at byte %zu: %s",
                           parser->problem_offset, problem);
    } else if (parser->context != NULL) {
        config_problem_add(problems, CONFIG_ERROR, place,
                           "not YAML: %s (%s that began on line %zu)", problem, parser->context,
                           parser->context_mark.line + 1);
    } else {
        config_problem_add(problems, CONFIG_ERROR, place, "not YAML: %s", problem);
    }
}

/* A second document would be silently ignored, so it is an error. */
static void check_single(yaml_parser_t *parser, struct config_problems *problems)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next)) {
        report_yaml(parser, problems);
        return;
    }
    yaml_node_t *root = yaml_document_get_root_node(&next);
    if (root != NULL) {
        struct config_place place = {(unsigned)root->start_mark.line + 1,
                                     (unsigned)root->start_mark.column + 1};
        config_problem_add(problems, CONFIG_ERROR, place,
                           "a second document (after ---); the file must hold one");
    }
    yaml_document_delete(&next);
}

/* The library takes minutes over deep nests, so that they are refused before it builds any. */
static enum fs_status check_depth(const char *text, size_t length, struct config_problems *problems)
{
    yaml_parser_t parser;
    yaml_event_t event;
    unsigned depth = 0;
    bool is_end = false;
    if (!yaml_parser_initialize(&parser)) {
        return ST_NO_MEMORY;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    /* What is no YAML is reported by the load that follows. */
    while (!is_end && depth <= MAX_DEPTH && yaml_parser_parse(&parser, &event)) {
        struct config_place place = {(unsigned)event.start_mark.line + 1,
                                     (unsigned)event.start_mark.column + 1};
        bool is_begin =
            event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT;
        bool is_close =
            event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
        depth += is_begin ? 1 : 0;
        depth -= is_close ? 1 : 0;
        is_end = event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT;
        if (depth > MAX_DEPTH) {
            config_problem_add(problems, CONFIG_ERROR, place, "nested deeper than %d", MAX_DEPTH);
        }
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return depth > MAX_DEPTH ? ST_INVALID : ST_OK;
}

static enum fs_status load_and_walk(yaml_parser_t *parser, struct config *out,
                                    struct config_problems *problems)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document)) {
        if (parser->error == YAML_MEMORY_ERROR) {
            return ST_NO_MEMORY;
        }
        report_yaml(parser, problems);
        return ST_INVALID;
    }
    enum fs_status status = config_walk(&document, out, problems);
    bool is_empty = yaml_document_get_root_node(&document) == NULL;
    yaml_document_delete(&document);
    if (status == ST_OK && !is_empty) {
        check_single(parser, problems);
    }
    return status;
}

enum fs_status config_parse(const char *text, size_t length, struct config *out,
                            struct config_problems *problems)
{
    memset(out, 0, sizeof(*out));
    memset(problems, 0, sizeof(*problems));
    set_defaults(out);
    if (length > CONFIG_MAX_BYTES) {
        struct config_place none = {0, 0};
        config_problem_add(problems, CONFIG_ERROR, none, "larger than %d bytes", CONFIG_MAX_BYTES);
        return ST_INVALID;
    }
    enum fs_status nests = check_depth(text, length, problems);
    yaml_parser_t parser;
    if (nests != ST_OK || !yaml_parser_initialize(&parser)) {
        return nests != ST_OK ? nests : ST_NO_MEMORY;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    enum fs_status status = load_and_walk(&parser, out, problems);
    yaml_parser_delete(&parser);
    if (status == ST_NO_MEMORY) {
        return status;
    }
    if (status == ST_OK) {
        config_cross_check(out, problems);
    }
    out->has_name = out->name != NULL;
    if (!out->has_name) {
        out->name = "farshore";
    }
    sort_problems(problems);
    return problems->errors > 0 ? ST_INVALID : ST_OK;
}
