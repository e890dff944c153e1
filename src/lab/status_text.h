/*
 * status_text.h - `lab status` for people.
 */
#ifndef FARSHORE_LAB_STATUS_TEXT_H
#define FARSHORE_LAB_STATUS_TEXT_H

/* Print the supervisor's JSON as lines on standard output. */
void status_print(const char *text);

#endif
