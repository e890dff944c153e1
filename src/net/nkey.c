/*
 * nkey.c - from a NATS seed to its public key.
 *
 * Why:   nats.c takes the public key beside the seed's file; contexts and configs name the file
 *        only.
 * How:   base32 of two prefix bytes, 32 bytes of seed, CRC-16; Ed25519 by OpenSSL; base32 of one
 *        prefix byte, the public key, CRC-16.
 * Rules: the seed is overwritten before returning and never part of a message.
 * See:   the nkeys specification (github.com/nats-io/nkeys); tests/unit/net/test_nkey.c
 */
#include "nkey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#define SEED_TEXT 58  /* characters of a seed */
#define SEED_BYTES 36 /* what they decode to: 2 prefix, 32 seed, 2 CRC */
#define KEY_BYTES 35  /* 1 prefix, 32 key, 2 CRC */
#define PREFIX_SEED (18 << 3)
#define PREFIX_USER (20 << 3)
#define FILE_BYTES 8192

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* CRC-16/XMODEM, as the specification says; bitwise, for 35 bytes. */
static uint16_t crc16(const uint8_t *bytes, size_t count)
{
    unsigned crc = 0;
    for (size_t i = 0; i < count; i++) {
        crc ^= (unsigned)bytes[i] << 8;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
        }
        crc &= 0xffff;
    }
    return (uint16_t)crc;
}

static bool base32_decode(uint8_t *out, size_t out_bytes, const char *text, size_t count)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const char *found = text[i] == '\0' ? NULL : strchr(alphabet, text[i]);
        if (found == NULL) {
            return false;
        }
        bits = bits << 5 | (uint32_t)(found - alphabet);
        held += 5;
        if (held >= 8 && used < out_bytes) {
            held -= 8;
            out[used++] = (uint8_t)(bits >> held);
        }
    }
    return used == out_bytes;
}

static void base32_encode(char *out, const uint8_t *bytes, size_t count)
{
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < count; i++) {
        bits = bits << 8 | bytes[i];
        held += 8;
        while (held >= 5) {
            held -= 5;
            *out++ = alphabet[bits >> held & 31];
        }
    }
    if (held > 0) {
        *out++ = alphabet[bits << (5 - held) & 31];
    }
    *out = '\0';
}

static bool is_seed_char(char c)
{
    return c != '\0' && strchr(alphabet, c) != NULL;
}

/* The first run of exactly SEED_TEXT seed characters that begins with SU. */
static const char *find_seed(const char *text, size_t count)
{
    size_t start = 0;
    for (size_t i = 0; i <= count; i++) {
        if (i < count && is_seed_char(text[i])) {
            continue;
        }
        if (i - start == SEED_TEXT && text[start] == 'S' && text[start + 1] == 'U') {
            return text + start;
        }
        start = i + 1;
    }
    return NULL;
}

static bool public_of_seed(char *out, const char *seed)
{
    uint8_t raw[SEED_BYTES];
    uint8_t key[KEY_BYTES] = {PREFIX_USER};
    size_t key_bytes = 32;
    bool is_good = base32_decode(raw, sizeof(raw), seed, SEED_TEXT) &&
                   (raw[0] & 0xf8) == PREFIX_SEED &&
                   ((raw[0] & 7) << 5 | raw[1] >> 3) == PREFIX_USER &&
                   crc16(raw, 34) == (raw[34] | raw[35] << 8);
    EVP_PKEY *pair =
        is_good ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw + 2, 32) : NULL;
    is_good = pair != NULL && EVP_PKEY_get_raw_public_key(pair, key + 1, &key_bytes) == 1;
    if (is_good) {
        uint16_t crc = crc16(key, 33);
        key[33] = (uint8_t)(crc & 0xff);
        key[34] = (uint8_t)(crc >> 8);
        base32_encode(out, key, sizeof(key));
    }
    EVP_PKEY_free(pair);
    explicit_bzero(raw, sizeof(raw));
    return is_good;
}

enum fs_status nkey_public_of_file(char *out, const char *path, struct err *err)
{
    char text[FILE_BYTES];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return err_set_errno(err, ST_IO, errno, "nkey file %s", path);
    }
    ssize_t count = read(file, text, sizeof(text));
    int read_errno = errno;
    close(file);
    if (count < 0) {
        return err_set_errno(err, ST_IO, read_errno, "nkey file %s", path);
    }
    const char *seed = find_seed(text, (size_t)count);
    bool is_good = seed != NULL && public_of_seed(out, seed);
    explicit_bzero(text, sizeof(text));
    if (!is_good) {
        return err_set(err, ST_INVALID, "nkey file %s holds no valid user seed", path);
    }
    return ST_OK;
}
