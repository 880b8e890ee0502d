/* Interfaces, policies and unreachable routes of the configuration, brought into the kernel.
 *
 * The order keeps every Azure prefix closed at each moment: unreachable routes first, then the
 * interfaces and the policies; then what an older configuration left behind goes. The routes that
 * lead into tunnels come last (steer.h), when the SAs are known. All of it takes the place of what
 * is there, so that a restarted xfrmd takes over without a gap and SAs stay.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/envelope.h"
#include "xfrmd/kernel.h"

struct install {
	struct kernel *kernel;
	const struct envelope *envelope;
	bool is_sweeping;
	uint32_t wan_mtu;		  /* bytes */
	uint32_t n_changed;		  /* interfaces that the last install_links had to touch */
	uint32_t mtus[MAX_TUNNELS];	  /* of interfaces that are up; 0: it is not */
	uint32_t if_indexes[MAX_TUNNELS]; /* by tunnel number; 0: there is no interface */
};

/* Returns 0, or a negative errno with `ret_what` set to what could not be done, as the end of
 * "cannot ...". `install` is work space. */
__attribute__((warn_unused_result)) int install_all(struct install *install, struct kernel *kernel,
						    const struct envelope *envelope,
						    const char **ret_what);

/* True for a message of rtnetlink after which the tunnels' interfaces have to be made anew:
 * somebody took one down, changed or deleted it, or the WAN's MTU is another. */
bool install_is_link_lost(const struct install *install, const struct nlmsghdr *message);

/* Makes the tunnels' interfaces as they have to be; those that are so are left alone. */
__attribute__((warn_unused_result)) int install_links(struct install *install);
