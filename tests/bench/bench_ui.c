/*
 * bench_ui.c - bytes, writes and CPU of the screen, on a real pseudo-terminal.
 *
 *     bench_ui COLS ROWS SECONDS MIRRORS all|clock|paced
 *
 * The model is fed one simulated second a frame ("all": every mirror changes; "clock": only time
 * passes, though every server answers; "paced": as all, but streams answer each 10 s) and the frame
 * goes through ncurses, memfd and one write to the pty, whose other end a child reads and throws
 * away. Prints one line of figures. `show` in place of all|clock draws on the terminal it runs in
 * until a key q: for looking at it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "farshore/base/duration.h"
#include "farshore/ui/ui.h"

#include "unit/ui/world.h"

struct bench {
    int cols, rows, seconds, mirrors;
    bool has_changes;
    bool is_paced; /* streams answer each 10 s, as the feed asks when there are thousands */
    int pause_ms;
};

static int64_t cpu_ns(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * NS_PER_US;
}

static int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The reader at the other end: answers DECRQM as a terminal with synchronized updates does. */
static void run_reader(int fd)
{
    char bytes[65536];
    ssize_t got;

    while ((got = read(fd, bytes, sizeof(bytes))) > 0) {
        if (memmem(bytes, (size_t)got, "\033[?2026$p", 9) != NULL &&
            write(fd, "\033[?2026;2$y", 11) != 11) {
            break;
        }
    }
    _exit(0);
}

static void pace(struct world *world)
{
    static const char *const names[] = {"rg1", "rg2", "rg3"};

    world->streams_every_s = 10;
    for (int i = 0; i < world->regions; i++) {
        world_put(world, (struct event){.type = EVT_PACE,
                                        .u.pace = {.region = names[i],
                                                   .interval_ns = 10 * NS_PER_S,
                                                   .is_slowed = true}});
    }
}

static void set_up_world(struct world *world, const struct bench *bench)
{
    int mirrors = bench->mirrors;
    static char names[WORLD_MIRRORS][32];

    world_init(world, 3);
    for (int i = 2; i < mirrors && i < WORLD_MIRRORS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "STREAM_%02d_MIRROR", i);
        world_add_mirror(world, names[i] + 7, names[i]);
    }
    world_start(world);
    if (bench->is_paced) {
        pace(world);
    }
    world_run(world, 65);
}

/* Every mirror's lag, rate and history move; or every server answers and only the clock moves. */
static void step(struct world *world, const struct bench *bench)
{
    for (int i = 0; i < world->mirrors; i++) {
        world->mirror[i].rate = 0;
        if (bench->has_changes) {
            world->mirror[i].behind = rand() % 900;
            world->mirror[i].rate = 900 + rand() % 300;
        }
    }
    world_run(world, 1);
}

static void read_answers(struct ui *ui, struct term *term, const struct model *model)
{
    char bytes[256];
    long got = term_read(term, bytes, sizeof(bytes));

    if (got > 0) {
        ui_input_bytes(ui, model, bytes, (size_t)got);
    }
}

static void run(const struct bench *bench, struct ui *ui, struct term *term, struct world *world)
{
    struct term_stats before;
    struct term_stats after;
    int64_t drawing = 0;
    int64_t feeding = 0;
    int64_t began;
    uint64_t largest = 0;

    for (int i = 0; i < 5; i++) { /* warm up: the first full frames */
        step(world, bench);
        (void)ui_draw(ui, world->model);
        (void)ui_present(ui);
        (void)poll(NULL, 0, 20);
        (void)term_flush(term);
        read_answers(ui, term, world->model);
    }
    before = term_stats(term);
    began = now_ns();
    for (int i = 0; i < bench->seconds; i++) {
        int64_t start = cpu_ns();
        step(world, bench);
        feeding += cpu_ns() - start;
        start = cpu_ns();
        if (ui_draw(ui, world->model)) {
            (void)ui_present(ui);
        }
        drawing += cpu_ns() - start;
        after = term_stats(term);
        largest = after.last_frame_bytes > largest ? after.last_frame_bytes : largest;
        (void)poll(NULL, 0, bench->pause_ms);
        (void)term_flush(term);
    }
    after = term_stats(term);
    printf("%dx%d %s mirrors=%d frames=%llu writes/frame=%.2f bytes/frame=%.0f largest=%llu "
           "draw+send=%.3f ms/frame (%.3f %% of a core at 1 Hz) model=%.3f ms/frame wall=%.1f s\n",
           bench->cols, bench->rows,
           bench->is_paced      ? "paced"
           : bench->has_changes ? "all"
                                : "clock",
           bench->mirrors, (unsigned long long)(after.frames - before.frames),
           (double)(after.writes - before.writes) / (double)(after.frames - before.frames),
           (double)(after.bytes - before.bytes) / (double)(after.frames - before.frames),
           (unsigned long long)largest, (double)drawing / 1e6 / bench->seconds,
           (double)drawing / 1e7 / bench->seconds, (double)feeding / 1e6 / bench->seconds,
           (double)(now_ns() - began) / 1e9);
}

