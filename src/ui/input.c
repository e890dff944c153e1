/*
 * input.c - decode what a terminal sends.
 *
 * Why:   ncurses' getch blocks, reads the terminal by itself and cannot tell a paste from typing;
 *        a paste that is taken as keys is an accident waiting.
 * How:   the states of a VT parser, cut down to what keys, bracketed paste and DECRPM need.
 * Rules: pure: bytes in, events out. Between ESC[200~ and ESC[201~ nothing is ever a key.
 * See:   tests/unit/ui/test_input.c; facts: xterm's control sequences, "PC-Style Function Keys"
 */
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/text.h"

#define ESC 0x1b
#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
#define ESCAPE_WAIT_MS 25
#define PASTE_WAIT_MS 1000
static const char paste_end[] = "\033[201~";
#define PASTE_END_BYTES (sizeof(paste_end) - 1)

void input_init(struct input *input)
{
    memset(input, 0, sizeof(*input));
}

static void emit_key(const struct input_sink *sink, const char *key)
{
    sink->key(sink->context, key);
}

/* Keys that are one byte. */
static void emit_byte(const struct input_sink *sink, unsigned char byte, bool is_alt)
{
    char key[KEY_NAME_BYTES];

    if (is_alt && byte > ' ' && byte < 0x7f) {
        (void)snprintf(key, sizeof(key), "<Alt-%c>", byte);
        emit_key(sink, key);
    } else if (is_alt) {
        return; /* Alt with a control or blank: no such key here */
    } else if (byte == '\r' || byte == '\n') {
        emit_key(sink, "<Enter>");
    } else if (byte == '\t') {
        emit_key(sink, "<Tab>");
    } else if (byte == 0x7f || byte == 0x08) {
        emit_key(sink, "<Backspace>");
    } else if (byte == ' ') {
        emit_key(sink, "<Space>");
    } else if (byte == '#') {
        emit_key(sink, "<Hash>");
    } else if (byte == '<') {
        emit_key(sink, "<Lt>");
    } else if (byte > ' ') {
        (void)snprintf(key, sizeof(key), "%c", byte);
        emit_key(sink, key);
    } else if (byte >= 1 && byte <= 26) {
        (void)snprintf(key, sizeof(key), "<Ctrl-%c>", 'a' + byte - 1);
        emit_key(sink, key);
    }
}

/* CSI number ~ : the editing and function keys. */
static const char *tilde_key(long number)
{
    static const struct {
        long number;
        const char *key;
    } keys[] = {
        {1, "<Home>"}, {2, "<Insert>"}, {3, "<Delete>"}, {4, "<End>"},  {5, "<PgUp>"},
        {6, "<PgDn>"}, {7, "<Home>"},   {8, "<End>"},    {11, "<F1>"},  {12, "<F2>"},
        {13, "<F3>"},  {14, "<F4>"},    {15, "<F5>"},    {17, "<F6>"},  {18, "<F7>"},
        {19, "<F8>"},  {20, "<F9>"},    {21, "<F10>"},   {23, "<F11>"}, {24, "<F12>"},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].number == number) {
            return keys[i].key;
        }
    }
    return NULL;
}

/* CSI letter and SS3 letter. */
static const char *letter_key(char letter)
{
    static const struct {
        char letter;
        const char *key;
    } keys[] = {
        {'A', "<Up>"},  {'B', "<Down>"}, {'C', "<Right>"}, {'D', "<Left>"},
        {'F', "<End>"}, {'H', "<Home>"}, {'M', "<Enter>"}, {'P', "<F1>"},
        {'Q', "<F2>"},  {'R', "<F3>"},   {'S', "<F4>"},    {'Z', "<S-Tab>"},
    };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].letter == letter) {
            return keys[i].key;
        }
    }
    return NULL;
}

/* A whole CSI sequence: its parameters are in input->sequence. */
static void finish_csi(struct input *input, const struct input_sink *sink, char final)
{
    const char *parameters = input->sequence;
    const char *key = NULL;
    char *end;

    input->state = INPUT_GROUND;
    if (input->has_overflow) {
        return;
    }
    if (final == 'y' && parameters[0] == '?') {
        long mode = strtol(parameters + 1, &end, 10);
        long setting = *end == ';' ? strtol(end + 1, &end, 10) : -1;
        if (strcmp(end, "$") == 0 && mode > 0 && mode < 100000 && setting >= 0 && setting <= 4) {
            sink->mode(sink->context, (int)mode, (int)setting);
        }
        return;
    }
    if (final == '~') {
        long number = strtol(parameters, &end, 10);
        if (number == 200 && *end == '\0') {
            input->state = INPUT_PASTE;
            input->paste_count = input->paste_lost = 0;
            return;
        }
        key = *end == '\0' ? tilde_key(number) : NULL;
    } else if (parameters[0] == '\0' && final != 'M') {
        key = letter_key(final);
    }
    if (key != NULL) {
        emit_key(sink, key);
    }
}

