/* The asking end of the channel to xfrmd (proto/xfrm_proto.h).
 *
 * Safe for many threads: one request is in flight at a time, the others wait. A connection that
 * breaks is closed at once; requests then fail with -ENOTCONN until its owner, main.c, has opened
 * another. Keys are wiped whatever the outcome.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/limits.h"
#include "proto/xfrm_proto.h"

/* Longest wait for an answer. xfrmd does its netlink work while we wait; a thousand tunnels' worth
 * of it at its start takes a second. */
#define XFRMC_TIMEOUT_MS 10000

struct xfrmc;

/* `path` must outlive it. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int
xfrmc_new(const char *path, const uint8_t config_sha256[static 32], struct xfrmc **ret_xfrmc);
void xfrmc_free(struct xfrmc *xfrmc);

/* Connects, once, in the place of any connection there is. Returns 0 and xfrmd's sockets for UDP
 * ports 500 and 4500, which the caller closes and must neither connect, shut down nor change, or a
 * negative errno: -ENOENT or -ECONNREFUSED when xfrmd is not there, -ESTALE when it holds another
 * configuration, -EPIPE, -EPROTO, -ETIMEDOUT. */
__attribute__((warn_unused_result)) int xfrmc_open(struct xfrmc *xfrmc, int ret_udp[static 2]);
void xfrmc_close(struct xfrmc *xfrmc);

/* The descriptor on which events arrive; it belongs to `xfrmc` and lives until the next open or
 * close. It hangs up when the connection is lost, whoever noticed first. */
int xfrmc_event_fd(struct xfrmc *xfrmc);

/* Takes one event. Returns 0, -EAGAIN when there is none, -EPIPE when the connection is lost,
 * -EPROTO for what is no event of this version. */
__attribute__((warn_unused_result)) int xfrmc_event_read(struct xfrmc *xfrmc,
							 struct xfrm_event *ret_event);

/* The requests. Each returns 0 or a negative errno: -EACCES when xfrmd refused it, which has been
 * logged; -ENOTCONN, -EPIPE, -EPROTO, -ETIMEDOUT when there is no connection or none any more;
 * others are the kernel's, e.g. -ESRCH for an SA that it does not have. */

__attribute__((warn_unused_result)) int xfrmc_spi_get(struct xfrmc *xfrmc, const struct addr *src,
						      const struct addr *dst, uint32_t *ret_spi_be);

/* Fills the header of `sa` and wipes all of it before it returns. */
__attribute__((warn_unused_result)) int xfrmc_sa_add(struct xfrmc *xfrmc, struct xfrm_sa_add *sa);

/* Traffic of one SA. */
struct xfrmc_use {
	uint64_t bytes, packets;
	uint64_t used_ago_s; /* UINT64_MAX: never */
};

/* `ref` but for its header. */
__attribute__((warn_unused_result)) int xfrmc_sa_query(struct xfrmc *xfrmc, struct xfrm_sa_ref *ref,
						       struct xfrmc_use *ret_use);
__attribute__((warn_unused_result)) int xfrmc_sa_del(struct xfrmc *xfrmc, struct xfrm_sa_ref *ref);

/* Tells that the peer of a tunnel may be dead, or is not: other tunnels come first meanwhile. */
__attribute__((warn_unused_result)) int xfrmc_tunnel_doubt(struct xfrmc *xfrmc, uint32_t if_id,
							   bool is_doubted);

/* Why the last request that failed did, as a sentence; "" when none has. */
void xfrmc_last_failure(struct xfrmc *xfrmc, char ret_text[static MAX_SENTENCE_BYTES]);
