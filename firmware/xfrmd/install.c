/* Interfaces, policies and routes of the configuration, brought into the kernel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/install.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include "base/cleanup.h"
#include "config/tunnel.h"
#include "xfrmd/netlink_policy.h"
#include "xfrmd/netlink_route.h"

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

	if (rc < 0 || link.if_id == 0 || strcmp(link.name, tunnel_ifname(link.if_id, name)) != 0)
		return rc;
	tunnel = envelope_find_tunnel(install->envelope, link.if_id);
	if (tunnel) {
		install->if_indexes[tunnel - install->envelope->tunnels] = link.if_index;
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

static int install_links(struct install *install)
{
	const struct envelope *envelope = install->envelope;
	struct netlink_channel *channel = &install->kernel->route;
	int rc = find_links(install);

	for (uint32_t i = 0; rc == 0 && i < envelope->head.n_tunnels; i++) {
		uint32_t if_id = envelope->tunnels[i].if_id;

		if (install->if_indexes[i] == 0) {
			netlink_link_add(netlink_channel_space(channel), if_id);
			netlink_channel_queue(channel);
		}
		for (int is_up = 0; is_up <= 1; is_up++) {
			netlink_link_set(netlink_channel_space(channel), if_id, is_up);
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

static void queue_route(struct install *install, const struct prefix *dst, uint32_t metric,
			uint32_t if_index)
{
	const struct netlink_route route = { .dst = *dst, .metric = metric, .if_index = if_index };

	netlink_route_put(netlink_channel_space(&install->kernel->route), &route);
	netlink_channel_queue(&install->kernel->route);
}

static int install_unreachable(struct install *install)
{
	const struct envelope *envelope = install->envelope;

	for (uint32_t i = 0; i < envelope->head.n_prefixes; i++)
		queue_route(install, &envelope->prefixes[i], NETLINK_ROUTE_METRIC_UNREACHABLE, 0);
	return netlink_channel_flush(&install->kernel->route);
}

static int install_routes(struct install *install)
{
	const struct envelope *envelope = install->envelope;

	for (uint32_t i = 0; i < envelope->head.n_children; i++) {
		const struct envelope_child *child = &envelope->children[i];

		for (uint32_t n = 0; n < envelope->head.n_prefixes; n++) {
			const struct prefix *dst = envelope_route(child, &envelope->prefixes[n]);

			if (dst)
				queue_route(install, dst, INSTALL_METRIC_TUNNEL + child->tunnel,
					    install->if_indexes[child->tunnel]);
		}
	}
	return netlink_channel_flush(&install->kernel->route);
}

static bool is_route_wanted(const struct install *install, const struct netlink_route *route)
{
	const struct envelope *envelope = install->envelope;
	uint32_t n = route->metric - INSTALL_METRIC_TUNNEL, first = 0, n_children = 0;

	if (route->if_index && n < envelope->head.n_tunnels &&
	    install->if_indexes[n] == route->if_index) {
		first = envelope->tunnels[n].first_child;
		n_children = envelope->tunnels[n].n_children;
	}
	for (uint32_t i = 0; i < envelope->head.n_prefixes; i++) {
		if (!route->if_index && prefix_equal(&envelope->prefixes[i], &route->dst))
			return route->metric == NETLINK_ROUTE_METRIC_UNREACHABLE;
		for (uint32_t c = first; c < first + n_children; c++) {
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
		{ "install the routes into the tunnels", install_routes },
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
