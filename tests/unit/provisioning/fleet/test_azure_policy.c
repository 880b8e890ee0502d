/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/azure_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

/* The values of a good policy; a row replaces one. */
static const char good[] =
	"{'p': [{'saLifeTimeSeconds': 3600, 'saDataSizeKilobytes': 1024000,"
	"'ikeEncryption': 'AES256', 'ikeIntegrity': 'SHA384', 'dhGroup': 'ECP384',"
	"'ipsecEncryption': 'GCMAES256', 'ipsecIntegrity': 'GCMAES256',"
	"'pfsGroup': 'ECP384'}]}";

#define IKE(encryption, integrity, group)                                                          \
	"'ikeEncryption': '" encryption "', 'ikeIntegrity': '" integrity "', 'dhGroup': '" group   \
	"',"
#define ESP(encryption, integrity)                                                                 \
	"'ipsecEncryption': '" encryption "', 'ipsecIntegrity': '" integrity "',"
#define PFS(group) "'pfsGroup': '" group "'"

#define GOOD_IKE IKE("AES256", "SHA384", "ECP384")
#define GOOD_ESP ESP("GCMAES256", "GCMAES256")

static const struct row {
	const char *name, *from, *to;
	const char *ike, *second_ike, *esp; /* NULL: refused */
	const char *errors;
} rows[] = {
	{ "AES and a hash in IKE, AES-GCM in ESP", "", "", "aes256-sha384-ecp384", NULL,
	  "aes256gcm16-ecp384", "" },
	{ "AES-GCM in IKE takes the hash as its PRF", GOOD_IKE,
	  IKE("GCMAES256", "SHA256", "ECP256"), "aes256gcm16-prfsha256-ecp256", NULL,
	  "aes256gcm16-ecp384", "" },
	{ "AES-GCM as IKE's integrity leaves the PRF open", GOOD_IKE,
	  IKE("GCMAES128", "GCMAES128", "DHGroup24"), "aes128gcm16-prfsha384-modp2048s256",
	  "aes128gcm16-prfsha256-modp2048s256", "aes256gcm16-ecp384", "" },
	{ "AES-192 and SHA-1", GOOD_IKE, IKE("AES192", "SHA1", "DHGroup14"), "aes192-sha1-modp2048",
	  NULL, "aes256gcm16-ecp384", "" },
	{ "DHGroup2048 is group 14", GOOD_IKE, IKE("AES128", "SHA256", "DHGroup2048"),
	  "aes128-sha256-modp2048", NULL, "aes256gcm16-ecp384", "" },
	{ "3DES, MD5 and group 1 are weak, and work", GOOD_IKE, IKE("DES3", "MD5", "DHGroup1"),
	  "3des-md5-modp768", NULL, "aes256gcm16-ecp384", "" },
	{ "group 2", GOOD_IKE, IKE("AES256", "SHA1", "DHGroup2"), "aes256-sha1-modp1024", NULL,
	  "aes256gcm16-ecp384", "" },
	{ "DES in IKE is refused", GOOD_IKE, IKE("DES", "SHA1", "DHGroup2"), NULL, NULL, NULL,
	  "/p/0/ikeEncryption: ikeEncryption is DES: DES is broken; use AES256 or GCMAES256\n" },
	{ "no group in IKE is refused", GOOD_IKE, IKE("AES256", "SHA1", "None"), NULL, NULL, NULL,
	  "/p/0/dhGroup: dhGroup is None: IKE cannot do without a key exchange; use ECP384\n" },
	{ "AES-GCM of another size is no integrity", GOOD_IKE,
	  IKE("GCMAES256", "GCMAES128", "ECP384"), NULL, NULL, NULL,
	  "/p/0/ikeIntegrity: ikeIntegrity is AES-GCM, which does not go with this ikeEncryption; "
	  "use SHA384\n" },
	{ "AES-GCM is no integrity of AES in CBC mode", GOOD_IKE,
	  IKE("AES256", "GCMAES256", "ECP384"), NULL, NULL, NULL,
	  "/p/0/ikeIntegrity: ikeIntegrity is AES-GCM, which does not go with this ikeEncryption; "
	  "use SHA384\n" },
	{ "IKE has no AES-GCM of 192 bit", GOOD_IKE, IKE("GCMAES192", "SHA384", "ECP384"), NULL,
	  NULL, NULL,
	  "/p/0/ikeEncryption: ikeEncryption is \"GCMAES192\", which is none of Azure's words for "
	  "it that are supported: GCMAES256, GCMAES128, AES256, AES192, AES128, DES3\n" },
	{ "AES and a hash in ESP", GOOD_ESP, ESP("AES128", "SHA256"), "aes256-sha384-ecp384", NULL,
	  "aes128-sha256-ecp384", "" },
	{ "3DES and MD5 in ESP are weak, and work", GOOD_ESP, ESP("DES3", "MD5"),
	  "aes256-sha384-ecp384", NULL, "3des-md5-ecp384", "" },
	{ "AES-GCM of 192 bit in ESP", GOOD_ESP, ESP("GCMAES192", "gcmaes192"),
	  "aes256-sha384-ecp384", NULL, "aes192gcm16-ecp384", "" },
	{ "ESP without encryption is refused", GOOD_ESP, ESP("None", "SHA256"), NULL, NULL, NULL,
	  "/p/0/ipsecEncryption: ipsecEncryption is None: ESP without encryption sends the "
	  "office's traffic in clear; use GCMAES256\n" },
	{ "DES in ESP is refused", GOOD_ESP, ESP("DES", "SHA1"), NULL, NULL, NULL,
	  "/p/0/ipsecEncryption: ipsecEncryption is DES: DES is broken; use AES256 or "
	  "GCMAES256\n" },
	{ "AES-GCM with a hash is refused", GOOD_ESP, ESP("GCMAES256", "SHA256"), NULL, NULL, NULL,
	  "/p/0/ipsecIntegrity: when one of ipsecEncryption and ipsecIntegrity is AES-GCM, both "
	  "must be the same; Azure takes nothing else\n" },
	{ "AES with AES-GCM is refused", GOOD_ESP, ESP("AES256", "GCMAES256"), NULL, NULL, NULL,
	  "/p/0/ipsecIntegrity: when one of ipsecEncryption and ipsecIntegrity is AES-GCM, both "
	  "must be the same; Azure takes nothing else\n" },
	{ "ESP has no SHA384", GOOD_ESP, ESP("AES256", "SHA384"), NULL, NULL, NULL,
	  "/p/0/ipsecIntegrity: ipsecIntegrity is \"SHA384\", which is none of Azure's words for "
	  "it that are supported: GCMAES256, GCMAES192, GCMAES128, SHA256, SHA1, MD5\n" },
	{ "no PFS", PFS("ECP384"), PFS("None"), "aes256-sha384-ecp384", NULL, "aes256gcm16", "" },
	{ "PFS2048 is group 14", PFS("ECP384"), PFS("PFS2048"), "aes256-sha384-ecp384", NULL,
	  "aes256gcm16-modp2048", "" },
	{ "PFS14 is group 14", PFS("ECP384"), PFS("PFS14"), "aes256-sha384-ecp384", NULL,
	  "aes256gcm16-modp2048", "" },
	{ "PFS24 is group 24", PFS("ECP384"), PFS("PFS24"), "aes256-sha384-ecp384", NULL,
	  "aes256gcm16-modp2048s256", "" },
	{ "PFS2 and PFS1 are groups 2 and 1", PFS("ECP384"), PFS("PFS1"), "aes256-sha384-ecp384",
	  NULL, "aes256gcm16-modp768", "" },
	{ "PFSMM is IKE's group", PFS("ECP384"), PFS("PFSMM"), "aes256-sha384-ecp384", NULL,
	  "aes256gcm16-ecp384", "" },
	{ "one value is missing", "," PFS("ECP384"), "", NULL, NULL, NULL,
	  "/p/0: pfsGroup is missing; Azure's policies have all eight values\n" },
	{ "null is missing", "3600", "null", NULL, NULL, NULL,
	  "/p/0: saLifeTimeSeconds is missing; Azure's policies have all eight values\n" },
	{ "too short a life", "3600", "299", NULL, NULL, NULL,
	  "/p/0/saLifeTimeSeconds: saLifeTimeSeconds is 299; 300 to 172799 are possible\n" },
	{ "too long a life", "3600", "172800", NULL, NULL, NULL,
	  "/p/0/saLifeTimeSeconds: saLifeTimeSeconds is 172800; 300 to 172799 are possible\n" },
	{ "too few kilobytes", "1024000", "1023", NULL, NULL, NULL,
	  "/p/0/saDataSizeKilobytes: saDataSizeKilobytes is 1023; 1024 to 2147483647 are "
	  "possible\n" },
	{ "a negative number", "1024000", "-1", NULL, NULL, NULL,
	  "/p/0/saDataSizeKilobytes: saDataSizeKilobytes is -1; 1024 to 2147483647 are "
	  "possible\n" },
	{ "a ninth value", PFS("ECP384"), PFS("ECP384") ", 'ikeLifeTimeSeconds': 60", NULL, NULL,
	  NULL,
	  "/p/0/ikeLifeTimeSeconds: this is none of the eight values of a policy that are known; "
	  "leave it out\n" },
	{ "a ninth value that is absent", PFS("ECP384"), PFS("ECP384") ", 'x': null",
	  "aes256-sha384-ecp384", NULL, "aes256gcm16-ecp384", "" },
	{ "two policies", "]}", ", {}]}", NULL, NULL, NULL,
	  "/p: ipsecPolicies has 2 entries; a connection has one policy\n" },
	{ "a policy is an object", good + 1, "'p': [7]}", NULL, NULL, NULL,
	  "/p/0: an object is needed here\n" },
};

