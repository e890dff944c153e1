/*
 * fault.c - the words of `lab fault`.
 *
 * Why:   the shell, the console's `:lab` and a drill say the same words; one parser names every
 * mistake. How:   one row a verb with the form of what follows; names are looked up in the lab's
 * own layout. Rules: pure; an unknown name is answered with the nearest valid one. See:   CONTRACTS
 * 10; tests/unit/lab/test_fault.c
 */
#include "fault.h"

#include <stdio.h>
#include <string.h>

#include "farshore/base/number.h"
#include "farshore/base/suggest.h"
#include "farshore/base/text.h"
#include "wan.h"

enum fault_form {
    FORM_TARGET, /* REGION[/NODE] */
    FORM_WAY,    /* A-B */
    FORM_DELAY,  /* A-B MS */
    FORM_RATE,   /* A-B BYTES */
    FORM_APP,    /* 503|down|ok REGION */
    FORM_CONTROL,
    FORM_DISK,
};

struct fault_verb {
    const char *name;
    enum fault_kind kind;
    enum fault_form form;
};

static const struct fault_verb fault_table[] = {
    {.name = "kill", .kind = FAULT_KILL, .form = FORM_TARGET},
    {.name = "term", .kind = FAULT_TERM, .form = FORM_TARGET},
    {.name = "stop", .kind = FAULT_STOP, .form = FORM_TARGET},
    {.name = "cont", .kind = FAULT_CONT, .form = FORM_TARGET},
    {.name = "start", .kind = FAULT_START, .form = FORM_TARGET},
    {.name = "cut", .kind = FAULT_CUT, .form = FORM_WAY},
    {.name = "stall", .kind = FAULT_STALL, .form = FORM_WAY},
    {.name = "heal", .kind = FAULT_HEAL, .form = FORM_WAY},
    {.name = "delay", .kind = FAULT_DELAY, .form = FORM_DELAY},
    {.name = "bandwidth", .kind = FAULT_BANDWIDTH, .form = FORM_RATE},
    {.name = "app", .kind = FAULT_APP, .form = FORM_APP},
    {.name = "control", .kind = FAULT_CONTROL, .form = FORM_CONTROL},
    {.name = "disk", .kind = FAULT_DISK, .form = FORM_DISK},
};

#define FAULT_VERBS (sizeof(fault_table) / sizeof(fault_table[0]))
#define NAMES_MAX 24

static const char *const verb_names[FAULT_VERBS + 1] = {
    "kill", "term",  "stop",      "cont", "start",   "cut",  "stall",
    "heal", "delay", "bandwidth", "app",  "control", "disk", NULL,
};

const char *const *fault_verbs(void)
{
    return verb_names;
}

static enum fs_status unknown(const char *what, const char *word, const char *const *names,
                              size_t count, struct err *err)
{
    char shown[64];
    const char *nearest = suggest_nearest(word, names, count);

    (void)text_clean(shown, sizeof(shown), word, strlen(word));
    if (nearest != NULL) {
        return err_set(err, ST_INVALID, "unknown %s \"%s\"; did you mean \"%s\"?", what, shown,
                       nearest);
    }
    char list[256];
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < count && used < sizeof(list); i++) {
        used +=
            (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return err_set(err, ST_INVALID, "unknown %s \"%s\"; there are %s", what, shown, list);
}

static enum fs_status parse_region(const struct lab_layout *layout, const char *word, int count,
                                   int *out, struct err *err)
{
    const char *names[LAB_REGIONS_MAX];

    for (int i = 0; i < count; i++) {
        names[i] = layout->regions[i].name;
    }
    *out = layout_find_region(layout, word);
    if (*out < 0 || *out >= count) {
        return unknown("region", word, names, (size_t)count, err);
    }
    return ST_OK;
}

/* "rg1", "rg1/rg1-n1"; the node alone is understood too. */
static enum fs_status parse_target(const struct lab_layout *layout, const char *word,
                                   struct fault *out, struct err *err)
{
    char region[64];
    const char *names[NAMES_MAX];
    size_t count = 0;
    const char *slash = strchr(word, '/');

    out->node = layout_find_node(layout, slash != NULL ? slash + 1 : word);
    if (slash == NULL && out->node >= 0) {
        out->region = layout->nodes[out->node].region;
        return ST_OK;
    }
    text_copy(region, sizeof(region), word);
    if (slash != NULL && (size_t)(slash - word) < sizeof(region)) {
        region[slash - word] = '\0';
    }
    out->region = layout_find_region(layout, region);
    if (slash == NULL) {
        if (out->region >= 0) {
            return ST_OK;
        }
        for (int i = 0; i < layout->region_count; i++) {
            names[count++] = layout->regions[i].name;
        }
        for (int i = 0; i < layout->node_count; i++) {
            names[count++] = layout->nodes[i].name;
        }
        return unknown("region or node", word, names, count, err);
    }
    enum fs_status status = parse_region(layout, region, layout->region_count, &out->region, err);
    if (status != ST_OK) {
        return status;
    }
    if (out->node >= 0 && layout->nodes[out->node].region == out->region) {
        return ST_OK;
    }
    const struct lab_region *at = &layout->regions[out->region];
    for (int i = 0; i < at->node_count; i++) {
        names[count++] = layout->nodes[at->first_node + i].name;
    }
    return unknown("node", slash + 1, names, count, err);
}

static enum fs_status parse_place(const struct lab_layout *layout, const char *word, int *out,
                                  struct err *err)
{
    const char *names[LAB_PLACES_MAX];

    for (int i = 0; i <= layout->region_count; i++) {
        names[i] = layout_place_name(layout, i);
    }
    *out = layout_find_place(layout, word);
    if (*out < 0) {
        return unknown("place", word, names, (size_t)layout->region_count + 1, err);
    }
    return ST_OK;
}

static enum fs_status parse_way(const struct lab_layout *layout, const char *word,
                                struct fault *out, struct err *err)
{
    char first[64];
    const char *dash = strchr(word, '-');

    if (dash == NULL || (size_t)(dash - word) >= sizeof(first)) {
        return err_set(err, ST_INVALID,
                       "a way is two places joined by \"-\", such as rg1-rg2 or "
                       "here-rg1");
    }
    text_copy(first, sizeof(first), word);
    first[dash - word] = '\0';
    enum fs_status status = parse_place(layout, first, &out->place_a, err);
    if (status == ST_OK) {
        status = parse_place(layout, dash + 1, &out->place_b, err);
    }
    if (status == ST_OK && out->place_a == out->place_b) {
        status = err_set(err, ST_INVALID,
                         "a way joins two different places; inside a region the "
                         "servers are joined directly");
    }
    return status;
}

static enum fs_status parse_value(const char *word, int64_t most, const char *unit, int64_t *out,
                                  struct err *err)
{
    if (!number_parse_i64(word, strlen(word), out) || *out < 0 || *out > most) {
        return err_set(err, ST_INVALID, "wanted a whole number of %s from 0 to %lld", unit,
                       (long long)most);
    }
    return ST_OK;
}

static enum fs_status parse_mode(const char *word, const char *const *names, int count,
                                 const enum fault_mode *modes, struct fault *out, struct err *err)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0) {
            out->mode = modes[i];
            return ST_OK;
        }
    }
    return unknown("state", word, names, (size_t)count, err);
}

