/*
 * event_codec.h - an event as one JSON object on one line, and back.
 *
 * {"type":"stream","seq":42,"mono_ns":…,"at_ns":…,"stream":"AGENTESE",…}
 * Integers are exact and never floats. An absent text (NULL) is left out; numbers of value 0, false
 * and the first word of an enumeration are written too, so that a line is complete in itself.
 */
#ifndef FARSHORE_CORE_EVENT_CODEC_H
#define FARSHORE_CORE_EVENT_CODEC_H

#include <stddef.h>

#include "farshore/base/err.h"
#include "farshore/base/strbuf.h"
#include "farshore/core/event.h"

#define EVENT_TEXT_BYTES 65536 /* all texts of one decoded event together */

/* Append the event without a line feed. Check buf->has_failed once at the end. */
void event_encode(const struct event *event, struct strbuf *buf);

/* Room for the texts of one decoded event; borrowed by the event until the next decode. */
struct event_texts {
    char bytes[EVENT_TEXT_BYTES];
    size_t used;
};

/*
 * Decode one line.
 *
 * Unknown keys are skipped (a newer program wrote them); a missing key is its zero value. Texts are
 * cleaned on the way, so that a hostile file cannot reach the terminal.
 *
 * Returns  ST_OK; ST_INVALID for broken JSON, an unknown type or a value out of range, err says
 * which key; ST_FULL when the texts exceed EVENT_TEXT_BYTES.
 */
enum fs_status event_decode(const char *line, size_t length, struct event *event,
                            struct event_texts *texts, struct err *err);

#endif
