/*
 * memory.c - texts and tables of the model, bounded and counted.
 *
 * Why:   events come from outside, also from recordings that nobody vouches for: what they can make
 *        the model keep must have an end, and what was not kept must show.
 * How:   names and small texts are cut at NAME_MAX_BYTES, raw ones refused beyond theirs and beyond
 *        what all may take; tables grow by parts, never to their limits at once.
 * See:   tests/unit/core/test_model.c
 */
#include <string.h>

#include "farshore/base/text.h"
#include "model_impl.h"

#define FIRST_ROWS 8U

void model_free_text(struct model *model, char **slot)
{
    if (*slot != NULL) {
        alloc_release(model->alloc, *slot, strlen(*slot) + 1);
        *slot = NULL;
    }
}

/* A copy cut to NAME_MAX_BYTES: a hostile text must not fill the memory. */
static char *copy_text(struct model *model, const char *text)
{
    size_t length = strnlen(text, NAME_MAX_BYTES + 1);
    size_t bytes = length <= NAME_MAX_BYTES ? length + 1 : NAME_MAX_BYTES + 1;
    char cut[NAME_MAX_BYTES + 1];
    text_copy(cut, bytes, text);
    char *copy = alloc_text(model->alloc, cut);
    model->overflow.memory += copy == NULL ? 1 : 0;
    return copy;
}

void model_set_text(struct model *model, char **slot, const char *text)
{
    if (text_equal(*slot, text)) {
        return;
    }
    char *copy = text != NULL ? copy_text(model, text) : NULL;
    if (text != NULL && copy == NULL) {
        return;
    }
    model_free_text(model, slot);
    *slot = copy;
}

void model_set_raw(struct model *model, char **slot, const char *text)
{
    if (text_equal(*slot, text)) {
        return;
    }
    int64_t old_bytes = *slot != NULL ? (int64_t)strlen(*slot) + 1 : 0;
    size_t bytes = text != NULL ? strlen(text) + 1 : 0;
    if (bytes > RAW_MAX_BYTES ||
        model->raw_bytes - old_bytes + (int64_t)bytes > RAW_ALL_MAX_BYTES) {
        model->overflow.texts++;
        return;
    }
    char *copy = text != NULL ? alloc_text(model->alloc, text) : NULL;
    if (text != NULL && copy == NULL) {
        model->overflow.memory++;
        return;
    }
    model_free_text(model, slot);
    *slot = copy;
    model->raw_bytes += (int64_t)bytes - old_bytes;
}

bool model_is_name(const char *name)
{
    return name != NULL && name[0] != '\0' && strnlen(name, NAME_MAX_BYTES + 1) <= NAME_MAX_BYTES;
}

bool model_make_room(struct model *model, void **rows, uint32_t count, uint32_t *capacity,
                     size_t size)
{
    if (count < *capacity) {
        return true;
    }
    /* By half above a few thousand rows: a table of 10,000 must not reserve twice its need. */
    uint32_t grown = *capacity == 0     ? FIRST_ROWS
                     : *capacity < 1024 ? *capacity * 2
                                        : *capacity + *capacity / 4;
    void *block =
        model->alloc->resize(model->alloc->context, *rows, *capacity * size, grown * size);
    if (block == NULL) {
        model->overflow.memory++;
        return false;
    }
    *rows = block;
    *capacity = grown;
    return true;
}
