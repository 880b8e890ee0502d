/* Cipher suites: what Azure can name parses, prints and parses again; the rest is refused.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/rows.h"

/* Every choice of Azure's custom policies (facts of the ARM enums) but DES and None. */
static const char *const azure_cipher[] = { "aes256", "aes192", "aes128", "3des" };
static const char *const azure_gcm[] = { "aes256gcm16", "aes192gcm16", "aes128gcm16" };
static const char *const azure_hash[] = { "sha384", "sha256", "sha1", "md5" };
static const char *const azure_group[] = { "modp2048s256", "ecp384",   "ecp256",
					   "modp2048",	   "modp1024", "modp768" };

static void check_ike(const char *text, const char *canonical)
{
	struct ike_suite suite, again;
	char buf[SUITE_TEXT_BYTES];

	assert_int_equal(ike_suite_parse(text, &suite), 0);
	assert_string_equal(ike_suite_print(&suite, buf), canonical);
	assert_int_equal(ike_suite_parse(buf, &again), 0);
	assert_memory_equal(&suite, &again, sizeof(suite));
	assert_int_not_equal(encr_key_bytes(suite.encr, suite.key_bits), 0);
}

static void check_esp(const char *text)
{
	struct esp_suite suite, again;
	char buf[SUITE_TEXT_BYTES];

	assert_int_equal(esp_suite_parse(text, &suite), 0);
	assert_string_equal(esp_suite_print(&suite, buf), text);
	assert_int_equal(esp_suite_parse(buf, &again), 0);
	assert_memory_equal(&suite, &again, sizeof(suite));
	assert_int_not_equal(encr_key_bytes(suite.encr, suite.key_bits), 0);
}

static void every_ike_choice_of_azure(void **state)
{
	char text[SUITE_TEXT_BYTES], with_prf[SUITE_TEXT_BYTES];

	(void)state;
	for (size_t g = 0; g < countof(azure_group); g++)
		for (size_t h = 0; h < countof(azure_hash); h++) {
			for (size_t c = 0; c < countof(azure_cipher); c++) {
				snprintf(text, sizeof(text), "%s-%s-%s", azure_cipher[c],
					 azure_hash[h], azure_group[g]);
				check_ike(text, text);
				snprintf(with_prf, sizeof(with_prf), "%s-%s-prf%s-%s",
					 azure_cipher[c], azure_hash[h], azure_hash[h],
					 azure_group[g]);
				check_ike(with_prf, text);
			}
			for (size_t c = 0; c < countof(azure_gcm); c++) {
				snprintf(text, sizeof(text), "%s-prf%s-%s", azure_gcm[c],
					 azure_hash[h], azure_group[g]);
				check_ike(text, text);
			}
		}
	check_ike("aes256-sha256-prfsha384-modp2048s256", "aes256-sha256-prfsha384-modp2048s256");
}

static void every_esp_choice_of_azure(void **state)
{
	char text[SUITE_TEXT_BYTES];

	(void)state;
	for (size_t g = 0; g <= countof(azure_group); g++) {
		const char *dash = g < countof(azure_group) ? "-" : "";
		const char *group = g < countof(azure_group) ? azure_group[g] : "";

		for (size_t c = 0; c < countof(azure_gcm); c++) {
			snprintf(text, sizeof(text), "%s%s%s", azure_gcm[c], dash, group);
			check_esp(text);
		}
		for (size_t c = 0; c < countof(azure_cipher); c++)
			for (size_t h = 1; h < countof(azure_hash); h++) { /* no SHA-384 in ESP */
				snprintf(text, sizeof(text), "%s-%s%s%s", azure_cipher[c],
					 azure_hash[h], dash, group);
				check_esp(text);
			}
	}
}

static void numbers_are_those_of_iana(void **state)
{
	const struct ike_suite ike = { 12, 256, 13, 6, 20 };
	const struct esp_suite esp = { 20, 128, 0, 24 };
	struct ike_suite got_ike;
	struct esp_suite got_esp;

	(void)state;
	assert_int_equal(ike_suite_parse("aes256-sha384-ecp384", &got_ike), 0);
	assert_memory_equal(&got_ike, &ike, sizeof(ike));
	assert_int_equal(esp_suite_parse("aes128gcm16-modp2048s256", &got_esp), 0);
	assert_memory_equal(&got_esp, &esp, sizeof(esp));
}

