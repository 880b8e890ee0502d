/* The numbers that libcharon is told.
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
#include "config/secrets.h"
#include "iked/peer_plan.h"

static struct tunnel sample(void)
{
	static struct tunnel_child children[] = { { .name = "any", .reqid = 7 } };
	struct tunnel tunnel = {
		.name = "cn-branch7",
		.if_id = 3,
		.role = TUNNEL_ROLE_BOTH,
		.ike_rekey_s = 24000,
		.dpd_timeout_s = 45,
		.child_life_s = 27000,
		.child_life_kilobytes = 102400000,
		.n_ike_suites = 1,
		.n_esp_suites = 1,
		.n_children = 1,
		.children = children,
	};

	assert_int_equal(ike_suite_parse("aes256gcm16-prfsha384-ecp384", &tunnel.ike_suites[0]), 0);
	assert_int_equal(esp_suite_parse("aes256gcm16", &tunnel.esp_suites[0]), 0);
	return tunnel;
}

static void azures_default_lifetimes(void **state)
{
	struct tunnel tunnel = sample();
	struct peer_plan plan;

	(void)state;
	peer_plan_from_tunnel(&tunnel, &plan);
	assert_int_equal(plan.ike_rekey_s, 24000);
	assert_int_equal(plan.ike_jitter_s, 1200);
	assert_int_equal(plan.ike_rekey_s + plan.ike_over_s, 28800); /* when Azure's ends */
	assert_int_equal(plan.dpd_s, 15);
	assert_int_equal(plan.child_s.life, 27000);
	assert_int_equal(plan.child_s.rekey, 21600);
	assert_int_equal(plan.child_s.jitter, 1350);
	assert_true(plan.child_s.rekey < 27000 * 95 / 100 - 1350); /* before Azure does */
	assert_true(plan.child_bytes.life == 102400000ull * 1024);
	assert_true(plan.child_bytes.rekey == 102400000ull * 1024 / 100 * 80);
	assert_true(plan.is_initiator);
}

static void the_largest_values_do_not_overflow(void **state)
{
	struct tunnel tunnel = sample();
	struct peer_plan plan;

	(void)state;
	tunnel.child_life_kilobytes = UINT32_MAX;
	tunnel.ike_rekey_s = 28000;
	tunnel.dpd_timeout_s = 3600;
	peer_plan_from_tunnel(&tunnel, &plan);
	assert_true(plan.child_bytes.life == (uint64_t)UINT32_MAX * 1024);
	assert_true(plan.child_bytes.rekey < plan.child_bytes.life);
	assert_true(plan.child_bytes.jitter < plan.child_bytes.rekey);
	assert_int_equal(plan.dpd_s, 1200);
}

static void the_smallest_values_are_raised(void **state)
{
	struct tunnel tunnel = sample();
	struct peer_plan plan;

	(void)state;
	tunnel.dpd_timeout_s = 9;
	tunnel.ike_rekey_s = 300;
	tunnel.child_life_s = 300;
	tunnel.child_life_kilobytes = 0;
	tunnel.role = TUNNEL_ROLE_RESPONDER;
	peer_plan_from_tunnel(&tunnel, &plan);
	assert_int_equal(plan.dpd_s, 10);
	assert_int_equal(plan.ike_over_s, 60);
	assert_int_equal(plan.child_s.rekey, 240);
	assert_int_equal(plan.child_bytes.life, 0);
	assert_int_equal(plan.child_bytes.rekey, 0);
	assert_false(plan.is_initiator);
}

static const struct {
	const char *suite;
	bool is_ike;
	struct plan_proposal wanted;
} suites[] = {
	{ "aes256-sha1-modp1024",
	  true,
	  { 4, { { 1, 12, 256 }, { 3, 2, 0 }, { 2, 2, 0 }, { 4, 2, 0 } } } },
	{ "3des-sha256-modp1024",
	  true,
	  { 4, { { 1, 3, 0 }, { 3, 12, 0 }, { 2, 5, 0 }, { 4, 2, 0 } } } },
	{ "aes256gcm16-prfsha384-ecp384",
	  true,
	  { 3, { { 1, 20, 256 }, { 2, 6, 0 }, { 4, 20, 0 } } } },
	{ "aes256gcm16", false, { 2, { { 1, 20, 256 }, { 5, 0, 0 } } } },
	{ "aes256-sha256", false, { 3, { { 1, 12, 256 }, { 3, 12, 0 }, { 5, 0, 0 } } } },
	{ "aes128-sha1-modp2048",
	  false,
	  { 4, { { 1, 12, 128 }, { 3, 2, 0 }, { 4, 14, 0 }, { 5, 0, 0 } } } },
	{ "3des-sha1-modp2048s256",
	  false,
	  { 4, { { 1, 3, 0 }, { 3, 2, 0 }, { 4, 24, 0 }, { 5, 0, 0 } } } },
};

static void suites_become_transforms(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(suites); i++) {
		struct tunnel tunnel = sample();
		const struct plan_proposal *wanted = &suites[i].wanted;
		struct peer_plan plan;

		if (suites[i].is_ike)
			assert_int_equal(ike_suite_parse(suites[i].suite, &tunnel.ike_suites[0]),
					 0);
		else
			assert_int_equal(esp_suite_parse(suites[i].suite, &tunnel.esp_suites[0]),
					 0);
		peer_plan_from_tunnel(&tunnel, &plan);
		if (memcmp(suites[i].is_ike ? &plan.ike[0] : &plan.esp[0], wanted, sizeof(*wanted)))
			fail_msg("%s", suites[i].suite);
	}
}

static void children_are_passed_on(void **state)
{
	struct tunnel tunnel = sample();
	struct plan_child child;

	(void)state;
	assert_int_equal(prefix_parse("192.168.70.0/24", &tunnel.children[0].local), 0);
	assert_int_equal(prefix_parse("10.50.0.0/16", &tunnel.children[0].remote), 0);
	child = plan_child_from_tunnel(&tunnel, 0);
	assert_string_equal(child.name, "any");
	assert_int_equal(child.reqid, 7);
	assert_true(prefix_equal(&child.local, &tunnel.children[0].local));
	assert_true(prefix_equal(&child.remote, &tunnel.children[0].remote));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(azures_default_lifetimes),
		cmocka_unit_test(the_largest_values_do_not_overflow),
		cmocka_unit_test(the_smallest_values_are_raised),
		cmocka_unit_test(suites_become_transforms),
		cmocka_unit_test(children_are_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
