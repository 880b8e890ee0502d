/* Decides when a child SA is initiated again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/tunnel_keeper.h"

struct keeper keeper_init(bool may_initiate, uint64_t now_ms)
{
	return (struct keeper){
		.state = may_initiate ? KEEPER_STATE_DOWN : KEEPER_STATE_WAITING,
		.may_initiate = may_initiate,
		.since_ms = now_ms,
		.retry_ms = now_ms,
	};
}

const char *keeper_state_name(enum keeper_state state)
{
	static const char *const names[] = {
		[KEEPER_STATE_DOWN] = "down",
		[KEEPER_STATE_CONNECTING] = "connecting",
		[KEEPER_STATE_UP] = "up",
		[KEEPER_STATE_WAITING] = "waiting",
	};

	return names[state];
}

uint32_t keeper_pause_ms(uint32_t n_failed, uint32_t random)
{
	uint32_t pause_ms = KEEPER_FIRST_RETRY_MS;

	while (n_failed-- > 1 && pause_ms < KEEPER_MAX_RETRY_MS)
		pause_ms *= 2;
	if (pause_ms > KEEPER_MAX_RETRY_MS)
		pause_ms = KEEPER_MAX_RETRY_MS;
	return pause_ms - random % (pause_ms / 4 + 1);
}

uint64_t keeper_due_ms(const struct keeper *keeper)
{
	switch (keeper->state) {
	case KEEPER_STATE_DOWN:
		return keeper->retry_ms;
	case KEEPER_STATE_CONNECTING:
		return keeper->attempt_ms + KEEPER_STUCK_MS;
	case KEEPER_STATE_UP:
	case KEEPER_STATE_WAITING:
		break;
	}
	return UINT64_MAX;
}

static void enter(struct keeper *keeper, enum keeper_state state, uint64_t now_ms)
{
	if (keeper->state == state)
		return;
	keeper->state = state;
	keeper->since_ms = now_ms;
}

static enum keeper_action attempt(struct keeper *keeper, uint64_t now_ms, bool is_fresh)
{
	enter(keeper, KEEPER_STATE_CONNECTING, now_ms);
	keeper->attempt_ms = now_ms;
	keeper->n_attempts++;
	if (is_fresh || keeper->n_attempts > KEEPER_ATTEMPTS_IN_PLACE)
		return KEEPER_ACTION_INITIATE_FRESH;
	return KEEPER_ACTION_INITIATE;
}

bool keeper_join(struct keeper *keeper, uint64_t now_ms)
{
	if (keeper->state != KEEPER_STATE_DOWN)
		return false;
	attempt(keeper, now_ms, false);
	return true;
}

/* Traffic that waits cuts a pause short, but for one that keeps two sides from flapping. */
static enum keeper_action step_down(struct keeper *keeper, enum keeper_event event, uint64_t now_ms)
{
	uint64_t soonest_ms = keeper->attempt_ms + KEEPER_FIRST_RETRY_MS;

	if (event == KEEPER_EVENT_WANTED && keeper->n_attempts > 0 && soonest_ms < keeper->retry_ms)
		keeper->retry_ms = soonest_ms;
	return now_ms >= keeper->retry_ms ? attempt(keeper, now_ms, false) : KEEPER_ACTION_NONE;
}

/* Goes down until `retry_ms`, which may be over. */
static enum keeper_action pause_until(struct keeper *keeper, uint64_t retry_ms,
				      enum keeper_event event, uint64_t now_ms)
{
	enter(keeper, KEEPER_STATE_DOWN, now_ms);
	keeper->retry_ms = retry_ms;
	return step_down(keeper, event, now_ms);
}

static enum keeper_action lost(struct keeper *keeper, enum keeper_event event, uint64_t now_ms,
			       uint32_t random)
{
	if (now_ms - keeper->since_ms < KEEPER_STABLE_MS)
		return pause_until(keeper, now_ms + keeper_pause_ms(++keeper->n_flaps, random),
				   event, now_ms);
	keeper->n_flaps = 0;
	return attempt(keeper, now_ms, false);
}

enum keeper_action keeper_step(struct keeper *keeper, enum keeper_event event, uint64_t now_ms,
			       uint32_t random)
{
	if (event == KEEPER_EVENT_UP) {
		enter(keeper, KEEPER_STATE_UP, now_ms);
		keeper->n_attempts = 0;
		return KEEPER_ACTION_NONE;
	}
	if (!keeper->may_initiate) {
		enter(keeper, KEEPER_STATE_WAITING, now_ms);
		return KEEPER_ACTION_NONE;
	}
	switch (keeper->state) {
	case KEEPER_STATE_DOWN:
		if (event != KEEPER_EVENT_BUSY)
			return step_down(keeper, event, now_ms);
		keeper->attempt_ms = now_ms; /* libcharon began by itself */
		enter(keeper, KEEPER_STATE_CONNECTING, now_ms);
		return KEEPER_ACTION_NONE;
	case KEEPER_STATE_CONNECTING:
		if (event != KEEPER_EVENT_BUSY)
			return pause_until(keeper,
					   keeper->attempt_ms +
						   keeper_pause_ms(keeper->n_attempts, random),
					   event, now_ms);
		if (now_ms - keeper->attempt_ms >= KEEPER_STUCK_MS)
			return attempt(keeper, now_ms, true);
		return KEEPER_ACTION_NONE;
	case KEEPER_STATE_UP:
		if (event != KEEPER_EVENT_BUSY)
			return lost(keeper, event, now_ms, random);
		keeper->attempt_ms = now_ms;
		enter(keeper, KEEPER_STATE_CONNECTING, now_ms);
		return KEEPER_ACTION_NONE;
	case KEEPER_STATE_WAITING:
		break;
	}
	return KEEPER_ACTION_NONE;
}
