/*
 * table.h - aligned columns for text output.
 *
 * Cells are collected, then printed with each column as wide as its widest cell. A column whose
 * head begins with '>' is aligned to the right. Widths count code points.
 */
#ifndef FARSHORE_APP_TABLE_H
#define FARSHORE_APP_TABLE_H

#include <stddef.h>

#include "farshore/base/strbuf.h"

#define TABLE_COLUMNS 12

struct table {
    struct strbuf cells; /* each cell with its NUL */
    size_t columns, count;
    bool is_right[TABLE_COLUMNS];
};

/* heads: NULL-terminated, at most TABLE_COLUMNS. */
void table_begin(struct table *table, const char *const *heads);

/* The next cell, row by row; NULL is "-". */
void table_cell(struct table *table, const char *text);

/* Print and give the memory back. */
void table_end(struct table *table, struct strbuf *out);

#endif
