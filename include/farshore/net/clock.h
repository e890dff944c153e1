/*
 * clock.h - the two clocks: monotonic to measure, wall to label.
 *
 * Thread: any.
 */
#ifndef FARSHORE_NET_CLOCK_H
#define FARSHORE_NET_CLOCK_H

#include <stdint.h>

/* Nanoseconds since some point in the past; never goes back, stands still during suspend. */
int64_t clock_mono_ns(void);

/* Nanoseconds since 1970, UTC; may jump. */
int64_t clock_wall_ns(void);

#endif
