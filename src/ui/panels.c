/*
 * panels.c - the table of panels: one name a panel.
 */
#include "screen.h"

#include "farshore/base/assert.h"

const struct panel *panel_by_id(enum ui_panel panel)
{
    static const struct panel *const panels[UI_PANELS] = {
        [PANEL_REGIONS] = &panel_regions, [PANEL_EVIDENCE] = &panel_evidence,
        [PANEL_LINKS] = &panel_links,     [PANEL_DNS] = &panel_dns,
        [PANEL_MIRRORS] = &panel_mirrors, [PANEL_EVENTS] = &panel_events,
    };

    FS_ASSERT(panel < UI_PANELS);
    return panels[panel];
}
