/*
 * cmocka_all.h - cmocka with the headers that it wants before itself.
 */
#ifndef FARSHORE_TESTS_CMOCKA_ALL_H
#define FARSHORE_TESTS_CMOCKA_ALL_H

/* clang-format off: cmocka.h needs these four first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* clang-format on */

#endif
