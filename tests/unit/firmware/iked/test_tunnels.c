/* What is known about a tunnel, and what a status row says of it.
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
#include "config/device.h"
#include "iked/path_look.h"
#include "iked/tunnels.h"
#include "proto/status_proto.h"

static struct tunnel_child children[2][2] = {
	{ { .name = "one", .reqid = 11 }, { .name = "two", .reqid = 12 } },
	{ { .name = "any", .reqid = 21 } },
};

static struct tunnel two[2] = {
	{ .name = "first",
	  .if_id = 1,
	  .n_children = 2,
	  .children = children[0],
	  .gateway = { ADDR_FAMILY_IPV4, { 0 }, { 198, 51, 100, 10 } } },
	{ .name = "second",
	  .if_id = 2,
	  .n_children = 1,
	  .children = children[1],
	  .role = TUNNEL_ROLE_RESPONDER,
	  .gateway = { ADDR_FAMILY_IPV4, { 0 }, { 198, 51, 100, 11 } } },
};

static struct device_config config = { .wan_interface = "wan0", .n_tunnels = 2, .tunnels = two };

static const struct wan_state wan = { .name = "wan0",
				      .is_there = true,
				      .is_up = true,
				      .has_carrier = true,
				      .address = { ADDR_FAMILY_IPV4, { 0 }, { 203, 0, 113, 7 } } };

static int setup(void **state)
{
	struct tunnels *tunnels;

	assert_int_equal(tunnels_new(&config, &tunnels), 0);
	*state = tunnels;
	return 0;
}

static int teardown(void **state)
{
	tunnels_free(*state);
	return 0;
}

static void progress(struct tunnels *tunnels, enum keeper_state keeper_state, uint32_t n_attempts)
{
	struct tunnel_progress now = { .state = keeper_state,
				       .n_attempts = n_attempts,
				       .retry_ms = 5000,
				       .has_ike = keeper_state == KEEPER_STATE_UP,
				       .n_children_up = keeper_state == KEEPER_STATE_UP ? 2 : 0,
				       .n_children = keeper_state == KEEPER_STATE_UP };

	tunnels_set_progress(tunnels, 0, &now);
}

static struct status_tunnel row_of(struct tunnels *tunnels, size_t i)
{
	struct status_tunnel row = { 0 };

	tunnels_row(tunnels, i, 1500, &wan, true, &row);
	return row;
}

static void tunnels_are_found(void **state)
{
	struct tunnels *tunnels = *state;
	static const uint8_t second[4] = { 198, 51, 100, 11 }, none[4] = { 198, 51, 100, 12 };
	size_t child = 9;

	assert_int_equal(tunnels_n(tunnels), 2);
	assert_int_equal(tunnels_find_gateway(tunnels, second), 1);
	assert_int_equal(tunnels_find_gateway(tunnels, none), -1);
	assert_int_equal(tunnels_find_reqid(tunnels, 12, &child), 0);
	assert_int_equal(child, 1);
	assert_int_equal(tunnels_find_reqid(tunnels, 13, &child), -1);
}

static void at_first_nothing_has_happened(void **state)
{
	struct status_tunnel row = row_of(*state, 0);

	assert_int_equal(row.state, TUNNEL_STATE_DOWN);
	assert_string_equal(row.reason, "the first negotiation with 198.51.100.10 is under way");
	row = row_of(*state, 1);
	assert_int_equal(row.state, TUNNEL_STATE_WAITING);
	assert_string_equal(row.name, "second");
	assert_int_equal(row.if_id, 2);
}

static void a_row_of_a_tunnel_that_is_up(void **state)
{
	struct tunnels *tunnels = *state;
	struct negotiated ike = { 12, 256, 2, 2, 2 }, esp = { 20, 256, 0, 0, 0 };
	struct status_tunnel row;

	progress(tunnels, KEEPER_STATE_CONNECTING, 1);
	tunnels_note_start(tunnels, 0, 1000);
	tunnels_note_start(tunnels, 0, 3000); /* a retransmission does not start it again */
	tunnels_set_ike(tunnels, 0, &ike);
	tunnels_set_nat(tunnels, 0, true);
	tunnels_set_esp(tunnels, 0, &esp);
	tunnels_note_installed(tunnels, 0, 11500);
	progress(tunnels, KEEPER_STATE_UP, 1);
	row = row_of(tunnels, 0);
	assert_int_equal(row.state, TUNNEL_STATE_UP);
	assert_int_equal(row.n_children, 1);
	assert_int_equal(row.establish_us, 10500);
	assert_true(row.is_nat);
	assert_string_equal(row.ike_suite, "aes256-sha1-modp1024");
	assert_string_equal(row.esp_suite, "aes256gcm16");
	assert_string_equal(row.reason, "");
	assert_string_equal(row.remedy, "");
	assert_int_equal(row.retry_in_s, 0);
}

