/*
 * test_strbuf.c - a text that grows, stays terminated, and says when it could not.
 */
#include "farshore/base/strbuf.h"

#include <stdlib.h>
#include <string.h>

#include "random.h"

#include "cmocka_all.h"

static void new_buffer_is_the_empty_text(void **state)
{
    (void)state;
    struct strbuf buf;
    strbuf_init(&buf, alloc_heap());
    assert_string_equal(buf.text, "");
    assert_int_equal(buf.capacity, 0);
    strbuf_put(&buf, "");
    strbuf_reset(&buf);
    strbuf_destroy(&buf);
    strbuf_destroy(&buf);
    strbuf_destroy(NULL);
}

static void everything_put_stands_in_order(void **state)
{
    (void)state;
    struct strbuf buf;
    strbuf_init(&buf, alloc_heap());
    strbuf_put(&buf, "n=");
    strbuf_put_u64(&buf, UINT64_MAX);
    strbuf_put_char(&buf, ' ');
    strbuf_put_i64(&buf, INT64_MIN);
    strbuf_put_bytes(&buf, " bytes!", 6);
    strbuf_printf(&buf, " %d%%", 7);
    strbuf_printf(&buf, "%s", "");
    assert_string_equal(buf.text, "n=18446744073709551615 -9223372036854775808 bytes 7%");
    assert_int_equal(buf.length, strlen(buf.text));
    assert_false(buf.has_failed);
    size_t capacity = buf.capacity;
    strbuf_reset(&buf);
    assert_string_equal(buf.text, "");
    assert_int_equal(buf.capacity, capacity);
    strbuf_destroy(&buf);
}

static void json_strings_escape_what_json_forbids(void **state)
{
    (void)state;
    struct strbuf buf;
    strbuf_init(&buf, alloc_heap());
    strbuf_put_json(&buf, "a\"b\\c\n\r\t\x01\x7f\xe2\x82\xac");
    assert_string_equal(buf.text, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\xe2\x82\xac\"");
    strbuf_reset(&buf);
    strbuf_put_json(&buf, NULL);
    strbuf_put_json(&buf, "");
    assert_string_equal(buf.text, "null\"\"");
    strbuf_reset(&buf);
    strbuf_put_json(&buf, "x\xff\xc0y");
    assert_string_equal(buf.text, "\"x\\ufffd\\ufffdy\"");
    strbuf_destroy(&buf);
}

static void random_appends_equal_a_plain_copy(void **state)
{
    (void)state;
    enum {
        LIMIT = 20000
    };
    struct test_random random = {.state = 3};
    char *expected = calloc(1, LIMIT + 64);
    assert_non_null(expected);
    size_t length = 0;
    struct strbuf buf;
    strbuf_init(&buf, alloc_heap());
    while (length < LIMIT) {
        char piece[64];
        size_t count = test_random_below(&random, sizeof piece);
        memset(piece, (int)('a' + test_random_below(&random, 26)), sizeof piece);
        strbuf_put_bytes(&buf, piece, count);
        memcpy(expected + length, piece, count);
        length += count;
        assert_int_equal(buf.length, length);
        assert_int_equal(buf.text[length], '\0');
    }
    assert_string_equal(buf.text, expected);
    strbuf_destroy(&buf);
    free(expected);
}

/* Gives up after budget bytes. */
static void *limited_resize(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    const struct fs_alloc *heap = alloc_heap();
    const size_t *budget = context;
    if (new_bytes > *budget) {
        return NULL;
    }
    return heap->resize(heap->context, block, old_bytes, new_bytes);
}

static void exhaustion_is_said_and_keeps_what_fitted(void **state)
{
    (void)state;
    size_t budget = 64;
    struct fs_alloc alloc = {.resize = limited_resize, .context = &budget};
    struct strbuf buf;
    strbuf_init(&buf, &alloc);
    strbuf_put(&buf, "kept");
    for (int i = 0; i < 10; i++) {
        strbuf_put(&buf, "0123456789");
    }
    assert_true(buf.has_failed);
    assert_int_equal(buf.length, strlen(buf.text));
    assert_int_equal(buf.length, 54);
    assert_memory_equal(buf.text, "kept0123", 8);
    assert_false(strbuf_reserve(&buf, SIZE_MAX));
    strbuf_printf(&buf, "%100d", 1);
    assert_int_equal(buf.length, 54);
    strbuf_destroy(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_buffer_is_the_empty_text),
        cmocka_unit_test(everything_put_stands_in_order),
        cmocka_unit_test(json_strings_escape_what_json_forbids),
        cmocka_unit_test(random_appends_equal_a_plain_copy),
        cmocka_unit_test(exhaustion_is_said_and_keeps_what_fitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
