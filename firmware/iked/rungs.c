/* The rungs of a tunnel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/rungs.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What becomes of one rung. */
struct verdict {
	enum rung_state state;
	enum reason reason; /* why it stops */
};

static const struct verdict holds = { RUNG_STATE_HOLDS, REASON_NONE };
static const struct verdict unknown = { RUNG_STATE_UNKNOWN, REASON_NONE };

static struct verdict stops(enum reason reason)
{
	return (struct verdict){ RUNG_STATE_STOPS, reason };
}

__attribute__((format(printf, 2, 3))) static void say(char text[static MAX_RUNG_TEXT_BYTES],
						      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, MAX_RUNG_TEXT_BYTES, format, args);
	va_end(args);
}

/* What is wrong with the interface; "" when nothing is. */
static const char *link_flaw(const struct wan_state *wan)
{
	if (!wan->is_there)
		return " does not exist";
	if (!wan->is_up)
		return " is down";
	return wan->has_carrier ? "" : " has no carrier";
}

static struct verdict judge_link(const struct rung_facts *facts,
				 char text[static MAX_RUNG_TEXT_BYTES])
{
	say(text, "%s%s", facts->wan.name, link_flaw(&facts->wan));
	return facts->wan.has_carrier ? holds : stops(REASON_NO_LINK);
}

static struct verdict judge_address(const struct rung_facts *facts,
				    char text[static MAX_RUNG_TEXT_BYTES])
{
	char address[ADDR_TEXT_BYTES];

	if (!facts->wan.address.family) {
		say(text, "no IPv4 address");
		return stops(REASON_NO_ADDRESS);
	}
	say(text, "%s, %s route to the gateway", addr_print(&facts->wan.address, address),
	    facts->has_route ? "with a" : "no");
	return facts->has_route ? holds : stops(REASON_NO_ROUTE);
}

static struct verdict judge_dns(const struct rung_facts *facts,
				char text[static MAX_RUNG_TEXT_BYTES])
{
	(void)facts;
	say(text, "not needed: gateways have addresses");
	return (struct verdict){ RUNG_STATE_NOT_NEEDED, REASON_NONE };
}

/* While the tunnel is not up the reason says which of these rungs is the last one. */
static struct verdict judge_by_reason(const struct rung_facts *facts, enum rung rung)
{
	enum rung last = reason_rung(facts->reason);

	if (facts->state == KEEPER_STATE_UP)
		return holds;
	if (last == rung)
		return stops(facts->reason);
	return last < RUNG_N && last > rung ? holds : unknown;
}

static struct verdict judge_udp(const struct rung_facts *facts,
				char text[static MAX_RUNG_TEXT_BYTES])
{
	struct verdict verdict = judge_by_reason(facts, RUNG_UDP);

	if (facts->heard_ago_s == RUNGS_NEVER)
		say(text, "nothing heard from the gateway");
	else
		say(text, "port %u, heard %" PRIu64 " s ago%s", facts->heard_port,
		    facts->heard_ago_s, facts->is_nat ? ", through NAT" : ", no NAT");
	return verdict;
}

static struct verdict judge_ike(const struct rung_facts *facts,
				char text[static MAX_RUNG_TEXT_BYTES])
{
	say(text, "%s", facts->ike_suite);
	if (facts->ike_suite[0] && reason_rung(facts->reason) != RUNG_IKE)
		return holds;
	return judge_by_reason(facts, RUNG_IKE);
}

static struct verdict judge_child(const struct rung_facts *facts,
				  char text[static MAX_RUNG_TEXT_BYTES])
{
	if (facts->n_children_up == facts->n_children) {
		say(text, "%" PRIu32 " of %" PRIu32 " up, %s", facts->n_children_up,
		    facts->n_children, facts->esp_suite);
		return holds;
	}
	say(text, "%" PRIu32 " of %" PRIu32 " up (%s is not)", facts->n_children_up,
	    facts->n_children, facts->child_down);
	return reason_rung(facts->reason) == RUNG_CHILD ? stops(facts->reason) : unknown;
}

static struct verdict judge_host(const struct rung_facts *facts,
				 char text[static MAX_RUNG_TEXT_BYTES])
{
	if (facts->inside_ago_s != RUNGS_NEVER) {
		say(text, "%" PRIu64 " packets in, %" PRIu64 " out, the last in %" PRIu64 " s ago",
		    facts->packets_in, facts->packets_out, facts->inside_ago_s);
		return holds;
	}
	say(text, "no packet in, %" PRIu64 " out", facts->packets_out);
	return facts->packets_out < RUNGS_SILENT_PACKETS ? unknown : stops(REASON_NOTHING_BACK);
}

static struct verdict (*const judges[RUNG_N])(const struct rung_facts *facts,
					      char text[static MAX_RUNG_TEXT_BYTES]) = {
	[RUNG_LINK] = judge_link, [RUNG_ADDRESS] = judge_address, [RUNG_DNS] = judge_dns,
	[RUNG_UDP] = judge_udp,	  [RUNG_IKE] = judge_ike,	  [RUNG_CHILD] = judge_child,
	[RUNG_HOST] = judge_host,
};

enum rung rungs_fill(const struct rung_facts *facts, struct status_rung ret_rungs[static RUNG_N],
		     enum reason *ret_reason)
{
	enum reason reason = facts->reason;
	enum rung rung = RUNG_LINK, stops_at = RUNG_N;

	memset(ret_rungs, 0, RUNG_N * sizeof(*ret_rungs)); /* not reached */
	for (; rung < RUNG_N; rung++) {
		struct verdict verdict = judges[rung](facts, ret_rungs[rung].text);

		ret_rungs[rung].state = (uint8_t)verdict.state;
		if (verdict.state == RUNG_STATE_STOPS) {
			reason = verdict.reason;
			stops_at = rung;
		}
		if (verdict.state == RUNG_STATE_STOPS || verdict.state == RUNG_STATE_UNKNOWN)
			break;
	}
	*ret_reason = reason;
	return stops_at;
}
