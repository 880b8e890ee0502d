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
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOBODY 65534

static const char *const no_files[] = { NULL };

static const struct rights_capability no_capability[] = { { 0 } };
static const struct rights_capability admin[] = {
	{ CAP_NET_ADMIN, "test" },
	{ CAP_NET_BIND_SERVICE, "test a drop" },
	{ 0 },
};
static const struct rights_socket xfrm[] = {
	{ AF_NETLINK, SOCK_RAW, NETLINK_XFRM, "test" },
	{ 0 },
};
static const struct rights_path programs[] = {
	{ "/usr/bin", RIGHTS_MAY_START, "test" },
	{ "/usr/lib", RIGHTS_MAY_START, "its loader and libraries" },
	{ "/lib64", RIGHTS_MAY_START, "the same" },
	{ "/etc/ld.so.cache", RIGHTS_MAY_READ, "the same" },
	{ 0 },
};

static const struct rights nothing = { .capabilities = no_capability };
static const struct rights netlink = { .capabilities = admin, .sockets = xfrm };
static const struct rights helpers = { .capabilities = admin,
				       .calls = RIGHTS_CALLS_PROGRAM,
				       .paths = programs };

/* The child's verdict: the number of the first expectation that failed, 0 for none. Its wait status
 * holds in the low seven bits the signal that ended it, if one did. */
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

/* Whether the text behind `fd`, opened earlier, has the line. */
static bool has_line(int fd, const char *line)
{
	char text[4096];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return strstr(text, line) != NULL;
}

static void body_nothing(void)
{
	int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	struct stat st;

	EXPECT(geteuid() != 0 || setuid(NOBODY) == 0);
	EXPECT(rights_enter(&nothing, no_files) == 0);
	for (cap_value_t c = 0; c <= CAP_LAST_CAP; c++)
		EXPECT(!has(c, CAP_PERMITTED) && !has(c, CAP_EFFECTIVE) &&
		       !has(c, CAP_INHERITABLE));
	EXPECT(has_line(status, "\nNoNewPrivs:\t1\nSeccomp:\t2\n"));
	/* the files of a process that nobody may dump belong to root (proc(5)) */
	EXPECT(stat("/proc/self/status", &st) == 0 && st.st_uid == 0);
}

static void body_nothing_but_execve(void)
{
	char *argv[] = { "true", NULL };

	EXPECT(rights_enter(&nothing, no_files) == 0);
	execve("/bin/true", argv, NULL);
}

static void body_netlink(void)
{
	EXPECT(rights_enter(&netlink, no_files) == 0);
	EXPECT(has(CAP_NET_ADMIN, CAP_EFFECTIVE) && has(CAP_NET_BIND_SERVICE, CAP_EFFECTIVE));
	EXPECT(!has(CAP_SYS_ADMIN, CAP_PERMITTED) && !has(CAP_SETPCAP, CAP_PERMITTED));
	EXPECT(cap_get_bound(CAP_SYS_ADMIN) == 0 && cap_get_bound(CAP_NET_ADMIN) == 1);
	/* some kernels have no IPsec; what counts is that the filter lets it pass */
	EXPECT(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM) >= 0 ||
	       errno == EPROTONOSUPPORT);
	EXPECT(rights_drop(CAP_NET_BIND_SERVICE) == 0);
	EXPECT(!has(CAP_NET_BIND_SERVICE, CAP_PERMITTED) && has(CAP_NET_ADMIN, CAP_EFFECTIVE));
}

static void body_helpers(void)
{
	char *argv[] = { "true", NULL };

	EXPECT(rights_enter(&helpers, no_files) == 0);
	EXPECT(has(CAP_NET_ADMIN, CAP_INHERITABLE));
	execve("/bin/true", argv, NULL); /* the child's status is that of true */
	EXPECT(false);
}

static void body_helpers_but_netlink(void)
{
	EXPECT(rights_enter(&helpers, no_files) == 0);
	socket(AF_NETLINK, SOCK_RAW, NETLINK_XFRM);
}

static void body_missing(void)
{
	EXPECT(rights_enter(&nothing, no_files) == 0);
	EXPECT(rights_enter(&netlink, no_files) == -EPERM);
}

static void body_computing(void)
{
	EXPECT(rights_enter_computing() == 0);
	EXPECT(write(STDOUT_FILENO, "", 0) == 0);
	EXPECT(open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
}

static void body_computing_but_socket(void)
{
	EXPECT(rights_enter_computing() == 0);
	socket(AF_INET, SOCK_DGRAM, 0);
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

static void a_call_outside_the_table_kills(void **state)
{
	(void)state;
	assert_int_equal(in_child(body_nothing_but_execve) & 0x7f, SIGSYS);
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
	assert_int_equal(in_child(body_helpers_but_netlink) & 0x7f, SIGSYS);
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
	assert_int_equal(in_child(body_computing_but_socket) & 0x7f, SIGSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_leaves_nothing),
		cmocka_unit_test(a_call_outside_the_table_kills),
		cmocka_unit_test(the_table_names_what_is_kept),
		cmocka_unit_test(a_process_with_helpers_may_start_them_but_not_talk_xfrm),
		cmocka_unit_test(a_missing_capability_is_an_error),
		cmocka_unit_test(a_computing_child_can_write_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
