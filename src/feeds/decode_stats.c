/*
 * decode_stats.c - STATSZ (asked and pushed) and VARZ: a server's load and its gateway config.
 *
 * Why:   two shapes of the same numbers; VARZ alone says which clusters a server is configured to
 *        reach.
 * How:   counts are exact integers; cpu is the one decimal number, kept in thousandths of a
 * percent. Rules: "sent" is what left the server (out), "received" what came in. See:   nats-server
 * server/events.go ServerStats, server/monitor.go Varz
 */
#include "decode.h"

#include <string.h>

static void read_flow(struct json_reader *in, int64_t *msgs, int64_t *bytes)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "msgs")) {
            json_read_i64(in, msgs);
        } else if (json_key_is(in, "bytes")) {
            json_read_i64(in, bytes);
        } else {
            json_skip(in);
        }
    }
}

/* A member that STATSZ and VARZ share; false when it is none of them (and not consumed). */
static bool read_common(struct json_reader *in, struct evt_stats *stats)
{
    if (json_key_is(in, "start")) {
        decode_time(in, &stats->start_ns);
    } else if (json_key_is(in, "mem")) {
        json_read_i64(in, &stats->mem_bytes);
    } else if (json_key_is(in, "cpu")) {
        decode_milli(in, &stats->cpu_milli_pct);
    } else if (json_key_is(in, "connections")) {
        json_read_i64(in, &stats->connections);
    } else if (json_key_is(in, "subscriptions")) {
        json_read_i64(in, &stats->subscriptions);
    } else if (json_key_is(in, "slow_consumers")) {
        json_read_i64(in, &stats->slow_consumers);
    } else {
        return false;
    }
    return true;
}

static struct event new_stats(const struct decode *decode)
{
    const struct decode_server *server = &decode->result->server;
    return (struct event){.type = EVT_STATS,
                          .u.stats = {.server = server->name,
                                      .cluster = decode_text_or_null(server->cluster),
                                      .active_servers = -1}};
}

void decode_statsz(struct decode *decode, struct json_reader *in, const char *raw)
{
    struct event event = new_stats(decode);
    struct evt_stats *stats = &event.u.stats;
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (read_common(in, stats)) {
            continue;
        }
        if (json_key_is(in, "sent")) {
            read_flow(in, &stats->out_msgs, &stats->out_bytes);
        } else if (json_key_is(in, "received")) {
            read_flow(in, &stats->in_msgs, &stats->in_bytes);
        } else if (json_key_is(in, "active_servers")) {
            json_read_i64(in, &stats->active_servers);
        } else {
            json_skip(in);
        }
    }
    stats->is_push = decode->context->kind == ASK_PUSH;
    stats->raw = raw;
    if (!in->has_failed) {
        decode_put(decode, &event);
    }
}

/* One element of gateway.gateways; in stands inside. */
static void read_remote(struct decode *decode, struct json_reader *in)
{
    const struct decode_server *server = &decode->result->server;
    char remote[DECODE_NAME_BYTES] = "";
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, remote);
        } else {
            json_skip(in);
        }
    }
    if (in->has_failed || remote[0] == '\0' || strcmp(remote, server->cluster) == 0) {
        return;
    }
    decode_put(decode, &(struct event){.type = EVT_GATEWAY_CONFIG,
                                       .u.gateway_config = {
                                           .server = server->name,
                                           .cluster = decode_text_or_null(server->cluster),
                                           .remote = remote,
                                       }});
}

static void read_gateway_config(struct decode *decode, struct json_reader *in)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        enum json_token token;
        if (!json_key_is(in, "gateways")) {
            json_skip(in);
            continue;
        }
        if (!json_enter_array(in)) {
            continue;
        }
        for (int64_t count = 0; json_element(in, &token); count++) {
            if (token == JSON_OBJECT && count < DECODE_GATEWAYS) {
                read_remote(decode, in);
            } else {
                json_skip_rest(in, token);
            }
        }
    }
}

void decode_varz(struct decode *decode, struct json_reader *in)
{
    struct event event = new_stats(decode);
    struct evt_stats *stats = &event.u.stats;
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (read_common(in, stats)) {
            continue;
        }
        if (json_key_is(in, "gateway")) {
            read_gateway_config(decode, in);
        } else if (json_key_is(in, "in_msgs")) {
            json_read_i64(in, &stats->in_msgs);
        } else if (json_key_is(in, "in_bytes")) {
            json_read_i64(in, &stats->in_bytes);
        } else if (json_key_is(in, "out_msgs")) {
            json_read_i64(in, &stats->out_msgs);
        } else if (json_key_is(in, "out_bytes")) {
            json_read_i64(in, &stats->out_bytes);
        } else {
            json_skip(in);
        }
    }
    if (!in->has_failed) {
        decode_put(decode, &event);
    }
}
