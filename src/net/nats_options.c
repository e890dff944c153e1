/*
 * nats_options.c - what every NATS connection of farshore has in common.
 *
 * Why:   nats.c's defaults are for applications: two minutes until a frozen server is noticed, 8 MB
 *        of publishes kept and sent after a reconnect, gossip that leads to other servers.
 * How:   pings every 2 s, two may be missing: a dead link is seen within 6 s. No discovered
 *        servers: a region's connection stays with the URLs of its region. A reconnect buffer of
 *        one byte refuses publishes while disconnected: nothing is ever sent late.
 * Rules: no text made here holds a secret.
 * See:   include/farshore/net/nats_conn.h
 */
#include "nats_options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/text.h"
#include "nkey.h"

#define CONNECT_TIMEOUT_MS 4000 /* TCP, INFO, CONNECT, PONG over a WAN of 500 ms round trip */
#define PING_INTERVAL_MS 2000
#define PINGS_OUT 2
#define RECONNECT_WAIT_MS 500
#define RECONNECT_JITTER_MS 100
#define WRITE_DEADLINE_MS 2000

/* Every text of a login, for copy and clear. */
static void login_texts(const char **texts[9], struct nats_login *login)
{
    texts[0] = &login->user;
    texts[1] = &login->password;
    texts[2] = &login->token;
    texts[3] = &login->nkey_file;
    texts[4] = &login->creds_file;
    texts[5] = &login->ca_file;
    texts[6] = &login->cert_file;
    texts[7] = &login->key_file;
    texts[8] = &login->expected_host;
}

bool nats_login_copy(struct nats_login *to, const struct nats_login *from)
{
    const char **texts[9];
    bool is_complete = true;
    *to = *from;
    login_texts(texts, to);
    for (size_t i = 0; i < 9; i++) {
        if (*texts[i] != NULL) {
            *texts[i] = strdup(*texts[i]);
            is_complete = is_complete && *texts[i] != NULL;
        }
    }
    return is_complete;
}

void nats_login_clear(struct nats_login *login)
{
    const char **texts[9];
    login_texts(texts, login);
    for (size_t i = 0; i < 9; i++) {
        if (*texts[i] != NULL) {
            char *text = (char *)(uintptr_t)*texts[i];
            explicit_bzero(text, strlen(text));
            free(text);
            *texts[i] = NULL;
        }
    }
}

void nats_url_strip(char *out, size_t out_bytes, const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end == NULL ? url : scheme_end + 3;
    const char *at = NULL;
    for (const char *c = host; *c != '\0' && *c != '/'; c++) {
        at = *c == '@' ? c : at;
    }
    text_copy(out, out_bytes, url);
    if (at == NULL) {
        return;
    }
    size_t scheme = (size_t)(host - url);
    if (scheme >= out_bytes) {
        return;
    }
    text_copy(out + scheme, out_bytes - scheme, at + 1);
}

static enum fs_status fail(struct err *err, natsStatus status, const char *what, const char *path)
{
    return err_set(err, ST_INVALID, "%s%s%s: %s", what, path == NULL ? "" : " ",
                   path == NULL ? "" : path, natsStatus_GetText(status));
}

static bool wants_tls(const char *const *urls, size_t url_count, const struct nats_login *login)
{
    for (size_t i = 0; i < url_count; i++) {
        if (strncmp(urls[i], "tls://", 6) == 0) {
            return true;
        }
    }
    return login->use_tls || login->ca_file != NULL || login->cert_file != NULL;
}

static enum fs_status set_tls(natsOptions *options, const struct nats_login *login, struct err *err)
{
    natsStatus status = natsOptions_SetSecure(options, true);
    if (status != NATS_OK) {
        return fail(err, status, "TLS", NULL);
    }
    if (login->ca_file != NULL) {
        status = natsOptions_LoadCATrustedCertificates(options, login->ca_file);
        if (status != NATS_OK) {
            return fail(err, status, "CA file", login->ca_file);
        }
    }
    if (login->cert_file != NULL) {
        status = natsOptions_LoadCertificatesChain(options, login->cert_file, login->key_file);
        if (status != NATS_OK) {
            return fail(err, status, "certificate", login->cert_file);
        }
    }
    if (login->expected_host != NULL) {
        status = natsOptions_SetExpectedHostname(options, login->expected_host);
        if (status != NATS_OK) {
            return fail(err, status, "expected host", login->expected_host);
        }
    }
    return ST_OK;
}

