/* Routes of ours as rtnetlink messages (<linux/rtnetlink.h>): main table, a protocol number of our
 * own to know them by.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/netlink.h"

/* Free in <linux/rtnetlink.h> and in Debian's rt_protos. */
#define NETLINK_ROUTE_PROTOCOL 70

/* Below every other route to the same prefix: 0xff000000, the kernel's own for a last resort
 * rounded down. */
#define NETLINK_ROUTE_METRIC_UNREACHABLE 0xff000000u

struct netlink_route {
	struct prefix dst;
	uint32_t metric;
	uint32_t if_index; /* 0: unreachable */
};

/* RTM_NEWROUTE: adds it or takes the place of the one with the same prefix and metric. */
void netlink_route_put(void *buf, const struct netlink_route *route);

/* RTM_DELROUTE; RTM_GETROUTE of one family, AF_INET or AF_INET6. */
void netlink_route_del(void *buf, const struct netlink_route *route);
void netlink_route_dump(void *buf, uint8_t family);

/* Reads RTM_NEWROUTE. Returns 0, -ENOMSG when the route is not ours, or -EBADMSG. */
__attribute__((warn_unused_result)) int netlink_route_parse(const struct nlmsghdr *message,
							    struct netlink_route *ret_route);
