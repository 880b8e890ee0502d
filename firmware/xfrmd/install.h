/* Interfaces, policies and routes of the configuration, brought into the kernel.
 *
 * The order keeps every Azure prefix closed at each moment: unreachable routes first, then the
 * interfaces, the policies, and last the routes that lead into them; then what an older
 * configuration left behind goes. All of it takes the place of what is there, so that a restarted
 * xfrmd takes over without a gap and SAs stay.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/envelope.h"
#include "xfrmd/kernel.h"

/* Routes into tunnel number n have this metric plus n: the first tunnel of the configuration is
 * taken first. Learned routes are to be better. */
#define INSTALL_METRIC_TUNNEL 1000

struct install {
	struct kernel *kernel;
	const struct envelope *envelope;
	bool is_sweeping;
	uint32_t if_indexes[MAX_TUNNELS]; /* by tunnel number; 0: there is no interface */
};

/* Returns 0, or a negative errno with `ret_what` set to what could not be done, as the end of
 * "cannot ...". `install` is work space. */
__attribute__((warn_unused_result)) int install_all(struct install *install, struct kernel *kernel,
						    const struct envelope *envelope,
						    const char **ret_what);
