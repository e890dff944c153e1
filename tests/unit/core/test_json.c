/*
 * test_json.c - the pull reader: every token, every limit, no crash on any broken text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "farshore/core/json.h"

static const char sample[] =
    " {\"a\": [1, -2.5e3, true, false, null, \"x\\u00e9\\ud83d\\ude00\\n\"], \"b\": {\"c\": {}},"
    "\"d\": [], \"e\": [[[]], {\"f\": 18446744073709551615}] } ";

/* Walk a text in a heap block of exactly its length, so that a read beyond it is caught. */
static enum json_token walk(const char *text, size_t length, unsigned *tokens)
{
    char *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, text, length);
    struct json_reader in;
    json_begin(&in, copy, length);
    enum json_token token = JSON_NULL;
    *tokens = 0;
    do {
        token = json_next(&in);
        if (token == JSON_STRING || token == JSON_KEY) {
            char out[16];
            json_token_text(&in, out, sizeof(out));
            json_key_is(&in, "a");
        }
        (*tokens)++;
    } while (token != JSON_END && token != JSON_ERROR);
    free(copy);
    return token;
}

static enum json_token walk_text(const char *text)
{
    unsigned tokens = 0;
    return walk(text, strlen(text), &tokens);
}

static void every_token_is_handed_out_in_order(void **state)
{
    (void)state;
    static const enum json_token expected[] = {
        JSON_OBJECT,     JSON_KEY,    JSON_ARRAY,  JSON_NUMBER,     JSON_NUMBER,
        JSON_TRUE,       JSON_FALSE,  JSON_NULL,   JSON_STRING,     JSON_ARRAY_END,
        JSON_KEY,        JSON_OBJECT, JSON_KEY,    JSON_OBJECT,     JSON_OBJECT_END,
        JSON_OBJECT_END, JSON_KEY,    JSON_ARRAY,  JSON_ARRAY_END,  JSON_KEY,
        JSON_ARRAY,      JSON_ARRAY,  JSON_ARRAY,  JSON_ARRAY_END,  JSON_ARRAY_END,
        JSON_OBJECT,     JSON_KEY,    JSON_NUMBER, JSON_OBJECT_END, JSON_ARRAY_END,
        JSON_OBJECT_END, JSON_END,    JSON_END,
    };
    struct json_reader in;
    json_begin(&in, sample, strlen(sample));
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(json_next(&in), expected[i]);
    }
    assert_false(in.has_failed);
}

static void a_text_cut_at_any_byte_is_an_error_and_no_crash(void **state)
{
    (void)state;
    unsigned tokens = 0;
    size_t length = strlen(sample);
    for (size_t cut = 0; cut < length - 1; cut++) {
        assert_int_equal(walk(sample, cut, &tokens), JSON_ERROR);
    }
    assert_int_equal(walk(sample, length - 1, &tokens), JSON_END); /* the last blank */
}

static void a_text_with_any_byte_changed_never_crashes(void **state)
{
    (void)state;
    char copy[sizeof(sample)];
    unsigned tokens = 0;
    for (size_t at = 0; at < sizeof(sample) - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            memcpy(copy, sample, sizeof(sample));
            copy[at] = (char)byte;
            walk(copy, sizeof(sample) - 1, &tokens);
            assert_true(tokens < 64);
        }
    }
}

static void broken_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",    " ",       "{",     "[",         "}",         "]",          "[1,]",  "[,1]",
        "{,}", "{\"a\"}", "{1:2}", "{\"a\":}",  "{\"a\" 1}", "{\"a\":1,}", "[1 2]", "1 2",
        "tru", "nul",     "falsy", "01",        "-",         "+1",         ".5",    "1.",
        "1e",  "1e+",     "--1",   "NaN",       "Infinity",  "\"a",        "\"a\\", "\"a\\\"",
        "[}",  "{]",      "[1}",   "{\"a\":1]", "'a'",       "{\"a\":1}}", "\x01",  "\xff",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(walk_text(texts[i]), JSON_ERROR);
    }
}

static void lone_values_are_whole_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {"1", " \"a\" ", "true", "null", "false", "{}", "[]", "-0"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(walk_text(texts[i]), JSON_END);
    }
}

