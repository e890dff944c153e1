/*
 * nats_reason.h - the library's words for a lost connection, as people would say them.
 */
#ifndef FARSHORE_NET_NATS_REASON_H
#define FARSHORE_NET_NATS_REASON_H

#include <stddef.h>

/*
 * "(comsock.c:452): recv error: 104" becomes "recv error: Connection reset by peer"; what has no
 * such parts stays as it is. text NULL or empty gives "connection lost". Always terminated, cut to
 * size; any thread.
 */
void nats_reason_copy(char *out, size_t size, const char *text);

#endif
