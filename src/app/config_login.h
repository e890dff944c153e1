/*
 * config_login.h - places in the file, and where a login's secrets come from.
 *
 * Nothing here is a secret but the text of an inline one; secret.h fetches the others late.
 */
#ifndef FARSHORE_APP_CONFIG_LOGIN_H
#define FARSHORE_APP_CONFIG_LOGIN_H

#include <stddef.h>

/* Where something stands in the file, both from 1; line 0 means "not given". */
struct config_place {
    unsigned line;
    unsigned column;
};

/* Rows of one type: `rows` points at `count` of them. */
struct config_list {
    void *rows;
    size_t count;
};

enum secret_source {
    SECRET_NONE,
    SECRET_INLINE,
    SECRET_FILE,
    SECRET_ENV,
    SECRET_COMMAND
};

/* Where a secret comes from; text is a path, a variable, a command or (inline) the secret. */
struct config_secret {
    enum secret_source source;
    const char *text;
    struct config_place place;
};

struct config_login {
    struct config_place place;
    struct config_secret user, password, token;
    struct config_secret nkey;  /* a seed */
    struct config_secret creds; /* JWT and seed as `nsc` writes them */
};

struct config_tls {
    struct config_place place;
    const char *ca, *cert, *key; /* paths */
};

#endif
