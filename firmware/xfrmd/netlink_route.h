/* xfrm interfaces and routes of ours as rtnetlink messages (<linux/if_link.h>,
 * <linux/rtnetlink.h>).
 *
 * The interfaces have no underlying device, so that they outlive any WAN. The routes stand in the
 * main table with a protocol number of our own to know them by.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#include "base/limits.h"
#include "xfrmd/netlink.h"

struct netlink_link {
	uint32_t if_index;
	uint32_t if_id; /* 0 unless it is an xfrm interface */
	uint32_t mtu;	/* bytes */
	bool is_up;
	char name[MAX_IFNAME_BYTES];
};

/* RTM_NEWLINK that makes the interface "ipsec<if_id>", still down; an existing one is an error. */
void netlink_link_add(void *buf, uint32_t if_id);

/* RTM_SETLINK of "ipsec<if_id>": MTU, and no IPv6 address, since its router solicitations would be
 * traffic for the tunnel. `is_up` comes second: the kernel does that before it looks at the rest.
 */
void netlink_link_set(void *buf, uint32_t if_id, uint32_t mtu, bool is_up);

/* RTM_DELLINK. */
void netlink_link_del(void *buf, uint32_t if_index);

/* Reads RTM_NEWLINK. Returns 0 or -EBADMSG. */
__attribute__((warn_unused_result)) int netlink_link_parse(const struct nlmsghdr *message,
							   struct netlink_link *ret_link);

/* Free in <linux/rtnetlink.h> and in Debian's rt_protos. */
#define NETLINK_ROUTE_PROTOCOL 70

/* Below every other route to the same prefix: 0xff000000, the kernel's own for a last resort
 * rounded down. */
#define NETLINK_ROUTE_METRIC_UNREACHABLE 0xff000000u

/* A gateway has two instances, and there are seldom more than two connections to one network. */
#define NETLINK_ROUTE_MAX_PATHS 8

struct netlink_route {
	struct prefix dst;
	uint32_t metric;
	uint32_t n_paths; /* interfaces that share the traffic by flow; 0: unreachable */
	uint32_t if_indexes[NETLINK_ROUTE_MAX_PATHS];
};

/* RTM_NEWROUTE: adds it or takes the place of the one with the same prefix and metric. */
void netlink_route_put(void *buf, const struct netlink_route *route);

/* RTM_DELROUTE. */
void netlink_route_del(void *buf, const struct netlink_route *route);

/* Reads RTM_NEWROUTE; of the paths only whether there is one. Returns 0, -ENOMSG when the route is
 * not ours, or -EBADMSG. */
__attribute__((warn_unused_result)) int netlink_route_parse(const struct nlmsghdr *message,
							    struct netlink_route *ret_route);
