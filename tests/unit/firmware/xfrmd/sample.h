/* Samples for xfrmd's tests: an envelope with a route-based and a policy-based tunnel, and requests
 * that it allows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/envelope.h"

/* The box, its gateways, and somebody else. */
#define SAMPLE_BOX "203.0.113.7"
#define SAMPLE_GATEWAY                                                                             \
	"198.51.100.10" /* of the route-based tunnel: if_id 1, reqid 1, any to any                 \
			 */
#define SAMPLE_GATEWAY_2 "198.51.100.20" /* policy-based: if_id 7, reqids 71, 72 and 73 (IPv6) */

enum sample {
	SAMPLE_ROUTE_IN, /* AES256-GCM */
	SAMPLE_ROUTE_OUT,
	SAMPLE_POLICY_IN, /* AES256 and SHA-256, reqid 71 */
	SAMPLE_POLICY_OUT,
};

/* Azure prefixes 10.50.0.0/16, 10.60.0.0/16 and fd00:50::/32. */
void sample_envelope(struct envelope *ret_envelope);

/* A request that the envelope allows; inbound ones with SPI 0xc0000001, outbound with 0x1001. */
struct xfrm_sa_add sample_request(enum sample sample);

/* Parse numeric text that is right. */
struct addr sample_addr(const char *text);
struct prefix sample_prefix(const char *text);
