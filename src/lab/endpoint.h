/*
 * endpoint.h - what a region's application and our own link look like from outside, on loopback.
 *
 * APP answers `GET /healthz` as a region's application does; CONTROL accepts TCP and closes, as the
 * canary of our own link. Both can be made to fail on demand.
 */
#ifndef FARSHORE_LAB_ENDPOINT_H
#define FARSHORE_LAB_ENDPOINT_H

#include <ev.h>

#include "farshore/base/err.h"

enum lab_endpoint_kind {
    LAB_ENDPOINT_APP,     /* HTTP/1.1: GET /healthz */
    LAB_ENDPOINT_CONTROL, /* TCP: accept, then close */
};

enum lab_endpoint_mode {
    LAB_ENDPOINT_OK,   /* 200 "ok\n" */
    LAB_ENDPOINT_503,  /* 503; a CONTROL goes on as with OK */
    LAB_ENDPOINT_DOWN, /* no listener: connects are refused, open connections are closed */
};

struct lab_endpoint;

/*
 * Listen on 127.0.0.1, in mode OK.
 *
 * loop     outlives the endpoint.
 * port     0 takes any free one; it is then kept over DOWN and back.
 * err      may be NULL.
 *
 * Returns  NULL with err set when the port cannot be had. The caller owns the endpoint.
 * Thread   the loop's thread only, as for every function here.
 */
struct lab_endpoint *lab_endpoint_open(struct ev_loop *loop, int port, enum lab_endpoint_kind kind,
                                       struct err *err);

/*
 * Change the mode at once. Coming back from DOWN on a port that another process took meanwhile is
 * tried again every 200 ms until it works.
 */
void lab_endpoint_set(struct lab_endpoint *endpoint, enum lab_endpoint_mode mode);

/* The port on 127.0.0.1, also while DOWN. */
int lab_endpoint_port(const struct lab_endpoint *endpoint);

/* Close the listener and every connection and free it; NULL is fine. */
void lab_endpoint_close(struct lab_endpoint *endpoint);

#endif
