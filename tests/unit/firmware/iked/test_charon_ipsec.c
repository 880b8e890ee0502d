/* No SA without authentication: the gate in charon_ipsec.c, with an IKE SA that is made up.
 *
 * There is no xfrmd here, so an SA that passes the gate fails with "not connected", and one that
 * does not pass never gets so far; which of the two it was is seen in xfrmc's last failure.
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

/* An IKE SA as far as the gate looks. */
struct fake_ike {
	ike_sa_t public;
	bool is_authenticated;
	auth_cfg_t *proved; /* NULL: no completed round */
	peer_cfg_t *peer;
};

#ifdef CPU_ID_MAX
#define ALL_CPUS .cpu = CPU_ID_MAX,
#else
#define ALL_CPUS
#endif

static struct charon_parts parts;

static bool has_condition(ike_sa_t *ike_sa, ike_condition_t condition)
{
	return condition == COND_AUTHENTICATED && ((struct fake_ike *)ike_sa)->is_authenticated;
}

static peer_cfg_t *get_peer_cfg(ike_sa_t *ike_sa)
{
	return ((struct fake_ike *)ike_sa)->peer;
}

static enumerator_t *create_auth_cfg_enumerator(ike_sa_t *ike_sa, bool local)
{
	struct fake_ike *fake = (struct fake_ike *)ike_sa;

	assert_false(local);
	return fake->proved ? enumerator_create_single(fake->proved, NULL)
			    : enumerator_create_empty();
}

static char *get_name(ike_sa_t *ike_sa)
{
	return "cn-branch7";
}

static auth_cfg_t *proof(const char *id, auth_class_t class)
{
	auth_cfg_t *auth = auth_cfg_create();

	auth->add(auth, AUTH_RULE_AUTH_CLASS, class);
	auth->add(auth, AUTH_RULE_IDENTITY, identification_create_from_string((char *)id));
	return auth;
}

static const struct {
	const char *name;
	bool is_authenticated, has_peer;
	const char *id; /* NULL: no completed round */
	auth_class_t class;
	bool may_install;
} rows[] = {
	{ "the gateway proved its identity by shared key", TRUE, TRUE, SAMPLE_GATEWAY,
	  AUTH_CLASS_PSK, TRUE },
	{ "authentication is not over (CVE-2026-78135)", FALSE, TRUE, SAMPLE_GATEWAY,
	  AUTH_CLASS_PSK, FALSE },
	{ "it is marked as over but nothing was proved", TRUE, TRUE, NULL, 0, FALSE },
	{ "another identity was proved", TRUE, TRUE, "198.51.100.11", AUTH_CLASS_PSK, FALSE },
	{ "it was proved by other means", TRUE, TRUE, SAMPLE_GATEWAY, AUTH_CLASS_EAP, FALSE },
	{ "no configuration was chosen", TRUE, FALSE, SAMPLE_GATEWAY, AUTH_CLASS_PSK, FALSE },
};

static struct fake_ike fake_from_row(size_t i)
{
	return (struct fake_ike){
		.public = {
			.has_condition = has_condition,
			.get_peer_cfg = get_peer_cfg,
			.create_auth_cfg_enumerator = create_auth_cfg_enumerator,
			.get_name = get_name,
		},
		.is_authenticated = rows[i].is_authenticated,
		.proved = rows[i].id ? proof(rows[i].id, rows[i].class) : NULL,
		.peer = rows[i].has_peer ? parts.peers->get(parts.peers, 0) : NULL,
	};
}

/* Asks the backend itself, as libcharon does from a thread that works on `ike_sa`. */
static bool is_passed_on(kernel_ipsec_t *kernel, ike_sa_t *ike_sa)
{
	lifetime_cfg_t lifetime = { 0 };
	linked_list_t *any = linked_list_create_with_items(
		traffic_selector_create_from_cidr("0.0.0.0/0", 0, 0, 65535), NULL);
	host_t *host = host_create_from_string("192.0.2.1", 500);
	kernel_ipsec_sa_id_t id = { .src = host, .dst = host, .spi = 1, .proto = IPPROTO_ESP };
	kernel_ipsec_add_sa_t sa = { .mode = MODE_TUNNEL,
				     .lifetime = &lifetime,
				     .src_ts = any,
				     .dst_ts = any,
				     ALL_CPUS.enc_key = chunk_from_str("key") };
	char before[MAX_SENTENCE_BYTES], after[MAX_SENTENCE_BYTES];
	uint32_t spi;

	assert_int_equal(kernel->get_spi(kernel, host, host, IPPROTO_ESP, &spi), FAILED);
	xfrmc_last_failure(parts.xfrmc, before);
	charon->bus->set_sa(charon->bus, ike_sa);
	assert_int_equal(kernel->add_sa(kernel, &id, &sa), FAILED);
	charon->bus->set_sa(charon->bus, NULL);
	xfrmc_last_failure(parts.xfrmc, after);
	host->destroy(host);
	any->destroy_offset(any, offsetof(traffic_selector_t, destroy));
	return strcmp(before, after) != 0;
}

