/*
 * config_value.c - what a single value of the configuration may look like.
 *
 * Why:   a wrong address or URL should be told while reading the file, not at 3 a.m.
 * How:   one small checker a kind; they answer with what is wrong, never with the value.
 * Rules: pure; no name is resolved.
 * See:   config_schema.h for the kinds.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "config_schema.h"
#include "farshore/base/number.h"
#include "farshore/base/text.h"

#define TEXT_MOST 1024
#define NAME_MOST 64
#define HOST_MOST 253

const char *config_kind_help(enum config_kind kind)
{
    switch (kind) {
    case KIND_INT:
        return "a whole number";
    case KIND_DURATION:
        return "a duration such as 90s or 5m";
    case KIND_WORD:
        return "one of its words";
    case KIND_TEXT:
        return "a text";
    case KIND_NAME:
        return "a name of letters, digits, - _ and .";
    case KIND_PATH:
        return "a file's path";
    case KIND_NATS_URL:
        return "a URL nats://host:port or tls://host:port";
    case KIND_WEB_URL:
        return "a URL http://… or https://…";
    case KIND_PROVIDER_URL:
        return "a URL http://…, https://… or dns://host:port";
    case KIND_HOST_PORT:
        return "host:port";
    case KIND_ADDRESS:
        return "an IP address";
    case KIND_RESOLVER:
        return "\"system\" or an IP address, :port is optional";
    case KIND_DOMAIN:
        return "a full domain name with its last dot";
    case KIND_SUBJECT:
        return "a subject without wildcards, or null";
    case KIND_STREAM:
        return "account/stream, a last * takes any ending";
    case KIND_SECRET:
        return "a text";
    case KIND_LIST:
    case KIND_ROWS:
        return "a list";
    case KIND_MAP:
    case KIND_TARGETS:
        return "a mapping";
    case KIND_RESERVED:
        break;
    }
    return "anything";
}

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && strchr("-_.", text[i]) == NULL) {
            return false;
        }
    }
    return length > 0 && length <= NAME_MOST;
}

static bool is_port(const char *text, size_t length)
{
    uint64_t port = 0;
    return number_parse_u64(text, length, &port) && port >= 1 && port <= 65535;
}

static bool is_address(const char *text, size_t length)
{
    char copy[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[sizeof(struct in6_addr)];
    if (length >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1;
}

static bool is_host(const char *text, size_t length)
{
    if (length == 0 || length > HOST_MOST || text[0] == '.' || text[0] == '-') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && strchr("-_.", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* host, host:port, [v6], [v6]:port. */
static const char *host_port_problem(const char *text, size_t length, bool needs_port)
{
    const char *rest;
    if (length > 0 && text[0] == '[') {
        const char *end = memchr(text, ']', length);
        if (end == NULL || !is_address(text + 1, (size_t)(end - text) - 1)) {
            return "an address in [ ] is expected";
        }
        rest = end + 1;
    } else {
        const char *colon = memchr(text, ':', length);
        rest = colon != NULL ? colon : text + length;
        if (!is_host(text, (size_t)(rest - text))) {
            return "the host is not a name or address (IPv6 goes into [ ])";
        }
    }
    size_t left = length - (size_t)(rest - text);
    if (left == 0) {
        return needs_port ? "the port is missing" : NULL;
    }
    if (rest[0] != ':' || !is_port(rest + 1, left - 1)) {
        return "the port must be a number from 1 to 65535";
    }
    return NULL;
}

static const char *url_problem(const char *text, size_t length, const char *const *schemes,
                               bool may_have_path)
{
    for (size_t i = 0; schemes[i] != NULL; i++) {
        size_t skip = strlen(schemes[i]);
        if (length <= skip || strncmp(text, schemes[i], skip) != 0) {
            continue;
        }
        const char *host = text + skip;
        size_t host_length = strcspn(host, "/?#");
        if (memchr(host, '@', host_length) != NULL) {
            return "a login does not belong into a URL";
        }
        if (strchr(host, ' ') != NULL) {
            return "it holds a blank";
        }
        if (!may_have_path && host[host_length] != '\0' && strcmp(host + host_length, "/") != 0) {
            return "nothing may follow the port";
        }
        return host_port_problem(host, host_length, false);
    }
    return "the scheme is missing or not possible here";
}

