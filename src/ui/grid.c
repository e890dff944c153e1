/*
 * grid.c - cells, clusters and clipping.
 *
 * Why:   panels must be drawn the same on a terminal, in a golden file and in a replay.
 * How:   text is walked cluster by cluster (utf8proc tells widths and combining marks); each
 *        cluster lands in one cell, a wide one in two.
 * Rules: no control byte ever reaches a cell; a wide cluster is never half on the screen.
 * See:   tests/unit/ui/test_sizes.c
 */
#include "grid.h"

#include <string.h>

#include <utf8proc.h>

#include "farshore/base/hash.h"
#include "farshore/base/text.h"

/* One step over a text: a cluster, or one byte shown as \xNN. */
struct cluster {
    char text[CELL_TEXT_BYTES];
    int width;      /* columns */
    size_t bytes;   /* taken from the text */
    bool is_escape; /* text is four plain characters */
};

static void cluster_escape(struct cluster *out, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";

    out->text[0] = '\\';
    out->text[1] = 'x';
    out->text[2] = digits[byte >> 4];
    out->text[3] = digits[byte & 15];
    out->text[4] = '\0';
    out->width = 4;
    out->bytes = 1;
    out->is_escape = true;
}

static bool is_combining(uint32_t codepoint)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)codepoint);

    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

/* Take the marks that follow a base character; those that do not fit are dropped. */
static void cluster_add_marks(struct cluster *out, const char *text, size_t count)
{
    size_t used;
    uint32_t codepoint;

    if (out->bytes >= count || ((unsigned char)text[out->bytes] & 0x80) == 0) {
        return; /* what nearly every text goes through */
    }
    used = strlen(out->text);
    while (out->bytes < count && ((unsigned char)text[out->bytes] & 0x80) != 0) {
        size_t bytes = text_decode(text + out->bytes, count - out->bytes, &codepoint);
        if (bytes == 0 || !is_combining(codepoint)) {
            return;
        }
        if (used + bytes < sizeof(out->text)) {
            memcpy(out->text + used, text + out->bytes, bytes);
            used += bytes;
            out->text[used] = '\0';
        }
        out->bytes += bytes;
    }
}

/* Read the next cluster; count must not be 0. */
static void cluster_next(struct cluster *out, const char *text, size_t count, bool is_ascii)
{
    unsigned char first = (unsigned char)text[0];
    uint32_t codepoint;
    size_t bytes;

    out->is_escape = false;
    if (first >= 0x20 && first < 0x7f) {
        out->text[0] = (char)first;
        out->text[1] = '\0';
        out->width = 1;
        out->bytes = 1;
    } else {
        bytes = first < 0x80 || is_ascii ? 0 : text_decode(text, count, &codepoint);
        if (bytes == 0 || !text_is_clean(text, bytes) ||
            utf8proc_charwidth((utf8proc_int32_t)codepoint) <= 0) {
            cluster_escape(out, first);
            return;
        }
        memcpy(out->text, text, bytes);
        out->text[bytes] = '\0';
        out->bytes = bytes;
        out->width = utf8proc_charwidth((utf8proc_int32_t)codepoint);
    }
    if (!is_ascii) {
        cluster_add_marks(out, text, count);
    }
}

void grid_init(struct grid *grid, const struct fs_alloc *alloc)
{
    memset(grid, 0, sizeof(*grid));
    grid->alloc = alloc;
}

void grid_destroy(struct grid *grid)
{
    alloc_release(grid->alloc, grid->cells, grid->capacity * sizeof(struct cell));
    grid->cells = NULL;
    grid->capacity = 0;
    grid->cols = grid->rows = 0;
}

bool grid_resize(struct grid *grid, int cols, int rows)
{
    size_t wanted;

    cols = cols < 1 ? 1 : cols;
    rows = rows < 1 ? 1 : rows;
    wanted = (size_t)cols * (size_t)rows;
    if (wanted > grid->capacity) {
        struct cell *cells = alloc_zeroed(grid->alloc, wanted, sizeof(struct cell));
        if (cells == NULL) {
            return false;
        }
        alloc_release(grid->alloc, grid->cells, grid->capacity * sizeof(struct cell));
        grid->cells = cells;
        grid->capacity = wanted;
    }
    grid->cols = cols;
    grid->rows = rows;
    grid_blank(grid);
    return true;
}

