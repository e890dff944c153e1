/*
 * nats_lib.h - begin and end of the nats.c library in this process.
 *
 * Source  facts on nats.c 3.4.1: its threads inherit the creator's signal mask, nats_Open() sets
 *         SIGPIPE to SIG_IGN for the process, and after it the process must not fork but to exec.
 */
#ifndef FARSHORE_NET_NATS_LIB_H
#define FARSHORE_NET_NATS_LIB_H

#include "farshore/base/err.h"

/*
 * Open the library with all signals blocked for its threads, and have freed message buffers given
 * back to the system (replies of 10,000 streams are megabytes).
 *
 * Returns  ST_OK also when it is open already; ST_UNSUPPORTED when the library does not fit the
 *          header that this was built with; ST_IO.
 * Thread   main thread, before the first nats_conn_open().
 */
enum fs_status nats_lib_open(struct err *err);

/*
 * End the library's threads; waits at most wait_ms. Every connection must be closed before.
 *
 * Returns  ST_OK; ST_TIMEOUT when a thread still lives, which at the end of the process is no harm.
 */
enum fs_status nats_lib_close(int wait_ms, struct err *err);

#endif
