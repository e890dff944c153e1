/*
 * log.h - the program's own log (`--log FILE`). Not for core, and never for secrets.
 *
 * Off until log_open(). One line a call: ISO time, level, module, text. The file is 0600. Writes
 * are O_APPEND and whole lines. Thread: any; lines of several threads do not mix.
 */
#ifndef FARSHORE_BASE_LOG_H
#define FARSHORE_BASE_LOG_H

#include "farshore/base/err.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
};

/* Append to path from now on. ST_IO with the reason when it cannot be opened. */
enum fs_status log_open(const char *path, enum log_level most_detail, struct err *err);

void log_close(void);

/* module: "nats", "lab"… Nothing happens while the log is off or the level is too detailed. */
void log_write(enum log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
