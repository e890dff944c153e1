/*
 * clock.c - the two clocks of the operating system in nanoseconds.
 *
 * Why:   every age is measured on the monotonic clock, every label is wall time.
 * How:   clock_gettime(2), which the vDSO answers without a system call.
 * Rules: core never calls this; time reaches it in events.
 * See:   include/farshore/core/event.h
 */
#include "farshore/net/clock.h"

#include <time.h>

#include "farshore/base/duration.h"

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_S + (int64_t)now.tv_nsec;
}

int64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}
