/* Which tunnels a destination is routed into.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/steer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"
#include "tests/unit/rows.h"

#define NOW_S 1000
#define OLD (NOW_S - 100) /* settled */
#define YOUNG (NOW_S - 1) /* not yet */

static struct envelope envelope;
static struct steer steer;

/* Tunnels 0 to 2 carry everything; tunnel 3 has a child for 10.50.8.0/24 and one for all IPv6. */
static int set_up(void **state)
{
	static const char *const remotes[] = { "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0",
					       "10.50.8.0/24", "::/0" };

	(void)state;
	memset(&envelope, 0, sizeof(envelope));
	memset(&steer, 0, sizeof(steer));
	envelope.head = (struct envelope_head){ .n_tunnels = 4, .n_children = 5 };
	for (uint32_t i = 0; i < 5; i++)
		envelope.children[i] = (struct envelope_child){
			.reqid = i + 1, .tunnel = i < 3 ? i : 3, .remote = sample_prefix(remotes[i])
		};
	for (uint32_t i = 0; i < 4; i++)
		envelope.tunnels[i].priority = 1;
	return 0;
}

static const struct row {
	const char *name;
	const char *dst;
	uint64_t up_since_s[5];
	uint32_t priorities[4];
	bool is_doubted[4];
	const char *chosen; /* numbers of tunnels */
} rows[] = {
	{ "with none up, all of the best priority stand by for what waits",
	  "10.50.0.0/16",
	  { 0 },
	  { 1, 2, 1, 1 },
	  { 0 },
	  "02" },
	{ "one that is up", "10.50.0.0/16", { 0, OLD }, { 1, 1, 1, 1 }, { 0 }, "1" },
	{ "equals share", "10.50.0.0/16", { OLD, OLD, 0 }, { 1, 1, 1, 1 }, { 0 }, "01" },
	{ "the lower number is preferred",
	  "10.50.0.0/16",
	  { OLD, OLD, OLD },
	  { 5, 4, 9, 1 },
	  { 0 },
	  "1" },
	{ "one that is up goes before one that is preferred",
	  "10.50.0.0/16",
	  { 0, OLD },
	  { 1, 7, 7, 1 },
	  { 0 },
	  "1" },
	{ "a doubted one gives way to a worse priority",
	  "10.50.0.0/16",
	  { OLD, OLD },
	  { 1, 2, 1, 1 },
	  { true },
	  "1" },
	{ "a doubted one is better than none",
	  "10.50.0.0/16",
	  { 0, OLD },
	  { 1, 1, 1, 1 },
	  { false, true },
	  "1" },
	{ "two doubted ones share",
	  "10.50.0.0/16",
	  { OLD, OLD },
	  { 1, 1, 1, 1 },
	  { true, true },
	  "01" },
	{ "one that came back waits", "10.50.0.0/16", { YOUNG, OLD }, { 1, 1, 1, 1 }, { 0 }, "1" },
	{ "with nothing to wait for it is taken",
	  "10.50.0.0/16",
	  { YOUNG },
	  { 1, 1, 1, 1 },
	  { 0 },
	  "0" },
	{ "and before a doubted one",
	  "10.50.0.0/16",
	  { YOUNG, OLD },
	  { 1, 1, 1, 1 },
	  { false, true },
	  "0" },
	{ "a wider selector carries it too",
	  "10.50.8.0/24",
	  { OLD, 0, 0, OLD },
	  { 1, 1, 1, 1 },
	  { 0 },
	  "03" },
	{ "a narrower one does not",
	  "10.50.0.0/16",
	  { 0, 0, 0, OLD },
	  { 1, 1, 1, 1 },
	  { 0 },
	  "012" },
	{ "families are apart",
	  "fd00:50::/32",
	  { OLD, OLD, OLD, 0, 0 },
	  { 1, 1, 1, 1 },
	  { 0 },
	  "3" },
};

static void chooses(void **state)
{
	const struct row *row = *state;
	struct prefix dst = sample_prefix(row->dst);
	struct steer_paths paths;

	set_up(NULL);
	memcpy(steer.up_since_s, row->up_since_s, sizeof(row->up_since_s));
	memcpy(steer.is_doubted, row->is_doubted, sizeof(row->is_doubted));
	for (uint32_t i = 0; i < 4; i++)
		envelope.tunnels[i].priority = row->priorities[i];
	paths = steer_choose(&envelope, &steer, &dst, NOW_S);
	assert_int_equal(paths.n, strlen(row->chosen));
	for (uint32_t i = 0; i < paths.n; i++)
		assert_int_equal(paths.tunnels[i], row->chosen[i] - '0');
}

static void more_than_the_kernel_takes_are_left_out(void **state)
{
	struct prefix dst = sample_prefix("10.50.0.0/16");

	(void)state;
	envelope.head = (struct envelope_head){ .n_tunnels = 12, .n_children = 12 };
	for (uint32_t i = 0; i < 12; i++) {
		envelope.tunnels[i].priority = 1;
		envelope.children[i] = (struct envelope_child){
			.reqid = i + 1, .tunnel = i, .remote = sample_prefix("0.0.0.0/0")
		};
	}
	assert_int_equal(steer_choose(&envelope, &steer, &dst, NOW_S).n, NETLINK_ROUTE_MAX_PATHS);
}

static void children_of_one_tunnel_are_one_path(void **state)
{
	struct prefix dst = sample_prefix("10.50.8.0/24");

	(void)state;
	envelope.children[4].remote = sample_prefix("10.50.0.0/16");
	steer.up_since_s[3] = steer.up_since_s[4] = OLD;
	assert_int_equal(steer_choose(&envelope, &steer, &dst, NOW_S).n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(more_than_the_kernel_takes_are_left_out, set_up),
		cmocka_unit_test_setup(children_of_one_tunnel_are_one_path, set_up),
	};

	return RUN_ROWS(rows, chooses) + cmocka_run_group_tests(tests, NULL, NULL);
}
