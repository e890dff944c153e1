/*
 * alloc.c - helpers over any fs_alloc.
 *
 * Why:   core takes its memory as a function, so that tests count it and make it fail.
 * How:   the helpers only multiply, check and clear; the heap itself is alloc_heap.c.
 * Rules: pure, core may use all of it.
 * See:   tests/unit/base/test_alloc.c
 */
#include "farshore/base/alloc.h"

#include <stdint.h>
#include <string.h>

void *alloc_zeroed(const struct fs_alloc *alloc, size_t count, size_t size)
{
    if (count == 0 || size == 0 || count > SIZE_MAX / size) {
        return NULL;
    }
    void *block = alloc->resize(alloc->context, NULL, 0, count * size);
    if (block != NULL) {
        memset(block, 0, count * size);
    }
    return block;
}

void alloc_release(const struct fs_alloc *alloc, void *block, size_t bytes)
{
    if (block != NULL) {
        alloc->resize(alloc->context, block, bytes, 0);
    }
}

char *alloc_text(const struct fs_alloc *alloc, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = alloc->resize(alloc->context, NULL, 0, bytes);
    if (copy != NULL) {
        memcpy(copy, text, bytes);
    }
    return copy;
}
