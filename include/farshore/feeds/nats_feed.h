/*
 * nats_feed.h - what the NATS servers of all regions say, as events.
 *
 * Per region one connection (as `view`, system account). It asks every server by the PING subjects
 * and listens to what servers push; it changes nothing and never asks STREAM.INFO or STREAM.LIST.
 *
 * Questions (each to one region's servers, all regions at the same moment):
 *   every interval   JSZ with streams and GATEWAYZ
 *   every 10 s       JSZ with configs (it takes the place of a JSZ with streams), STATSZ, VARZ
 *   above 1,000 streams a server: JSZ without streams every interval; with streams, leaders only,
 *   as often as costs a server less than 1 % of a core (EVT_PACE says how often)
 * A region whose own connection is down is asked over one other; a cluster that gateways name but
 * the config does not is asked over any.
 * Pushes  STATSZ of a server counts from its own region's connection while that is up, else from
 *         whichever comes first; goodbyes and advisories from whichever comes first.
 * Thread  everything here is for the loop thread; events reach the sink there too.
 */
#ifndef FARSHORE_FEEDS_NATS_FEED_H
#define FARSHORE_FEEDS_NATS_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "farshore/base/err.h"
#include "farshore/core/event.h"
#include "farshore/net/bridge.h"
#include "farshore/net/nats_conn.h"

#define NATS_FEED_REGIONS 16 /* configured ones and discovered clusters together */

struct ev_loop;
struct nats_feed;

struct nats_feed_region {
    const char *name; /* also its NATS cluster */
    const char *const *urls;
    size_t url_count; /* 0: no connection of its own; asked over the others */
    struct nats_login login;
    struct nats_login_source source; /* nats_conn.h; zero: `login` for ever */
    const char *inbox_prefix;        /* NULL is _INBOX */
};

struct nats_feed_options {
    struct ev_loop *loop;
    struct event_sink sink;
    int64_t interval_ns; /* 0 is 1 s; at least 100 ms */
    const struct nats_feed_region *regions;
    size_t region_count;
};

/*
 * Start. Returns at once; connections come later, as EVT_CONN.
 *
 * options  copied, texts too. nats_lib_open() was called before.
 * Returns  ST_OK; ST_INVALID, ST_UNSUPPORTED (tls_first), ST_NO_MEMORY, ST_IO; err names the
 * region.
 */
enum fs_status nats_feed_open(struct nats_feed **out, const struct nats_feed_options *options,
                              struct err *err);

/*
 * Give a region that was opened without URLs its connection. Returns at once.
 *
 * options  copied, texts too; name says which region.
 * Returns  as nats_feed_open(); ST_INVALID when the region is unknown or has a connection.
 */
enum fs_status nats_feed_connect(struct nats_feed *feed, const struct nats_feed_region *options,
                                 struct err *err);

/*
 * End: no event reaches the sink any more. Waits at most wait_ms for the connections; one that
 * hangs in a blocking connect is left behind and ends by itself. NULL is fine.
 *
 * Returns  ST_OK; ST_TIMEOUT when something was left behind.
 */
enum fs_status nats_feed_close(struct nats_feed *feed, int wait_ms);

/* Figures of the way from the threads to the loop. */
void nats_feed_read_figures(struct nats_feed *feed, struct bridge_figures *out);

#endif
