/* The tunnels of this process: what the configuration says of each, and what is known about it now.
 *
 * The one place where libcharon's threads, which find things out, and the status server, which is
 * asked, meet. Every function takes the one lock inside. Indexes are the configuration's order.
 * Like peer_plan.h this includes no configuration header.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iked/reason.h"
#include "iked/tunnel_keeper.h"

struct addr;
struct device_config;
struct status_tunnel;
struct tunnel;
struct tunnels;
struct wan_state;

/* A negotiated suite in IANA's transform numbers; 0: none. */
struct negotiated {
	uint16_t encr, key_bits, integ, prf, ke;
};

/* `config` must outlive it. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int tunnels_new(const struct device_config *config,
						    struct tunnels **ret_tunnels);
void tunnels_free(struct tunnels *tunnels);

size_t tunnels_n(const struct tunnels *tunnels);
const struct tunnel *tunnels_get(const struct tunnels *tunnels, size_t i);
uint32_t tunnels_if_id(const struct tunnels *tunnels, size_t i);
const struct addr *tunnels_gateway(const struct tunnels *tunnels, size_t i);
/* The name of the WAN interface. */
const char *tunnels_wan(const struct tunnels *tunnels);
/* Finds a tunnel by its gateway's IPv4 address in network order. -1: there is none. */
int tunnels_find_gateway(const struct tunnels *tunnels, const uint8_t address[static 4]);
/* Finds the child SA that has a reqid. Returns its tunnel or -1. */
int tunnels_find_reqid(const struct tunnels *tunnels, uint32_t reqid, size_t *ret_child);

/* A negotiation begins, at `now_us` of CLOCK_MONOTONIC: the clock of establish_us starts, unless it
 * runs already. */
void tunnels_note_start(struct tunnels *tunnels, size_t i, uint64_t now_us);
/* A child SA is installed: the clock stops. */
void tunnels_note_installed(struct tunnels *tunnels, size_t i, uint64_t now_us);
/* The negotiation ended without one: the clock is cleared. */
void tunnels_note_ended(struct tunnels *tunnels, size_t i);
void tunnels_set_ike(struct tunnels *tunnels, size_t i, const struct negotiated *suite);
void tunnels_set_nat(struct tunnels *tunnels, size_t i, bool is_nat);
void tunnels_set_esp(struct tunnels *tunnels, size_t i, const struct negotiated *suite);

/* The gateway was heard at `now_us` of CLOCK_MONOTONIC, on our UDP port `port`. */
void tunnels_note_heard(struct tunnels *tunnels, size_t i, uint16_t port, uint64_t now_us);
/* A packet came in by its child SAs at `now_us`. */
void tunnels_note_inside(struct tunnels *tunnels, size_t i, uint64_t now_us);
/* The gateway asks to try again. Returns how often it did in a row. */
uint32_t tunnels_count_again(struct tunnels *tunnels, size_t i);

/* Records what the tunnel would come down by, though it is up: a rekeying was refused. */
void tunnels_warn(struct tunnels *tunnels, size_t i, enum reason reason, const char *detail);
/* A child SA was rekeyed: what spoke against it is over. */
void tunnels_note_rekeyed(struct tunnels *tunnels, size_t i);

/* Records why it is not up. `detail` may be NULL; it is copied. Logs a reason that is new. */
void tunnels_set_reason(struct tunnels *tunnels, size_t i, enum reason reason, const char *detail);

/* Records whether the gateway is doubted: it left requests of an established IKE SA unanswered.
 * Returns true when that is new, so that xfrmd has to be told. */
bool tunnels_set_doubted(struct tunnels *tunnels, size_t i, bool is_doubted);
bool tunnels_is_doubted(struct tunnels *tunnels, size_t i);

/* The state of a tunnel as a whole. */
struct tunnel_progress {
	enum keeper_state state;
	bool has_ike;		/* an IKE SA is established */
	uint32_t n_children;	/* child SAs installed */
	uint32_t n_children_up; /* children that have one */
	uint32_t child_down;	/* the first that has none, if any */
	uint32_t n_attempts;
	uint64_t retry_ms; /* DOWN: CLOCK_MONOTONIC of the next attempt */
};

/* Records it. Logs the change between up and not up. */
void tunnels_set_progress(struct tunnels *tunnels, size_t i,
			  const struct tunnel_progress *progress);

/* Fills a row, at `now_ms` of CLOCK_MONOTONIC, but for its header. `row` comes with the counters of
 * its SAs; `wan` and `has_route` are what the box sees of the way to the gateway. */
void tunnels_row(struct tunnels *tunnels, size_t i, uint64_t now_ms, const struct wan_state *wan,
		 bool has_route, struct status_tunnel *row);
