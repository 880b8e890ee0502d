/* Policies as NETLINK_XFRM messages (<linux/xfrm.h>).
 *
 * A policy names gateway, interface and reqid, but no SPI and no address of ours: the tunnel is
 * closed before its first SA, and the kernel takes our address from its route to the gateway (out)
 * and any address of ours (in, fwd).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "xfrmd/netlink.h"

/* Directions are XFRM_POLICY_IN, _OUT and _FWD. */
struct netlink_policy {
	uint8_t direction;
	uint32_t if_id;
	uint32_t reqid;
	struct addr gateway;
	struct prefix local, remote;
};

/* XFRM_MSG_UPDPOLICY: installs it or takes the place of one with the same selector. */
void netlink_policy_put(void *buf, const struct netlink_policy *policy);

/* XFRM_MSG_DELPOLICY, by direction, interface and selector. */
void netlink_policy_del(void *buf, const struct netlink_policy *policy);

/* Reads XFRM_MSG_NEWPOLICY; gateway and reqid are left unset. Returns 0 or -EBADMSG. */
__attribute__((warn_unused_result)) int netlink_policy_parse(const struct nlmsghdr *message,
							     struct netlink_policy *ret_policy);
