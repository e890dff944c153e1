/*
 * bridge.c - carry events from foreign threads to the loop thread.
 *
 * Why:   nats.c calls subscribers on its own threads; everything else here is single-threaded.
 * How:   a batch is one block: events from its front, texts behind them. Batches wait in a list
 *        under one mutex; ev_async wakes the loop, which drains with a time budget. A writer that
 *        needs a second batch takes the turn, so that one reply's events stay together.
 * Rules: only bridge_put/call/writer_* may be called off the loop thread. A full ring holds a
 *        writer for a bounded time, then drops and counts. Locks: turn before mutex, never back.
 * See:   docs/ARCHITECTURE.md "Threads"; tests/unit/net/test_bridge.c
 */
#include "farshore/net/bridge.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ev.h>

#include "farshore/base/assert.h"
#include "farshore/base/duration.h"
#include "farshore/core/event_table.h"
#include "farshore/net/clock.h"

#define DEFAULT_BYTES ((size_t)8 << 20)
#define DEFAULT_BATCHES 1024
#define FIRST_EVENTS 24
#define FIRST_TEXT_BYTES ((size_t)6 << 10)
#define NEXT_EVENTS 256
#define NEXT_TEXT_BYTES ((size_t)48 << 10)
#define EVENTS_PER_LOOK 16 /* events between two looks at the clock */

struct bridge_batch {
    struct bridge_batch *next;
    size_t bytes; /* of the whole block */
    size_t count;
    size_t capacity;
    char *text;
    size_t text_used;
    size_t text_bytes;
    struct bridge_message message;
    struct event events[];
};

struct bridge {
    struct bridge_options options;
    struct ev_async async;

    pthread_mutex_t turn; /* held by the writer whose reply fills several batches */

    pthread_mutex_t mutex; /* guards the rest down to the blank line */
    pthread_cond_t has_room;
    struct bridge_batch *first;
    struct bridge_batch *last;
    size_t batches;
    size_t bytes;
    size_t most_bytes;
    int64_t dropped;
    bool is_stopped;

    struct bridge_batch *current; /* loop thread: being handed on */
    size_t position;
    int64_t dropped_told;
    struct bridge_figures figures;
};

/* ---- loop thread ---- */

static struct bridge_batch *take_batch(struct bridge *bridge, int64_t *dropped)
{
    pthread_mutex_lock(&bridge->mutex);
    struct bridge_batch *batch = bridge->first;
    if (batch != NULL) {
        bridge->first = batch->next;
        bridge->last = bridge->first == NULL ? NULL : bridge->last;
        bridge->batches--;
    }
    *dropped = bridge->dropped;
    pthread_mutex_unlock(&bridge->mutex);
    return batch;
}

static void finish_batch(struct bridge *bridge)
{
    struct bridge_batch *batch = bridge->current;
    bridge->current = NULL;
    pthread_mutex_lock(&bridge->mutex);
    bridge->bytes -= batch->bytes;
    pthread_cond_broadcast(&bridge->has_room);
    pthread_mutex_unlock(&bridge->mutex);
    free(batch);
}

static void tell_drops(struct bridge *bridge, int64_t dropped)
{
    if (dropped == bridge->dropped_told) {
        return;
    }
    bridge->dropped_told = dropped;
    struct event event = {.type = EVT_DROP, .u.drop = {.where = "thread bridge", .count = dropped}};
    bridge->options.sink.put(bridge->options.sink.context, &event);
}

/* Hand on the current batch; false when the budget ended first. */
static bool hand_on(struct bridge *bridge, int64_t deadline_ns)
{
    struct bridge_batch *batch = bridge->current;
    while (bridge->position < batch->count) {
        bridge->options.sink.put(bridge->options.sink.context, &batch->events[bridge->position]);
        bridge->position++;
        bridge->figures.events++;
        if (bridge->position % EVENTS_PER_LOOK == 0 && clock_mono_ns() >= deadline_ns) {
            return false;
        }
    }
    if (batch->message.call != NULL) {
        batch->message.call(batch->message.context, &batch->message);
    }
    finish_batch(bridge);
    return clock_mono_ns() < deadline_ns;
}

static void on_wake(struct ev_loop *loop, struct ev_async *async, int revents)
{
    (void)revents;
    struct bridge *bridge = async->data;
    int64_t began_ns = clock_mono_ns();
    int64_t deadline_ns = began_ns + bridge->options.budget_ns;
    int64_t dropped = bridge->dropped_told;
    for (;;) {
        if (bridge->current == NULL) {
            bridge->current = take_batch(bridge, &dropped);
            bridge->position = 0;
        }
        if (bridge->current == NULL) {
            break;
        }
        if (!hand_on(bridge, deadline_ns)) {
            ev_async_send(loop, async);
            break;
        }
    }
    tell_drops(bridge, dropped);
    int64_t took_ns = clock_mono_ns() - began_ns;
    if (took_ns > bridge->figures.longest_ns) {
        bridge->figures.longest_ns = took_ns;
    }
}