static const struct refusal {
	const char *name;
	bool is_ike;
	const char *text, *wanted; /* a part of the sentence */
} refusals[] = {
	{ "DES in ESP is refused by name", false, "des-sha1", "DES has keys of 56 bit" },
	{ "DES in IKE is refused by name", true, "des-sha1-modp1024", "DES has keys of 56 bit" },
	{ "ESP without encryption is refused by name", false, "null-sha256",
	  "without one is refused" },
	{ "ESP with Azure's None is refused by name", false, "none-sha256",
	  "without one is refused" },
	{ "AES-GCM with integrity in ESP", false, "aes256gcm16-sha256",
	  "no integrity beside AES-GCM" },
	{ "AES-GCM with integrity in IKE", true, "aes256gcm16-sha384-prfsha384-ecp384",
	  "no integrity beside AES-GCM" },
	{ "AES-GCM without PRF in IKE", true, "aes256gcm16-ecp384", "a PRF with AES-GCM" },
	{ "AES-CBC without integrity", false, "aes256", "an integrity" },
	{ "AES-CBC without integrity but a group", false, "aes256-ecp384", "an integrity" },
	{ "AES-CBC with a PRF only", true, "aes256-prfsha256-ecp384", "an integrity" },
	{ "IKE without a key exchange", true, "aes256-sha256", "a key exchange in IKE" },
	{ "no encryption at all", false, "sha256", "an encryption first" },
	{ "a PRF in ESP", false, "aes256-sha256-prfsha256", "known algorithms" },
	{ "SHA-384 in ESP, which Azure cannot name", false, "aes256-sha384", "known algorithms" },
	{ "another order", true, "aes256-ecp384-sha384", "in this order" },
	{ "one kind twice", true, "aes256-sha384-sha256-ecp384", "in this order" },
	{ "a typing error", true, "aes256-sha385-ecp384", "did you mean \"sha384\"?" },
	{ "a typing error in the encryption", false, "aes265gcm16",
	  "did you mean \"aes256gcm16\"?" },
	{ "capital letters", false, "AES256GCM16", "known algorithms" },
	{ "an empty text", false, "", "known algorithms" },
	{ "a dash at the end", false, "aes256gcm16-", "known algorithms" },
	{ "a dash at the start", false, "-aes256gcm16", "known algorithms" },
	{ "two dashes", true, "aes256--sha384-ecp384", "known algorithms" },
	{ "a blank", false, "aes256gcm16 ", "known algorithms" },
	{ "a part of two hundred letters", false,
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aa",
	  "known algorithms" },
};

static void is_refused(void **state)
{
	const struct refusal *row = *state;
	char wanted[MAX_SENTENCE_BYTES] = "";
	struct ike_suite ike, ike_before;
	struct esp_suite esp, esp_before;

	memset(&ike, 0xaa, sizeof(ike));
	memset(&esp, 0xaa, sizeof(esp));
	ike_before = ike;
	esp_before = esp;
	if (row->is_ike)
		assert_int_equal(ike_suite_parse_explain(row->text, &ike, wanted), -EINVAL);
	else
		assert_int_equal(esp_suite_parse_explain(row->text, &esp, wanted), -EINVAL);
	if (!strstr(wanted, row->wanted))
		fail_msg("wanted \"%s\"", wanted);
	assert_memory_equal(&ike, &ike_before, sizeof(ike));
	assert_memory_equal(&esp, &esp_before, sizeof(esp));
}

static const struct key_row {
	const char *name;
	uint16_t encr, key_bits;
	size_t expected;
} key_rows[] = {
	{ "3DES has 24 bytes", ENCR_3DES, 0, 24 },
	{ "AES-CBC 128 has 16", ENCR_AES_CBC, 128, 16 },
	{ "AES-CBC 192 has 24", ENCR_AES_CBC, 192, 24 },
	{ "AES-CBC 256 has 32", ENCR_AES_CBC, 256, 32 },
	{ "AES-GCM 128 has 4 more for the salt", ENCR_AES_GCM_16, 128, 20 },
	{ "AES-GCM 192 has 4 more for the salt", ENCR_AES_GCM_16, 192, 28 },
	{ "AES-GCM 256 has 4 more for the salt", ENCR_AES_GCM_16, 256, 36 },
	{ "3DES with a key length does not exist", ENCR_3DES, 192, 0 },
	{ "AES without a key length does not exist", ENCR_AES_CBC, 0, 0 },
	{ "AES of 512 bit does not exist", ENCR_AES_CBC, 512, 0 },
	{ "DES has no keys here", 2, 0, 0 },
	{ "NULL has no keys here", 11, 0, 0 },
	{ "nothing has no keys", ENCR_NONE_SET, 0, 0 },
};

static void has_key_bytes(void **state)
{
	const struct key_row *row = *state;

	assert_int_equal(encr_key_bytes(row->encr, row->key_bits), row->expected);
}

static void integrity_keys_are_as_long_as_the_hash(void **state)
{
	(void)state;
	assert_int_equal(integ_key_bytes(INTEG_NONE), 0);
	assert_int_equal(integ_key_bytes(INTEG_HMAC_MD5_96), 16);
	assert_int_equal(integ_key_bytes(INTEG_HMAC_SHA1_96), 20);
	assert_int_equal(integ_key_bytes(INTEG_HMAC_SHA2_256_128), 32);
	assert_int_equal(integ_key_bytes(INTEG_HMAC_SHA2_384_192), 48);
	assert_int_equal(integ_key_bytes(14), 0);
}

