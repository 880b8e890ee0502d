/* What nft lists against what was rendered: equal but for form, else the place is named.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/filter_difference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static const char table[] = "table inet fairlead {\n"
			    "\tset azure4 {\n"
			    "\t\ttype ipv4_addr\n"
			    "\t\tflags interval\n"
			    "\t\telements = { 10.50.0.0/16,\n"
			    "\t\t\t     10.60.0.0/16 }\n"
			    "\t}\n"
			    "\tmap mss4 {\n"
			    "\t\telements = { \"ipsec1\" : 1350, \"ipsec2\" : 1300 }\n"
			    "\t}\n"
			    "\tchain forward {\n"
			    "\t\ttype filter hook forward priority filter; policy drop;\n"
			    "\t\tct state invalid drop\n"
			    "\t\tip daddr @azure4 accept\n"
			    "\t}\n"
			    "}\n";

/* `from` in the table is replaced by `to`. */
static char *replace(const char *from, const char *to)
{
	const char *place = strstr(table, from);
	char *text = NULL;

	assert_non_null(place);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(place - table), table, to,
			     place + strlen(from)) >= 0);
	return text;
}

static void form_does_not_count(void **state)
{
	static const struct {
		const char *sentence, *from, *to;
	} rows[] = {
		{ "nothing changed", "table", "table" },
		{ "elements in another order", "10.50.0.0/16,\n\t\t\t     10.60.0.0/16",
		  "10.60.0.0/16, 10.50.0.0/16" },
		{ "pairs in another order", "\"ipsec1\" : 1350, \"ipsec2\" : 1300",
		  "\"ipsec2\" : 1300,\n\"ipsec1\" : 1350" },
		{ "other white space", "\n\t\tct state", "\n        ct   state" },
		{ "a blank line", "\tchain", "\n\tchain" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		_cleanup_free_ char *listed = replace(rows[i].from, rows[i].to);
		char where[MAX_SENTENCE_BYTES];

		print_message("%s\n", rows[i].sentence);
		assert_int_equal(filter_difference(table, listed, where), 0);
	}
}

static void each_difference_is_named(void **state)
{
	static const struct {
		const char *sentence, *from, *to, *named;
	} rows[] = {
		{ "a rule is missing", "\t\tct state invalid drop\n", "",
		  "policy drop; ip daddr @azure4 accept | asked for: filter; policy drop; ct "
		  "state" },
		{ "a rule is added", "\t\tip daddr @azure4", "\t\taccept\n\t\tip daddr @azure4",
		  "loaded: state invalid drop accept ip daddr" },
		{ "another policy", "policy drop", "policy accept", "policy accept; ct" },
		{ "another verdict", "@azure4 accept", "@azure4 drop",
		  "ip daddr @azure4 drop } } (end)| asked for: ip daddr @azure4 accept" },
		{ "an element is missing", ",\n\t\t\t     10.60.0.0/16", "",
		  "asked for: = { 10.50.0.0/16 10.60.0.0/16" },
		{ "an element is added", "10.50.0.0/16,", "10.50.0.0/16, 10.55.0.0/16,",
		  "loaded: = { 10.50.0.0/16 10.55.0.0/16" },
		{ "another element", "10.50.0.0/16", "10.50.0.0/17", "elements = { 10.50.0.0/17" },
		{ "two values change places", "\"ipsec1\" : 1350, \"ipsec2\" : 1300",
		  "\"ipsec1\" : 1300, \"ipsec2\" : 1350",
		  "loaded: elements = { \"ipsec1\" : 1300" },
		{ "the end is missing", "\t}\n}\n", "\t}\n", "accept } (end)| asked for" },
		{ "something follows", "\t}\n}\n", "\t}\n}\ntable", "} } table (end)| asked for" },
		{ "nothing is loaded", table, "", "loaded: (end)| asked for: table inet fairlead" },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		_cleanup_free_ char *listed = replace(rows[i].from, rows[i].to);
		char where[MAX_SENTENCE_BYTES];

		assert_int_equal(filter_difference(table, listed, where), 1);
		print_message("%s: %s\n", rows[i].sentence, where);
		assert_non_null(strstr(where, rows[i].named));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_does_not_count),
		cmocka_unit_test(each_difference_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
