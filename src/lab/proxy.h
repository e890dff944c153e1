/*
 * proxy.h - the WAN between places, as a TCP proxy on a libev loop.
 *
 * Every connection between two places of a lab goes through one of its ports, and what is in force
 * on the way (wan.h) happens to it. Thread: the loop's. Nothing here blocks.
 */
#ifndef FARSHORE_LAB_PROXY_H
#define FARSHORE_LAB_PROXY_H

#include <ev.h>

#include "farshore/base/err.h"
#include "wan.h"

#define PROXY_ASK (-1) /* the source place of a listener is found by asking for each connection */

struct proxy;

/*
 * Which place does the connection from peer_port to our local_port (both 127.0.0.1) come from? -1
 * when it is a stranger's: it is closed then.
 */
typedef int proxy_identify(void *context, int peer_port, int local_port);

/* wan is borrowed and may be changed at any time; call proxy_apply() after a change. */
struct proxy *proxy_open(struct ev_loop *loop, struct wan *wan, proxy_identify *identify,
                         void *context, struct err *err);

/* Carry connections to 127.0.0.1:port on to 127.0.0.1:target_port of to_place. */
enum fs_status proxy_listen(struct proxy *proxy, int port, int from_place, int to_place,
                            int target_port, struct err *err);

/* The way between two places has changed: do to its connections what is now in force. */
void proxy_apply(struct proxy *proxy, int place_a, int place_b);

/* The clock that the proxy lives by: monotonic nanoseconds. */
int64_t proxy_mono_ns(void);

/* Connections on the way between two places. */
int proxy_count(const struct proxy *proxy, int place_a, int place_b);

/* NULL is fine. */
void proxy_close(struct proxy *proxy);

#endif
