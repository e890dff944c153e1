/*
 * decode_target.h - drive one decoder with a sink that asserts what every event must hold: texts
 * are clean, a server has a name.
 */
#ifndef FARSHORE_TESTS_FUZZ_DECODE_TARGET_H
#define FARSHORE_TESTS_FUZZ_DECODE_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "decode.h"
#include "farshore/base/assert.h"
#include "farshore/base/text.h"
#include "farshore/core/event_table.h"

/* Every text of every event may reach a terminal: it must be clean. */
static inline void check_event(void *context, const struct event *event)
{
    const struct event_info *info = event_info(event->type);
    (void)context;
    for (size_t i = 0; i < info->field_count; i++) {
        const char *text = NULL;
        if (info->fields[i].kind != FIELD_TEXT) {
            continue;
        }
        memcpy(&text, (const char *)event + info->fields[i].offset, sizeof(text));
        FS_ASSERT(text == NULL || text_is_clean(text, strlen(text)));
    }
    FS_ASSERT(event->type != EVT_SERVER || event->u.server.server[0] != '\0');
}

static inline void fuzz_reply(const uint8_t *data, size_t size, enum ask_kind kind)
{
    struct decode_result result;
    const struct event_sink sink = {.put = check_event};
    struct decode_context context = {.kind = kind, .via = "rg1", .keeps_raw = true};
    decode_reply((const char *)data, size, &context, &sink, &result);
}

static inline void fuzz_stats_push(const uint8_t *data, size_t size)
{
    struct decode_result result;
    const struct event_sink sink = {.put = check_event};
    struct decode_context context = {.kind = ASK_PUSH, .via = "rg1", .rtt_ns = -1};
    decode_stats_push((const char *)data, size, &context, &sink, &result);
}

static inline void fuzz_bye(const uint8_t *data, size_t size)
{
    struct decode_result result;
    const struct event_sink sink = {.put = check_event};
    decode_bye((const char *)data, size, BYE_SHUTDOWN, &sink, &result);
}

static inline void fuzz_advisory(const uint8_t *data, size_t size)
{
    struct decode_result result;
    const struct event_sink sink = {.put = check_event};
    decode_advisory((const char *)data, size, ADVISORY_QUORUM_LOST, &sink, &result);
}

#endif
