/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <string.h>

#include "tests/unit/rows.h"

#include "capture.h"

static const struct line_row {
	const char *name;
	enum log_level lowest, level;
	const char *text, *expected;
} line_rows[] = {
	{ "a notice", LOG_LEVEL_INFO, LOG_LEVEL_NOTICE, "tunnel is up name=a",
	  "notice xfrmd: tunnel is up name=a\n" },
	{ "an error", LOG_LEVEL_ERROR, LOG_LEVEL_ERROR, "x", "error xfrmd: x\n" },
	{ "a warning", LOG_LEVEL_WARN, LOG_LEVEL_WARN, "x", "warn xfrmd: x\n" },
	{ "information", LOG_LEVEL_INFO, LOG_LEVEL_INFO, "x", "info xfrmd: x\n" },
	{ "debugging when asked for", LOG_LEVEL_DEBUG, LOG_LEVEL_DEBUG, "x", "debug xfrmd: x\n" },
	{ "debugging when not asked for", LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, "x", "" },
	{ "a notice when only errors are asked for", LOG_LEVEL_ERROR, LOG_LEVEL_NOTICE, "x", "" },
	{ "a line feed cannot begin another line", LOG_LEVEL_INFO, LOG_LEVEL_WARN,
	  "a\nerror xfrmd: forged", "warn xfrmd: a?error xfrmd: forged\n" },
	{ "no control character reaches the terminal", LOG_LEVEL_INFO, LOG_LEVEL_WARN,
	  "\x1b[31m\r\t\x7f", "warn xfrmd: ?[31m???\n" },
	{ "neither does one beyond ASCII", LOG_LEVEL_INFO, LOG_LEVEL_WARN,
	  "\x9b"
	  "31m\xc2\x9b",
	  "warn xfrmd: ?31m??\n" },
	{ "an empty text", LOG_LEVEL_INFO, LOG_LEVEL_WARN, "", "warn xfrmd: \n" },
};

static void prints(void **state)
{
	const struct line_row *row = *state;
	struct capture capture;
	char line[2048];

	log_open("xfrmd", row->lowest);
	capture = capture_start();
	log_line(row->level, "%s", row->text);
	capture_stop(capture, line, sizeof(line));
	assert_string_equal(line, row->expected);
}

static void a_line_is_cut_at_1279_bytes(void **state)
{
	char text[2000], line[4096];
	struct capture capture;
	size_t len, whole;

	(void)state;
	log_open("xfrmd", LOG_LEVEL_INFO);
	/* around the bound, so that the last byte is never lost */
	for (size_t n = 1250; n < 1350; n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		capture = capture_start();
		log_warn("%s", text);
		len = capture_stop(capture, line, sizeof(line));
		whole = strlen("warn xfrmd: ") + n + 1;
		assert_int_equal(len, whole < 1279 ? whole : 1279);
		assert_int_equal(line[len - 1], '\n');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_cut_at_1279_bytes),
	};

	return RUN_ROWS(line_rows, prints) + cmocka_run_group_tests(tests, NULL, NULL);
}
