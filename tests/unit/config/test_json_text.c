/* JSON with places: what is refused, where, and what Azure's files may hold beyond JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/json_text.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/rows.h"

/* Parses; the text lies in a block of its own size, so that a read past its end is seen. */
static int parse(const char *text, size_t len, enum json_text_mode mode,
		 struct json_text **ret_json, struct config_error *ret_error)
{
	char *copy = malloc(len ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	r = json_text_parse(copy, len, mode, ret_json, ret_error);
	free(copy);
	return r;
}

#define TEXT(literal) (literal), sizeof(literal) - 1
#define STRICT JSON_TEXT_STRICT
#define TOLERANT JSON_TEXT_TOLERANT

static const struct good_row {
	const char *name, *text;
	size_t len;
	enum json_text_mode mode;
	const char *expected; /* as jansson prints it, compact */
} good_rows[] = {
	{ "an object is JSON", TEXT("{\"a\":[1,2.5,\"x\",true,false,null]}"), STRICT,
	  "{\"a\":[1,2.5,\"x\",true,false,null]}" },
	{ "any value may be the document", TEXT(" \"x\" "), STRICT, "\"x\"" },
	{ "numbers have all the forms of JSON", TEXT("[0,-0,1e2,1E+2,2.5e-1,-12]"), STRICT,
	  "[0,0,100.0,100.0,0.25,-12]" },
	{ "escapes have all the forms of JSON", TEXT("\"\\u0041\\/\\b\\ud83d\\ude00\""), STRICT,
	  "\"A/\\b\xf0\x9f\x98\x80\"" },
	{ "32 levels of nesting are allowed",
	  TEXT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), STRICT,
	  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]" },
	{ "the tolerant mode takes JSON as it is", TEXT("{\"a\":\"//,]\",\"b\":\"/*\"}"), TOLERANT,
	  "{\"a\":\"//,]\",\"b\":\"/*\"}" },
	{ "a byte order mark is blanked", TEXT("\xef\xbb\xbf{}"), TOLERANT, "{}" },
	{ "comments to the end of the line are blanked", TEXT("{ // a {\r\n\"a\":1 // b\n}//c"),
	  TOLERANT, "{\"a\":1}" },
	{ "enclosed comments are blanked", TEXT("/* \" */[/**/1/*]*/,/*\n*/2]"), TOLERANT,
	  "[1,2]" },
	{ "a comma before a bracket is blanked", TEXT("{\"a\":[1,2,],}"), TOLERANT,
	  "{\"a\":[1,2]}" },
	{ "a comment may follow that comma", TEXT("[{} , // c\n ]"), TOLERANT, "[{}]" },
	{ "an escaped quote does not end a string", TEXT("[\"\\\"//\",\"\\\\\",]"), TOLERANT,
	  "[\"\\\"//\",\"\\\\\"]" },
	{ "objects separated by commas are an array", TEXT("{\"a\":1},\n{\"b\":2} , {}"), TOLERANT,
	  "[{\"a\":1},{\"b\":2},{}]" },
	{ "a sequence may begin with a byte order mark", TEXT("\xef\xbb\xbf{},{}"), TOLERANT,
	  "[{},{}]" },
};

static void is_taken(void **state)
{
	const struct good_row *row = *state;
	struct config_error error = { 0 };
	struct json_text *json = NULL;
	char *printed;

	if (parse(row->text, row->len, row->mode, &json, &error) != 0)
		fail_msg("%d:%d met %s, wanted %s", error.line, error.column, error.met,
			 error.wanted);
	printed = json_dumps(json_text_root(json), JSON_COMPACT | JSON_ENCODE_ANY);
	assert_string_equal(printed, row->expected);
	free(printed);
	json_text_free(json);
}

