/* An epoll loop for one thread. Sources are embedded in their owners: no heap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct loop {
	int epoll_fd;
	int is_stopped; /* written by loop_stop */
};

/* A descriptor that the loop watches. The owner of the struct owns the descriptor. */
struct loop_source {
	int fd;
	void (*on_ready)(struct loop_source *source, uint32_t epoll_events);
};

/* A one-shot or periodic timer on CLOCK_MONOTONIC. */
struct loop_timer {
	struct loop_source source;
	void (*on_time)(struct loop_timer *timer);
};

/* Signals that arrive as events; they are blocked in this thread and its later ones. */
struct loop_signals {
	struct loop_source source;
	void (*on_signal)(struct loop_signals *signals, int number);
};

#define loop_owner(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* All return 0 or a negative errno. */
__attribute__((warn_unused_result)) int loop_init(struct loop *loop);
void loop_deinit(struct loop *loop);

/* Watches source->fd for EPOLLIN (and what epoll always reports). */
__attribute__((warn_unused_result)) int loop_add(struct loop *loop, struct loop_source *source);
/* Stops watching; safe from inside a callback, also for a source whose event is still pending in
 * the same round. */
void loop_del(struct loop *loop, struct loop_source *source);

__attribute__((warn_unused_result)) int loop_timer_open(struct loop *loop,
							struct loop_timer *timer);
/* `after_ms` 0 disarms; `period_ms` 0 means once. */
__attribute__((warn_unused_result)) int loop_timer_set(struct loop_timer *timer, uint64_t after_ms,
						       uint64_t period_ms);
void loop_timer_close(struct loop *loop, struct loop_timer *timer);

/* Blocks and watches the signals of `numbers`, which ends with 0. */
__attribute__((warn_unused_result)) int
loop_signals_open(struct loop *loop, struct loop_signals *signals, const int *numbers);
void loop_signals_close(struct loop *loop, struct loop_signals *signals);

/* Runs callbacks until loop_stop. Returns 0 or a negative errno of epoll_wait. */
__attribute__((warn_unused_result)) int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
