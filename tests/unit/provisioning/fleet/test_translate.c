/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/translate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

/* A site as site_join makes it, with a custom policy. */
static struct site *make_site(void)
{
	struct site *site = calloc(1, sizeof(*site));

	assert_non_null(site);
	site->connection = "cn-a";
	site->name = "branch-a";
	site->dpd_timeout_s = 30;
	site->policy = (struct azure_policy){
		.is_custom = true,
		.n_ike_suites = 1,
		.child_life_s = 3600,
		.child_life_kilobytes = 0,
	};
	assert_int_equal(ike_suite_parse("aes256-sha384-ecp384", &site->policy.ike_suites[0]), 0);
	assert_int_equal(esp_suite_parse("aes256gcm16-ecp384", &site->policy.esp_suite), 0);
	site->n_gateways = 1;
	assert_int_equal(addr_parse("198.51.100.10", &site->gateways[0]), 0);
	assert_int_equal(addr_parse("203.0.113.7", &site->local_id), 0);
	site->azure.n = site->office.n = 1;
	assert_int_equal(prefix_parse("10.50.0.0/16", &site->azure.rows[0].prefix), 0);
	assert_int_equal(prefix_parse("192.168.70.0/24", &site->office.rows[0].prefix), 0);
	assert_int_equal(secret_from_bytes("k", 1, &site->psk), 0);
	return site;
}

static struct device_config *parse(const char *text)
{
	struct device_config *config = NULL;
	struct config_error error;

	if (config_parse(text, strlen(text), &config, &error) != 0)
		fail_msg("%s: %s", error.pointer, error.wanted);
	return config;
}

static const char expected[] =
	"{\"format\": \"fairlead-config/1\", \"site\": \"branch-a\","
	"\"wan\": {\"interface\": \"w\", \"services\": [\"dhcp\", \"dns\", \"ntp\", \"https\"]},"
	"\"lan\": {\"interface\": \"l\", \"prefixes\": [\"192.168.70.0/24\"]},"
	"\"azure\": {\"prefixes\": [\"10.50.0.0/16\"]},"
	"\"tunnels\": [{\"name\": \"cn-a\", \"if_id\": 1, \"gateway\": \"198.51.100.10\","
	"\"local_id\": \"203.0.113.7\", \"role\": \"both\", \"mss\": 1350,"
	"\"ike\": {\"suites\": [\"aes256-sha384-ecp384\"], \"rekey_s\": 24000,"
	" \"dpd_timeout_s\": 30},"
	"\"esp\": {\"suites\": [\"aes256gcm16-ecp384\"], \"life_s\": 3600,"
	" \"life_kilobytes\": 0},"
	"\"children\": [{\"name\": \"any\", \"reqid\": 1, \"local\": \"0.0.0.0/0\","
	" \"remote\": \"0.0.0.0/0\"}]}]}";

static void a_site_becomes_a_configuration_and_a_key(void **state)
{
	_cleanup_(cleanup_site) struct site *site = make_site();
	_cleanup_(cleanup_config) struct device_config *config = NULL, *wanted = parse(expected);
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;
	const struct secret *psk;

	(void)state;
	assert_int_equal(translate_site(site, "w", "l", &config, &secrets), 0);
	assert_true(config_equal(config, wanted));
	assert_int_equal(secrets->n_keys, 1);
	psk = secrets_find(secrets, "cn-a");
	assert_non_null(psk);
	assert_true(secret_equal(psk, &site->psk));
}

static void the_default_policy_becomes_all_of_its_suites(void **state)
{
	_cleanup_(cleanup_site) struct site *site = make_site();
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;
	size_t n_ike, n_esp;

	(void)state;
	ike_suites_azure_default(&n_ike);
	esp_suites_azure_default(&n_esp);
	site->policy.is_custom = false;
	assert_int_equal(translate_site(site, "w", "l", &config, &secrets), 0);
	assert_int_equal(config->tunnels[0].n_ike_suites, n_ike);
	assert_int_equal(config->tunnels[0].n_esp_suites, n_esp);
}

