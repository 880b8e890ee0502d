/* The kernel's netlink sockets.
 *
 * The kernel answers a request before send returns, and fills the next part of a dump while it hands
 * over the last, so that nothing here ever waits: an answer that is not there is an error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/secret.h"

#define QUEUE_BYTES (1024 * 1024) /* a full batch of acknowledgements, a burst of expirations */
#define READ_BYTES 32768	  /* the kernel's largest part of a dump (NLMSG_GOODSIZE) */

#define GROUP(number) (1u << ((number) - 1))

static int open_socket(int protocol, uint32_t groups, int flags, int *ret_fd)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };
	const int on = 1, queue_bytes = QUEUE_BYTES;
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, protocol);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue_bytes, sizeof(queue_bytes)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int open_channel(struct kernel_channel *channel, int protocol)
{
	int rc = open_socket(protocol, 0, 0, &channel->fd);

	return rc < 0 ? rc : open_socket(protocol, 0, 0, &channel->dump_fd);
}

static bool is_release_from(unsigned int major, unsigned int minor)
{
	struct utsname name;
	unsigned int has_major, has_minor;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &has_major, &has_minor) != 2)
		return false;
	return has_major > major || (has_major == major && has_minor >= minor);
}

int kernel_open(struct kernel *kernel)
{
	uint32_t groups =
		GROUP(XFRMNLGRP_ACQUIRE) | GROUP(XFRMNLGRP_EXPIRE) | GROUP(XFRMNLGRP_MAPPING);
	int rc;

	kernel->xfrm.fd = kernel->xfrm.dump_fd = kernel->route.fd = kernel->route.dump_fd = -1;
	kernel->events.fd = -1;
	kernel->has_sa_dir = is_release_from(6, 10);
	rc = open_channel(&kernel->xfrm, NETLINK_XFRM);
	if (rc == 0)
		rc = open_channel(&kernel->route, NETLINK_ROUTE);
	if (rc == 0)
		rc = open_socket(NETLINK_XFRM, groups, SOCK_NONBLOCK, &kernel->events.fd);
	if (rc < 0)
		kernel_close(kernel);
	return rc;
}

void kernel_close(struct kernel *kernel)
{
	int *fds[] = { &kernel->xfrm.fd, &kernel->xfrm.dump_fd, &kernel->route.fd,
		       &kernel->route.dump_fd, &kernel->events.fd };

	for (size_t i = 0; i < countof(fds); i++) {
		cleanup_close(fds[i]);
		*fds[i] = -1;
	}
}

/* Takes one datagram of the kernel's, and of nobody else's. */
static int receive(int fd, void *buf, size_t size, size_t *ret_len)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(fd, buf, size, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from,
			     &from_len);

	if (n < 0)
		return errno == EAGAIN ? -ENODATA : -errno;
	if ((size_t)n > size || from.nl_pid != 0)
		return -EBADMSG;
	*ret_len = (size_t)n;
	return 0;
}

static int error_of(const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

	return mnl_nlmsg_get_payload_len(message) >= sizeof(error->error) ? error->error : -EBADMSG;
}

void *kernel_space(struct kernel_channel *channel)
{
	return channel->batch + channel->used;
}

static void note_error(struct kernel_channel *channel, int rc)
{
	if (rc < 0 && channel->first_error == 0)
		channel->first_error = rc;
}

/* Takes acknowledgements until `n_left` messages have theirs. */
static int take_acks(struct kernel_channel *channel, uint32_t first, uint32_t n_left)
{
	uint8_t buf[4096] __attribute__((aligned(8)));

	while (n_left > 0) {
		const struct nlmsghdr *message = (const void *)buf;
		size_t len;
		int left, rc = receive(channel->fd, buf, sizeof(buf), &len);

		if (rc < 0)
			return rc;
		for (left = (int)len; mnl_nlmsg_ok(message, left);
		     message = mnl_nlmsg_next(message, &left)) {
			if (message->nlmsg_type != NLMSG_ERROR || message->nlmsg_seq < first)
				continue;
			note_error(channel, error_of(message));
			n_left--;
		}
	}
	return 0;
}

static void send_batch(struct kernel_channel *channel)
{
	int rc = 0;

	if (channel->n_queued == 0)
		return;
	if (send(channel->fd, channel->batch, channel->used, 0) < 0)
		rc = -errno;
	else
		rc = take_acks(channel, channel->sequence - channel->n_queued + 1, channel->n_queued);
	note_error(channel, rc);
	secret_wipe_bytes(channel->batch, channel->used);
	channel->used = 0;
	channel->n_queued = 0;
}

static struct nlmsghdr *number(struct kernel_channel *channel, void *message, uint16_t flags)
{
	struct nlmsghdr *header = message;

	header->nlmsg_seq = ++channel->sequence;
	header->nlmsg_flags |= flags;
	return header;
}

