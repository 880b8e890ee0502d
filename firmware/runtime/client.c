/* The asking end of a SOCK_SEQPACKET channel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/client.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define MAX_FDS 8 /* more than any channel hands over, so that a surplus is seen and closed */

int client_connect(const char *path, int *ret_fd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int wait_readable(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	int64_t end_ms = (int64_t)clock_now_ms() + timeout_ms;

	for (;;) {
		int64_t left_ms = timeout_ms < 0 ? -1 : end_ms - (int64_t)clock_now_ms();
		int n = poll(&pollfd, 1, timeout_ms >= 0 && left_ms < 0 ? 0 : (int)left_ms);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/* Stores the descriptors of a message in `ret_fds`, or closes them all when they are not `n_fds`.
 */
static int take_fds(struct msghdr *message, int *ret_fds, int n_fds)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int fds[MAX_FDS];
	int n;

	if (!control)
		return 0;
	if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
		return -EPROTO;
	n = (int)((control->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(fds, CMSG_DATA(control), (size_t)n * sizeof(int));
	if (n == n_fds && !(message->msg_flags & MSG_CTRUNC)) {
		memcpy(ret_fds, fds, (size_t)n * sizeof(int));
		return n;
	}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	return -EPROTO;
}

int client_ask(int fd, const void *request, size_t request_size, void *ret_reply, size_t reply_size,
	       int *ret_fds, int n_fds, int timeout_ms)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = ret_reply, .iov_len = reply_size };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n;
	int rc;

	if (send(fd, request, request_size, MSG_NOSIGNAL) < 0)
		return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
	rc = wait_readable(fd, timeout_ms);
	if (rc < 0)
		return rc;
	n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_TRUNC);
	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	rc = take_fds(&message, ret_fds, n_fds);
	if (n == 0)
		return -EPIPE;
	if (rc >= 0 && (size_t)n != reply_size) {
		for (int i = 0; i < rc; i++)
			close(ret_fds[i]);
		return -EPROTO;
	}
	return rc;
}
