/* struct tunnel as libcharon's objects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "iked/charon_parts.h"

#undef fail
#include <cmocka.h>

#include "sample.h"

#ifdef CPU_ID_MAX
#define GET_SELECTORS(child) (child)->get_traffic_selectors(child, TRUE, NULL)
#else /* strongSwan 6.0.1 */
#define GET_SELECTORS(child) (child)->get_traffic_selectors(child, TRUE, NULL, NULL, FALSE)
#endif

struct peers_test {
	struct tunnels *tunnels;
	charon_peers_t *peers;
};

static struct peers_test test;

static int setup(void **state)
{
	(void)state;
	dbg = charon_log_early;
	assert_true(library_init("", "iked"));
	assert_true(libcharon_init());
	assert_int_equal(tunnels_new(sample_config(), &test.tunnels), 0);
	test.peers = charon_peers_create(test.tunnels, sample_secrets());
	assert_non_null(test.peers);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test.peers->destroy(test.peers);
	libcharon_deinit();
	library_deinit();
	tunnels_free(test.tunnels);
	return 0;
}

static void assert_proposals(linked_list_t *proposals, const char *const *wanted, int n)
{
	enumerator_t *enumerator = proposals->create_enumerator(proposals);
	proposal_t *proposal;
	char text[200];
	int i = 0;

	assert_int_equal(proposals->get_count(proposals), n);
	while (enumerator->enumerate(enumerator, &proposal)) {
		snprintf(text, sizeof(text), "%P", proposal);
		assert_string_equal(text, wanted[i++]);
	}
	enumerator->destroy(enumerator);
	proposals->destroy_offset(proposals, offsetof(proposal_t, destroy));
}

static void azures_default_suites_and_no_other(void **state)
{
	static const char *const ike_wanted[] = {
		"IKE:AES_CBC_256/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024",
		"IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_1024",
		"IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024",
		"IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_1024",
		"IKE:3DES_CBC/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024",
		"IKE:3DES_CBC/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_1024",
	};
	peer_cfg_t *peer = test.peers->get(test.peers, 0);
	child_cfg_t *child = test.peers->get_child(test.peers, 0, 0);
	ike_cfg_t *ike = peer->get_ike_cfg(peer);
	linked_list_t *esp;
	proposal_t *first;
	char text[200];

	(void)state;
	assert_proposals(ike->get_proposals(ike CHARON_QUIET), ike_wanted, countof(ike_wanted));
	esp = child->get_proposals(child, FALSE CHARON_QUIET);
	assert_int_equal(esp->get_first(esp, (void **)&first), SUCCESS);
	snprintf(text, sizeof(text), "%P", first);
	assert_string_equal(text, "ESP:AES_GCM_16_256/NO_EXT_SEQ");
	esp->destroy_offset(esp, offsetof(proposal_t, destroy));
}

static void the_peer_is_the_gateway(void **state)
{
	peer_cfg_t *peer = test.peers->get(test.peers, 0);
	ike_cfg_t *ike = peer->get_ike_cfg(peer);
	enumerator_t *auths;
	auth_cfg_t *auth;
	char text[64];

	(void)state;
	assert_string_equal(peer->get_name(peer), "cn-branch7");
	assert_string_equal(ike->get_other_addr(ike), SAMPLE_GATEWAY);
	assert_int_equal(peer->get_if_id(peer, TRUE), 3);
	assert_int_equal(peer->get_unique_policy(peer), UNIQUE_NEVER);
	assert_int_equal(peer->get_reauth_time(peer, FALSE), 0);
	assert_int_equal(ike->childless(ike), CHILDLESS_NEVER);
	for (int is_local = 0; is_local <= 1; is_local++) {
		auths = peer->create_auth_cfg_enumerator(peer, is_local);
		assert_true(auths->enumerate(auths, &auth));
		snprintf(text, sizeof(text), "%Y", auth->get(auth, AUTH_RULE_IDENTITY));
		assert_string_equal(text, is_local ? SAMPLE_LOCAL_ID : SAMPLE_GATEWAY);
		assert_int_equal((uintptr_t)auth->get(auth, AUTH_RULE_AUTH_CLASS), AUTH_CLASS_PSK);
		assert_false(auths->enumerate(auths, &auth));
		auths->destroy(auths);
	}
}