static void a_row_of_a_tunnel_that_is_down(void **state)
{
	struct tunnels *tunnels = *state;
	struct status_tunnel row;

	progress(tunnels, KEEPER_STATE_UP, 1);
	tunnels_set_reason(tunnels, 0, REASON_DEAD, NULL);
	progress(tunnels, KEEPER_STATE_DOWN, 1);
	row = row_of(tunnels, 0);
	assert_int_equal(row.state, TUNNEL_STATE_DOWN);
	assert_string_equal(row.reason, "gateway 198.51.100.10 stopped answering");
	assert_int_equal(row.retry_in_s, 4);
	assert_string_equal(row.ike_suite, "");
	assert_int_equal(row.stops_at, RUNG_UDP);
	assert_string_equal(row.azure_code, "13805 (negotiation timed out)");
	assert_string_equal(row.azure_setting, "dpdTimeoutSeconds");
	assert_int_equal(row.rungs[RUNG_ADDRESS].state, RUNG_STATE_HOLDS);
}

static void a_gateway_that_is_heard_again_was_not_silent(void **state)
{
	struct tunnels *tunnels = *state;
	struct status_tunnel row;

	progress(tunnels, KEEPER_STATE_UP, 1);
	tunnels_set_reason(tunnels, 0, REASON_ICMP_HOST, "203.0.113.1");
	tunnels_note_heard(tunnels, 0, 500, 1000000);
	progress(tunnels, KEEPER_STATE_DOWN, 1);
	row = row_of(tunnels, 0);
	assert_string_equal(row.reason, "the connection to 198.51.100.10 ended");
	assert_string_equal(row.rungs[RUNG_UDP].text, "port 500, heard 0 s ago, no NAT");
}

/* A tunnel that is up warns of a rekeying that was refused, and of nothing else. */
static void what_a_tunnel_that_is_up_warns_of(void **state)
{
	struct tunnels *tunnels = *state;
	struct status_tunnel row;

	progress(tunnels, KEEPER_STATE_UP, 1);
	tunnels_set_reason(tunnels, 0, REASON_GATEWAY_CLOSED, NULL);
	assert_string_equal(row_of(tunnels, 0).reason, "");
	tunnels_warn(tunnels, 0, REASON_PFS_GROUP, "group 14");
	row = row_of(tunnels, 0);
	assert_string_equal(row.reason, "for a child SA 198.51.100.10 wants group 14");
	assert_string_equal(row.azure_setting, "ipsecPolicies.pfsGroup");
	assert_int_equal(row.stops_at, RUNG_N);
	tunnels_note_rekeyed(tunnels, 0);
	assert_string_equal(row_of(tunnels, 0).reason, "");
	tunnels_warn(tunnels, 0, REASON_PFS, NULL);
	tunnels_set_reason(tunnels, 0, REASON_DEAD, NULL);
	progress(tunnels, KEEPER_STATE_DOWN, 1);
	assert_string_equal(row_of(tunnels, 0).azure_setting, "dpdTimeoutSeconds");
}