static const struct bad_row {
	const char *name, *text;
	size_t len;
	enum json_text_mode mode;
	int line, column;
	const char *pointer, *met, *wanted; /* a part of what is wanted */
} bad_rows[] = {
	{ "an empty text has no value", TEXT(""), STRICT, 1, 1, "", "the end of the text",
	  "a value" },
	{ "blanks are no value", TEXT("  \n "), STRICT, 2, 2, "", "the end of the text",
	  "a value" },
	{ "a text cut in an object", TEXT("{\"a\":1"), STRICT, 1, 7, "", "the end of the text",
	  "a comma or }" },
	{ "a text cut in an array", TEXT("{\"a\":[1,"), STRICT, 1, 9, "/a/1", "the end of the text",
	  "a value" },
	{ "a text cut in a string", TEXT("{\"a\":\"b"), STRICT, 1, 6, "/a", "\"b",
	  "a closing quote" },
	{ "a text cut behind a key", TEXT("{\"a\""), STRICT, 1, 5, "", "the end of the text",
	  "a colon" },
	{ "a text cut in an escape", TEXT("\"\\"), STRICT, 1, 2, "", "\\", "an escape" },
	{ "a comma is missing in an object", TEXT("{\"a\":1\n\"b\":2}"), STRICT, 2, 1, "", "\"b\"",
	  "a comma or }" },
	{ "a comma is missing in an array", TEXT("[1 2]"), STRICT, 1, 4, "", "2", "a comma or ]" },
	{ "a comma too many in an object", TEXT("{\"a\":1,}"), STRICT, 1, 8, "", "}",
	  "no comma before the closing bracket" },
	{ "a comma too many in an array", TEXT("[1,]"), STRICT, 1, 4, "", "]",
	  "no comma before the closing bracket" },
	{ "a key without quotes", TEXT("{a:1}"), STRICT, 1, 2, "", "a", "a key in double quotes" },
	{ "a key in single quotes", TEXT("{'a':1}"), STRICT, 1, 2, "", "'a'", "double quotes" },
	{ "a value in single quotes", TEXT("{\"a\":'b'}"), STRICT, 1, 6, "/a", "'b'",
	  "double quotes" },
	{ "a colon is missing", TEXT("{\"a\" 1}"), STRICT, 1, 6, "", "1", "a colon" },
	{ "a word that is no value", TEXT("{\"a\":None}"), STRICT, 1, 6, "/a", "None", "a value" },
	{ "a number with a leading zero", TEXT("[01]"), STRICT, 1, 2, "/0", "01", "a number" },
	{ "a number that begins with a plus", TEXT("[+1]"), STRICT, 1, 2, "/0", "+1", "a value" },
	{ "a number without digits behind the point", TEXT("[1.]"), STRICT, 1, 2, "/0", "1.",
	  "a number" },
	{ "a number without digits in the exponent", TEXT("[1e+]"), STRICT, 1, 2, "/0", "1e+",
	  "a number" },
	{ "a number that no double holds", TEXT("[1e999]"), STRICT, 1, 2, "/0", "1e999",
	  "not that large" },
	{ "a whole number beyond 64 bit", TEXT("[0,\n99999999999999999999]"), STRICT, 2, 1, "/1",
	  "99999999999999999999", "not that large" },
	{ "a comment in strict mode", TEXT("{ // x\n}"), STRICT, 1, 3, "", "//", "no comment" },
	{ "a byte order mark in strict mode", TEXT("\xef\xbb\xbf{}"), STRICT, 1, 1, "", "???",
	  "no byte order mark" },
	{ "UTF-16 as PowerShell writes it", TEXT("\xff\xfe{\0}\0"), TOLERANT, 1, 1, "", "??",
	  "UTF-16" },
	{ "UTF-16 of the other end", TEXT("\xfe\xff\0{\0}"), STRICT, 1, 1, "", "??", "UTF-16" },
	{ "bytes that are no UTF-8", TEXT("{\"a\":[\"\xff\"]}"), STRICT, 1, 7, "/a/0", "\"?\"",
	  "UTF-8" },
	{ "an overlong code of UTF-8", TEXT("[\"\xc0\xaf\"]"), STRICT, 1, 2, "/0", "\"??\"",
	  "UTF-8" },
	{ "a NUL in the text", TEXT("{\"a\":1}\0{}"), STRICT, 1, 8, "", "a NUL byte",
	  "nothing behind the end" },
	{ "a NUL in a string", TEXT("[\"a\0b\"]"), STRICT, 1, 4, "/0", "a NUL byte",
	  "no line break" },
	{ "an escaped NUL", TEXT("[\"a\\u0000\"]"), STRICT, 1, 4, "/0", "\\u0000", "no \\u0000" },
	{ "an escaped NUL in a key", TEXT("{\"\\u0000\":1}"), STRICT, 1, 3, "", "\\u0000",
	  "no \\u0000" },
	{ "the first half of a surrogate pair", TEXT("[\"\\ud800x\"]"), STRICT, 1, 3, "/0",
	  "\\ud800x", "both halves" },
	{ "the second half of a surrogate pair", TEXT("[\"\\udc00\"]"), STRICT, 1, 3, "/0",
	  "\\udc00", "both halves" },
	{ "two first halves", TEXT("[\"\\ud800\\ud800\"]"), STRICT, 1, 3, "/0", "\\ud800\\ud800",
	  "both halves" },
	{ "a first half before another escape", TEXT("[\"\\ud800\\n\"]"), STRICT, 1, 3, "/0",
	  "\\ud800\\n", "both halves" },
	{ "a first half that breaks off", TEXT("[\"\\ud800\\u"), STRICT, 1, 3, "/0", "\\ud800\\u",
	  "both halves" },
	{ "a line break in a string", TEXT("[\"a\nb\"]"), STRICT, 1, 4, "/0", "?",
	  "no line break" },
	{ "an escape that does not exist", TEXT("[\"\\x41\"]"), STRICT, 1, 3, "/0", "\\x41",
	  "an escape" },
	{ "an escape with too few digits", TEXT("[\"\\u41\"]"), STRICT, 1, 3, "/0", "\\u41",
	  "an escape" },
	{ "something behind the document", TEXT("{}\n{}"), STRICT, 2, 1, "", "{",
	  "nothing behind" },
	{ "33 levels of nesting",
	  TEXT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), STRICT, 1,
	  33, NULL, "[", "fewer levels" },
	{ "33 levels in a tolerant text",
	  TEXT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), TOLERANT, 1,
	  33, NULL, "[", "fewer levels" },
	{ "a repeated key", TEXT("{\"a\":{\"b\":1,\n  \"b\":2}}"), STRICT, 2, 3, "/a/b", "\"b\"",
	  "each key once: it stands in line 1, column 7 too" },
	{ "a repeated key written in another way", TEXT("[{\"a~/\":1,\n\"\\u0061~\\/\":2}]"),
	  STRICT, 2, 1, "/0/a~0~1", "\"\\u0061~\\/\"",
	  "each key once: it stands in line 1, column 3" },
	{ "a repeated key in a tolerant text", TEXT("{\"a\":1, /* x */ \"a\":2,}"), TOLERANT, 1, 17,
	  "/a", "\"a\"", "each key once" },
	{ "two commas in a tolerant text", TEXT("[1,,]"), TOLERANT, 1, 4, "/1", ",", "a value" },
	{ "a comma alone in a tolerant text", TEXT("[,]"), TOLERANT, 1, 2, "/0", ",", "a value" },
	{ "a comma alone in a tolerant object", TEXT("{,}"), TOLERANT, 1, 2, "", ",", "a key" },
	{ "a comment that has no end", TEXT("{}\n /* x"), TOLERANT, 2, 2, "", "/*",
	  "a closing */" },
	{ "a sequence that breaks off", TEXT("{\"a\":1},\n"), TOLERANT, 2, 1, "",
	  "the end of the text", "no comma" },
	{ "a sequence with something else in it", TEXT("{},5"), TOLERANT, 1, 4, "", "5",
	  "an object" },
	{ "a sequence whose first object is not closed", TEXT("{\"a\":{},\n{}"), TOLERANT, 2, 1, "",
	  "{", "a key" },
	{ "a sequence in strict mode", TEXT("{},{}"), STRICT, 1, 3, "", ",", "nothing behind" },
	{ "arrays in a sequence", TEXT("[],[]"), TOLERANT, 1, 3, "", ",", "nothing behind" },
	{ "the CLI's spinner before the object", TEXT("{- Finished ..\n\"a\":1}"), TOLERANT, 1, 2,
	  "", "-", "a key" },
	{ "a long token is shortened",
	  TEXT("[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "a]"),
	  STRICT, 1, 2, "/0", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...",
	  "a value" },
	{ "control characters of foreign text are not shown",
	  TEXT("[\x1b\x9b"
	       "31m]"),
	  STRICT, 1, 2, "/0", "??31m", "a value" },
	{ "control characters of a foreign key are not shown",
	  TEXT("{\"\\u001b\\u009b\xc2\x9b\":x}"), STRICT, 1, 19, "/?????", "x", "a value" },
};

