/*
 * server_find.c - the nats-server that a lab runs, and its version.
 *
 * Why:   Debian has 2.9, people run newer ones; the lab takes any, and says which.
 * How:   an explicit path wins, then the cache that scripts/servers fills, then the path.
 */
#include "server_find.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "farshore/base/text.h"
#include "layout.h"

int server_compare_versions(const char *a, const char *b)
{
    for (;;) {
        char *end_a = NULL;
        char *end_b = NULL;
        unsigned long left = strtoul(a, &end_a, 10);
        unsigned long right = strtoul(b, &end_b, 10);
        if (left != right) {
            return left < right ? -1 : 1;
        }
        if (*end_a != '.' || *end_b != '.') {
            /* A pre-release ("-RC.1") comes before its release. */
            return (*end_b == '-') - (*end_a == '-');
        }
        a = end_a + 1;
        b = end_b + 1;
    }
}

static bool find_in_cache(char *out, size_t out_bytes)
{
    static const char prefix[] = "nats-server-";
    char dir_path[LAB_PATH_BYTES];
    char best[128] = "";
    struct dirent *entry;
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");

    if (cache != NULL && cache[0] == '/') {
        (void)snprintf(dir_path, sizeof(dir_path), "%s/farshore/servers", cache);
    } else if (home != NULL) {
        (void)snprintf(dir_path, sizeof(dir_path), "%s/.cache/farshore/servers", home);
    } else {
        return false;
    }
    DIR *dir = opendir(dir_path);
    if (dir == NULL) {
        return false;
    }
    while ((entry = readdir(dir)) != NULL) {
        const char *version = entry->d_name + strlen(prefix);
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && *version >= '0' &&
            *version <= '9' && strlen(version) < sizeof(best) &&
            faccessat(dirfd(dir), entry->d_name, X_OK, 0) == 0 &&
            (best[0] == '\0' || server_compare_versions(best, version) < 0)) {
            text_copy(best, sizeof(best), version);
        }
    }
    closedir(dir);
    return best[0] != '\0' &&
           (size_t)snprintf(out, out_bytes, "%s/%s%s", dir_path, prefix, best) < out_bytes;
}

static bool find_in_path(char *out, size_t out_bytes)
{
    const char *path = getenv("PATH");
    char all[8192];
    char *rest = all;

    (void)snprintf(all, sizeof(all), "%s:/usr/local/bin:/usr/sbin", path != NULL ? path : "");
    for (char *dir = strsep(&rest, ":"); dir != NULL; dir = strsep(&rest, ":")) {
        if (dir[0] == '/' && (size_t)snprintf(out, out_bytes, "%s/nats-server", dir) < out_bytes &&
            access(out, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

/* "nats-server: v2.9.10" */
static enum fs_status ask_version(const char *path, char *out, size_t out_bytes, struct err *err)
{
    int report[2];
    char text[256];
    size_t used = 0;

    if (pipe2(report, 0) != 0) {
        return err_set(err, ST_IO, "no pipe");
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(report[1], STDOUT_FILENO);
        execl(path, "nats-server", "--version", (char *)NULL);
        _exit(127);
    }
    close(report[1]);
    for (ssize_t count = 1; count > 0 && used < sizeof(text) - 1;) {
        count = read(report[0], text + used, sizeof(text) - 1 - used);
        used += count > 0 ? (size_t)count : 0;
    }
    close(report[0]);
    int status = 0;
    (void)waitpid(pid, &status, 0);
    text[used] = '\0';
    const char *at = strstr(text, "nats-server: v");
    if (status != 0 || at == NULL) {
        return err_set(err, ST_UNSUPPORTED, "%s is not a nats-server that runs here", path);
    }
    at += strlen("nats-server: v");
    (void)text_clean(out, out_bytes, at, strcspn(at, " \r\n"));
    return ST_OK;
}

enum fs_status server_find(const char *wanted, char *path_out, size_t path_bytes, char *version_out,
                           size_t version_bytes, struct err *err)
{
    char found[PATH_MAX];
    char real[PATH_MAX];

    if (wanted == NULL) {
        wanted = getenv("FARSHORE_NATS_SERVER");
    }
    if (wanted != NULL && wanted[0] != '\0') {
        text_copy(found, sizeof(found), wanted);
    } else if (!find_in_cache(found, sizeof(found)) && !find_in_path(found, sizeof(found))) {
        return err_set(err, ST_NOT_FOUND,
                       "no nats-server here: install one (apt-get install nats-server) or say "
                       "--nats-server PATH");
    }
    if (realpath(found, real) == NULL || access(real, X_OK) != 0) {
        return err_set(err, ST_NOT_FOUND, "%s: no such program", found);
    }
    if (strlen(real) >= path_bytes) {
        return err_set(err, ST_INVALID, "%.64s…: path is too long", real);
    }
    text_copy(path_out, path_bytes, real);
    return ask_version(real, version_out, version_bytes, err);
}
