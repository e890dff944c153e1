/*
 * event_codec.c - events to JSON lines and back, driven by the field tables.
 *
 * Why:   recordings and other programs read events; adding an event must not mean writing a codec.
 * How:   every field is reached through its offset; integers are printed and parsed as text.
 * Rules: core has no printf and no doubles; decoding cleans texts as ingest does.
 * See:   docs/ARCHITECTURE.md "Events"; tests/unit/core/test_event_codec.c
 */
#include "farshore/core/event_codec.h"

#include <string.h>

#include "farshore/core/event_table.h"
#include "farshore/core/json.h"

static void put_key(struct strbuf *buf, const char *name)
{
    strbuf_put(buf, ",\"");
    strbuf_put(buf, name);
    strbuf_put(buf, "\":");
}

static void put_field(struct strbuf *buf, const struct event *event,
                      const struct event_field *field)
{
    const char *at = (const char *)event + field->offset;
    const char *text = NULL;
    int64_t number = 0;
    uint64_t positive = 0;
    unsigned word = 0;
    bool flag = false;
    if (field->kind == FIELD_TEXT) {
        memcpy(&text, at, sizeof(text));
        if (text == NULL) {
            return;
        }
    }
    put_key(buf, field->name);
    switch (field->kind) {
    case FIELD_TEXT:
        strbuf_put_json(buf, text);
        return;
    case FIELD_BOOL:
        memcpy(&flag, at, sizeof(flag));
        strbuf_put(buf, flag ? "true" : "false");
        return;
    case FIELD_I64:
        memcpy(&number, at, sizeof(number));
        strbuf_put_i64(buf, number);
        return;
    case FIELD_U64:
        memcpy(&positive, at, sizeof(positive));
        strbuf_put_u64(buf, positive);
        return;
    case FIELD_ENUM:
        memcpy(&word, at, sizeof(word));
        strbuf_put_json(buf, name_of(field->names, word));
        return;
    }
}

void event_encode(const struct event *event, struct strbuf *buf)
{
    const struct event_info *info = event_info(event->type);
    strbuf_put(buf, "{\"type\":\"");
    strbuf_put(buf, info->name);
    strbuf_put(buf, "\",\"seq\":");
    strbuf_put_u64(buf, event->seq);
    put_key(buf, "mono_ns");
    strbuf_put_i64(buf, event->mono_ns);
    put_key(buf, "at_ns");
    strbuf_put_i64(buf, event->at_ns);
    for (size_t i = 0; i < info->field_count; i++) {
        put_field(buf, event, &info->fields[i]);
    }
    strbuf_put_char(buf, '}');
}

/* ---- decoding ---- */

static bool find_type(const char *line, size_t length, enum event_type *type, struct err *err)
{
    struct json_reader in;
    char name[64] = "";
    json_begin(&in, line, length);
    if (json_next(&in) != JSON_OBJECT) {
        err_set(err, ST_INVALID, "an event is a JSON object");
        return false;
    }
    while (json_key(&in)) {
        if (!json_key_is(&in, "type")) {
            json_skip(&in);
            continue;
        }
        if (json_read_text(&in, name, sizeof(name)) && event_type_of(name, type)) {
            return true;
        }
        err_set(err, ST_INVALID, "unknown event type \"%s\"", name);
        return false;
    }
    err_set(err, ST_INVALID, in.has_failed ? "broken JSON" : "an event needs a \"type\"");
    return false;
}

static enum fs_status take_text(struct json_reader *in, struct event_texts *texts, const char **out)
{
    size_t room = sizeof(texts->bytes) - texts->used;
    char *at = texts->bytes + texts->used;
    size_t length = json_token_text(in, at, room);
    if (length >= room) {
        return ST_FULL;
    }
    texts->used += length + 1;
    *out = at;
    return ST_OK;
}

