/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/bundle/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* Messages and digests of NIST's SHA-256 examples. */
static const struct row {
	const char *message, *digest;
} rows[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void digests_are_those_of_nist(void **state)
{
	uint8_t digest[DIGEST_BYTES];
	char text[2 * DIGEST_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		digest_sha256(rows[i].message, strlen(rows[i].message), digest);
		for (size_t k = 0; k < sizeof(digest); k++)
			snprintf(text + 2 * k, 3, "%02x", digest[k]);
		assert_string_equal(text, rows[i].digest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(digests_are_those_of_nist) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