static void requests_to_try_again_are_counted_for_one_attempt(void **state)
{
	struct tunnels *tunnels = *state;

	assert_int_equal(tunnels_count_again(tunnels, 0), 1);
	assert_int_equal(tunnels_count_again(tunnels, 0), 2);
	tunnels_note_ended(tunnels, 0);
	assert_int_equal(tunnels_count_again(tunnels, 0), 1);
	tunnels_note_installed(tunnels, 0, 1);
	assert_int_equal(tunnels_count_again(tunnels, 0), 1);
}

static void traffic_inside_counts_since_the_tunnel_is_up(void **state)
{
	struct tunnels *tunnels = *state;

	progress(tunnels, KEEPER_STATE_UP, 1);
	assert_int_equal(row_of(tunnels, 0).rungs[RUNG_HOST].state, RUNG_STATE_UNKNOWN);
	tunnels_note_inside(tunnels, 0, 500000);
	assert_int_equal(row_of(tunnels, 0).rungs[RUNG_HOST].state, RUNG_STATE_HOLDS);
	progress(tunnels, KEEPER_STATE_CONNECTING, 1);
	progress(tunnels, KEEPER_STATE_UP, 1);
	assert_int_equal(row_of(tunnels, 0).rungs[RUNG_HOST].state, RUNG_STATE_UNKNOWN);
}

static const struct {
	const char *name;
	uint32_t first_attempt, second_attempt;
	enum reason first, second, wanted;
} orders[] = {
	{ "what tells more stays", 1, 1, REASON_IKE_PROPOSAL, REASON_ENDED, REASON_IKE_PROPOSAL },
	{ "what tells more comes in", 1, 1, REASON_SILENT, REASON_SILENT_AUTH, REASON_SILENT_AUTH },
	{ "a new attempt has its own reason", 1, 2, REASON_KEY_REFUSED, REASON_SILENT,
	  REASON_SILENT },
};

static void the_reason_that_tells_most(void **state)
{
	for (size_t i = 0; i < countof(orders); i++) {
		struct tunnels *tunnels = *state;
		struct reason_words words;
		struct status_tunnel row;

		progress(tunnels, KEEPER_STATE_UP, 0);
		progress(tunnels, KEEPER_STATE_CONNECTING, orders[i].first_attempt);
		tunnels_set_reason(tunnels, 0, orders[i].first, NULL);
		progress(tunnels, KEEPER_STATE_CONNECTING, orders[i].second_attempt);
		tunnels_set_reason(tunnels, 0, orders[i].second, NULL);
		row = row_of(tunnels, 0);
		reason_print(orders[i].wanted, &two[0], "wan0", NULL, &words);
		if (strcmp(row.reason, words.text) != 0)
			fail_msg("%s: %s", orders[i].name, row.reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tunnels_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(at_first_nothing_has_happened, setup, teardown),
		cmocka_unit_test_setup_teardown(a_row_of_a_tunnel_that_is_up, setup, teardown),
		cmocka_unit_test_setup_teardown(a_row_of_a_tunnel_that_is_down, setup, teardown),
		cmocka_unit_test_setup_teardown(the_reason_that_tells_most, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gateway_that_is_heard_again_was_not_silent, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_a_tunnel_that_is_up_warns_of, setup, teardown),
		cmocka_unit_test_setup_teardown(requests_to_try_again_are_counted_for_one_attempt,
						setup, teardown),
		cmocka_unit_test_setup_teardown(traffic_inside_counts_since_the_tunnel_is_up, setup,
						teardown),
	};

	for (size_t i = 0; i < 2; i++) {
		two[i].n_ike_suites = two[i].n_esp_suites = 1;
		if (ike_suite_parse("aes256-sha1-modp1024", &two[i].ike_suites[0]) < 0 ||
		    esp_suite_parse("aes256gcm16", &two[i].esp_suites[0]) < 0)
			return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
