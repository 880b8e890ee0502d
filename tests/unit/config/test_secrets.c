/* The secrets file: what is read, what is refused, and that no message shows a key.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/secrets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/rows.h"

#define HEAD "{ \"format\": \"fairlead-secrets/1\", \"keys\": ["
#define KEY(tunnel, psk) "{ \"tunnel\": \"" tunnel "\", \"psk\": \"" psk "\" }"
#define TAIL "] }"
#define A128                                                                                       \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                         \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static int parse(const char *text, struct secrets **ret_secrets, struct config_error *ret_error)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1); /* so that a read past its end is seen */
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	r = secrets_parse(copy, len, ret_secrets, ret_error);
	free(copy);
	return r;
}

static const struct good_row {
	const char *name, *text, *tunnel, *psk;
} good_rows[] = {
	{ "one key", HEAD KEY("cn-a", "abc") TAIL, "cn-a", "abc" },
	{ "the second of two keys", HEAD KEY("cn-a", "abc") "," KEY("cn-b", "xyz") TAIL, "cn-b",
	  "xyz" },
	{ "members in another order",
	  "{\"keys\":[{\"psk\":\"abc\",\"tunnel\":\"cn-a\"}],\"format\":\"fairlead-secrets/1\"}",
	  "cn-a", "abc" },
	{ "a key of one character", HEAD KEY("cn-a", "x") TAIL, "cn-a", "x" },
	{ "a key of 128 characters", HEAD KEY("cn-a", A128) TAIL, "cn-a", A128 },
	{ "a key with quotes and backslashes", HEAD KEY("cn-a", "\\\"a\\\\\\/b\\\"") TAIL, "cn-a",
	  "\"a\\/b\"" },
	{ "a key written in escapes", HEAD KEY("cn-a", "\\u0061\\u0062") TAIL, "cn-a", "ab" },
	{ "a key with all kinds of signs", HEAD KEY("cn-a", " !#$%&'()*+,-.:;<=>?@[]^_`{|}~") TAIL,
	  "cn-a", " !#$%&'()*+,-.:;<=>?@[]^_`{|}~" },
};

static void is_read(void **state)
{
	const struct good_row *row = *state;
	struct secrets *secrets, *again;
	struct config_error error;
	const struct secret *psk;
	char *printed;

	assert_int_equal(parse(row->text, &secrets, &error), 0);
	psk = secrets_find(secrets, row->tunnel);
	assert_non_null(psk);
	assert_int_equal(psk->len, strlen(row->psk));
	assert_memory_equal(psk->bytes, row->psk, psk->len);
	assert_null(secrets_find(secrets, "cn-other"));
	assert_null(secrets_find(secrets, ""));

	printed = secrets_print(secrets);
	assert_int_equal(parse(printed, &again, &error), 0);
	assert_int_equal(again->n_keys, secrets->n_keys);
	for (size_t i = 0; i < again->n_keys; i++) {
		assert_string_equal(again->keys[i].tunnel, secrets->keys[i].tunnel);
		assert_true(secret_equal(&again->keys[i].psk, &secrets->keys[i].psk));
	}
	secrets_free(again);
	secrets_free(secrets);
	free(printed);
}

static void is_printed_in_this_form(void **state)
{
	struct secrets *secrets;
	struct config_error error;
	char *printed;

	(void)state;
	assert_int_equal(
		parse(HEAD KEY("cn-a", "a\\\"b") "," KEY("cn-b", "c") TAIL, &secrets, &error), 0);
	printed = secrets_print(secrets);
	assert_string_equal(printed, "{\n"
				     "  \"format\": \"fairlead-secrets/1\",\n"
				     "  \"keys\": [\n"
				     "    { \"tunnel\": \"cn-a\", \"psk\": \"a\\\"b\" },\n"
				     "    { \"tunnel\": \"cn-b\", \"psk\": \"c\" }\n"
				     "  ]\n"
				     "}\n");
	free(printed);
	secrets_free(secrets);
}

#define S "hunter2"

