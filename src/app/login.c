/*
 * login.c - what one region's connection needs, fetched from where the configuration says.
 *
 * Why:   secrets come from files, variables and commands, some slow; the loop must not wait.
 * How:   each is fetched by secret.c. nats.c takes seeds and creds only as paths, so that those
 *        from a variable or command are put into a memory file of this process.
 * Rules: every text is wiped by login_forget(); the memory file lives until login_close(), because
 *        the library reads it at each reconnect.
 * See:   docs/CONFIG.md "Logins"
 */
#include "login.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "secret.h"

#define PATH_BYTES 4096

static const char *keep(struct login *login, char *text)
{
    if (login->text_count == LOGIN_TEXTS) {
        secret_forget(text);
        return NULL;
    }
    login->texts[login->text_count++] = text;
    return text;
}

static enum fs_status fetch(struct login *login, const struct config_secret *secret,
                            const char *config_path, const char **out)
{
    char *text = NULL;
    enum fs_status status = secret_fetch(secret, config_path, login->cancel_fd, &text, &login->err);
    if (text != NULL) {
        *out = keep(login, text);
    }
    return status;
}

static enum fs_status keep_path(struct login *login, const char *path, const char *config_path,
                                const char **out)
{
    char room[PATH_BYTES];
    if (!secret_path(path, config_path, room, sizeof(room))) {
        return err_set(&login->err, ST_INVALID, "a path is too long");
    }
    char *copy = strdup(room);
    if (copy == NULL) {
        return err_set(&login->err, ST_NO_MEMORY, "no memory");
    }
    *out = keep(login, copy);
    return ST_OK;
}

/* Put a secret into a memory file and give its path. */
static enum fs_status make_file(struct login *login, const char *text, const char **out)
{
    int fd = login->file_count < LOGIN_FILES ? memfd_create("login", MFD_CLOEXEC) : -1;
    if (fd < 0) {
        return err_set_errno(&login->err, ST_IO, errno, "no memory file for a login");
    }
    login->files[login->file_count++] = fd;
    size_t length = strlen(text);
    if (write(fd, text, length) != (ssize_t)length) {
        return err_set_errno(&login->err, ST_IO, errno, "no memory file for a login");
    }
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return keep_path(login, path, NULL, out);
}

/* A seed or creds: as its own path when it is a file, which is read once to judge it. */
static enum fs_status fetch_as_file(struct login *login, const struct config_secret *secret,
                                    const char *config_path, const char **out)
{
    char *text = NULL;
    if (secret->source == SECRET_NONE) {
        return ST_OK;
    }
    enum fs_status status = secret_fetch(secret, config_path, login->cancel_fd, &text, &login->err);
    if (status == ST_OK) {
        status = secret->source == SECRET_FILE ? keep_path(login, secret->text, config_path, out)
                                               : make_file(login, text, out);
    }
    secret_forget(text);
    return status;
}

static enum fs_status fetch_login(struct login *login, const struct config_login *which,
                                  const char *config_path)
{
    struct nats_login *out = &login->login;
    enum fs_status status = fetch(login, &which->user, config_path, &out->user);
    if (status == ST_OK) {
        status = fetch(login, &which->password, config_path, &out->password);
    }
    if (status == ST_OK) {
        status = fetch(login, &which->token, config_path, &out->token);
    }
    if (status == ST_OK) {
        status = fetch_as_file(login, &which->nkey, config_path, &out->nkey_file);
    }
    if (status == ST_OK) {
        status = fetch_as_file(login, &which->creds, config_path, &out->creds_file);
    }
    return status;
}

static enum fs_status fetch_tls(struct login *login, const struct config_tls *tls,
                                const char *config_path)
{
    enum fs_status status = ST_OK;
    login->login.use_tls = login->login.use_tls || tls->place.line != 0;
    if (tls->ca != NULL) {
        status = keep_path(login, tls->ca, config_path, &login->login.ca_file);
    }
    if (status == ST_OK && tls->cert != NULL) {
        status = keep_path(login, tls->cert, config_path, &login->login.cert_file);
    }
    if (status == ST_OK && tls->key != NULL) {
        struct config_secret key = {SECRET_FILE, tls->key, tls->place};
        status = fetch_as_file(login, &key, config_path, &login->login.key_file);
    }
    return status;
}

static enum fs_status read_context(struct login *login, const char *name)
{
    enum fs_status status = nats_context_read(&login->context, name, &login->err);
    if (status == ST_OK) {
        login->has_context = true;
        login->urls = (const char *const *)login->context.urls;
        login->url_count = login->context.url_count;
        login->inbox_prefix = login->context.inbox_prefix;
        login->login = login->context.login;
        secret_forbid_core();
    }
    return status;
}

/* A login of the file replaces the context's, never mixes with it. */
static void drop_context_login(struct nats_login *login)
{
    login->user = NULL;
    login->password = NULL;
    login->token = NULL;
    login->nkey_file = NULL;
    login->creds_file = NULL;
}

void login_resolve(struct login *login, const char *config_path)
{
    const struct config_nats *nats = &login->region->nats;
    const struct config_login *which = login->which != NULL ? login->which : &nats->view;
    login->urls = nats->urls.rows;
    login->url_count = nats->urls.count;
    login->status = ST_OK;
    if (nats->context != NULL) {
        login->status = read_context(login, nats->context);
    }
    if (login->status == ST_OK && which->place.line != 0) {
        drop_context_login(&login->login);
        login->status = fetch_login(login, which, config_path);
    }
    if (login->status == ST_OK) {
        login->status = fetch_tls(login, &nats->tls, config_path);
    }
}

/* Hold nothing any more, without a look at who else holds it. */
static void let_go(struct login *login)
{
    login->text_count = 0;
    login->has_context = false;
    memset(&login->login, 0, sizeof(login->login));
    login->urls = NULL;
    login->url_count = 0;
    login->inbox_prefix = NULL;
}

void login_take(struct login *out, struct login *from)
{
    *out = *from;
    out->file_count = 0;
    if (out->has_context) {
        out->urls = (const char *const *)out->context.urls; /* was inside of from */
    }
    let_go(from);
}

void login_forget(struct login *login)
{
    for (size_t i = 0; i < login->text_count; i++) {
        secret_forget(login->texts[i]);
    }
    if (login->has_context) {
        nats_context_destroy(&login->context);
    }
    let_go(login);
}

void login_close(struct login *login)
{
    for (size_t i = 0; i < login->file_count; i++) {
        close(login->files[i]);
    }
    login->file_count = 0;
}