void grid_blank(struct grid *grid)
{
    static const struct cell blank = {.text = " ", .width = 1, .role = ROLE_TEXT};
    size_t count = (size_t)grid->cols * (size_t)grid->rows;

    for (size_t i = 0; i < count; i++) {
        grid->cells[i] = blank;
    }
}

static size_t row_bytes(const struct grid *grid)
{
    return (size_t)grid->cols * sizeof(struct cell);
}

bool grid_row_equal(const struct grid *a, const struct grid *b, int row)
{
    size_t first = (size_t)row * (size_t)a->cols;

    return memcmp(a->cells + first, b->cells + first, row_bytes(a)) == 0;
}

bool grid_copy(struct grid *to, const struct grid *from)
{
    if ((to->cols != from->cols || to->rows != from->rows) &&
        !grid_resize(to, from->cols, from->rows)) {
        return false;
    }
    to->is_ascii = from->is_ascii;
    for (int y = 0; y < from->rows; y++) {
        size_t first = (size_t)y * (size_t)from->cols;
        if (!grid_row_equal(to, from, y)) {
            memcpy(to->cells + first, from->cells + first, row_bytes(from));
        }
    }
    return true;
}

bool grid_equal(const struct grid *a, const struct grid *b)
{
    return a->cols == b->cols && a->rows == b->rows &&
           memcmp(a->cells, b->cells, (size_t)a->rows * row_bytes(a)) == 0;
}

const struct cell *grid_cell(const struct grid *grid, int x, int y)
{
    return &grid->cells[(size_t)y * (size_t)grid->cols + (size_t)x];
}

void grid_dump(const struct grid *grid, struct strbuf *out)
{
    for (int y = 0; y < grid->rows; y++) {
        for (int x = 0; x < grid->cols; x++) {
            strbuf_put(out, grid_cell(grid, x, y)->text);
        }
        strbuf_put_char(out, '\n');
    }
}

void grid_dump_roles(const struct grid *grid, struct strbuf *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    _Static_assert(ROLES < sizeof(letters), "a letter for each role");
    for (int y = 0; y < grid->rows; y++) {
        for (int x = 0; x < grid->cols; x++) {
            strbuf_put(out, grid_cell(grid, x, y)->text);
        }
        strbuf_put_char(out, '\n');
        for (int x = 0; x < grid->cols; x++) {
            const struct cell *cell = grid_cell(grid, x, y);
            bool is_plain = cell->role == ROLE_TEXT && cell->marks == 0;
            strbuf_put_char(out, is_plain ? ' ' : cell->marks != 0 ? '*' : letters[cell->role]);
        }
        strbuf_put_char(out, '\n');
    }
}

uint64_t grid_hash(const struct grid *grid)
{
    uint64_t hash = hash_u64(hash_u64(HASH_SEED, (uint64_t)grid->cols), (uint64_t)grid->rows);

    hash = hash_bytes(hash, grid->cells,
                      (size_t)grid->cols * (size_t)grid->rows * sizeof(struct cell));
    return hash_finish(hash);
}

/* Characters from here on that are one byte and one column whatever follows them. */
static int plain_run(const char *text)
{
    int count = 0;

    while ((unsigned char)text[count] >= 0x20 && (unsigned char)text[count] < 0x7f) {
        count++;
    }
    /* The last one may carry a combining mark. */
    return ((unsigned char)text[count] & 0x80) != 0 && count > 0 ? count - 1 : count;
}

int grid_text_cols(const char *text, bool is_ascii)
{
    size_t count = strlen(text);
    struct cluster cluster;
    int cols = 0;

    while (count > 0) {
        int plain = plain_run(text);
        if (plain > 0) {
            cols += plain;
            text += plain;
            count -= (size_t)plain;
            continue;
        }
        cluster_next(&cluster, text, count, is_ascii);
        cols += cluster.width;
        text += cluster.bytes;
        count -= cluster.bytes;
    }
    return cols;
}

struct area grid_area(struct grid *grid, const struct theme *theme)
{
    return (struct area){
        .grid = grid, .theme = theme, .x = 0, .y = 0, .cols = grid->cols, .rows = grid->rows};
}

struct area area_part(const struct area *area, int x, int y, int cols, int rows)
{
    struct area part = *area;

    x = x < 0 ? 0 : x > area->cols ? area->cols : x;
    y = y < 0 ? 0 : y > area->rows ? area->rows : y;
    cols = cols < 0 ? 0 : cols;
    rows = rows < 0 ? 0 : rows;
    part.x = area->x + x;
    part.y = area->y + y;
    part.cols = cols < area->cols - x ? cols : area->cols - x;
    part.rows = rows < area->rows - y ? rows : area->rows - y;
    return part;
}