static void depth_ends_at_the_limit(void **state)
{
    (void)state;
    char text[2 * (JSON_DEPTH + 1)];
    unsigned tokens = 0;
    memset(text, '[', JSON_DEPTH);
    memset(text + JSON_DEPTH, ']', JSON_DEPTH);
    assert_int_equal(walk(text, (size_t)2 * JSON_DEPTH, &tokens), JSON_END);
    memset(text, '[', JSON_DEPTH + 1);
    memset(text + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
    assert_int_equal(walk(text, sizeof(text), &tokens), JSON_ERROR);
}

static void mixed_depth_remembers_what_each_level_is(void **state)
{
    (void)state;
    char text[1024] = "";
    for (int i = 0; i < JSON_DEPTH / 2; i++) {
        strcat(text, "{\"k\":[");
    }
    for (int i = 0; i < JSON_DEPTH / 2; i++) {
        strcat(text, "]}");
    }
    assert_int_equal(walk_text(text), JSON_END);
}

static bool read_i64(const char *text, int64_t *out)
{
    struct json_reader in;
    json_begin(&in, text, strlen(text));
    return json_read_i64(&in, out);
}

static bool read_u64(const char *text, uint64_t *out)
{
    struct json_reader in;
    json_begin(&in, text, strlen(text));
    return json_read_u64(&in, out);
}

static void integers_are_exact_to_the_last_bit(void **state)
{
    (void)state;
    int64_t number = 0;
    uint64_t positive = 0;
    assert_true(read_i64("9223372036854775807", &number));
    assert_true(number == INT64_MAX);
    assert_true(read_i64("-9223372036854775808", &number));
    assert_true(number == INT64_MIN);
    assert_true(read_i64("9007199254740993", &number)); /* 2^53 + 1 */
    assert_true(number == INT64_C(9007199254740993));
    assert_true(read_u64("18446744073709551615", &positive));
    assert_true(positive == UINT64_MAX);
    assert_true(read_u64("9223372036854775808", &positive));
    assert_true(positive == (uint64_t)INT64_MAX + 1);
}

static void integers_beyond_their_range_are_not_read(void **state)
{
    (void)state;
    int64_t number = 7;
    uint64_t positive = 7;
    assert_false(read_i64("9223372036854775808", &number));
    assert_false(read_i64("-9223372036854775809", &number));
    assert_false(read_i64("1e3", &number));
    assert_false(read_i64("1.5e3", &number));
    assert_false(read_i64("\"1\"", &number));
    assert_false(read_i64("null", &number));
    assert_true(number == 7);
    assert_false(read_u64("18446744073709551616", &positive));
    assert_false(read_u64("-1", &positive));
    assert_false(read_u64("1.0", &positive));
    assert_true(positive == 7);
}

static void a_fraction_of_a_signed_number_is_cut_off(void **state)
{
    (void)state;
    int64_t number = 0;
    assert_true(read_i64("12.999", &number));
    assert_true(number == 12);
    assert_true(read_i64("-0.5", &number));
    assert_true(number == 0);
}

static const char *text_of(const char *json)
{
    static char out[256];
    struct json_reader in;
    json_begin(&in, json, strlen(json));
    assert_true(json_read_text(&in, out, sizeof(out)));
    return out;
}

static void escapes_are_decoded_and_controls_shown(void **state)
{
    (void)state;
    assert_string_equal(text_of("\"a\\\"\\\\\\/b\""), "a\"\\/b");
    assert_string_equal(text_of("\"\\u0041\\u00e9\\u20ac\""), "A\xc3\xa9\xe2\x82\xac");
    assert_string_equal(text_of("\"\\ud83d\\ude00\""), "\xf0\x9f\x98\x80");
    assert_string_equal(text_of("\"\\n\\u0000\\u001b\""), "\\x0a\\x00\\x1b");
    assert_string_equal(text_of("\"raw \x1b[31m\""), "raw \\x1b[31m");
    assert_string_equal(text_of("\"\xff\xc3\""), "\\xff\\xc3");
}

static void lone_surrogates_are_shown_as_bytes(void **state)
{
    (void)state;
    assert_string_equal(text_of("\"\\ud83d\""), "\\xed\\xa0\\xbd");
    assert_string_equal(text_of("\"\\ude00x\""), "\\xed\\xb8\\x80x");
    assert_string_equal(text_of("\"\\ud83d\\u0041\""), "\\xed\\xa0\\xbd"
                                                       "A");
    assert_string_equal(text_of("\"\\ud83dA\""), "\\xed\\xa0\\xbd"
                                                 "A");
}

static void broken_escapes_are_taken_as_they_stand(void **state)
{
    (void)state;
    assert_string_equal(text_of("\"\\u00\""), "u00");
    assert_string_equal(text_of("\"\\uzzzz\""), "uzzzz");
    assert_string_equal(text_of("\"\\q\""), "q");
}

static void a_long_text_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    char out[5];
    struct json_reader in;
    static const char escaped[] = "\"abc\\u20ac\"";
    json_begin(&in, escaped, strlen(escaped));
    assert_int_equal(json_next(&in), JSON_STRING);
    assert_int_equal(json_token_text(&in, out, sizeof(out)), 6);
    assert_string_equal(out, "abc");
    assert_int_equal(json_token_text(&in, NULL, 0), 6);
}

