/*
 * fuzz_ui_keymap.c - keymap files: whatever is bound afterwards is a key and an action that exist,
 * and a danger key still only names its form.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/text.h"
#include "farshore/ui/keymap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct keymap keymap;
    static struct problems problems;

    memset(&problems, 0, sizeof(problems));
    keymap_init(&keymap);
    (void)keymap_parse(&keymap, "fuzz.keys", (const char *)data, size, &problems);
    for (int action = 1; action < ACTIONS; action++) {
        for (int table = 0; table < KEYMAP_TABLES; table++) {
            const char *key =
                keymap_key_for(&keymap, (enum keymap_table)table, (enum action)action);
            if (key != NULL && (!key_is_valid(key) || !text_is_clean(key, strlen(key)))) {
                abort();
            }
        }
    }
    for (size_t i = 0; i < problems_kept(&problems); i++) {
        if (!text_is_clean(problems.text[i], strlen(problems.text[i]))) {
            abort();
        }
    }
    return 0;
}