static void read_policy(const char *document, struct fixture *fixture, struct azure_policy *policy)
{
	struct azure_value list = { 0 };
	struct azure_node root;

	fixture_init(fixture, document);
	root = azure_root(&fixture->file);
	list.node = azure_member(&root, "p", &fixture->findings);
	azure_policy_read(&list, "/subscriptions/s/resourceGroups/g/x/cn", &fixture->findings,
			  policy);
}

static void reads_row(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *document =
		row->from[0] ? fixture_replace(good, row->from, row->to) : strdup(good);
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *errors = NULL;
	struct azure_policy policy = { 0 };
	char text[SUITE_TEXT_BYTES];

	read_policy(document, &fixture, &policy);
	errors = fixture_findings(&fixture.findings, true);
	assert_string_equal(errors, row->errors);
	if (!row->ike) {
		assert_int_equal(policy.n_ike_suites, 0); /* untouched */
		return;
	}
	assert_true(policy.is_custom);
	assert_int_equal(policy.n_ike_suites, row->second_ike ? 2 : 1);
	assert_string_equal(ike_suite_print(&policy.ike_suites[0], text), row->ike);
	if (row->second_ike)
		assert_string_equal(ike_suite_print(&policy.ike_suites[1], text), row->second_ike);
	assert_string_equal(esp_suite_print(&policy.esp_suite, text), row->esp);
	assert_int_equal(policy.child_life_s, 3600);
	assert_int_equal(policy.child_life_kilobytes, 1024000);
}

