/* What libcharon is told about a tunnel: every number is decided here, charon_peers.c only builds
 * the objects. Pure.
 *
 * Includes no configuration header, because the suite names there and libstrongswan's are the same
 * words; both sides meet in IANA's transform numbers (IKEv2 Parameters registry).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/limits.h"

struct secret;
struct secrets;
struct tunnel;

#define PLAN_MAX_TRANSFORMS 5

/* Transform types (RFC 7296 section 3.3.2). */
enum plan_transform_type {
	PLAN_TRANSFORM_ENCR = 1,
	PLAN_TRANSFORM_PRF = 2,
	PLAN_TRANSFORM_INTEG = 3,
	PLAN_TRANSFORM_KE = 4,
	PLAN_TRANSFORM_ESN = 5,
};

struct plan_transform {
	uint16_t type; /* enum plan_transform_type */
	uint16_t id;
	uint16_t key_bits; /* 0 where the algorithm has one length only */
};

struct plan_proposal {
	size_t n;
	struct plan_transform transforms[PLAN_MAX_TRANSFORMS];
};

/* An SA's limits in one unit: it ends at `life`; it is replaced at `rekey` less a random part of
 * `jitter`. 0: no limit. */
struct plan_limit {
	uint64_t life, rekey, jitter;
};

struct peer_plan {
	const char *name; /* the tunnel's */
	uint32_t if_id;
	struct addr gateway, gateway_id, local_id;
	bool is_encap_forced;
	bool is_initiator; /* may initiate */
	uint32_t ike_rekey_s, ike_jitter_s, ike_over_s;
	uint32_t dpd_s; /* a probe after so much silence */
	struct plan_limit child_s, child_bytes;
	uint32_t replay_window; /* packets */
	size_t n_ike, n_esp;
	struct plan_proposal ike[MAX_IKE_SUITES], esp[MAX_ESP_SUITES]; /* best first */
	size_t n_children;
};

struct plan_child {
	const char *name;
	uint32_t reqid;
	struct prefix local, remote;
};

/* `tunnel` must outlive what points into it. */
void peer_plan_from_tunnel(const struct tunnel *tunnel, struct peer_plan *ret_plan);

/* Child number `i` of the tunnel, 0..n_children - 1. */
struct plan_child plan_child_from_tunnel(const struct tunnel *tunnel, size_t i);

/* The tunnel's shared key, owned by `secrets`; NULL when there is none. */
const struct secret *plan_key_from_secrets(const struct tunnel *tunnel,
					   const struct secrets *secrets);
