/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/event.h"

#include <ctype.h>
#include <string.h>

#include "tests/unit/rows.h"

#include "capture.h"

static void every_row_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_N; i++) {
		const struct event_row *row = &event_rows[i];

		assert_non_null(row->id);
		assert_int_equal(strspn(row->id, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				 strlen(row->id));
		assert_true(strlen(row->text) > 0 && row->text[strlen(row->text) - 1] != '.');
		assert_non_null(row->remedy);
		/* an operator wants to know it, and what to do when something is wrong */
		assert_true(row->level <= LOG_LEVEL_NOTICE);
		assert_true(row->level == LOG_LEVEL_NOTICE || strlen(row->remedy) > 0);
	}
}

static void ids_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_N; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(event_rows[i].id, event_rows[k].id);
}

static void a_line_ends_in_its_id(void **state)
{
	struct capture capture;
	char line[2048];

	(void)state;
	log_open("xfrmd", LOG_LEVEL_INFO);
	capture = capture_start();
	event_log(EVENT_TUNNEL_DOWN, "tunnel=%s if_id=%d", "cn-a", 1);
	capture_stop(capture, line, sizeof(line));
	assert_string_equal(line,
			    "warn xfrmd: tunnel is down tunnel=cn-a if_id=1 event=tunnel-down\n");

	capture = capture_start();
	event_log(EVENT_TUNNEL_UP, "%s", "");
	capture_stop(capture, line, sizeof(line));
	assert_string_equal(line, "notice xfrmd: tunnel is up event=tunnel-up\n");
}

static void even_a_long_line_ends_in_its_id(void **state)
{
	struct capture capture;
	char line[2048];

	(void)state;
	log_open("xfrmd", LOG_LEVEL_INFO);
	capture = capture_start();
	event_log(EVENT_REFUSED, "reason=%0900d", 1);
	capture_stop(capture, line, sizeof(line));
	assert_non_null(strstr(line, " event=refused\n"));
}

static void what_others_bring_about_is_told_so_often(void **state)
{
	struct event_budget budget = { 0 };

	(void)state;
	for (uint32_t i = 0; i < EVENT_BUDGET; i++)
		assert_true(event_pass(&budget, 1000));
	assert_false(event_pass(&budget, 1000));
	assert_false(event_pass(&budget, 1000 + EVENT_BUDGET_S - 1));
	assert_true(event_pass(&budget, 1000 + EVENT_BUDGET_S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(ids_are_unique),
		cmocka_unit_test(a_line_ends_in_its_id),
		cmocka_unit_test(even_a_long_line_ends_in_its_id),
		cmocka_unit_test(what_others_bring_about_is_told_so_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
