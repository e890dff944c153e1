/*
 * disk.c - a region's store, and the disk that gets full.
 *
 * Why:   "no space left on device" has to come from the kernel, to the real server, without root.
 * How:   a holder process makes a user and a mount namespace of its own and mounts a tmpfs on a
 *        directory that only it sees so; the servers reach it as /proc/HOLDER/root/PATH. Full
 * means: remounted with the size that is used right now. No byte is wasted to fill it. A machine
 * that forbids user namespaces gets a plain directory and an honest "unsupported". Rules: the
 * holder is a child as any other and dies with the supervisor; what it holds dies with it. See:
 * user_namespaces(7), tmpfs(5).
 */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "farshore/base/text.h"
#include "files.h"

#define DISK_BYTES "4g" /* room while it is not full; tmpfs takes only what is used */
#define ANSWER_MS 2000

static int holder_say(const char *text)
{
    return write(STDOUT_FILENO, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : 1;
}

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    bool is_written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return is_written;
}

static const char *holder_enter(const char *path)
{
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    pid_t parent = getppid();

    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
        return "unshare";
    }
    /* The new namespace's credentials have dropped the promise to die with the parent. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
        return "parent";
    }
    (void)write_text("/proc/self/setgroups", "deny");
    (void)snprintf(map, sizeof(map), "%u %u 1", (unsigned)uid, (unsigned)uid);
    if (!write_text("/proc/self/uid_map", map)) {
        return "uid_map";
    }
    (void)snprintf(map, sizeof(map), "%u %u 1", (unsigned)gid, (unsigned)gid);
    if (!write_text("/proc/self/gid_map", map)) {
        return "gid_map";
    }
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        return "private mounts";
    }
    if (mount("farshore-lab", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700,size=" DISK_BYTES) !=
        0) {
        return "tmpfs";
    }
    return NULL;
}

/* Remount with the bytes that are used now, or with all the room. */
static bool holder_resize(const char *path, bool is_full)
{
    struct statfs now;
    char options[64] = "size=" DISK_BYTES;

    for (int attempt = 0; attempt < 20; attempt++) {
        if (is_full) {
            if (statfs(path, &now) != 0) {
                return false;
            }
            unsigned long long used =
                (unsigned long long)(now.f_blocks - now.f_bfree) * (unsigned long long)now.f_bsize;
            (void)snprintf(options, sizeof(options), "size=%llu",
                           used > 0 ? used : (unsigned long long)now.f_bsize);
        }
        if (mount("none", path, NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, options) == 0) {
            return true;
        }
        /* Written to between the two calls: measure again. */
    }
    return false;
}

int disk_holder_main(const char *path)
{
    char word = '\0';
    char text[128];
    const char *failed = holder_enter(path);

    if (failed != NULL) {
        (void)snprintf(text, sizeof(text), "no %s: %s\n", failed, strerror(errno));
        (void)holder_say(text);
        return 1;
    }
    if (holder_say("ok\n") != 0) {
        return 1;
    }
    while (read(STDIN_FILENO, &word, 1) == 1) {
        if (word == 'f' || word == 'o') {
            bool is_done = holder_resize(path, word == 'f');
            (void)snprintf(text, sizeof(text), is_done ? "ok\n" : "no resize: %s\n",
                           strerror(errno));
            (void)holder_say(text);
        }
    }
    return 0;
}

/* One line from the holder; false when it says no, with its reason. */
static bool holder_answer(struct disk *disk, char *reason, size_t reason_bytes)
{
    struct pollfd asked = {.fd = disk->stdout_fd, .events = POLLIN};
    char text[128];

    ssize_t count =
        poll(&asked, 1, ANSWER_MS) > 0 ? read(disk->stdout_fd, text, sizeof(text) - 1) : -1;
    if (count <= 0) {
        text_copy(reason, reason_bytes, "the holder of the file system does not answer");
        return false;
    }
    text[count] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (strcmp(text, "ok") == 0) {
        return true;
    }
    (void)text_clean(reason, reason_bytes, text, strlen(text));
    return false;
}

static enum fs_status holder_start(struct disk *disk, const char *name, const char *path,
                                   struct err *err)
{
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    const char *argv[] = {"farshore", "lab", "disk", path, NULL};

    if (pipe2(in, O_CLOEXEC) != 0) {
        return err_set_errno(err, ST_IO, errno, "pipe");
    }
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return err_set_errno(err, ST_IO, errno, "pipe");
    }
    struct process_spawn spawn = {.path = "/proc/self/exe",
                                  .argv = argv,
                                  .stdin_fd = in[0],
                                  .stdout_fd = out[1],
                                  .stderr_fd = -1};
    enum fs_status status = process_spawn(&spawn, name, &disk->holder, err);
    close(in[0]);
    close(out[1]);
    disk->stdin_fd = in[1];
    disk->stdout_fd = out[0];
    return status;
}

enum fs_status disk_open(struct disk *disk, const struct lab_layout *layout, int region,
                         struct err *err)
{
    char store[LAB_PATH_BYTES + 16];
    char path[LAB_PATH_BYTES + 32];
    char name[LAB_NAME_BYTES];

    (void)snprintf(store, sizeof(store), "%s/store", layout->dir);
    (void)snprintf(path, sizeof(path), "%s/%s", store, layout->regions[region].name);
    enum fs_status status = files_make_dir(store, err);
    if (status == ST_OK) {
        status = files_make_dir(path, err);
    }
    if (status != ST_OK) {
        return status;
    }
    (void)snprintf(name, sizeof(name), "disk-%.8s", layout->regions[region].name);
    struct err cause = {.status = ST_OK};
    if (holder_start(disk, name, path, &cause) != ST_OK) {
        text_copy(disk->reason, sizeof(disk->reason), cause.text);
        disk_close(disk);
    } else if (!holder_answer(disk, disk->reason, sizeof(disk->reason))) {
        disk_close(disk);
    }
    int length = disk->holder.pid > 0 ? snprintf(disk->store, sizeof(disk->store),
                                                 "/proc/%d/root%s", (int)disk->holder.pid, path)
                                      : snprintf(disk->store, sizeof(disk->store), "%s", path);
    return (size_t)length < sizeof(disk->store)
               ? ST_OK
               : err_set(err, ST_INVALID, "%.64s…: path is too long", layout->dir);
}

enum fs_status disk_set_full(struct disk *disk, bool is_full, struct err *err)
{
    char reason[128] = "";

    if (disk->holder.pid <= 0) {
        return err_set(err, ST_UNSUPPORTED,
                       "unsupported: the lab could not make a file system of "
                       "its own (%s)",
                       disk->reason);
    }
    if (write(disk->stdin_fd, is_full ? "f" : "o", 1) != 1 ||
        !holder_answer(disk, reason, sizeof(reason))) {
        return err_set(err, ST_IO, "the disk cannot be made %s: %s", is_full ? "full" : "empty",
                       reason);
    }
    disk->is_full = is_full;
    return ST_OK;
}

void disk_close(struct disk *disk)
{
    if (disk->holder.pid > 0) {
        (void)process_signal(&disk->holder, SIGKILL);
        (void)waitpid(disk->holder.pid, NULL, 0);
    }
    if (disk->stdin_fd > 0) {
        close(disk->stdin_fd);
        close(disk->stdout_fd);
    }
    memset(&disk->holder, 0, sizeof(disk->holder));
    disk->stdin_fd = disk->stdout_fd = 0;
}
