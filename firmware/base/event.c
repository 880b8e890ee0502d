/* The table of events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/event.h"

#include <stdarg.h>
#include <stdio.h>

const struct event_row event_rows[EVENT_N] = {
#define EVENT(name, id, level, text, remedy) [EVENT_##name] = { id, level, text, remedy },
#include "base/event.def"
#undef EVENT
};

bool event_pass(struct event_budget *budget, uint64_t now_s)
{
	if (now_s - budget->since_s >= EVENT_BUDGET_S)
		*budget = (struct event_budget){ .since_s = now_s };
	return budget->n++ < EVENT_BUDGET;
}

void event_log(enum event event, const char *pairs, ...)
{
	char text[1024] = "";
	va_list args;

	va_start(args, pairs);
	vsnprintf(text, sizeof(text), pairs, args);
	va_end(args);
	log_line(event_rows[event].level, "%s %s%sevent=%s", event_rows[event].text, text,
		 text[0] ? " " : "", event_rows[event].id);
}
