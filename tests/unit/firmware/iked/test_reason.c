/* Reasons in words.
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
#include "config/tunnel.h"
#include "iked/reason.h"

static struct tunnel_child children[3] = {
	{ .name = "one", .local = { { ADDR_FAMILY_IPV4, { 0 }, { 192, 168, 70, 0 } }, 24, { 0 } } },
};

/* A tunnel with so many IKE suites, all the same; one ESP suite with PFS. */
static struct tunnel sample(size_t n_ike_suites)
{
	struct tunnel tunnel = { .name = "cn-branch7",
				 .n_ike_suites = n_ike_suites,
				 .n_esp_suites = 1,
				 .n_children = countof(children),
				 .children = children };

	assert_int_equal(addr_parse("198.51.100.10", &tunnel.gateway), 0);
	assert_int_equal(addr_parse("203.0.113.7", &tunnel.local_id), 0);
	for (size_t i = 0; i < n_ike_suites; i++)
		assert_int_equal(ike_suite_parse("aes256-sha384-ecp384", &tunnel.ike_suites[i]), 0);
	assert_int_equal(esp_suite_parse("aes256gcm16-modp2048", &tunnel.esp_suites[0]), 0);
	return tunnel;
}

static void every_reason_is_a_sentence(void **state)
{
	struct tunnel tunnel = sample(1);
	struct reason_words words;

	(void)state;
	for (enum reason reason = REASON_STARTING; reason < REASON_N; reason++) {
		reason_print(reason, &tunnel, "wan0", "a detail", &words);
		if (words.text[0] == '\0' || strchr(words.text, '$') || strchr(words.remedy, '$') ||
		    strlen(words.text) >= MAX_SENTENCE_BYTES - 1 ||
		    strlen(words.remedy) >= MAX_REMEDY_BYTES - 1 ||
		    strlen(words.code) >= MAX_AZURE_BYTES ||
		    strlen(words.setting) >= MAX_AZURE_BYTES || !reason_id(reason)[0])
			fail_msg("reason %d: \"%s\", \"%s\"", reason, words.text, words.remedy);
	}
}

/* What is wrong with one of Azure's settings comes with a command for it. */
static void a_setting_has_a_command(void **state)
{
	struct tunnel tunnel = sample(1);
	struct reason_words words;

	(void)state;
	for (enum reason reason = 0; reason < REASON_N; reason++) {
		reason_print(reason, &tunnel, "wan0", NULL, &words);
		if (words.setting[0] && reason != REASON_DEAD && reason != REASON_GATEWAY_CLOSED &&
		    !strstr(words.remedy, "az network "))
			fail_msg("%s: %s: \"%s\"", reason_id(reason), words.setting, words.remedy);
	}
}

static void nothing_is_said_when_there_is_no_reason(void **state)
{
	struct tunnel tunnel = sample(1);
	struct reason_words words;

	(void)state;
	reason_print(REASON_NONE, &tunnel, "wan0", NULL, &words);
	assert_string_equal(words.text, "");
	assert_string_equal(words.offered, "");
	assert_string_equal(words.code, "");
	assert_string_equal(words.setting, "");
	assert_string_equal(words.remedy, "");
	assert_int_equal(reason_rung(REASON_NONE), RUNG_N);
}

static void a_proposal_mismatch_says_everything(void **state)
{
	struct tunnel tunnel = sample(1);
	struct reason_words words;

	(void)state;
	reason_print(REASON_IKE_PROPOSAL, &tunnel, "wan0", NULL, &words);
	assert_string_equal(words.text,
			    "198.51.100.10 wants another IKE suite (NO_PROPOSAL_CHOSEN)");
	assert_string_equal(words.offered, "aes256-sha384-ecp384");
	assert_string_equal(words.code, "13868 (policy match error), 13825 (no policy)");
	assert_string_equal(words.setting, "ipsecPolicies.ikeEncryption, ikeIntegrity, dhGroup");
	assert_string_equal(words.remedy,
			    "import anew, or: az network vpn-connection ipsec-policy add "
			    "--connection-name cn-branch7 -g RG --ike-encryption AES256 "
			    "--ike-integrity SHA384 --dh-group ECP384 ...");
	assert_int_equal(reason_rung(REASON_IKE_PROPOSAL), RUNG_IKE);
	reason_print(REASON_PFS, &tunnel, "wan0", NULL, &words);
	assert_non_null(strstr(words.remedy,
			       "--ipsec-encryption GCMAES256 "
			       "--ipsec-integrity GCMAES256 --pfs-group PFS2048 ..."));
}

/* A box with Azure's default policy wants a connection without one. */
static void the_default_policy_is_the_absence_of_one(void **state)
{
	struct tunnel tunnel = sample(6);
	struct reason_words words;

	(void)state;
	reason_print(REASON_IKE_PROPOSAL, &tunnel, "wan0", NULL, &words);
	assert_string_equal(words.offered, "aes256-sha384-ecp384, aes256-sha384-ecp384 and 4 more");
	assert_string_equal(words.remedy,
			    "import anew, or: az network vpn-connection ipsec-policy clear "
			    "--connection-name cn-branch7 -g RG");
}

static void selectors_and_identities_are_offers(void **state)
{
	struct tunnel tunnel = sample(1);
	struct reason_words words;

	(void)state;
	children[0].remote = children[1].remote = children[1].local = children[0].local;
	reason_print(REASON_SELECTORS, &tunnel, "wan0", NULL, &words);
	assert_string_equal(words.offered, "192.168.70.0/24 to 192.168.70.0/24, "
					   "192.168.70.0/24 to 192.168.70.0/24 and 1 more");
	reason_print(REASON_KEY_REFUSED, &tunnel, "wan0", NULL, &words);
	assert_string_equal(words.offered, "the identity 203.0.113.7");
}

static void details_are_put_in(void **state)
{
	struct tunnel tunnel = sample(1);
	struct reason_words words;

	(void)state;
	reason_print(REASON_ICMP_PORT, &tunnel, "wan0", "198.51.100.10", &words);
	assert_string_equal(words.text,
			    "198.51.100.10 says: nobody listens on UDP 500 of 198.51.100.10");
	reason_print(REASON_NO_LINK, &tunnel, "wan0", NULL, &words);
	assert_string_equal(words.text, "the WAN interface wan0 has no link");
}

static void what_does_not_fit_is_cut(void **state)
{
	struct tunnel tunnel = sample(1);
	struct reason_words words;
	char detail[400];

	(void)state;
	memset(detail, 'x', sizeof(detail) - 1);
	detail[sizeof(detail) - 1] = '\0';
	memset(tunnel.name, 'n', MAX_NAME_BYTES - 1);
	for (enum reason reason = 0; reason < REASON_N; reason++) {
		reason_print(reason, &tunnel, "wan0", detail, &words);
		assert_true(strlen(words.text) < sizeof(words.text));
		assert_true(strlen(words.remedy) <
			    sizeof(words.remedy) - 1); /* a command is whole */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_is_a_sentence),
		cmocka_unit_test(a_setting_has_a_command),
		cmocka_unit_test(nothing_is_said_when_there_is_no_reason),
		cmocka_unit_test(a_proposal_mismatch_says_everything),
		cmocka_unit_test(the_default_policy_is_the_absence_of_one),
		cmocka_unit_test(selectors_and_identities_are_offers),
		cmocka_unit_test(details_are_put_in),
		cmocka_unit_test(what_does_not_fit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
