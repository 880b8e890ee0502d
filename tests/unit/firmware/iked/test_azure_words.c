/* Azure's words for our suites.
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
#include "config/suite.h"
#include "iked/azure_words.h"

static const struct {
	const char *suite, *words;
} ike_rows[] = {
	{ "aes256-sha384-ecp384", "--ike-encryption AES256 --ike-integrity SHA384 --dh-group ECP384" },
	{ "aes192-sha256-ecp256", "--ike-encryption AES192 --ike-integrity SHA256 --dh-group ECP256" },
	{ "aes128-sha1-modp2048", "--ike-encryption AES128 --ike-integrity SHA1 --dh-group DHGroup14" },
	{ "3des-md5-modp768", "--ike-encryption DES3 --ike-integrity MD5 --dh-group DHGroup1" },
	{ "aes256gcm16-prfsha384-modp2048s256",
	  "--ike-encryption GCMAES256 --ike-integrity SHA384 --dh-group DHGroup24" },
	{ "aes128gcm16-prfsha256-modp1024",
	  "--ike-encryption GCMAES128 --ike-integrity SHA256 --dh-group DHGroup2" },
}, esp_rows[] = {
	{ "aes256gcm16", "--ipsec-encryption GCMAES256 --ipsec-integrity GCMAES256 --pfs-group None" },
	{ "aes192gcm16-modp2048",
	  "--ipsec-encryption GCMAES192 --ipsec-integrity GCMAES192 --pfs-group PFS2048" },
	{ "aes256-sha256-modp2048s256",
	  "--ipsec-encryption AES256 --ipsec-integrity SHA256 --pfs-group PFS24" },
	{ "3des-sha1-modp1024", "--ipsec-encryption DES3 --ipsec-integrity SHA1 --pfs-group PFS2" },
	{ "aes128-md5-ecp256", "--ipsec-encryption AES128 --ipsec-integrity MD5 --pfs-group ECP256" },
};

static void suites_have_words(void **state)
{
	char words[AZURE_WORDS_BYTES];
	struct ike_suite ike;
	struct esp_suite esp;

	(void)state;
	for (size_t i = 0; i < countof(ike_rows); i++) {
		assert_int_equal(ike_suite_parse(ike_rows[i].suite, &ike), 0);
		assert_string_equal(azure_words_ike(&ike, words), ike_rows[i].words);
	}
	for (size_t i = 0; i < countof(esp_rows); i++) {
		assert_int_equal(esp_suite_parse(esp_rows[i].suite, &esp), 0);
		assert_string_equal(azure_words_esp(&esp, words), esp_rows[i].words);
	}
}

static void azures_default_policy_has_words(void **state)
{
	char words[AZURE_WORDS_BYTES];
	size_t n;
	const struct ike_suite *ike = ike_suites_azure_default(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_null(strchr(azure_words_ike(&ike[i], words), '?'));
	const struct esp_suite *esp = esp_suites_azure_default(&n);
	for (size_t i = 0; i < n; i++)
		assert_null(strchr(azure_words_esp(&esp[i], words), '?'));
}

static void groups_have_names_or_are_not_there(void **state)
{
	char words[AZURE_WORDS_BYTES];

	(void)state;
	assert_string_equal(azure_words_group(KE_MODP_2048, words), "group 14 (DHGroup14)");
	assert_string_equal(azure_words_group(31, words), "group 31, which the box does not have");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_have_words),
		cmocka_unit_test(azures_default_policy_has_words),
		cmocka_unit_test(groups_have_names_or_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
