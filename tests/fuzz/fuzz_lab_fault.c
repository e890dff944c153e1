/*
 * fuzz_lab_fault.c - fault lines as the lab's control socket hands them on: refused with a reason
 * that may reach a terminal, or names and values within the lab.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "farshore/base/assert.h"
#include "fault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lab_layout layout;
    const char *words[8];
    char line[1024];
    char *rest = line;
    int count = 0;
    struct fault fault;
    struct err err = {.status = ST_OK};
    size_t length = size < sizeof(line) - 1 ? size : sizeof(line) - 1;
    memcpy(line, data, length);
    line[length] = '\0';
    for (char *word = strtok_r(line, " ", &rest); word != NULL && count < 8;
         word = strtok_r(NULL, " ", &rest)) {
        words[count++] = word;
    }
    layout_build(&layout, size % 2 == 0 ? LAB_TOPOLOGY_3_3_1 : LAB_TOPOLOGY_3_3);
    if (fault_parse(&layout, count, words, &fault, &err) != ST_OK) {
        FS_ASSERT(err.text[0] != '\0');
        return 0;
    }
    FS_ASSERT(fault.region < layout.region_count && fault.node < layout.node_count);
    FS_ASSERT(fault.place_a <= layout.region_count && fault.place_b <= layout.region_count);
    FS_ASSERT(fault.value >= 0);
    return 0;
}
