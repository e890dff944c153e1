/*
 * alloc_heap.c - the C library's heap as an fs_alloc.
 *
 * Why:   apart from alloc.c, so that core, which must not reach malloc, links none of it.
 * See:   include/farshore/base/alloc.h; tests/unit/base/test_alloc.c
 */
#include <stdlib.h>

#include "farshore/base/alloc.h"

static void *heap_resize(void *context, void *block, size_t old_bytes, size_t new_bytes)
{
    (void)context;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

const struct fs_alloc *alloc_heap(void)
{
    static const struct fs_alloc heap = {.resize = heap_resize, .context = NULL};
    return &heap;
}
