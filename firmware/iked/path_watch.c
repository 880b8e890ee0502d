/* Notices that addresses or routes of the box change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/path_watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/cleanup.h"

#define MAX_DRAINED 1024 /* the loop comes back for more */

static void on_time(struct loop_timer *timer)
{
	loop_owner(timer, struct path_watch, timer)->on_change();
}

/* What the messages say does not matter, nor that some are lost (ENOBUFS). */
static void on_ready(struct loop_source *source, uint32_t epoll_events)
{
	struct path_watch *watch = loop_owner(source, struct path_watch, source);
	char byte;

	(void)epoll_events;
	for (int i = 0; i < MAX_DRAINED; i++)
		if (recv(source->fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC) < 0 &&
		    errno != ENOBUFS)
			break;
	if (loop_timer_set(&watch->timer, PATH_WATCH_SETTLE_MS, 0) < 0)
		watch->on_change();
}

int path_watch_open(struct path_watch *watch, struct loop *loop, void (*on_change)(void))
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
				    .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE };
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int rc;

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	*watch = (struct path_watch){ .loop = loop,
				      .source = { .fd = fd, .on_ready = on_ready },
				      .timer = { .on_time = on_time },
				      .on_change = on_change };
	rc = loop_timer_open(loop, &watch->timer);
	if (rc < 0)
		return rc;
	rc = loop_add(loop, &watch->source);
	if (rc < 0) {
		loop_timer_close(loop, &watch->timer);
		return rc;
	}
	steal_fd(&fd);
	return 0;
}

void path_watch_close(struct path_watch *watch)
{
	if (!watch->loop)
		return;
	loop_del(watch->loop, &watch->source);
	close(watch->source.fd);
	loop_timer_close(watch->loop, &watch->timer);
	watch->loop = NULL;
}
