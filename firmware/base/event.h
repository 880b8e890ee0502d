/* Events that an operator should know: one table of id, text and what to do.
 *
 * docs/events.md is printed from it. An event is logged as a notice, warning or error whose line
 * ends in event=<id>.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

enum event {
#define EVENT(name, id, level, text, remedy) EVENT_##name,
#include "base/event.def"
#undef EVENT
	EVENT_N,
};

struct event_row {
	const char *id;
	enum log_level level;
	const char *text;   /* a sentence */
	const char *remedy; /* what to do about it; "" when nothing */
};

/* Rows by enum event. */
extern const struct event_row event_rows[EVENT_N];

/* What somebody else can bring about as often as he likes is told EVENT_BUDGET times in
 * EVENT_BUDGET_S seconds. All zero at first. */
#define EVENT_BUDGET 40
#define EVENT_BUDGET_S 60

struct event_budget {
	uint64_t since_s;
	uint32_t n;
};

/* True when there is budget left at `now_s` (CLOCK_MONOTONIC), of which it takes one. */
bool event_pass(struct event_budget *budget, uint64_t now_s);

/* Logs one event: its text, then the formatted key=value pairs ("%s", "" when there are none). */
__attribute__((format(printf, 2, 3))) void event_log(enum event event, const char *pairs, ...);
