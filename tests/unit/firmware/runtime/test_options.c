/* Command line options.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static void the_command_line_is_read(void **state)
{
	static const struct {
		const char *name;
		const char *argv[6];
		int result;
		const char *path, *user;
	} cases[] = {
		{ "nothing leaves the defaults", { "x" }, 0, "/default", "nobody" },
		{ "one value", { "x", "--path", "/a" }, 0, "/a", "nobody" },
		{ "two values", { "x", "--user", "u", "--path", "/a" }, 0, "/a", "u" },
		{ "the last one counts",
		  { "x", "--path", "/a", "--path", "/b" },
		  0,
		  "/b",
		  "nobody" },
		{ "a value may look like an option",
		  { "x", "--path", "--user" },
		  0,
		  "--user",
		  "nobody" },
		{ "help", { "x", "--help" }, 1, "/default", "nobody" },
		{ "version", { "x", "--version" }, 1, "/default", "nobody" },
		{ "a missing value", { "x", "--path" }, -EINVAL, "/default", "nobody" },
		{ "an unknown option", { "x", "--pat", "/a" }, -EINVAL, "/default", "nobody" },
		{ "one dash", { "x", "-path", "/a" }, -EINVAL, "/default", "nobody" },
		{ "a word", { "x", "path" }, -EINVAL, "/default", "nobody" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *path = "/default", *user = "nobody";
		const struct option_row rows[] = {
			{ "path", "PATH", "a path", &path },
			{ "user", "NAME", "a name", &user },
			{ 0 },
		};
		const struct options options = { "test", "Tests.", "part 1\n", rows };
		int argc = 0;

		while (argc < 6 && cases[i].argv[argc])
			argc++;
		if (options_parse(&options, argc, (char **)cases[i].argv) != cases[i].result ||
		    strcmp(path, cases[i].path) != 0 || strcmp(user, cases[i].user) != 0)
			fail_msg("%s: path %s, user %s", cases[i].name, path, user);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_command_line_is_read) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
