/* What all netlink codecs share: how to begin and to read a message, and addresses in the kernel's
 * form.
 *
 * Codecs are pure: they write one message of at most NETLINK_CHANNEL_MESSAGE_BYTES, or read one.
 * Sequence number and NLM_F_ACK or NLM_F_DUMP are the sender's (runtime/netlink_channel.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "base/addr.h"
#include "runtime/netlink_channel.h"

/* Begins a request; returns its payload. All is zeroed, since libmnl leaves gaps as they are. */
static inline void *netlink_header(void *buf, uint16_t type, uint16_t flags, size_t payload_bytes)
{
	struct nlmsghdr *message =
		mnl_nlmsg_put_header(memset(buf, 0, NETLINK_CHANNEL_MESSAGE_BYTES));

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(message, payload_bytes);
}

/* The payload of a message, or NULL when it is shorter than `bytes`. */
static inline const void *netlink_payload(const struct nlmsghdr *message, size_t bytes)
{
	return mnl_nlmsg_get_payload_len(message) >= bytes ? mnl_nlmsg_get_payload(message) : NULL;
}

/* The first attribute of that type with at least `bytes`, behind `offset` bytes of payload, or
 * NULL. */
static inline const struct nlattr *netlink_attr(const struct nlmsghdr *message, size_t offset,
						uint16_t type, size_t bytes)
{
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) >= offset)
		mnl_attr_for_each (attr, message, offset)
			if (mnl_attr_get_type(attr) == type &&
			    mnl_attr_get_payload_len(attr) >= bytes)
				return attr;
	return NULL;
}

/* The same for a number; 0 when there is none. */
static inline uint32_t netlink_u32(const struct nlmsghdr *message, size_t offset, uint16_t type)
{
	const struct nlattr *attr = netlink_attr(message, offset, type, sizeof(uint32_t));

	return attr ? mnl_attr_get_u32(attr) : 0;
}

static inline uint16_t netlink_family(const struct addr *addr)
{
	return addr->family == ADDR_FAMILY_IPV6 ? AF_INET6 : AF_INET;
}

static inline size_t netlink_addr_bytes(uint16_t family)
{
	return family == AF_INET6 ? 16 : 4;
}

static inline xfrm_address_t netlink_from_addr(const struct addr *addr)
{
	xfrm_address_t out = { 0 };

	memcpy(&out, addr->bytes, netlink_addr_bytes(netlink_family(addr)));
	return out;
}

static inline struct addr netlink_to_addr(const void *bytes, uint16_t family)
{
	struct addr out = { .family = family == AF_INET6 ? ADDR_FAMILY_IPV6 : ADDR_FAMILY_IPV4 };

	memcpy(out.bytes, bytes, netlink_addr_bytes(family));
	return out;
}

static inline struct prefix netlink_to_prefix(const void *bytes, uint16_t family, uint8_t len)
{
	return (struct prefix){ .addr = netlink_to_addr(bytes, family), .len = len };
}

/* A selector that takes all protocols and ports from `src` to `dst`, of one family. */
static inline struct xfrm_selector netlink_selector(const struct prefix *src,
						    const struct prefix *dst)
{
	return (struct xfrm_selector){ .daddr = netlink_from_addr(&dst->addr),
				       .saddr = netlink_from_addr(&src->addr),
				       .family = netlink_family(&dst->addr),
				       .prefixlen_d = dst->len,
				       .prefixlen_s = src->len };
}
