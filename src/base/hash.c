/*
 * hash.c - FNV-1a over bytes, mixed at the end.
 *
 * Why:   tables and the model's digest need one hash that is the same on every machine.
 * How:   FNV-1a byte by byte; its low bits are weak, so hash_finish() applies the 64-bit finaliser
 *        of MurmurHash3.
 * Rules: numbers are fed least significant byte first whatever the machine's order is.
 * See:   https://datatracker.ietf.org/doc/draft-eastlake-fnv/; tests/unit/base/test_hash.c
 */
#include "farshore/base/hash.h"

#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t hash_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * FNV_PRIME;
}

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++) {
        hash = hash_byte(hash, at[i]);
    }
    return hash;
}

uint64_t hash_text(uint64_t hash, const char *text)
{
    if (text != NULL) {
        for (; *text != '\0'; text++) {
            hash = hash_byte(hash, (unsigned char)*text);
        }
    }
    return hash_byte(hash, 0);
}

uint64_t hash_u64(uint64_t hash, uint64_t value)
{
    for (unsigned int shift = 0; shift < 64; shift += 8) {
        hash = hash_byte(hash, (unsigned char)(value >> shift));
    }
    return hash;
}

uint64_t hash_finish(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 33;
    return hash;
}
