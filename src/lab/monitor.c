/*
 * monitor.c - the questions that `lab up` asks before it calls a lab usable.
 *
 * Why:   a lab that says "usable" too early makes every test after it flaky.
 * How:   plain HTTP/1.0 to /varz and /jsz of each server.
 * Rules: blocking, in the starter's process only. cJSON is fine here: the numbers are small counts.
 */
#include "monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#define ASK_MS 1000
#define BODY_BYTES_MAX (64 * 1024 * 1024)

static long long now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(int fd, short events, long long until_ms)
{
    struct pollfd asked = {.fd = fd, .events = events};
    int ready;

    do {
        long long left_ms = until_ms - now_ms();
        ready = poll(&asked, 1, left_ms > 0 ? (int)left_ms : 0);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static int dial(int port, long long until_ms)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int cause = 0;
    socklen_t length = sizeof(cause);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    bool is_up = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    if (!is_up && errno == EINPROGRESS && wait_for(fd, POLLOUT, until_ms)) {
        is_up = getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &length) == 0 && cause == 0;
    }
    if (!is_up) {
        close(fd);
        return -1;
    }
    return fd;
}

bool monitor_get(int port, const char *path, int timeout_ms, struct strbuf *out)
{
    long long until_ms = now_ms() + timeout_ms;
    char part[16384];
    bool is_whole = false;
    int fd = dial(port, until_ms);

    strbuf_reset(out);
    if (fd < 0) {
        return false;
    }
    int length = snprintf(part, sizeof(part), "GET %s HTTP/1.0\r\nHost: lab\r\n\r\n", path);
    bool is_sent = send(fd, part, (size_t)length, MSG_NOSIGNAL) == length;
    while (is_sent && !is_whole && out->length < BODY_BYTES_MAX && wait_for(fd, POLLIN, until_ms)) {
        ssize_t count = recv(fd, part, sizeof(part), 0);
        if (count > 0) {
            strbuf_put_bytes(out, part, (size_t)count);
        } else if (count == 0) {
            is_whole = true;
        } else if (errno != EAGAIN && errno != EINTR) {
            break;
        }
    }
    close(fd);
    char *body = is_whole && !out->has_failed ? strstr(out->text, "\r\n\r\n") : NULL;
    if (body == NULL || strncmp(out->text, "HTTP/1.", 7) != 0 ||
        strncmp(out->text + 8, " 200", 4) != 0) {
        return false;
    }
    body += 4;
    out->length -= (size_t)(body - out->text);
    memmove(out->text, body, out->length + 1);
    return true;
}

static cJSON *ask(const struct lab_layout *layout, int node, const char *path)
{
    struct strbuf body;
    cJSON *json = NULL;

    strbuf_init(&body, alloc_heap());
    if (monitor_get(layout_node_port(layout, node, LAB_PORT_MONITOR), path, ASK_MS, &body)) {
        json = cJSON_ParseWithLength(body.text, body.length);
    }
    strbuf_destroy(&body);
    return json;
}

int monitor_listening(const struct lab_layout *layout)
{
    struct strbuf body;
    int count = 0;

    strbuf_init(&body, alloc_heap());
    for (int i = 0; i < layout->node_count; i++) {
        count += monitor_get(layout_node_port(layout, i, LAB_PORT_MONITOR), "/varz", ASK_MS, &body)
                     ? 1
                     : 0;
    }
    strbuf_destroy(&body);
    return count;
}

/* The meta group in the leader's own words; false unless this node is the leader. */
static bool meta_of(const struct lab_layout *layout, int node, int *size, int *current)
{
    cJSON *json = ask(layout, node, "/jsz");
    const cJSON *meta = cJSON_GetObjectItemCaseSensitive(json, "meta_cluster");
    const cJSON *leader = cJSON_GetObjectItemCaseSensitive(meta, "leader");
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(meta, "cluster_size");
    const cJSON *replica = NULL;
    bool is_leader =
        cJSON_IsString(leader) && strcmp(leader->valuestring, layout->nodes[node].name) == 0;

    *size = cJSON_IsNumber(count) ? count->valueint : 0;
    *current = 1;
    cJSON_ArrayForEach(replica, cJSON_GetObjectItemCaseSensitive(meta, "replicas"))
    {
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(replica, "current"))) {
            (*current)++;
        }
    }
    cJSON_Delete(json);
    return is_leader;
}

bool monitor_has_meta(const struct lab_layout *layout, char *missing, size_t missing_bytes)
{
    for (int i = 0; i < layout->node_count; i++) {
        int size = 0;
        int current = 0;
        if (meta_of(layout, i, &size, &current)) {
            (void)snprintf(missing, missing_bytes,
                           "meta leader %s sees %d of %d peers current, %d expected",
                           layout->nodes[i].name, current, size, layout->node_count);
            return size == layout->node_count && current == size;
        }
    }
    (void)snprintf(missing, missing_bytes, "no server is the JetStream meta leader");
    return false;
}

/* Messages of a stream as one node sees it; -1 when the node has no replica of it. */
static double messages_of(const cJSON *json, const char *stream)
{
    const cJSON *account = NULL;
    const cJSON *detail = NULL;

    cJSON_ArrayForEach(account, cJSON_GetObjectItemCaseSensitive(json, "account_details"))
    {
        cJSON_ArrayForEach(detail, cJSON_GetObjectItemCaseSensitive(account, "stream_detail"))
        {
            const cJSON *name = cJSON_GetObjectItemCaseSensitive(detail, "name");
            const cJSON *state = cJSON_GetObjectItemCaseSensitive(detail, "state");
            const cJSON *messages = cJSON_GetObjectItemCaseSensitive(state, "messages");
            if (cJSON_IsString(name) && strcmp(name->valuestring, stream) == 0 &&
                cJSON_IsNumber(messages)) {
                return messages->valuedouble;
            }
        }
    }
    return -1;
}

bool monitor_has_mirrors(const struct lab_layout *layout, bool is_message_wanted, char *missing,
                         size_t missing_bytes)
{
    static const char *const mirrors[] = {"AGENTESE_MIRROR", "EVENTS_MIRROR"};
    double most[2] = {-1, -1};
    const struct lab_region *region = &layout->regions[1];

    for (int n = 0; n < region->node_count; n++) {
        cJSON *json = ask(layout, region->first_node + n, "/jsz?acc=APP&streams=true");
        for (int i = 0; i < 2; i++) {
            double messages = messages_of(json, mirrors[i]);
            most[i] = messages > most[i] ? messages : most[i];
        }
        cJSON_Delete(json);
    }
    for (int i = 0; i < 2; i++) {
        if (most[i] < (is_message_wanted ? 1 : 0)) {
            (void)snprintf(missing, missing_bytes, "mirror %s in %s %s", mirrors[i], region->name,
                           most[i] < 0 ? "does not exist" : "holds no message");
            return false;
        }
    }
    return true;
}
