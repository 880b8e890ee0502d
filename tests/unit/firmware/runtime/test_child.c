/* The computing child: what it may do, what the parent learns about its end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/child.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define N_BYTES 200000 /* more than a pipe holds */

static int read_nothing(void *context)
{
	(void)context;
	return 0;
}

static int read_fails(void *context)
{
	(void)context;
	return -ENOENT;
}

static int send_many(void *context, int fd)
{
	char *bytes = malloc(N_BYTES);
	int rc;

	memset(bytes, *(const char *)context, N_BYTES);
	rc = child_put(fd, bytes, N_BYTES);
	free(bytes);
	return rc;
}

static int send_what_is_allowed(void *context, int fd)
{
	char may[2];

	(void)context;
	may[0] = open("/dev/null", O_RDONLY) >= 0;
	may[1] = write(STDERR_FILENO + 2, "", 0) >= 0; /* the parent's pipe would be here */
	return child_put(fd, may, sizeof(may));
}

static int open_socket(void *context, int fd)
{
	(void)context;
	(void)fd;
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static int send_and_fail(void *context, int fd)
{
	(void)context;
	return child_put(fd, "x", 1) < 0 ? 0 : -EBADMSG;
}

static int die(void *context, int fd)
{
	(void)context;
	(void)fd;
	_exit(77);
}

static void many_bytes_arrive(void **state)
{
	struct child_work work = { read_nothing, send_many, "k" };
	char *bytes = malloc(N_BYTES);
	struct child child;

	(void)state;
	assert_int_equal(child_start(&work, &child), 0);
	assert_int_equal(child_get(&child, bytes, N_BYTES), 0);
	assert_int_equal(bytes[0], 'k');
	assert_int_equal(bytes[N_BYTES - 1], 'k');
	assert_int_equal(child_get(&child, bytes, 1), -EPIPE);
	assert_int_equal(child_finish(&child), 0);
	free(bytes);
}

static void it_can_open_nothing_and_has_no_descriptor(void **state)
{
	struct child_work work = { read_nothing, send_what_is_allowed, NULL };
	struct child child;
	char may[2];

	(void)state;
	assert_int_equal(child_start(&work, &child), 0);
	assert_int_equal(child_get(&child, may, sizeof(may)), 0);
	assert_int_equal(child_finish(&child), 0);
	assert_int_equal(may[0] | may[1], 0);
}

static void a_failure_that_was_told_differs_from_a_death(void **state)
{
	static const struct {
		struct child_work work;
		int end;
	} cases[] = {
		{ { read_fails, send_many, "k" }, -ECANCELED },
		{ { read_nothing, send_and_fail, NULL }, -ECANCELED },
		{ { read_nothing, die, NULL }, -EIO },
		{ { read_nothing, open_socket, NULL }, -EIO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct child child;
		char bytes[2];

		assert_int_equal(child_start(&cases[i].work, &child), 0);
		assert_int_equal(child_get(&child, bytes, sizeof(bytes)), -EPIPE);
		assert_int_equal(child_finish(&child), cases[i].end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_bytes_arrive),
		cmocka_unit_test(it_can_open_nothing_and_has_no_descriptor),
		cmocka_unit_test(a_failure_that_was_told_differs_from_a_death),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
