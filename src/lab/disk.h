/*
 * disk.h - a region's store on a file system whose size the lab can change: how a disk gets full.
 */
#ifndef FARSHORE_LAB_DISK_H
#define FARSHORE_LAB_DISK_H

#include <stdbool.h>
#include <sys/types.h>

#include "farshore/base/err.h"
#include "layout.h"
#include "process.h"

struct disk {
    struct process_id holder; /* pid 0: the store is a plain directory */
    int stdin_fd;
    int stdout_fd;
    bool is_full;
    char store[LAB_PATH_BYTES]; /* where the region's nodes keep their streams */
    char reason[128];           /* why the store is a plain directory */
};

/*
 * Prepare a region's store below DIR/store. Tries a tmpfs of its own inside a user and mount
 * namespace; where the machine refuses that, the store is a plain directory and reason says why.
 */
enum fs_status disk_open(struct disk *disk, const struct lab_layout *layout, int region,
                         struct err *err);

/* Shrink the file system to what is used now, or give it its room back. ST_UNSUPPORTED. */
enum fs_status disk_set_full(struct disk *disk, bool is_full, struct err *err);

void disk_close(struct disk *disk);

/* `lab disk PATH`: the process that keeps the namespace; returns an exit code. */
int disk_holder_main(const char *path);

#endif
