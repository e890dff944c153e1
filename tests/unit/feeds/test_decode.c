/*
 * test_decode.c - replies of real servers, event by event.
 *
 * Each tests/fixtures/nats/VERSION/NAME.json was answered by a server of that version; NAME.events
 * beside it is what must be decoded from it. FS_REGENERATE=1 writes the .events files anew.
 */
#include "decode.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/strbuf.h"
#include "farshore/core/event_codec.h"

#include "cmocka_all.h"

#define FILE_BYTES (1 << 20)

/* A sink that keeps every event as a line. */
struct lines {
    struct strbuf text;
    int64_t counts[EVENT_TYPES];
};

static void put_line(void *context, const struct event *event)
{
    struct lines *lines = context;
    lines->counts[event->type]++;
    event_encode(event, &lines->text);
    strbuf_put_char(&lines->text, '\n');
}

static struct event_sink lines_begin(struct lines *lines)
{
    memset(lines, 0, sizeof(*lines));
    strbuf_init(&lines->text, alloc_heap());
    return (struct event_sink){.context = lines, .put = put_line};
}

static char *read_file(const char *path, size_t *length)
{
    char *text = calloc(1, FILE_BYTES);
    FILE *file = fopen(path, "re");
    assert_non_null(text);
    if (file == NULL) {
        fprintf(stderr, "%s is missing\n", path);
        fail();
    }
    *length = fread(text, 1, FILE_BYTES - 1, file);
    fclose(file);
    return text;
}

static bool begins(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static enum ask_kind kind_of(const char *name)
{
    static const struct {
        const char *prefix;
        enum ask_kind kind;
    } kinds[] = {
        {"jsz_meta", ASK_META},     {"jsz_streams", ASK_STREAMS}, {"jsz_configs", ASK_CONFIGS},
        {"gatewayz", ASK_GATEWAYS}, {"statsz", ASK_STATS},        {"varz", ASK_VARS},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (begins(name, kinds[i].prefix)) {
            return kinds[i].kind;
        }
    }
    return ASK_PUSH;
}

/* Decode one fixture by what its name says it is. */
static void decode_named(const char *name, const char *text, size_t length,
                         const struct event_sink *sink, struct decode_result *result)
{
    struct decode_context context = {
        .kind = kind_of(name), .via = "rg9", .rtt_ns = 1000000, .keeps_raw = true};
    if (begins(name, "push_shutdown")) {
        decode_bye(text, length, BYE_SHUTDOWN, sink, result);
    } else if (begins(name, "advisory_elected")) {
        decode_advisory(text, length, ADVISORY_LEADER_ELECTED, sink, result);
    } else if (begins(name, "push_statsz")) {
        context.rtt_ns = -1;
        decode_stats_push(text, length, &context, sink, result);
    } else {
        decode_reply(text, length, &context, sink, result);
    }
}

static void check_fixture(const char *folder, const char *name)
{
    char path[1024];
    size_t length = 0;
    struct lines lines;
    struct decode_result result;
    struct event_sink sink = lines_begin(&lines);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    char *text = read_file(path, &length);
    decode_named(name, text, length, &sink, &result);
    assert_false(result.is_broken);
    snprintf(path, sizeof(path), "%s/%.*s.events", folder, (int)(strlen(name) - 5), name);
    if (getenv("FS_REGENERATE") != NULL) {
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        fputs(lines.text.text, file);
        fclose(file);
    }
    char *expected = read_file(path, &length);
    if (strcmp(expected, lines.text.text) != 0) {
        fprintf(stderr, "%s/%s decodes to\n%s", folder, name, lines.text.text);
        fail();
    }
    free(expected);
    free(text);
    strbuf_destroy(&lines.text);
}

static void check_folder(const char *folder)
{
    int checked = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0) {
            check_fixture(folder, entry->d_name);
            checked++;
        }
    }
    closedir(dir);
    assert_true(checked >= 15);
}

static void replies_of_2_9_decode_as_recorded(void **state)
{
    (void)state;
    check_folder(FS_FIXTURES "/nats/2.9.10");
}

