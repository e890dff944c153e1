/*
 * test_text.c - nothing that a terminal could interpret survives text_clean().
 */
#include "farshore/base/text.h"

#include <stdlib.h>
#include <string.h>

#include "random.h"

#include "cmocka_all.h"

static void check_clean(const char *bytes, size_t count, const char *expected)
{
    char out[256];
    assert_int_equal(text_clean(out, sizeof out, bytes, count), strlen(expected));
    assert_string_equal(out, expected);
}

static size_t encode(uint32_t codepoint, char out[4])
{
    if (codepoint < 0x80) {
        out[0] = (char)codepoint;
        return 1;
    }
    if (codepoint < 0x800) {
        out[0] = (char)(0xc0 | codepoint >> 6);
        out[1] = (char)(0x80 | (codepoint & 63));
        return 2;
    }
    if (codepoint < 0x10000) {
        out[0] = (char)(0xe0 | codepoint >> 12);
        out[1] = (char)(0x80 | (codepoint >> 6 & 63));
        out[2] = (char)(0x80 | (codepoint & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | codepoint >> 18);
    out[1] = (char)(0x80 | (codepoint >> 12 & 63));
    out[2] = (char)(0x80 | (codepoint >> 6 & 63));
    out[3] = (char)(0x80 | (codepoint & 63));
    return 4;
}

static void plain_text_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "AGENTESE_MIRROR",
                                        "a b~!\\",
                                        "gr\xc3\xbc\xc3\x9f",
                                        "\xe2\x82\xac\xe6\x97\xa5",
                                        "\xf0\x9f\x8c\x8a",
                                        "\xe2\x9d\xa4\xef\xb8\x8f" /* variation selector 16 */};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        check_clean(texts[i], strlen(texts[i]), texts[i]);
        assert_true(text_is_clean(texts[i], strlen(texts[i])));
    }
}

static void escape_sequences_are_shown_byte_by_byte(void **state)
{
    (void)state;
    check_clean("\x1b]0;own\x07", 8, "\\x1b]0;own\\x07");
    check_clean("a\nb\rc\td\x7f", 8, "a\\x0ab\\x0dc\\x09d\\x7f");
    check_clean("a\0b", 3, "a\\x00b");
    check_clean("\x9b[31m", 5, "\\x9b[31m");           /* C1 as one byte */
    check_clean("\xc2\x9b", 2, "\\xc2\\x9b");          /* C1 as UTF-8 */
    check_clean("\xe2\x80\xae", 3, "\\xe2\\x80\\xae"); /* right-to-left override */
    check_clean("\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf"); /* byte order mark */
}

static void every_listed_codepoint_is_hidden(void **state)
{
    (void)state;
    static const uint32_t ranges[][2] = {
        {0x00, 0x1f},         {0x7f, 0x9f},       {0xad, 0xad},       {0x61c, 0x61c},
        {0x200b, 0x200f},     {0x2028, 0x202e},   {0x2060, 0x2060},   {0x2066, 0x2069},
        {0xfeff, 0xfeff},     {0xfdd0, 0xfdef},   {0xfffe, 0xffff},   {0x1fffe, 0x1ffff},
        {0x10fffe, 0x10ffff}, {0xe0001, 0xe0001}, {0xe0020, 0xe007f},
    };
    static const uint32_t plain[] = {0x20,   0x7e,    0xa0,    0xac,    0xae,
                                     0x200a, 0x2010,  0x2027,  0x202f,  0xfe0f,
                                     0xfffd, 0x1f30a, 0xe0100, 0xe01ef, 0x10fffd};
    char bytes[4];
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (uint32_t at = ranges[i][0]; at <= ranges[i][1]; at++) {
            assert_false(text_is_clean(bytes, encode(at, bytes)));
        }
    }
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        assert_true(text_is_clean(bytes, encode(plain[i], bytes)));
    }
}

static void decode_takes_every_scalar_value_and_no_other(void **state)
{
    (void)state;
    char bytes[4];
    for (uint32_t at = 0; at <= 0x10ffff; at++) {
        uint32_t back = 0;
        size_t length = encode(at, bytes);
        bool is_surrogate = at >= 0xd800 && at <= 0xdfff;
        assert_int_equal(text_decode(bytes, length, &back), is_surrogate ? 0 : length);
        assert_int_equal(back, is_surrogate ? 0 : at);
        if (length > 1) {
            assert_int_equal(text_decode(bytes, length - 1, &back), 0);
        }
    }
}

