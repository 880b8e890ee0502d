/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>

#include "tests/unit/rows.h"

static int open_null(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void a_descriptor_is_closed_at_the_end_of_its_scope(void **state)
{
	int number;

	(void)state;
	{
		_cleanup_close_ int fd = open_null();

		number = fd;
		assert_true(fcntl(number, F_GETFD) >= 0);
	}
	assert_int_equal(fcntl(number, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
}

static void a_taken_descriptor_stays_open(void **state)
{
	int number;

	(void)state;
	{
		_cleanup_close_ int fd = open_null();

		number = steal_fd(&fd);
		assert_int_equal(fd, -1);
	}
	assert_true(fcntl(number, F_GETFD) >= 0);
	close(number);
}

static void a_taken_pointer_stays(void **state)
{
	char *text;

	(void)state;
	{
		_cleanup_free_ char *guarded = malloc(8);

		text = steal(&guarded);
		assert_null(guarded);
	}
	assert_non_null(text);
	text[7] = 'x'; /* the sanitizer sees it when it is gone */
	free(text);
}

static void a_missing_file_is_not_closed(void **state)
{
	(void)state;
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_close_ int fd = -1;

	assert_null(file);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_is_closed_at_the_end_of_its_scope),
		cmocka_unit_test(a_taken_descriptor_stays_open),
		cmocka_unit_test(a_taken_pointer_stays),
		cmocka_unit_test(a_missing_file_is_not_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