/* Set one cell; the other half of a wide cluster that it cuts becomes a blank. */
static void cell_set(struct grid *grid, int x, int y, const char *text, int width,
                     enum theme_role role, unsigned marks)
{
    struct cell *row = &grid->cells[(size_t)y * (size_t)grid->cols];
    struct cell *cell = &row[x];

    if (cell->width == 0 && x > 0) {
        row[x - 1].width = 1;
        memset(row[x - 1].text, 0, sizeof(row[x - 1].text));
        row[x - 1].text[0] = ' ';
    }
    if (x + width < grid->cols && row[x + width].width == 0) {
        row[x + width].width = 1;
        row[x + width].text[0] = ' ';
    }
    *cell = (struct cell){.width = (uint8_t)width, .role = (uint8_t)role, .marks = (uint8_t)marks};
    for (size_t i = 0; i < sizeof(cell->text) && text[i] != '\0'; i++) {
        cell->text[i] = text[i];
    }
    if (width == 2) {
        memset(&row[x + 1], 0, sizeof(row[x + 1]));
        row[x + 1].role = (uint8_t)role;
        row[x + 1].marks = (uint8_t)marks;
    }
}

/* A cluster at column x of the area; a wide one that only half fits is shown as a blank. */
static void area_put_cluster(const struct area *area, int x, int y, const char *text, int width,
                             enum theme_role role, unsigned marks)
{
    if (x + width <= 0 || x >= area->cols) {
        return;
    }
    if (x < 0) {
        cell_set(area->grid, area->x, area->y + y, " ", 1, role, marks);
    } else if (x + width > area->cols) {
        cell_set(area->grid, area->x + x, area->y + y, " ", 1, role, marks);
    } else {
        cell_set(area->grid, area->x + x, area->y + y, text, width, role, marks);
    }
}

static void put_plain(const struct area *area, int x, int y, const char *text, int count,
                      enum theme_role role, unsigned marks)
{
    int first = x < 0 ? -x : 0;
    int last = x + count > area->cols ? area->cols - x : count;

    for (int i = first; i < last; i++) {
        char one[2] = {text[i], '\0'};
        cell_set(area->grid, area->x + x + i, area->y + y, one, 1, role, marks);
    }
}

void area_repeat(const struct area *area, int x, int y, enum theme_role role, unsigned marks,
                 const char *glyph, int times)
{
    struct cluster cluster;
    size_t count = strlen(glyph);

    if (y < 0 || y >= area->rows || count == 0) {
        return;
    }
    cluster_next(&cluster, glyph, count, area->grid->is_ascii);
    if (cluster.is_escape || cluster.width != 1 || cluster.bytes != count) {
        for (int i = 0; i < times; i++) {
            x += area_put(area, x, y, role, marks, glyph);
        }
        return;
    }
    for (int i = 0; i < times; i++) {
        area_put_cluster(area, x + i, y, cluster.text, 1, role, marks);
    }
}

int area_put(const struct area *area, int x, int y, enum theme_role role, unsigned marks,
             const char *text)
{
    size_t count = strlen(text);
    bool is_visible = y >= 0 && y < area->rows;
    struct cluster cluster;
    int cols = 0;

    while (count > 0) {
        int plain = plain_run(text);
        if (plain > 0) {
            if (is_visible) {
                put_plain(area, x + cols, y, text, plain, role, marks);
            }
            cols += plain;
            text += plain;
            count -= (size_t)plain;
            continue;
        }
        cluster_next(&cluster, text, count, area->grid->is_ascii);
        if (is_visible && cluster.is_escape) {
            for (int i = 0; i < cluster.width; i++) {
                char one[2] = {cluster.text[i], '\0'};
                area_put_cluster(area, x + cols + i, y, one, 1, role, marks);
            }
        } else if (is_visible) {
            area_put_cluster(area, x + cols, y, cluster.text, cluster.width, role, marks);
        }
        cols += cluster.width;
        text += cluster.bytes;
        count -= cluster.bytes;
    }
    return cols;
}

void area_fill(const struct area *area, int x, int y, int cols, int rows, enum theme_role role)
{
    struct area part = area_part(area, x, y, cols, rows);

    for (int row = 0; row < part.rows; row++) {
        for (int col = 0; col < part.cols; col++) {
            cell_set(part.grid, part.x + col, part.y + row, " ", 1, role, 0);
        }
    }
}
