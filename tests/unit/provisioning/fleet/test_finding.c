/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/finding.h"

#include <string.h>

#include "fixture.h"

static const struct finding_place here = {
	.path = "a.json", .line = 3, .column = 5, .pointer = "/x"
};

static char *print(const struct findings *findings, bool is_json)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(findings_print(findings, is_json, out), 0);
	fclose(out);
	return text;
}

static const struct row {
	const char *name;
	enum finding_level level;
	const char *path, *pointer, *command, *text;
	const char *line, *json;
} rows[] = {
	{ "an error is place and sentence", FINDING_ERROR, "a.json", "/x", NULL, "it is wrong",
	  "a.json:3:5: /x: it is wrong\n",
	  "{\"level\":\"error\",\"file\":\"a.json\",\"line\":3,\"column\":5,\"pointer\":\"/x\","
	  "\"sentence\":\"it is wrong\"}\n" },
	{ "a note says so", FINDING_NOTE, "a.json", "/x", NULL, "it is odd",
	  "a.json:3:5: /x: note: it is odd\n",
	  "{\"level\":\"note\",\"file\":\"a.json\",\"line\":3,\"column\":5,\"pointer\":\"/x\","
	  "\"sentence\":\"it is odd\"}\n" },
	{ "a command stands behind the sentence", FINDING_ERROR, "a.json", "/x", "az x",
	  "it is not here; print it with", "a.json:3:5: /x: it is not here; print it with: az x\n",
	  "{\"level\":\"error\",\"file\":\"a.json\",\"line\":3,\"column\":5,\"pointer\":\"/x\","
	  "\"sentence\":\"it is not here; print it with: az x\",\"command\":\"az x\"}\n" },
	{ "the document has a slash for people and nothing for programs", FINDING_ERROR, "a.json",
	  "", NULL, "no", "a.json:3:5: /: no\n",
	  "{\"level\":\"error\",\"file\":\"a.json\",\"line\":3,\"column\":5,\"pointer\":\"\","
	  "\"sentence\":\"no\"}\n" },
	{ "what a terminal would obey is taken out", FINDING_ERROR, "a\n.json", "/\x1b[2J", NULL,
	  "\r\x7f \xc2\x9b", "a?.json:3:5: /?[2J: ?? ??\n",
	  "{\"level\":\"error\",\"file\":\"a?.json\",\"line\":3,\"column\":5,"
	  "\"pointer\":\"/?[2J\",\"sentence\":\"?? ??\"}\n" },
	{ "other languages stay", FINDING_ERROR, "b\xc3\xbcro.json", "/x", NULL, "\xe2\x82\xac",
	  "b\xc3\xbcro.json:3:5: /x: \xe2\x82\xac\n",
	  "{\"level\":\"error\",\"file\":\"b\xc3\xbcro.json\",\"line\":3,\"column\":5,"
	  "\"pointer\":\"/x\",\"sentence\":\"\xe2\x82\xac\"}\n" },
	{ "what is no UTF-8 is taken out", FINDING_ERROR, "b\xfcro.json", "/x", NULL, "no",
	  "b?ro.json:3:5: /x: no\n",
	  "{\"level\":\"error\",\"file\":\"b?ro.json\",\"line\":3,\"column\":5,"
	  "\"pointer\":\"/x\",\"sentence\":\"no\"}\n" },
};

static void prints_row(void **state)
{
	const struct row *row = *state;
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_free_ char *line = NULL, *json = NULL;
	struct finding_place place = here;

	place.path = row->path;
	place.pointer = row->pointer;
	finding_add(&findings, row->level, &place, row->command, "%s", row->text);
	line = print(&findings, false);
	json = print(&findings, true);
	assert_string_equal(line, row->line);
	assert_string_equal(json, row->json);
	assert_int_equal(findings.n_errors, row->level == FINDING_ERROR);
}

static void sorts_by_file_line_and_column(void **state)
{
	static const struct finding_place places[] = {
		{ 1, "b", 1, 1, "/1" }, { 0, "a", 2, 1, "/2" }, { 0, "a", 1, 9, "/3" },
		{ 0, "a", 1, 2, "/4" }, { 0, "a", 1, 2, "/5" },
	};
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_free_ char *text = NULL;

	(void)state;
	for (size_t i = 0; i < countof(places); i++)
		finding_add(&findings, FINDING_ERROR, &places[i], NULL, "x");
	text = print(&findings, false);
	assert_string_equal(text, "a:1:2: /4: x\na:1:2: /5: x\na:1:9: /3: x\na:2:1: /2: x\n"
				  "b:1:1: /1: x\n");
}

static void keeps_one_of_two_that_are_alike(void **state)
{
	_cleanup_(findings_deinit) struct findings findings = { 0 };

	(void)state;
	finding_add(&findings, FINDING_ERROR, &here, NULL, "x");
	finding_add(&findings, FINDING_ERROR, &here, NULL, "x");
	finding_add(&findings, FINDING_ERROR, &here, NULL, "y");
	assert_int_equal(findings.n, 2);
}

static void counts_those_over_the_bound(void **state)
{
	_cleanup_(findings_deinit) struct findings findings = { 0 };
	_cleanup_free_ char *text = NULL;

	(void)state;
	for (int i = 0; i < MAX_FINDINGS + 3; i++)
		finding_add(&findings, FINDING_ERROR, &here, NULL, "%d", i);
	assert_int_equal(findings.n, MAX_FINDINGS);
	assert_int_equal(findings.n_errors, MAX_FINDINGS + 3);
	text = print(&findings, false);
	assert_non_null(strstr(text, "\n3 more findings are not shown\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_by_file_line_and_column),
		cmocka_unit_test(keeps_one_of_two_that_are_alike),
		cmocka_unit_test(counts_those_over_the_bound),
	};

	return RUN_ROWS(rows, prints_row) + cmocka_run_group_tests(tests, NULL, NULL);
}
