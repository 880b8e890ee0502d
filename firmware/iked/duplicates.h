/* Which SAs are one too many.
 *
 * When both sides initiate at the same time, two IKE SAs come up, each with its child SA. Kernels
 * send with the youngest; so the older ones go, and only once the youngest has carried traffic for
 * a while. Pure: charon_keeper.c looks, this decides, charon_keeper.c deletes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* After so long both sides send with the youngest SA, and nothing for an older one is on its way.
 */
#define DUPLICATES_SETTLE_S 10
/* The gateway's rekeying takes less than that, with all retransmissions of its DELETE. */
#define DUPLICATES_MUTE_S 60

/* An established IKE SA. */
struct seen_ike {
	uint32_t tunnel; /* index */
	uint32_t id;	 /* unique, rises */
	uint64_t since_s;
	bool is_superfluous; /* written by duplicates_mark */
};

/* An installed child SA. */
struct seen_child {
	uint32_t tunnel, child; /* indexes: what it is an instance of */
	uint32_t selectors; /* hash of both traffic selectors: narrowed ones are no duplicates */
	uint32_t ike_id;
	uint32_t id; /* unique, rises */
	uint64_t since_s;
	bool is_mute; /* only receives: the gateway's rekeying is not over, or never will be */
	bool is_busy; /* it is being rekeyed: nothing that carries its traffic goes now */
	bool is_superfluous; /* written by duplicates_mark */
};

/* Marks, in both arrays, what is to be deleted at `now_s`; sorts them. A child SA of a superfluous
 * IKE SA goes with it. A mute one is worth no IKE SA, and goes after DUPLICATES_MUTE_S. Returns
 * true when there are duplicates that have not settled yet: ask again DUPLICATES_SETTLE_S later. */
bool duplicates_mark(struct seen_ike *ikes, size_t n_ikes, struct seen_child *children,
		     size_t n_children, uint64_t now_s);
