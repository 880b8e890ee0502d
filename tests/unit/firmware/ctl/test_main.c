/* The program as a whole: its exit status tells scripts what a person reads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "fake_daemon.h"
#include "proto/status_proto.h"

static char run_dir[] = "/tmp/fairlead-ctl-XXXXXX";
static char iked_dir[64], xfrmd_dir[64], iked_path[64], xfrmd_path[64];

static int make_run_dir(void **state)
{
	(void)state;
	if (!mkdtemp(run_dir))
		return -1;
	snprintf(iked_dir, sizeof(iked_dir), "%s/iked", run_dir);
	snprintf(xfrmd_dir, sizeof(xfrmd_dir), "%s/xfrmd", run_dir);
	snprintf(iked_path, sizeof(iked_path), "%s/" STATUS_IKED_SOCKET, run_dir);
	snprintf(xfrmd_path, sizeof(xfrmd_path), "%s/" STATUS_XFRMD_SOCKET, run_dir);
	return mkdir(iked_dir, 0700) || mkdir(xfrmd_dir, 0700) ? -1 : 0;
}

static int remove_run_dir(void **state)
{
	(void)state;
	rmdir(iked_dir);
	rmdir(xfrmd_dir);
	return rmdir(run_dir);
}

/* Runs the program; what it says on both outputs is stored in `text`. Returns its exit status. */
static int run(const char *const arguments[], char text[static 4096])
{
	int pipe_fds[2], status;
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipe_fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(pipe_fds[1], STDOUT_FILENO);
		dup2(pipe_fds[1], STDERR_FILENO);
		execv(FAIRLEAD_PROGRAM, (char *const *)arguments);
		_exit(99);
	}
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], text + used, 4095 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(pipe_fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void command_line(void **state)
{
	static const struct {
		const char *sentence;
		const char *arguments[4];
		int expected;
		const char *said;
	} rows[] = {
		{ "nothing", { "fairlead" }, 2, "usage: fairlead COMMAND" },
		{ "an unknown command", { "fairlead", "up" }, 2, "no such command 'up'" },
		{ "an unknown option", { "fairlead", "status", "-x" }, 2, "no such option '-x'" },
		{ "an option without its value",
		  { "fairlead", "status", "--run-dir" },
		  2,
		  "no such option '--run-dir'" },
		{ "help", { "fairlead", "--help" }, 0, "status   [--json]" },
		{ "version", { "fairlead", "--version" }, 0, "fairlead " FAIRLEAD_VERSION "\n" },
		{ "the same as a command", { "fairlead", "version" }, 0, "fairlead " },
	};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		print_message("%s\n", rows[i].sentence);
		assert_int_equal(run(rows[i].arguments, text), rows[i].expected);
		assert_non_null(strstr(text, rows[i].said));
	}
}

static void status_tells_scripts(void **state)
{
	static const struct {
		const char *sentence;
		int n_tunnels; /* -1: no iked */
		bool is_second_up, has_xfrmd;
		int expected;
	} rows[] = {
		{ "all tunnels are up", 2, true, true, 0 },
		{ "one tunnel is not", 2, false, true, 1 },
		{ "there is no tunnel at all", 0, false, true, 1 },
		{ "iked is gone", -1, false, true, 3 },
		{ "xfrmd is gone", 2, true, false, 3 },
		{ "both are gone", -1, false, false, 3 },
	};
	const char *const arguments[] = {
		"fairlead", "status", "--json", "--run-dir", run_dir, NULL
	};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct status_tunnel tunnels[3] = { 0 };
		struct status_kernel kernel = { .version = STATUS_PROTO_VERSION,
						.type = STATUS_REQUEST_KERNEL };
		size_t n = rows[i].n_tunnels < 0 ? 0 : (size_t)rows[i].n_tunnels;
		struct fake_daemon iked = { iked_path,		n + 1, tunnels, sizeof(tunnels[0]),
					    sizeof(tunnels[0]), 0 };
		struct fake_daemon xfrmd = { xfrmd_path,     1, &kernel, sizeof(kernel),
					     sizeof(kernel), 0 };

		for (size_t k = 0; k <= n; k++) {
			tunnels[k].version = STATUS_PROTO_VERSION;
			tunnels[k].type = STATUS_REQUEST_TUNNEL;
			tunnels[k].state = k == 1 && !rows[i].is_second_up ? TUNNEL_STATE_DOWN
									   : TUNNEL_STATE_UP;
		}
		tunnels[n].error = -ENOENT;
		if (rows[i].n_tunnels >= 0)
			fake_daemon_start(&iked);
		if (rows[i].has_xfrmd)
			fake_daemon_start(&xfrmd);
		print_message("%s\n", rows[i].sentence);
		assert_int_equal(run(arguments, text), rows[i].expected);
		assert_int_equal(text[0], '{');
		if (rows[i].n_tunnels >= 0)
			fake_daemon_stop(&iked);
		if (rows[i].has_xfrmd)
			fake_daemon_stop(&xfrmd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_line),
		cmocka_unit_test(status_tells_scripts),
	};

	return cmocka_run_group_tests(tests, make_run_dir, remove_run_dir);
}