static enum fs_status init_locks(struct bridge *bridge)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return ST_NO_MEMORY;
    }
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(&bridge->has_room, &attributes);
    pthread_condattr_destroy(&attributes);
    if (failed != 0) {
        return ST_NO_MEMORY;
    }
    if (pthread_mutex_init(&bridge->mutex, NULL) != 0 ||
        pthread_mutex_init(&bridge->turn, NULL) != 0) {
        return ST_NO_MEMORY;
    }
    return ST_OK;
}

enum fs_status bridge_open(struct bridge **out, const struct bridge_options *options,
                           struct err *err)
{
    struct bridge *bridge = calloc(1, sizeof(*bridge));
    if (bridge == NULL) {
        return err_set(err, ST_NO_MEMORY, "bridge: no memory");
    }
    bridge->options = *options;
    if (options->max_bytes == 0) {
        bridge->options.max_bytes = DEFAULT_BYTES;
    }
    if (options->max_batches == 0) {
        bridge->options.max_batches = DEFAULT_BATCHES;
    }
    if (options->wait_ns == 0) {
        bridge->options.wait_ns = 200 * NS_PER_MS;
    }
    if (options->budget_ns == 0) {
        bridge->options.budget_ns = 3 * NS_PER_MS;
    }
    if (init_locks(bridge) != ST_OK) {
        free(bridge);
        return err_set(err, ST_NO_MEMORY, "bridge: no locks");
    }
    ev_async_init(&bridge->async, on_wake);
    bridge->async.data = bridge;
    ev_async_start(options->loop, &bridge->async);
    *out = bridge;
    return ST_OK;
}

void bridge_stop(struct bridge *bridge)
{
    pthread_mutex_lock(&bridge->mutex);
    bridge->is_stopped = true;
    pthread_cond_broadcast(&bridge->has_room);
    pthread_mutex_unlock(&bridge->mutex);
    ev_async_stop(bridge->options.loop, &bridge->async);
}

void bridge_close(struct bridge *bridge)
{
    if (bridge == NULL) {
        return;
    }
    bridge_stop(bridge);
    free(bridge->current);
    while (bridge->first != NULL) {
        struct bridge_batch *next = bridge->first->next;
        free(bridge->first);
        bridge->first = next;
    }
    pthread_cond_destroy(&bridge->has_room);
    pthread_mutex_destroy(&bridge->mutex);
    pthread_mutex_destroy(&bridge->turn);
    free(bridge);
}

void bridge_read_figures(struct bridge *bridge, struct bridge_figures *out)
{
    *out = bridge->figures;
    pthread_mutex_lock(&bridge->mutex);
    out->dropped = bridge->dropped;
    out->most_bytes = (int64_t)bridge->most_bytes;
    pthread_mutex_unlock(&bridge->mutex);
}

/* ---- foreign threads ---- */

/* Under the mutex: wait until the ring has room; false when it stays full. */
static bool wait_for_room(struct bridge *bridge, size_t bytes)
{
    struct timespec until;
    bool has_deadline = false;
    while (!bridge->is_stopped && bridge->batches > 0 &&
           (bridge->bytes + bytes > bridge->options.max_bytes ||
            bridge->batches >= bridge->options.max_batches)) {
        if (!has_deadline) {
            int64_t until_ns = clock_mono_ns() + bridge->options.wait_ns;
            until.tv_sec = (time_t)(until_ns / NS_PER_S);
            until.tv_nsec = (long)(until_ns % NS_PER_S);
            has_deadline = true;
        }
        if (pthread_cond_timedwait(&bridge->has_room, &bridge->mutex, &until) != 0) {
            return false;
        }
    }
    return !bridge->is_stopped;
}

/* Put a batch into the ring or free it; false when it was dropped. */
static bool post_batch(struct bridge *bridge, struct bridge_batch *batch)
{
    pthread_mutex_lock(&bridge->mutex);
    bool has_room = wait_for_room(bridge, batch->bytes);
    if (has_room) {
        batch->next = NULL;
        if (bridge->last == NULL) {
            bridge->first = batch;
        } else {
            bridge->last->next = batch;
        }
        bridge->last = batch;
        bridge->batches++;
        bridge->bytes += batch->bytes;
        if (bridge->bytes > bridge->most_bytes) {
            bridge->most_bytes = bridge->bytes;
        }
    } else if (!bridge->is_stopped) {
        bridge->dropped += (int64_t)batch->count;
    }
    if (!bridge->is_stopped) {
        /* Under the mutex: bridge_stop() may not stop the watcher between check and send. */
        ev_async_send(bridge->options.loop, &bridge->async);
    }
    pthread_mutex_unlock(&bridge->mutex);
    if (!has_room) {
        free(batch);
    }
    return has_room;
}