static enum fs_status set_login(natsOptions *options, const struct nats_login *login,
                                struct err *err)
{
    natsStatus status = NATS_OK;
    if (login->creds_file != NULL) {
        status = natsOptions_SetUserCredentialsFromFiles(options, login->creds_file, NULL);
        return status == NATS_OK ? ST_OK : fail(err, status, "creds file", login->creds_file);
    }
    if (login->nkey_file != NULL) {
        char key[NKEY_TEXT_BYTES];
        enum fs_status done = nkey_public_of_file(key, login->nkey_file, err);
        if (done != ST_OK) {
            return done;
        }
        status = natsOptions_SetNKeyFromSeed(options, key, login->nkey_file);
        return status == NATS_OK ? ST_OK : fail(err, status, "nkey file", login->nkey_file);
    }
    if (login->token != NULL) {
        status = natsOptions_SetToken(options, login->token);
        return status == NATS_OK ? ST_OK : fail(err, status, "token", NULL);
    }
    if (login->user != NULL) {
        status = natsOptions_SetUserInfo(options, login->user,
                                         login->password == NULL ? "" : login->password);
        return status == NATS_OK ? ST_OK : fail(err, status, "user", NULL);
    }
    return ST_OK;
}

static natsStatus set_timing(natsOptions *options)
{
    natsStatus status = natsOptions_SetTimeout(options, CONNECT_TIMEOUT_MS);
    if (status == NATS_OK) {
        status = natsOptions_SetPingInterval(options, PING_INTERVAL_MS);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetMaxPingsOut(options, PINGS_OUT);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetMaxReconnect(options, -1);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetReconnectWait(options, RECONNECT_WAIT_MS);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetReconnectJitter(options, RECONNECT_JITTER_MS, RECONNECT_JITTER_MS);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetWriteDeadline(options, WRITE_DEADLINE_MS);
    }
    return status;
}

static natsStatus set_habits(natsOptions *options, const char *name)
{
    natsStatus status = natsOptions_SetName(options, name);
    if (status == NATS_OK) {
        status = natsOptions_SetIgnoreDiscoveredServers(options, true);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetReconnectBufSize(options, 1);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetFailRequestsOnDisconnect(options, true);
    }
    if (status == NATS_OK) {
        status = natsOptions_UseGlobalMessageDelivery(options, true);
    }
    if (status == NATS_OK) {
        status = natsOptions_SetSendAsap(options, true);
    }
    return status;
}

enum fs_status nats_options_make(natsOptions **out, const char *name, const char *const *urls,
                                 size_t url_count, const struct nats_login *login, struct err *err)
{
    natsOptions *options = NULL;
    const char **servers = calloc(url_count, sizeof(*servers));
    natsStatus status = servers == NULL ? NATS_NO_MEMORY : natsOptions_Create(&options);
    enum fs_status done = ST_OK;
    if (status == NATS_OK) {
        memcpy(servers, urls, url_count * sizeof(*servers));
        status = natsOptions_SetServers(options, servers, (int)url_count);
    }
    free(servers);
    if (status == NATS_OK) {
        status = set_timing(options);
    }
    if (status == NATS_OK) {
        status = set_habits(options, name);
    }
    if (status != NATS_OK) {
        done = fail(err, status, "connection options", NULL);
        goto out;
    }
    if (wants_tls(urls, url_count, login)) {
        done = set_tls(options, login, err);
    }
    if (done == ST_OK) {
        done = set_login(options, login, err);
    }
out:
    if (done != ST_OK) {
        natsOptions_Destroy(options);
        return done;
    }
    *out = options;
    return ST_OK;
}
