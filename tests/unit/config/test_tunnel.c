/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/tunnel.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/rows.h"

static struct tunnel make_tunnel(void)
{
	struct tunnel tunnel = {
		.name = "cn-branch7",
		.if_id = 1,
		.mss = 1350,
		.n_ike_suites = 1,
		.ike_suites = { { ENCR_AES_CBC, 256, INTEG_HMAC_SHA2_384_192, PRF_HMAC_SHA2_384,
				  KE_ECP_384 } },
		.n_esp_suites = 1,
		.esp_suites = { { ENCR_AES_GCM_16, 256, INTEG_NONE, KE_ECP_384 } },
		.ike_rekey_s = 24000,
		.dpd_timeout_s = 45,
		.child_life_s = 27000,
		.child_life_kilobytes = 102400000,
		.n_children = 2,
	};

	assert_int_equal(addr_parse("198.51.100.10", &tunnel.gateway), 0);
	assert_int_equal(addr_parse("198.51.100.10", &tunnel.gateway_id), 0);
	assert_int_equal(addr_parse("203.0.113.7", &tunnel.local_id), 0);
	tunnel.children = calloc(2, sizeof(*tunnel.children));
	assert_non_null(tunnel.children);
	for (uint32_t i = 0; i < 2; i++) {
		struct tunnel_child *child = &tunnel.children[i];

		snprintf(child->name, sizeof(child->name), "child%u", i);
		child->reqid = i + 1;
		assert_int_equal(prefix_parse("192.168.70.0/24", &child->local), 0);
		assert_int_equal(prefix_parse("10.50.0.0/16", &child->remote), 0);
	}
	return tunnel;
}

static void change_nothing(struct tunnel *tunnel)
{
	/* behind the end of a list, nothing counts */
	tunnel->ike_suites[tunnel->n_ike_suites].encr = ENCR_3DES;
	memset(tunnel->name + strlen(tunnel->name) + 1, 'x', 4);
}

#define CHANGE(field, value)                                                                       \
	static void change_##field(struct tunnel *tunnel)                                          \
	{                                                                                          \
		tunnel->field value;                                                               \
	}
CHANGE(name, [3] = 'X')
CHANGE(if_id, = 2)
CHANGE(gateway, .bytes[3] = 11)
CHANGE(gateway_id, .bytes[3] = 11)
CHANGE(local_id, .bytes[3] = 11)
CHANGE(role, = TUNNEL_ROLE_INITIATOR)
CHANGE(force_udp_encapsulation, = true)
CHANGE(mss, = 1300)
CHANGE(n_ike_suites, = 0)
CHANGE(ike_suites, [0].prf = PRF_HMAC_SHA1)
CHANGE(n_esp_suites, = 2)
CHANGE(esp_suites, [0].ke = KE_NONE)
CHANGE(ike_rekey_s, = 1)
CHANGE(dpd_timeout_s, = 1)
CHANGE(child_life_s, = 1)
CHANGE(child_life_kilobytes, += 1ull << 32)
CHANGE(n_children, = 1)

static void change_child_name(struct tunnel *tunnel)
{
	tunnel->children[1].name[0] = 'X';
}

static void change_child_reqid(struct tunnel *tunnel)
{
	tunnel->children[1].reqid = 9;
}

static void change_child_local(struct tunnel *tunnel)
{
	tunnel->children[1].local.len = 25;
}

static void change_child_remote(struct tunnel *tunnel)
{
	tunnel->children[1].remote.addr.bytes[1] = 51;
}

static const struct row {
	const char *name;
	void (*change)(struct tunnel *tunnel);
	bool is_equal;
} rows[] = {
	{ "what lies behind the end of a list does not count", change_nothing, true },
	{ "another name is another tunnel", change_name, false },
	{ "another if_id is another tunnel", change_if_id, false },
	{ "another gateway is another tunnel", change_gateway, false },
	{ "another gateway_id is another tunnel", change_gateway_id, false },
	{ "another local_id is another tunnel", change_local_id, false },
	{ "another role is another tunnel", change_role, false },
	{ "forced encapsulation is another tunnel", change_force_udp_encapsulation, false },
	{ "another MSS is another tunnel", change_mss, false },
	{ "fewer IKE suites are another tunnel", change_n_ike_suites, false },
	{ "another IKE suite is another tunnel", change_ike_suites, false },
	{ "more ESP suites are another tunnel", change_n_esp_suites, false },
	{ "another ESP suite is another tunnel", change_esp_suites, false },
	{ "another IKE lifetime is another tunnel", change_ike_rekey_s, false },
	{ "another DPD timeout is another tunnel", change_dpd_timeout_s, false },
	{ "another child lifetime is another tunnel", change_child_life_s, false },
	{ "another volume is another tunnel", change_child_life_kilobytes, false },
	{ "fewer children are another tunnel", change_n_children, false },
	{ "another child's name is another tunnel", change_child_name, false },
	{ "another reqid is another tunnel", change_child_reqid, false },
	{ "another local selector is another tunnel", change_child_local, false },
	{ "another remote selector is another tunnel", change_child_remote, false },
};

static void compares(void **state)
{
	const struct row *row = *state;
	struct tunnel a = make_tunnel(), b = make_tunnel();

	assert_true(tunnel_equal(&a, &b));
	row->change(&b);
	assert_int_equal(tunnel_equal(&a, &b), row->is_equal);
	assert_int_equal(tunnel_equal(&b, &a), row->is_equal);
	tunnel_deinit(&a);
	tunnel_deinit(&b);
	assert_null(b.children);
	assert_int_equal(b.n_children, 0);
}

static const struct name_row {
	const char *name, *text;
	bool is_valid;
} name_rows[] = {
	{ "a name of Azure's is valid", "cn-branch_7.west", true },
	{ "one letter is valid", "a", true },
	{ "a digit may come first", "7eleven", true },
	{ "80 characters are valid",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  true },
	{ "81 characters are too many",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  false },
	{ "an empty name is none", "", false },
	{ "a dash may not come first", "-a", false },
	{ "a point may not come first", ".a", false },
	{ "a blank is refused", "a b", false },
	{ "a quote is refused", "a\"b", false },
	{ "a slash is refused", "a/b", false },
	{ "a line feed is refused", "a\n", false },
	{ "a letter beyond ASCII is refused", "b\xc3\xbcro", false },
};

static void judges_name(void **state)
{
	const struct name_row *row = *state;

	assert_int_equal(tunnel_name_is_valid(row->text), row->is_valid);
}

static void interface_is_named_after_the_if_id(void **state)
{
	char buf[MAX_IFNAME_BYTES];

	(void)state;
	assert_string_equal(tunnel_ifname(1, buf), "ipsec1");
	assert_string_equal(tunnel_ifname(0xffff, buf), "ipsec65535");
	assert_string_equal(tunnel_ifname(UINT32_MAX, buf), "ipsec4294967295");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interface_is_named_after_the_if_id),
	};

	return RUN_ROWS(rows, compares) + RUN_ROWS(name_rows, judges_name) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
