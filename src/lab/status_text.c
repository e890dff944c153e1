/*
 * status_text.c - the lab's state as lines.
 *
 * Why:   a person wants to see what is broken on purpose before wondering about the rest.
 * How:   from the same JSON that scripts read, so that both always agree.
 */
#include "status_text.h"

#include <stdio.h>

#include <cjson/cJSON.h>

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsString(item) ? item->valuestring : "?";
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void print_ways(const cJSON *json)
{
    const cJSON *way = NULL;

    (void)printf("\n%-10s %-8s %8s %14s %6s\n", "WAY", "STATE", "DELAY", "BYTES/S", "CONNS");
    cJSON_ArrayForEach(way, cJSON_GetObjectItemCaseSensitive(json, "ways"))
    {
        char name[64];
        (void)snprintf(name, sizeof(name), "%s-%s", text_of(way, "a"), text_of(way, "b"));
        (void)printf("%-10s %-8s %6.0fms ", name, text_of(way, "state"),
                     number_of(way, "delay_ms"));
        if (number_of(way, "bytes_per_s") > 0) {
            (void)printf("%14.0f", number_of(way, "bytes_per_s"));
        } else {
            (void)printf("%14s", "unlimited");
        }
        (void)printf(" %6.0f\n", number_of(way, "connections"));
    }
}

void status_print(const char *text)
{
    cJSON *json = cJSON_Parse(text);
    const cJSON *entry = NULL;
    const cJSON *workload = cJSON_GetObjectItemCaseSensitive(json, "workload");
    const cJSON *faults = cJSON_GetObjectItemCaseSensitive(json, "faults");

    (void)printf("lab      %s\nconfig   %s\nserver   %s\n", text_of(json, "dir"),
                 text_of(json, "config"), text_of(json, "nats_server"));
    (void)printf("topology %s, ports from %.0f, supervisor %.0f\n\n", text_of(json, "topology"),
                 number_of(json, "base_port"), number_of(json, "supervisor_pid"));
    (void)printf("%-8s %-6s %-8s %8s %7s %8s\n", "NODE", "REGION", "STATE", "PID", "CLIENT",
                 "MONITOR");
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(json, "nodes"))
    {
        (void)printf("%-8s %-6s %-8s %8.0f %7.0f %8.0f\n", text_of(entry, "name"),
                     text_of(entry, "region"), text_of(entry, "state"), number_of(entry, "pid"),
                     number_of(entry, "client_port"), number_of(entry, "monitor_port"));
    }
    print_ways(json);
    (void)printf("\nworkload %s: %.0f a second; published %.0f, acked %.0f, consumed %.0f, errors "
                 "%.0f\n",
                 text_of(workload, "state"), number_of(workload, "rate"),
                 number_of(workload, "published"), number_of(workload, "acked"),
                 number_of(workload, "consumed"), number_of(workload, "errors"));
    if (cJSON_GetArraySize(faults) == 0) {
        (void)printf("nothing is broken on purpose\n");
    }
    cJSON_ArrayForEach(entry, faults)
    {
        (void)printf("broken on purpose: %s\n", cJSON_IsString(entry) ? entry->valuestring : "?");
    }
    cJSON_Delete(json);
}
