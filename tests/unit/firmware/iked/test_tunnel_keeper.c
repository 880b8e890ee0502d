/* When a child SA is initiated again, as rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "iked/tunnel_keeper.h"

#define DOWN KEEPER_STATE_DOWN
#define CONNECTING KEEPER_STATE_CONNECTING
#define UP KEEPER_STATE_UP
#define WAITING KEEPER_STATE_WAITING

#define S_UP KEEPER_EVENT_UP
#define S_BUSY KEEPER_EVENT_BUSY
#define S_NOTHING KEEPER_EVENT_NOTHING
#define S_WANTED KEEPER_EVENT_WANTED

#define NONE KEEPER_ACTION_NONE
#define INITIATE KEEPER_ACTION_INITIATE
#define FRESH KEEPER_ACTION_INITIATE_FRESH

/* One step at 100,000 ms, without jitter. */
struct row {
	const char *name;
	enum keeper_state state;
	uint32_t n_attempts, n_flaps;
	uint64_t since_ms, attempt_ms, retry_ms;
	enum keeper_event event;
	enum keeper_action action;
	enum keeper_state next;
	uint32_t next_attempts;
	uint64_t next_retry_ms; /* checked when next is DOWN */
};

#define NOW 100000

/* clang-format off */
static const struct row rows[] = {
	{ "the first look initiates",
	  DOWN, 0, 0, 0, 0, 0, S_NOTHING, INITIATE, CONNECTING, 1, 0 },
	{ "a pause is waited out",
	  DOWN, 1, 0, 0, 99000, 100001, S_NOTHING, NONE, DOWN, 1, 100001 },
	{ "after the pause it is tried again",
	  DOWN, 1, 0, 0, 99000, NOW, S_NOTHING, INITIATE, CONNECTING, 2, 0 },
	{ "the third attempt begins from scratch",
	  DOWN, 2, 0, 0, 99000, NOW, S_NOTHING, FRESH, CONNECTING, 3, 0 },
	{ "traffic that waits cuts the pause short",
	  DOWN, 9, 0, 0, 90000, 120000, S_WANTED, FRESH, CONNECTING, 10, 0 },
	{ "but not below a second after the last attempt",
	  DOWN, 9, 0, 0, 99500, 120000, S_WANTED, NONE, DOWN, 9, 100500 },
	{ "a gateway that opens it ends the pause",
	  DOWN, 5, 0, 0, 90000, 120000, S_UP, NONE, UP, 0, 0 },
	{ "what libcharon begins by itself counts as ours",
	  DOWN, 5, 0, 0, 90000, 120000, S_BUSY, NONE, CONNECTING, 5, 0 },
	{ "a negotiation is waited for",
	  CONNECTING, 1, 0, 50000, 50000, 0, S_BUSY, NONE, CONNECTING, 1, 0 },
	{ "but not for ever",
	  CONNECTING, 1, 0, 10000, 10000, 0, S_BUSY, FRESH, CONNECTING, 2, 0 },
	{ "success",
	  CONNECTING, 3, 0, 50000, 50000, 0, S_UP, NONE, UP, 0, 0 },
	{ "the first failure pauses one second, from its beginning",
	  CONNECTING, 1, 0, 99900, 99900, 0, S_NOTHING, NONE, DOWN, 1, 100900 },
	{ "the second two",
	  CONNECTING, 2, 0, 99900, 99900, 0, S_NOTHING, NONE, DOWN, 2, 101900 },
	{ "the sixth twenty-four",
	  CONNECTING, 6, 0, 99900, 99900, 0, S_NOTHING, NONE, DOWN, 6, 123900 },
	{ "the millionth too",
	  CONNECTING, 1000000, 0, 99900, 99900, 0, S_NOTHING, NONE, DOWN, 1000000, 123900 },
	{ "one that met silence was most of a pause itself",
	  CONNECTING, 6, 0, 78000, 78000, 0, S_NOTHING, NONE, DOWN, 6, 102000 },
	{ "or more than that",
	  CONNECTING, 2, 0, 78000, 78000, 0, S_NOTHING, FRESH, CONNECTING, 3, 0 },
	{ "but not when traffic waits",
	  CONNECTING, 6, 0, 90000, 90000, 0, S_WANTED, FRESH, CONNECTING, 7, 0 },
	{ "though never below a second after the last attempt",
	  CONNECTING, 6, 0, 99900, 99900, 0, S_WANTED, NONE, DOWN, 6, 100900 },
	{ "a tunnel that stays up needs nothing",
	  UP, 0, 0, 50000, 0, 0, S_UP, NONE, UP, 0, 0 },
	{ "one that was stable is opened again at once",
	  UP, 0, 4, 90000, 0, 0, S_NOTHING, INITIATE, CONNECTING, 1, 0 },
	{ "one that was not pauses",
	  UP, 0, 0, 90001, 0, 0, S_NOTHING, NONE, DOWN, 0, 101000 },
	{ "and longer when it is so again",
	  UP, 0, 2, 90001, 0, 0, S_NOTHING, NONE, DOWN, 0, 104000 },
	{ "also when traffic waits",
	  UP, 0, 2, 90001, 0, 0, S_WANTED, NONE, DOWN, 0, 104000 },
	{ "libcharon replaces it by itself",
	  UP, 0, 0, 50000, 0, 0, S_BUSY, NONE, CONNECTING, 0, 0 },
};
/* clang-format on */

