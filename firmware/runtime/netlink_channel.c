/* A conversation with the kernel over netlink(7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/netlink_channel.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secret.h"

#define QUEUE_BYTES (1024 * 1024) /* a full batch of acknowledgements, or a burst of events */
#define PART_BYTES 32768	  /* the kernel's largest part of a dump (NLMSG_GOODSIZE) */
#define ANSWER_BYTES 8192
#define MAX_DUMP_TRIES 10 /* of a list that others change meanwhile */

/* Beyond net.core.rmem_max only CAP_NET_ADMIN may go; others get what there is. */
static int open_socket(int protocol, uint32_t groups, int *ret_fd)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };
	const int on = 1, queue_bytes = QUEUE_BYTES;
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue_bytes, sizeof(queue_bytes)) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue_bytes, sizeof(queue_bytes)) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

int netlink_channel_open(struct netlink_channel *channel, int protocol)
{
	int rc;

	channel->fd = channel->dump_fd = -1;
	channel->sequence = channel->n_queued = 0;
	channel->used = 0;
	channel->first_error = 0;
	rc = open_socket(protocol, 0, &channel->fd);
	if (rc == 0)
		rc = open_socket(protocol, 0, &channel->dump_fd);
	if (rc < 0)
		netlink_channel_close(channel);
	return rc;
}

void netlink_channel_close(struct netlink_channel *channel)
{
	cleanup_close(&channel->fd);
	cleanup_close(&channel->dump_fd);
	channel->fd = channel->dump_fd = -1;
}

int netlink_channel_subscribe(int protocol, uint32_t groups, int *ret_fd)
{
	return open_socket(protocol, groups, ret_fd);
}

/* What is left of a datagram. */
struct rest {
	const uint8_t *at;
	size_t len;
};

/* Takes one datagram of the kernel's, and of nobody else's. */
static int receive(int fd, uint8_t *buf, size_t size, struct rest *ret_rest)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(fd, buf, size, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from,
			     &from_len);

	if (n < 0)
		return errno == EAGAIN ? -ENODATA : -errno;
	if ((size_t)n > size || from.nl_pid != 0)
		return -EBADMSG;
	*ret_rest = (struct rest){ buf, (size_t)n };
	return 0;
}

/* The next whole message, or NULL. */
static const struct nlmsghdr *next(struct rest *rest)
{
	const struct nlmsghdr *message = (const void *)rest->at;
	size_t step;

	if (rest->len < sizeof(*message) || message->nlmsg_len < sizeof(*message) ||
	    message->nlmsg_len > rest->len)
		return NULL;
	step = NLMSG_ALIGN(message->nlmsg_len);
	step = step < rest->len ? step : rest->len;
	rest->at += step;
	rest->len -= step;
	return message;
}

static int error_of(const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);

	return message->nlmsg_len >= NLMSG_LENGTH(sizeof(error->error)) ? error->error : -EBADMSG;
}

static const struct nlmsghdr *number(struct netlink_channel *channel, struct nlmsghdr *message,
				     uint16_t flags)
{
	message->nlmsg_seq = ++channel->sequence;
	message->nlmsg_flags |= flags;
	return message;
}

void *netlink_channel_space(struct netlink_channel *channel)
{
	return channel->batch + channel->used;
}

static void note_error(struct netlink_channel *channel, int rc)
{
	if (rc < 0 && channel->first_error == 0)
		channel->first_error = rc;
}

/* Takes acknowledgements until `n_left` messages from number `first` on have theirs. */
static int take_acks(struct netlink_channel *channel, uint32_t first, uint32_t n_left)
{
	uint8_t buf[ANSWER_BYTES] __attribute__((aligned(8)));

	while (n_left > 0) {
		struct rest rest;
		int rc = receive(channel->fd, buf, sizeof(buf), &rest);

		if (rc < 0)
			return rc;
		for (const struct nlmsghdr *message; (message = next(&rest));) {
			if (message->nlmsg_type != NLMSG_ERROR || message->nlmsg_seq < first)
				continue;
			note_error(channel, error_of(message));
			n_left--;
		}
	}
	return 0;
}

static void send_batch(struct netlink_channel *channel)
{
	int rc = 0;

	if (channel->n_queued == 0)
		return;
	if (send(channel->fd, channel->batch, channel->used, 0) < 0)
		rc = -errno;
	else
		rc = take_acks(channel, channel->sequence - channel->n_queued + 1,
			       channel->n_queued);
	note_error(channel, rc);
	secret_wipe_bytes(channel->batch, channel->used);
	channel->used = 0;
	channel->n_queued = 0;
}

