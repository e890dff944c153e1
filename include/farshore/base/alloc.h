/*
 * alloc.h - memory as a function that is handed in.
 *
 * core never calls malloc: whoever creates a thing gives it an allocator. The heap allocator is
 * alloc_heap(); tests hand in one that counts or fails.
 */
#ifndef FARSHORE_BASE_ALLOC_H
#define FARSHORE_BASE_ALLOC_H

#include <stddef.h>

struct fs_alloc {
    /*
     * realloc(3) with the old size: old_bytes 0 allocates, new_bytes 0 frees and returns NULL.
     * Returns NULL on exhaustion, the old block then stays valid.
     */
    void *(*resize)(void *context, void *block, size_t old_bytes, size_t new_bytes);
    void *context;
};

/* The C library's heap. Thread: any. */
const struct fs_alloc *alloc_heap(void);

/* New zeroed block of count × size bytes; NULL on exhaustion, overflow and 0 bytes. */
void *alloc_zeroed(const struct fs_alloc *alloc, size_t count, size_t size);

/* Give back a block of exactly the bytes that were asked for; NULL is fine. */
void alloc_release(const struct fs_alloc *alloc, void *block, size_t bytes);

/* Copy of a NUL-terminated text; its block is strlen + 1 bytes. NULL on exhaustion. */
char *alloc_text(const struct fs_alloc *alloc, const char *text);

#endif
