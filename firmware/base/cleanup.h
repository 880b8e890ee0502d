/* Scope-bound clean-up and the hand-over of what it guards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define _cleanup_(fn) __attribute__((cleanup(fn)))
#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)

/* Takes the pointer out of a guarded variable; the caller owns it from here on. */
#define steal(pp)                                                                                  \
	({                                                                                         \
		typeof(*(pp)) p_ = *(pp);                                                          \
		*(pp) = NULL;                                                                      \
		p_;                                                                                \
	})

/* The same for a file descriptor. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define countof(array) (sizeof(array) / sizeof((array)[0]))