static enum fs_status take_field(struct json_reader *in, enum json_token token, struct event *event,
                                 const struct event_field *field, struct event_texts *texts)
{
    char *at = (char *)event + field->offset;
    const char *text = NULL;
    int64_t number = 0;
    uint64_t positive = 0;
    unsigned word = 0;
    bool flag = token == JSON_TRUE;
    char name[64];
    switch (field->kind) {
    case FIELD_BOOL:
        memcpy(at, &flag, sizeof(flag));
        return flag || token == JSON_FALSE ? ST_OK : ST_INVALID;
    case FIELD_I64:
        if (token != JSON_NUMBER || !json_token_i64(in, &number)) {
            return ST_INVALID;
        }
        memcpy(at, &number, sizeof(number));
        return ST_OK;
    case FIELD_U64:
        if (token != JSON_NUMBER || !json_token_u64(in, &positive)) {
            return ST_INVALID;
        }
        memcpy(at, &positive, sizeof(positive));
        return ST_OK;
    case FIELD_ENUM:
        if (token != JSON_STRING || json_token_text(in, name, sizeof(name)) >= sizeof(name) ||
            !name_value(field->names, name, &word)) {
            return ST_INVALID;
        }
        memcpy(at, &word, sizeof(word));
        return ST_OK;
    case FIELD_TEXT:
        if (token == JSON_NULL) {
            return ST_OK;
        }
        if (token != JSON_STRING) {
            return ST_INVALID;
        }
        if (take_text(in, texts, &text) != ST_OK) {
            return ST_FULL;
        }
        memcpy(at, &text, sizeof(text));
        return ST_OK;
    }
    return ST_INVALID;
}

/* The stamps stand in every event; false when the key is none of them. */
static bool take_stamp(struct json_reader *in, struct event *event, bool *is_valid)
{
    if (json_key_is(in, "seq")) {
        *is_valid = json_read_u64(in, &event->seq);
        return true;
    }
    if (json_key_is(in, "mono_ns")) {
        *is_valid = json_read_i64(in, &event->mono_ns);
        return true;
    }
    if (json_key_is(in, "at_ns")) {
        *is_valid = json_read_i64(in, &event->at_ns);
        return true;
    }
    return false;
}

static const struct event_field *find_field(const struct json_reader *in,
                                            const struct event_info *info)
{
    for (size_t i = 0; i < info->field_count; i++) {
        if (json_key_is(in, info->fields[i].name)) {
            return &info->fields[i];
        }
    }
    return NULL;
}

static enum fs_status take_member(struct json_reader *in, struct event *event,
                                  const struct event_info *info, struct event_texts *texts,
                                  struct err *err)
{
    bool is_valid = true;
    if (take_stamp(in, event, &is_valid)) {
        return is_valid ? ST_OK : err_set(err, ST_INVALID, "%s: a stamp is no integer", info->name);
    }
    const struct event_field *field = find_field(in, info);
    if (field == NULL) {
        json_skip(in);
        return ST_OK;
    }
    enum json_token token = json_next(in);
    enum fs_status status = take_field(in, token, event, field, texts);
    if (!json_skip_rest(in, token)) {
        return err_set(err, ST_INVALID, "broken JSON in %s.%s", info->name, field->name);
    }
    if (status != ST_OK) {
        return err_set(err, status, "%s.%s: %s", info->name, field->name,
                       status == ST_FULL ? "texts too long" : "value of a wrong kind");
    }
    return ST_OK;
}

enum fs_status event_decode(const char *line, size_t length, struct event *event,
                            struct event_texts *texts, struct err *err)
{
    struct json_reader in;
    memset(event, 0, sizeof(*event));
    texts->used = 0;
    if (!find_type(line, length, &event->type, err)) {
        return ST_INVALID;
    }
    const struct event_info *info = event_info(event->type);
    json_begin(&in, line, length);
    json_next(&in);
    while (json_key(&in)) {
        enum fs_status status = take_member(&in, event, info, texts, err);
        if (status != ST_OK) {
            return status;
        }
    }
    if (in.has_failed || json_next(&in) != JSON_END) {
        return err_set(err, ST_INVALID, "broken JSON after \"type\":\"%s\"", info->name);
    }
    return ST_OK;
}