/* Each holds the key hunter2 somewhere. */
static const struct bad_row {
	const char *name, *text;
	int line, column;
	const char *pointer, *met, *wanted; /* a part of what is wanted */
} bad_rows[] = {
	{ "a key without quotes", HEAD "{\"tunnel\":\"a\",\n\"psk\":" S "}" TAIL, 2, 7, "",
	  "text that is not shown", "a value" },
	{ "a key in single quotes", HEAD "{\"tunnel\":\"a\",\n\"psk\":'" S "'}" TAIL, 2, 7, "",
	  "text that is not shown", "double quotes" },
	{ "a key whose quote is missing", HEAD "{\"tunnel\":\"a\",\n\"psk\":\"" S, 2, 7, "",
	  "text that is not shown", "a closing quote" },
	{ "a key with a line break", HEAD "{\"tunnel\":\"a\",\n\"psk\":\"" S "\n\"}" TAIL, 2, 15,
	  "", "text that is not shown", "no line break" },
	{ "a key where a name belongs", HEAD "{\"tunnel\":\"a\",\n\"" S "\":1}" TAIL, 2, 1,
	  "/keys/0", "a string of 7 bytes", "a known key" },
	{ "a key as a broken name", HEAD "{\"tunnel\":\"a\",\n\"" S "\":x}" TAIL, 2, 11, "",
	  "text that is not shown", "a value" },
	{ "a key of two lines of escapes", HEAD KEY("a", S "\\u000a") TAIL, 1, 68, "/keys/0/psk",
	  "a string of 13 bytes", "1 to 128 printable" },
	{ "a key beyond ASCII", HEAD KEY("a", S "\xc3\xbc") TAIL, 1, 68, "/keys/0/psk",
	  "a string of 9 bytes", "1 to 128 printable" },
	{ "a key with an escaped NUL", HEAD KEY("a", S "\\u0000") TAIL, 1, 76, "",
	  "text that is not shown", "no \\u0000" },
	{ "a key of 129 characters", HEAD KEY("a", S "bbbbbb" A128) TAIL, 1, 68, "/keys/0/psk",
	  "a string of 141 bytes", "1 to 128 printable" },
	{ "an empty key", HEAD KEY("a", "") "," KEY("b", S) TAIL, 1, 68, "/keys/0/psk",
	  "a string of 0 bytes", "1 to 128 printable" },
	{ "a key that is a number", HEAD "{\"tunnel\":\"" S "\",\n\"psk\":12345678}" TAIL, 2, 7,
	  "/keys/0/psk", "a value that is no string", "1 to 128 printable" },
	{ "a key that is an array", HEAD "{\"tunnel\":\"a\",\n\"psk\":[\"" S "\"]}" TAIL, 2, 7,
	  "/keys/0/psk", "an array of 1", "1 to 128 printable" },
	{ "a tunnel and its key swapped", HEAD KEY(S "!", "cn-a") TAIL, 1, 56, "/keys/0/tunnel",
	  "a string of 8 bytes", "the name of a tunnel" },
	{ "a tunnel's name with an escaped NUL", HEAD KEY("a\\u0000", S) TAIL, 1, 58, "",
	  "text that is not shown", "no \\u0000" },
	{ "a second key for a tunnel", HEAD KEY("a", S) ",\n" KEY("a", S) TAIL, 2, 13,
	  "/keys/1/tunnel", "a string of 1 bytes", "/keys/0 has this one" },
	{ "a repeated psk", HEAD "{\"tunnel\":\"a\",\n\"psk\":\"" S "\",\n\"psk\":\"" S "\"}" TAIL,
	  3, 1, "/keys/0/psk", "a string of 3 bytes", "each key once" },
	{ "a repeated psk, written in another way",
	  HEAD "{\"tunnel\":\"a\",\n\"psk\":\"" S "\",\n\"\\u0070sk\":\"" S "\"}" TAIL, 3, 1,
	  "/keys/0/psk", "a string of 8 bytes", "each key once" },
	{ "no psk", HEAD "{\"tunnel\":\"" S "\"}" TAIL, 1, 44, "/keys/0", "an object",
	  "the key \"psk\" in it" },
	{ "no tunnel", HEAD "{\"psk\":\"" S "\"}" TAIL, 1, 44, "/keys/0", "an object",
	  "the key \"tunnel\" in it" },
	{ "an unknown member", HEAD "{\"tunnel\":\"a\",\"psk\":\"" S "\",\n\"x\":1}" TAIL, 2, 1,
	  "/keys/0", "a string of 1 bytes", "a known key" },
	{ "a known member with an escaped NUL behind it",
	  HEAD "{\"tunnel\":\"a\",\n\"psk\\u0000\":\"" S "\"}" TAIL, 2, 5, "",
	  "text that is not shown", "no \\u0000" },
	{ "an unknown member of the document", "{\"" S "\":1}", 1, 2, "", "a string of 7 bytes",
	  "a known key" },
	{ "keys by tunnel instead of an array",
	  "{\"format\":\"fairlead-secrets/1\",\n\"keys\":{\"a\":\"" S "\"}}", 2, 8, "/keys",
	  "an object", "an array of 1 to 1024" },
	{ "no keys", "{\"format\":\"fairlead-secrets/1\",\n\"keys\":[]}", 2, 8, "/keys",
	  "an array of 0", "an array of 1 to 1024" },
	{ "an entry that is a string", HEAD "\"" S "\"" TAIL, 1, 44, "/keys/0",
	  "a string of 7 bytes", "an object" },
	{ "another format", "{\"format\":\"" S "\",\"keys\":[" KEY("a", S) "]}", 1, 11, "/format",
	  "a string of 7 bytes", "\"fairlead-secrets/1\"" },
	{ "no format", "{\"keys\":[" KEY("a", S) "]}", 1, 1, "", "an object",
	  "the key \"format\" in it" },
	{ "a bare key", S, 1, 1, "", "text that is not shown", "a value" },
	{ "a bare string", "\"" S "\"", 1, 1, "", "a string of 7 bytes", "an object" },
	{ "an empty file", "", 1, 1, "", "text that is not shown", "a value" },
};

