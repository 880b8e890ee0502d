/* The box's way out, as it is now: link and address of the WAN interface, route to a gateway. Needs
 * no right.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#include "base/addr.h"
#include "base/limits.h"

struct wan_state {
	char name[MAX_IFNAME_BYTES];
	bool is_there, is_up, has_carrier;
	struct addr address; /* its first IPv4 address; unset: it has none */
};

/* Looks at the interface `name`. What cannot be seen is as if it were not there. */
struct wan_state path_look_wan(const char *name);

/* True when the kernel has a route to `gateway`, an IPv4 address. */
bool path_look_route(const struct addr *gateway);
