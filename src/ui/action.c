/*
 * action.c - what keys and `:` words can mean.
 *
 * Why:   name, class and help of an action stand in one place; help, key bar, keymap files and the
 *        prompt's completion all read it here.
 * How:   one constant struct an action.
 * Rules: the class is decided here, never in a keymap. An action that is not there yet says so when
 *        its key is pressed: honest and short.
 */
#include <string.h>

#include "farshore/base/assert.h"
#include "farshore/ui/keymap.h"

#define NEEDS_ACTIONS "comes with the actions; this console is read-only"
#define NEEDS_RECORDING "comes with recordings; this console keeps none yet"

static const struct action_info infos[ACTIONS] = {
    [ACTION_NONE] = {"none", NULL, ACTION_VIEW, true, "nothing: takes a key away", NULL},
    [ACTION_HELP] = {"help", "help", ACTION_VIEW, true, "this help, from the live key tables",
                     NULL},
    [ACTION_COMMAND] = {"command", "cmd", ACTION_VIEW, true,
                        "type a command; TAB completes, Up recalls", NULL},
    [ACTION_FILTER] = {"filter", "filter", ACTION_VIEW, true,
                       "show only mirrors whose name or account holds a text", NULL},
    [ACTION_PANEL_NEXT] = {"panel-next", "panel", ACTION_MOVE, true, "to the next panel", NULL},
    [ACTION_PANEL_PREV] = {"panel-prev", NULL, ACTION_MOVE, true, "to the panel before", NULL},
    [ACTION_DETAIL] = {"detail", "detail", ACTION_VIEW, true,
                       "every field of the selected row, with its age", NULL},
    [ACTION_BACK] = {"back", "back", ACTION_VIEW, true, "close what is open; drop zoom and filter",
                     NULL},
    [ACTION_ZOOM] = {"zoom", "zoom", ACTION_VIEW, true, "the panel in focus alone, or all again",
                     NULL},
    [ACTION_SORT] = {"sort", "sort", ACTION_VIEW, true,
                     "mirrors by trouble, loss, lag or name in turn", NULL},
    [ACTION_UNFOLD] = {"unfold", "unfold", ACTION_VIEW, true,
                       "scroll all mirrors, or fold those without trouble", NULL},
    [ACTION_EVIDENCE] = {"evidence", "evidence", ACTION_VIEW, true,
                         "page: what each region's verdict rests on", NULL},
    [ACTION_LINKS] = {"links", "links", ACTION_VIEW, true, "page: every gateway link", NULL},
    [ACTION_DNS] = {"dns", "dns", ACTION_VIEW, true, "page: what DNS tells the world", NULL},
    [ACTION_LOG] = {"log", "log", ACTION_VIEW, true, "page: every change of state", NULL},
    [ACTION_YANK] = {"yank", "yank", ACTION_VIEW, true,
                     "copy verdict and selected row to the clipboard (OSC 52)", NULL},
    [ACTION_REDRAW] = {"redraw", NULL, ACTION_VIEW, true, "paint the whole screen again", NULL},
    [ACTION_SUSPEND] = {"suspend", NULL, ACTION_VIEW, true,
                        "back to the shell; `fg` comes back here", NULL},
    [ACTION_QUIT] = {"quit", "quit", ACTION_VIEW, true, "leave the console", NULL},
    [ACTION_ROW_UP] = {"row-up", NULL, ACTION_MOVE, true, "a row up", NULL},
    [ACTION_ROW_DOWN] = {"row-down", NULL, ACTION_MOVE, true, "a row down", NULL},
    [ACTION_PAGE_UP] = {"page-up", NULL, ACTION_MOVE, true, "a page up", NULL},
    [ACTION_PAGE_DOWN] = {"page-down", NULL, ACTION_MOVE, true, "a page down", NULL},
    [ACTION_FIRST] = {"first", NULL, ACTION_MOVE, true, "to the first row", NULL},
    [ACTION_LAST] = {"last", NULL, ACTION_MOVE, true, "to the last row", NULL},
    [ACTION_MARK_NOTE] = {"mark", NULL, ACTION_MARK, false, "mark this moment with a note",
                          NEEDS_RECORDING},
    [ACTION_LOOK_BACK] = {"look-back", NULL, ACTION_MARK, false, "look back in time",
                          NEEDS_RECORDING},
    [ACTION_GO_TO_TIME] = {"go-to-time", NULL, ACTION_MARK, false, "go to a time",
                           NEEDS_RECORDING " (<Home> goes to the first row)"},
    [ACTION_ARM] = {"arm", NULL, ACTION_DANGER, false, "arm: open a connection that may write",
                    NEEDS_ACTIONS},
    [ACTION_FENCE] = {"fence", NULL, ACTION_DANGER, false, "fence a region's origins",
                      NEEDS_ACTIONS},
    [ACTION_UNFENCE] = {"unfence", NULL, ACTION_DANGER, false, "take a fence away", NEEDS_ACTIONS},
    [ACTION_PROMOTE] = {"promote", NULL, ACTION_DANGER, false, "promote mirrors to streams",
                        NEEDS_ACTIONS},
    [ACTION_FAILOVER] = {"failover", NULL, ACTION_DANGER, false,
                         "move to the standby: the origin is gone", NEEDS_ACTIONS},
    [ACTION_SWITCHOVER] = {"switchover", NULL, ACTION_DANGER, false,
                           "move to the standby: the origin is alive, nothing is lost",
                           NEEDS_ACTIONS},
    [ACTION_FLIP_DNS] = {"flip-dns", NULL, ACTION_DANGER, false, "point DNS at a region",
                         NEEDS_ACTIONS},
    [ACTION_ACCEPT] = {"accept", NULL, ACTION_TEXT, true, "take the line", NULL},
    [ACTION_CANCEL] = {"cancel", NULL, ACTION_TEXT, true, "leave the prompt", NULL},
    [ACTION_COMPLETE] = {"complete", NULL, ACTION_TEXT, true, "complete the word", NULL},
    [ACTION_COMPLETE_PREV] = {"complete-prev", NULL, ACTION_TEXT, true, "the completion before",
                              NULL},
    [ACTION_HISTORY_PREV] = {"history-prev", NULL, ACTION_TEXT, true, "the line before", NULL},
    [ACTION_HISTORY_NEXT] = {"history-next", NULL, ACTION_TEXT, true, "the line after", NULL},
    [ACTION_CHAR_PREV] = {"char-prev", NULL, ACTION_TEXT, true, "a character left", NULL},
    [ACTION_CHAR_NEXT] = {"char-next", NULL, ACTION_TEXT, true, "a character right", NULL},
    [ACTION_LINE_START] = {"line-start", NULL, ACTION_TEXT, true, "to the start of the line", NULL},
    [ACTION_LINE_END] = {"line-end", NULL, ACTION_TEXT, true, "to the end of the line", NULL},
    [ACTION_DELETE_PREV] = {"delete-prev", NULL, ACTION_TEXT, true, "delete the character before",
                            NULL},
    [ACTION_DELETE_NEXT] = {"delete-next", NULL, ACTION_TEXT, true,
                            "delete the character under the cursor", NULL},
    [ACTION_DELETE_WORD] = {"delete-word", NULL, ACTION_TEXT, true, "delete the word before", NULL},
    [ACTION_DELETE_LINE] = {"delete-line", NULL, ACTION_TEXT, true, "delete the whole line", NULL},
};

const struct action_info *action_info(enum action action)
{
    FS_ASSERT(action < ACTIONS);
    return &infos[action];
}

enum action action_by_name(const char *name)
{
    for (int i = ACTION_NONE + 1; i < ACTIONS; i++) {
        if (strcmp(infos[i].name, name) == 0) {
            return (enum action)i;
        }
    }
    return ACTION_NONE;
}
