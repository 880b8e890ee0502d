/* The rights of a process: one table on the first screen of its main.c, entered by one call.
 *
 * A daemon is started by the service supervisor as its own user, with exactly the ambient
 * capabilities of board/common/system.json. rights_enter narrows what is left, for good.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#include <sys/capability.h>

struct rights_capability {
	cap_value_t capability;
	const char *why;
};

struct rights {
	/* Kept in permitted and effective; all others are dropped. Ends with `why` NULL. */
	const struct rights_capability *capabilities;
	/* True only for the process that talks NETLINK_XFRM: every other one is denied such sockets
	 * and those of PF_KEY by seccomp, and what would spoil the UDP sockets that it is lent:
	 * their encapsulation, filters on them, shutdown. */
	bool may_use_netlink_xfrm;
	/* True for a process that starts helper programs: their ambient capabilities are kept.
	 * Every other one is denied execve by seccomp. */
	bool may_exec;
};

/* Drops every capability that the table does not name, also from the ambient set and, where the
 * process may (CAP_SETPCAP), from the bounding set, sets no_new_privs, makes the process
 * undumpable, and denies with seccomp what the table does not allow, and io_uring, which knows ways
 * around it (EPERM). Called before any thread exists. Returns 0, -EPERM when a capability of the
 * table is missing, or a negative errno; every failure has been logged. */
__attribute__((warn_unused_result)) int rights_enter(const struct rights *rights);

/* For a short-lived child that only computes: after it no capability is left and no system call but
 * for memory, write, close and exit; all others fail with EPERM. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int rights_enter_computing(void);

/* Drops one capability that was needed for the start only. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int rights_drop(cap_value_t capability);
