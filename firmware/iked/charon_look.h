/* A look at all SAs of libcharon: what is there of each tunnel. For charon_keeper.c only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "iked/charon_parts.h"
#include "iked/duplicates.h"

/* What was seen of a tunnel. */
struct seen_tunnel {
	size_t n_children;
	uint32_t *n_installed; /* one a child: its SAs */
	uint32_t n_installed_all;
	uint32_t n_ikes; /* established */
	uint32_t ike_id; /* of an IKE SA that a child can be initiated in; 0: none */
	bool is_busy;	 /* we negotiate */
};

struct charon_look {
	charon_peers_t *peers;
	size_t n;
	struct seen_tunnel *tunnels;
	array_t *ikes;	   /* struct seen_ike: established */
	array_t *children; /* struct seen_child: installed */
	array_t *lost;	   /* uint32_t: ids of IKE SAs whose own address no longer leads out */
	bool is_torn;	   /* an IKE SA was seen that has been rekeyed and is not gone */
};

void charon_look_init(struct charon_look *look, charon_peers_t *peers, size_t n_tunnels);
void charon_look_deinit(struct charon_look *look);

/* Looks at everything anew. Waits for IKE SAs that other threads work on. With `is_path_new` it
 * also finds those that are lost. */
void charon_look_take(struct charon_look *look, bool is_path_new);
