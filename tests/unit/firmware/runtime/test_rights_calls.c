/* The filter of system calls: which call lives, which is answered, which kills. Each runs in a
 * child.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/rights_calls.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define HIGH (UINT64_C(7) << 40) /* what the kernel does not look at in an int */
#define STATUS_NOT_ENTERED 200
#define STATUS_LIVED 201

enum { LIVES = 0, DIES = -1 }; /* or a positive errno */

static const struct rights_socket sockets[] = {
	{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "test" },
	{ AF_INET, SOCK_DGRAM, RIGHTS_ANY, "test" },
	{ 0 },
};

static const struct rights_option options[] = {
	{ SOL_SOCKET, SO_REUSEADDR, "test" },
	{ IPPROTO_IP, IP_PKTINFO, "test" },
	{ 0 },
};

#define CORE RIGHTS_CALLS_EVERYWHERE
#define DAEMON (CORE | RIGHTS_CALLS_BASE)
#define SERVICE (DAEMON | RIGHTS_CALLS_SOCKETS | RIGHTS_CALLS_SERVER)

/* clang-format off: one row a line */
static const struct {
	const char *name;
	unsigned int groups;
	long number;
	uint64_t args[3];
	int wanted;
} rows[] = {
	{ "everybody may write", CORE, SYS_write, { 1, 0, 0 }, LIVES },
	{ "core does not read", CORE, SYS_read, { 0, 0, 0 }, DIES },
	{ "a daemon reads", DAEMON, SYS_read, { 0, 0, 0 }, LIVES },
	{ "a daemon loads no program into the kernel", DAEMON, SYS_bpf, { 0 }, DIES },
	{ "a daemon mounts nothing", DAEMON, SYS_mount, { 0 }, DIES },
	{ "a daemon starts nothing", DAEMON, SYS_execve, { 0 }, DIES },
	{ "no ring, which would know ways around", SERVICE, SYS_io_uring_setup, { 1, 0, 0 }, DIES },
	{ "is it a terminal? No", DAEMON, SYS_ioctl, { 0, 0x5401, 0 }, ENOTTY },
	{ "what a tracer skips lives", CORE, -1, { 0 }, LIVES },
	{ "a child that computes opens nothing",
	  CORE | RIGHTS_CALLS_COMPUTING,
	  SYS_openat,
	  { 0 },
	  EACCES },

	{ "a socket of the table",
	  SERVICE,
	  SYS_socket,
	  { AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
	  LIVES },
	{ "the same, flags aside",
	  SERVICE,
	  SYS_socket,
	  { AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE },
	  LIVES },
	{ "another protocol", SERVICE, SYS_socket, { AF_NETLINK, SOCK_RAW, NETLINK_XFRM }, DIES },
	{ "another protocol, high half set",
	  SERVICE,
	  SYS_socket,
	  { AF_NETLINK, SOCK_RAW, NETLINK_XFRM | HIGH },
	  DIES },
	{ "another protocol, family's high half set",
	  SERVICE,
	  SYS_socket,
	  { AF_NETLINK | HIGH, SOCK_RAW, NETLINK_XFRM },
	  DIES },
	{ "another type", SERVICE, SYS_socket, { AF_INET, SOCK_STREAM, 0 }, DIES },
	{ "any protocol", SERVICE, SYS_socket, { AF_INET, SOCK_DGRAM, IPPROTO_UDP }, LIVES },
	{ "another family", SERVICE, SYS_socket, { AF_KEY, SOCK_RAW, 2 }, DIES },

	{ "an option of the table",
	  SERVICE,
	  SYS_setsockopt,
	  { 0, SOL_SOCKET, SO_REUSEADDR },
	  LIVES },
	{ "another option", SERVICE, SYS_setsockopt, { 0, SOL_SOCKET, SO_ATTACH_FILTER }, DIES },
	{ "its name at another level",
	  SERVICE,
	  SYS_setsockopt,
	  { 0, IPPROTO_TCP, SO_REUSEADDR },
	  DIES },
	{ "another level", SERVICE, SYS_setsockopt, { 0, IPPROTO_UDP, 100 }, DIES },
	{ "a pair of local sockets", SERVICE, SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0 }, LIVES },
	{ "a pair of others", SERVICE, SYS_socketpair, { AF_INET, SOCK_STREAM, 0 }, DIES },
	{ "a server shuts nothing down", SERVICE, SYS_shutdown, { 0 }, DIES },
	{ "with lent sockets it is told no",
	  SERVICE | RIGHTS_CALLS_THREADS,
	  SYS_shutdown,
	  { 0 },
	  EPERM },

	{ "clone3 is not there, clone does it",
	  DAEMON | RIGHTS_CALLS_THREADS,
	  SYS_clone3,
	  { 0 },
	  ENOSYS },
	{ "a namespace by unshare",
	  DAEMON | RIGHTS_CALLS_CHILD,
	  SYS_unshare,
	  { CLONE_NEWUSER },
	  DIES },
};
/* clang-format on */

static int run(size_t i)
{
	const uint64_t *args = rows[i].args;
	long rc;

	if (rights_calls_enter(rows[i].groups, sockets, options) < 0)
		return STATUS_NOT_ENTERED;
	rc = syscall(rows[i].number, args[0], args[1], args[2], 0, 0, 0);
	return rc < 0 && errno == rows[i].wanted ? errno : STATUS_LIVED;
}

static bool is_as_wanted(int wanted, int status)
{
	if (wanted == DIES)
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	return WIFEXITED(status) &&
	       WEXITSTATUS(status) == (wanted == LIVES ? STATUS_LIVED : wanted);
}

static void calls_live_die_or_are_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit(run(i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!is_as_wanted(rows[i].wanted, status))
			fail_msg("%s: wait status 0x%x", rows[i].name, status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_live_die_or_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
