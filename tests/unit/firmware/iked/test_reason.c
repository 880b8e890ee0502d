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

#include "config/tunnel.h"
#include "iked/reason.h"

static struct tunnel sample(void)
{
	struct tunnel tunnel = { .name = "cn-branch7", .n_ike_suites = 1, .n_esp_suites = 1 };

	assert_int_equal(addr_parse("198.51.100.10", &tunnel.gateway), 0);
	assert_int_equal(ike_suite_parse("aes256-sha1-modp1024", &tunnel.ike_suites[0]), 0);
	assert_int_equal(esp_suite_parse("aes256gcm16", &tunnel.esp_suites[0]), 0);
	return tunnel;
}

static void every_reason_is_a_sentence(void **state)
{
	struct tunnel tunnel = sample();
	char text[MAX_SENTENCE_BYTES], remedy[MAX_SENTENCE_BYTES];

	(void)state;
	for (enum reason reason = REASON_STARTING; reason < REASON_N; reason++) {
		reason_print(reason, &tunnel, "a detail", text, remedy);
		if (text[0] == '\0' || strchr(text, '$') || strchr(remedy, '$') ||
		    !reason_id(reason) || strlen(remedy) >= MAX_SENTENCE_BYTES - 1)
			fail_msg("reason %d: \"%s\", \"%s\"", reason, text, remedy);
	}
}

static void nothing_is_said_when_there_is_no_reason(void **state)
{
	struct tunnel tunnel = sample();
	char text[MAX_SENTENCE_BYTES], remedy[MAX_SENTENCE_BYTES];

	(void)state;
	reason_print(REASON_NONE, &tunnel, NULL, text, remedy);
	assert_string_equal(text, "");
	assert_string_equal(remedy, "");
}

static void a_proposal_mismatch_says_what_was_offered_and_where_to_look(void **state)
{
	struct tunnel tunnel = sample();
	char text[MAX_SENTENCE_BYTES], remedy[MAX_SENTENCE_BYTES];

	(void)state;
	reason_print(REASON_IKE_PROPOSAL, &tunnel, NULL, text, remedy);
	assert_string_equal(text, "no common IKE suite with 198.51.100.10; "
				  "ours begin with aes256-sha1-modp1024");
	assert_string_equal(remedy,
			    "compare the IKE policy: az network vpn-connection ipsec-policy "
			    "list --connection-name cn-branch7 -g RG");
}

static void what_does_not_fit_is_cut(void **state)
{
	struct tunnel tunnel = sample();
	char text[MAX_SENTENCE_BYTES], remedy[MAX_SENTENCE_BYTES], detail[400];

	(void)state;
	memset(detail, 'x', sizeof(detail) - 1);
	detail[sizeof(detail) - 1] = '\0';
	memset(tunnel.name, 'n', MAX_NAME_BYTES - 1);
	for (enum reason reason = 0; reason < REASON_N; reason++) {
		reason_print(reason, &tunnel, detail, text, remedy);
		assert_true(strlen(text) < MAX_SENTENCE_BYTES);
		assert_true(strlen(remedy) < MAX_SENTENCE_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_is_a_sentence),
		cmocka_unit_test(nothing_is_said_when_there_is_no_reason),
		cmocka_unit_test(a_proposal_mismatch_says_what_was_offered_and_where_to_look),
		cmocka_unit_test(what_does_not_fit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
