/*
 * version.h - which farshore this is; the build defines the number.
 */
#ifndef FARSHORE_APP_VERSION_H
#define FARSHORE_APP_VERSION_H

#ifndef FARSHORE_VERSION
#define FARSHORE_VERSION "unknown"
#endif

#endif
