/* Keeps the connection to xfrmd: waits for it at the start, notices its end, comes back.
 *
 * xfrmd is restarted by the supervisor when it dies; iked never ends for it. Only another
 * configuration in xfrmd makes iked leave, to be started anew with it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "iked/xfrmc.h"
#include "runtime/loop.h"

#define XFRMD_FIRST_RETRY_MS 50
#define XFRMD_MAX_RETRY_MS 1000
/* A connection that ends sooner does not begin the pauses anew: two ikeds that take it from each
 * other must not do so at full speed. */
#define XFRMD_STABLE_MS 10000

struct xfrmd_link {
	struct loop *loop;
	struct xfrmc *xfrmc;
	struct loop_source events;
	struct loop_timer retry;
	uint32_t pause_ms;
	uint64_t since_ms;	/* connected */
	void (*on_stale)(void); /* xfrmd holds another configuration */
};

/* Waits, with growing pauses and for ever, until xfrmd is there and has answered. Returns 0 and its
 * UDP sockets, or -ESTALE. */
__attribute__((warn_unused_result)) int xfrmd_link_wait(struct xfrmc *xfrmc, int ret_udp[static 2]);

/* Watches the open connection: events go to IKE (ike.h), which must run. Returns 0 or a negative
 * errno. */
__attribute__((warn_unused_result)) int xfrmd_link_start(struct xfrmd_link *link, struct loop *loop,
							 struct xfrmc *xfrmc,
							 void (*on_stale)(void));
void xfrmd_link_stop(struct xfrmd_link *link);
