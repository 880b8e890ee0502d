/* Error notifications become reasons.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "config/tunnel.h"
#include "iked/notify_reason.h"

static const struct {
	const char *name;
	uint16_t type, ke;
	enum notify_about about;
	enum reason reason;
	bool is_ordinary;
} rows[] = {
	{ "UNSUPPORTED_CRITICAL_PAYLOAD", 1, 0, NOTIFY_ABOUT_IKE, REASON_PAYLOAD, false },
	{ "INVALID_IKE_SPI", 4, 0, NOTIFY_ABOUT_CHILD, REASON_STRANGER, false },
	{ "INVALID_MAJOR_VERSION", 5, 0, NOTIFY_ABOUT_IKE, REASON_VERSION, false },
	{ "INVALID_SYNTAX", 7, 0, NOTIFY_ABOUT_IKE, REASON_PAYLOAD, false },
	{ "INVALID_MESSAGE_ID", 9, 0, NOTIFY_ABOUT_CHILD, REASON_HEADER, false },
	{ "NO_PROPOSAL_CHOSEN in IKE", 14, 0, NOTIFY_ABOUT_IKE, REASON_IKE_PROPOSAL, false },
	{ "NO_PROPOSAL_CHOSEN for a child", 14, 0, NOTIFY_ABOUT_CHILD, REASON_ESP_PROPOSAL, false },
	{ "NO_PROPOSAL_CHOSEN in rekeying", 14, 0, NOTIFY_ABOUT_REKEY, REASON_PFS, false },
	{ "the first group is asked for", 17, 2, NOTIFY_ABOUT_IKE, REASON_IKE_GROUP, true },
	{ "a group of another policy", 17, 14, NOTIFY_ABOUT_IKE, REASON_IKE_GROUP, false },
	{ "a group that nobody has", 17, 31, NOTIFY_ABOUT_IKE, REASON_IKE_GROUP, false },
	{ "the child's group", 17, 20, NOTIFY_ABOUT_REKEY, REASON_PFS_GROUP, true },
	{ "IKE's group is not the child's", 17, 2, NOTIFY_ABOUT_REKEY, REASON_PFS_GROUP, false },
	{ "AUTHENTICATION_FAILED", 24, 0, NOTIFY_ABOUT_CHILD, REASON_KEY_REFUSED, false },
	{ "SINGLE_PAIR_REQUIRED", 34, 0, NOTIFY_ABOUT_CHILD, REASON_SINGLE_PAIR, false },
	{ "NO_ADDITIONAL_SAS", 35, 0, NOTIFY_ABOUT_CHILD, REASON_CHILD_LIMIT, false },
	{ "INTERNAL_ADDRESS_FAILURE", 36, 0, NOTIFY_ABOUT_CHILD, REASON_ADDRESS_WANTED, false },
	{ "FAILED_CP_REQUIRED", 37, 0, NOTIFY_ABOUT_CHILD, REASON_ADDRESS_WANTED, false },
	{ "TS_UNACCEPTABLE", 38, 0, NOTIFY_ABOUT_CHILD, REASON_SELECTORS, false },
	{ "INVALID_SELECTORS", 39, 0, NOTIFY_ABOUT_CHILD, REASON_SELECTORS_LEFT, false },
	{ "TEMPORARY_FAILURE", 43, 0, NOTIFY_ABOUT_CHILD, REASON_AGAIN_LATER, true },
	{ "CHILD_SA_NOT_FOUND", 44, 0, NOTIFY_ABOUT_REKEY, REASON_NONE, true },
	{ "an error without a row", 8191, 0, NOTIFY_ABOUT_CHILD, REASON_NOTIFY, false },
	{ "COOKIE", 16390, 0, NOTIFY_ABOUT_IKE, REASON_COOKIES, true },
	{ "a status notification", 16384, 0, NOTIFY_ABOUT_IKE, REASON_NONE, false },
};

static void meanings(void **state)
{
	struct tunnel tunnel = { .n_ike_suites = 1, .n_esp_suites = 1 };

	(void)state;
	assert_int_equal(ike_suite_parse("aes256-sha1-modp1024", &tunnel.ike_suites[0]), 0);
	assert_int_equal(esp_suite_parse("aes256gcm16-ecp384", &tunnel.esp_suites[0]), 0);
	for (size_t i = 0; i < countof(rows); i++) {
		struct notify_meaning meaning =
			notify_meaning(rows[i].type, rows[i].about, rows[i].ke, &tunnel);

		if (meaning.reason != rows[i].reason || meaning.is_ordinary != rows[i].is_ordinary)
			fail_msg("%s: %s", rows[i].name, reason_id(meaning.reason));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(meanings) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
