/* The IKE side of the process: libcharon, embedded. All that main.c and status.c see of it.
 *
 * Threads of libcharon work behind these calls; all are safe from the main thread while IKE runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/xfrm_proto.h"

/* Who may look: the group of the sockets for status and vici. */
#define IKE_GROUP "fairlead"

struct secrets;
struct tunnels;
struct xfrmc;

struct ike_config {
	struct tunnels *tunnels;       /* outlives IKE */
	const struct secrets *secrets; /* read by ike_start only: may be wiped afterwards */
	struct xfrmc *xfrmc;	       /* outlives IKE; open */
	int udp[2];		       /* xfrmd's sockets for UDP ports 500 and 4500; adopted */
};

/* Starts libcharon with one peer for each tunnel and begins to negotiate. What lay in the sockets
 * before is thrown away: requests to an iked that is gone. Returns 0, -ENOENT when a tunnel has no
 * key, or -EIO; every failure has been logged. The sockets are adopted in any case. */
__attribute__((warn_unused_result)) int ike_start(const struct ike_config *config);

/* Ends all tunnels in order, with a DELETE to each gateway and the SAs deleted in the kernel, then
 * libcharon. Also after a failed start. */
void ike_stop(void);

/* Passes on what the kernel did to an SA. */
void ike_event(const struct xfrm_event *event);

/* xfrmd is another process now: adopts its sockets, closes the old ones, and replaces each SA that
 * it does not have. */
void ike_reconnected(const int udp[static 2]);

/* Addresses or routes of the box changed: IKE SAs from an address that no longer leads to the
 * gateway are given up, and waiting tunnels are tried at once. */
void ike_path_changed(void);

/* Traffic of a tunnel's SAs that live now, asked from the kernel. */
struct ike_counters {
	uint64_t bytes_in, bytes_out, packets_in, packets_out;
};

void ike_count(size_t tunnel, struct ike_counters *ret_counters);
