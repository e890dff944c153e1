/*
 * random.h - the same pseudo-random numbers on every run (splitmix64), for property-like loops.
 */
#ifndef FARSHORE_TESTS_RANDOM_H
#define FARSHORE_TESTS_RANDOM_H

#include <stdint.h>

struct test_random {
    uint64_t state;
};

static inline uint64_t test_random_next(struct test_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t value = random->state;
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* 0 to limit - 1. */
static inline uint64_t test_random_below(struct test_random *random, uint64_t limit)
{
    return test_random_next(random) % limit;
}

/* Every magnitude equally often: a random value of a random number of bits. */
static inline uint64_t test_random_wide(struct test_random *random)
{
    uint64_t bits = test_random_below(random, 64);
    return test_random_next(random) >> bits;
}

#endif
