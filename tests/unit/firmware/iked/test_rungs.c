/* Where a tunnel stops.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "iked/rungs.h"

/* A tunnel that is up, with traffic. */
static struct rung_facts good(void)
{
	return (struct rung_facts){
		.wan = { .name = "wan0",
			 .is_there = true,
			 .is_up = true,
			 .has_carrier = true,
			 .address = { ADDR_FAMILY_IPV4, { 0 }, { 203, 0, 113, 7 } } },
		.has_route = true,
		.state = KEEPER_STATE_UP,
		.heard_ago_s = 3,
		.heard_port = 4500,
		.is_nat = true,
		.ike_suite = "aes256-sha384-ecp384",
		.esp_suite = "aes256gcm16",
		.n_children = 2,
		.n_children_up = 2,
		.child_down = "net-b",
		.packets_in = 7,
		.packets_out = 9,
		.inside_ago_s = 1,
	};
}

/* The same while it is not up, for a reason. */
static struct rung_facts down(enum reason reason)
{
	struct rung_facts facts = good();

	facts.state = KEEPER_STATE_DOWN;
	facts.reason = reason;
	facts.ike_suite = facts.esp_suite = "";
	facts.n_children_up = 0;
	facts.packets_in = facts.packets_out = 0;
	facts.inside_ago_s = RUNGS_NEVER;
	return facts;
}

/* The states as a word: one letter a rung. */
static void spell(const struct status_rung rungs[static RUNG_N], char word[static RUNG_N + 1])
{
	static const char letters[] = {
		[RUNG_STATE_NOT_REACHED] = '.', [RUNG_STATE_HOLDS] = 'h',
		[RUNG_STATE_STOPS] = 'S',	[RUNG_STATE_UNKNOWN] = '?',
		[RUNG_STATE_NOT_NEEDED] = '-',
	};

	for (int i = 0; i < RUNG_N; i++)
		word[i] = letters[rungs[i].state];
	word[RUNG_N] = '\0';
}

static void expect(const char *name, const struct rung_facts *facts, const char *word,
		   enum reason reason)
{
	struct status_rung rungs[RUNG_N];
	enum reason found;
	char spelt[RUNG_N + 1];
	enum rung at = rungs_fill(facts, rungs, &found);
	const char *stop = strchr(word, 'S');

	spell(rungs, spelt);
	if (strcmp(spelt, word) != 0 || found != reason ||
	    at != (stop ? (enum rung)(stop - word) : RUNG_N))
		fail_msg("%s: %s, %s", name, spelt, reason_id(found));
}

static void reasons_have_their_rung(void **state)
{
	static const struct {
		enum reason reason;
		const char *word;
	} rows[] = {
		{ REASON_STARTING, "hh-?..." },	    { REASON_WAITING, "hh-?..." },
		{ REASON_ENDED, "hh-?..." },	    { REASON_NO_ROUTE, "hh-?..." },
		{ REASON_SILENT, "hh-S..." },	    { REASON_SILENT_AUTH, "hh-S..." },
		{ REASON_DEAD, "hh-S..." },	    { REASON_ICMP_ADMIN, "hh-S..." },
		{ REASON_IKE_PROPOSAL, "hh-hS.." }, { REASON_KEY_WRONG, "hh-hS.." },
		{ REASON_SELECTORS, "hh-hhS." },    { REASON_XFRMD, "hh-hhS." },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct rung_facts facts = down(rows[i].reason);

		expect(reason_id(rows[i].reason), &facts, rows[i].word, rows[i].reason);
	}
}

static void what_the_box_sees_comes_first(void **state)
{
	struct rung_facts facts = good();

	(void)state;
	expect("all is well", &facts, "hh-hhhh", REASON_NONE);
	facts.wan.has_carrier = false;
	expect("the cable is out, the tunnel has not noticed", &facts, "S......", REASON_NO_LINK);
	facts = down(REASON_SILENT);
	facts.wan.has_carrier = facts.wan.is_up = false;
	expect("nothing comes, for the interface is down", &facts, "S......", REASON_NO_LINK);
	facts = down(REASON_SILENT);
	facts.wan.address.family = ADDR_FAMILY_NONE;
	expect("there is no address", &facts, "hS.....", REASON_NO_ADDRESS);
	facts = down(REASON_SILENT);
	facts.has_route = false;
	expect("there is no route", &facts, "hS.....", REASON_NO_ROUTE);
}

static void traffic_decides_about_the_host(void **state)
{
	struct rung_facts facts = good();

	(void)state;
	facts.packets_in = 0;
	expect("it was heard before the SAs were rekeyed", &facts, "hh-hhhh", REASON_NONE);
	facts.inside_ago_s = RUNGS_NEVER;
	expect("too little went out to tell", &facts, "hh-hhh?", REASON_NONE);
	facts.packets_out = RUNGS_SILENT_PACKETS;
	expect("much goes out, nothing comes in", &facts, "hh-hhhS", REASON_NOTHING_BACK);
}

static void one_child_of_two(void **state)
{
	struct rung_facts facts = good();

	(void)state;
	facts.n_children_up = 1;
	expect("the second is under way", &facts, "hh-hh?.", REASON_NONE);
	facts.reason = REASON_SELECTORS;
	expect("the second is refused", &facts, "hh-hhS.", REASON_SELECTORS);
}

static void texts(void **state)
{
	struct rung_facts facts = good();
	struct status_rung rungs[RUNG_N];
	enum reason reason;

	(void)state;
	rungs_fill(&facts, rungs, &reason);
	assert_string_equal(rungs[RUNG_LINK].text, "wan0");
	assert_string_equal(rungs[RUNG_ADDRESS].text, "203.0.113.7, with a route to the gateway");
	assert_string_equal(rungs[RUNG_DNS].text, "not needed: gateways have addresses");
	assert_string_equal(rungs[RUNG_UDP].text, "port 4500, heard 3 s ago, through NAT");
	assert_string_equal(rungs[RUNG_IKE].text, "aes256-sha384-ecp384");
	assert_string_equal(rungs[RUNG_CHILD].text, "2 of 2 up, aes256gcm16");
	assert_string_equal(rungs[RUNG_HOST].text, "7 packets in, 9 out, the last in 1 s ago");
	facts = down(REASON_SELECTORS);
	facts.heard_ago_s = RUNGS_NEVER;
	facts.wan.has_carrier = true;
	rungs_fill(&facts, rungs, &reason);
	assert_string_equal(rungs[RUNG_UDP].text, "nothing heard from the gateway");
	assert_string_equal(rungs[RUNG_CHILD].text, "0 of 2 up (net-b is not)");
	facts.wan.has_carrier = false;
	rungs_fill(&facts, rungs, &reason);
	assert_string_equal(rungs[RUNG_LINK].text, "wan0 has no carrier");
	assert_string_equal(rungs[RUNG_UDP].text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_have_their_rung),
		cmocka_unit_test(what_the_box_sees_comes_first),
		cmocka_unit_test(traffic_decides_about_the_host),
		cmocka_unit_test(one_child_of_two),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
