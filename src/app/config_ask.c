/*
 * config_ask.c - ask one reachable server which clusters there are, for `config init`.
 *
 * Why:   a first configuration should name the real regions and how to reach them.
 * How:   one connection as the console's own; VARZ and GATEWAYZ by PING. Each reply names its
 *        server's cluster, VARZ the client URLs, GATEWAYZ the other clusters.
 * Rules: callbacks come on foreign threads, so results are kept under a mutex. Nothing is changed
 *        on any server. What cannot be a name or an address in the file is left out.
 * See:   docs/CONFIG.md "init"
 */
#include "config_ask.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config_schema.h"
#include "farshore/base/duration.h"
#include "farshore/base/text.h"
#include "farshore/core/json.h"
#include "farshore/net/nats_lib.h"

#define CONNECT_MS 3000
#define COLLECT_MS 2000
#define STEP_MS 20
#define CLOSE_MS 500

struct asking {
    pthread_mutex_t mutex;
    struct ask_result *result;
    bool is_up;
    char reason[256];
};

static struct ask_cluster *cluster_of(struct ask_result *out, const char *name)
{
    if (config_value_problem(KIND_NAME, name, strlen(name)) != NULL) {
        return NULL;
    }
    size_t at = 0;
    while (at < out->count && strcmp(out->clusters[at].name, name) < 0) {
        at++;
    }
    if (at < out->count && strcmp(out->clusters[at].name, name) == 0) {
        return &out->clusters[at];
    }
    if (out->count == ASK_CLUSTERS) {
        return NULL;
    }
    memmove(&out->clusters[at + 1], &out->clusters[at],
            (out->count - at) * sizeof(out->clusters[0]));
    memset(&out->clusters[at], 0, sizeof(out->clusters[at]));
    text_copy(out->clusters[at].name, ASK_NAME_BYTES, name);
    out->count++;
    return &out->clusters[at];
}

static void add_url(struct ask_cluster *cluster, const char *host_port)
{
    char url[ASK_URL_BYTES];
    snprintf(url, sizeof(url), "nats://%s", host_port);
    if (cluster->url_count == ASK_URLS ||
        config_value_problem(KIND_NATS_URL, url, strlen(url)) != NULL) {
        return;
    }
    for (size_t i = 0; i < cluster->url_count; i++) {
        if (strcmp(cluster->urls[i], url) == 0) {
            return;
        }
    }
    text_copy(cluster->urls[cluster->url_count++], ASK_URL_BYTES, url);
}

/* What one reply says; filled in any order of its keys. */
struct reply {
    char cluster[ASK_NAME_BYTES], host[ASK_URL_BYTES];
    uint64_t port;
    bool is_varz; /* GATEWAYZ has a port too: the gateway's */
    char urls[ASK_URLS][ASK_URL_BYTES];
    size_t url_count;
    char remotes[ASK_CLUSTERS][ASK_NAME_BYTES];
    size_t remote_count;
};

static void read_server(struct json_reader *in, struct reply *reply)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "cluster")) {
            json_read_text(in, reply->cluster, sizeof(reply->cluster));
        } else if (json_key_is(in, "host")) {
            json_read_text(in, reply->host, sizeof(reply->host));
        } else {
            json_skip(in);
        }
    }
}

static void read_urls(struct json_reader *in, struct reply *reply)
{
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        if (token == JSON_STRING && reply->url_count < ASK_URLS) {
            json_token_text(in, reply->urls[reply->url_count++], ASK_URL_BYTES);
        } else if (token != JSON_STRING) {
            json_skip_rest(in, token);
        }
    }
}

static void read_remotes(struct json_reader *in, struct reply *reply)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (reply->remote_count < ASK_CLUSTERS) {
            json_token_text(in, reply->remotes[reply->remote_count++], ASK_NAME_BYTES);
        }
        json_skip(in);
    }
}

static void read_data(struct json_reader *in, struct reply *reply)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "port")) {
            json_read_u64(in, &reply->port);
        } else if (json_key_is(in, "max_payload")) {
            reply->is_varz = true;
            json_skip(in);
        } else if (json_key_is(in, "connect_urls")) {
            read_urls(in, reply);
        } else if (json_key_is(in, "outbound_gateways")) {
            read_remotes(in, reply);
        } else {
            json_skip(in);
        }
    }
}

