/*
 * fuzz_net_context.c - context files of the nats CLI.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "farshore/net/nats_context.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct nats_context context;
    int file = memfd_create("context", 0);
    if (file < 0 || write(file, data, size) != (ssize_t)size) {
        close(file);
        return 0;
    }
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (nats_context_read(&context, path, NULL) == ST_OK) {
        nats_context_destroy(&context);
    }
    close(file);
    return 0;
}
