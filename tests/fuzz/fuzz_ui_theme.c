/*
 * fuzz_ui_theme.c - theme files: any bytes give a theme that can be drawn with, and problems that
 * are plain text.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "farshore/base/text.h"
#include "farshore/ui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct theme theme;
    static struct problems problems;

    memset(&problems, 0, sizeof(problems));
    theme_init(&theme);
    (void)theme_parse(&theme, "fuzz.theme", (const char *)data, size, &problems);
    theme_make_mono(&theme);
    for (size_t i = 0; i < GLYPHS; i++) {
        for (int is_ascii = 0; is_ascii < 2; is_ascii++) {
            const char *glyph = theme.glyphs[i][is_ascii];
            if (glyph[0] == '\0' || !text_is_clean(glyph, strlen(glyph))) {
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