void kernel_queue(struct kernel_channel *channel)
{
	const struct nlmsghdr *message = number(channel, kernel_space(channel), NLM_F_ACK);

	channel->used += NLMSG_ALIGN(message->nlmsg_len);
	if (++channel->n_queued == KERNEL_BATCH_MESSAGES || channel->used > KERNEL_BATCH_BYTES)
		send_batch(channel);
}

int kernel_flush(struct kernel_channel *channel)
{
	int rc;

	send_batch(channel);
	rc = channel->first_error;
	channel->first_error = 0;
	return rc;
}

/* Handles one datagram of a dump. Returns 1 at its end, 0 for more to come. */
static int take_dump_part(const void *buf, size_t len, uint32_t sequence, bool *is_changed,
			  int (*on_message)(const struct nlmsghdr *message, void *context),
			  void *context)
{
	const struct nlmsghdr *message = buf;

	for (int rc, left = (int)len; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != sequence)
			continue;
		*is_changed |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (message->nlmsg_type == NLMSG_DONE)
			return 1;
		if (message->nlmsg_type == NLMSG_ERROR)
			return error_of(message);
		rc = on_message(message, context);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int kernel_dump(struct kernel_channel *channel, void *request,
		int (*on_message)(const struct nlmsghdr *message, void *context), void *context)
{
	uint8_t buf[READ_BYTES] __attribute__((aligned(8)));
	const struct nlmsghdr *header = number(channel, request, 0);
	uint32_t sequence = header->nlmsg_seq;
	bool is_changed = false;
	size_t len;
	int rc = 0;

	if (send(channel->dump_fd, header, header->nlmsg_len, 0) < 0)
		return -errno;
	while (rc == 0) {
		rc = receive(channel->dump_fd, buf, sizeof(buf), &len);
		if (rc == 0)
			rc = take_dump_part(buf, len, sequence, &is_changed, on_message, context);
	}
	return rc < 0 ? rc : is_changed;
}

/* Asks for one SA: the kernel answers with it or with an error. */
static int ask_for_sa(struct kernel_channel *channel, struct netlink_sa *ret_sa)
{
	uint8_t buf[4096] __attribute__((aligned(8)));
	const struct nlmsghdr *request = number(channel, kernel_space(channel), 0);
	const struct nlmsghdr *answer = (const void *)buf;
	size_t len = 0;
	int rc;

	if (send(channel->fd, request, request->nlmsg_len, 0) < 0)
		return -errno;
	rc = receive(channel->fd, buf, sizeof(buf), &len);
	if (rc < 0)
		return rc;
	if (!mnl_nlmsg_ok(answer, (int)len))
		rc = -EBADMSG;
	else if (answer->nlmsg_type == NLMSG_ERROR)
		rc = error_of(answer) < 0 ? error_of(answer) : -EPROTO;
	else
		rc = answer->nlmsg_type == XFRM_MSG_NEWSA ? netlink_sa_parse(answer, ret_sa) : -EPROTO;
	secret_wipe_bytes(buf, len); /* the kernel tells the keys too */
	return rc;
}

int kernel_spi_get(struct kernel *kernel, const struct xfrm_spi_get *request, uint32_t if_id,
		   uint32_t *ret_spi_be)
{
	struct netlink_sa sa;
	int rc;

	netlink_spi_get(kernel_space(&kernel->xfrm), request, if_id, kernel->has_sa_dir);
	rc = ask_for_sa(&kernel->xfrm, &sa);
	if (rc == 0)
		*ret_spi_be = sa.spi_be;
	return rc;
}

int kernel_sa_add(struct kernel *kernel, const struct xfrm_sa_add *request)
{
	netlink_sa_add(kernel_space(&kernel->xfrm), request, kernel->has_sa_dir);
	kernel_queue(&kernel->xfrm);
	return kernel_flush(&kernel->xfrm);
}

int kernel_sa_query(struct kernel *kernel, const struct addr *dst, uint32_t spi_be,
		    struct netlink_sa *ret_sa)
{
	netlink_sa_get(kernel_space(&kernel->xfrm), dst, spi_be);
	return ask_for_sa(&kernel->xfrm, ret_sa);
}

int kernel_sa_del(struct kernel *kernel, const struct addr *dst, uint32_t spi_be)
{
	netlink_sa_del(kernel_space(&kernel->xfrm), dst, spi_be);
	kernel_queue(&kernel->xfrm);
	return kernel_flush(&kernel->xfrm);
}

int kernel_read_events(struct kernel *kernel,
		       void (*on_event)(const struct xfrm_event *event, void *context), void *context)
{
	uint8_t buf[8192] __attribute__((aligned(8)));
	const struct nlmsghdr *message = (const void *)buf;
	struct xfrm_event event;
	size_t len;
	int left, rc = receive(kernel->events.fd, buf, sizeof(buf), &len);

	if (rc < 0)
		return rc == -ENODATA ? 0 : rc;
	for (left = (int)len; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
		if (netlink_event_parse(message, &event) == 0)
			on_event(&event, context);
	return 0;
}
