/* Kernel settings as a list: from the device configuration to files below /proc/sys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/device.h"

#define SYSCTL_PATH_BYTES 80
#define MAX_SYSCTLS 64 /* ten settings for each of four scopes, and some of their own */

/* Turns forwarding of IPv4 on; the last row. */
#define SYSCTL_FORWARD "net/ipv4/ip_forward"
#define SYSCTL_FORWARD6 "net/ipv6/conf/all/forwarding"

struct sysctl {
	char path[SYSCTL_PATH_BYTES]; /* relative to /proc/sys */
	const char *value;	      /* static storage; a decimal number */
	/* The file may be missing: a link that does not exist yet takes the values of `default`,
	 * and a kernel without IPv6 has nothing to close. */
	bool is_optional;
};

struct sysctls {
	size_t n;
	struct sysctl rows[MAX_SYSCTLS];
};

/* Fills the list in the order in which it is to be written: what closes first, what opens last.
 * Names: Documentation/networking/ip-sysctl.rst. */
void render_sysctl(const struct device_config *config, struct sysctls *ret_sysctls);
