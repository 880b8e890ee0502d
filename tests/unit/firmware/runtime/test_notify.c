/* Readiness: what reaches the supervisor's socket.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/notify.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int bind_abstract(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(addr.sun_path + 1, name + 1, strlen(name) - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	return fd;
}

static void ready_reaches_the_supervisor(void **state)
{
	char name[64], message[64];
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@fairlead-test-notify-%d", getpid());
	fd = bind_abstract(name);
	setenv("NOTIFY_SOCKET", name, 1);
	assert_int_equal(notify_ready(), 0);
	assert_int_equal(recv(fd, message, sizeof(message), MSG_DONTWAIT), 7);
	assert_memory_equal(message, "READY=1", 7);
	close(fd);
}

static void without_a_supervisor_nothing_happens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_ready(), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify_ready(), 0);
}

static void a_supervisor_that_is_gone_is_an_error(void **state)
{
	char too_long[200];

	(void)state;
	setenv("NOTIFY_SOCKET", "@fairlead-test-nobody-listens", 1);
	assert_int_equal(notify_ready(), -ECONNREFUSED);
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	setenv("NOTIFY_SOCKET", too_long, 1);
	assert_int_equal(notify_ready(), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready_reaches_the_supervisor),
		cmocka_unit_test(without_a_supervisor_nothing_happens),
		cmocka_unit_test(a_supervisor_that_is_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
