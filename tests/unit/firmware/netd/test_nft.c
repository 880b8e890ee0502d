/* Loading: netd against a program in nft's place, which takes, refuses or forgets the filter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/nft.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "netd/render_filter.h"

static const char filter[] = "table inet fairlead {\n\tchain a {\n\t\taccept\n\t}\n}\n";

static char dir[] = "/tmp/fairlead-nft-XXXXXX";
static char program[64], loaded[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(program, sizeof(program), "%s/nft", dir);
	snprintf(loaded, sizeof(loaded), "%s/loaded", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(program);
	unlink(loaded);
	return rmdir(dir);
}

/* A shell script that stands in for nft: one command for loading, one for listing. */
static void write_program(const char *load, const char *list)
{
	FILE *out = fopen(program, "w");

	assert_non_null(out);
	fprintf(out,
		"#!/bin/sh\n"
		"loaded=%s\n"
		"case \"$*\" in\n"
		"'-f -') %s ;;\n"
		"'--stateless list table inet fairlead') %s ;;\n"
		"*) exit 9 ;;\n"
		"esac\n",
		loaded, load, list);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(program, 0700), 0);
}

static void every_way_of_loading(void **state)
{
	static const struct {
		const char *sentence, *load, *list;
		int expected;
	} rows[] = {
		/* the first two lines replace the old table */
		{ "nft holds what it was given", "cat >$loaded", "sed 1,2d $loaded", 0 },
		{ "nft refuses it", "echo 'Error: no' >&2; exit 1", "cat $loaded", -EBADMSG },
		{ "nft says yes and loads nothing", "cat >/dev/null", ":", -EIO },
		{ "nft loads a rule less", "grep -v accept >$loaded", "sed 1,2d $loaded", -EIO },
		{ "somebody took the table away", "cat >$loaded",
		  "echo 'Error: No such file or directory' >&2; exit 1", -EIO },
		{ "nft is killed", "kill -9 $$", ":", -EBADMSG },
		{ "nft sees no environment of ours", "[ -z \"$FAIRLEAD_TEST\" ] && cat >$loaded",
		  "sed 1,2d $loaded", 0 },
	};

	(void)state;
	setenv("FAIRLEAD_TEST", "1", 1);
	for (size_t i = 0; i < countof(rows); i++) {
		print_message("%s\n", rows[i].sentence);
		write_program(rows[i].load, rows[i].list);
		assert_int_equal(nft_load(program, filter), rows[i].expected);
	}
	unlink(program);
	assert_int_equal(nft_load(program, filter), -ENOENT);
}

static void the_old_table_is_replaced(void **state)
{
	const char *const arguments[] = { "cat", loaded, NULL };
	_cleanup_free_ char *said = NULL;

	(void)state;
	write_program("cat >$loaded", "sed 1,2d $loaded");
	assert_int_equal(nft_load(program, filter), 0);
	assert_int_equal(nft_run("/bin/cat", arguments, "", &said), 0);
	assert_string_equal(said, "table inet fairlead\ndelete table inet fairlead\n"
				  "table inet fairlead {\n\tchain a {\n\t\taccept\n\t}\n}\n");
}

/* More than a pipe holds, both ways. */
static void long_texts_pass(void **state)
{
	static const char *const arguments[] = { "cat", NULL };
	const size_t len = 4 * 1024 * 1024;
	_cleanup_free_ char *text = malloc(len + 1), *said = NULL;

	(void)state;
	memset(text, 'x', len);
	text[len] = '\0';
	assert_int_equal(nft_run("/bin/cat", arguments, text, &said), 0);
	assert_string_equal(said, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_of_loading),
		cmocka_unit_test(the_old_table_is_replaced),
		cmocka_unit_test(long_texts_pass),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
