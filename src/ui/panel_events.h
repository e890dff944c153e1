/*
 * panel_events.h - a change of state as a row, for the panel and the log page.
 */
#ifndef FARSHORE_UI_PRIVATE_PANEL_EVENTS_H
#define FARSHORE_UI_PRIVATE_PANEL_EVENTS_H

#include "screen.h"

void event_row(const struct area *area, int y, const struct change_view *change);

#endif
