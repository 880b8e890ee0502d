/* xfrm interfaces as rtnetlink messages (<linux/if_link.h>).
 *
 * They have no underlying device, so that they outlive any WAN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "base/limits.h"
#include "xfrmd/netlink.h"

/* What Azure asks of a tunnel interface, and it leaves room for ESP in UDP on any uplink from 1,476
 * bytes on. */
#define NETLINK_LINK_MTU_BYTES 1400

struct netlink_link {
	uint32_t if_index;
	uint32_t if_id; /* 0 unless it is an xfrm interface */
	char name[MAX_IFNAME_BYTES];
};

/* RTM_NEWLINK that makes the interface "ipsec<if_id>", still down; an existing one is an error. */
void netlink_link_add(void *buf, uint32_t if_id);

/* RTM_SETLINK of "ipsec<if_id>": MTU, up, and no IPv6 address of its own, since its router
 * solicitations would be traffic for the tunnel. */
void netlink_link_up(void *buf, uint32_t if_id);

/* RTM_DELLINK; RTM_GETLINK of all. */
void netlink_link_del(void *buf, uint32_t if_index);
void netlink_link_dump(void *buf);

/* Reads RTM_NEWLINK. Returns 0 or -EBADMSG. */
__attribute__((warn_unused_result)) int netlink_link_parse(const struct nlmsghdr *message,
							   struct netlink_link *ret_link);