static struct bridge_batch *new_batch(size_t events, size_t text_bytes)
{
    size_t bytes = sizeof(struct bridge_batch) + events * sizeof(struct event) + text_bytes;
    struct bridge_batch *batch = malloc(bytes);
    if (batch == NULL) {
        return NULL;
    }
    memset(batch, 0, sizeof(*batch));
    batch->bytes = bytes;
    batch->capacity = events;
    batch->text = (char *)&batch->events[events];
    batch->text_bytes = text_bytes;
    return batch;
}

static void forget_recent(struct bridge_writer *writer)
{
    memset(writer->recent, 0, sizeof(writer->recent));
    writer->next_recent = 0;
}

static void flush(struct bridge_writer *writer)
{
    if (writer->batch == NULL) {
        return;
    }
    if (!writer->has_turn) {
        pthread_mutex_lock(&writer->bridge->turn);
        writer->has_turn = true;
    }
    if (!post_batch(writer->bridge, writer->batch)) {
        writer->has_dropped = true;
    }
    writer->batch = NULL;
    forget_recent(writer);
}

static void count_drop(struct bridge_writer *writer)
{
    writer->has_dropped = true;
    pthread_mutex_lock(&writer->bridge->mutex);
    writer->bridge->dropped++;
    pthread_mutex_unlock(&writer->bridge->mutex);
}

void bridge_writer_begin(struct bridge_writer *writer, struct bridge *bridge)
{
    memset(writer, 0, sizeof(*writer));
    writer->bridge = bridge;
}

/* The event's texts, as far as this writer's last texts are not the same. */
static size_t text_need(const struct event *event, const struct event_info *info)
{
    size_t need = 0;
    for (size_t i = 0; i < info->field_count; i++) {
        if (info->fields[i].kind == FIELD_TEXT) {
            const char *text = NULL;
            memcpy(&text, (const char *)event + info->fields[i].offset, sizeof(text));
            need += text == NULL ? 0 : strlen(text) + 1;
        }
    }
    return need;
}

/* Copy a text into the batch; names repeat from event to event and are stored once. */
static const char *store_text(struct bridge_writer *writer, const char *text)
{
    for (size_t i = 0; i < BRIDGE_RECENT; i++) {
        if (writer->recent[i] != NULL && strcmp(writer->recent[i], text) == 0) {
            return writer->recent[i];
        }
    }
    struct bridge_batch *batch = writer->batch;
    size_t bytes = strlen(text) + 1;
    FS_ASSERT(batch->text_used + bytes <= batch->text_bytes);
    char *copy = batch->text + batch->text_used;
    memcpy(copy, text, bytes);
    batch->text_used += bytes;
    writer->recent[writer->next_recent++ % BRIDGE_RECENT] = copy;
    return copy;
}

/* A batch with room for one more event and need bytes of text; NULL when there is no memory. */
static struct bridge_batch *batch_for(struct bridge_writer *writer, size_t need)
{
    struct bridge_batch *batch = writer->batch;
    bool is_first = !writer->has_turn;
    if (batch != NULL) {
        if (batch->count < batch->capacity && batch->text_used + need <= batch->text_bytes) {
            return batch;
        }
        is_first = false;
        flush(writer);
    }
    size_t text_bytes = is_first ? FIRST_TEXT_BYTES : NEXT_TEXT_BYTES;
    if (text_bytes < need) {
        text_bytes = need;
    }
    writer->batch = new_batch(is_first ? FIRST_EVENTS : NEXT_EVENTS, text_bytes);
    return writer->batch;
}

void bridge_put(struct bridge_writer *writer, const struct event *event)
{
    const struct event_info *info = event_info(event->type);
    struct bridge_batch *batch =
        writer->has_dropped ? NULL : batch_for(writer, text_need(event, info));
    if (batch == NULL || writer->has_dropped) {
        count_drop(writer);
        return;
    }
    struct event *copy = &batch->events[batch->count++];
    *copy = *event;
    for (size_t i = 0; i < info->field_count; i++) {
        if (info->fields[i].kind == FIELD_TEXT) {
            const char *text = NULL;
            char *place = (char *)copy + info->fields[i].offset;
            memcpy(&text, place, sizeof(text));
            if (text != NULL) {
                text = store_text(writer, text);
                memcpy(place, &text, sizeof(text));
            }
        }
    }
}

void bridge_call(struct bridge_writer *writer, const struct bridge_message *message)
{
    if (writer->batch == NULL) {
        writer->batch = new_batch(0, 0);
    }
    if (writer->batch == NULL) {
        return;
    }
    writer->batch->message = *message;
    flush(writer);
}

void bridge_writer_drop(struct bridge_writer *writer)
{
    free(writer->batch);
    writer->batch = NULL;
    forget_recent(writer);
}

void bridge_writer_end(struct bridge_writer *writer)
{
    flush(writer);
    if (writer->has_turn) {
        pthread_mutex_unlock(&writer->bridge->turn);
        writer->has_turn = false;
    }
}

static void put_into_writer(void *context, const struct event *event)
{
    bridge_put(context, event);
}

struct event_sink bridge_writer_sink(struct bridge_writer *writer)
{
    return (struct event_sink){.context = writer, .put = put_into_writer};
}
