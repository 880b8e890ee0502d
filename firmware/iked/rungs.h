/* The rungs of a tunnel, from the cable up to a host in Azure, and where it stops. Pure.
 *
 *   link -> address -> DNS -> UDP -> IKE -> child -> host
 *
 * What the box itself sees decides about link and address, the reason about UDP, IKE and child, the
 * counters of the SAs about the host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "iked/path_look.h"
#include "iked/reason.h"
#include "iked/tunnel_keeper.h"
#include "proto/status_proto.h"

/* Packets after which silence from Azure's side is no accident. */
#define RUNGS_SILENT_PACKETS 10

#define RUNGS_NEVER UINT64_MAX

struct rung_facts {
	struct wan_state wan;
	bool has_route;
	enum keeper_state state;
	enum reason reason;    /* why it is not up, or a child SA is not */
	uint64_t heard_ago_s;  /* since the gateway's last packet; RUNGS_NEVER */
	uint16_t heard_port;   /* of ours, where that came */
	bool is_nat;	       /* on the way to the gateway */
	const char *ike_suite; /* of the IKE SA, "" without one */
	const char *esp_suite; /* of the last child SA */
	uint32_t n_children, n_children_up;
	const char *child_down; /* name of the first child that is not up */
	uint64_t packets_in, packets_out;
	uint64_t inside_ago_s; /* since the last packet inside the child SAs; RUNGS_NEVER: none
				* since the tunnel is up */
};

/* What is said of each rung. Returns the one where it stops, RUNG_N: nowhere; `ret_reason` is why,
 * and the reason of the facts when it stops nowhere. */
enum rung rungs_fill(const struct rung_facts *facts, struct status_rung ret_rungs[static RUNG_N],
		     enum reason *ret_reason);
