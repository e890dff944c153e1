/*
 * table.c - aligned columns for text output; see table.h.
 */
#include "table.h"

#include <string.h>

#include "farshore/base/text.h"

static size_t width_of(const char *text)
{
    size_t length = strlen(text);
    size_t width = 0;
    for (size_t at = 0; at < length; width++) {
        uint32_t codepoint;
        size_t step = text_decode(text + at, length - at, &codepoint);
        at += step > 0 ? step : 1;
    }
    return width;
}

void table_begin(struct table *table, const char *const *heads)
{
    memset(table, 0, sizeof(*table));
    strbuf_init(&table->cells, alloc_heap());
    while (table->columns < TABLE_COLUMNS && heads[table->columns] != NULL) {
        table->columns++;
    }
    for (size_t i = 0; i < table->columns; i++) {
        table->is_right[i] = heads[i][0] == '>';
        table_cell(table, heads[i] + (table->is_right[i] ? 1 : 0));
    }
}

void table_cell(struct table *table, const char *text)
{
    strbuf_put(&table->cells, text != NULL && text[0] != '\0' ? text : "-");
    strbuf_put_bytes(&table->cells, "", 1);
    table->count++;
}

static void pad(struct strbuf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_put_char(out, ' ');
    }
}

void table_end(struct table *table, struct strbuf *out)
{
    size_t widths[TABLE_COLUMNS] = {0};
    const char *cell = table->cells.text;
    size_t whole = table->cells.has_failed ? 0 : table->count - table->count % table->columns;
    for (size_t i = 0; i < whole; i++, cell += strlen(cell) + 1) {
        size_t width = width_of(cell);
        if (width > widths[i % table->columns]) {
            widths[i % table->columns] = width;
        }
    }
    cell = table->cells.text;
    for (size_t i = 0; i < whole; i++, cell += strlen(cell) + 1) {
        size_t column = i % table->columns;
        bool is_last = column + 1 == table->columns;
        size_t gap = widths[column] - width_of(cell);
        pad(out, table->is_right[column] ? gap : 0);
        strbuf_put(out, cell);
        pad(out, !table->is_right[column] && !is_last ? gap : 0);
        strbuf_put(out, is_last ? "\n" : "  ");
    }
    out->has_failed = out->has_failed || table->cells.has_failed;
    strbuf_destroy(&table->cells);
}