static void replies_of_2_15_decode_as_recorded(void **state)
{
    (void)state;
    check_folder(FS_FIXTURES "/nats/2.15.2");
}

/* ---- single rules ---- */

static void decode_text(const char *text, enum ask_kind kind, const char *cluster,
                        struct lines *lines, struct decode_result *result)
{
    struct event_sink sink = lines_begin(lines);
    struct decode_context context = {.kind = kind, .cluster = cluster, .keeps_raw = true};
    decode_reply(text, strlen(text), &context, &sink, result);
}

static bool has(const struct lines *lines, const char *part)
{
    return strstr(lines->text.text, part) != NULL;
}

#define SERVER "\"server\":{\"name\":\"a1\",\"id\":\"NA\",\"cluster\":\"rg1\",\"ver\":\"2.9.10\"}"

static void reply_of_another_cluster_is_foreign(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    decode_text("{" SERVER ",\"data\":{}}", ASK_META, "rg", &lines, &result);
    assert_true(result.is_foreign);
    assert_string_equal(lines.text.text, "");
    strbuf_destroy(&lines.text);
}

static void order_of_members_does_not_matter(void **state)
{
    (void)state;
    struct lines first;
    struct lines second;
    struct decode_result result;
    decode_text("{" SERVER ",\"data\":{\"account_details\":[{\"name\":\"APP\",\"stream_detail\":[{"
                "\"name\":\"S\",\"cluster\":{\"leader\":\"a1\"},\"state\":{\"last_seq\":7}}]}]}}",
                ASK_STREAMS, "rg1", &first, &result);
    decode_text("{\"data\":{\"account_details\":[{\"stream_detail\":[{\"state\":{\"last_seq\":7},"
                "\"cluster\":{\"leader\":\"a1\"},\"name\":\"S\"}],\"name\":\"APP\"}]}," SERVER "}",
                ASK_STREAMS, "rg1", &second, &result);
    assert_false(result.is_broken);
    assert_true(has(&first, "\"last_seq\":7"));
    assert_string_equal(first.text.text, second.text.text);
    strbuf_destroy(&first.text);
    strbuf_destroy(&second.text);
}

static void sequences_are_exact(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    decode_text("{" SERVER ",\"data\":{\"account_details\":[{\"name\":\"APP\",\"stream_detail\":[{"
                "\"name\":\"S\",\"state\":{\"last_seq\":18446744073709551615,"
                "\"first_seq\":9007199254740993}}]}]}}",
                ASK_STREAMS, "rg1", &lines, &result);
    assert_true(has(&lines, "18446744073709551615"));
    assert_true(has(&lines, "9007199254740993"));
    assert_true(has(&lines, "\"is_leader\":true")); /* a server on its own leads */
    strbuf_destroy(&lines.text);
}

static void broken_reply_is_said_and_incomplete(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    decode_text("{" SERVER ",\"data\":{\"account_details\":[{\"name\":\"APP\",\"stream_detail\":[{"
                "\"name\":\"S\"},{\"name\":\"T\",",
                ASK_STREAMS, "rg1", &lines, &result);
    assert_true(result.is_broken);
    assert_int_equal(lines.counts[EVT_STREAM], 1);
    assert_int_equal(lines.counts[EVT_NOTE], 1);
    assert_true(has(&lines, "\"is_complete\":false"));
    strbuf_destroy(&lines.text);
}

static void broken_gatewayz_makes_nothing_gone(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    decode_text("{" SERVER ",\"data\":{\"outbound_gateways\":{", ASK_GATEWAYS, "rg1", &lines,
                &result);
    assert_int_equal(lines.counts[EVT_GATEWAYS], 0);
    assert_int_equal(lines.counts[EVT_SERVER], 1);
    strbuf_destroy(&lines.text);
}

static void error_is_a_sign_of_life_and_a_note(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    decode_text("{" SERVER ",\"error\":{\"code\":400,\"description\":\"no\\u001b[2J\"}}",
                ASK_STREAMS, "rg1", &lines, &result);
    assert_true(result.is_error);
    assert_int_equal(lines.counts[EVT_SERVER], 1);
    assert_int_equal(lines.counts[EVT_NOTE], 1);
    assert_int_equal(lines.counts[EVT_STREAMS], 0);
    assert_true(has(&lines, "\\\\x1b[2J"));
    strbuf_destroy(&lines.text);
}

