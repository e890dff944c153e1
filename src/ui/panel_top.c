/*
 * panel_top.c - the three lines that nothing ever covers.
 *
 * Why:   whoever looks up must read in two seconds: is it live, what is wrong, what now.
 * How:   line 1 session, line 2 the worst verdict and our own link, line 3 the next step and the
 *        JetStream meta group. What does not fit is dropped by rank, never the verdict.
 * Rules: nothing advises yet, so line 3 says that it does not know. The quorum's warnings come
 *        before everything else in it, also while all is green.
 */
#include <stdio.h>
#include <string.h>

#include "farshore/base/duration.h"
#include "farshore/base/number.h"
#include "farshore/base/text.h"

#include "screen.h"

#define LATE_NS (250 * NS_PER_MS) /* the console's own stall that is worth saying */

static void segment(struct segment *out, enum theme_role role, int rank, const char *text)
{
    out->role = role;
    out->rank = rank;
    text_copy(out->text, sizeof(out->text), text);
}

/* What found no place, in words; "" when nothing was lost. */
static void lost_text(const struct screen *screen, char *out, size_t out_bytes)
{
    struct model_overflow lost = model_overflow(screen->model);
    const struct {
        const char *name;
        uint64_t count;
    } parts[] = {
        {"queue", lost.queue},     {"regions", lost.regions}, {"servers", lost.servers},
        {"streams", lost.streams}, {"mirrors", lost.mirrors}, {"memory", lost.memory},
    };
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].count > 0 && used < out_bytes) {
            int more = snprintf(out + used, out_bytes - used, "%s %llu %s",
                                used == 0 ? "! NOT SHOWN:" : ",",
                                (unsigned long long)parts[i].count, parts[i].name);
            used += more > 0 ? (size_t)more : 0;
        }
    }
}

/* "data 0.4s old"; how long ago any server answered. */
static enum theme_role data_text(const struct screen *screen, char *out, size_t out_bytes,
                                 bool is_short)
{
    char age[DURATION_TEXT_BYTES];
    int64_t age_ns = screen->session.data_age_ns;

    if (age_ns < 0) {
        (void)snprintf(out, out_bytes, is_short ? "no data" : "no data yet");
        return ROLE_WARN;
    }
    (void)duration_print_lag(age, age_ns);
    (void)snprintf(out, out_bytes, is_short ? "%s" : "data %s old", age);
    return age_ns > 3 * NS_PER_S ? ROLE_WARN : ROLE_TOP;
}

static void draw_session(const struct screen *screen, int row)
{
    const struct session_view *session = &screen->session;
    const struct ui_top *top = screen->top;
    bool is_short = screen->root.cols < LAYOUT_WIDE_COLS;
    struct line line = line_begin(&screen->root, row);
    struct segment parts[9];
    char text[256];
    char clock[DURATION_TEXT_BYTES] = "--:--:--Z";
    enum theme_role role;

    line_printf(&line, ROLE_MODE, " %s ", top->mode == NULL ? "LIVE" : top->mode);
    line.at += is_short ? 0 : 1;
    segment(&parts[0], ROLE_TEXT, 1, "");
    if (model_at_ns(screen->model) > 0) {
        (void)time_print_clock(clock, model_at_ns(screen->model));
    }
    segment(&parts[1], ROLE_TOP, 2, clock);
    role = data_text(screen, text, sizeof(text), is_short);
    segment(&parts[2], role, 3, text);
    lost_text(screen, text, sizeof(text));
    segment(&parts[3], ROLE_WARN, 4, text);
    text[0] = '\0';
    if (session->late_ns >= LATE_NS) {
        (void)duration_print_lag(clock, session->late_ns);
        (void)snprintf(text, sizeof(text), "! console late %s", clock);
    }
    segment(&parts[4], ROLE_WARN, 5, text);
    (void)snprintf(text, sizeof(text), "%s%s", is_short ? "" : "ctx ",
                   session->context == NULL ? "?" : session->context);
    segment(&parts[5], ROLE_TOP, 7, text);
    (void)snprintf(text, sizeof(text), "%s%s%s%s", is_short ? "" : "operator ",
                   session->operator_name == NULL ? "?" : session->operator_name,
                   session->host == NULL ? "" : "@", session->host == NULL ? "" : session->host);
    segment(&parts[6], ROLE_TOP, 8, text);
    segment(&parts[7], top->is_writable ? ROLE_WRITE : ROLE_READ_ONLY, 0,
            top->is_writable ? "WRITE" : "READ-ONLY");
    segment(&parts[8], ROLE_TOP, 6, top->recording == NULL ? "rec OFF" : top->recording);
    line_segments(&line, parts, 9, is_short ? 2 : 3);
}