static void only_an_authenticated_ike_sa_may_install(void **state)
{
	kernel_ipsec_t *kernel = charon_ipsec_create();

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct fake_ike fake = fake_from_row(i);

		if (charon_ipsec_may_install(&fake.public) != rows[i].may_install ||
		    is_passed_on(kernel, &fake.public) != rows[i].may_install)
			fail_msg("%s", rows[i].name);
		DESTROY_IF(fake.proved);
	}
	assert_false(charon_ipsec_may_install(NULL));
	assert_false(is_passed_on(kernel, NULL));
	kernel->destroy(kernel);
}

static void policies_are_answered_here(void **state)
{
	kernel_ipsec_t *kernel = charon_ipsec_create();

	(void)state;
	assert_int_equal(kernel->add_policy(kernel, NULL, NULL), SUCCESS);
	assert_int_equal(kernel->del_policy(kernel, NULL, NULL), SUCCESS);
	assert_int_equal(kernel->flush_policies(kernel), SUCCESS);
	assert_int_equal(kernel->flush_sas(kernel), SUCCESS);
	assert_int_equal(kernel->update_sa(kernel, NULL, NULL), NOT_SUPPORTED);
	assert_int_equal(kernel->get_features(kernel), KERNEL_SA_USE_TIME);
	kernel->destroy(kernel);
}

static void what_the_border_cannot_say_is_not_asked(void **state)
{
	kernel_ipsec_t *kernel = charon_ipsec_create();
	lifetime_cfg_t lifetime = { 0 };
	kernel_ipsec_sa_id_t id = { .proto = IPPROTO_ESP };
	kernel_ipsec_add_sa_t good = { .mode = MODE_TUNNEL, .lifetime = &lifetime, ALL_CPUS }, sa;
	uint8_t bytes[65] = { 0 };

	(void)state;
	sa = good;
	sa.mode = MODE_TRANSPORT;
	assert_int_equal(kernel->add_sa(kernel, &id, &sa), NOT_SUPPORTED);
	sa = good;
	sa.enc_key = chunk_create(bytes, MAX_ENCR_KEY_BYTES + 1);
	assert_int_equal(kernel->add_sa(kernel, &id, &sa), NOT_SUPPORTED);
	sa = good;
	sa.int_key = chunk_create(bytes, MAX_INTEG_KEY_BYTES + 1);
	assert_int_equal(kernel->add_sa(kernel, &id, &sa), NOT_SUPPORTED);
	sa = good;
	id.proto = IPPROTO_AH;
	assert_int_equal(kernel->add_sa(kernel, &id, &sa), NOT_SUPPORTED);
	kernel->destroy(kernel);
}

static int setup(void **state)
{
	static const uint8_t digest[32];

	(void)state;
	dbg = charon_log_early;
	assert_true(library_init("", "iked"));
	assert_true(libcharon_init());
	assert_int_equal(tunnels_new(sample_config(), &parts.tunnels), 0);
	assert_int_equal(xfrmc_new("/tmp/no-such-socket", digest, &parts.xfrmc), 0);
	lib->set(lib, CHARON_PARTS_NAME, &parts);
	parts.peers = charon_peers_create(parts.tunnels, sample_secrets());
	assert_non_null(parts.peers);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	parts.peers->destroy(parts.peers);
	lib->set(lib, CHARON_PARTS_NAME, NULL);
	libcharon_deinit();
	library_deinit();
	xfrmc_free(parts.xfrmc);
	tunnels_free(parts.tunnels);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_authenticated_ike_sa_may_install),
		cmocka_unit_test(policies_are_answered_here),
		cmocka_unit_test(what_the_border_cannot_say_is_not_asked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
