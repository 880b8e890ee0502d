/* The SAs of this box: those that sessions installed or reserved, and those found in the kernel at
 * start. They belong to xfrmd and outlive the session that asked for them.
 *
 *   reserved --SA_ADD--> installed --SA_DEL--> gone
 *                        installed --expires--> expired --SA_DEL, session ends--> gone
 *   reserved --session ends, net.core.xfrm_acq_expires--> gone
 *
 * SAs of an older session ("orphans") go on until a newer one has installed both directions of the
 * same child; after that the outbound ones are deleted in 5 s and the inbound ones in 60 s.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#include "xfrmd/envelope.h"
#include "xfrmd/kernel.h"

/* Both directions of each child, twice while it is rekeyed. */
#define SA_MAX (4 * ENVELOPE_MAX_CHILDREN)

/* One in use, orphans, and those to receive with that libcharon keeps for 5 s after each rekeying:
 * as many as come when a dozen collide in each second. */
#define SA_MAX_OF_CHILD 128
/* SPIs that a tunnel may have reserved: each of its children negotiates, and tries again. */
#define SA_MAX_RESERVED(n_children) (16 + 4 * (n_children))

/* Expired: the kernel has deleted it, and its session has yet to say that it knows. */
enum sa_state { SA_STATE_FREE, SA_STATE_RESERVED, SA_STATE_INSTALLED, SA_STATE_EXPIRED };

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

/* Since when the child has had an SA to send with; 0: it has none. */
uint64_t sa_out_since_s(struct sa_table *table, uint32_t reqid);
/* The SA is gone: its row is free, and routes move when it was the last of its child. */
void sa_set_gone(struct xfrmd *xfrmd, struct sa *sa);

/* Makes room for one more SA of a child in one direction, at most SA_MAX_OF_CHILD of which there
 * are: the oldest one of an older session goes. Returns false when all are of this session. */
bool sa_make_room(struct xfrmd *xfrmd, uint32_t reqid, bool is_in);
/* How many SPIs are reserved for a tunnel. */
uint32_t sa_n_reserved(struct sa_table *table, uint32_t if_id);

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
