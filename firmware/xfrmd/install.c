/* Interfaces, policies and unreachable routes of the configuration, brought into the kernel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/install.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/tunnel.h"
#include "xfrmd/netlink_policy.h"
#include "xfrmd/netlink_route.h"
#include "xfrmd/steer.h"

#define DEFAULT_WAN_MTU 1500 /* until there is a WAN */

/* Runs a dump whose reader may queue deletions. What others took away first, or went with an
 * interface, is gone all the same. */
static int dump(struct install *install, struct netlink_channel *channel, uint16_t type,
		size_t head_bytes, netlink_channel_reader reader)
{
	uint8_t request[NETLINK_CHANNEL_MESSAGE_BYTES] __attribute__((aligned(8)));
	int rc, flushed;

	netlink_header(request, type, 0, head_bytes);
	rc = netlink_channel_dump(channel, (struct nlmsghdr *)request, reader, install);
	flushed = netlink_channel_flush(channel);
	if (rc == 0 && flushed != -ENOENT && flushed != -ESRCH && flushed != -ENODEV)
		rc = flushed;
	return rc;
}

/* Takes note of the tunnels' interfaces and, while sweeping, deletes others that have the kind and
 * the name of ours. */
static int on_link(const struct nlmsghdr *message, void *context)
{
	struct install *install = context;
	const struct envelope_tunnel *tunnel;
	char name[MAX_IFNAME_BYTES];
	struct netlink_link link;
	int rc = netlink_link_parse(message, &link);

	if (rc == 0 && strcmp(link.name, install->envelope->head.wan_interface) == 0)
		install->wan_mtu = link.mtu;
	if (rc < 0 || link.if_id == 0 || strcmp(link.name, tunnel_ifname(link.if_id, name)) != 0)
		return rc;
	tunnel = envelope_find_tunnel(install->envelope, link.if_id);
	if (tunnel) {
		install->if_indexes[tunnel - install->envelope->tunnels] = link.if_index;
		install->mtus[tunnel - install->envelope->tunnels] = link.is_up ? link.mtu : 0;
	} else if (install->is_sweeping) {
		netlink_link_del(netlink_channel_space(&install->kernel->route), link.if_index);
		netlink_channel_queue(&install->kernel->route);
	}
	return 0;
}

static int find_links(struct install *install)
{
	return dump(install, &install->kernel->route, RTM_GETLINK, sizeof(struct ifinfomsg),
		    on_link);
}

int install_links(struct install *install)
{
	const struct envelope *envelope = install->envelope;
	struct netlink_channel *channel = &install->kernel->route;
	int rc;

	memset(install->if_indexes, 0, sizeof(install->if_indexes));
	memset(install->mtus, 0, sizeof(install->mtus));
	install->wan_mtu = DEFAULT_WAN_MTU;
	install->n_changed = 0;
	install->is_sweeping = false;
	rc = find_links(install);
	for (uint32_t i = 0; rc == 0 && i < envelope->head.n_tunnels; i++) {
		uint32_t if_id = envelope->tunnels[i].if_id;
		uint32_t mtu = envelope_mtu(&envelope->tunnels[i], install->wan_mtu);

		install->n_changed += install->mtus[i] != mtu;
		if (install->if_indexes[i] == 0) {
			netlink_link_add(netlink_channel_space(channel), if_id);
			netlink_channel_queue(channel);
		}
		/* one that is up carries traffic: to take it down would cost its routes */
		for (int is_up = install->mtus[i] > 0; is_up <= 1 && install->mtus[i] != mtu;
		     is_up++) {
			netlink_link_set(netlink_channel_space(channel), if_id, mtu, is_up);
			netlink_channel_queue(channel);
		}
	}
	if (rc == 0)
		rc = netlink_channel_flush(channel);
	if (rc == 0)
		rc = find_links(install);
	for (uint32_t i = 0; rc == 0 && i < envelope->head.n_tunnels; i++)
		if (install->if_indexes[i] == 0)
			rc = -ENODEV;
	return rc;
}

bool install_is_link_lost(const struct install *install, const struct nlmsghdr *message)
{
	const struct envelope *envelope = install->envelope;
	struct netlink_link link;

	if (netlink_link_parse(message, &link) < 0)
		return false;
	if (strcmp(link.name, envelope->head.wan_interface) == 0)
		return message->nlmsg_type == RTM_NEWLINK && link.mtu != install->wan_mtu;
	for (uint32_t i = 0; i < envelope->head.n_tunnels; i++)
		if (install->if_indexes[i] == link.if_index)
			return message->nlmsg_type == RTM_DELLINK || !link.is_up ||
			       link.mtu != envelope_mtu(&envelope->tunnels[i], install->wan_mtu);
	return false;
}