void netlink_channel_queue(struct netlink_channel *channel)
{
	const struct nlmsghdr *message = number(channel, netlink_channel_space(channel), NLM_F_ACK);

	channel->used += NLMSG_ALIGN(message->nlmsg_len);
	if (++channel->n_queued == NETLINK_CHANNEL_BATCH_MESSAGES ||
	    channel->used > NETLINK_CHANNEL_BATCH_BYTES)
		send_batch(channel);
}

int netlink_channel_flush(struct netlink_channel *channel)
{
	int rc;

	send_batch(channel);
	rc = channel->first_error;
	channel->first_error = 0;
	return rc;
}

int netlink_channel_ask(struct netlink_channel *channel, uint16_t answer_type,
			netlink_channel_reader reader, void *context)
{
	uint8_t buf[ANSWER_BYTES] __attribute__((aligned(8)));
	const struct nlmsghdr *request = number(channel, netlink_channel_space(channel), 0);
	const struct nlmsghdr *answer = NULL;
	struct rest rest = { buf, 0 };
	int rc;

	rc = send(channel->fd, request, request->nlmsg_len, 0) < 0 ? -errno : 0;
	/* an acknowledgement that an earlier failure left behind is not the answer */
	while (rc == 0 && !answer) {
		rc = receive(channel->fd, buf, sizeof(buf), &rest);
		while (rc == 0 && (answer = next(&rest)) && answer->nlmsg_seq != request->nlmsg_seq)
			;
	}
	if (rc == 0 && answer->nlmsg_type == NLMSG_ERROR)
		rc = error_of(answer) < 0 ? error_of(answer) : -EPROTO;
	else if (rc == 0)
		rc = answer->nlmsg_type == answer_type ? reader(answer, context) : -EPROTO;
	secret_wipe_bytes(channel->batch, request->nlmsg_len);
	secret_wipe_bytes(buf, (size_t)(rest.at - buf));
	return rc;
}

struct dump {
	uint32_t sequence;
	bool is_changed;
	int first_error; /* of the reader; the rest is still taken, else the next dump would be
			    EBUSY */
	netlink_channel_reader reader;
	void *context;
};

/* Reads one datagram of a dump. Returns 1 at its end, 0 for more to come. */
static int read_part(struct dump *dump, struct rest rest)
{
	for (const struct nlmsghdr *message; (message = next(&rest));) {
		if (message->nlmsg_seq != dump->sequence)
			continue;
		dump->is_changed |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (message->nlmsg_type == NLMSG_DONE)
			return 1;
		if (message->nlmsg_type == NLMSG_ERROR)
			return error_of(message);
		if (dump->first_error == 0)
			dump->first_error = dump->reader(message, dump->context);
	}
	return 0;
}

static int dump_once(struct netlink_channel *channel, struct nlmsghdr *request, struct dump *dump)
{
	uint8_t buf[PART_BYTES] __attribute__((aligned(8)));
	struct rest rest;
	int rc = 0;

	dump->sequence = number(channel, request, NLM_F_DUMP)->nlmsg_seq;
	dump->is_changed = false;
	if (send(channel->dump_fd, request, request->nlmsg_len, 0) < 0)
		return -errno;
	while (rc == 0) {
		rc = receive(channel->dump_fd, buf, sizeof(buf), &rest);
		if (rc == 0)
			rc = read_part(dump, rest);
	}
	return rc < 0 ? rc : dump->first_error;
}

int netlink_channel_dump(struct netlink_channel *channel, struct nlmsghdr *request,
			 netlink_channel_reader reader, void *context)
{
	struct dump dump = { .is_changed = true, .reader = reader, .context = context };
	int rc = 0;

	for (int tries = 0; rc == 0 && dump.is_changed && tries < MAX_DUMP_TRIES; tries++)
		rc = dump_once(channel, request, &dump);
	return rc == 0 && dump.is_changed ? -EAGAIN : rc;
}

int netlink_channel_read(int fd, netlink_channel_reader reader, void *context)
{
	uint8_t buf[ANSWER_BYTES] __attribute__((aligned(8)));
	struct rest rest;
	int rc = receive(fd, buf, sizeof(buf), &rest);

	if (rc < 0)
		return rc == -ENODATA ? 0 : rc;
	for (const struct nlmsghdr *message; (message = next(&rest));) {
		rc = reader(message, context);
		if (rc < 0)
			return rc;
	}
	return 0;
}
