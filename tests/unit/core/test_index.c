/*
 * test_index.c - the index against a naive set, with colliding hashes and memory that runs out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "index.h"

#define ROWS 2000U

struct naive {
    uint64_t hashes[ROWS];
    bool is_in[ROWS];
    uint64_t wanted;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static bool match(const void *context, uint32_t row)
{
    const struct naive *naive = context;
    return row == (uint32_t)naive->wanted;
}

static void run_against_naive(uint64_t hash_mask)
{
    struct naive *naive = calloc(1, sizeof(*naive));
    struct index index = {0};
    uint64_t seed = 88172645463325252U;
    uint32_t used = 0;
    assert_non_null(naive);
    for (uint32_t i = 0; i < ROWS; i++) {
        naive->hashes[i] = next_random(&seed) & hash_mask;
    }
    for (unsigned step = 0; step < 40000; step++) {
        uint32_t row = (uint32_t)(next_random(&seed) % ROWS);
        naive->wanted = row;
        uint32_t found = index_find(&index, naive->hashes[row], match, naive);
        assert_int_equal(found, naive->is_in[row] ? row : ROW_NONE);
        bool is_adding = next_random(&seed) % 100 < (step < 20000 ? 70 : 30);
        if (is_adding && !naive->is_in[row]) {
            assert_true(index_add(&index, alloc_heap(), naive->hashes[row], row));
            naive->is_in[row] = true;
            used++;
        } else if (!is_adding) {
            index_remove(&index, naive->hashes[row], row);
            used -= naive->is_in[row] ? 1 : 0;
            naive->is_in[row] = false;
        }
        assert_int_equal(index.used, used);
    }
    for (uint32_t row = 0; row < ROWS; row++) {
        naive->wanted = row;
        assert_int_equal(index_find(&index, naive->hashes[row], match, naive),
                         naive->is_in[row] ? row : ROW_NONE);
    }
    index_destroy(&index, alloc_heap());
    assert_null(index.slots);
    free(naive);
}

static void index_agrees_with_a_naive_set(void **state)
{
    (void)state;
    run_against_naive(UINT64_MAX);
}

static void index_agrees_when_hashes_collide(void **state)
{
    (void)state;
    run_against_naive(15);
}

static void an_empty_index_finds_and_removes_nothing(void **state)
{
    (void)state;
    struct naive naive = {.wanted = 1};
    struct index index = {0};
    assert_int_equal(index_find(&index, 1, match, &naive), ROW_NONE);
    index_remove(&index, 1, 1);
    index_destroy(&index, alloc_heap());
}

static void *give_nothing(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    (void)context;
    (void)block;
    (void)old_bytes;
    (void)new_bytes;
    return NULL;
}

static void what_was_in_stays_when_growing_fails(void **state)
{
    (void)state;
    static const struct fs_alloc nothing = {.resize = give_nothing, .context = NULL};
    struct naive naive = {.wanted = 0};
    struct index index = {0};
    assert_false(index_add(&index, &nothing, 1, 1));
    uint32_t row = 0;
    while (index_add(&index, row == 0 ? alloc_heap() : &nothing, row, row)) {
        row++;
    }
    assert_true(row >= 8);
    for (uint32_t i = 0; i < row; i++) {
        naive.wanted = i;
        assert_int_equal(index_find(&index, i, match, &naive), i);
    }
    index_destroy(&index, alloc_heap());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_agrees_with_a_naive_set),
        cmocka_unit_test(index_agrees_when_hashes_collide),
        cmocka_unit_test(an_empty_index_finds_and_removes_nothing),
        cmocka_unit_test(what_was_in_stays_when_growing_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
