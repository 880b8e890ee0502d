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
	const char *name, *text;
	bool is_expression;
} expression_rows[] = {
	{ "a call is an expression", "[parameters('x')]", true },
	{ "a member of a call is one", "[resourceGroup().location]", true },
	{ "an escaped bracket is none", "[[parameters('x')]", false },
	{ "brackets without a call are none", "[x]", false },
	{ "text behind the bracket is none", "[f()] x", false },
	{ "empty brackets are none", "[]", false },
	{ "nothing is none", "", false },
};

static void knows_expressions(void **state)
{
	const struct expression_row *row = *state;

	assert_int_equal(azure_is_expression(row->text), row->is_expression);
}

int main(void)
{
	return RUN_ROWS(rows, finds_member) + RUN_ROWS(properties_rows, finds_properties) +
	       RUN_ROWS(expression_rows, knows_expressions);
}