static const struct role_row {
	const char *name;
	enum azure_mode mode;
	enum tunnel_role role;
} role_rows[] = {
	{ "either end may open it", AZURE_MODE_DEFAULT, TUNNEL_ROLE_BOTH },
	{ "when Azure only answers, we open it", AZURE_MODE_RESPONDER_ONLY, TUNNEL_ROLE_INITIATOR },
	{ "when Azure opens it, we only answer", AZURE_MODE_INITIATOR_ONLY, TUNNEL_ROLE_RESPONDER },
};

static void translates_role(void **state)
{
	const struct role_row *row = *state;
	_cleanup_(cleanup_site) struct site *site = make_site();
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;

	site->mode = row->mode;
	assert_int_equal(translate_site(site, "w", "l", &config, &secrets), 0);
	assert_int_equal(config->tunnels[0].role, row->role);
}

static void two_instances_become_two_tunnels_that_share(void **state)
{
	_cleanup_(cleanup_site) struct site *site = make_site();
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;
	const struct secret *psk;

	(void)state;
	site->n_gateways = 2;
	assert_int_equal(addr_parse("198.51.100.11", &site->gateways[1]), 0);
	assert_int_equal(translate_site(site, "w", "l", &config, &secrets), 0);
	assert_int_equal(config->n_tunnels, 2);
	assert_string_equal(config->tunnels[0].name, "cn-a-0");
	assert_string_equal(config->tunnels[1].name, "cn-a-1");
	for (uint32_t i = 0; i < 2; i++) {
		const struct tunnel *tunnel = &config->tunnels[i];

		assert_int_equal(tunnel->if_id, i + 1);
		assert_int_equal(tunnel->children[0].reqid, i + 1);
		assert_int_equal(tunnel->priority, 1);
		assert_true(addr_equal(&tunnel->gateway, &site->gateways[i]));
		assert_true(addr_equal(&tunnel->gateway_id, &site->gateways[i]));
		psk = secrets_find(secrets, tunnel->name);
		assert_non_null(psk);
		assert_true(secret_equal(psk, &site->psk));
	}
}

static void each_pair_becomes_a_child_of_each_tunnel(void **state)
{
	_cleanup_(cleanup_site) struct site *site = make_site();
	_cleanup_(cleanup_config) struct device_config *config = NULL;
	_cleanup_(cleanup_secrets) struct secrets *secrets = NULL;

	(void)state;
	site->n_gateways = 2;
	assert_int_equal(addr_parse("198.51.100.11", &site->gateways[1]), 0);
	site->n_children = 3;
	for (size_t i = 0; i < site->n_children; i++) {
		site->children[i].office = site->office.rows[0].prefix;
		site->children[i].azure = site->azure.rows[0].prefix;
		site->children[i].azure.len = (uint8_t)(24 + i);
	}
	assert_int_equal(translate_site(site, "w", "l", &config, &secrets), 0);
	for (uint32_t i = 0; i < 2; i++) {
		const struct tunnel *tunnel = &config->tunnels[i];

		assert_int_equal(tunnel->n_children, 3);
		assert_string_equal(tunnel->children[2].name, "pair-3");
		for (uint32_t k = 0; k < 3; k++) {
			const struct tunnel_child *child = &tunnel->children[k];

			assert_int_equal(child->reqid, 1 + 3 * i + k);
			assert_true(prefix_equal(&child->local, &site->children[k].office));
			assert_true(prefix_equal(&child->remote, &site->children[k].azure));
		}
	}
}

static void names_that_do_not_fit_are_refused(void **state)
{
	_cleanup_(cleanup_site) struct site *site = make_site();
	struct device_config *config = NULL;
	struct secrets *secrets = NULL;
	char name[MAX_NAME_BYTES + 1];

	(void)state;
	assert_int_equal(translate_site(site, "0123456789abcdef", "l", &config, &secrets),
			 -ENAMETOOLONG);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	site->connection = name;
	assert_int_equal(translate_site(site, "w", "l", &config, &secrets), -ENAMETOOLONG);
	assert_null(config);
	assert_null(secrets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_site_becomes_a_configuration_and_a_key),
		cmocka_unit_test(the_default_policy_becomes_all_of_its_suites),
		cmocka_unit_test(two_instances_become_two_tunnels_that_share),
		cmocka_unit_test(each_pair_becomes_a_child_of_each_tunnel),
		cmocka_unit_test(names_that_do_not_fit_are_refused),
	};

	return RUN_ROWS(role_rows, translates_role) + cmocka_run_group_tests(tests, NULL, NULL);
}
