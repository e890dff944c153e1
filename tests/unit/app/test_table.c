/*
 * test_table.c - aligned columns.
 */
#include "cmocka_all.h"

#include "table.h"

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    (void)state;
    static const char *const heads[] = {"NAME", ">N", "LAST", NULL};
    static const char *const cells[] = {"a", "1,204", "x", "längeres", NULL, "", "cut off"};
    struct table table;
    struct strbuf out;
    strbuf_init(&out, alloc_heap());
    table_begin(&table, heads);
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        table_cell(&table, cells[i]);
    }
    table_end(&table, &out);
    assert_string_equal(out.text, "NAME          N  LAST\n"
                                  "a         1,204  x\n"
                                  "längeres      -  -\n");
    strbuf_destroy(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
