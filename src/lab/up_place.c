/*
 * up_place.c - where a lab may live: its directory, and a block of ports that nobody else uses.
 *
 * Why:   several labs run side by side, and two must never share a directory or a port.
 * How:   the directory is locked by flock(2) for as long as the lab lives; a port is free when it
 * can be bound. Between the look and the start a port can still be lost: up.c then tries again.
 */
#include "up.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "farshore/base/text.h"
#include "farshore/lab/lab.h"

#define BLOCKS_TRIED 64
#define LAST_PORT 32000 /* above it the kernel hands ports out by itself */

void lab_default_dir(char *out, size_t out_bytes)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");

    if (runtime != NULL && runtime[0] == '/') {
        (void)snprintf(out, out_bytes, "%s/farshore-lab", runtime);
    } else {
        (void)snprintf(out, out_bytes, "/tmp/farshore-lab-%u", (unsigned)geteuid());
    }
}

enum fs_status up_resolve_dir(const char *wanted, char *out, size_t out_bytes, struct err *err)
{
    char here[PATH_MAX];
    int length = 0;

    if (wanted == NULL || wanted[0] == '\0') {
        lab_default_dir(out, out_bytes);
        return ST_OK;
    }
    if (!text_is_clean(wanted, strlen(wanted))) {
        return err_set(err, ST_INVALID, "--dir: only plain characters, please");
    }
    if (wanted[0] == '/') {
        length = snprintf(out, out_bytes, "%s", wanted);
    } else if (getcwd(here, sizeof(here)) != NULL) {
        length = snprintf(out, out_bytes, "%s/%s", here, wanted);
    } else {
        return err_set_errno(err, ST_IO, errno, "working directory");
    }
    if ((size_t)length > out_bytes - 64 || length < 2) {
        return err_set(err, ST_INVALID, "--dir: path is too long or empty");
    }
    while (length > 1 && out[length - 1] == '/') {
        out[--length] = '\0';
    }
    return ST_OK;
}

enum fs_status up_lock_dir(const char *dir, int *fd, struct err *err)
{
    *fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0) {
        return err_set_errno(err, errno == ENOENT ? ST_NOT_FOUND : ST_IO, errno, "%s", dir);
    }
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0) {
        return ST_OK;
    }
    int cause = errno;
    close(*fd);
    *fd = -1;
    return cause == EWOULDBLOCK ? err_set(err, ST_AGAIN, "%s is in use", dir)
                                : err_set_errno(err, ST_IO, cause, "cannot lock %s", dir);
}

static bool is_port_free(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return false;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    bool is_free =
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0;
    close(fd);
    return is_free;
}

int up_taken_port(int base_port)
{
    for (int port = base_port; port < base_port + LAB_BLOCK_PORTS; port++) {
        if (!is_port_free(port)) {
            return port;
        }
    }
    return 0;
}

int up_free_block(int base_port)
{
    for (int i = 0; i < BLOCKS_TRIED && base_port + LAB_BLOCK_PORTS <= LAST_PORT; i++) {
        if (up_taken_port(base_port) == 0) {
            return base_port;
        }
        base_port += LAB_BLOCK_PORTS;
    }
    return 0;
}
