/*
 * change.c - the log of changes of state, a ring of lines.
 *
 * Why:   the events panel, --plain and --watch show the same lines, live and in replay.
 */
#include <string.h>

#include "farshore/base/text.h"
#include "model_impl.h"

static struct change_row *next_row(struct model *model)
{
    if (model->log_count < model->limits.log_lines) {
        if (!model_make_room(model, (void **)&model->log, model->log_count, &model->log_capacity,
                             sizeof(*model->log))) {
            return NULL;
        }
        model->log_next = model->log_count;
        model->log_count++;
    }
    struct change_row *row = &model->log[model->log_next];
    model->log_next = (model->log_next + 1) % model->limits.log_lines;
    return row;
}

void change_log(struct model *model, enum severity severity, const char *const *parts)
{
    model->changes++;
    change_note(model, severity, parts);
}

void change_note(struct model *model, enum severity severity, const char *const *parts)
{
    model->revision++;
    struct change_row *row = next_row(model);
    if (row == NULL) {
        return;
    }
    memset(row, 0, sizeof(*row));
    row->at_ns = model->at_ns;
    row->severity = severity;
    size_t length = 0;
    for (; *parts != NULL; parts++) {
        text_copy(row->text + length, sizeof(row->text) - length, *parts);
        length += strlen(row->text + length);
    }
}

size_t view_changes(const struct model *model)
{
    return model->log_count;
}

void view_change(const struct model *model, size_t index, struct change_view *out)
{
    uint32_t newest = (model->log_next + model->limits.log_lines - 1) % model->limits.log_lines;
    uint32_t at = (newest + model->limits.log_lines - (uint32_t)index) % model->limits.log_lines;
    const struct change_row *row = &model->log[at];
    *out = (struct change_view){.at_ns = row->at_ns, .severity = row->severity, .text = row->text};
}
