/*
 * fuzz_core_model.c - a recording of any lines folded into a model, every view read, twice the same
 * digest, nothing left allocated.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/core/event_codec.h"
#include "farshore/core/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_mirrors(const struct model *model)
{
    for (size_t i = 0; i < view_mirrors(model); i++) {
        struct mirror_view view;
        view_mirror(model, i, &view);
        FS_ASSERT(view.state == view_mirror_state(model, i));
        FS_ASSERT(view.lag_msgs.number >= 0 && view.lag_ns.number >= 0 && view.for_ns >= 0);
        FS_ASSERT(view.loss.high < 0 || view.loss.high >= view.loss.low);
        FS_ASSERT(strlen(view.history) == VIEW_HISTORY);
        FS_ASSERT(view.state != MIRROR_CAUGHT_UP || view.lag_msgs.trust == TRUST_OK);
        severity_of_mirror(view.state);
    }
}

static void read_regions(const struct model *model)
{
    for (size_t i = 0; i < view_regions(model); i++) {
        struct region_view view;
        view_region(model, i, &view);
        view_meta_survives(model, i);
        FS_ASSERT(view.servers_up <= view.servers && view.for_ns >= 0);
        severity_of_verdict(view.verdict);
    }
    for (size_t i = 0; i < view_servers(model); i++) {
        struct server_view view;
        view_server(model, i, &view);
        FS_ASSERT(view.name != NULL && view.region != NULL);
        severity_of_server(view.state);
    }
    for (size_t i = 0; i < view_links(model); i++) {
        struct link_view view;
        view_link(model, i, &view);
        FS_ASSERT(view.servers_up <= view.servers && view.servers <= view.servers_known);
        severity_of_link(view.state);
    }
}

static void read_all(const struct model *model)
{
    struct session_view session;
    struct meta_view meta;
    view_session(model, &session);
    view_meta(model, &meta);
    FS_ASSERT(meta.leader == NULL || meta.has_quorum == TRI_YES);
    read_regions(model);
    read_mirrors(model);
    for (size_t i = 0; i < view_changes(model); i++) {
        struct change_view view;
        view_change(model, i, &view);
        FS_ASSERT(view.text != NULL);
    }
}

static uint64_t fold(const char *text, size_t size)
{
    static struct event_texts texts;
    struct event event;
    struct model_limits limits = {
        .regions = 4, .servers = 8, .streams = 12, .mirrors = 6, .log_lines = 16};
    struct model *model = model_create(alloc_heap(), &limits);
    FS_ASSERT(model != NULL);
    unsigned applied = 0;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end != NULL ? (size_t)(end - (text + at)) : size - at;
        if (event_decode(text + at, length, &event, &texts, NULL) == ST_OK) {
            model_apply(model, &event);
            if (applied++ % 8 == 0) {
                read_all(model);
            }
        }
        at += length + 1;
    }
    read_all(model);
    uint64_t digest = model_digest(model);
    model_destroy(model);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FS_ASSERT(fold((const char *)data, size) == fold((const char *)data, size));
    return 0;
}