static void is_refused_without_showing_it(void **state)
{
	const struct bad_row *row = *state;
	char printed[CONFIG_ERROR_TEXT_BYTES];
	struct secrets *secrets = NULL;
	struct config_error error;

	memset(&error, 0, sizeof(error));
	assert_int_equal(parse(row->text, &secrets, &error), -EBADMSG);
	assert_null(secrets);
	config_error_print(&error, "secrets.json", printed);
	if (error.line != row->line || error.column != row->column ||
	    strcmp(error.pointer, row->pointer) != 0 || strcmp(error.met, row->met) != 0 ||
	    !strstr(error.wanted, row->wanted))
		fail_msg("%s", printed);
	assert_null(strstr(printed, S));
	assert_null(strstr(printed, "12345678"));
}

/* Names and keys at their longest, each byte of the keys escaped. */
static struct secrets *make_secrets(size_t n_keys)
{
	struct secrets *secrets = calloc(1, sizeof(*secrets));
	char psk[MAX_PSK_BYTES];

	assert_non_null(secrets);
	memset(psk, '"', sizeof(psk));
	secrets->keys = calloc(n_keys, sizeof(*secrets->keys));
	assert_non_null(secrets->keys);
	for (; secrets->n_keys < n_keys; secrets->n_keys++) {
		struct tunnel_secret *key = &secrets->keys[secrets->n_keys];

		snprintf(key->tunnel, sizeof(key->tunnel), "%080zu", secrets->n_keys);
		assert_int_equal(secret_from_bytes(psk, sizeof(psk), &key->psk), 0);
	}
	return secrets;
}

static void as_many_keys_as_tunnels_are_read_and_no_more(void **state)
{
	struct secrets *secrets = make_secrets(MAX_TUNNELS), *again;
	struct config_error error;
	char *printed = secrets_print(secrets);

	(void)state;
	assert_int_equal(parse(printed, &again, &error), 0);
	assert_int_equal(again->n_keys, MAX_TUNNELS);
	assert_memory_equal(again->keys, secrets->keys, MAX_TUNNELS * sizeof(*again->keys));
	secrets_free(again);
	secrets_free(secrets);
	free(printed);

	secrets = make_secrets(MAX_TUNNELS + 1);
	printed = secrets_print(secrets);
	assert_int_equal(parse(printed, &again, &error), -EBADMSG);
	assert_string_equal(error.pointer, "/keys");
	secrets_free(secrets);
	free(printed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_printed_in_this_form),
		cmocka_unit_test(as_many_keys_as_tunnels_are_read_and_no_more),
	};

	secrets_free(NULL);
	return RUN_ROWS(good_rows, is_read) + RUN_ROWS(bad_rows, is_refused_without_showing_it) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
