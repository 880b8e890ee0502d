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

struct device_config;
struct status_tunnel;
struct tunnel;
struct tunnels;

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
/* Finds a tunnel by its gateway's IPv4 address in network order. -1: there is none. */
int tunnels_find_gateway(const struct tunnels *tunnels, const uint8_t address[static 4]);
/* Finds the child SA that has a reqid. Returns its tunnel or -1. */
int tunnels_find_reqid(const struct tunnels *tunnels, uint32_t reqid, size_t *ret_child);

/* The first packet of a negotiation leaves, at `now_us` of CLOCK_MONOTONIC: the clock of
 * establish_us starts, unless it runs already. */
void tunnels_note_start(struct tunnels *tunnels, size_t i, uint64_t now_us);
/* A child SA is installed: the clock stops. */
void tunnels_note_installed(struct tunnels *tunnels, size_t i, uint64_t now_us);
/* The negotiation ended without one: the clock is cleared. */
void tunnels_note_ended(struct tunnels *tunnels, size_t i);
void tunnels_set_ike(struct tunnels *tunnels, size_t i, const struct negotiated *suite,
		     bool is_nat);
void tunnels_set_esp(struct tunnels *tunnels, size_t i, const struct negotiated *suite);

/* Records why it is not up. `detail` may be NULL; it is copied. Logs a reason that is new. */
void tunnels_set_reason(struct tunnels *tunnels, size_t i, enum reason reason, const char *detail);

/* The state of a tunnel as a whole. */
struct tunnel_progress {
	enum keeper_state state;
	uint32_t n_children; /* child SAs installed */
	uint32_t n_attempts;
	uint64_t retry_ms; /* DOWN: CLOCK_MONOTONIC of the next attempt */
};

/* Records it. Logs the change between up and not up. */
void tunnels_set_progress(struct tunnels *tunnels, size_t i,
			  const struct tunnel_progress *progress);

/* Fills a row, at `now_ms` of CLOCK_MONOTONIC, but for its header and counters. */
void tunnels_row(struct tunnels *tunnels, size_t i, uint64_t now_ms, struct status_tunnel *ret_row);
