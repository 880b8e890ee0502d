/* The loop: timers, deletion from inside a callback, stopping.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

struct pipe_source {
	struct loop_source source;
	int write_fd;
	struct loop *loop;
	struct pipe_source *other; /* deleted by our callback */
	int n_calls;
};

struct counting_timer {
	struct loop_timer timer;
	struct loop *loop;
	int n_calls, stop_at;
};

static void timer_counts(struct loop_timer *timer)
{
	struct counting_timer *counting = loop_owner(timer, struct counting_timer, timer);

	if (++counting->n_calls == counting->stop_at)
		loop_stop(counting->loop);
}

static void pipe_deletes_other(struct loop_source *source, uint32_t epoll_events)
{
	struct pipe_source *self = loop_owner(source, struct pipe_source, source);

	assert_true(epoll_events & EPOLLIN);
	self->n_calls++;
	loop_del(self->loop, &self->other->source);
	loop_stop(self->loop);
}

static void open_pipe(struct pipe_source *self, struct loop *loop, struct pipe_source *other)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	*self = (struct pipe_source){ .source = { .fd = fds[0], .on_ready = pipe_deletes_other },
				      .write_fd = fds[1],
				      .loop = loop,
				      .other = other };
	assert_int_equal(loop_add(loop, &self->source), 0);
	assert_int_equal(write(self->write_fd, "x", 1), 1);
}

static void a_deleted_source_is_not_called_again(void **state)
{
	struct pipe_source a, b;
	struct loop loop;

	(void)state;
	assert_int_equal(loop_init(&loop), 0);
	open_pipe(&a, &loop, &b);
	open_pipe(&b, &loop, &a);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(a.n_calls + b.n_calls, 1); /* both were ready, one deleted the other */
	for (int i = 0; i < 2; i++) {
		struct pipe_source *p = i ? &b : &a;

		close(p->source.fd);
		close(p->write_fd);
	}
	loop_deinit(&loop);
}

static void a_periodic_timer_fires_until_the_loop_stops(void **state)
{
	struct counting_timer counting = { .stop_at = 3 };
	struct loop loop;

	(void)state;
	assert_int_equal(loop_init(&loop), 0);
	counting.loop = &loop;
	counting.timer.on_time = timer_counts;
	assert_int_equal(loop_timer_open(&loop, &counting.timer), 0);
	assert_int_equal(loop_timer_set(&counting.timer, 1, 1), 0);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(counting.n_calls, 3);
	loop_timer_close(&loop, &counting.timer);
	loop_deinit(&loop);
}

static void a_disarmed_timer_does_not_fire(void **state)
{
	struct counting_timer disarmed = { .stop_at = 1 }, last = { .stop_at = 1 };
	struct loop loop;

	(void)state;
	assert_int_equal(loop_init(&loop), 0);
	disarmed.loop = last.loop = &loop;
	disarmed.timer.on_time = last.timer.on_time = timer_counts;
	assert_int_equal(loop_timer_open(&loop, &disarmed.timer), 0);
	assert_int_equal(loop_timer_open(&loop, &last.timer), 0);
	assert_int_equal(loop_timer_set(&disarmed.timer, 5, 0), 0);
	assert_int_equal(loop_timer_set(&disarmed.timer, 0, 0), 0);
	assert_int_equal(loop_timer_set(&last.timer, 20, 0), 0);
	assert_int_equal(loop_run(&loop), 0);
	assert_int_equal(disarmed.n_calls, 0);
	assert_int_equal(last.n_calls, 1);
	loop_timer_close(&loop, &disarmed.timer);
	loop_timer_close(&loop, &last.timer);
	loop_deinit(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deleted_source_is_not_called_again),
		cmocka_unit_test(a_periodic_timer_fires_until_the_loop_stops),
		cmocka_unit_test(a_disarmed_timer_does_not_fire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
