/*
 * peer.c - from a loopback connection to the process at its other end, by way of /proc.
 *
 * Why:   every server dials the same proxy port of a node; only the owner of the socket tells which
 *        region a gateway connection comes from.
 * How:   /proc/net/tcp gives the socket's inode for the pair of ports, /proc/PID/fd its owner. Done
 * once for each connection, at accept. Rules: only the lab's own pids are looked at; a stranger
 * stays unknown. See:   proc(5), proc_net_tcp in the kernel's documentation.
 */
#include "peer.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "  12: 0100007F:3039 0100007F:D431 01 … uid timeout inode": fields 1, 2 and 9. */
static bool line_matches(char *line, int local_port, int remote_port, unsigned long *inode)
{
    char local[32];
    char remote[32];
    char *fields[10];
    char *rest = line;
    int count = 0;

    for (char *word = strtok_r(line, " ", &rest); word != NULL && count < 10;
         word = strtok_r(NULL, " ", &rest)) {
        fields[count++] = word;
    }
    if (count < 10) {
        return false;
    }
    (void)snprintf(local, sizeof(local), ":%04X", (unsigned)local_port);
    (void)snprintf(remote, sizeof(remote), ":%04X", (unsigned)remote_port);
    const char *has_local = strchr(fields[1], ':');
    const char *has_remote = strchr(fields[2], ':');
    if (has_local == NULL || has_remote == NULL || strcmp(has_local, local) != 0 ||
        strcmp(has_remote, remote) != 0) {
        return false;
    }
    *inode = strtoul(fields[9], NULL, 10);
    return true;
}

unsigned long peer_socket_inode(int local_port, int remote_port)
{
    char line[512];
    unsigned long inode = 0;
    bool is_found = false;
    FILE *file = fopen("/proc/self/net/tcp", "re");

    if (file == NULL) {
        return 0;
    }
    while (!is_found && fgets(line, sizeof(line), file) != NULL) {
        is_found = line_matches(line, local_port, remote_port, &inode);
    }
    fclose(file);
    return is_found ? inode : 0;
}

static bool holds_socket(pid_t pid, const char *wanted)
{
    char path[64];
    char target[64];
    struct dirent *entry;
    bool is_found = false;

    (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return false;
    }
    while (!is_found && (entry = readdir(dir)) != NULL) {
        ssize_t length = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
        if (length > 0) {
            target[length] = '\0';
            is_found = strcmp(target, wanted) == 0;
        }
    }
    closedir(dir);
    return is_found;
}

int peer_find_owner(unsigned long inode, const pid_t *pids, int count)
{
    char wanted[64];

    (void)snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
    for (int i = 0; inode != 0 && i < count; i++) {
        if (pids[i] > 0 && holds_socket(pids[i], wanted)) {
            return i;
        }
    }
    return -1;
}
