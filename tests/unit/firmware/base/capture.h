/* What a call writes to standard error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Two ends of a pipe in the place of standard error. */
struct capture {
	int saved, reader;
};

static inline struct capture capture_start(void)
{
	struct capture capture;
	int fds[2];

	fflush(stderr);
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	capture.saved = dup(STDERR_FILENO);
	capture.reader = fds[0];
	assert_true(capture.saved >= 0 && dup2(fds[1], STDERR_FILENO) == STDERR_FILENO);
	close(fds[1]);
	return capture;
}

/* Puts standard error back; the text is NUL-terminated. Returns its length. */
static inline size_t capture_stop(struct capture capture, char *buf, size_t size)
{
	ssize_t n = read(capture.reader, buf, size - 1);

	dup2(capture.saved, STDERR_FILENO);
	close(capture.saved);
	close(capture.reader);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}
