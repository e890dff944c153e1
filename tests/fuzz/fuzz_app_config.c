/*
 * fuzz_config.c - any bytes as a configuration: no crash, no leak, bounded messages; and what is
 * accepted is shown as a text that is accepted again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "config.h"
#include "farshore/base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config_problems problems;
    struct config config;
    struct strbuf shown;
    strbuf_init(&shown, alloc_heap());
    enum fs_status status = config_parse((const char *)data, size, &config, &problems);
    FS_ASSERT((status == ST_OK) == (problems.errors == 0));
    if (status == ST_OK) {
        config_show(&config, &shown);
        struct config again;
        FS_ASSERT(config_parse(shown.text, shown.length, &again, &problems) == ST_OK);
        config_destroy(&again);
    }
    config_destroy(&config);
    strbuf_destroy(&shown);
    return 0;
}
