/* SAs and their events as NETLINK_XFRM messages (<linux/xfrm.h>).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>

#include "proto/xfrm_proto.h"
#include "xfrmd/netlink.h"

/* One SA as the kernel tells of it. */
struct netlink_sa {
	struct addr src, dst;
	uint32_t spi_be; /* 0: the kernel waits for an SA */
	uint32_t if_id;
	uint32_t reqid;
	bool is_esp_tunnel;
	bool has_keys; /* false: reserved only */
	uint64_t bytes, packets;
	uint64_t used_at_s; /* Unix time; 0 if never */
};

/* XFRM_MSG_ALLOCSPI, answered by XFRM_MSG_NEWSA. `has_sa_dir` here and below: the kernel knows
 * XFRMA_SA_DIR (6.10); it then wants it on the reserved SPI and on the SA that takes its place. */
void netlink_spi_get(void *buf, const struct xfrm_spi_get *request, uint32_t if_id,
		     bool has_sa_dir);

/* Inbound: XFRM_MSG_UPDSA onto the reserved SPI; outbound: XFRM_MSG_NEWSA. Algorithms and key
 * lengths must have passed the envelope. The message holds keys: the sender wipes it. */
void netlink_sa_add(void *buf, const struct xfrm_sa_add *request, bool has_sa_dir);

/* A request that only names an SA: XFRM_MSG_DELSA; XFRM_MSG_GETSA, answered by XFRM_MSG_NEWSA. */
void netlink_sa_name(void *buf, uint16_t type, const struct addr *dst, uint32_t spi_be);

/* Reads XFRM_MSG_NEWSA. Returns 0 or -EBADMSG. */
__attribute__((warn_unused_result)) int netlink_sa_parse(const struct nlmsghdr *message,
							 struct netlink_sa *ret_sa);

/* Reads XFRM_MSG_EXPIRE, _ACQUIRE or _MAPPING. Returns 0, -ENOMSG for another type, or -EBADMSG. */
__attribute__((warn_unused_result)) int netlink_event_parse(const struct nlmsghdr *message,
							    struct xfrm_event *ret_event);
