/* The rungs of a tunnel, from the cable up to a host in Azure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

/* What a tunnel stands on, from below. The first one that does not hold is where it stops. */
enum rung {
	RUNG_LINK,    /* the WAN interface has carrier */
	RUNG_ADDRESS, /* it has an IPv4 address, and there is a route to the gateway */
	RUNG_DNS,     /* the gateway's name resolves; a configuration names addresses only */
	RUNG_UDP,     /* the gateway answers on UDP 500 or 4500 */
	RUNG_IKE,     /* IKE SA */
	RUNG_CHILD,   /* all child SAs */
	RUNG_HOST,    /* something in Azure answers: traffic comes in */
	RUNG_N,
};

enum rung_state {
	RUNG_STATE_NOT_REACHED = 0, /* above the one where it stops */
	RUNG_STATE_HOLDS = 1,
	RUNG_STATE_STOPS = 2,
	RUNG_STATE_UNKNOWN = 3, /* nothing has happened yet that would tell */
	RUNG_STATE_NOT_NEEDED = 4,
};
