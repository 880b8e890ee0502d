/* The rights of a process: one table on the first screen of its main.c, entered by one call.
 *
 * A daemon is started by the service supervisor as its own user, with exactly the ambient
 * capabilities of board/common/system.json. rights_enter narrows what is left, for good. How, and
 * what to do when a right is missing: docs/sandbox.md.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <sys/capability.h>

/* Each table ends with a row whose `why` is NULL. */
struct rights_capability {
	cap_value_t capability;
	const char *why;
};

/* Groups of rights_calls.def. What every daemon needs is not named: memory, files by descriptor,
 * time, waiting. */
enum rights_calls {
	RIGHTS_CALLS_EVENTS = 1 << 0,  /* runtime/loop.h */
	RIGHTS_CALLS_SOCKETS = 1 << 1, /* those of the tables `sockets` and `options` */
	RIGHTS_CALLS_SERVER = 1 << 2,  /* runtime/server.h */
	RIGHTS_CALLS_THREADS = 1 << 3, /* and what else libcharon calls */
	RIGHTS_CALLS_CHILD = 1 << 4,   /* runtime/child.h */
	/* Starts programs. They inherit the filter and the paths: the tables must hold what they
	 * need as well, and the process's capabilities stay ambient. */
	RIGHTS_CALLS_PROGRAM = 1 << 5,
};

#define RIGHTS_ANY (-1)

/* A socket that may be opened (socket(2)); `type` without its flags. */
struct rights_socket {
	int family, type, protocol; /* the last two may be RIGHTS_ANY */
	const char *why;
};

/* An option that may be set on sockets, lent ones included (setsockopt(2)). */
struct rights_option {
	int level, name;
	const char *why;
};

enum rights_may {
	RIGHTS_MAY_READ = 1 << 0,  /* files and the names in folders */
	RIGHTS_MAY_WRITE = 1 << 1, /* into files that are there */
	RIGHTS_MAY_SERVE = 1 << 2, /* make and remove sockets */
	RIGHTS_MAY_START = 1 << 3, /* programs, and the loader that they name */
};

/* A file, or a folder and all beneath it. One that is not there allows nothing. */
struct rights_path {
	const char *path;
	unsigned int may; /* set of enum rights_may */
	const char *why;
};

struct rights {
	/* Kept in permitted and effective; all others are dropped. */
	const struct rights_capability *capabilities;
	unsigned int calls; /* set of enum rights_calls */
	/* May be NULL, for none. */
	const struct rights_socket *sockets;
	const struct rights_option *options;
	const struct rights_path *paths;
};

/* Drops every capability that the table does not name, also from the ambient set and, where the
 * process may (CAP_SETPCAP), from the bounding set; sets no_new_privs; makes the process
 * undumpable. From then on
 *
 *   - a system call that the table does not name kills the process with SIGSYS (seccomp(2));
 *   - opening, making or removing files elsewhere than in `paths`, and in the folders of `files`,
 *     which may be read, fails with EACCES (landlock(7)); so does every bind and connect of TCP,
 *     and with EPERM a signal or an abstract socket to a process outside. A kernel without
 *     Landlock, or with an older one, has less of it: without, a warning is logged.
 *
 * `files`, which ends with NULL, are those that options name: their folders, because a new
 * version takes a file's place by a rename; what a link in them points to must be in `paths`.
 *
 * Called before any thread exists. Returns 0, -EPERM when a capability of the table is missing, or
 * a negative errno; every failure has been logged. */
__attribute__((warn_unused_result)) int rights_enter(const struct rights *rights,
						     const char *const files[]);

/* For a short-lived child that only computes: after it no capability is left and no system call but
 * for memory, write, close and exit; others kill it, but for those that rights_calls.def has an
 * answer for. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int rights_enter_computing(void);

/* Drops one capability that was needed for the start only. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int rights_drop(cap_value_t capability);