static void keys_compare_decoded(void **state)
{
    (void)state;
    static const char text[] = "{\"s\\u0065q\": 5, \"seq\": 6, \"seqs\": 7}";
    struct json_reader in;
    json_begin(&in, text, strlen(text));
    assert_int_equal(json_next(&in), JSON_OBJECT);
    assert_true(json_key(&in));
    assert_true(json_key_is(&in, "seq"));
    assert_true(json_skip(&in));
    assert_true(json_key(&in));
    assert_true(json_key_is(&in, "seq"));
    assert_true(json_skip(&in));
    assert_true(json_key(&in));
    assert_false(json_key_is(&in, "seq"));
    assert_true(json_skip(&in));
    assert_false(json_key(&in));
    assert_false(in.has_failed);
}

static void values_of_a_wrong_kind_are_passed_over(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":{\"x\":[1]},\"b\":[2],\"c\":\"t\",\"d\":5,\"e\":6,\"f\":\"ok\"}";
    struct json_reader in;
    int64_t number = 1;
    bool flag = true;
    char out[8] = "none";
    json_begin(&in, text, strlen(text));
    assert_int_equal(json_next(&in), JSON_OBJECT);
    assert_true(json_key(&in));
    assert_false(json_read_i64(&in, &number));
    assert_true(json_key(&in));
    assert_false(json_read_text(&in, out, sizeof(out)));
    assert_true(json_key(&in));
    assert_false(json_read_bool(&in, &flag));
    assert_true(json_key(&in));
    assert_false(json_enter_object(&in));
    assert_true(json_key(&in));
    assert_false(json_enter_array(&in));
    assert_true(json_key(&in));
    assert_true(json_read_text(&in, out, sizeof(out)));
    assert_false(json_key(&in));
    assert_string_equal(out, "ok");
    assert_true(number == 1 && flag && !in.has_failed);
}

static void raw_gives_the_bytes_as_they_stand(void **state)
{
    (void)state;
    static const char text[] = "{\"config\": { \"name\" : \"a\\n\" } , \"n\":  12 }";
    struct json_reader in;
    const char *bytes = NULL;
    size_t count = 0;
    json_begin(&in, text, strlen(text));
    assert_int_equal(json_next(&in), JSON_OBJECT);
    assert_true(json_key(&in));
    assert_true(json_read_raw(&in, &bytes, &count));
    assert_int_equal(count, strlen("{ \"name\" : \"a\\n\" }"));
    assert_memory_equal(bytes, "{ \"name\" : \"a\\n\" }", count);
    assert_true(json_key(&in));
    assert_true(json_read_raw(&in, &bytes, &count));
    assert_int_equal(count, 2);
    assert_memory_equal(bytes, "12", 2);
    assert_false(json_key(&in));
}

static void elements_are_walked_to_the_end(void **state)
{
    (void)state;
    static const char text[] = "[1,[2,3],{\"a\":4},\"x\"]";
    struct json_reader in;
    enum json_token token = JSON_NULL;
    unsigned count = 0;
    json_begin(&in, text, strlen(text));
    assert_int_equal(json_next(&in), JSON_ARRAY);
    while (json_element(&in, &token)) {
        assert_true(json_skip_rest(&in, token));
        count++;
    }
    assert_int_equal(count, 4);
    assert_int_equal(json_next(&in), JSON_END);
}

static void the_first_error_sticks(void **state)
{
    (void)state;
    struct json_reader in;
    int64_t number = 0;
    enum json_token token = JSON_NULL;
    json_begin(&in, "[1 2]", 5);
    json_next(&in);
    json_next(&in);
    assert_int_equal(json_next(&in), JSON_ERROR);
    assert_int_equal(json_next(&in), JSON_ERROR);
    assert_false(json_key(&in));
    assert_false(json_element(&in, &token));
    assert_false(json_read_i64(&in, &number));
    assert_false(json_skip(&in));
    assert_false(json_enter_object(&in));
    assert_true(in.has_failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_token_is_handed_out_in_order),
        cmocka_unit_test(a_text_cut_at_any_byte_is_an_error_and_no_crash),
        cmocka_unit_test(a_text_with_any_byte_changed_never_crashes),
        cmocka_unit_test(broken_texts_are_refused),
        cmocka_unit_test(lone_values_are_whole_texts),
        cmocka_unit_test(depth_ends_at_the_limit),
        cmocka_unit_test(mixed_depth_remembers_what_each_level_is),
        cmocka_unit_test(integers_are_exact_to_the_last_bit),
        cmocka_unit_test(integers_beyond_their_range_are_not_read),
        cmocka_unit_test(a_fraction_of_a_signed_number_is_cut_off),
        cmocka_unit_test(escapes_are_decoded_and_controls_shown),
        cmocka_unit_test(lone_surrogates_are_shown_as_bytes),
        cmocka_unit_test(broken_escapes_are_taken_as_they_stand),
        cmocka_unit_test(a_long_text_is_cut_at_a_whole_character),
        cmocka_unit_test(keys_compare_decoded),
        cmocka_unit_test(values_of_a_wrong_kind_are_passed_over),
        cmocka_unit_test(raw_gives_the_bytes_as_they_stand),
        cmocka_unit_test(elements_are_walked_to_the_end),
        cmocka_unit_test(the_first_error_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
