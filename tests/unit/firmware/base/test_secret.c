/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/secret.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/rows.h"

static const struct length_row {
	const char *name;
	size_t len;
	int expected;
} length_rows[] = {
	{ "no byte is no secret", 0, -EMSGSIZE },
	{ "one byte is one", 1, 0 },
	{ "128 bytes are one", MAX_PSK_BYTES, 0 },
	{ "129 bytes are too many", MAX_PSK_BYTES + 1, -EMSGSIZE },
};

static void takes_length(void **state)
{
	const struct length_row *row = *state;
	uint8_t bytes[MAX_PSK_BYTES + 1];
	struct secret secret, before;

	memset(bytes, 'k', sizeof(bytes));
	memset(&secret, 0xaa, sizeof(secret));
	before = secret;
	assert_int_equal(secret_from_bytes(bytes, row->len, &secret), row->expected);
	if (row->expected < 0) {
		assert_memory_equal(&secret, &before, sizeof(secret));
		return;
	}
	assert_int_equal(secret.len, row->len);
	assert_memory_equal(secret.bytes, bytes, row->len);
	for (size_t i = row->len; i < sizeof(secret.bytes); i++)
		assert_int_equal(secret.bytes[i], 0); /* nothing of the one before */
}

static const struct pair_row {
	const char *name, *a, *b;
	bool is_equal;
} pair_rows[] = {
	{ "equal bytes are equal", "abc", "abc", true },
	{ "the first byte counts", "abc", "Abc", false },
	{ "the last byte counts", "abc", "abC", false },
	{ "differences do not cancel out", "ab", "ba", false },
	{ "the length counts", "abc", "ab", false },
};

static void compares(void **state)
{
	const struct pair_row *row = *state;
	struct secret a, b;

	assert_int_equal(secret_from_bytes(row->a, strlen(row->a), &a), 0);
	assert_int_equal(secret_from_bytes(row->b, strlen(row->b), &b), 0);
	assert_int_equal(secret_equal(&a, &b), row->is_equal);
	assert_int_equal(secret_equal(&b, &a), row->is_equal);
}

static void bytes_behind_the_length_do_not_count(void **state)
{
	struct secret a, b;

	(void)state;
	assert_int_equal(secret_from_bytes("ab", 2, &a), 0);
	b = a;
	b.bytes[2] = 'x';
	assert_true(secret_equal(&a, &b));
}

static void wiping_leaves_nothing(void **state)
{
	static const struct secret nothing;
	struct secret secret;

	(void)state;
	memset(&secret, 0xaa, sizeof(secret));
	secret_wipe(&secret);
	assert_memory_equal(&secret, &nothing, sizeof(secret));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_behind_the_length_do_not_count),
		cmocka_unit_test(wiping_leaves_nothing),
	};

	return RUN_ROWS(length_rows, takes_length) + RUN_ROWS(pair_rows, compares) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
