/*
 * test_nkey.c - seeds alone and inside creds files, good and bad; no text ever holds the seed.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nkey.h"

/* The example pair of the NATS documentation. */
#define SEED "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
#define PUBLIC "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

static enum fs_status read_text(const char *text, char *key, struct err *err)
{
    char path[] = "/tmp/farshore-nkey-XXXXXX";
    int fd = mkstemp(path);
    size_t length = strlen(text);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), (ssize_t)length);
    close(fd);
    enum fs_status status = nkey_public_of_file(key, path, err);
    unlink(path);
    return status;
}

static void expect_refused(const char *text)
{
    char key[NKEY_TEXT_BYTES] = "";
    struct err err = {0};
    assert_int_equal(read_text(text, key, &err), ST_INVALID);
    assert_true(err.text[0] != '\0');
    assert_null(strstr(err.text, "CSSL3UAHUDXK"));
}

static void a_seed_alone_gives_its_public_key(void **state)
{
    char key[NKEY_TEXT_BYTES];
    (void)state;
    assert_int_equal(read_text(SEED "\n", key, NULL), ST_OK);
    assert_string_equal(key, PUBLIC);
    assert_int_equal(read_text(SEED, key, NULL), ST_OK);
    assert_string_equal(key, PUBLIC);
}

static void a_creds_file_gives_its_seeds_public_key(void **state)
{
    char key[NKEY_TEXT_BYTES];
    (void)state;
    assert_int_equal(
        read_text("-----BEGIN NATS USER JWT-----\neyJ0\n------END NATS USER JWT------\n"
                  "\n-----BEGIN USER NKEY SEED-----\n" SEED "\n------END USER NKEY SEED------\n",
                  key, NULL),
        ST_OK);
    assert_string_equal(key, PUBLIC);
}

static void what_is_no_user_seed_is_refused_without_being_quoted(void **state)
{
    (void)state;
    expect_refused("");
    expect_refused("\n\n");
    expect_refused("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3V\n");
    expect_refused("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3AY\n");
    expect_refused(PUBLIC "\n");
    expect_refused("-----BEGIN USER NKEY SEED-----\n");
}

static void a_missing_file_is_named(void **state)
{
    char key[NKEY_TEXT_BYTES];
    struct err err = {0};
    (void)state;
    assert_int_equal(nkey_public_of_file(key, "/nonexistent/seed.nk", &err), ST_IO);
    assert_non_null(strstr(err.text, "/nonexistent/seed.nk"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_alone_gives_its_public_key),
        cmocka_unit_test(a_creds_file_gives_its_seeds_public_key),
        cmocka_unit_test(what_is_no_user_seed_is_refused_without_being_quoted),
        cmocka_unit_test(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
