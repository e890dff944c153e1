/*
 * test_alloc.c - blocks are zeroed, sized as asked, and given back whole.
 */
#include "farshore/base/alloc.h"

#include <string.h>

#include "cmocka_all.h"

/* Counts what is out; refuses once budget allocations were made. */
struct counting {
    size_t bytes_out;
    size_t budget;
};

static void *counting_resize(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    struct counting *counting = context;
    const struct fs_alloc *heap = alloc_heap();
    if (new_bytes > 0 && counting->budget == 0) {
        return NULL;
    }
    if (new_bytes > 0) {
        counting->budget--;
    }
    counting->bytes_out = counting->bytes_out - old_bytes + new_bytes;
    return heap->resize(heap->context, block, old_bytes, new_bytes);
}

static void zeroed_block_is_zero_and_returns_whole(void **state)
{
    (void)state;
    struct counting counting = {.budget = 1};
    struct fs_alloc alloc = {.resize = counting_resize, .context = &counting};
    unsigned char *block = alloc_zeroed(&alloc, 7, 11);
    assert_non_null(block);
    for (size_t i = 0; i < 77; i++) {
        assert_int_equal(block[i], 0);
    }
    assert_int_equal(counting.bytes_out, 77);
    alloc_release(&alloc, block, 77);
    assert_int_equal(counting.bytes_out, 0);
}

static void exhaustion_and_overflow_give_null(void **state)
{
    (void)state;
    struct counting counting = {.budget = 0};
    struct fs_alloc alloc = {.resize = counting_resize, .context = &counting};
    assert_null(alloc_zeroed(&alloc, 1, 1));
    assert_null(alloc_text(&alloc, "x"));
    assert_null(alloc_zeroed(alloc_heap(), SIZE_MAX / 2, 3));
    assert_null(alloc_zeroed(alloc_heap(), 0, 8));
    assert_null(alloc_zeroed(alloc_heap(), 8, 0));
}

static void text_is_copied_with_its_end(void **state)
{
    (void)state;
    struct counting counting = {.budget = 1};
    struct fs_alloc alloc = {.resize = counting_resize, .context = &counting};
    char *copy = alloc_text(&alloc, "AGENTESE");
    assert_string_equal(copy, "AGENTESE");
    assert_int_equal(counting.bytes_out, 9);
    alloc_release(&alloc, copy, strlen(copy) + 1);
    assert_int_equal(counting.bytes_out, 0);
}

static void releasing_nothing_does_nothing(void **state)
{
    (void)state;
    alloc_release(alloc_heap(), NULL, 0);
}

static void heap_keeps_contents_while_it_grows(void **state)
{
    (void)state;
    const struct fs_alloc *heap = alloc_heap();
    char *block = alloc_text(heap, "kept");
    assert_non_null(block);
    block = heap->resize(heap->context, block, 5, 4096);
    assert_non_null(block);
    assert_string_equal(block, "kept");
    assert_null(heap->resize(heap->context, block, 4096, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed_block_is_zero_and_returns_whole),
        cmocka_unit_test(exhaustion_and_overflow_give_null),
        cmocka_unit_test(text_is_copied_with_its_end),
        cmocka_unit_test(releasing_nothing_does_nothing),
        cmocka_unit_test(heap_keeps_contents_while_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
