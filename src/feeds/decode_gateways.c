/*
 * decode_gateways.c - GATEWAYZ: which clusters a server is connected to, each way.
 *
 * Why:   a lost gateway has no state at the server, its entry is simply absent; so every connection
 *        is an event and EVT_GATEWAYS says that this was all.
 * How:   outbound is one connection a remote cluster, inbound a list. connection.name is the id of
 *        the server at the other end. rtt is a Go duration, refreshed by pings only.
 * Rules: uptime comes from start and now: the server's own text has years and days in a form of its
 *        own.
 * See:   tests/fixtures/nats; nats-server server/monitor.go Gatewayz
 */
#include "decode.h"

#include <string.h>

struct gateways {
    struct decode *decode;
    int64_t now_ns;
    int64_t count[2]; /* by direction */
};

struct gateway {
    bool has_connection;
    bool is_configured;
    char peer_id[DECODE_NAME_BYTES];
    int64_t rtt_ns;
    int64_t start_ns;
    int64_t uptime_ns;
    int64_t in_msgs;
    int64_t in_bytes;
    int64_t out_msgs;
    int64_t out_bytes;
    int64_t pending_bytes;
};

static void read_connection(struct json_reader *in, struct gateway *gateway)
{
    if (!json_enter_object(in)) {
        return;
    }
    gateway->has_connection = true;
    while (json_key(in)) {
        if (json_key_is(in, "name")) {
            decode_name(in, gateway->peer_id);
        } else if (json_key_is(in, "rtt")) {
            decode_duration(in, &gateway->rtt_ns);
        } else if (json_key_is(in, "start")) {
            decode_time(in, &gateway->start_ns);
        } else if (json_key_is(in, "uptime")) {
            decode_duration(in, &gateway->uptime_ns);
        } else if (json_key_is(in, "in_msgs")) {
            json_read_i64(in, &gateway->in_msgs);
        } else if (json_key_is(in, "in_bytes")) {
            json_read_i64(in, &gateway->in_bytes);
        } else if (json_key_is(in, "out_msgs")) {
            json_read_i64(in, &gateway->out_msgs);
        } else if (json_key_is(in, "out_bytes")) {
            json_read_i64(in, &gateway->out_bytes);
        } else if (json_key_is(in, "pending_bytes")) {
            json_read_i64(in, &gateway->pending_bytes);
        } else {
            json_skip(in);
        }
    }
}

static void put_gateway(struct gateways *gateways, const struct gateway *gateway,
                        const char *remote, enum gateway_direction direction)
{
    const struct decode_server *server = &gateways->decode->result->server;
    bool is_outbound = direction == GATEWAY_OUTBOUND;
    int64_t uptime_ns = gateway->uptime_ns;
    if (gateways->now_ns > 0 && gateway->start_ns > 0 && gateways->now_ns > gateway->start_ns) {
        uptime_ns = gateways->now_ns - gateway->start_ns;
    }
    struct event event = {.type = EVT_GATEWAY,
                          .u.gateway = {
                              .server = server->name,
                              .cluster = decode_text_or_null(server->cluster),
                              .remote = remote,
                              .direction = direction,
                              .peer_id = decode_text_or_null(gateway->peer_id),
                              .rtt_ns = gateway->rtt_ns,
                              .msgs = is_outbound ? gateway->out_msgs : gateway->in_msgs,
                              .bytes = is_outbound ? gateway->out_bytes : gateway->in_bytes,
                              .pending_bytes = gateway->pending_bytes,
                              .uptime_ns = uptime_ns,
                              .is_configured = gateway->is_configured,
                          }};
    decode_put(gateways->decode, &event);
    gateways->count[direction]++;
}

/* {"configured":…,"connection":{…}}; in stands inside. */
static void read_gateway(struct gateways *gateways, struct json_reader *in, const char *remote,
                         enum gateway_direction direction)
{
    struct gateway gateway;
    memset(&gateway, 0, sizeof(gateway));
    gateway.rtt_ns = -1;
    while (json_key(in)) {
        if (json_key_is(in, "configured")) {
            json_read_bool(in, &gateway.is_configured);
        } else if (json_key_is(in, "connection")) {
            read_connection(in, &gateway);
        } else {
            json_skip(in);
        }
    }
    bool has_room = gateways->count[direction] < DECODE_GATEWAYS;
    if (!in->has_failed && gateway.has_connection && has_room) {
        put_gateway(gateways, &gateway, remote, direction);
    }
}

static void read_outbound(struct gateways *gateways, struct json_reader *in)
{
    char remote[DECODE_NAME_BYTES];
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        decode_name_token(in, remote);
        if (json_enter_object(in)) {
            read_gateway(gateways, in, remote, GATEWAY_OUTBOUND);
        }
    }
}

static void read_inbound(struct gateways *gateways, struct json_reader *in)
{
    char remote[DECODE_NAME_BYTES];
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        enum json_token token;
        decode_name_token(in, remote);
        if (!json_enter_array(in)) {
            continue;
        }
        while (json_element(in, &token)) {
            if (token == JSON_OBJECT) {
                read_gateway(gateways, in, remote, GATEWAY_INBOUND);
            } else {
                json_skip_rest(in, token);
            }
        }
    }
}

void decode_gatewayz(struct decode *decode, struct json_reader *in)
{
    struct gateways gateways = {.decode = decode};
    const struct decode_server *server = &decode->result->server;
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "now")) {
            decode_time(in, &gateways.now_ns);
        } else if (json_key_is(in, "outbound_gateways")) {
            read_outbound(&gateways, in);
        } else if (json_key_is(in, "inbound_gateways")) {
            read_inbound(&gateways, in);
        } else {
            json_skip(in);
        }
    }
    if (in->has_failed) {
        return; /* what was not read is not gone */
    }
    decode_put(decode, &(struct event){.type = EVT_GATEWAYS,
                                       .u.gateways = {
                                           .server = server->name,
                                           .cluster = decode_text_or_null(server->cluster),
                                           .outbound = gateways.count[GATEWAY_OUTBOUND],
                                           .inbound = gateways.count[GATEWAY_INBOUND],
                                       }});
}