static enum fs_status parse_state(const struct lab_layout *layout, enum fault_form form,
                                  const char *const *words, struct fault *out, struct err *err)
{
    static const char *const app_names[] = {"503", "down", "ok"};
    static const enum fault_mode app_modes[] = {FAULT_MODE_503, FAULT_MODE_DOWN, FAULT_MODE_OK};
    static const char *const control_names[] = {"down", "up"};
    static const enum fault_mode control_modes[] = {FAULT_MODE_DOWN, FAULT_MODE_OK};
    static const char *const disk_names[] = {"full", "ok"};
    static const enum fault_mode disk_modes[] = {FAULT_MODE_FULL, FAULT_MODE_OK};

    if (form == FORM_CONTROL) {
        return parse_mode(words[0], control_names, 2, control_modes, out, err);
    }
    enum fs_status status = form == FORM_APP
                                ? parse_mode(words[0], app_names, 3, app_modes, out, err)
                                : parse_mode(words[0], disk_names, 2, disk_modes, out, err);
    if (status != ST_OK) {
        return status;
    }
    int regions = form == FORM_APP ? LAB_ENDPOINTS : layout->region_count;
    return parse_region(layout, words[1], regions, &out->region, err);
}

static const char *form_usage(enum fault_form form)
{
    switch (form) {
    case FORM_TARGET:
        return "REGION[/NODE]";
    case FORM_WAY:
        return "A-B";
    case FORM_DELAY:
        return "A-B MS";
    case FORM_RATE:
        return "A-B BYTES";
    case FORM_APP:
        return "503|down|ok REGION";
    case FORM_CONTROL:
        return "down|up";
    case FORM_DISK:
        return "full|ok REGION";
    }
    return "";
}

static int form_words(enum fault_form form)
{
    return form == FORM_TARGET || form == FORM_WAY || form == FORM_CONTROL ? 1 : 2;
}

static enum fs_status parse_form(const struct lab_layout *layout, enum fault_form form,
                                 const char *const *words, struct fault *out, struct err *err)
{
    enum fs_status status = ST_OK;

    switch (form) {
    case FORM_TARGET:
        return parse_target(layout, words[0], out, err);
    case FORM_WAY:
        return parse_way(layout, words[0], out, err);
    case FORM_DELAY:
        status = parse_way(layout, words[0], out, err);
        return status != ST_OK
                   ? status
                   : parse_value(words[1], WAN_DELAY_MAX_MS, "milliseconds", &out->value, err);
    case FORM_RATE:
        status = parse_way(layout, words[0], out, err);
        return status != ST_OK
                   ? status
                   : parse_value(words[1], WAN_BANDWIDTH_MAX, "bytes a second", &out->value, err);
    case FORM_APP:
    case FORM_CONTROL:
    case FORM_DISK:
        return parse_state(layout, form, words, out, err);
    }
    return status;
}

enum fs_status fault_parse(const struct lab_layout *layout, int count, const char *const *words,
                           struct fault *out, struct err *err)
{
    memset(out, 0, sizeof(*out));
    out->node = -1;
    if (count < 1) {
        return err_set(err, ST_INVALID,
                       "which fault? there are kill, term, stop, cont, start, "
                       "cut, stall, heal, delay, bandwidth, app, control, disk");
    }
    for (size_t i = 0; i < FAULT_VERBS; i++) {
        if (strcmp(words[0], fault_table[i].name) != 0) {
            continue;
        }
        if (count - 1 != form_words(fault_table[i].form)) {
            return err_set(err, ST_INVALID, "usage: fault %s %s", fault_table[i].name,
                           form_usage(fault_table[i].form));
        }
        out->kind = fault_table[i].kind;
        return parse_form(layout, fault_table[i].form, words + 1, out, err);
    }
    return unknown("fault", words[0], verb_names, FAULT_VERBS, err);
}
