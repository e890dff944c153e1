/*
 * fuzz_feeds_survey.c - replies to a survey's questions: what they leave is clean and in order.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/base/text.h"
#include "survey_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    FS_ASSERT(text == NULL || text_is_clean(text, strlen(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const needed[] = {"$JS.API.STREAM.UPDATE.*", "$KV.FARSHORE_LOCK.lock", NULL};
    const char *text = (const char *)data;
    struct survey_server server;
    struct survey_answer answer;
    struct ready_facts facts;
    ready_facts_begin(&facts, alloc_heap());
    (void)survey_decode_jsz(text, size, "rg1", &facts);
    (void)survey_decode_jsz(text, size, "rg2", &facts);
    ready_facts_settle(&facts);
    for (uint32_t i = 0; i < facts.stream_count; i++) {
        const struct ready_stream *row = &facts.streams[i];
        const struct ready_stream *const skip[2] = {row, NULL};
        check_text(row->name);
        check_text(row->account);
        check_text(row->subjects);
        check_text(row->sources);
        check_text(row->origin);
        FS_ASSERT(ready_find_stream(&facts, row->account, row->name) == row);
        FS_ASSERT(ready_find_overlap(&facts, row->account, row->subjects, skip) != row);
    }
    ready_facts_end(&facts);
    (void)survey_decode_ping(text, size, &server);
    survey_decode_user(text, size, needed, &answer);
    check_text(answer.forbidden);
    survey_decode_api(text, size, &answer);
    check_text(answer.error);
    return 0;
}
