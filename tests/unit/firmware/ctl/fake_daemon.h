/* A daemon that answers status requests from given bytes, in a process of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct fake_daemon {
	const char *path; /* of its socket */
	size_t n_replies; /* row n is answered by reply n; the last one answers all further rows */
	const void *replies;
	size_t reply_size; /* of each */
	size_t sent_size;  /* what is sent of it; 0: nothing is ever answered */
	pid_t pid;
};

/* Listens at once; the caller stops it. */
void fake_daemon_start(struct fake_daemon *daemon);
void fake_daemon_stop(struct fake_daemon *daemon);
