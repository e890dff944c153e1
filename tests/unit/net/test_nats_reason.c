/*
 * test_nats_reason.c - words for a lost connection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nats_reason.h"

static void expect(const char *text, const char *wanted)
{
    char out[256];
    nats_reason_copy(out, sizeof(out), text);
    assert_string_equal(out, wanted);
}

static void an_error_number_is_named(void **state)
{
    (void)state;
    expect("(comsock.c:452): recv error: 104", "recv error: Connection reset by peer");
    expect("recv error: 111", "recv error: Connection refused");
    expect("recv error: 99999", "recv error: 99999");
    expect("recv error: 104 times", "recv error: 104 times");
}

static void the_place_in_the_library_is_left_out(void **state)
{
    (void)state;
    expect("(conn.c:1905): Authorization Violation", "Authorization Violation");
    expect("(maintenance) see you", "(maintenance) see you");
    expect("(a.c:1", "(a.c:1");
}

static void nothing_said_is_a_lost_connection(void **state)
{
    (void)state;
    expect(NULL, "connection lost");
    expect("", "connection lost");
    expect("(conn.c:1): ", "connection lost");
}

static void a_small_room_is_enough(void **state)
{
    (void)state;
    char out[16];
    for (size_t size = 1; size <= sizeof(out); size++) {
        memset(out, 'x', sizeof(out));
        nats_reason_copy(out, size, "(comsock.c:452): recv error: 104");
        assert_true(memchr(out, '\0', size) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_number_is_named),
        cmocka_unit_test(the_place_in_the_library_is_left_out),
        cmocka_unit_test(nothing_said_is_a_lost_connection),
        cmocka_unit_test(a_small_room_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
