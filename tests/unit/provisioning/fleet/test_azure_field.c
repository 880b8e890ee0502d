/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fixture.h"

#include "provisioning/fleet/azure_reader.h"

static const struct azure_word colours[] = {
	{ "Green", 1, NULL },
	{ "Blue", 2, NULL },
	{ "Red", 3, "it hurts; use Green" },
	{ NULL, 0, NULL },
};

static const struct row {
	const char *name, *document;
	struct azure_field field;
	bool is_set, is_bad;
	int64_t number;
	const char *findings;
} rows[] = {
	{ "a string is read",
	  "{'m': 'x'}",
	  { "m", AZURE_STRING, 0, NULL, NULL },
	  true,
	  false,
	  0,
	  "" },
	{ "a member may be absent",
	  "{}",
	  { "m", AZURE_STRING, 0, NULL, NULL },
	  false,
	  false,
	  0,
	  "" },
	{ "a number is no string",
	  "{'m': 7}",
	  { "m", AZURE_STRING, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m must be a string\n" },
	{ "an expression is unresolved",
	  "{'m': '[f(1)]'}",
	  { "m", AZURE_STRING, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m is [f(1)] of a template, unresolved; give the resource as Azure "
	  "prints it\n" },
	{ "an expression where a number belongs is unresolved",
	  "{'m': '[f(1)]'}",
	  { "m", AZURE_NUMBER, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m is [f(1)] of a template, unresolved; give the resource as Azure "
	  "prints it\n" },
	{ "a secret is never quoted",
	  "{'m': '[f(1)]'}",
	  { "m", AZURE_SECRET, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m is an expression of a template, unresolved; give the resource as Azure prints "
	  "it\n" },
	{ "true is true", "{'m': true}", { "m", AZURE_BOOL, 0, NULL, NULL }, true, false, 1, "" },
	{ "a boolean may be a string",
	  "{'m': 'True'}",
	  { "m", AZURE_BOOL, 0, NULL, NULL },
	  true,
	  false,
	  1,
	  "" },
	{ "a string of false is false",
	  "{'m': 'false'}",
	  { "m", AZURE_BOOL, 0, NULL, "no" },
	  true,
	  false,
	  0,
	  "" },
	{ "another string is no boolean",
	  "{'m': 'yes'}",
	  { "m", AZURE_BOOL, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m must be true or false\n" },
	{ "a feature that is asked for is refused",
	  "{'m': true}",
	  { "m", AZURE_BOOL, 0, NULL, "no" },
	  false,
	  true,
	  1,
	  "/m: m is true: no\n" },
	{ "a whole number is read",
	  "{'m': 9007199254740993}",
	  { "m", AZURE_NUMBER, 0, NULL, NULL },
	  true,
	  false,
	  9007199254740993,
	  "" },
	{ "a fraction is no whole number",
	  "{'m': 1.5}",
	  { "m", AZURE_NUMBER, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m must be a whole number\n" },
	{ "a word is read in any case",
	  "{'m': 'bLUE'}",
	  { "m", AZURE_WORD, 0, colours, NULL },
	  true,
	  false,
	  2,
	  "" },
	{ "a word can be refused",
	  "{'m': 'red'}",
	  { "m", AZURE_WORD, 0, colours, NULL },
	  false,
	  true,
	  3,
	  "/m: m is Red: it hurts; use Green\n" },
	{ "an unknown word gets the list",
	  "{'m': 'Mauve'}",
	  { "m", AZURE_WORD, 0, colours, NULL },
	  false,
	  true,
	  0,
	  "/m: m is \"Mauve\", which is none of Azure's words for it that are supported: Green, "
	  "Blue\n" },
	{ "a link is its id",
	  "{'m': {'id': '/x', 'properties': {}}}",
	  { "m", AZURE_LINK, 0, NULL, NULL },
	  true,
	  false,
	  0,
	  "" },
	{ "a link needs an id",
	  "{'m': {}}",
	  { "m", AZURE_LINK, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m has no id, so that the resource it means cannot be found\n" },
	{ "a link is an object",
	  "{'m': '/x'}",
	  { "m", AZURE_LINK, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m must be an object with an id\n" },
	{ "the id of a link is a string",
	  "{'m': {'id': 7}}",
	  { "m", AZURE_LINK, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m/id: m must be a string\n" },
	{ "an empty list is not refused",
	  "{'m': []}",
	  { "m", AZURE_LIST, 0, NULL, "no" },
	  true,
	  false,
	  0,
	  "" },
	{ "a list with entries can be refused",
	  "{'m': [1, 2]}",
	  { "m", AZURE_LIST, 0, NULL, "no" },
	  false,
	  true,
	  0,
	  "/m: m has 2 entries: no\n" },
	{ "an object is no list",
	  "{'m': {}}",
	  { "m", AZURE_LIST, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m must be a list\n" },
	{ "a list is no object",
	  "{'m': []}",
	  { "m", AZURE_OBJECT, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/m: m must be an object\n" },
	{ "what has members is an object",
	  "['m']",
	  { "m", AZURE_STRING, 0, NULL, NULL },
	  false,
	  true,
	  0,
	  "/: an object is needed here\n" },
};

static void reads_row(void **state)
{
	const struct row *row = *state;
	const struct azure_table table = { &row->field, 1 };
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_free_ char *findings = NULL;
	struct azure_value value;
	struct azure_node root;

	fixture_init(&fixture, row->document);
	root = azure_root(&fixture.file);
	azure_read(&table, &root, &fixture.findings, &value);
	assert_int_equal(azure_is_set(&value), row->is_set);
	assert_int_equal(value.is_bad, row->is_bad);
	assert_int_equal(value.number, row->number);
	findings = fixture_findings(&fixture.findings, false);
	assert_string_equal(findings, row->findings);
}

int main(void)
{
	return RUN_ROWS(rows, reads_row);
}