static void feed_csi(struct input *input, const struct input_sink *sink, unsigned char byte)
{
    if (byte == '[' && input->used == 0) {
        input->state = INPUT_LINUX;
    } else if (byte >= 0x40 && byte <= 0x7e) {
        finish_csi(input, sink, (char)byte);
    } else if (byte >= 0x20 && byte < 0x40) {
        if (input->used + 1 < sizeof(input->sequence)) {
            input->sequence[input->used++] = (char)byte;
            input->sequence[input->used] = '\0';
        } else {
            input->has_overflow = true;
        }
    } else if (byte == ESC) {
        input->state = INPUT_ESCAPE;
    } else {
        input->state = INPUT_GROUND;
    }
}

static void feed_escape(struct input *input, const struct input_sink *sink, unsigned char byte)
{
    input->used = 0;
    input->sequence[0] = '\0';
    input->has_overflow = false;
    input->is_string_escape = false;
    if (byte == '[') {
        input->state = INPUT_CSI;
    } else if (byte == 'O') {
        input->state = INPUT_SS3;
    } else if (byte == ']' || byte == 'P' || byte == '_' || byte == '^' || byte == 'X') {
        input->state = INPUT_STRING;
    } else if (byte == ESC) {
        emit_key(sink, "<Esc>");
    } else {
        input->state = INPUT_GROUND;
        emit_byte(sink, byte, true);
    }
}

static void feed_ground(struct input *input, const struct input_sink *sink, unsigned char byte)
{
    if (byte == ESC) {
        input->state = INPUT_ESCAPE;
    } else if (byte < 0x80) {
        emit_byte(sink, byte, false);
    } else if (byte >= 0xc2 && byte <= 0xf4) {
        input->sequence[0] = (char)byte;
        input->used = 1;
        input->wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        input->state = INPUT_UTF8;
    }
}

static void feed_utf8(struct input *input, const struct input_sink *sink, unsigned char byte)
{
    if ((byte & 0xc0) != 0x80) {
        input->state = INPUT_GROUND;
        feed_ground(input, sink, byte);
        return;
    }
    input->sequence[input->used++] = (char)byte;
    if (input->used == input->wanted) {
        input->sequence[input->used] = '\0';
        input->state = INPUT_GROUND;
        if (text_is_clean(input->sequence, input->used)) {
            emit_key(sink, input->sequence);
        }
    }
}

static void feed_string(struct input *input, unsigned char byte)
{
    if (byte == BEL || byte == CAN || byte == SUB || (input->is_string_escape && byte == '\\')) {
        input->state = INPUT_GROUND;
    }
    input->is_string_escape = byte == ESC;
}

static void finish_paste(struct input *input, const struct input_sink *sink)
{
    input->state = INPUT_GROUND;
    sink->paste(sink->context, input->paste, input->paste_count, input->paste_lost);
}

/* The end mark is looked for in what was kept, so the last bytes are always kept. */
static void feed_paste(struct input *input, const struct input_sink *sink, unsigned char byte)
{
    if (input->paste_count == sizeof(input->paste)) {
        memmove(input->paste + sizeof(input->paste) - PASTE_END_BYTES,
                input->paste + sizeof(input->paste) - PASTE_END_BYTES + 1, PASTE_END_BYTES - 1);
        input->paste_count--;
        input->paste_lost++;
    }
    input->paste[input->paste_count++] = (char)byte;
    if (byte == '~' && input->paste_count >= PASTE_END_BYTES &&
        memcmp(input->paste + input->paste_count - PASTE_END_BYTES, paste_end, PASTE_END_BYTES) ==
            0) {
        input->paste_count -= PASTE_END_BYTES;
        finish_paste(input, sink);
    }
}

static void feed_byte(struct input *input, const struct input_sink *sink, unsigned char byte)
{
    const char *key;

    switch (input->state) {
    case INPUT_GROUND:
        feed_ground(input, sink, byte);
        break;
    case INPUT_UTF8:
        feed_utf8(input, sink, byte);
        break;
    case INPUT_ESCAPE:
        feed_escape(input, sink, byte);
        break;
    case INPUT_CSI:
        feed_csi(input, sink, byte);
        break;
    case INPUT_LINUX:
        input->state = INPUT_GROUND;
        key = byte >= 'A' && byte <= 'E' ? tilde_key(11 + byte - 'A') : NULL;
        if (key != NULL) {
            emit_key(sink, key);
        }
        break;
    case INPUT_SS3:
        input->state = INPUT_GROUND;
        key = letter_key((char)byte);
        if (key != NULL) {
            emit_key(sink, key);
        }
        break;
    case INPUT_STRING:
        feed_string(input, byte);
        break;
    case INPUT_PASTE:
        feed_paste(input, sink, byte);
        break;
    }
}

void input_feed(struct input *input, const struct input_sink *sink, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        feed_byte(input, sink, (unsigned char)bytes[i]);
    }
}

int input_timeout_ms(const struct input *input)
{
    if (input->state == INPUT_GROUND) {
        return 0;
    }
    return input->state == INPUT_PASTE ? PASTE_WAIT_MS : ESCAPE_WAIT_MS;
}

void input_expire(struct input *input, const struct input_sink *sink)
{
    enum input_state state = input->state;

    if (state == INPUT_PASTE) {
        finish_paste(input, sink);
        return;
    }
    input->state = INPUT_GROUND;
    if (state == INPUT_ESCAPE) {
        emit_key(sink, "<Esc>");
    }
}
