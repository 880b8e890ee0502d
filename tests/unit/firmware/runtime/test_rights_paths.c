/* Files by table: each case runs in a child, in a folder of its own. Skipped where the kernel has
 * no Landlock; hil/cases/sandbox.py looks at it with one that has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/rights_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define VERSION_SCOPES 6

static const struct rights_path paths[] = {
	{ "readable", RIGHTS_MAY_READ, "test" },
	{ "writable/file", RIGHTS_MAY_WRITE, "test of a file" },
	{ "served", RIGHTS_MAY_SERVE, "test" },
	{ "not/there", RIGHTS_MAY_READ, "allows nothing" },
	{ 0 },
};
static const char *const files[] = { "named/config", NULL };

static const struct {
	const char *name, *path;
	int flags, wanted; /* 0 or an errno */
} opens[] = {
	{ "beneath a folder", "readable/file", O_RDONLY, 0 },
	{ "names in it", "readable", O_RDONLY | O_DIRECTORY, 0 },
	{ "writing where one may read", "readable/file", O_WRONLY, EACCES },
	{ "a file by its own row", "writable/file", O_WRONLY, 0 },
	{ "reading where one may write", "writable/file", O_RDONLY, EACCES },
	{ "beside a file with a row", "writable/other", O_WRONLY, EACCES },
	{ "a file that an option names", "named/config", O_RDONLY, 0 },
	{ "its neighbour, which may take its place", "named/next", O_RDONLY, 0 },
	{ "making a file there", "named/new", O_WRONLY | O_CREAT, EACCES },
	{ "outside", "outside/file", O_RDONLY, EACCES },
	{ "outside, from within", "readable/../outside/file", O_RDONLY, EACCES },
	{ "outside, by a link within", "readable/link", O_RDONLY, EACCES },
	{ "the root", "/etc/passwd", O_RDONLY, EACCES },
};

static long version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static void skip_without_landlock(void)
{
	if (version() < 1)
		skip();
}

static int enter(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? rights_paths_enter(paths, files) : -1;
}

/* Runs `body` in a child; returns what it returned, -1 if it was killed. */
static int in_child(int (*body)(size_t), size_t row)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(enter() == 0 ? body(row) : 255);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int try_open(size_t row)
{
	return open(opens[row].path, opens[row].flags | O_CLOEXEC, 0600) < 0 ? errno : 0;
}

static int try_serve(size_t is_elsewhere)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket",
		 is_elsewhere ? "outside" : "served");
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return errno;
	return unlink(addr.sun_path) < 0 ? errno : 0;
}

static int try_tcp(size_t unused)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(4444) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)unused;
	return bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ? errno : 0;
}

static int try_signal(size_t unused)
{
	(void)unused;
	return kill(getppid(), 0) < 0 ? errno : 0;
}

static void only_files_of_the_table_open(void **state)
{
	(void)state;
	skip_without_landlock();
	for (size_t i = 0; i < countof(opens); i++)
		if (in_child(try_open, i) != opens[i].wanted)
			fail_msg("%s: %d", opens[i].name, in_child(try_open, i));
}

static void sockets_are_made_and_removed_where_they_may_be(void **state)
{
	(void)state;
	skip_without_landlock();
	assert_int_equal(in_child(try_serve, false), 0);
	assert_int_equal(in_child(try_serve, true), EACCES);
}

static void no_tcp_and_no_signals_to_others(void **state)
{
	(void)state;
	if (version() < VERSION_SCOPES)
		skip();
	assert_int_equal(in_child(try_tcp, 0), EACCES);
	assert_int_equal(in_child(try_signal, 0), EPERM);
}

static int make_folder(void **state)
{
	static const char *const made[] = { "readable/file", "writable/file", "writable/other",
					    "named/config",  "named/next",    "outside/file",
					    "served/x" };
	static char folder[] = "/tmp/test_rights_paths.XXXXXX";

	*state = mkdtemp(folder);
	if (!*state || chdir(folder) < 0)
		return -1;
	for (size_t i = 0; i < countof(made); i++) {
		char name[64];
		int fd;

		snprintf(name, sizeof(name), "%s", made[i]);
		*strchr(name, '/') = '\0';
		mkdir(name, 0700);
		fd = open(made[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || close(fd) < 0)
			return -1;
	}
	return symlink("../outside/file", "readable/link");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_folder(void **state)
{
	return nftw(*state, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_files_of_the_table_open),
		cmocka_unit_test(sockets_are_made_and_removed_where_they_may_be),
		cmocka_unit_test(no_tcp_and_no_signals_to_others),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
