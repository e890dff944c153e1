/*
 * loop_hold.c - how long a program's loop works at once, measured from outside the program.
 *
 * Why:   the console must never be busy for long; it should be measured as it is shipped.
 * How:   preloaded, it stands before epoll_wait(): the main thread's own CPU time from one return
 * to the next call is one hold. At the end the figures go to the file $FARSHORE_LOOP_HOLD, as one
 * line of JSON; holds that begin before $FARSHORE_LOOP_HOLD_AFTER seconds count apart. Rules: a
 * tool of the benches; not installed. Only the main thread counts. See:   tests/bench/full_size.py
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef int epoll_wait_function(int, struct epoll_event *, int, int);

struct holds {
    int64_t count;
    int64_t over_10_ms;
    int64_t over_20_ms;
    int64_t longest_cpu_ns;
    int64_t longest_at_ns;   /* since the program's start */
    int64_t longest_wall_ns; /* with the waits for a busy machine */
};

static struct {
    epoll_wait_function *real;
    struct holds early, later;
    int64_t began_ns, after_ns;
    int64_t cpu_ns, mono_ns; /* at the last return */
    bool is_running;
} figures;

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void take_hold(void)
{
    int64_t cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID) - figures.cpu_ns;
    int64_t wall_ns = read_clock(CLOCK_MONOTONIC) - figures.mono_ns;
    bool is_early = figures.mono_ns - figures.began_ns < figures.after_ns;
    struct holds *holds = is_early ? &figures.early : &figures.later;
    holds->count++;
    holds->over_10_ms += cpu_ns > 10000000;
    holds->over_20_ms += cpu_ns > 20000000;
    if (cpu_ns > holds->longest_cpu_ns) {
        holds->longest_cpu_ns = cpu_ns;
        holds->longest_at_ns = figures.mono_ns - figures.began_ns;
    }
    holds->longest_wall_ns = wall_ns > holds->longest_wall_ns ? wall_ns : holds->longest_wall_ns;
}

/* The C library's own names of the parameters are reserved. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int epoll_wait(int descriptor, struct epoll_event *events, int count, int timeout_ms)
{
    if (figures.real == NULL) {
        *(void **)&figures.real = dlsym(RTLD_NEXT, "epoll_wait");
        if (figures.real == NULL) {
            abort();
        }
    }
    bool is_main = syscall(SYS_gettid) == getpid();
    if (is_main && figures.is_running) {
        take_hold();
    }
    int ready = figures.real(descriptor, events, count, timeout_ms);
    if (is_main) {
        figures.is_running = true;
        figures.cpu_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
        figures.mono_ns = read_clock(CLOCK_MONOTONIC);
    }
    return ready;
}

__attribute__((constructor)) static void begin(void)
{
    const char *after = getenv("FARSHORE_LOOP_HOLD_AFTER");
    figures.began_ns = read_clock(CLOCK_MONOTONIC);
    figures.after_ns = after == NULL ? 0 : strtol(after, NULL, 10) * 1000000000;
}

static void put(FILE *file, const char *name, const struct holds *holds)
{
    (void)fprintf(file,
                  "\"%s\":{\"turns\":%lld,\"over_10_ms\":%lld,\"over_20_ms\":%lld,"
                  "\"longest_cpu_us\":%lld,\"longest_at_ms\":%lld,\"longest_wall_us\":%lld}",
                  name, (long long)holds->count, (long long)holds->over_10_ms,
                  (long long)holds->over_20_ms, (long long)(holds->longest_cpu_ns / 1000),
                  (long long)(holds->longest_at_ns / 1000000),
                  (long long)(holds->longest_wall_ns / 1000));
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FARSHORE_LOOP_HOLD");
    FILE *file = path == NULL || figures.later.count == 0 ? NULL : fopen(path, "we");
    if (file == NULL) {
        return;
    }
    (void)fputs("{", file);
    put(file, "early", &figures.early);
    (void)fputs(",", file);
    put(file, "later", &figures.later);
    (void)fputs("}\n", file);
    (void)fclose(file);
}
