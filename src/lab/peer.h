/*
 * peer.h - which of the lab's processes holds the other end of a loopback connection.
 */
#ifndef FARSHORE_LAB_PEER_H
#define FARSHORE_LAB_PEER_H

#include <sys/types.h>

/*
 * The inode of the IPv4 loopback TCP socket whose own port is local_port and whose peer's is
 * remote_port; 0 when there is none (any more).
 */
unsigned long peer_socket_inode(int local_port, int remote_port);

/* Index of the first of count pids that holds the socket; -1 when none does. pids of 0 are skipped.
 */
int peer_find_owner(unsigned long inode, const pid_t *pids, int count);

#endif