/* The region whose verdict matters most; false without regions. Known trouble comes before
 * unknown. */
static bool worst_region(const struct model *model, struct region_view *out)
{
    enum severity worst = SEV_OK;
    bool is_found = false;
    struct region_view view;

    for (size_t i = 0; i < view_regions(model); i++) {
        view_region(model, i, &view);
        if (!is_found || severity_of_verdict(view.verdict) > worst) {
            is_found = true;
            worst = severity_of_verdict(view.verdict);
            *out = view;
        }
    }
    return is_found;
}

/* Our own link in fewer words the more the verdict needs: 0 all of them, 2 the fewest. */
static void own_link_text(const struct screen *screen, char *out, size_t out_bytes, int brevity)
{
    const struct session_view *session = &screen->session;

    if (brevity == 1) {
        (void)snprintf(out, out_bytes, "MY LINK: %s (%u/%u conns)", verdict_word(session->own_link),
                       session->connections_up, session->connections_all);
    } else if (brevity > 1) {
        (void)snprintf(out, out_bytes, "MY LINK: %s", verdict_word(session->own_link));
    } else {
        (void)snprintf(out, out_bytes, "MY OWN LINK: %s (%u/%u connections)",
                       verdict_word(session->own_link), session->connections_up,
                       session->connections_all);
    }
}

static enum theme_role own_link_role(enum verdict verdict)
{
    return verdict == VERDICT_BLIND ? ROLE_CRIT : role_of_severity(severity_of_verdict(verdict));
}

/* Every region that is not well, the worst first; those that do not fit are counted. */
static void put_verdicts(const struct screen *screen, struct line *line, int end)
{
    struct region_view view;
    char clock[DURATION_TEXT_BYTES];
    size_t left_out = 0;
    bool is_first = true;

    for (int severity = SEV_CRIT; severity > SEV_OK; severity--) {
        for (size_t i = 0; i < view_regions(screen->model); i++) {
            view_region(screen->model, i, &view);
            if (severity_of_verdict(view.verdict) != (enum severity)severity) {
                continue;
            }
            (void)duration_print_clock(clock, view.for_ns < 0 ? 0 : view.for_ns);
            int cols = 3 + grid_text_cols(view.name, line->area.grid->is_ascii) + 1 +
                       (int)strlen(verdict_word(view.verdict)) + 1 + (int)strlen(clock);
            if (!is_first && line->at + cols > end - 3) {
                left_out++;
                continue;
            }
            is_first = false;
            line_severity(line, (enum severity)severity);
            line->at++;
            line_put(line, ROLE_TITLE, view.name);
            line->at++;
            line_put(line, role_of_severity((enum severity)severity), verdict_word(view.verdict));
            line->at++;
            line_put(line, ROLE_TEXT, clock);
            line->at += 3;
        }
    }
    if (left_out > 0) {
        line->at -= 2;
        line_put(line, ROLE_WARN, "+");
        line_tally(line, ROLE_WARN, left_out);
        line->at++;
    }
}

/* How long all regions have been well. */
static int64_t well_for_ns(const struct model *model)
{
    struct region_view view;
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < view_regions(model); i++) {
        view_region(model, i, &view);
        least = view.for_ns < least ? view.for_ns : least;
    }
    return least;
}

/* Regions that are well do not make mirrors well: the worst state of theirs, and how many. */
static void put_mirrors(const struct screen *screen, struct line *line, int end)
{
    static const enum mirror_state worst_first[] = {MIRROR_STALLED, MIRROR_LAST_KNOWN,
                                                    MIRROR_BEHIND, MIRROR_ASLEEP};
    char text[64];

    for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++) {
        enum mirror_state state = worst_first[i];
        size_t count = screen->mirrors->states[state];
        if (count > 0) {
            (void)snprintf(text, sizeof(text), "%zu %s %s", count,
                           count == 1 ? "mirror" : "mirrors", name_of(&names_mirror_state, state));
            if (line->at + 6 + (int)strlen(text) <= end) {
                line->at += 3;
                line_severity(line, severity_of_mirror(state));
                line->at++;
                line_put(line, role_of_severity(severity_of_mirror(state)), text);
            }
            return;
        }
    }
}

