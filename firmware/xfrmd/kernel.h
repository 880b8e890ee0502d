/* The kernel's netlink sockets: requests in batches, acknowledgements and errors carried back, dumps
 * and events. No heap; sockets and buffers are there from the start on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include "runtime/loop.h"
#include "xfrmd/netlink_sa.h"

#define KERNEL_BATCH_BYTES 32768
#define KERNEL_BATCH_MESSAGES 128 /* as many acknowledgements fit into the socket's queue */

/* One protocol. Messages are written to kernel_space and queued; they are sent when the batch is
 * full or flushed. */
struct kernel_channel {
	int fd, dump_fd;
	uint32_t sequence; /* of the last message */
	uint32_t n_queued;
	size_t used;
	int first_error; /* of this batch and the full ones before it */
	uint8_t batch[KERNEL_BATCH_BYTES + NETLINK_MAX_MESSAGE_BYTES] __attribute__((aligned(8)));
};

struct kernel {
	struct kernel_channel xfrm, route;
	bool has_sa_dir; /* kernel 6.10 and later */
	struct loop_source events; /* on_ready is the owner's */
};

/* Opens all sockets; needs CAP_NET_ADMIN. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int kernel_open(struct kernel *kernel);
void kernel_close(struct kernel *kernel);

/* Room for one message of NETLINK_MAX_MESSAGE_BYTES. */
void *kernel_space(struct kernel_channel *channel);

/* Takes the message that was written there, to be acknowledged. Errors show at kernel_flush. */
void kernel_queue(struct kernel_channel *channel);

/* Sends what is queued, takes all acknowledgements and wipes the batch. Returns 0, or the first error
 * since the last flush. */
__attribute__((warn_unused_result)) int kernel_flush(struct kernel_channel *channel);

/* Sends a dump request (written to `request`) and calls `on_message` for each answer. It may queue
 * messages. Returns 0, 1 when the list changed meanwhile and has to be read again, or a negative
 * errno, also of `on_message`. */
__attribute__((warn_unused_result)) int kernel_dump(struct kernel_channel *channel, void *request,
						    int (*on_message)(const struct nlmsghdr *message,
								      void *context),
						    void *context);

/* SAs, one request each; errors are those of the kernel. */
__attribute__((warn_unused_result)) int kernel_spi_get(struct kernel *kernel,
						       const struct xfrm_spi_get *request,
						       uint32_t if_id, uint32_t *ret_spi_be);
__attribute__((warn_unused_result)) int kernel_sa_add(struct kernel *kernel,
						      const struct xfrm_sa_add *request);
__attribute__((warn_unused_result)) int kernel_sa_query(struct kernel *kernel,
							const struct addr *dst, uint32_t spi_be,
							struct netlink_sa *ret_sa);
/* -ESRCH: there is none. */
int kernel_sa_del(struct kernel *kernel, const struct addr *dst, uint32_t spi_be);

/* Reads what waits on the events' socket: calls `on_event` for each. Returns 0, -ENOBUFS when the
 * kernel dropped events, or a negative errno. */
__attribute__((warn_unused_result)) int kernel_read_events(struct kernel *kernel,
							   void (*on_event)(const struct xfrm_event *,
									    void *context),
							   void *context);
