/*
 * files.c - a lab's directory: private files, whole writes, careful removal.
 *
 * Why:   the directory holds passwords and is deleted by `lab down`; neither may touch what is not
 * ours. How:   openat and unlinkat below an opened directory, O_NOFOLLOW, owner checked; files are
 * written aside and renamed. Rules: nothing here changes the process's working directory or umask.
 * See:   tests/unit/lab/test_lab_files.c
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum fs_status files_path(char *out, size_t out_bytes, const char *dir, const char *name,
                          struct err *err)
{
    int length = snprintf(out, out_bytes, "%s/%s", dir, name);

    if (length < 0 || (size_t)length >= out_bytes) {
        return err_set(err, ST_INVALID, "%.64s…: path is too long", dir);
    }
    return ST_OK;
}

static int open_dir(const char *dir)
{
    return open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

enum fs_status files_make_dir(const char *dir, struct err *err)
{
    struct stat st;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return err_set_errno(err, ST_IO, errno, "cannot make %s", dir);
    }
    int fd = open_dir(dir);
    if (fd < 0) {
        return err_set_errno(err, ST_IO, errno, "%s", dir);
    }
    enum fs_status status = ST_OK;
    if (fstat(fd, &st) != 0) {
        status = err_set_errno(err, ST_IO, errno, "%s", dir);
    } else if (st.st_uid != geteuid()) {
        status = err_set(err, ST_REFUSED, "%s belongs to another user", dir);
    } else if ((st.st_mode & 077) != 0 && fchmod(fd, 0700) != 0) {
        status = err_set_errno(err, ST_IO, errno, "cannot make %s private", dir);
    }
    close(fd);
    return status;
}

static enum fs_status write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t done = write(fd, text, length);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return ST_IO;
        }
        text += done;
        length -= (size_t)done;
    }
    return ST_OK;
}

enum fs_status files_write(const char *dir, const char *name, const char *text, size_t length,
                           struct err *err)
{
    char aside[256];
    int dir_fd = open_dir(dir);

    if (dir_fd < 0) {
        return err_set_errno(err, ST_IO, errno, "%s", dir);
    }
    (void)snprintf(aside, sizeof(aside), "%s.new", name);
    enum fs_status status = ST_IO;
    int fd = openat(dir_fd, aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        status = write_all(fd, text, length);
        if (close(fd) != 0 || (status == ST_OK && renameat(dir_fd, aside, dir_fd, name) != 0)) {
            status = ST_IO;
        }
    }
    if (status != ST_OK) {
        status = err_set_errno(err, ST_IO, errno, "cannot write %s/%s", dir, name);
    }
    close(dir_fd);
    return status;
}

static int open_below(const char *dir, const char *name)
{
    int dir_fd = open_dir(dir);

    if (dir_fd < 0) {
        return -1;
    }
    int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int saved = errno;
    close(dir_fd);
    errno = saved;
    return fd;
}

enum fs_status files_read(const char *dir, const char *name, char *out, size_t out_bytes,
                          size_t *length, struct err *err)
{
    size_t used = 0;
    int fd = open_below(dir, name);

    if (fd < 0) {
        enum fs_status status = errno == ENOENT || errno == ENOTDIR ? ST_NOT_FOUND : ST_IO;
        return err_set_errno(err, status, errno, "%s/%s", dir, name);
    }
    enum fs_status status = ST_FULL;
    while (used < out_bytes) {
        ssize_t count = read(fd, out + used, out_bytes - used);
        if (count <= 0) {
            status = count == 0 ? ST_OK : ST_IO;
            break;
        }
        used += (size_t)count;
    }
    close(fd);
    if (status != ST_OK) {
        return err_set(err, status, "%s/%s: cannot be read whole", dir, name);
    }
    out[used] = '\0';
    *length = used;
    return ST_OK;
}

void files_tail(const char *dir, const char *name, char *out, size_t out_bytes)
{
    struct stat st;
    int fd = open_below(dir, name);

    out[0] = '\0';
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &st) == 0) {
        off_t from = st.st_size > (off_t)out_bytes - 1 ? st.st_size - (off_t)out_bytes + 1 : 0;
        ssize_t count = pread(fd, out, out_bytes - 1, from);
        out[count > 0 ? count : 0] = '\0';
        char *first_line = from > 0 ? strchr(out, '\n') : NULL;
        if (first_line != NULL) {
            memmove(out, first_line + 1, strlen(first_line + 1) + 1);
        }
    }
    close(fd);
}

/* Below an opened directory; takes fd over. Returns the number of entries that stayed. */
static int remove_below(int fd, int depth)
{
    int stayed = 0;
    struct dirent *entry;
    DIR *dir = fdopendir(fd);

    if (dir == NULL) {
        close(fd);
        return 1;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (unlinkat(fd, entry->d_name, 0) == 0 || errno == ENOENT) {
            continue;
        }
        int below = depth > 0
                        ? openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                        : -1;
        if (below < 0 || remove_below(below, depth - 1) > 0 ||
            unlinkat(fd, entry->d_name, AT_REMOVEDIR) != 0) {
            stayed++;
        }
    }
    closedir(dir);
    return stayed;
}

enum fs_status files_remove_tree(const char *dir, const char *name, struct err *err)
{
    int dir_fd = open_dir(dir);

    if (dir_fd < 0) {
        return errno == ENOENT ? ST_OK : err_set_errno(err, ST_IO, errno, "%s", dir);
    }
    enum fs_status status = ST_OK;
    if (unlinkat(dir_fd, name, 0) != 0 && errno != ENOENT) {
        int below = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0 || remove_below(below, 32) > 0 || unlinkat(dir_fd, name, AT_REMOVEDIR) != 0) {
            status = err_set_errno(err, ST_IO, errno, "cannot remove %s/%s", dir, name);
        }
    }
    close(dir_fd);
    return status;
}

bool files_exists(const char *dir, const char *name)
{
    int fd = open_below(dir, name);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 || errno == EACCES || errno == ENXIO;
}

bool files_is_empty_but(const char *dir, const char *name)
{
    struct dirent *entry;
    bool is_empty = true;
    DIR *stream = opendir(dir);

    if (stream == NULL) {
        return errno == ENOENT;
    }
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            (name == NULL || strcmp(entry->d_name, name) != 0)) {
            is_empty = false;
        }
    }
    closedir(stream);
    return is_empty;
}
