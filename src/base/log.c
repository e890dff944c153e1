/*
 * log.c - the program's own log.
 *
 * Why:   the screen belongs to the console; what a library or the lab has to say goes here.
 * How:   one line is built on the stack and leaves in one O_APPEND write under one mutex.
 * Rules: the state below is the program's only mutable global: a log that had to be handed to every
 *        function would be used by none. What cannot be written is counted, and the count stands in
 *        the next line that can be.
 * See:   tests/unit/base/test_log.c
 */
#include "farshore/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "farshore/base/duration.h"
#include "farshore/base/text.h"

#define LOG_RAW_BYTES 1024
#define LOG_LINE_BYTES 2048
#define LOG_OFF (-1)

static struct {
    pthread_mutex_t mutex; /* guards fd and lost; most_detail is read without it */
    atomic_int most_detail;
    int fd;
    uint64_t lost; /* lines since the last one that was written whole */
} log_state = {.mutex = PTHREAD_MUTEX_INITIALIZER, .most_detail = LOG_OFF, .fd = -1};

enum fs_status log_open(const char *path, enum log_level most_detail, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0) {
        return err_set_errno(err, ST_IO, errno, "cannot open the log %s", path);
    }
    /* A file from before may be readable by others; a device is not ours to change. */
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && fchmod(fd, 0600) != 0) {
        int reason = errno;
        close(fd);
        return err_set_errno(err, ST_IO, reason, "cannot make the log %s private", path);
    }
    log_close();
    pthread_mutex_lock(&log_state.mutex);
    log_state.fd = fd;
    log_state.lost = 0;
    atomic_store(&log_state.most_detail, (int)most_detail);
    pthread_mutex_unlock(&log_state.mutex);
    return ST_OK;
}

void log_close(void)
{
    pthread_mutex_lock(&log_state.mutex);
    atomic_store(&log_state.most_detail, LOG_OFF);
    if (log_state.fd >= 0) {
        close(log_state.fd);
        log_state.fd = -1;
    }
    pthread_mutex_unlock(&log_state.mutex);
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_LEVEL_ERROR:
        return "error";
    case LOG_LEVEL_WARN:
        return "warn";
    case LOG_LEVEL_INFO:
        return "info";
    case LOG_LEVEL_DEBUG:
        return "debug";
    }
    return "?";
}

/* The line with its newline; the text is cleaned, so that it stays one line and harmless. */
static size_t build_line(char line[LOG_LINE_BYTES], enum log_level level, const char *module,
                         const char *raw)
{
    struct timespec now;
    char time_text[DURATION_TEXT_BYTES];
    clock_gettime(CLOCK_REALTIME, &now);
    time_print_iso(time_text, (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec);
    int prefix =
        snprintf(line, LOG_LINE_BYTES / 2, "%s %-5s %s: ", time_text, level_name(level), module);
    size_t length = prefix < 0 ? 0 : (size_t)prefix;
    if (length >= LOG_LINE_BYTES / 2) {
        length = LOG_LINE_BYTES / 2 - 1;
    }
    size_t room = LOG_LINE_BYTES - length - 1; /* the newline's byte stays free */
    text_clean(line + length, room, raw, strlen(raw));
    length += strlen(line + length);
    line[length] = '\n';
    return length + 1;
}

/* With the mutex held. */
static bool write_whole(const char *line, size_t count)
{
    ssize_t written;
    do {
        written = write(log_state.fd, line, count);
    } while (written < 0 && errno == EINTR);
    return written >= 0 && (size_t)written == count;
}

/* With the mutex held: say first how many lines are missing, if any. */
static void write_line(const char *line, size_t count)
{
    if (log_state.lost > 0) {
        char raw[64];
        char notice[LOG_LINE_BYTES];
        (void)snprintf(raw, sizeof raw, "lines lost: %llu", (unsigned long long)log_state.lost);
        size_t length = build_line(notice, LOG_LEVEL_WARN, "log", raw);
        if (!write_whole(notice, length)) {
            log_state.lost++;
            return;
        }
        log_state.lost = 0;
    }
    if (!write_whole(line, count)) {
        log_state.lost++;
    }
}

void log_write(enum log_level level, const char *module, const char *format, ...)
{
    if ((int)level > atomic_load(&log_state.most_detail)) {
        return;
    }
    char raw[LOG_RAW_BYTES];
    char line[LOG_LINE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    if (length < 0) {
        text_copy(raw, sizeof raw, "(this line could not be formatted)");
    } else if ((size_t)length >= sizeof raw) {
        static const char cut[] = " (cut)";
        memcpy(raw + sizeof raw - sizeof cut, cut, sizeof cut);
    }
    size_t count = build_line(line, level, module, raw);
    pthread_mutex_lock(&log_state.mutex);
    if (log_state.fd >= 0) {
        write_line(line, count);
    }
    pthread_mutex_unlock(&log_state.mutex);
}
