/* Decides when a child SA is initiated again. Never gives up.
 *
 * Pure: no clock, no libcharon. charon_keeper.c looks at what is there, tells one event a child,
 * and does what comes back. What is there decides, not what was heard: a lost notification costs
 * time, never the tunnel.
 *
 *                      nothing, after 10 s or more: at once
 *          +--------------------------------------------------+
 *          v                                                  |
 *   +------------+          up                            +------+
 *   | CONNECTING |--------------------------------------->|  UP  |
 *   +------------+                                        +------+
 *     |        ^                                           |    ^
 *     nothing  | due, or traffic waits      nothing sooner |    | up: the gateway
 *     v        |                                           v    | opened it
 *   +---------------------------------------------------------------+
 *   | DOWN until retry_ms: 1 s, doubled with each failure, to 24 s  |
 *   +---------------------------------------------------------------+
 *
 *   CONNECTING for 90 s: a new attempt. Responder only: WAITING in the place of the other two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Same values as enum tunnel_state of proto/status_proto.h. */
enum keeper_state {
	KEEPER_STATE_DOWN,
	KEEPER_STATE_CONNECTING,
	KEEPER_STATE_UP,
	KEEPER_STATE_WAITING,
};

/* What was seen of a child SA. */
enum keeper_event {
	KEEPER_EVENT_UP,      /* it is installed */
	KEEPER_EVENT_BUSY,    /* it is not, but a negotiation of ours is under way */
	KEEPER_EVENT_NOTHING, /* neither */
	KEEPER_EVENT_WANTED,  /* neither, and traffic waits or the way to the gateway is new */
};

enum keeper_action {
	KEEPER_ACTION_NONE,
	KEEPER_ACTION_INITIATE,	      /* in the tunnel's IKE SA, if it has one */
	KEEPER_ACTION_INITIATE_FRESH, /* in a new IKE SA, whatever there is */
};

#define KEEPER_FIRST_RETRY_MS 1000
/* From the beginning of one attempt to that of the next: one that met silence lasts 20 to 23 s, so
 * that a gateway which is back is met within 5 s. */
#define KEEPER_MAX_RETRY_MS 24000
/* After a child SA that ends sooner there is a pause, and a longer one each time, else two sides
 * that disagree would open and close it in a loop. */
#define KEEPER_STABLE_MS 10000
/* Longer than any negotiation of ours takes, with all its retransmissions. */
#define KEEPER_STUCK_MS 90000
/* After so many failures inside an IKE SA it is left: a new one brings its child without a KE, and
 * clears whatever ailed the old one. */
#define KEEPER_ATTEMPTS_IN_PLACE 2

struct keeper {
	enum keeper_state state;
	bool may_initiate;
	uint32_t n_attempts; /* since it was last up */
	uint32_t n_flaps;    /* times in a row that it was up for less than KEEPER_STABLE_MS */
	uint64_t since_ms;   /* when the state began */
	uint64_t attempt_ms; /* when it was last initiated */
	uint64_t retry_ms;   /* DOWN: when it is initiated next */
};

/* A keeper whose first step initiates, if it may. */
struct keeper keeper_init(bool may_initiate, uint64_t now_ms);

/* Takes what was seen at `now_ms` (any clock that only goes on) and any random number. Returns what
 * to do now. */
enum keeper_action keeper_step(struct keeper *keeper, enum keeper_event event, uint64_t now_ms,
			       uint32_t random);

/* Begins an attempt together with that of a sibling in the same tunnel, whose IKE SA it shares.
 * Returns true when it does: it was waiting for its next attempt. */
bool keeper_join(struct keeper *keeper, uint64_t now_ms);

/* When the keeper wants to be stepped again although nothing happened; UINT64_MAX: never. */
uint64_t keeper_due_ms(const struct keeper *keeper);

/* From the beginning of the last of `n_failed` failed attempts (1 or more) to the next one: doubles
 * from KEEPER_FIRST_RETRY_MS to KEEPER_MAX_RETRY_MS, less up to a quarter at random. */
uint32_t keeper_pause_ms(uint32_t n_failed, uint32_t random);

const char *keeper_state_name(enum keeper_state state);
