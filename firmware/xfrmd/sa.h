/* The SAs of this box: those that sessions installed or reserved, and those found in the kernel at
 * start. They belong to xfrmd and outlive the session that asked for them.
 *
 *   reserved --SA_ADD--> installed --expires, SA_DEL--> gone
 *   reserved --session ends, net.core.xfrm_acq_expires--> gone
 *
 * SAs of an older session ("orphans") go on until a newer one has installed both directions of the
 * same child; 60 s after that they are deleted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#include "xfrmd/envelope.h"
#include "xfrmd/kernel.h"

/* Both directions of each child, twice while it is rekeyed. */
#define SA_MAX (4 * ENVELOPE_MAX_CHILDREN)

enum sa_state { SA_STATE_FREE, SA_STATE_RESERVED, SA_STATE_INSTALLED };

struct sa {
	enum sa_state state;
	bool is_in;
	bool is_seen; /* in the running dump */
	struct addr src, dst;
	uint32_t spi_be, if_id, reqid;
	uint64_t session; /* who asked for it; 0: found in the kernel */
	uint64_t since_s; /* installed, CLOCK_MONOTONIC */
};

struct sa_table {
	uint32_t n_used; /* rows from here on were never used */
	struct sa rows[SA_MAX];
};

struct xfrmd;

/* Finds an SA, reserved ones too; NULL: there is none. */
struct sa *sa_find(struct sa_table *table, const struct addr *dst, uint32_t spi_be);
/* Adds a copy of `sa`. Returns its row, to be freed by its state, or NULL: the table is full. */
struct sa *sa_add(struct sa_table *table, const struct sa *sa);

/* Notes that the kernel has it, and sees to the orphans that it supersedes. */
void sa_set_installed(struct xfrmd *xfrmd, struct sa *sa, uint32_t reqid);

/* Deletes what the session reserved and did not use, in the kernel and here. */
void sa_end_session(struct xfrmd *xfrmd);

/* Compares the table with the kernel: takes up SAs that fit the envelope, deletes in the kernel
 * those that do not, and tells the session of those that went. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int sa_sync(struct xfrmd *xfrmd);

/* Callbacks of the kernel's event socket and of the orphans' timer. */
void sa_events_ready(struct loop_source *source, uint32_t epoll_events);
void sa_orphans_due(struct loop_timer *timer);
