/* Routes of ours as rtnetlink messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/netlink_route.h"

#include <errno.h>
#include <linux/rtnetlink.h>

static void put_route(void *buf, uint16_t type, uint16_t flags, const struct netlink_route *route)
{
	struct rtmsg *head = netlink_header(buf, type, flags, sizeof(*head));

	head->rtm_family = (uint8_t)netlink_family(&route->dst.addr);
	head->rtm_dst_len = route->dst.len;
	head->rtm_table = RT_TABLE_MAIN;
	head->rtm_protocol = NETLINK_ROUTE_PROTOCOL;
	head->rtm_scope = route->if_index ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	head->rtm_type = route->if_index ? RTN_UNICAST : RTN_UNREACHABLE;
	mnl_attr_put(buf, RTA_DST, netlink_addr_bytes(head->rtm_family), route->dst.addr.bytes);
	mnl_attr_put_u32(buf, RTA_PRIORITY, route->metric);
	if (route->if_index)
		mnl_attr_put_u32(buf, RTA_OIF, route->if_index);
}

void netlink_route_put(void *buf, const struct netlink_route *route)
{
	put_route(buf, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
}

void netlink_route_del(void *buf, const struct netlink_route *route)
{
	put_route(buf, RTM_DELROUTE, 0, route);
}

void netlink_route_dump(void *buf, uint8_t family)
{
	struct rtmsg *head = netlink_header(buf, RTM_GETROUTE, NLM_F_DUMP, sizeof(*head));

	head->rtm_family = family;
}

int netlink_route_parse(const struct nlmsghdr *message, struct netlink_route *ret_route)
{
	const struct rtmsg *head = netlink_payload(message, sizeof(*head));
	static const uint8_t zero[16];
	const struct nlattr *dst;
	uint32_t if_index;

	if (!head)
		return -EBADMSG;
	if (head->rtm_protocol != NETLINK_ROUTE_PROTOCOL)
		return -ENOMSG;
	dst = netlink_attr(message, sizeof(*head), RTA_DST, netlink_addr_bytes(head->rtm_family));
	if_index = netlink_u32(message, sizeof(*head), RTA_OIF);
	*ret_route = (struct netlink_route){
		.dst = netlink_to_prefix(dst ? mnl_attr_get_payload(dst) : zero, head->rtm_family,
					 head->rtm_dst_len),
		.metric = netlink_u32(message, sizeof(*head), RTA_PRIORITY),
		/* IPv6 names lo for an unreachable route */
		.if_index = head->rtm_type == RTN_UNICAST ? if_index : 0,
	};
	return 0;
}