static void is_refused(void **state)
{
	const struct bad_row *row = *state;
	struct config_error error = { 0 };
	struct json_text *json = NULL;

	assert_int_equal(parse(row->text, row->len, row->mode, &json, &error), -EBADMSG);
	assert_null(json);
	if (error.line != row->line || error.column != row->column)
		fail_msg("%d:%d", error.line, error.column);
	if (row->pointer)
		assert_string_equal(error.pointer, row->pointer);
	assert_string_equal(error.met, row->met);
	if (!strstr(error.wanted, row->wanted))
		fail_msg("wanted %s", error.wanted);
}

static const char document[] = "{\n"
			       "  \"a\": [1, {\"x/y\": true, \"\": \"e\"}],\n"
			       "  \"b~\": \"text with \\\" quote\"\n"
			       "}\n";

static const struct place_row {
	const char *name, *pointer;
	int of_key, line, column;
	const char *met;
} place_rows[] = {
	{ "the document is where its bracket is", "", 0, 1, 1, "an object" },
	{ "a member's value", "/a", 0, 2, 8, "an array of 2" },
	{ "a member's key", "/a", 1, 2, 3, "an array of 2" },
	{ "an element", "/a/0", 0, 2, 9, "1" },
	{ "an element has no key, so its own place", "/a/1", 1, 2, 12, "an object" },
	{ "an escaped slash in a key", "/a/1/x~1y", 0, 2, 20, "true" },
	{ "an empty key", "/a/1/", 0, 2, 30, "\"e\"" },
	{ "an escaped tilde in a key", "/b~0", 0, 3, 9, "\"text with \\\" quote\"" },
	{ "a member that is not there: its object", "/a/1/z", 0, 2, 12, "nothing" },
	{ "an element that is not there: its array", "/a/2", 0, 2, 8, "nothing" },
	{ "an index with a leading zero is none", "/a/00", 0, 2, 8, "nothing" },
	{ "below a value that holds nothing", "/a/0/b/c", 0, 2, 9, "nothing" },
	{ "nothing of it is there", "/q/r", 0, 1, 1, "nothing" },
};

