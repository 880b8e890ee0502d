/* The envelope: what the configuration allows, as a sealed table, and the judgement on a request.
 *
 * All but envelope_load is pure: no descriptor, no clock, no log.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdint.h>

#include "base/addr.h"
#include "base/limits.h"
#include "config/suite.h"
#include "proto/xfrm_proto.h"

#define ENVELOPE_MAX_CHILDREN MAX_DEVICE_CHILDREN

#define ENVELOPE_MAX_ID 0xffffu	 /* of if_id and reqid (config/tunnel.h) */
#define ENVELOPE_ALIGNMENT 4096u /* it is sealed by whole pages */

struct envelope_tunnel {
	char name[MAX_NAME_BYTES]; /* for people */
	uint32_t if_id;
	struct addr gateway;
	uint32_t priority; /* 1..0xffff, the lowest first */
	uint32_t n_suites;
	struct esp_suite
		suites[MAX_ESP_SUITES]; /* as configured; no IKE in here, so `ke` is unused */
	uint32_t first_child, n_children;
	uint64_t max_life_s;
	uint64_t max_life_bytes; /* 0: no limit */
};

struct envelope_child {
	uint32_t reqid;
	uint32_t tunnel; /* its number */
	struct prefix local, remote;
};

struct envelope_head {
	uint32_t n_prefixes, n_tunnels, n_children;
	char wan_interface[MAX_IFNAME_BYTES];
	uint8_t config_sha256[32];
};

struct envelope {
	struct envelope_head head;
	struct prefix prefixes[MAX_PREFIXES]; /* Azure's */
	struct envelope_tunnel tunnels[MAX_TUNNELS];
	struct envelope_child children[ENVELOPE_MAX_CHILDREN];
} __attribute__((aligned(ENVELOPE_ALIGNMENT)));

/* What the table of SAs knows about the SPI that a request names. */
enum envelope_spi {
	ENVELOPE_SPI_UNKNOWN,  /* nothing */
	ENVELOPE_SPI_RESERVED, /* the asking session reserved it, for these addresses */
	ENVELOPE_SPI_TAKEN,    /* it belongs to somebody else or to an SA */
};

/* Loads the configuration at `path` into `ret_envelope`: a short-lived child without rights parses
 * it and sends fixed-size records, the parent checks each and makes the table read-only. The parent
 * neither parses nor allocates. On failure the table holds nothing that may be used. Returns 0 or a
 * negative errno; what is wrong has been logged, once. In envelope_load.c. */
__attribute__((warn_unused_result)) int envelope_load(const char *path,
						      struct envelope *ret_envelope);

/* Checks ranges and references of a table that was just filled. Returns NULL, or in `buf` what is
 * wrong. */
const char *envelope_flaw(const struct envelope *envelope, char buf[static MAX_SENTENCE_BYTES]);

/* Why an SA may not be installed, in one sentence in `buf` that says what was asked and what the
 * configuration allows; NULL: no objection. */
const char *envelope_objection(const struct envelope *envelope, const struct xfrm_sa_add *request,
			       enum envelope_spi spi, char buf[static MAX_SENTENCE_BYTES]);

/* The same for the reservation of an inbound SPI; `ret_tunnel` is set if there is no objection. */
const char *envelope_spi_objection(const struct envelope *envelope,
				   const struct xfrm_spi_get *request,
				   const struct envelope_tunnel **ret_tunnel,
				   char buf[static MAX_SENTENCE_BYTES]);

/* The MTU of a tunnel's interface on an uplink with `wan_mtu` bytes: what every suite of the tunnel
 * has room for, and at most what Azure asks for. */
uint32_t envelope_mtu(const struct envelope_tunnel *tunnel, uint32_t wan_mtu);

/* Find the tunnel or child; NULL when there is none. */
const struct envelope_tunnel *envelope_find_tunnel(const struct envelope *envelope, uint32_t if_id);
const struct envelope_tunnel *envelope_find_gateway(const struct envelope *envelope,
						    const struct addr *gateway);
const struct envelope_child *envelope_find_child(const struct envelope *envelope, uint32_t reqid);

/* The part of an Azure prefix that a child carries: the prefix itself, the child's remote one when
 * that is narrower, or NULL. */
const struct prefix *envelope_route(const struct envelope_child *child,
				    const struct prefix *azure_prefix);