static void the_child_is_the_configured_one(void **state)
{
	child_cfg_t *child = test.peers->get_child(test.peers, 0, 0);
	lifetime_cfg_t *lifetime = child->get_lifetime(child, FALSE);
	linked_list_t *selectors = GET_SELECTORS(child);
	char text[64];

	(void)state;
	assert_string_equal(child->get_name(child), "any");
	assert_int_equal(child->get_reqid(child), 7);
	assert_int_equal(child->get_if_id(child, TRUE), 3);
	assert_int_equal(child->get_if_id(child, FALSE), 3);
	assert_int_equal(child->get_mode(child), MODE_TUNNEL);
	assert_true(child->has_option(child, OPT_NO_POLICIES));
	assert_int_equal(child->get_replay_window(child), 1024);
	assert_int_equal(lifetime->time.life, 27000);
	assert_int_equal(lifetime->time.rekey, 21600);
	free(lifetime);
	snprintf(text, sizeof(text), "%#R", selectors);
	assert_string_equal(text, "0.0.0.0/0");
	selectors->destroy_offset(selectors, offsetof(traffic_selector_t, destroy));
}

static void objects_are_found_again(void **state)
{
	peer_cfg_t *peer = test.peers->get(test.peers, 0);
	child_cfg_t *child = test.peers->get_child(test.peers, 0, 0);
	peer_cfg_t *by_name;

	(void)state;
	assert_int_equal(test.peers->find(test.peers, peer), 0);
	assert_int_equal(test.peers->find(test.peers, NULL), -1);
	assert_int_equal(test.peers->find(test.peers, (peer_cfg_t *)&test), -1);
	assert_int_equal(test.peers->find_child(test.peers, 0, child), 0);
	assert_int_equal(test.peers->find_child(test.peers, 0, NULL), -1);
	assert_int_equal(test.peers->find_child(test.peers, -1, child), -1);
	by_name = test.peers->backend.get_peer_cfg_by_name(&test.peers->backend, "cn-branch7");
	assert_ptr_equal(by_name, peer);
	by_name->destroy(by_name);
}

static void only_the_gateway_gets_a_configuration(void **state)
{
	host_t *me = host_create_from_string("192.0.2.1", 500);
	host_t *gateway = host_create_from_string(SAMPLE_GATEWAY, 500);
	host_t *stranger = host_create_from_string("198.51.100.11", 500);
	ike_cfg_t *ike;

	(void)state;
	ike = charon->backends->get_ike_cfg(charon->backends, me, gateway, IKEV2);
	assert_non_null(ike);
	ike->destroy(ike);
	assert_null(charon->backends->get_ike_cfg(charon->backends, me, stranger, IKEV2));
	me->destroy(me);
	gateway->destroy(gateway);
	stranger->destroy(stranger);
}

static void the_key_belongs_to_both_identities(void **state)
{
	identification_t *me = identification_create_from_string(SAMPLE_LOCAL_ID);
	identification_t *gateway = identification_create_from_string(SAMPLE_GATEWAY);
	shared_key_t *key;
	chunk_t bytes;

	(void)state;
	key = lib->credmgr->get_shared(lib->credmgr, SHARED_IKE, me, gateway);
	assert_non_null(key);
	bytes = key->get_key(key);
	assert_int_equal(bytes.len, 12);
	assert_memory_equal(bytes.ptr, "invented-key", 12);
	key->destroy(key);
	me->destroy(me);
	gateway->destroy(gateway);
}

static void a_tunnel_without_a_key_is_an_error(void **state)
{
	(void)state;
	assert_null(charon_peers_create(test.tunnels, sample_no_secrets()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(azures_default_suites_and_no_other),
		cmocka_unit_test(the_peer_is_the_gateway),
		cmocka_unit_test(the_child_is_the_configured_one),
		cmocka_unit_test(objects_are_found_again),
		cmocka_unit_test(only_the_gateway_gets_a_configuration),
		cmocka_unit_test(the_key_belongs_to_both_identities),
		cmocka_unit_test(a_tunnel_without_a_key_is_an_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
