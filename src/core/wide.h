/*
 * wide.h - a x b / c where a x b needs more than 64 bits. Saturates; c 0 gives 0.
 */
#ifndef FARSHORE_CORE_WIDE_H
#define FARSHORE_CORE_WIDE_H

#include <stdint.h>

__extension__ typedef unsigned __int128 wide_u128;

static inline uint64_t wide_mul_div(uint64_t a, uint64_t b, uint64_t c, uint64_t round_add)
{
    if (c == 0) {
        return 0;
    }
    wide_u128 result = ((wide_u128)a * b + round_add) / c;
    return result > UINT64_MAX ? UINT64_MAX : (uint64_t)result;
}

/* For numbers that are never negative; a negative one counts as 0. */
static inline int64_t wide_scale(int64_t a, int64_t b, int64_t c)
{
    if (a <= 0 || b <= 0 || c <= 0) {
        return 0;
    }
    uint64_t result = wide_mul_div((uint64_t)a, (uint64_t)b, (uint64_t)c, 0);
    return result > INT64_MAX ? INT64_MAX : (int64_t)result;
}

/* Sums and differences that stop at the ends instead of overflowing. */
static inline int64_t wide_add(int64_t a, int64_t b)
{
    int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? INT64_MIN : INT64_MAX) : sum;
}

/* For numbers that cannot be negative, from outside. */
static inline int64_t wide_count(int64_t number)
{
    return number < 0 ? 0 : number;
}

static inline int64_t wide_signed(uint64_t number)
{
    return number > INT64_MAX ? INT64_MAX : (int64_t)number;
}

static inline int64_t wide_clamp(int64_t number, int64_t least, int64_t most)
{
    return number < least ? least : number > most ? most : number;
}

#endif
