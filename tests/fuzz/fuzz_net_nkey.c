/*
 * fuzz_net_nkey.c - seeds and creds files: a public key, or a reason.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "farshore/base/assert.h"
#include "nkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    char key[NKEY_TEXT_BYTES];
    struct err err = {.status = ST_OK};
    int file = memfd_create("seed", 0);
    if (file < 0 || write(file, data, size) != (ssize_t)size) {
        close(file);
        return 0;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (nkey_public_of_file(key, path, &err) == ST_OK) {
        FS_ASSERT(strlen(key) == 56 && key[0] == 'U');
    } else {
        FS_ASSERT(err.text[0] != '\0');
    }
    close(file);
    return 0;
}
