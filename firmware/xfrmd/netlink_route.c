/* xfrm interfaces and routes of ours as rtnetlink messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/netlink_route.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "config/tunnel.h"

#define LINK_KIND "xfrm"

static void put_name(struct nlmsghdr *message, uint32_t if_id)
{
	char name[MAX_IFNAME_BYTES];

	mnl_attr_put_strz(message, IFLA_IFNAME, tunnel_ifname(if_id, name));
}

void netlink_link_add(void *buf, uint32_t if_id)
{
	struct nlattr *info, *data;

	netlink_header(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	put_name(buf, if_id);
	info = mnl_attr_nest_start(buf, IFLA_LINKINFO);
	mnl_attr_put_str(buf, IFLA_INFO_KIND, LINK_KIND);
	data = mnl_attr_nest_start(buf, IFLA_INFO_DATA);
	mnl_attr_put_u32(buf, IFLA_XFRM_IF_ID, if_id);
	mnl_attr_nest_end(buf, data);
	mnl_attr_nest_end(buf, info);
}

void netlink_link_set(void *buf, uint32_t if_id, uint32_t mtu, bool is_up)
{
	struct ifinfomsg *link = netlink_header(buf, RTM_SETLINK, 0, sizeof(struct ifinfomsg));
	struct nlattr *families, *inet6;

	link->ifi_flags = link->ifi_change = is_up ? IFF_UP : 0;
	put_name(buf, if_id);
	mnl_attr_put_u32(buf, IFLA_MTU, mtu);
	families = mnl_attr_nest_start(buf, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(buf, AF_INET6);
	mnl_attr_put_u8(buf, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(buf, inet6);
	mnl_attr_nest_end(buf, families);
}

void netlink_link_del(void *buf, uint32_t if_index)
{
	struct ifinfomsg *link = netlink_header(buf, RTM_DELLINK, 0, sizeof(struct ifinfomsg));

	link->ifi_index = (int)if_index;
}

/* The attribute of that type inside another one, with at least `bytes`, or NULL. */
static const struct nlattr *nested(const struct nlattr *outer, uint16_t type, size_t bytes)
{
	const struct nlattr *attr;

	if (outer)
		mnl_attr_for_each_nested (attr, outer)
			if (mnl_attr_get_type(attr) == type &&
			    mnl_attr_get_payload_len(attr) >= bytes)
				return attr;
	return NULL;
}

int netlink_link_parse(const struct nlmsghdr *message, struct netlink_link *ret_link)
{
	const struct ifinfomsg *head = netlink_payload(message, sizeof(*head));
	const struct nlattr *name, *info, *kind, *if_id;
	struct netlink_link link = { 0 };

	name = netlink_attr(message, sizeof(*head), IFLA_IFNAME, 1);
	if (!head || !name || mnl_attr_get_payload_len(name) > sizeof(link.name))
		return -EBADMSG;
	link.if_index = (uint32_t)head->ifi_index;
	link.is_up = head->ifi_flags & IFF_UP;
	link.mtu = netlink_u32(message, sizeof(*head), IFLA_MTU);
	memcpy(link.name, mnl_attr_get_payload(name), mnl_attr_get_payload_len(name));
	link.name[sizeof(link.name) - 1] = '\0'; /* as the kernel's is */
	info = netlink_attr(message, sizeof(*head), IFLA_LINKINFO, 0);
	kind = nested(info, IFLA_INFO_KIND, strlen(LINK_KIND));
	if_id = nested(nested(info, IFLA_INFO_DATA, 0), IFLA_XFRM_IF_ID, sizeof(uint32_t));
	if (kind && if_id &&
	    strncmp(mnl_attr_get_payload(kind), LINK_KIND, mnl_attr_get_payload_len(kind)) == 0)
		link.if_id = mnl_attr_get_u32(if_id);
	*ret_link = link;
	return 0;
}

static void put_route(void *buf, uint16_t type, uint16_t flags, const struct netlink_route *route)
{
	struct rtmsg *head = netlink_header(buf, type, flags, sizeof(*head));

	head->rtm_family = (uint8_t)netlink_family(&route->dst.addr);
	head->rtm_dst_len = route->dst.len;
	head->rtm_table = RT_TABLE_MAIN;
	head->rtm_protocol = NETLINK_ROUTE_PROTOCOL;
	head->rtm_scope = route->n_paths ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	head->rtm_type = route->n_paths ? RTN_UNICAST : RTN_UNREACHABLE;
	mnl_attr_put(buf, RTA_DST, netlink_addr_bytes(head->rtm_family), route->dst.addr.bytes);
	mnl_attr_put_u32(buf, RTA_PRIORITY, route->metric);
}

static void put_paths(void *buf, const struct netlink_route *route)
{
	struct nlattr *paths;

	if (route->n_paths == 1)
		mnl_attr_put_u32(buf, RTA_OIF, route->if_indexes[0]);
	if (route->n_paths <= 1)
		return;
	paths = mnl_attr_nest_start(buf, RTA_MULTIPATH);
	for (uint32_t i = 0; i < route->n_paths; i++) {
		struct rtnexthop *path = mnl_nlmsg_get_payload_tail(buf);

		*path = (struct rtnexthop){ .rtnh_len = sizeof(*path),
					    .rtnh_ifindex = (int)route->if_indexes[i] };
		((struct nlmsghdr *)buf)->nlmsg_len += sizeof(*path);
	}
	mnl_attr_nest_end(buf, paths);
}

void netlink_route_put(void *buf, const struct netlink_route *route)
{
	put_route(buf, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
	put_paths(buf, route);
}

void netlink_route_del(void *buf, const struct netlink_route *route)
{
	put_route(buf, RTM_DELROUTE, 0, route);
}

int netlink_route_parse(const struct nlmsghdr *message, struct netlink_route *ret_route)
{
	const struct rtmsg *head = netlink_payload(message, sizeof(*head));
	static const uint8_t zero[16];
	const struct nlattr *dst;

	if (!head)
		return -EBADMSG;
	if (head->rtm_protocol != NETLINK_ROUTE_PROTOCOL)
		return -ENOMSG;
	dst = netlink_attr(message, sizeof(*head), RTA_DST, netlink_addr_bytes(head->rtm_family));
	*ret_route = (struct netlink_route){
		.dst = netlink_to_prefix(dst ? mnl_attr_get_payload(dst) : zero, head->rtm_family,
					 head->rtm_dst_len),
		.metric = netlink_u32(message, sizeof(*head), RTA_PRIORITY),
		.n_paths = head->rtm_type == RTN_UNICAST,
	};
	return 0;
}
