/*
 * panel_dns.c - what DNS tells the world: a place.
 *
 * Why:   where users go is a region's other half; the screen keeps its room and says that nothing
 *        asks a resolver yet, rather than leaving it out.
 */
#include <stdio.h>

#include "screen.h"

static int dns_want(const struct screen *screen, int cols)
{
    (void)cols;
    return screen->layout.is_tight ? 0 : 2;
}

static void dns_draw(const struct screen *screen, const struct area *area)
{
    struct line line = header_begin(screen, area, PANEL_DNS, "DNS  who serves users now");
    char hint[32];

    (void)snprintf(hint, sizeof(hint), "%s more", key_hint(screen, ACTION_DNS));
    header_end(&line, hint);
    line = line_begin(area, 1);
    line_to(&line, 1);
    line_put(&line, ROLE_UNKNOWN, "?");
    line_put(&line, ROLE_DIM, "  unknown: nothing asks DNS yet");
}

const struct panel panel_dns = {.name = "dns", .want = dns_want, .draw = dns_draw};
