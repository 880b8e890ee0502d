/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/azure_prefix.h"

#include <stdlib.h>
#include <string.h>

#include "fixture.h"

/* Two sides, read from {"azure": {...}, "office": {...}}. */
struct sides {
	struct azure_prefixes azure, office;
};

static size_t add(struct fixture *fixture, const char *name, struct azure_prefixes *prefixes)
{
	struct azure_node root = azure_root(&fixture->file);
	struct azure_value space = { .node = azure_member(&root, name, &fixture->findings) };

	return azure_prefixes_add(prefixes, &space, &fixture->findings);
}

static const struct row {
	const char *name, *list;
	size_t n_entries; /* as the list has them */
	const char *prefixes, *findings;
} rows[] = {
	{ "prefixes of both families", "['10.0.0.0/8', 'fd00:1::/48']", 2,
	  "10.0.0.0/8 fd00:1::/48 ", "" },
	{ "an empty list", "[]", 0, "", "" },
	{ "an empty string is absent", "['', '10.0.0.0/8', null]", 1, "10.0.0.0/8 ", "" },
	{ "host bits are named with what is right", "['10.1.1.0/16']", 1, "",
	  "/azure/addressPrefixes/0: the prefix 10.1.1.0/16 has host bits set; 10.1.0.0/16 is "
	  "right\n" },
	{ "an address is no prefix", "['10.1.1.1']", 1, "",
	  "/azure/addressPrefixes/0: \"10.1.1.1\" is no address prefix, such as 10.1.0.0/16\n" },
	{ "a placeholder is no prefix", "['x.x.x.x/24']", 1, "",
	  "/azure/addressPrefixes/0: \"x.x.x.x/24\" is no address prefix, such as 10.1.0.0/16\n" },
	{ "everything is no prefix of hosts", "['0.0.0.0/0']", 1, "",
	  "/azure/addressPrefixes/0: the prefix 0.0.0.0/0 is not one of hosts, such as "
	  "10.1.0.0/16\n" },
	{ "a number is no prefix", "[10]", 1, "",
	  "/azure/addressPrefixes/0: an address prefix must be a string\n" },
	{ "an expression is unresolved", "['[f(1)]']", 1, "",
	  "/azure/addressPrefixes/0: the prefix is [f(1)] of a template, unresolved; "
	  "give the resource as Azure prints it\n" },
	{ "a list that is an expression is unresolved", "'[f(1)]'", 1, "",
	  "/azure/addressPrefixes: addressPrefixes is [f(1)] of a template, "
	  "unresolved; give the resource as Azure prints it\n" },
};

