/* What is written is JSON, whatever the text is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ctl/json_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"

struct output {
	char *text;
	size_t len;
	struct json_writer json;
};

static void begin(struct output *output)
{
	*output = (struct output){ 0 };
	output->json.out = open_memstream(&output->text, &output->len);
	assert_non_null(output->json.out);
}

/* What jansson reads from it. */
static json_t *end(struct output *output)
{
	json_t *read;

	fclose(output->json.out);
	read = json_loadb(output->text, output->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	free(output->text);
	assert_non_null(read);
	return read;
}

static void texts_come_back(void **state)
{
	static const struct {
		const char *sentence, *text, *expected; /* NULL: as written */
	} rows[] = {
		{ "plain", "cn-branch7", NULL },
		{ "empty", "", NULL },
		{ "quote and backslash", "a \"b\" \\c\\", NULL },
		{ "controls", "a\nb\tc\x01\x1f\x7f", NULL },
		{ "two, three and four bytes", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x92", NULL },
		{ "a lone continuation", "a\x80z", "a\xef\xbf\xbdz" },
		{ "a sequence cut short", "a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd" },
		{ "an overlong slash", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "a surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "beyond U+10FFFF", "\xf4\x90\x80\x80",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct output output;
		json_t *read;

		begin(&output);
		json_write_open(&output.json, NULL, '{');
		json_write_text(&output.json, rows[i].text,
				rows[i].text); /* keys are escaped as well */
		json_write_close(&output.json, '}');
		read = end(&output);
		print_message("%s\n", rows[i].sentence);
		assert_string_equal(json_object_iter_key(json_object_iter(read)),
				    rows[i].expected ? rows[i].expected : rows[i].text);
		assert_string_equal(
			json_string_value(json_object_iter_value(json_object_iter(read))),
			rows[i].expected ? rows[i].expected : rows[i].text);
		json_decref(read);
	}
}

static void structure_and_numbers(void **state)
{
	struct output output;
	json_t *read;

	(void)state;
	begin(&output);
	json_write_open(&output.json, NULL, '{');
	json_write_open(&output.json, "empty", '[');
	json_write_close(&output.json, ']');
	json_write_open(&output.json, "list", '[');
	json_write_number(&output.json, NULL, UINT64_C(9007199254740993));
	json_write_decimal(&output.json, NULL, 12005);
	json_write_bool(&output.json, NULL, true);
	json_write_bool(&output.json, NULL, false);
	json_write_null(&output.json, NULL);
	json_write_open(&output.json, NULL, '{');
	json_write_close(&output.json, '}');
	json_write_close(&output.json, ']');
	json_write_close(&output.json, '}');
	read = end(&output);
	assert_int_equal(json_array_size(json_object_get(read, "empty")), 0);
	json_t *list = json_object_get(read, "list");
	assert_int_equal(json_array_size(list), 6);
	assert_true(json_integer_value(json_array_get(list, 0)) == INT64_C(9007199254740993));
	assert_true(json_real_value(json_array_get(list, 1)) == 12.005);
	assert_true(json_is_true(json_array_get(list, 2)));
	assert_true(json_is_false(json_array_get(list, 3)));
	assert_true(json_is_null(json_array_get(list, 4)));
	assert_true(json_is_object(json_array_get(list, 5)));
	json_decref(read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(structure_and_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
