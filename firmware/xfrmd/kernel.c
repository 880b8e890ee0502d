/* The kernel as xfrmd uses it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/kernel.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/utsname.h>

#define GROUP(number) (1u << ((number)-1))

/* XFRMA_SA_DIR came with 6.10. */
static bool has_sa_dir(void)
{
	unsigned int major, minor;
	struct utsname name;

	return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 10));
}

int kernel_open(struct kernel *kernel)
{
	uint32_t groups =
		GROUP(XFRMNLGRP_ACQUIRE) | GROUP(XFRMNLGRP_EXPIRE) | GROUP(XFRMNLGRP_MAPPING);
	int rc = netlink_channel_open(&kernel->xfrm, NETLINK_XFRM);

	kernel->has_sa_dir = has_sa_dir();
	if (rc == 0)
		rc = netlink_channel_open(&kernel->route, NETLINK_ROUTE);
	if (rc == 0)
		rc = netlink_channel_subscribe(NETLINK_ROUTE, GROUP(RTNLGRP_LINK),
					       &kernel->links.fd);
	return rc < 0 ? rc : netlink_channel_subscribe(NETLINK_XFRM, groups, &kernel->events.fd);
}

static int read_sa(const struct nlmsghdr *message, void *context)
{
	return netlink_sa_parse(message, context);
}

int kernel_spi_get(struct kernel *kernel, const struct xfrm_spi_get *request, uint32_t if_id,
		   uint32_t *ret_spi_be)
{
	struct netlink_sa sa;
	int rc;

	netlink_spi_get(netlink_channel_space(&kernel->xfrm), request, if_id, kernel->has_sa_dir);
	rc = netlink_channel_ask(&kernel->xfrm, XFRM_MSG_NEWSA, read_sa, &sa);
	if (rc == 0)
		*ret_spi_be = sa.spi_be;
	return rc;
}

int kernel_sa_add(struct kernel *kernel, const struct xfrm_sa_add *request)
{
	netlink_sa_add(netlink_channel_space(&kernel->xfrm), request, kernel->has_sa_dir);
	netlink_channel_queue(&kernel->xfrm);
	return netlink_channel_flush(&kernel->xfrm);
}

int kernel_sa_query(struct kernel *kernel, const struct addr *dst, uint32_t spi_be,
		    struct netlink_sa *ret_sa)
{
	netlink_sa_name(netlink_channel_space(&kernel->xfrm), XFRM_MSG_GETSA, dst, spi_be);
	return netlink_channel_ask(&kernel->xfrm, XFRM_MSG_NEWSA, read_sa, ret_sa);
}

int kernel_sa_del(struct kernel *kernel, const struct addr *dst, uint32_t spi_be)
{
	netlink_sa_name(netlink_channel_space(&kernel->xfrm), XFRM_MSG_DELSA, dst, spi_be);
	netlink_channel_queue(&kernel->xfrm);
	return netlink_channel_flush(&kernel->xfrm);
}

int kernel_sa_dump(struct kernel *kernel, netlink_channel_reader reader, void *context)
{
	uint8_t request[NETLINK_CHANNEL_MESSAGE_BYTES] __attribute__((aligned(8)));

	netlink_header(request, XFRM_MSG_GETSA, 0, 0); /* a dump carries no id */
	return netlink_channel_dump(&kernel->xfrm, (struct nlmsghdr *)request, reader, context);
}

void kernel_route_put(struct kernel *kernel, const struct netlink_route *route)
{
	netlink_route_put(netlink_channel_space(&kernel->route), route);
	netlink_channel_queue(&kernel->route);
}

int kernel_route_flush(struct kernel *kernel)
{
	return netlink_channel_flush(&kernel->route);
}
