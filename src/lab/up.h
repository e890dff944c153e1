/*
 * up.h - the steps of `lab up` that other files of the lab share.
 */
#ifndef FARSHORE_LAB_UP_H
#define FARSHORE_LAB_UP_H

#include <stdbool.h>
#include <stddef.h>

#include "farshore/base/err.h"
#include "layout.h"

/* The directory a lab lives in: absolute, from an option or the default. */
enum fs_status up_resolve_dir(const char *wanted, char *out, size_t out_bytes, struct err *err);

/* Open dir and lock it for as long as the descriptor (and copies of it) lives. ST_AGAIN: locked. */
enum fs_status up_lock_dir(const char *dir, int *fd, struct err *err);

/* First port of the block that is taken, 0 when all are free. */
int up_taken_port(int base_port);

/* The next free block from base_port on, upwards; 0 when there is none. */
int up_free_block(int base_port);

#endif