static void reads_row(void **state)
{
	const struct row *row = *state;
	_cleanup_free_ char *document =
		fixture_replace("{'azure': {'addressPrefixes': LIST}}", "LIST", row->list);
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ struct azure_prefixes *prefixes = calloc(1, sizeof(*prefixes));
	_cleanup_free_ char *findings = NULL;
	char text[100] = "", one[PREFIX_TEXT_BYTES];

	fixture_init(&fixture, document);
	assert_int_equal(add(&fixture, "azure", prefixes), row->n_entries);
	for (size_t i = 0; i < prefixes->n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
			 prefix_print(&prefixes->rows[i].prefix, one));
	assert_string_equal(text, row->prefixes);
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

static const struct compare_row {
	const char *name, *azure, *office, *given;
	const char *findings;
} compare_rows[] = {
	{ "apart", "['10.50.0.0/16', '10.51.0.0/16']", "['192.168.70.0/24']", "10.52.0.0/16", "" },
	{ "two of Azure's", "['10.50.0.0/16', '10.0.0.0/8']", "['192.168.70.0/24']", NULL,
	  "/azure/addressPrefixes/1: the prefixes 10.0.0.0/8 and 10.50.0.0/16 overlap; leave out "
	  "one\n" },
	{ "two of the office's", "['10.50.0.0/16']", "['192.168.70.0/24', '192.168.70.0/24']", NULL,
	  "/office/addressPrefixes/1: the prefixes 192.168.70.0/24 and 192.168.70.0/24 overlap; "
	  "leave out one\n" },
	{ "one of each", "['10.50.0.0/16']", "['10.50.7.0/24']", NULL,
	  "/office/addressPrefixes/0: the office's 10.50.7.0/24 overlaps Azure's 10.50.0.0/16; an "
	  "address can be on one side only\n" },
	{ "a given one is there already", "['10.50.0.0/16']", "[]", "10.50.0.0/16", "" },
	{ "a given one and one of Azure's", "['10.50.0.0/16']", "[]", "10.50.4.0/24",
	  "/azure/addressPrefixes/0: the prefixes 10.50.0.0/16 and 10.50.4.0/24 of --azure-prefix "
	  "overlap; leave out one\n" },
	{ "a given one and one of the office's", "[]", "['10.50.0.0/16']", "10.50.4.0/24",
	  "/office/addressPrefixes/0: the office's 10.50.0.0/16 overlaps Azure's 10.50.4.0/24 of "
	  "--azure-prefix; an address can be on one side only\n" },
};

static void compares_row(void **state)
{
	const struct compare_row *row = *state;
	_cleanup_free_ char *half = fixture_replace("{'azure': {'addressPrefixes': AZURE},"
						    " 'office': {'addressPrefixes': OFFICE}}",
						    "AZURE", row->azure);
	_cleanup_free_ char *document = fixture_replace(half, "OFFICE", row->office);
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ struct sides *sides = calloc(1, sizeof(*sides));
	_cleanup_free_ char *findings = NULL;
	struct azure_node root;
	struct prefix given;

	fixture_init(&fixture, document);
	root = azure_root(&fixture.file);
	add(&fixture, "azure", &sides->azure);
	add(&fixture, "office", &sides->office);
	if (row->given) {
		assert_int_equal(prefix_parse(row->given, &given), 0);
		azure_prefixes_add_given(&sides->azure, &given, &root, &fixture.findings);
	}
	azure_prefixes_compare(&sides->azure, &sides->office, &fixture.findings);
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

static const struct exempt_row {
	const char *name, *list, *addr, *left;
} exempt_rows[] = {
	{ "the rest of the prefix stays", "['10.50.0.0/29', '10.51.0.0/16']", "10.50.0.5",
	  "10.51.0.0/16 10.50.0.0/30 10.50.0.6/31 10.50.0.4/32 " },
	{ "a prefix of that address alone goes", "['10.50.0.5/32']", "10.50.0.5", "" },
	{ "an address elsewhere changes nothing", "['10.50.0.0/16']", "10.51.0.5",
	  "10.50.0.0/16 " },
};

static void exempts_row(void **state)
{
	const struct exempt_row *row = *state;
	_cleanup_free_ char *document =
		fixture_replace("{'azure': {'addressPrefixes': LIST}}", "LIST", row->list);
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ struct azure_prefixes *prefixes = calloc(1, sizeof(*prefixes));
	char text[200] = "", one[PREFIX_TEXT_BYTES];
	struct azure_node root;
	struct addr addr;

	fixture_init(&fixture, document);
	root = azure_root(&fixture.file);
	add(&fixture, "azure", prefixes);
	assert_int_equal(addr_parse(row->addr, &addr), 0);
	azure_prefixes_exempt(prefixes, &addr, &root, &fixture.findings);
	for (size_t i = 0; i < prefixes->n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ",
			 prefix_print(&prefixes->rows[i].prefix, one));
	assert_string_equal(text, row->left);
	assert_int_equal(fixture.findings.n, 0);
}

static void the_bound_holds(void **state)
{
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ struct azure_prefixes *prefixes = calloc(1, sizeof(*prefixes));
	struct prefix prefix = { .addr = { .family = ADDR_FAMILY_IPV4, .bytes = { 10 } },
				 .len = 24 };
	struct azure_node root;

	(void)state;
	fixture_init(&fixture, "{}");
	root = azure_root(&fixture.file);
	for (int i = 0; i < MAX_PREFIXES + 3; i++) {
		prefix.addr.bytes[1] = (uint8_t)(i >> 8);
		prefix.addr.bytes[2] = (uint8_t)i;
		azure_prefixes_add_given(prefixes, &prefix, &root, &fixture.findings);
	}
	assert_int_equal(prefixes->n, MAX_PREFIXES);
	assert_int_equal(fixture.findings.n_errors, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_bound_holds) };

	return RUN_ROWS(rows, reads_row) + RUN_ROWS(compare_rows, compares_row) +
	       RUN_ROWS(exempt_rows, exempts_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
