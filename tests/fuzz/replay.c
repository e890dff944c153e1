/*
 * replay.c - run a fuzz target once over a folder of seeds, without libFuzzer.
 *
 * Why:   every input that once broke a decoder stays a test under every compiler and sanitizer.
 * How:   the empty input, then every regular file of the folder, each in a block of exactly its
 * size, so that a sanitizer sees a byte too many.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns 0 on success. */
static int replay_file(const char *path, size_t size)
{
    int result = 1;
    uint8_t *data = malloc(size > 0 ? size : 1);
    FILE *file = fopen(path, "rb");
    if (data == NULL || file == NULL || fread(data, 1, size, file) != size) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        goto out;
    }
    (void)LLVMFuzzerTestOneInput(data, size);
    result = 0;
out:
    if (file != NULL) {
        (void)fclose(file);
    }
    free(data);
    return result;
}

int main(int count, char **arguments)
{
    const uint8_t nothing = 0;
    (void)LLVMFuzzerTestOneInput(&nothing, 0);
    DIR *folder = count > 1 ? opendir(arguments[1]) : NULL;
    if (folder == NULL) {
        (void)fprintf(stderr, "no folder of seeds\n");
        return 1;
    }
    int failures = 0;
    size_t seeds = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[4096];
        struct stat info;
        int length = snprintf(path, sizeof path, "%s/%s", arguments[1], entry->d_name);
        if (length < 0 || (size_t)length >= sizeof path || stat(path, &info) != 0 ||
            !S_ISREG(info.st_mode)) {
            continue;
        }
        failures += replay_file(path, (size_t)info.st_size);
        seeds++;
    }
    closedir(folder);
    printf("%zu seeds\n", seeds);
    return failures > 0 || seeds == 0 ? 1 : 0;
}
