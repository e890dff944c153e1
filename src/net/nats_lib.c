/*
 * nats_lib.c - open and close nats.c once a process.
 *
 * Why:   its threads must never take a signal that belongs to the loop.
 * How:   everything blocked around nats_Open(); threads inherit the mask. Large freed blocks go
 *        back to the system at once: a fixed mmap threshold, else glibc learns the size of the
 *        largest reply and keeps that much.
 * Rules: no fork after nats_lib_open() but to exec at once.
 * See:   include/farshore/net/nats_lib.h
 */
#include "farshore/net/nats_lib.h"

#include <malloc.h>
#include <signal.h>

#include <nats/nats.h>

#define LARGE_BYTES (128 * 1024)
#define DELIVERY_THREADS 4 /* one a region and one to spare; more regions share */

enum fs_status nats_lib_open(struct err *err)
{
    if (!nats_CheckCompatibility()) {
        return err_set(err, ST_UNSUPPORTED, "nats.c %s is not the library this was built with",
                       nats_GetVersion());
    }
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    natsStatus status = nats_Open(-1);
    if (status == NATS_OK) {
        status = nats_SetMessageDeliveryPoolSize(DELIVERY_THREADS);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != NATS_OK) {
        return err_set(err, ST_IO, "nats.c does not open: %s", natsStatus_GetText(status));
    }
    return ST_OK;
}

enum fs_status nats_lib_close(int wait_ms, struct err *err)
{
    natsStatus status = nats_CloseAndWait(wait_ms);
    if (status == NATS_TIMEOUT) {
        return err_set(err, ST_TIMEOUT, "nats.c has threads that did not end in %d ms", wait_ms);
    }
    if (status != NATS_OK) {
        return err_set(err, ST_IO, "nats.c does not close: %s", natsStatus_GetText(status));
    }
    return ST_OK;
}