/* Peers that the meta leader does not hear, maybe of servers that we never met. */
static void put_peers(const struct screen *screen, struct line *line, int end)
{
    struct meta_view meta;
    char text[96];
    view_meta(screen->model, &meta);
    int64_t silent = meta.size.number - meta.alive.number;
    if (meta.alive.trust != TRUST_OK || silent <= 0) {
        return;
    }
    (void)snprintf(text, sizeof(text), "!  %lld of %lld JetStream peers silent", (long long)silent,
                   (long long)meta.size.number);
    if (line->at + 3 + (int)strlen(text) <= end) {
        line->at += 3;
        line_put(line, ROLE_WARN, text);
    }
}

/* The regions' states in the line; returns whether `worst` has a reason to be shown after them. */
static bool put_regions(const struct screen *screen, struct line *line, int end,
                        struct region_view *worst)
{
    if (!worst_region(screen->model, worst)) {
        line_put(line, ROLE_UNKNOWN, "?  no region is configured");
        return false;
    }
    if (severity_of_verdict(worst->verdict) == SEV_OK) {
        line_put(line, ROLE_OK, "OK ");
        line_printf(line, ROLE_TITLE, "all %zu regions OK", view_regions(screen->model));
        line_put(line, ROLE_TEXT, " for ");
        line_clock(line, ROLE_TEXT, well_for_ns(screen->model));
        put_peers(screen, line, end);
        put_mirrors(screen, line, end);
        return false;
    }
    put_verdicts(screen, line, end);
    return true;
}

static void draw_verdict(const struct screen *screen, int row)
{
    bool is_short = screen->root.cols < LAYOUT_WIDE_COLS;
    bool has_room = screen->root.cols >= 60;
    enum verdict own_link = screen->session.own_link;
    struct line line = line_begin(&screen->root, row);
    struct region_view worst;
    char own[96];
    int own_cols;
    int end;

    own_link_text(screen, own, sizeof(own), is_short ? 2 : 0);
    own_cols = grid_text_cols(own, false);
    if (own_link == VERDICT_BLIND) {
        line_put(&line, ROLE_CRIT,
                 has_room ? "!! MY OWN LINK IS BLIND, nothing is concluded" : "!! MY LINK BLIND");
        line.at += 2;
    }
    end = has_room ? screen->root.cols - own_cols - 1 : screen->root.cols;
    if (put_regions(screen, &line, end - 1, &worst)) {
        int reason_cols = grid_text_cols(worst.reason, line.area.grid->is_ascii);
        char brief[sizeof(own)];
        own_link_text(screen, brief, sizeof(brief), 1);
        int brief_end = screen->root.cols - grid_text_cols(brief, false) - 1;
        if (!is_short && line.at + reason_cols + 2 > end &&
            line.at + reason_cols + 2 <= brief_end) { /* the whole reason matters more */
            text_copy(own, sizeof(own), brief);
            own_cols = grid_text_cols(own, false);
            end = brief_end;
        }
        if (line.at + 12 < end - 1) {
            line_words(&line, ROLE_TEXT, end - line.at - 2, worst.reason);
        }
    }
    if (has_room) {
        line_to(&line, end);
        line_put(&line, own_link_role(own_link), own);
    } else if (line_left(&line) > own_cols) {
        line.at = screen->root.cols - own_cols;
        line_put(&line, own_link_role(own_link), own);
    }
}

/* Regions that the meta group's quorum would not survive, joined by commas; false: none. */
static bool fatal_regions(const struct screen *screen, char *out, size_t out_bytes,
                          bool *is_all_known)
{
    struct region_view view;
    size_t used = 0;

    out[0] = '\0';
    *is_all_known = view_regions(screen->model) > 0;
    for (size_t i = 0; i < view_regions(screen->model); i++) {
        enum tri survives = view_meta_survives(screen->model, i);
        *is_all_known = *is_all_known && survives != TRI_UNKNOWN;
        view_region(screen->model, i, &view);
        if (survives == TRI_NO && used < out_bytes) {
            int more =
                snprintf(out + used, out_bytes - used, "%s%s", used == 0 ? "" : ", ", view.name);
            used += more > 0 ? (size_t)more : 0;
        }
    }
    return out[0] != '\0';
}

/* What to know about the quorum before anything else. */
static void quorum_segment(const struct screen *screen, const struct meta_view *meta, bool is_short,
                           struct segment *out)
{
    char regions[64];
    char text[160];
    bool is_all_known;

