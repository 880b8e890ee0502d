/* Gathering: what the daemons answer, and every way in which they do not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ctl/report.h"

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
#include "fake_daemon.h"

static char run_dir[] = "/tmp/fairlead-report-XXXXXX";
static char iked_path[64], xfrmd_path[64];

static int make_run_dir(void **state)
{
	char dir[64];

	(void)state;
	if (!mkdtemp(run_dir))
		return -1;
	snprintf(dir, sizeof(dir), "%s/iked", run_dir);
	if (mkdir(dir, 0700))
		return -1;
	snprintf(dir, sizeof(dir), "%s/xfrmd", run_dir);
	if (mkdir(dir, 0700))
		return -1;
	snprintf(iked_path, sizeof(iked_path), "%s/" STATUS_IKED_SOCKET, run_dir);
	snprintf(xfrmd_path, sizeof(xfrmd_path), "%s/" STATUS_XFRMD_SOCKET, run_dir);
	return 0;
}

static int remove_run_dir(void **state)
{
	char dir[64];

	(void)state;
	snprintf(dir, sizeof(dir), "%s/iked", run_dir);
	rmdir(dir);
	snprintf(dir, sizeof(dir), "%s/xfrmd", run_dir);
	rmdir(dir);
	return rmdir(run_dir);
}

static struct status_tunnel tunnel(const char *name, enum tunnel_state tunnel_state)
{
	struct status_tunnel row = { .version = STATUS_PROTO_VERSION,
				     .type = STATUS_REQUEST_TUNNEL,
				     .state = (uint8_t)tunnel_state };

	snprintf(row.name, sizeof(row.name), "%s", name);
	return row;
}

static struct status_tunnel past_the_last(void)
{
	struct status_tunnel row = tunnel("", TUNNEL_STATE_DOWN);

	row.error = -ENOENT;
	return row;
}

static struct status_kernel kernel(void)
{
	return (struct status_kernel){ .version = STATUS_PROTO_VERSION,
				       .type = STATUS_REQUEST_KERNEL,
				       .n_sas = 2 };
}

static void both_answer(void **state)
{
	struct status_tunnel rows[] = { tunnel("one", TUNNEL_STATE_UP),
					tunnel("two", TUNNEL_STATE_DOWN), past_the_last() };
	struct status_kernel row = kernel();
	struct fake_daemon iked = { iked_path, 3, rows, sizeof(rows[0]), sizeof(rows[0]), 0 };
	struct fake_daemon xfrmd = { xfrmd_path, 1, &row, sizeof(row), sizeof(row), 0 };
	struct report report;

	(void)state;
	fake_daemon_start(&iked);
	fake_daemon_start(&xfrmd);
	assert_int_equal(report_init(run_dir, &report), 0);
	fake_daemon_stop(&iked);
	fake_daemon_stop(&xfrmd);
	assert_int_equal(report.iked_error, 0);
	assert_int_equal(report.xfrmd_error, 0);
	assert_int_equal(report.n_tunnels, 2);
	assert_int_equal(report.n_up, 1);
	assert_string_equal(report.tunnels[1].name, "two");
	assert_int_equal(report.kernel.n_sas, 2);
	report_deinit(&report);
}

static void nobody_is_there(void **state)
{
	struct report report;

	(void)state;
	assert_int_equal(report_init(run_dir, &report), 0);
	assert_int_equal(report.iked_error, -ENOENT);
	assert_int_equal(report.xfrmd_error, -ENOENT);
	assert_int_equal(report.n_tunnels, 0);
	report_deinit(&report);
	assert_int_equal(report_init("/nowhere", &report), 0);
	assert_int_equal(report.iked_error, -ENOENT);
	report_deinit(&report);
}

#define MEMBER(member)                                                                             \
	offsetof(struct status_tunnel, member), sizeof(((struct status_tunnel *)0)->member)

/* One member of the second row is spoilt: iked is of no use, the first row stays. */
static void iked_breaks_the_protocol(void **state)
{
	static const struct {
		const char *sentence;
		size_t offset, size;
		int byte;
	} rows[] = {
		{ "another version", MEMBER(version), 2 },
		{ "the answer to another question", MEMBER(type), STATUS_REQUEST_KERNEL },
		{ "an unknown state", MEMBER(state), TUNNEL_STATE_WAITING + 1 },
		{ "an unknown error", MEMBER(error), 0xff },
		{ "a name without an end", MEMBER(name), 'x' },
		{ "a suite without an end", MEMBER(esp_suite), 'x' },
		{ "a reason without an end", MEMBER(reason), 'x' },
		{ "an offer without an end", MEMBER(offered), 'x' },
		{ "a code without an end", MEMBER(azure_code), 'x' },
		{ "a setting without an end", MEMBER(azure_setting), 'x' },
		{ "a remedy without an end", MEMBER(remedy), 'x' },
		{ "an unknown rung", MEMBER(stops_at), RUNG_N + 1 },
		{ "a rung in an unknown state", MEMBER(rungs[2].state), RUNG_STATE_NOT_NEEDED + 1 },
		{ "a rung's text without an end", MEMBER(rungs[RUNG_HOST].text), 'x' },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct status_tunnel replies[] = { tunnel("one", TUNNEL_STATE_UP),
						   tunnel("two", TUNNEL_STATE_UP),
						   past_the_last() };
		struct fake_daemon iked = { iked_path,		3, replies, sizeof(replies[0]),
					    sizeof(replies[0]), 0 };
		struct report report;

		memset((char *)&replies[1] + rows[i].offset, rows[i].byte, rows[i].size);
		fake_daemon_start(&iked);
		assert_int_equal(report_init(run_dir, &report), 0);
		fake_daemon_stop(&iked);
		print_message("%s\n", rows[i].sentence);
		assert_int_equal(report.iked_error, -EPROTO);
		assert_int_equal(report.n_tunnels, 1);
		report_deinit(&report);
	}
}

