/* Which tunnels carry a destination: the routes into them, moved when SAs come and go.
 *
 * Of the tunnels whose selectors hold a destination, those are taken that are in the best
 * condition, and among these the ones of the best priority; equals share the traffic by flow. A
 * destination always has a route into at least one of them, so that traffic which waits is noticed.
 *
 *   has had an SA to send with for 2 s  >  has a younger one  >  iked doubts the peer  >  has none
 *
 * A tunnel that comes back waits those 2 s while another carries its traffic: by then its peer can
 * receive for certain. What gets worse is acted on at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/envelope.h"
#include "xfrmd/netlink_route.h"

/* Learned routes are to be better. */
#define STEER_METRIC 1000
#define STEER_SETTLE_S 2
#define STEER_MAX_DSTS (MAX_PREFIXES + ENVELOPE_MAX_CHILDREN)

/* Which tunnels a destination is routed into, by their numbers in the envelope. */
struct steer_paths {
	uint32_t n;
	uint32_t tunnels[NETLINK_ROUTE_MAX_PATHS];
};

/* By the numbers of the envelope. */
struct steer {
	bool is_doubted[MAX_TUNNELS];
	uint64_t up_since_s[ENVELOPE_MAX_CHILDREN]; /* CLOCK_MONOTONIC; 0: no SA to send with */
	uint32_t n_dsts;
	struct steer_dst {
		struct prefix prefix;
		struct steer_paths paths; /* as the kernel has them */
	} dsts[STEER_MAX_DSTS];
};

/* Chooses the tunnels for a destination at `now_s`. IPv6 gets one, since the kernel shares traffic
 * only among gateways there. Pure. */
struct steer_paths steer_choose(const struct envelope *envelope, const struct steer *steer,
				const struct prefix *dst, uint64_t now_s);

struct loop_timer;
struct xfrmd;

/* Reads the table of SAs anew and puts the routes of all children. Returns 0 or a negative errno.
 */
__attribute__((warn_unused_result)) int steer_all(struct xfrmd *xfrmd);

/* An SA of the child came or went: moves what has to be moved; a failure is logged. */
void steer_child(struct xfrmd *xfrmd, uint32_t reqid);

/* iked doubts that the tunnel's peer is alive, or no longer does. Returns 0, or -ENOENT: there is
 * no such tunnel. */
int steer_doubt(struct xfrmd *xfrmd, uint32_t if_id, bool is_doubted);

/* Callback of the timer for tunnels that settle. */
void steer_settled(struct loop_timer *timer);
