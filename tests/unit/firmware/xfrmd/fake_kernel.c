/* A kernel for xfrmd's tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fake_kernel.h"

#include <arpa/inet.h>

struct fake_kernel fake_kernel;

static int take_error(void)
{
	int error = fake_kernel.next_error;

	fake_kernel.next_error = 0;
	return error;
}

int kernel_spi_get(struct kernel *kernel, const struct xfrm_spi_get *request, uint32_t if_id,
		   uint32_t *ret_spi_be)
{
	int error = take_error();

	(void)kernel;
	(void)request;
	(void)if_id;
	fake_kernel.n_spi_gets++;
	if (error == 0)
		*ret_spi_be = htonl(0xc0000001u + fake_kernel.next_spi++);
	return error;
}

int kernel_sa_add(struct kernel *kernel, const struct xfrm_sa_add *request)
{
	(void)kernel;
	fake_kernel.n_adds++;
	fake_kernel.last_add = *request;
	if (fake_kernel.on_add)
		fake_kernel.on_add(request);
	return take_error();
}

int kernel_sa_query(struct kernel *kernel, const struct addr *dst, uint32_t spi_be,
		    struct netlink_sa *ret_sa)
{
	(void)kernel;
	fake_kernel.n_queries++;
	fake_kernel.last_dst = *dst;
	fake_kernel.last_spi_be = spi_be;
	*ret_sa = fake_kernel.query;
	return take_error();
}

int kernel_sa_del(struct kernel *kernel, const struct addr *dst, uint32_t spi_be)
{
	(void)kernel;
	fake_kernel.n_dels++;
	fake_kernel.last_dst = *dst;
	fake_kernel.last_spi_be = spi_be;
	return take_error();
}

/* An SA is told of with the same payload that installs it. */
int kernel_sa_dump(struct kernel *kernel, netlink_channel_reader reader, void *context)
{
	uint8_t buf[NETLINK_CHANNEL_MESSAGE_BYTES] __attribute__((aligned(8)));
	int rc = take_error();

	(void)kernel;
	for (int i = 0; rc == 0 && i < 4 && fake_kernel.dump[i]; i++) {
		netlink_sa_add(buf, fake_kernel.dump[i], true);
		rc = reader((const struct nlmsghdr *)buf, context);
	}
	return rc;
}

void kernel_route_put(struct kernel *kernel, const struct netlink_route *route)
{
	(void)kernel;
	fake_kernel.n_routes++;
	fake_kernel.last_route = *route;
}

int kernel_route_flush(struct kernel *kernel)
{
	(void)kernel;
	return 0;
}