static void no_policy_is_the_default_one(void **state)
{
	static const char *const documents[] = { "{}", "{'p': []}", "{'p': null}" };

	(void)state;
	for (size_t i = 0; i < countof(documents); i++) {
		_cleanup_(fixture_deinit) struct fixture fixture;
		_cleanup_free_ char *findings = NULL;
		struct azure_policy policy = { .is_custom = true };

		read_policy(documents[i], &fixture, &policy);
		assert_false(policy.is_custom);
		assert_int_equal(policy.child_life_s, 27000);
		assert_int_equal(policy.child_life_kilobytes, 102400000);
		findings = fixture_findings(&fixture.findings, false);
		assert_non_null(strstr(findings,
				       "note: Azure's default policy is weak in IKE: group 2 (1024 "
				       "bit)"));
		assert_non_null(strstr(findings, ": az network vpn-connection ipsec-policy add "
						 "--resource-group g --connection-name cn "));
		assert_int_equal(fixture.findings.n_errors, 0);
	}
}

static void weakness_is_noted_once_for_ike_and_once_for_esp(void **state)
{
	_cleanup_free_ char *weak_ike =
		fixture_replace(good, GOOD_IKE, IKE("AES256", "SHA384", "DHGroup2"));
	_cleanup_free_ char *weak = fixture_replace(weak_ike, GOOD_ESP, ESP("DES3", "SHA1"));
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *findings = NULL;
	struct azure_policy policy;

	(void)state;
	read_policy(weak, &fixture, &policy);
	assert_int_equal(fixture.findings.n, 2);
	findings = fixture_findings(&fixture.findings, false);
	assert_non_null(strstr(findings, "/p/0: note: the policy is weak in IKE: group 2"));
	assert_non_null(strstr(findings, "/p/0: note: the policy is weak in ESP: 3DES"));
	assert_non_null(strstr(findings, "az network vpn-connection ipsec-policy clear "));
}

static void no_limit_by_volume_is_kept(void **state)
{
	_cleanup_free_ char *document = fixture_replace(good, "1024000", "0");
	_cleanup_(fixture_deinit) struct fixture fixture;
	struct azure_policy policy;

	(void)state;
	read_policy(document, &fixture, &policy);
	assert_int_equal(fixture.findings.n, 0);
	assert_int_equal(policy.child_life_kilobytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_policy_is_the_default_one),
		cmocka_unit_test(weakness_is_noted_once_for_ike_and_once_for_esp),
		cmocka_unit_test(no_limit_by_volume_is_kept),
	};

	return RUN_ROWS(rows, reads_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
