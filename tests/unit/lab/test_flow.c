/*
 * test_flow.c - bytes keep their order and their time, and no more memory than they need.
 */
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "farshore/base/duration.h"
#include "flow.h"

static size_t put(struct flow *flow, const char *bytes, size_t count, int64_t now_ns,
                  int64_t delay_ns)
{
    size_t done = 0;

    while (done < count) {
        struct iovec iov[FLOW_IOV];
        assert_true(flow_space(flow, count - done, iov) > 0);
        memcpy(iov[0].iov_base, bytes + done, iov[0].iov_len);
        assert_true(flow_commit(flow, iov[0].iov_len, now_ns, delay_ns));
        done += iov[0].iov_len;
    }
    return done;
}

static size_t take(struct flow *flow, char *out, size_t want, int64_t now_ns)
{
    size_t done = 0;
    int pieces = 1;

    while (done < want && pieces > 0) {
        struct iovec iov[FLOW_IOV];
        pieces = flow_ready(flow, now_ns, want - done, iov);
        for (int i = 0; i < pieces; i++) {
            memcpy(out + done, iov[i].iov_base, iov[i].iov_len);
            done += iov[i].iov_len;
            flow_consume(flow, iov[i].iov_len);
        }
    }
    return done;
}

static void bytes_without_delay_leave_at_once(void **state)
{
    struct flow_pool pool = {0};
    struct flow flow;
    char out[16] = "";

    (void)state;
    flow_init(&flow, &pool);
    assert_int_equal(flow_next_ns(&flow), INT64_MAX);
    put(&flow, "hello", 5, 1000, 0);
    assert_int_equal(flow_pending(&flow), 5);
    assert_int_equal(take(&flow, out, sizeof(out), 1000), 5);
    assert_string_equal(out, "hello");
    assert_int_equal(flow_pending(&flow), 0);
    flow_destroy(&flow);
    flow_pool_destroy(&pool);
}

static void delayed_bytes_wait_for_their_time(void **state)
{
    struct flow_pool pool = {0};
    struct flow flow;
    char out[16] = "";

    (void)state;
    flow_init(&flow, &pool);
    put(&flow, "a", 1, 0, 100 * NS_PER_MS);
    put(&flow, "b", 1, 50 * NS_PER_MS, 100 * NS_PER_MS);
    assert_int_equal(flow_next_ns(&flow), 100 * NS_PER_MS);
    assert_int_equal(take(&flow, out, 16, 100 * NS_PER_MS - 1), 0);
    assert_int_equal(take(&flow, out, 16, 100 * NS_PER_MS), 1);
    assert_int_equal(out[0], 'a');
    assert_int_equal(flow_next_ns(&flow), 150 * NS_PER_MS);
    assert_int_equal(take(&flow, out, 16, 150 * NS_PER_MS), 1);
    assert_int_equal(out[0], 'b');
    flow_destroy(&flow);
    flow_pool_destroy(&pool);
}

static void a_shorter_delay_never_overtakes(void **state)
{
    struct flow_pool pool = {0};
    struct flow flow;
    char out[16] = "";

    (void)state;
    flow_init(&flow, &pool);
    put(&flow, "slow", 4, 0, 500 * NS_PER_MS);
    put(&flow, "fast", 4, 10 * NS_PER_MS, 0);
    assert_int_equal(take(&flow, out, 16, 499 * NS_PER_MS), 0);
    assert_int_equal(take(&flow, out, 16, 500 * NS_PER_MS), 8);
    assert_memory_equal(out, "slowfast", 8);
    flow_destroy(&flow);
    flow_pool_destroy(&pool);
}

static void many_small_reads_share_blocks_and_stamps(void **state)
{
    struct flow_pool pool = {0};
    struct flow flow;
    char *out = malloc(100000);

    (void)state;
    flow_init(&flow, &pool);
    for (int i = 0; i < 100000; i++) {
        char byte = (char)(i % 251);
        put(&flow, &byte, 1, i * 1000, 200 * NS_PER_MS); /* 100 ms of reads */
    }
    assert_true(flow.stamp_capacity <= 256);
    assert_int_equal(take(&flow, out, 100000, NS_PER_S), 100000);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(out[i], (char)(i % 251));
    }
    assert_int_equal(pool.free_count, 2);
    free(out);
    flow_destroy(&flow);
    flow_pool_destroy(&pool);
}

static void random_reads_and_writes_keep_every_byte_in_order(void **state)
{
    struct flow_pool pool = {0};
    struct flow flow;
    char in[5000];
    char out[7000];
    unsigned long long written = 0;
    unsigned long long taken = 0;
    int64_t now_ns = 0;

    (void)state;
    srand(7);
    flow_init(&flow, &pool);
    for (int round = 0; round < 20000; round++) {
        size_t count = (size_t)rand() % sizeof(in);
        now_ns += rand() % 3000000;
        for (size_t i = 0; i < count; i++) {
            in[i] = (char)((written + i) * 31 % 253);
        }
        written += put(&flow, in, count, now_ns, (rand() % 3) * 10 * NS_PER_MS);
        size_t got = take(&flow, out, (size_t)rand() % sizeof(out), now_ns);
        for (size_t i = 0; i < got; i++) {
            assert_int_equal(out[i], (char)((taken + i) * 31 % 253));
        }
        taken += got;
    }
    assert_int_equal(written - taken, flow_pending(&flow));
    flow_destroy(&flow);
    flow_pool_destroy(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_without_delay_leave_at_once),
        cmocka_unit_test(delayed_bytes_wait_for_their_time),
        cmocka_unit_test(a_shorter_delay_never_overtakes),
        cmocka_unit_test(many_small_reads_share_blocks_and_stamps),
        cmocka_unit_test(random_reads_and_writes_keep_every_byte_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