static const char *domain_problem(const char *text, size_t length)
{
    if (length < 2 || length > HOST_MOST + 1 || text[length - 1] != '.') {
        return "the last dot is missing";
    }
    size_t label = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.') {
            if (label == 0 || label > 63) {
                return "a part between dots must have 1 to 63 characters";
            }
            label = 0;
        } else if (isalnum((unsigned char)text[i]) || strchr("-_*", text[i]) != NULL) {
            label++;
        } else {
            return "a name has letters, digits, - and _";
        }
    }
    return NULL;
}

static const char *subject_problem(const char *text, size_t length)
{
    if (text[0] == '.' || text[length - 1] == '.' || strstr(text, "..") != NULL) {
        return "a token is empty";
    }
    if (strpbrk(text, "*> ") != NULL) {
        return "wildcards and blanks are not possible";
    }
    return text[0] == '$' ? "it must not begin with $" : NULL;
}

static const char *stream_problem(const char *text, size_t length)
{
    const char *slash = strchr(text, '/');
    const char *star = strchr(text, '*');
    if (slash == NULL || slash == text || slash[1] == '\0') {
        return "account/stream is expected";
    }
    if (strpbrk(slash + 1, "/.> ") != NULL) {
        return "a stream's name has no dots, blanks or slashes";
    }
    return star != NULL && star != text + length - 1 ? "* is possible at the end alone" : NULL;
}

static const char *resolver_problem(const char *text, size_t length)
{
    if (strcmp(text, "system") == 0 || is_address(text, length)) {
        return NULL;
    }
    size_t host = text[0] == '[' ? length : strcspn(text, ":");
    if (text[0] != '[' && !is_address(text, host)) {
        return "neither \"system\" nor an IP address";
    }
    return host_port_problem(text, length, false);
}

const char *config_value_problem(enum config_kind kind, const char *text, size_t length)
{
    static const char *const nats_schemes[] = {"nats://", "tls://", NULL};
    static const char *const web_schemes[] = {"http://", "https://", NULL};
    static const char *const provider_schemes[] = {"http://", "https://", "dns://", NULL};
    if (length == 0) {
        return "it is empty";
    }
    if (length > TEXT_MOST) {
        return "it is too long";
    }
    if (!text_is_clean(text, length)) {
        return "it holds characters that cannot be shown";
    }
    switch (kind) {
    case KIND_NAME:
        return is_name(text, length) ? NULL : "at most 64 letters, digits, - _ and .";
    case KIND_NATS_URL:
        return url_problem(text, length, nats_schemes, false);
    case KIND_WEB_URL:
        return url_problem(text, length, web_schemes, true);
    case KIND_PROVIDER_URL:
        return url_problem(text, length, provider_schemes, true);
    case KIND_HOST_PORT:
        return host_port_problem(text, length, true);
    case KIND_ADDRESS:
        return is_address(text, length) ? NULL : "neither IPv4 nor IPv6";
    case KIND_RESOLVER:
        return resolver_problem(text, length);
    case KIND_DOMAIN:
        return domain_problem(text, length);
    case KIND_SUBJECT:
        return subject_problem(text, length);
    case KIND_STREAM:
        return stream_problem(text, length);
    case KIND_INT:
    case KIND_DURATION:
    case KIND_WORD:
    case KIND_TEXT:
    case KIND_PATH:
    case KIND_SECRET:
    case KIND_LIST:
    case KIND_MAP:
    case KIND_ROWS:
    case KIND_TARGETS:
    case KIND_RESERVED:
        break;
    }
    return NULL;
}
