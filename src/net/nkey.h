/*
 * nkey.h - the public key that belongs to a seed file. Private to net.
 */
#ifndef FARSHORE_SRC_NET_NKEY_H
#define FARSHORE_SRC_NET_NKEY_H

#include <stddef.h>

#include "farshore/base/err.h"

#define NKEY_TEXT_BYTES 64 /* 56 characters and the NUL, rounded up */

/*
 * Read a seed (SU…) from a file, alone on its line or inside a creds file's markers, and give the
 * public key (U…). nats.c wants both.
 *
 * Returns  ST_OK; ST_IO; ST_INVALID when there is no valid user seed. The text names the file only.
 */
enum fs_status nkey_public_of_file(char *out, const char *path, struct err *err);

#endif
