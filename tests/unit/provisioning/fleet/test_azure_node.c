/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/azure_node.h"

#include "fixture.h"

static const struct row {
	const char *name, *document, *member;
	const char *pointer; /* where it is, or would be */
	const char *text;    /* NULL: absent */
	const char *findings;
} rows[] = {
	{ "a member is found", "{'b': 'x'}", "b", "/b", "x", "" },
	{ "a member is found in another case", "{'enableBGP': 'x'}", "enableBgp", "/enableBGP", "x",
	  "" },
	{ "null means absent", "{'b': null}", "b", "/b", NULL, "" },
	{ "an empty string means absent", "{'b': ''}", "b", "/b", NULL, "" },
	{ "what is not there is absent", "{'c': 'x'}", "b", "/b", NULL, "" },
	{ "a list has no members", "['b']", "b", "/b", NULL, "" },
	{ "two spellings of one name are an error", "{'b': 'x', 'B': 'y'}", "b", "/b", "x",
	  "/B: b is here twice, in two spellings; leave one\n" },
	{ "a pointer is escaped", "{'a/b~': 'x'}", "a/b~", "/a~1b~0", "x", "" },
};

static void finds_member(void **state)
{
	const struct row *row = *state;
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *findings = NULL;
	struct azure_node root, member;

	fixture_init(&fixture, row->document);
	root = azure_root(&fixture.file);
	member = azure_member(&root, row->member, &fixture.findings);
	assert_string_equal(member.pointer, row->pointer);
	if (row->text)
		assert_string_equal(azure_text(&member), row->text);
	else
		assert_null(member.json);
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

static const struct properties_row {
	const char *name, *document, *pointer, *findings;
} properties_rows[] = {
	{ "members below properties", "{'properties': {'a': 1}}", "/properties", "" },
	{ "members beside the name", "{'a': 1}", "", "" },
	{ "empty properties are none", "{'properties': {}, 'a': 1}", "", "" },
	{ "properties must be an object", "{'properties': 7}", "",
	  "/properties: properties must be an object\n" },
};

static void finds_properties(void **state)
{
	const struct properties_row *row = *state;
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *findings = NULL;
	struct azure_node root, body;

	fixture_init(&fixture, row->document);
	root = azure_root(&fixture.file);
	body = azure_properties(&root, &fixture.findings);
	assert_string_equal(body.pointer, row->pointer);
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

static const struct expression_row {
	const char *name, *document;
	bool is_secret;
	const char *findings;
} expression_rows[] = {
	{ "a call is an expression", "'[f(1)]'", false,
	  "/: it is [f(1)] of a template, unresolved; give the resource as Azure prints it\n" },
	{ "a member of a call is one, and a long one is cut",
	  "'[resourceGroup().location]"
	  "123456789012345678901234567890123456789]'",
	  false,
	  "/: it is [resourceGroup().location]1234567890123456789012345678901234... of a template, "
	  "unresolved; give the resource as Azure prints it\n" },
	{ "a secret is not quoted", "'[f(1)]'", true,
	  "/: it is an expression of a template, unresolved; give the resource as Azure prints "
	  "it\n" },
	{ "an escaped bracket is none", "'[[f(1)]'", false, "" },
	{ "brackets without a call are none", "'[x]'", false, "" },
	{ "text behind the bracket is none", "'[f()] x'", false, "" },
	{ "empty brackets are none", "'[]'", false, "" },
	{ "an empty list is none", "[]", false, "" },
};

static void refuses_expressions(void **state)
{
	const struct expression_row *row = *state;
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *findings = NULL;
	struct azure_node root;

	fixture_init(&fixture, row->document);
	root = azure_root(&fixture.file);
	assert_int_equal(azure_refuse_expression(&root, "it", row->is_secret, &fixture.findings),
			 row->findings[0] != '\0');
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

int main(void)
{
	return RUN_ROWS(rows, finds_member) + RUN_ROWS(properties_rows, finds_properties) +
	       RUN_ROWS(expression_rows, refuses_expressions);
}
