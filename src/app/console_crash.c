/*
 * console_crash.c - give the terminal back when the program dies.
 *
 * Why:   a console that crashes must not leave a raw terminal on its alternate screen.
 * How:   handlers on a stack of their own write the restore sequence, put back whatever handler
 *        stood there before (a sanitizer's, or the default) and raise again, so that a core or a
 *        report is made as without us.
 * Rules: only async-signal-safe calls. The static records are written once, before the handlers.
 * See:   term.h
 */
#include <signal.h>
#include <stddef.h>

#include "console_impl.h"
#include "farshore/ui/term.h"

static const int crash_numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS};
#define CRASHES (sizeof(crash_numbers) / sizeof(crash_numbers[0]))

static void on_crash(int number, siginfo_t *info, void *context);

/* A handler has no other way to reach them; set once by crash_handlers_install(). */
static struct sigaction before[CRASHES];
static char crash_stack[64 * 1024];

static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    term_restore_from_signal();
    for (size_t i = 0; i < CRASHES; i++) {
        if (crash_numbers[i] == number) {
            (void)sigaction(number, &before[i], NULL);
        }
    }
    (void)raise(number);
}

void crash_handlers_install(void)
{
    stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof(crash_stack)};
    (void)sigaltstack(&stack, NULL);
    for (size_t i = 0; i < CRASHES; i++) {
        struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigemptyset(&action.sa_mask);
        (void)sigaction(crash_numbers[i], &action, &before[i]);
    }
}
