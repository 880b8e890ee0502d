/* Keeps the connection to xfrmd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/xfrmd_link.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/event.h"
#include "iked/ike.h"

static uint32_t next_pause(uint32_t pause_ms)
{
	return pause_ms * 2 > XFRMD_MAX_RETRY_MS ? XFRMD_MAX_RETRY_MS : pause_ms * 2;
}

int xfrmd_link_wait(struct xfrmc *xfrmc, int ret_udp[static 2])
{
	uint32_t pause_ms = XFRMD_FIRST_RETRY_MS;
	int last = 0;

	for (;;) {
		int rc = xfrmc_open(xfrmc, ret_udp);

		if (rc == 0 || rc == -ESTALE)
			return rc;
		if (rc != last)
			log_info("waiting for xfrmd error=\"%s\"", strerror(-rc));
		last = rc;
		poll(NULL, 0, (int)pause_ms);
		pause_ms = next_pause(pause_ms);
	}
}

/* Watches the descriptor that events come on; it is another one after each connection. */
static int watch_events(struct xfrmd_link *link)
{
	link->events.fd = xfrmc_event_fd(link->xfrmc);
	link->since_ms = clock_now_ms();
	return loop_add(link->loop, &link->events);
}

static void retry_later(struct xfrmd_link *link)
{
	if (loop_timer_set(&link->retry, link->pause_ms, 0) < 0)
		loop_stop(link->loop); /* no way to come back: the supervisor starts us again */
	link->pause_ms = next_pause(link->pause_ms);
}

static void on_retry(struct loop_timer *timer)
{
	struct xfrmd_link *link = loop_owner(timer, struct xfrmd_link, retry);
	int udp[2];
	int rc = xfrmc_open(link->xfrmc, udp);

	if (rc == -ESTALE) {
		link->on_stale();
		return;
	}
	if (rc < 0) {
		retry_later(link);
		return;
	}
	log_info("connected to xfrmd again");
	ike_reconnected(udp);
	if (watch_events(link) < 0) {
		xfrmc_close(link->xfrmc);
		retry_later(link);
	}
}

static void on_lost(struct xfrmd_link *link)
{
	loop_del(link->loop, &link->events);
	xfrmc_close(link->xfrmc);
	event_log(EVENT_XFRMD_LOST, "%s", "");
	if (clock_now_ms() - link->since_ms >= XFRMD_STABLE_MS)
		link->pause_ms = XFRMD_FIRST_RETRY_MS;
	retry_later(link);
}

static void on_events(struct loop_source *source, uint32_t epoll_events)
{
	struct xfrmd_link *link = loop_owner(source, struct xfrmd_link, events);
	struct xfrm_event event;
	int rc;

	(void)epoll_events;
	while ((rc = xfrmc_event_read(link->xfrmc, &event)) == 0)
		ike_event(&event);
	if (rc != -EAGAIN)
		on_lost(link);
}

int xfrmd_link_start(struct xfrmd_link *link, struct loop *loop, struct xfrmc *xfrmc,
		     void (*on_stale)(void))
{
	int rc;

	*link = (struct xfrmd_link){ .loop = loop,
				     .xfrmc = xfrmc,
				     .on_stale = on_stale,
				     .pause_ms = XFRMD_FIRST_RETRY_MS,
				     .events = { .fd = -1, .on_ready = on_events },
				     .retry = { .on_time = on_retry } };
	rc = loop_timer_open(loop, &link->retry);
	if (rc < 0)
		return rc;
	rc = watch_events(link);
	if (rc < 0)
		loop_timer_close(loop, &link->retry);
	return rc;
}

void xfrmd_link_stop(struct xfrmd_link *link)
{
	if (!link->loop)
		return;
	loop_del(link->loop, &link->events);
	loop_timer_close(link->loop, &link->retry);
	link->loop = NULL;
}