/* On the terminal that this runs in, a second a second, until q. */
static void on_quit(void *context)
{
    *(bool *)context = true;
}

/* FS_BENCH_DUMP=FILE keeps the last screen as text. */
static void dump_if_wanted(const struct ui *ui)
{
    const char *path = getenv("FS_BENCH_DUMP");
    struct strbuf text;
    if (path == NULL) {
        return;
    }
    FILE *file = fopen(path, "w");
    strbuf_init(&text, alloc_heap());
    ui_dump(ui, &text);
    if (file != NULL) {
        (void)fputs(text.text, file);
        fclose(file);
    }
    strbuf_destroy(&text);
}

static int show(const struct bench *bench)
{
    struct term_options options = {.fd = -1, .has_title = true};
    struct err err = {.status = ST_OK};
    bool is_done = false;
    struct ui_options ui_options = {.requests = {.context = &is_done, .quit = on_quit}};
    struct theme theme;
    struct term *term;
    struct ui *ui;
    static struct world world;
    int cols = bench->cols;
    int rows = bench->rows;

    theme_init(&theme);
    options.theme = &theme;
    if (term_create(&options, &term, &err) != ST_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    ui_options.term = term;
    if (ui_create(&ui_options, &ui, &err) != ST_OK) {
        return 1;
    }
    set_up_world(&world, bench);
    (void)term_size(term, &cols, &rows);
    ui_resize(ui, cols, rows);
    for (int tick = 0; !is_done && tick < bench->seconds * 20; tick++) {
        char bytes[256];
        long got = term_read(term, bytes, sizeof(bytes));
        if (got < 0) {
            break;
        }
        ui_input_bytes(ui, world.model, bytes, (size_t)got);
        if (got == 0 && ui_input_timeout_ms(ui) > 0) {
            ui_input_timeout(ui, world.model);
        }
        int new_cols = cols;
        int new_rows = rows;
        if (term_size(term, &new_cols, &new_rows) && (new_cols != cols || new_rows != rows)) {
            ui_resize(ui, cols = new_cols, rows = new_rows);
        }
        if (tick % 20 == 0 && bench->has_changes) {
            step(&world, bench);
        }
        if (ui_draw(ui, world.model)) {
            (void)ui_present(ui);
        }
        (void)poll(NULL, 0, 50);
        (void)term_flush(term);
    }
    dump_if_wanted(ui);
    ui_destroy(ui);
    term_destroy(term);
    world_destroy(&world);
    return 0;
}

static int measure(const struct bench *bench)
{
    struct winsize size = {.ws_col = (unsigned short)bench->cols,
                           .ws_row = (unsigned short)bench->rows};
    struct theme theme;
    struct term_options options = {.name = "xterm-256color", .has_title = true, .theme = &theme};
    struct ui_options ui_options = {.alloc = NULL};
    struct err err = {.status = ST_OK};
    static struct world world;
    struct term *term;
    struct ui *ui;
    int master;
    int slave;
    pid_t reader;

    if (openpty(&master, &slave, NULL, NULL, &size) != 0) {
        perror("openpty");
        return 1;
    }
    reader = fork();
    if (reader == 0) {
        close(slave);
        run_reader(master);
    }
    theme_init(&theme);
    options.fd = slave;
    if (term_create(&options, &term, &err) != ST_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    ui_options.term = term;
    if (ui_create(&ui_options, &ui, &err) != ST_OK) {
        return 1;
    }
    ui_resize(ui, bench->cols, bench->rows);
    set_up_world(&world, bench);
    run(bench, ui, term, &world);
    ui_destroy(ui);
    term_destroy(term);
    world_destroy(&world);
    (void)kill(reader, SIGTERM);
    (void)waitpid(reader, NULL, 0);
    return 0;
}

int main(int argc, char **argv)
{
    struct bench bench = {
        .cols = 200, .rows = 50, .seconds = 30, .mirrors = 40, .has_changes = true, .pause_ms = 10};

    bench.cols = argc > 1 ? atoi(argv[1]) : bench.cols;
    bench.rows = argc > 2 ? atoi(argv[2]) : bench.rows;
    bench.seconds = argc > 3 ? atoi(argv[3]) : bench.seconds;
    bench.mirrors = argc > 4 ? atoi(argv[4]) : bench.mirrors;
    if (argc > 5 && strcmp(argv[5], "show") == 0) {
        return show(&bench);
    }
    if (argc > 5 && strcmp(argv[5], "still") == 0) {
        bench.has_changes = false;
        return show(&bench);
    }
    bench.is_paced = argc > 5 && strcmp(argv[5], "paced") == 0;
    bench.has_changes = argc <= 5 || strcmp(argv[5], "clock") != 0;
    return measure(&bench);
}