static const struct weak_row {
	const char *name, *ike, *esp, *expected;
} weak_rows[] = {
	{ "group 2 is named", "aes256-sha256-modp1024", NULL, "group 2 (1024 bit)" },
	{ "group 1 is named", "aes256-sha256-modp768", NULL, "group 1 (768 bit)" },
	{ "group 24 is named in ESP", NULL, "aes256gcm16-modp2048s256", "group 24" },
	{ "3DES is named", "3des-sha256-ecp256", NULL, "3DES" },
	{ "MD5 is named", NULL, "aes128-md5", "HMAC-MD5" },
	{ "the group goes before 3DES", "3des-sha1-modp1024", NULL, "group 2" },
	{ "the PRF counts too", "aes256gcm16-prfmd5-ecp384", NULL, "HMAC-MD5" },
	{ "a good IKE suite has no weakness", "aes256-sha384-ecp384", NULL, NULL },
	{ "a good ESP suite has no weakness", NULL, "aes256gcm16-ecp384", NULL },
};

static void has_weakness(void **state)
{
	const struct weak_row *row = *state;
	const char *weakness;
	struct ike_suite ike;
	struct esp_suite esp;

	if (row->ike) {
		assert_int_equal(ike_suite_parse(row->ike, &ike), 0);
		weakness = ike_suite_weakness(&ike);
	} else {
		assert_int_equal(esp_suite_parse(row->esp, &esp), 0);
		weakness = esp_suite_weakness(&esp);
	}
	if (!row->expected)
		assert_null(weakness);
	else if (!weakness || !strstr(weakness, row->expected))
		fail_msg("weakness \"%s\"", weakness ? weakness : "none");
}

static void defaults_are_azures(void **state)
{
	static const char *const ike[] = { "aes256-sha1-modp1024", "aes256-sha256-modp1024",
					   "aes128-sha1-modp1024", "aes128-sha256-modp1024",
					   "3des-sha1-modp1024",   "3des-sha256-modp1024" };
	static const char *const esp[] = { "aes256gcm16",   "aes256-sha256", "aes256-sha1",
					   "aes128-sha256", "aes128-sha1",   "3des-sha256",
					   "3des-sha1" };
	char buf[SUITE_TEXT_BYTES];
	size_t n;
	const struct ike_suite *ike_default = ike_suites_azure_default(&n);
	const struct esp_suite *esp_default;

	(void)state;
	assert_int_equal(n, countof(ike));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(ike_suite_print(&ike_default[i], buf), ike[i]);
	esp_default = esp_suites_azure_default(&n);
	assert_int_equal(n, countof(esp));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(esp_suite_print(&esp_default[i], buf), esp[i]);
}

static const struct mtu_row {
	const char *name;
	const char *suite;
	uint32_t outer, inner;
} mtu_rows[] = {
	{ "AES-CBC on Ethernet", "aes256-sha256", 1500, 1422 },
	{ "AES-CBC with SHA-1", "aes256-sha1", 1500, 1422 },
	{ "AES-GCM on Ethernet", "aes256gcm16", 1500, 1438 },
	{ "AES-CBC on PPPoE", "aes256-sha256", 1492, 1422 },
	{ "AES-GCM on PPPoE", "aes256gcm16", 1492, 1430 },
	{ "AES-CBC in a tunnel", "aes256-sha256", 1452, 1374 },
	{ "AES-GCM in a tunnel", "aes256gcm16", 1452, 1390 },
	{ "AES-CBC on LTE", "aes256-sha256", 1400, 1326 },
	{ "AES-GCM on LTE", "aes256gcm16", 1400, 1338 },
	{ "3DES has blocks of 8", "3des-sha1", 1500, 1438 },
	{ "one block", "aes256-sha256", 84, 14 },
	{ "nothing fits", "aes256-sha256", 83, 0 },
	{ "nothing at all", "aes256gcm16", 0, 0 },
};

static void has_inner_mtu(void **state)
{
	const struct mtu_row *row = *state;
	struct esp_suite suite;

	assert_int_equal(esp_suite_parse(row->suite, &suite), 0);
	assert_int_equal(esp_suite_inner_mtu(&suite, row->outer), row->inner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_ike_choice_of_azure),
		cmocka_unit_test(every_esp_choice_of_azure),
		cmocka_unit_test(numbers_are_those_of_iana),
		cmocka_unit_test(integrity_keys_are_as_long_as_the_hash),
		cmocka_unit_test(defaults_are_azures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) + RUN_ROWS(refusals, is_refused) +
	       RUN_ROWS(key_rows, has_key_bytes) + RUN_ROWS(weak_rows, has_weakness) +
	       RUN_ROWS(mtu_rows, has_inner_mtu);
}
