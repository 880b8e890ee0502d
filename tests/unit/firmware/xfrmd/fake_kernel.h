/* A kernel for xfrmd's tests: remembers what it was asked, answers as it is told to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/kernel.h"

struct fake_kernel {
	int next_error;	   /* of the next call, then 0 again */
	uint32_t next_spi; /* host order; counts up */
	int n_spi_gets, n_adds, n_queries, n_dels;
	int n_routes; /* put */
	struct netlink_route last_route;
	struct xfrm_sa_add last_add;
	struct addr last_dst; /* of a query or deletion */
	uint32_t last_spi_be;
	struct netlink_sa query;			   /* the answer to a query */
	const struct xfrm_sa_add *dump[4];		   /* SAs that a dump shows, up to NULL */
	void (*on_add)(const struct xfrm_sa_add *request); /* may be NULL */
};

extern struct fake_kernel fake_kernel;
