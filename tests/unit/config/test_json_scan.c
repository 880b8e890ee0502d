/* The scanner over JSON text: decoding and stepping; its errors are tested through json_text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/json_scan.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/rows.h"

static const struct string_row {
	const char *name, *text, *expected;
	size_t expected_len;
} string_rows[] = {
	{ "letters stay as they are", "\"abc\"", "abc", 3 },
	{ "an empty string is empty", "\"\"", "", 0 },
	{ "a quote and a backslash are unescaped", "\"\\\"\\\\\"", "\"\\", 2 },
	{ "a slash may be escaped", "\"\\/\"", "/", 1 },
	{ "control characters are unescaped", "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t", 5 },
	{ "an ASCII code becomes one byte", "\"\\u0041\"", "A", 1 },
	{ "a code of Latin-1 becomes two bytes", "\"\\u00fc\"", "\xc3\xbc", 2 },
	{ "hexadecimal digits may be capitals", "\"\\u00FC\"", "\xc3\xbc", 2 },
	{ "a code beyond becomes three bytes", "\"\\u20ac\"", "\xe2\x82\xac", 3 },
	{ "a surrogate pair becomes four bytes", "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4 },
	{ "UTF-8 passes", "\"\xe2\x82\xac\"", "\xe2\x82\xac", 3 },
	{ "a text that just fits is whole", "\"1234567\"", "1234567", 7 },
	{ "a text that is too long is cut", "\"12345678\"", "1234567", 8 },
	{ "an escaped character is never cut in two", "\"123456\\u00fc\"", "123456", 8 },
};

static void decodes(void **state)
{
	const struct string_row *row = *state;
	char buf[8];

	assert_int_equal(json_scan_decode(row->text, 0, buf, sizeof(buf)), row->expected_len);
	if (row->expected_len < sizeof(buf))
		assert_memory_equal(buf, row->expected, row->expected_len + 1);
	else
		assert_string_equal(buf, row->expected);
}

static void steps_through_an_object(void **state)
{
	static const char text[] = " { \"a\" : 1 , \"b\\\"}\" : [ 1 , { } ] ,\"c\":\"x]\"} ";
	static const char *const keys[] = { "a", "b\"}", "c" };
	static const char *const values[] = { "1", "[ 1 , { } ]", "\"x]\"" };
	size_t at = json_scan_blank(text, 0), n = 0;
	struct json_member member;
	char name[16];

	(void)state;
	for (; json_scan_next(text, &at, true, &member); n++) {
		assert_true(n < countof(keys));
		json_scan_decode(text, member.key, name, sizeof(name));
		assert_string_equal(name, keys[n]);
		assert_int_equal(json_scan_skip(text, member.value) - member.value,
				 strlen(values[n]));
		assert_memory_equal(text + member.value, values[n], strlen(values[n]));
	}
	assert_int_equal(n, countof(keys));
}

static void steps_through_empty_containers(void **state)
{
	struct json_member member;
	size_t at = 0;

	(void)state;
	assert_false(json_scan_next("{ }", &at, true, &member));
	at = 0;
	assert_false(json_scan_next("[]", &at, false, &member));
}

static void stops_at_the_token_asked_for(void **state)
{
	static const char text[] = "{\"a\":[10,\"bc\"]}";
	struct json_scan scan = { .text = text, .len = sizeof(text) - 1 };

	(void)state;
	assert_int_equal(json_scan_check(&scan), 0);
	scan.stop_at = 8; /* behind the 10 */
	assert_int_equal(json_scan_check(&scan), -EBADMSG);
	assert_null(scan.wanted);
	assert_int_equal(scan.at, 6);
	assert_string_equal(scan.pointer, "/a/0");
	scan.stop_at = 11; /* in the string */
	assert_int_equal(json_scan_check(&scan), -EBADMSG);
	assert_int_equal(scan.at, 9);
	assert_string_equal(scan.pointer, "/a/1");
	scan.stop_at = 3; /* in the key */
	assert_int_equal(json_scan_check(&scan), -EBADMSG);
	assert_int_equal(scan.at, 1);
	assert_string_equal(scan.pointer, "/a");
}

static void places_count_from_one(void **state)
{
	static const char text[] = "ab\n\ncd";
	int line, column;

	(void)state;
	json_scan_place(text, 0, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 1);
	json_scan_place(text, 2, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 3);
	json_scan_place(text, 5, &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_through_an_object),
		cmocka_unit_test(steps_through_empty_containers),
		cmocka_unit_test(stops_at_the_token_asked_for),
		cmocka_unit_test(places_count_from_one),
	};

	return RUN_ROWS(string_rows, decodes) + cmocka_run_group_tests(tests, NULL, NULL);
}
