/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/nearest.h"

#include "tests/unit/rows.h"

static const char *const words[] = { "gateway", "gateway_id", "local_id", "name", "role", "mss" };

static const struct row {
	const char *name, *text, *expected;
} rows[] = {
	{ "a missing letter is found", "gatway", "gateway" },
	{ "an added letter is found", "gatewayy", "gateway" },
	{ "a wrong letter is found", "rule", "role" },
	{ "two swapped letters are two wrong ones", "gatewya", "gateway" },
	{ "the nearer of two words wins", "gateway_ip", "gateway_id" },
	{ "another case is near", "Name", "name" },
	{ "the word itself is nearest", "mss", "mss" },
	{ "one wrong letter of three is near enough", "msx", "mss" },
	{ "two wrong letters of four are too far", "mine", NULL },
	{ "a strange word has no neighbour", "colour", NULL },
	{ "an empty word has no neighbour", "", NULL },
	{ "a word of more than 31 bytes has no neighbour", "gateway_________________________",
	  NULL },
};

static void offers(void **state)
{
	const struct row *row = *state;
	struct nearest nearest = { 0 };

	for (size_t i = 0; i < countof(words); i++)
		nearest_offer(&nearest, row->text, words[i]);
	if (row->expected)
		assert_string_equal(nearest.word, row->expected);
	else
		assert_null(nearest.word);
}

int main(void)
{
	return RUN_ROWS(rows, offers);
}
