/*
 * survey_answer.c - what an operator's login is told: who it is, what it may do, what it uses.
 *
 * Rules: permissions are judged by overlap: a list that allows one stream's update allows updates;
 *        which stream is the plan's affair. A deny counts when it covers all of them.
 * See:   nats-server events.go UserInfo; jetstream_api.go JSApiAccountInfoResponse
 */
#include <string.h>

#include "farshore/core/json.h"
#include "survey_decode.h"

static void begin(struct survey_answer *out)
{
    memset(out, 0, sizeof(*out));
    out->storage = -1;
    out->storage_limit = -1;
    out->consumers = -1;
    out->consumers_limit = -1;
}

static void read_error(struct json_reader *in, struct survey_answer *out)
{
    enum json_token token = json_next(in);
    if (token == JSON_STRING) {
        json_token_text(in, out->error, sizeof(out->error));
        return;
    }
    if (token != JSON_OBJECT) {
        json_skip_rest(in, token);
        return;
    }
    memcpy(out->error, "an error without words", sizeof("an error without words"));
    while (json_key(in)) {
        if (json_key_is(in, "err_code")) {
            json_read_i64(in, &out->code);
        } else if (json_key_is(in, "description")) {
            json_read_text(in, out->error, sizeof(out->error));
        } else {
            json_skip(in);
        }
    }
}

/* ---- permissions ---- */

/* One list of subjects against all that is needed; a bit for each that it touches. */
struct listed {
    bool is_there;
    unsigned touched;
};

static void read_subjects(struct json_reader *in, const char *const *needed, bool must_cover,
                          struct listed *out)
{
    char subject[SURVEY_TEXT_BYTES];
    enum json_token token;
    if (!json_enter_array(in)) {
        return;
    }
    while (json_element(in, &token)) {
        if (token != JSON_STRING) {
            json_skip_rest(in, token);
            continue;
        }
        out->is_there = true;
        size_t length = json_token_text(in, subject, sizeof(subject));
        length = length < sizeof(subject) ? length : sizeof(subject) - 1;
        if (length == 0) {
            continue; /* no subject */
        }
        for (unsigned i = 0; needed[i] != NULL; i++) {
            size_t count = strlen(needed[i]);
            bool is_wider = memchr(subject, '*', length) != NULL || subject[length - 1] == '>' ||
                            strcmp(subject, needed[i]) == 0;
            if ((!must_cover || is_wider) &&
                ready_subjects_overlap(subject, length, needed[i], count)) {
                out->touched |= 1u << i;
            }
        }
    }
}

static void read_publish(struct json_reader *in, const char *const *needed,
                         struct survey_answer *out)
{
    struct listed allow = {false, 0};
    struct listed deny = {false, 0};
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "allow")) {
            read_subjects(in, needed, false, &allow);
        } else if (json_key_is(in, "deny")) {
            read_subjects(in, needed, true, &deny);
        } else {
            json_skip(in);
        }
    }
    for (unsigned i = 0; needed[i] != NULL && out->forbidden[0] == '\0'; i++) {
        bool is_allowed = !allow.is_there || (allow.touched & (1u << i)) != 0;
        if (!is_allowed || (deny.touched & (1u << i)) != 0) {
            size_t length = strlen(needed[i]);
            if (length < sizeof(out->forbidden)) {
                memcpy(out->forbidden, needed[i], length + 1);
            }
        }
    }
}

static void read_user(struct json_reader *in, const char *const *needed, struct survey_answer *out)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "user")) {
            json_read_text(in, out->user, sizeof(out->user));
        } else if (json_key_is(in, "account_name") ||
                   (json_key_is(in, "account") && out->account[0] == '\0')) {
            json_read_text(in, out->account, sizeof(out->account));
        } else if (!json_key_is(in, "permissions")) {
            json_skip(in);
        } else if (json_enter_object(in)) {
            while (json_key(in)) {
                if (json_key_is(in, "publish")) {
                    read_publish(in, needed, out);
                } else {
                    json_skip(in);
                }
            }
        }
    }
}

void survey_decode_user(const char *text, size_t length, const char *const *needed,
                        struct survey_answer *out)
{
    struct json_reader in;
    begin(out);
    json_begin(&in, text, length);
    if (json_next(&in) != JSON_OBJECT) {
        return;
    }
    while (json_key(&in)) {
        if (json_key_is(&in, "data")) {
            read_user(&in, needed, out);
        } else if (json_key_is(&in, "error")) {
            read_error(&in, out);
        } else {
            json_skip(&in);
        }
    }
    out->is_answer = !in.has_failed && out->error[0] == '\0' && out->user[0] != '\0';
}

/* ---- the JetStream API ---- */

static void read_limits(struct json_reader *in, struct survey_answer *out)
{
    if (!json_enter_object(in)) {
        return;
    }
    while (json_key(in)) {
        if (json_key_is(in, "max_storage")) {
            json_read_i64(in, &out->storage_limit);
        } else if (json_key_is(in, "max_consumers")) {
            json_read_i64(in, &out->consumers_limit);
        } else {
            json_skip(in);
        }
    }
}

void survey_decode_api(const char *text, size_t length, struct survey_answer *out)
{
    struct json_reader in;
    begin(out);
    json_begin(&in, text, length);
    if (json_next(&in) != JSON_OBJECT) {
        return;
    }
    while (json_key(&in)) {
        if (json_key_is(&in, "error")) {
            read_error(&in, out);
        } else if (json_key_is(&in, "storage")) {
            json_read_i64(&in, &out->storage);
        } else if (json_key_is(&in, "consumers")) {
            json_read_i64(&in, &out->consumers);
        } else if (json_key_is(&in, "limits")) {
            read_limits(&in, out);
        } else {
            json_skip(&in);
        }
    }
    out->is_answer = !in.has_failed && out->error[0] == '\0';
}