static void iked_never_ends(void **state)
{
	struct status_tunnel row = tunnel("again", TUNNEL_STATE_UP);
	struct fake_daemon iked = { iked_path, 1, &row, sizeof(row), sizeof(row), 0 };
	struct report report;

	(void)state;
	fake_daemon_start(&iked);
	assert_int_equal(report_init(run_dir, &report), 0);
	fake_daemon_stop(&iked);
	assert_int_equal(report.iked_error, -EPROTO);
	assert_true(report.n_tunnels <= MAX_TUNNELS);
	report_deinit(&report);
}

static void xfrmd_answers_something_else(void **state)
{
	struct status_kernel row = kernel();
	struct fake_daemon too_short = { xfrmd_path, 1, &row, sizeof(row), sizeof(row) - 1, 0 };
	struct fake_daemon endless = { xfrmd_path, 1, &row, sizeof(row), sizeof(row), 0 };
	struct fake_daemon silent = { xfrmd_path, 1, &row, sizeof(row), 0, 0 };
	struct report report;

	(void)state;
	fake_daemon_start(&too_short);
	assert_int_equal(report_init(run_dir, &report), 0);
	fake_daemon_stop(&too_short);
	assert_int_equal(report.xfrmd_error, -EPROTO);
	report_deinit(&report);

	memset(row.last_refusal, 'x', sizeof(row.last_refusal));
	fake_daemon_start(&endless);
	assert_int_equal(report_init(run_dir, &report), 0);
	fake_daemon_stop(&endless);
	assert_int_equal(report.xfrmd_error, -EPROTO);
	assert_int_equal(report.kernel.n_sas, 0); /* nothing of it is taken */
	report_deinit(&report);

	fake_daemon_start(&silent);
	assert_int_equal(report_init(run_dir, &report), 0);
	fake_daemon_stop(&silent);
	assert_int_equal(report.xfrmd_error, -ETIMEDOUT);
	report_deinit(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_answer),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(iked_breaks_the_protocol),
		cmocka_unit_test(iked_never_ends),
		cmocka_unit_test(xfrmd_answers_something_else),
	};

	return cmocka_run_group_tests(tests, make_run_dir, remove_run_dir);
}