static int sweep_links(struct install *install)
{
	install->is_sweeping = true;
	return find_links(install);
}

static int install_policies(struct install *install)
{
	const struct envelope *envelope = install->envelope;

	for (uint32_t i = 0; i < envelope->head.n_children; i++) {
		const struct envelope_child *child = &envelope->children[i];
		const struct envelope_tunnel *tunnel = &envelope->tunnels[child->tunnel];
		struct netlink_policy policy = { .if_id = tunnel->if_id,
						 .reqid = child->reqid,
						 .gateway = tunnel->gateway,
						 .local = child->local,
						 .remote = child->remote };

		for (; policy.direction <= XFRM_POLICY_FWD; policy.direction++) { /* in, out, fwd */
			netlink_policy_put(netlink_channel_space(&install->kernel->xfrm), &policy);
			netlink_channel_queue(&install->kernel->xfrm);
		}
	}
	return netlink_channel_flush(&install->kernel->xfrm);
}

/* A policy without if_id is somebody else's, and one of a socket has a direction of its own. */
static int on_policy(const struct nlmsghdr *message, void *context)
{
	struct install *install = context;
	const struct envelope_tunnel *tunnel;
	struct netlink_policy policy;
	int rc = netlink_policy_parse(message, &policy);

	if (rc < 0 || policy.if_id == 0 || policy.direction > XFRM_POLICY_FWD)
		return rc;
	tunnel = envelope_find_tunnel(install->envelope, policy.if_id);
	for (uint32_t i = 0; tunnel && i < tunnel->n_children; i++) {
		const struct envelope_child *child =
			&install->envelope->children[tunnel->first_child + i];

		if (prefix_equal(&child->local, &policy.local) &&
		    prefix_equal(&child->remote, &policy.remote))
			return 0;
	}
	netlink_policy_del(netlink_channel_space(&install->kernel->xfrm), &policy);
	netlink_channel_queue(&install->kernel->xfrm);
	return 0;
}

static int sweep_policies(struct install *install)
{
	return dump(install, &install->kernel->xfrm, XFRM_MSG_GETPOLICY,
		    sizeof(struct xfrm_userpolicy_id), on_policy);
}

static int install_unreachable(struct install *install)
{
	const struct envelope *envelope = install->envelope;

	for (uint32_t i = 0; i < envelope->head.n_prefixes; i++)
		kernel_route_put(
			install->kernel,
			&(struct netlink_route){ .dst = envelope->prefixes[i],
						 .metric = NETLINK_ROUTE_METRIC_UNREACHABLE });
	return kernel_route_flush(install->kernel);
}

static bool is_route_wanted(const struct install *install, const struct netlink_route *route)
{
	const struct envelope *envelope = install->envelope;
	uint32_t metric = route->n_paths ? STEER_METRIC : NETLINK_ROUTE_METRIC_UNREACHABLE;

	if (route->metric != metric)
		return false;
	for (uint32_t i = 0; i < envelope->head.n_prefixes; i++) {
		if (prefix_equal(&envelope->prefixes[i], &route->dst) && !route->n_paths)
			return true;
		for (uint32_t c = 0; route->n_paths && c < envelope->head.n_children; c++) {
			const struct prefix *dst =
				envelope_route(&envelope->children[c], &envelope->prefixes[i]);

			if (dst && prefix_equal(dst, &route->dst))
				return true;
		}
	}
	return false;
}

static int on_route(const struct nlmsghdr *message, void *context)
{
	struct install *install = context;
	struct netlink_route route;
	int rc = netlink_route_parse(message, &route);

	if (rc < 0 || is_route_wanted(install, &route))
		return rc == -ENOMSG ? 0 : rc;
	netlink_route_del(netlink_channel_space(&install->kernel->route), &route);
	netlink_channel_queue(&install->kernel->route);
	return 0;
}

static int sweep_routes(struct install *install)
{
	return dump(install, &install->kernel->route, RTM_GETROUTE, sizeof(struct rtmsg), on_route);
}

int install_all(struct install *install, struct kernel *kernel, const struct envelope *envelope,
		const char **ret_what)
{
	static const struct {
		const char *what;
		int (*run)(struct install *install);
	} steps[] = {
		{ "close Azure's prefixes with unreachable routes", install_unreachable },
		{ "set up the tunnel interfaces", install_links },
		{ "install the policies", install_policies },
		{ "remove routes of an older configuration", sweep_routes },
		{ "remove interfaces of an older configuration", sweep_links },
		{ "remove policies of an older configuration", sweep_policies },
	};

	*install = (struct install){ .kernel = kernel, .envelope = envelope };
	for (size_t i = 0; i < countof(steps); i++) {
		int rc = steps[i].run(install);

		if (rc < 0) {
			*ret_what = steps[i].what;
			return rc;
		}
	}
	return 0;
}
