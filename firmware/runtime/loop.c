/* An epoll loop for one thread.
 *
 * One event is taken at a time. A source that a callback deletes can therefore never be called
 * again from the same round, and epoll's ready list turns by itself, so that no source starves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int loop_init(struct loop *loop)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return -errno;
	*loop = (struct loop){ .epoll_fd = fd };
	return 0;
}

void loop_deinit(struct loop *loop)
{
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	loop->epoll_fd = -1;
}

int loop_add(struct loop *loop, struct loop_source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0 ? -errno : 0;
}

void loop_del(struct loop *loop, struct loop_source *source)
{
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
}

static void timer_ready(struct loop_source *source, uint32_t epoll_events)
{
	struct loop_timer *timer = loop_owner(source, struct loop_timer, source);
	uint64_t n_expirations;

	(void)epoll_events;
	if (read(source->fd, &n_expirations, sizeof(n_expirations)) == sizeof(n_expirations))
		timer->on_time(timer);
}

int loop_timer_open(struct loop *loop, struct loop_timer *timer)
{
	int rc;

	timer->source.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (timer->source.fd < 0)
		return -errno;
	timer->source.on_ready = timer_ready;
	rc = loop_add(loop, &timer->source);
	if (rc < 0) {
		close(timer->source.fd);
		timer->source.fd = -1;
	}
	return rc;
}

static struct timespec timespec_from_ms(uint64_t ms)
{
	return (struct timespec){ .tv_sec = (time_t)(ms / 1000),
				  .tv_nsec = (long)(ms % 1000) * 1000000 };
}

int loop_timer_set(struct loop_timer *timer, uint64_t after_ms, uint64_t period_ms)
{
	struct itimerspec spec = { .it_value = timespec_from_ms(after_ms),
				   .it_interval = timespec_from_ms(period_ms) };

	return timerfd_settime(timer->source.fd, 0, &spec, NULL) < 0 ? -errno : 0;
}

void loop_timer_close(struct loop *loop, struct loop_timer *timer)
{
	if (timer->source.fd < 0)
		return;
	loop_del(loop, &timer->source);
	close(timer->source.fd);
	timer->source.fd = -1;
}

static void signals_ready(struct loop_source *source, uint32_t epoll_events)
{
	struct loop_signals *signals = loop_owner(source, struct loop_signals, source);
	struct signalfd_siginfo info;

	(void)epoll_events;
	if (read(source->fd, &info, sizeof(info)) == sizeof(info))
		signals->on_signal(signals, (int)info.ssi_signo);
}

int loop_signals_open(struct loop *loop, struct loop_signals *signals, const int *numbers)
{
	sigset_t set;
	int rc;

	sigemptyset(&set);
	for (; *numbers; numbers++)
		sigaddset(&set, *numbers);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	signals->source.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->source.fd < 0)
		return -errno;
	signals->source.on_ready = signals_ready;
	rc = loop_add(loop, &signals->source);
	if (rc < 0) {
		close(signals->source.fd);
		signals->source.fd = -1;
	}
	return rc;
}

void loop_signals_close(struct loop *loop, struct loop_signals *signals)
{
	if (signals->source.fd < 0)
		return;
	loop_del(loop, &signals->source);
	close(signals->source.fd);
	signals->source.fd = -1;
}

int loop_run(struct loop *loop)
{
	while (!loop->is_stopped) {
		struct epoll_event event;
		struct loop_source *source;
		int n = epoll_wait(loop->epoll_fd, &event, 1, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		source = event.data.ptr;
		source->on_ready(source, event.events);
	}
	loop->is_stopped = 0;
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = 1;
}
