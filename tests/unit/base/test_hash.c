/*
 * test_hash.c - known values, order, ends, and an even spread.
 */
#include "farshore/base/hash.h"

#include <string.h>

#include "cmocka_all.h"

static void bytes_match_published_fnv_1a(void **state)
{
    (void)state;
    assert_true(hash_bytes(HASH_SEED, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(hash_bytes(HASH_SEED, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(hash_bytes(HASH_SEED, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

static void text_counts_its_end(void **state)
{
    (void)state;
    uint64_t left = hash_text(hash_text(HASH_SEED, "ab"), "c");
    uint64_t right = hash_text(hash_text(HASH_SEED, "a"), "bc");
    assert_true(left != right);
    assert_true(hash_text(HASH_SEED, NULL) == hash_text(HASH_SEED, ""));
    assert_true(hash_text(HASH_SEED, "a") == hash_bytes(HASH_SEED, "a", 2));
}

static void number_is_fed_least_byte_first(void **state)
{
    (void)state;
    const unsigned char bytes[] = {8, 7, 6, 5, 4, 3, 2, 1};
    assert_true(hash_u64(HASH_SEED, UINT64_C(0x0102030405060708)) ==
                hash_bytes(HASH_SEED, bytes, sizeof bytes));
}

static void low_bits_spread_evenly(void **state)
{
    (void)state;
    enum {
        BUCKETS = 256,
        KEYS = 65536
    };
    unsigned int counts[BUCKETS] = {0};
    for (uint64_t key = 0; key < KEYS; key++) {
        counts[hash_finish(hash_u64(HASH_SEED, key << 32)) % BUCKETS]++;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        assert_in_range(counts[i], KEYS / BUCKETS / 2, KEYS / BUCKETS * 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_match_published_fnv_1a),
        cmocka_unit_test(text_counts_its_end),
        cmocka_unit_test(number_is_fed_least_byte_first),
        cmocka_unit_test(low_bits_spread_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
