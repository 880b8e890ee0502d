/* A conversation with the kernel over netlink(7): requests in batches, acknowledgements and errors
 * carried back, dumps, multicast messages. What the messages mean is the caller's. No heap.
 *
 * The kernel answers a request before send returns, and fills the next part of a dump while it
 * hands over the last, so that nothing here ever waits: an answer that is not there is -ENODATA.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_CHANNEL_MESSAGE_BYTES 1536 /* bound of a request */
#define NETLINK_CHANNEL_BATCH_BYTES 32768
#define NETLINK_CHANNEL_BATCH_MESSAGES                                                             \
	128 /* as many acknowledgements fit into the socket's queue */

/* One protocol. */
struct netlink_channel {
	int fd, dump_fd;
	uint32_t sequence; /* of the last message */
	uint32_t n_queued;
	size_t used;
	int first_error; /* since the last flush */
	uint8_t batch[NETLINK_CHANNEL_BATCH_BYTES + NETLINK_CHANNEL_MESSAGE_BYTES]
		__attribute__((aligned(8)));
};

/* Reads one message. A negative errno ends what is under way and is passed on. */
typedef int (*netlink_channel_reader)(const struct nlmsghdr *message, void *context);

/* Opens the sockets for a protocol (NETLINK_ROUTE ...). Returns 0 or a negative errno. A closed
 * channel has descriptors of -1 and may be closed again. */
__attribute__((warn_unused_result)) int netlink_channel_open(struct netlink_channel *channel,
							     int protocol);
void netlink_channel_close(struct netlink_channel *channel);

/* Room for one request of NETLINK_CHANNEL_MESSAGE_BYTES, without sequence number. */
void *netlink_channel_space(struct netlink_channel *channel);

/* Takes the request that was written there, to be acknowledged. It is sent when the batch is full
 * or flushed; errors show at the flush. */
void netlink_channel_queue(struct netlink_channel *channel);

/* Sends what is queued, takes all acknowledgements and wipes the batch. Returns 0, or the first
 * error since the last flush. */
__attribute__((warn_unused_result)) int netlink_channel_flush(struct netlink_channel *channel);

/* Sends the one request in netlink_channel_space, which the kernel answers with a message of
 * `answer_type` or an error, and wipes both. The batch must be empty. Returns what `reader`
 * returns, the kernel's error, or -EPROTO for another answer. */
__attribute__((warn_unused_result)) int netlink_channel_ask(struct netlink_channel *channel,
							    uint16_t answer_type,
							    netlink_channel_reader reader,
							    void *context);

/* Sends a dump request and reads each answer; the reader may queue requests. When the list changes
 * meanwhile it is read again, so that an entry may come twice. Returns 0, -EAGAIN when it never
 * came to rest, or a negative errno. */
__attribute__((warn_unused_result)) int netlink_channel_dump(struct netlink_channel *channel,
							     struct nlmsghdr *request,
							     netlink_channel_reader reader,
							     void *context);

/* Opens a non-blocking socket for multicast messages; `groups` is a set of 1 << (group - 1). The
 * descriptor is the caller's. */
__attribute__((warn_unused_result)) int netlink_channel_subscribe(int protocol, uint32_t groups,
								  int *ret_fd);

/* Reads what one datagram holds. Returns 0, also when there is none, -ENOBUFS when the kernel
 * dropped messages, or a negative errno. */
__attribute__((warn_unused_result)) int netlink_channel_read(int fd, netlink_channel_reader reader,
							     void *context);