static void has_place(void **state)
{
	const struct place_row *row = *state;
	struct config_error error;
	struct json_text *json;
	int line, column;

	assert_int_equal(json_text_parse(TEXT(document), STRICT, &json, &error), 0);
	json_text_place(json, row->pointer, row->of_key, &line, &column);
	assert_int_equal(line, row->line);
	assert_int_equal(column, row->column);
	json_text_error(json, row->pointer, &error, "number %d", 5);
	assert_string_equal(error.met, row->met);
	assert_string_equal(error.pointer, row->pointer);
	assert_string_equal(error.wanted, "number 5");
	if (!row->of_key) {
		assert_int_equal(error.line, row->line);
		assert_int_equal(error.column, row->column);
	}
	json_text_free(json);
}

static void key_errors_show_the_key(void **state)
{
	struct config_error error;
	struct json_text *json;

	(void)state;
	assert_int_equal(json_text_parse(TEXT(document), STRICT, &json, &error), 0);
	json_text_key_error(json, "/a/1/x~1y", &error, "another");
	assert_int_equal(error.line, 2);
	assert_int_equal(error.column, 13);
	assert_string_equal(error.met, "\"x/y\"");
	assert_string_equal(error.wanted, "another");
	json_text_free(json);
}

static void places_stay_true_in_a_sequence(void **state)
{
	struct config_error error;
	struct json_text *json;
	int line, column;

	(void)state;
	assert_int_equal(
		json_text_parse(TEXT("{\"a\":1}, // x\n /**/ {\"b\":2}"), TOLERANT, &json, &error),
		0);
	json_text_place(json, "/0/a", 0, &line, &column);
	assert_int_equal(line, 1);
	assert_int_equal(column, 6);
	json_text_place(json, "/1/b", 0, &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 12);
	json_text_free(json);
}

static const struct append_row {
	const char *name, *start, *token, *expected; /* in 12 bytes */
} append_rows[] = {
	{ "a token is appended behind a slash", "/a", "b", "/a/b" },
	{ "an empty token is a slash", "", "", "/" },
	{ "a slash and a tilde are escaped", "", "/~", "/~1~0" },
	{ "eight bytes fit", "/abc", "def", "/abc/def" },
	{ "what does not fit is cut", "/abc", "defg", "/abc/def..." },
	{ "an escape is never cut in two", "/abc", "de/", "/abc/de..." },
	{ "a full pointer takes only the mark of a cut", "/abc/def", "g", "/abc/def..." },
	{ "a cut pointer stays", "/abc/de...", "x", "/abc/de..." },
	{ "a pointer that was cut later stays", "/abc/def...", "x", "/abc/def..." },
};

static void appends(void **state)
{
	const struct append_row *row = *state;
	char pointer[12];

	snprintf(pointer, sizeof(pointer), "%s", row->start);
	json_pointer_append(pointer, sizeof(pointer), row->token);
	assert_string_equal(pointer, row->expected);
}

static void many_keys_take_no_quadratic_time(void **state)
{
	const size_t n = 200000;
	char *text = malloc(n * 20), *p = text;
	struct config_error error;
	struct json_text *json;

	(void)state;
	assert_non_null(text);
	*p++ = '{';
	for (size_t i = 0; i < n; i++)
		p += snprintf(p, 20, "%s\"k%zu\":1", i ? "," : "", i);
	p += snprintf(p, 20, ",\"k%zu\":1}", n - 1);
	assert_int_equal(json_text_parse(text, (size_t)(p - text), STRICT, &json, &error),
			 -EBADMSG);
	assert_string_equal(error.pointer, "/k199999");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_errors_show_the_key),
		cmocka_unit_test(places_stay_true_in_a_sequence),
		cmocka_unit_test(many_keys_take_no_quadratic_time),
	};

	return RUN_ROWS(good_rows, is_taken) + RUN_ROWS(bad_rows, is_refused) +
	       RUN_ROWS(place_rows, has_place) + RUN_ROWS(append_rows, appends) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
