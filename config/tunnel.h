/* The noun of the system: one IPsec tunnel to one Azure VPN gateway instance.
 *
 * Values only. Azure's JSON, the device configuration, libcharon's peer_cfg, xfrmd's envelope and
 * the rows of `fairlead status` are translations of it. It never holds a secret.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/limits.h"
#include "config/suite.h"

/* Who may open the tunnel. Azure's connectionMode, seen from our side. */
enum tunnel_role {
	TUNNEL_ROLE_BOTH,      /* Azure: Default */
	TUNNEL_ROLE_INITIATOR, /* Azure: ResponderOnly */
	TUNNEL_ROLE_RESPONDER, /* Azure: InitiatorOnly */
};

/* One child SA: which traffic it carries. Route-based tunnels have one, any to any. */
struct tunnel_child {
	char name[MAX_NAME_BYTES];
	uint32_t reqid;	      /* 1..0xffff, unique on the device; ties policies to SAs */
	struct prefix local;  /* office side */
	struct prefix remote; /* Azure side */
};

struct tunnel {
	char name[MAX_NAME_BYTES]; /* Azure's connection name */
	uint32_t if_id;		   /* 1..0xffff, unique; interface is "ipsec<if_id>" */
	struct addr gateway;	   /* public IPv4 address of the gateway instance, unique */
	struct addr gateway_id;	   /* ID_IPV4_ADDR it must prove; defaults to `gateway` */
	struct addr local_id;	   /* ID_IPV4_ADDR we send: our public address as Azure knows it */
	enum tunnel_role role;
	uint32_t priority; /* 1..0xffff: of the tunnels to one prefix the lowest number carries it
			    * while it is up; equal ones share the traffic by flow */
	bool force_udp_encapsulation;
	uint16_t mss; /* upper bound of the TCP MSS clamp, bytes; 536..1460 */

	size_t n_ike_suites;
	struct ike_suite ike_suites[MAX_IKE_SUITES]; /* best first */
	size_t n_esp_suites;
	struct esp_suite esp_suites[MAX_ESP_SUITES];

	uint32_t ike_rekey_s;	       /* we rekey first; 300..28000 */
	uint32_t dpd_timeout_s;	       /* 9..3600, Azure's dpdTimeoutSeconds */
	uint32_t child_life_s;	       /* 300..172799, hard; rekeyed at 80 % */
	uint64_t child_life_kilobytes; /* 1024..2^32-1; 0 = no limit */

	size_t n_children;
	struct tunnel_child *children; /* owned; freed by tunnel_deinit */
};

/* Frees what the tunnel owns and zeroes it. */
void tunnel_deinit(struct tunnel *tunnel);

/* Compares all values, children included. */
bool tunnel_equal(const struct tunnel *a, const struct tunnel *b);

/* True for 1 to 80 of [A-Za-z0-9._-], the first a letter or digit: what names of sites, tunnels and
 * children are. Azure's resource names are such, and such a text is harmless in a log line, a rule
 * set and a path. */
bool tunnel_name_is_valid(const char *text);

/* Name of the tunnel's xfrm interface, "ipsec<if_id>". Returns `buf`. */
const char *tunnel_ifname(uint32_t if_id, char buf[static MAX_IFNAME_BYTES]);
