/*
 * hash.h - a 64-bit hash for tables and digests (FNV-1a, then mixed). Not for secrets.
 */
#ifndef FARSHORE_BASE_HASH_H
#define FARSHORE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SEED UINT64_C(14695981039346656037)

/* Go on from hash with count more bytes. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count);

/* Go on with a NUL-terminated text and its end, so that "ab","c" differs from "a","bc". NULL is "".
 */
uint64_t hash_text(uint64_t hash, const char *text);

/* Go on with one number, the same on every architecture. */
uint64_t hash_u64(uint64_t hash, uint64_t value);

/* Spread the bits; call once at the end before the low bits index a table. */
uint64_t hash_finish(uint64_t hash);

#endif