static void decode_refuses_malformed_sequences(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xe0\x80\xaf",
                                      "\xe0\x9f\xbf",
                                      "\xf0\x80\x80\xaf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xfe",
                                      "\xc3(",
                                      "\xe2\x82(",
                                      "\xf0\x9f\x8c("};
    uint32_t codepoint = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(text_decode(bad[i], strlen(bad[i]), &codepoint), 0);
        assert_false(text_is_clean(bad[i], strlen(bad[i])));
    }
    assert_int_equal(text_decode("", 0, &codepoint), 0);
}

static void cut_text_holds_whole_sequences_and_the_whole_length(void **state)
{
    (void)state;
    const char text[] = "a\xe2\x82\xac\x1b"
                        "b";
    char whole[32];
    size_t total = text_clean(whole, sizeof whole, text, sizeof text - 1);
    assert_string_equal(whole, "a\xe2\x82\xac\\x1bb");
    assert_int_equal(text_clean(NULL, 0, text, sizeof text - 1), total);
    for (size_t room = 1; room <= total + 1; room++) {
        char *out = malloc(room); /* its own block, so that a sanitizer sees a byte too many */
        assert_non_null(out);
        assert_int_equal(text_clean(out, room, text, sizeof text - 1), total);
        size_t length = strlen(out);
        assert_true(length < room);
        assert_memory_equal(out, whole, length);
        assert_true(length == 0 || length == 1 || length == 4 || length == 8 || length == 9);
        free(out);
    }
}

static void random_bytes_always_come_out_clean(void **state)
{
    (void)state;
    struct test_random random = {.state = 4};
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        char out[4 * sizeof bytes + 1];
        char again[sizeof out];
        size_t count = test_random_below(&random, sizeof bytes + 1);
        for (size_t i = 0; i < count; i++) {
            bytes[i] = (char)test_random_next(&random);
        }
        size_t length = text_clean(out, sizeof out, bytes, count);
        assert_int_equal(length, strlen(out));
        assert_true(text_is_clean(out, length));
        assert_int_equal(text_clean(again, sizeof again, out, length), length);
        assert_string_equal(again, out);
        bool is_same = length == count && memcmp(out, bytes, count) == 0;
        assert_int_equal(text_is_clean(bytes, count), is_same);
        for (size_t i = 0; i < length; i++) {
            assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
        }
    }
}

static void copy_never_splits_a_character(void **state)
{
    (void)state;
    char out[8];
    text_copy(out, sizeof out, NULL);
    assert_string_equal(out, "");
    text_copy(out, sizeof out, "1234567");
    assert_string_equal(out, "1234567");
    text_copy(out, sizeof out, "12345\xe2\x82\xac");
    assert_string_equal(out, "12345");
    text_copy(out, sizeof out,
              "1234\xe2\x82\xac"
              "5");
    assert_string_equal(out, "1234\xe2\x82\xac");
    text_copy(out, 1, "x");
    assert_string_equal(out, "");
    out[0] = 'k';
    text_copy(out, 0, "x");
    assert_int_equal(out[0], 'k');
}

static void equality_knows_null(void **state)
{
    (void)state;
    assert_true(text_equal(NULL, NULL));
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", NULL));
    assert_false(text_equal(NULL, ""));
    assert_false(text_equal("a", "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays_as_it_is),
        cmocka_unit_test(escape_sequences_are_shown_byte_by_byte),
        cmocka_unit_test(every_listed_codepoint_is_hidden),
        cmocka_unit_test(decode_takes_every_scalar_value_and_no_other),
        cmocka_unit_test(decode_refuses_malformed_sequences),
        cmocka_unit_test(cut_text_holds_whole_sequences_and_the_whole_length),
        cmocka_unit_test(random_bytes_always_come_out_clean),
        cmocka_unit_test(copy_never_splits_a_character),
        cmocka_unit_test(equality_knows_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
