/* Which system calls a process may make: the part of its rights that seccomp holds.
 *
 * For rights.c and the tests; daemons enter their whole table with rights_enter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "runtime/rights.h"

/* Groups of rights_calls.def that no table names. */
enum rights_calls_inner {
	RIGHTS_CALLS_CORE = 1 << 16,	  /* everybody */
	RIGHTS_CALLS_BASE = 1 << 17,	  /* every daemon */
	RIGHTS_CALLS_COMPUTING = 1 << 18, /* a child that only computes */
	RIGHTS_CALLS_SANITIZER = 1 << 19,
};

#ifdef __has_feature
#define RIGHTS_HAS_FEATURE(feature) __has_feature(feature)
#else
#define RIGHTS_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || RIGHTS_HAS_FEATURE(address_sanitizer)
#define RIGHTS_IS_SANITIZED 1
#else
#define RIGHTS_IS_SANITIZED 0
#endif

/* What is in every filter of this build. */
#define RIGHTS_CALLS_EVERYWHERE                                                                    \
	(RIGHTS_CALLS_CORE | (RIGHTS_IS_SANITIZED ? RIGHTS_CALLS_SANITIZER : 0))

/* Kills the process from now on at every system call that is not in the groups and, for sockets and
 * their options, in the tables, which may be NULL. Threads that exist already are not bound.
 * Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int rights_calls_enter(unsigned int groups,
							   const struct rights_socket *sockets,
							   const struct rights_option *options);