void config_ask_take(struct ask_result *out, const char *text, size_t length)
{
    struct json_reader in;
    struct reply reply;
    memset(&reply, 0, sizeof(reply));
    json_begin(&in, text, length);
    if (json_next(&in) != JSON_OBJECT) {
        return;
    }
    while (json_key(&in)) {
        if (json_key_is(&in, "server")) {
            read_server(&in, &reply);
        } else if (json_key_is(&in, "data")) {
            read_data(&in, &reply);
        } else {
            json_skip(&in);
        }
    }
    struct ask_cluster *cluster = in.has_failed ? NULL : cluster_of(out, reply.cluster);
    if (cluster == NULL) {
        return;
    }
    if (reply.is_varz && reply.port > 0) {
        char own[ASK_URL_BYTES * 2];
        snprintf(own, sizeof(own), "%s:%llu", reply.host, (unsigned long long)reply.port);
        add_url(cluster, own);
        cluster->servers++;
    }
    for (size_t i = 0; i < reply.url_count; i++) {
        add_url(cluster, reply.urls[i]);
    }
    for (size_t i = 0; i < reply.remote_count; i++) {
        (void)cluster_of(out, reply.remotes[i]);
    }
}

static void on_state(void *context, const struct nats_conn_report *report)
{
    struct asking *asking = context;
    pthread_mutex_lock(&asking->mutex);
    asking->is_up = asking->is_up || report->state == CONN_UP;
    if (report->reason != NULL) {
        text_copy(asking->reason, sizeof(asking->reason), report->reason);
    }
    pthread_mutex_unlock(&asking->mutex);
}

static void on_message(void *context, size_t subscription, const struct nats_message *message)
{
    struct asking *asking = context;
    (void)subscription;
    pthread_mutex_lock(&asking->mutex);
    config_ask_take(asking->result, message->data, message->length);
    pthread_mutex_unlock(&asking->mutex);
}

static void on_trouble(void *context, enum nats_trouble kind, const char *text, int64_t count)
{
    struct asking *asking = context;
    (void)kind;
    (void)count;
    pthread_mutex_lock(&asking->mutex);
    text_copy(asking->reason, sizeof(asking->reason), text);
    pthread_mutex_unlock(&asking->mutex);
}

static void wait_step(void)
{
    struct timespec step = {0, STEP_MS * NS_PER_MS};
    nanosleep(&step, NULL);
}

static bool is_up(struct asking *asking)
{
    pthread_mutex_lock(&asking->mutex);
    bool answer = asking->is_up;
    pthread_mutex_unlock(&asking->mutex);
    return answer;
}

static enum fs_status ask_over(struct nats_conn *conn, struct asking *asking, const char *inbox,
                               struct err *err)
{
    for (int waited = 0; waited < CONNECT_MS && !is_up(asking); waited += STEP_MS) {
        wait_step();
    }
    if (!is_up(asking)) {
        pthread_mutex_lock(&asking->mutex);
        enum fs_status status =
            err_set(err, ST_TIMEOUT, "no connection: %s",
                    asking->reason[0] != '\0' ? asking->reason : "no answer within 3 s");
        pthread_mutex_unlock(&asking->mutex);
        return status;
    }
    (void)nats_conn_publish(conn, "$SYS.REQ.SERVER.PING.VARZ", inbox, "");
    (void)nats_conn_publish(conn, "$SYS.REQ.SERVER.PING.GATEWAYZ", inbox, "");
    for (int waited = 0; waited < COLLECT_MS; waited += STEP_MS) {
        wait_step();
    }
    return ST_OK;
}

static enum fs_status ask(const struct nats_conn_options *options, struct asking *asking,
                          const char *inbox, struct err *err)
{
    struct nats_conn *conn = NULL;
    enum fs_status status = nats_lib_open(err);
    if (status != ST_OK) {
        return status;
    }
    status = nats_conn_open(&conn, options, err);
    if (status == ST_OK) {
        status = ask_over(conn, asking, inbox, err);
    }
    bool is_left_behind = nats_conn_close(conn, CLOSE_MS) == ST_TIMEOUT;
    if (!is_left_behind) {
        (void)nats_lib_close(CLOSE_MS, NULL);
    }
    return status;
}

enum fs_status config_ask(const char *const *urls, size_t url_count, const struct nats_login *login,
                          struct ask_result *out, struct err *err)
{
    char inbox[64];
    struct timespec now;
    memset(out, 0, sizeof(*out));
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(inbox, sizeof(inbox), "_INBOX.farshore.%ld.%ld", (long)getpid(), now.tv_nsec);
    struct asking asking = {.result = out};
    pthread_mutex_init(&asking.mutex, NULL);
    struct nats_subscription subscription = {inbox, 4096, 64 * 1024 * 1024};
    struct nats_conn_options options = {.name = "farshore config init",
                                        .urls = urls,
                                        .url_count = url_count,
                                        .login = *login,
                                        .subscriptions = &subscription,
                                        .subscription_count = 1,
                                        .handler = {&asking, on_state, on_message, on_trouble}};
    enum fs_status status = ask(&options, &asking, inbox, err);
    pthread_mutex_destroy(&asking.mutex);
    if (status == ST_OK && out->count == 0) {
        return err_set(err, ST_NOT_FOUND,
                       "connected, but no server answers: is this a user of the system account? %s",
                       asking.reason);
    }
    return status;
}