static void only_a_leader_speaks_of_peers(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    decode_text("{" SERVER ",\"data\":{\"meta_cluster\":{\"replicas\":[{\"name\":\"a2\",\"active\":"
                "0}],\"leader\":\"a2\",\"cluster_size\":3}}}",
                ASK_META, "rg1", &lines, &result);
    assert_int_equal(lines.counts[EVT_META_PEER], 0);
    assert_int_equal(lines.counts[EVT_META], 1);
    strbuf_destroy(&lines.text);
    decode_text("{" SERVER ",\"data\":{\"meta_cluster\":{\"replicas\":[{\"name\":\"a2\",\"active\":"
                "0}],\"leader\":\"a1\",\"cluster_size\":3}}}",
                ASK_META, "rg1", &lines, &result);
    assert_int_equal(lines.counts[EVT_META_PEER], 1);
    strbuf_destroy(&lines.text);
}

static void long_names_end_with_a_mark(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    char text[2048];
    char name[600];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(text, sizeof(text), "{\"server\":{\"name\":\"%s\",\"id\":\"NA\"},\"data\":{}}", name);
    decode_text(text, ASK_META, NULL, &lines, &result);
    assert_int_equal(strlen(result.server.name), DECODE_NAME_BYTES - 1);
    assert_string_equal(result.server.name + DECODE_NAME_BYTES - 4, "\xe2\x80\xa6");
    strbuf_destroy(&lines.text);
}

static void cpu_is_kept_in_thousandths(void **state)
{
    (void)state;
    struct lines lines;
    struct decode_result result;
    decode_text("{" SERVER ",\"statsz\":{\"cpu\":12.3456}}", ASK_STATS, "rg1", &lines, &result);
    assert_true(has(&lines, "\"cpu_milli_pct\":12345,"));
    strbuf_destroy(&lines.text);
    decode_text("{" SERVER ",\"statsz\":{\"cpu\":7}}", ASK_STATS, "rg1", &lines, &result);
    assert_true(has(&lines, "\"cpu_milli_pct\":7000,"));
    strbuf_destroy(&lines.text);
}

static void leaders_only_is_believed_when_it_is_so(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{" SERVER ",\"data\":{\"account_details\":[{\"name\":\"A\",\"stream_detail\":[{\"name\":"
        "\"S\",\"cluster\":{\"leader\":\"a1\"}}]}]}}",
        "{" SERVER ",\"data\":{\"account_details\":[{\"name\":\"A\",\"stream_detail\":[{\"name\":"
        "\"S\",\"cluster\":{\"leader\":\"a2\"}}]}]}}",
    };
    for (size_t i = 0; i < 2; i++) {
        struct lines lines;
        struct decode_result result;
        struct event_sink sink = lines_begin(&lines);
        struct decode_context context = {.kind = ASK_STREAMS, .asked_leaders_only = true};
        decode_reply(texts[i], strlen(texts[i]), &context, &sink, &result);
        assert_true(has(&lines, i == 0 ? "\"is_leaders_only\":true" : "\"is_leaders_only\":false"));
        strbuf_destroy(&lines.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_of_2_9_decode_as_recorded),
        cmocka_unit_test(replies_of_2_15_decode_as_recorded),
        cmocka_unit_test(reply_of_another_cluster_is_foreign),
        cmocka_unit_test(order_of_members_does_not_matter),
        cmocka_unit_test(sequences_are_exact),
        cmocka_unit_test(broken_reply_is_said_and_incomplete),
        cmocka_unit_test(broken_gatewayz_makes_nothing_gone),
        cmocka_unit_test(error_is_a_sign_of_life_and_a_note),
        cmocka_unit_test(only_a_leader_speaks_of_peers),
        cmocka_unit_test(long_names_end_with_a_mark),
        cmocka_unit_test(cpu_is_kept_in_thousandths),
        cmocka_unit_test(leaders_only_is_believed_when_it_is_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
