/*
 * number.h - exact integers from and to text; nothing passes through a double.
 */
#ifndef FARSHORE_BASE_NUMBER_H
#define FARSHORE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_TEXT_BYTES 32 /* room for any of the texts below */

/* Whole text is one decimal integer in range; no sign for u64, no blanks, no leading '+'. */
bool number_parse_u64(const char *text, size_t count, uint64_t *out);
bool number_parse_i64(const char *text, size_t count, int64_t *out);

/* Plain decimal digits; returns the length. out must hold NUMBER_TEXT_BYTES. */
size_t number_print_u64(char *out, uint64_t value);
size_t number_print_i64(char *out, int64_t value);

/* With thousands commas as the nats CLI prints counts: 1,204. Returns the length. */
size_t number_print_grouped(char *out, int64_t value);

/* Bytes in KiB/MiB/GiB with one decimal as the nats CLI prints them: 1.2 MiB. Returns the length.
 */
size_t number_print_bytes(char *out, int64_t bytes);

/* Counts in at most 5 columns: 0..9999, 18.2k, 1.3M, 4.0G. Returns the length. */
size_t number_print_short(char *out, int64_t value);

#endif
