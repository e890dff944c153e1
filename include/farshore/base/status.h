/*
 * status.h - how every function that can fail says so.
 */
#ifndef FARSHORE_BASE_STATUS_H
#define FARSHORE_BASE_STATUS_H

enum fs_status {
    ST_OK = 0,
    ST_END,         /* nothing more to read; not an error */
    ST_AGAIN,       /* not now: a queue is full or a peer is slow */
    ST_INVALID,     /* outside data or a command line is wrong; err says where */
    ST_CORRUPT,     /* stored data is damaged */
    ST_NOT_FOUND,   /* a file, a name or a record that is not there */
    ST_FULL,        /* a limit that the caller knows was reached */
    ST_NO_MEMORY,   /* the allocator gave nothing */
    ST_IO,          /* the operating system refused; err holds errno's text */
    ST_TIMEOUT,     /* no answer in time: the outcome is unknown */
    ST_REFUSED,     /* a peer said no */
    ST_UNSUPPORTED, /* this build, server or terminal cannot */
};

#endif