static struct keeper keeper_from(const struct row *row, bool may_initiate)
{
	return (struct keeper){ .state = row->state,
				.may_initiate = may_initiate,
				.n_attempts = row->n_attempts,
				.n_flaps = row->n_flaps,
				.since_ms = row->since_ms,
				.attempt_ms = row->attempt_ms,
				.retry_ms = row->retry_ms };
}

static void each_state_and_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct row *row = &rows[i];
		struct keeper keeper = keeper_from(row, true);
		enum keeper_action action = keeper_step(&keeper, row->event, NOW, 0);

		if (action != row->action || keeper.state != row->next ||
		    keeper.n_attempts != row->next_attempts ||
		    (row->next == DOWN && keeper.retry_ms != row->next_retry_ms))
			fail_msg("%s: action %d, %s, %u attempts, retry %llu", row->name, action,
				 keeper_state_name(keeper.state), keeper.n_attempts,
				 (unsigned long long)keeper.retry_ms);
	}
}

static void a_responder_only_waits(void **state)
{
	static const enum keeper_event events[] = { S_NOTHING, S_BUSY, S_WANTED };

	(void)state;
	for (size_t i = 0; i < countof(events); i++) {
		struct keeper keeper = keeper_init(false, 0);

		assert_int_equal(keeper_step(&keeper, events[i], 1, 0), NONE);
		assert_int_equal(keeper.state, WAITING);
		assert_int_equal(keeper_step(&keeper, S_UP, 2, 0), NONE);
		assert_int_equal(keeper.state, UP);
		assert_int_equal(keeper_step(&keeper, events[i], 1000000, 0), NONE);
		assert_int_equal(keeper.state, WAITING);
		assert_true(keeper_due_ms(&keeper) == UINT64_MAX);
	}
}

static void siblings_that_are_down_begin_together(void **state)
{
	struct keeper down = {
		.state = DOWN, .may_initiate = true, .n_attempts = 4, .retry_ms = NOW + 20000
	};
	struct keeper up = { .state = UP, .may_initiate = true };
	struct keeper waiting = keeper_init(false, 0);

	(void)state;
	assert_true(keeper_join(&down, NOW));
	assert_int_equal(down.state, CONNECTING);
	assert_int_equal(down.n_attempts, 5);
	assert_false(keeper_join(&down, NOW));
	assert_false(keeper_join(&up, NOW));
	assert_false(keeper_join(&waiting, NOW));
}

/* A gateway that is silent for a week: the keeper goes on at its slowest pace, and is back within
 * one pause and one negotiation when the gateway answers. */
static void it_never_gives_up(void **state)
{
	struct keeper keeper = keeper_init(true, 0);
	uint64_t now_ms = 0, last_ms = 0;
	uint32_t n = 0;

	(void)state;
	while (now_ms < 7ull * 86400 * 1000) {
		enum keeper_action action =
			keeper_step(&keeper, S_NOTHING, now_ms, n * 2654435761u);

		if (action != NONE) {
			assert_true(n == 0 || now_ms - last_ms <= KEEPER_MAX_RETRY_MS);
			last_ms = now_ms;
			n++;
			now_ms += 21000; /* retransmissions */
		} else {
			now_ms = keeper_due_ms(&keeper);
		}
	}
	assert_true(n >= 7 * 86400 / 24);
}

static void pauses_are_jittered_and_bounded(void **state)
{
	(void)state;
	for (uint32_t n = 1; n < 40; n++) {
		for (uint32_t random = 0; random < 50000; random += 37) {
			uint32_t pause_ms = keeper_pause_ms(n, random);

			assert_in_range(pause_ms, KEEPER_FIRST_RETRY_MS * 3 / 4,
					KEEPER_MAX_RETRY_MS);
		}
	}
	assert_int_not_equal(keeper_pause_ms(6, 1), keeper_pause_ms(6, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_and_event),
		cmocka_unit_test(a_responder_only_waits),
		cmocka_unit_test(siblings_that_are_down_begin_together),
		cmocka_unit_test(it_never_gives_up),
		cmocka_unit_test(pauses_are_jittered_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
