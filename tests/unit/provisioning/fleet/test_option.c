/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/option.h"

#include <errno.h>
#include <string.h>

#include "fixture.h"

struct values {
	const char *text;
	bool flag;
	int even;
};

static bool set_even(void *options, const char *text, char why_not[static MAX_SENTENCE_BYTES])
{
	if (strchr("02468", text[0])) {
		((struct values *)options)->even = text[0] - '0';
		return true;
	}
	snprintf(why_not, MAX_SENTENCE_BYTES, "odd");
	return false;
}

static const struct option_row options[] = {
	{ "text", "TEXT", "a text", offsetof(struct values, text), NULL },
	{ "flag", NULL, "a flag\nof two lines", offsetof(struct values, flag), NULL },
	{ "even-number-of-one-digit", "N", "a number", 0, set_even },
	{ NULL, NULL, NULL, 0, NULL },
};

static const struct row {
	const char *name;
	const char *words[6];
	int n; /* operands, or -EINVAL */
	const char *operands;
	const char *text;
	bool flag;
	int even;
	const char *why_not;
} rows[] = {
	{ "nothing", { NULL }, 0, "", NULL, false, 0, "" },
	{ "operands and options in any order",
	  { "a", "--text", "x", "b", "--flag" },
	  2,
	  "a b ",
	  "x",
	  true,
	  0,
	  "" },
	{ "an option with its text in one word", { "--text=x=y" }, 0, "", "x=y", false, 0, "" },
	{ "an empty text", { "--text=" }, 0, "", "", false, 0, "" },
	{ "a dash is an operand", { "-", "a" }, 2, "- a ", NULL, false, 0, "" },
	{ "two dashes end options", { "--", "--flag" }, 1, "--flag ", NULL, false, 0, "" },
	{ "a text may look like an option", { "--text", "--flag" }, 0, "", "--flag", false, 0, "" },
	{ "a function can read", { "--even-number-of-one-digit", "4" }, 0, "", NULL, false, 4, "" },
	{ "a function can refuse",
	  { "--even-number-of-one-digit", "3" },
	  -EINVAL,
	  "",
	  NULL,
	  false,
	  0,
	  "--even-number-of-one-digit 3: odd" },
	{ "an unknown option",
	  { "--texts", "x" },
	  -EINVAL,
	  "",
	  NULL,
	  false,
	  0,
	  "--texts: no such option" },
	{ "a short option", { "-t" }, -EINVAL, "", NULL, false, 0, "-t: no such option" },
	{ "a missing text", { "--text" }, -EINVAL, "", NULL, false, 0, "--text takes TEXT" },
	{ "a text that is not taken",
	  { "--flag=x" },
	  -EINVAL,
	  "",
	  NULL,
	  false,
	  0,
	  "--flag takes nothing" },
};

static void parses_row(void **state)
{
	const struct row *row = *state;
	char *argv[countof(row->words)], operands[40] = "", why_not[MAX_SENTENCE_BYTES] = "";
	struct values values = { 0 };
	int argc = 0;

	for (; argc < (int)countof(argv) && row->words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)row->words[argc];
	assert_int_equal(options_parse(options, argc, argv, &values, why_not), row->n);
	assert_string_equal(why_not, row->why_not);
	if (row->n < 0)
		return;
	for (int i = 0; i < row->n; i++)
		snprintf(operands + strlen(operands), sizeof(operands) - strlen(operands), "%s ",
			 argv[i]);
	assert_string_equal(operands, row->operands);
	assert_int_equal(values.flag, row->flag);
	assert_int_equal(values.even, row->even);
	if (row->text)
		assert_string_equal(values.text, row->text);
	else
		assert_null(values.text);
}

static void help_is_printed_from_the_rows(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	options_print(options, out);
	fclose(out);
	assert_string_equal(text, "  --text TEXT             a text\n"
				  "  --flag                  a flag\n"
				  "                          of two lines\n"
				  "  --even-number-of-one-digit N  a number\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(help_is_printed_from_the_rows) };

	return RUN_ROWS(rows, parses_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
