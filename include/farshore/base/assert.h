/*
 * assert.h - checks for our own bugs; on in every build, NDEBUG or not.
 *
 * Outside data is never asserted, it is checked (CONTRIBUTING.md). A failing assertion prints one
 * line and aborts; the crash handler of the console then restores the terminal.
 */
#ifndef FARSHORE_BASE_ASSERT_H
#define FARSHORE_BASE_ASSERT_H

#define FS_ASSERT(condition)                                                                       \
    ((condition) ? (void)0 : fs_assert_failed(#condition, __FILE__, __LINE__))

/* Print the failed condition with its place on standard error and abort. Does not return. */
void fs_assert_failed(const char *condition, const char *file, int line) __attribute__((noreturn));

#endif
