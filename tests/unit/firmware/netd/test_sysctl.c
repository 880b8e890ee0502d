/* Kernel settings, written to a folder in the place of /proc/sys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/sysctl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/fairlead-sysctl-XXXXXX";

static const struct sysctls sysctls = {
	.n = 3,
	.rows = {
		{ "first", "1", false },
		{ "link", "2", true },
		{ "last", "-1", false },
	},
};

static void full_path(const char *name, char path[static 64])
{
	snprintf(path, 64, "%s/%s", root, name);
}

static void write_file(const char *name, const char *text)
{
	char path[64];
	FILE *out;

	full_path(name, path);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void assert_file(const char *name, const char *text)
{
	char path[64], found[16] = "";
	FILE *in;

	full_path(name, path);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_non_null(fgets(found, sizeof(found), in));
	fclose(in);
	assert_string_equal(found, text);
}

static void remove_file(const char *name)
{
	char path[64];

	full_path(name, path);
	unlink(path);
}

static int make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	remove_file("first");
	remove_file("link");
	remove_file("last");
	return rmdir(root);
}

static void all_are_written(void **state)
{
	(void)state;
	write_file("first", "0");
	write_file("link", "0");
	write_file("last", "0");
	assert_int_equal(sysctl_apply(root, &sysctls), 0);
	assert_file("first", "1");
	assert_file("link", "2");
	assert_file("last", "-1");
}

static void a_missing_link_is_no_error(void **state)
{
	(void)state;
	write_file("first", "0");
	write_file("last", "0");
	remove_file("link");
	assert_int_equal(sysctl_apply(root, &sysctls), 0);
	assert_file("last", "-1");
}

static void a_missing_setting_stops_before_the_last(void **state)
{
	(void)state;
	remove_file("first");
	write_file("last", "0");
	assert_int_equal(sysctl_apply(root, &sysctls), -ENOENT);
	assert_file("last", "0");
}

/* A file that takes every value and keeps none. */
static void a_value_that_does_not_stay_is_seen(void **state)
{
	char path[64];

	(void)state;
	write_file("last", "0");
	remove_file("first");
	full_path("first", path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(sysctl_apply(root, &sysctls), -EIO);
}

static void forwarding_stops(void **state)
{
	static const char *const dirs[] = { "net", "net/ipv4" };
	char path[64];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		full_path(dirs[i], path);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	write_file(SYSCTL_FORWARD, "1");
	sysctl_stop_forwarding(root); /* and there is no IPv6 */
	assert_file(SYSCTL_FORWARD, "0");
	remove_file(SYSCTL_FORWARD);
	full_path("net/ipv4", path);
	rmdir(path);
	full_path("net", path);
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_written),
		cmocka_unit_test(a_missing_link_is_no_error),
		cmocka_unit_test(a_missing_setting_stops_before_the_last),
		cmocka_unit_test(a_value_that_does_not_stay_is_seen),
		cmocka_unit_test(forwarding_stops),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
