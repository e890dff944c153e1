/*
 * clean.h - what a lab leaves behind: its logs, nothing else.
 */
#ifndef FARSHORE_LAB_CLEAN_H
#define FARSHORE_LAB_CLEAN_H

#include "farshore/base/err.h"

/* Remove everything that a lab wrote into dir but logs/. Only for a directory that holds lab.conf.
 */
enum fs_status clean_dir(const char *dir, struct err *err);

#endif
