/*
 * login.h - what one region's connection needs, fetched from where the configuration says.
 *
 * The view login, unless another one is named: only `check` names the operator's, to test them.
 */
#ifndef FARSHORE_APP_LOGIN_H
#define FARSHORE_APP_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "config_types.h"
#include "farshore/base/err.h"
#include "farshore/net/nats_conn.h"
#include "farshore/net/nats_context.h"

#define LOGIN_TEXTS 12
#define LOGIN_FILES 2

/* One region's login; members after `login` are private. Zero-initialise, then set region and
 * cancel_fd. */
struct login {
    const struct config_region *region;
    const struct config_login *which; /* instead of the region's view; NULL: view */
    int cancel_fd; /* readable once nobody waits for the login any more; -1 none */
    enum fs_status status;
    struct err err; /* why it is not usable; never a secret */
    const char *const *urls;
    size_t url_count;
    const char *inbox_prefix; /* NULL: the library's */
    struct nats_login login;
    struct nats_context context;
    bool has_context;
    char *texts[LOGIN_TEXTS]; /* wiped by login_forget() */
    size_t text_count;
    int files[LOGIN_FILES]; /* memory files for what the library only takes as a path */
    size_t file_count;
};

/*
 * Fetch everything; status and err tell how it went.
 *
 * Thread: any but the loop's; may wait as long as a command runs (10 s at most each), unless
 * cancelled.
 */
void login_resolve(struct login *login, const char *config_path);

/* Move what from holds to out, but for the memory files: those stay from's to close. */
void login_take(struct login *out, struct login *from);

/* Wipe the texts, once the connection has copied them. Paths of memory files stay valid. */
void login_forget(struct login *login);

/* Close the memory files, when no connection uses them any more. */
void login_close(struct login *login);

#endif
