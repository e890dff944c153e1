/*
 * input.h - bytes from the terminal as keys, pastes and answers. A pure state machine.
 *
 * Time belongs to the caller: input_timeout_ms() says how long a half-read sequence may wait
 * (25 ms for an ESC that may be a key of its own, 1 s for a paste without its end), and
 * input_expire() ends the wait. Sequences that mean nothing here are dropped, never shown as keys.
 */
#ifndef FARSHORE_UI_PRIVATE_INPUT_H
#define FARSHORE_UI_PRIVATE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "farshore/ui/keymap.h"

#define INPUT_SEQUENCE_BYTES 64
#define INPUT_PASTE_BYTES 4096 /* what a prompt could ever use; the rest is counted */

struct input_sink {
    void *context;
    /* A key by its name ("P", "<Ctrl-l>"), as in keymaps. */
    void (*key)(void *context, const char *key);
    /* A whole paste, any bytes; lost_bytes of it found no room. */
    void (*paste)(void *context, const char *bytes, size_t count, size_t lost_bytes);
    /* The terminal's answer to DECRQM: setting is 0 (unknown mode) to 4. */
    void (*mode)(void *context, int mode, int setting);
};

enum input_state {
    INPUT_GROUND,
    INPUT_UTF8,
    INPUT_ESCAPE, /* after ESC */
    INPUT_CSI,    /* after ESC [ */
    INPUT_LINUX,  /* after ESC [ [ */
    INPUT_SS3,    /* after ESC O */
    INPUT_STRING, /* OSC, DCS, APC, PM, SOS: until ST or BEL */
    INPUT_PASTE
};

struct input {
    enum input_state state;
    char sequence[INPUT_SEQUENCE_BYTES]; /* parameters so far, or a UTF-8 character */
    size_t used;
    size_t wanted;         /* bytes of the UTF-8 character */
    bool has_overflow;     /* the sequence is longer than anything known: drop it */
    bool is_string_escape; /* an ESC was seen inside a string */
    size_t paste_count, paste_lost;
    char paste[INPUT_PASTE_BYTES];
};

void input_init(struct input *input);

void input_feed(struct input *input, const struct input_sink *sink, const char *bytes,
                size_t count);

/* How long until input_expire() is due; 0 when nothing waits. */
int input_timeout_ms(const struct input *input);

/* The wait is over: a lone ESC is the key <Esc>, a paste without end is a paste. */
void input_expire(struct input *input, const struct input_sink *sink);

#endif
