/* The kernel as xfrmd uses it: its two netlink channels, single SAs, and events. Tests put another
 * one in its place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "runtime/loop.h"
#include "runtime/netlink_channel.h"
#include "xfrmd/netlink_route.h"
#include "xfrmd/netlink_sa.h"

struct kernel {
	struct netlink_channel xfrm, route;
	bool has_sa_dir;	   /* kernel 6.10 and later */
	struct loop_source events; /* of SAs; on_ready is the owner's */
	struct loop_source links;  /* interfaces that change; the same */
};

/* Opens all sockets. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int kernel_open(struct kernel *kernel);

/* One SA each; errors are those of the kernel (-ESRCH: there is none). */
__attribute__((warn_unused_result)) int kernel_spi_get(struct kernel *kernel,
						       const struct xfrm_spi_get *request,
						       uint32_t if_id, uint32_t *ret_spi_be);
__attribute__((warn_unused_result)) int kernel_sa_add(struct kernel *kernel,
						      const struct xfrm_sa_add *request);
__attribute__((warn_unused_result)) int kernel_sa_query(struct kernel *kernel,
							const struct addr *dst, uint32_t spi_be,
							struct netlink_sa *ret_sa);
int kernel_sa_del(struct kernel *kernel, const struct addr *dst, uint32_t spi_be);

/* Puts a route: queued, and sent by the flush, which returns the first error. */
void kernel_route_put(struct kernel *kernel, const struct netlink_route *route);
__attribute__((warn_unused_result)) int kernel_route_flush(struct kernel *kernel);

/* Reads every SA, larval ones too; results as netlink_channel_dump. */
__attribute__((warn_unused_result)) int
kernel_sa_dump(struct kernel *kernel, netlink_channel_reader reader, void *context);