    if (meta->has_quorum == TRI_NO) {
        segment(out, ROLE_CRIT, 0, is_short ? "!! NO META QUORUM" : "!! META GROUP HAS NO QUORUM");
    } else if (fatal_regions(screen, regions, sizeof(regions), &is_all_known)) {
        (void)snprintf(text, sizeof(text), "!  quorum would NOT survive %s", regions);
        segment(out, ROLE_WARN, 0, text);
    } else if (meta->has_quorum == TRI_UNKNOWN) {
        segment(out, ROLE_UNKNOWN, 0, is_short ? "?  quorum unknown" : "?  meta quorum unknown");
    } else if (is_all_known) {
        segment(out, ROLE_OK, 0, is_short ? "quorum OK" : "OK quorum survives any region");
    } else {
        segment(out, ROLE_UNKNOWN, 0, "?  would quorum survive a region: unknown");
    }
}

static void meta_segments(const struct meta_view *meta, bool is_short, struct segment *leader,
                          struct segment *quorum)
{
    char size[VALUE_TEXT_BYTES];
    char alive[VALUE_TEXT_BYTES];
    char needed[VALUE_TEXT_BYTES];
    char text[256];
    char name[40];
    enum theme_role role;

    text_copy(name, sizeof(name), meta->leader != NULL ? meta->leader : meta->last_leader);
    if (meta->leader != NULL) {
        (void)snprintf(text, sizeof(text), is_short ? "meta %s" : "META leader %s", name);
        segment(leader, ROLE_TEXT, 3, text);
    } else if (meta->last_leader != NULL) {
        (void)snprintf(text, sizeof(text), is_short ? "meta ? was %s" : "META leader ? (was %s)",
                       name);
        segment(leader, ROLE_UNKNOWN, 3, text);
    } else {
        segment(leader, ROLE_UNKNOWN, 3, is_short ? "meta ?" : "META leader ?");
    }
    (void)value_text(size, FORM_COUNT, &meta->size);
    (void)value_text(needed, FORM_COUNT, &meta->quorum);
    role = value_text(alive, FORM_COUNT, &meta->alive);
    (void)snprintf(text, sizeof(text),
                   is_short ? "%s of %s, alive %s" : "quorum %s of %s, alive %s", needed, size,
                   alive);
    segment(quorum, role, 4, text);
}

static void draw_next(const struct screen *screen, int row)
{
    bool is_short = screen->root.cols < LAYOUT_WIDE_COLS;
    struct line line = line_begin(&screen->root, row);
    struct meta_view meta;
    struct segment parts[5];

    view_meta(screen->model, &meta);
    segment(&parts[0], ROLE_TITLE, 1, is_short ? ">>" : ">> NEXT");
    segment(&parts[1], ROLE_DIM, is_short ? 5 : 2, "? no advice yet");
    quorum_segment(screen, &meta, is_short, &parts[2]);
    meta_segments(&meta, is_short, &parts[3], &parts[4]);
    line_segments(&line, parts, 5, 2);
}

void top_draw(const struct screen *screen)
{
    const struct layout *layout = &screen->layout;

    area_fill(&screen->root, 0, 0, screen->root.cols, layout->top_rows, ROLE_TEXT);
    draw_verdict(screen, layout->verdict_row);
    if (layout->top_rows >= 2) {
        draw_session(screen, 0);
    }
    if (layout->top_rows >= 3) {
        draw_next(screen, 2);
    }
}

void top_title(const struct model *model, char *out, size_t out_bytes)
{
    struct region_view worst;
    struct session_view session;
    char clock[DURATION_TEXT_BYTES];

    view_session(model, &session);
    if (!worst_region(model, &worst) || severity_of_verdict(worst.verdict) == SEV_OK) {
        (void)snprintf(out, out_bytes, "%s farshore %s", view_regions(model) == 0 ? "?" : "OK",
                       session.context == NULL ? "" : session.context);
        return;
    }
    (void)duration_print_clock(clock, worst.for_ns);
    (void)snprintf(out, out_bytes, "%s %s %s %s",
                   severity_of_verdict(worst.verdict) == SEV_CRIT   ? "!!"
                   : severity_of_verdict(worst.verdict) == SEV_WARN ? "!"
                                                                    : "?",
                   worst.name, verdict_word(worst.verdict), clock);
}
