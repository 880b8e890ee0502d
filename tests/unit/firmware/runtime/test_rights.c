/* Rights: what a process can still do after it has entered them. Each case runs in a child, since
 * there is no way back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct rights_capability no_capability[] = { { 0 } };
static const struct rights_capability admin[] = {
	{ CAP_NET_ADMIN, "test" },
	{ CAP_NET_BIND_SERVICE, "test a drop" },
	{ 0 },
};

static const struct rights nothing = { .capabilities = no_capability };
static const struct rights netlink = { .capabilities = admin, .may_use_netlink_xfrm = true };
static const struct rights helpers = { .capabilities = admin, .may_exec = true };

/* The child's verdict: the number of the first expectation that failed, 0 for none. */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition))                                                                  \
			_exit(__COUNTER__ + 1);                                                    \
	} while (0)

static int in_child(void (*body)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool has(cap_value_t capability, cap_flag_t set)
{
	cap_flag_value_t value = CAP_CLEAR;
	cap_t caps = cap_get_proc();

	cap_get_flag(caps, capability, set, &value);
	cap_free(caps);
	return value == CAP_SET;
}

static long call_socket(uint64_t family, uint64_t type, uint64_t protocol)
{
	return syscall(SYS_socket, family, type, protocol);
}

static void body_nothing(void)
{
	char *argv[] = { "true", NULL };

	EXPECT(rights_enter(&nothing) == 0);
	for (cap_value_t c = 0; c <= CAP_LAST_CAP; c++)
		EXPECT(!has(c, CAP_PERMITTED) && !has(c, CAP_EFFECTIVE) &&
		       !has(c, CAP_INHERITABLE));
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	EXPECT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	EXPECT(call_socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) < 0 && errno == EPERM);
	/* the kernel ignores the high halves, so the filter must as well */
	EXPECT(call_socket(AF_NETLINK | (1ULL << 32), SOCK_RAW, NETLINK_XFRM) < 0 &&
	       errno == EPERM);
	EXPECT(call_socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM | (7ULL << 40)) < 0 &&
	       errno == EPERM);
	EXPECT(call_socket(AF_KEY, SOCK_RAW, 2) < 0 && errno == EPERM);
	EXPECT(call_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) >= 0);
	EXPECT(syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EPERM);
	EXPECT(execve("/bin/true", argv, NULL) < 0 && errno == EPERM);
	EXPECT(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0) < 0 && errno == EPERM);
}

static void body_netlink(void)
{
	EXPECT(rights_enter(&netlink) == 0);
	EXPECT(has(CAP_NET_ADMIN, CAP_EFFECTIVE) && has(CAP_NET_BIND_SERVICE, CAP_EFFECTIVE));
	EXPECT(!has(CAP_SYS_ADMIN, CAP_PERMITTED) && !has(CAP_SETPCAP, CAP_PERMITTED));
	EXPECT(cap_get_bound(CAP_SYS_ADMIN) == 0 && cap_get_bound(CAP_NET_ADMIN) == 1);
	/* some kernels have no IPsec; what counts is that the filter lets it pass */
	EXPECT(call_socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) >= 0 || errno == EPROTONOSUPPORT);
	EXPECT(rights_drop(CAP_NET_BIND_SERVICE) == 0);
	EXPECT(!has(CAP_NET_BIND_SERVICE, CAP_PERMITTED) && has(CAP_NET_ADMIN, CAP_EFFECTIVE));
}

static void body_helpers(void)
{
	char *argv[] = { "true", NULL };

	EXPECT(rights_enter(&helpers) == 0);
	EXPECT(has(CAP_NET_ADMIN, CAP_INHERITABLE));
	EXPECT(call_socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM) < 0 && errno == EPERM);
	execve("/bin/true", argv, NULL); /* the child's status is that of true */
	EXPECT(false);
}

static void body_missing(void)
{
	EXPECT(rights_enter(&nothing) == 0);
	EXPECT(rights_enter(&netlink) == -EPERM);
}

static void body_computing(void)
{
	EXPECT(rights_enter_computing() == 0);
	EXPECT(write(STDOUT_FILENO, "", 0) == 0);
	EXPECT(open("/dev/null", O_RDONLY) < 0 && errno == EPERM);
	EXPECT(call_socket(AF_INET, SOCK_DGRAM, 0) < 0 && errno == EPERM);
	EXPECT(syscall(SYS_getppid) < 0 && errno == EPERM);
}

static void skip_unless_root(void)
{
	if (!has(CAP_NET_ADMIN, CAP_PERMITTED) || !has(CAP_NET_BIND_SERVICE, CAP_PERMITTED) ||
	    !has(CAP_SETPCAP, CAP_PERMITTED))
		skip();
}

static void an_empty_table_leaves_nothing(void **state)
{
	(void)state;
	assert_int_equal(in_child(body_nothing), 0);
}

static void the_table_names_what_is_kept(void **state)
{
	(void)state;
	skip_unless_root();
	assert_int_equal(in_child(body_netlink), 0);
}

static void a_process_with_helpers_may_start_them_but_not_talk_xfrm(void **state)
{
	(void)state;
	skip_unless_root();
	assert_int_equal(in_child(body_helpers), 0);
}

static void a_missing_capability_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(in_child(body_missing), 0);
}

static void a_computing_child_can_write_and_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(in_child(body_computing), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_leaves_nothing),
		cmocka_unit_test(the_table_names_what_is_kept),
		cmocka_unit_test(a_process_with_helpers_may_start_them_but_not_talk_xfrm),
		cmocka_unit_test(a_missing_capability_is_an_error),
		cmocka_unit_test(a_computing_child_can_write_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
