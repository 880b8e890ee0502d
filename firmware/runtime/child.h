/* A short-lived child that computes without any right, and hands its results over a pipe.
 *
 * For what is too dangerous in a process with rights: parsing. The child keeps standard input,
 * output and error and its end of the pipe, no other descriptor, and may use 20 s of processor
 * time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int fd; /* our end of the pipe */
};

/* Both run in the child: `read_input` still with the parent's rights, `compute` after
 * rights_enter_computing. Either returns 0, or a negative errno after it has logged why. */
struct child_work {
	int (*read_input)(void *context);
	int (*compute)(void *context, int fd);
	void *context;
};

/* Starts a child. Returns 0, or a negative errno with nothing left behind. No heap. */
__attribute__((warn_unused_result)) int child_start(const struct child_work *work,
						    struct child *ret_child);

/* In `compute`: sends `len` bytes. Returns 0 or a negative errno. */
__attribute__((warn_unused_result)) int child_put(int fd, const void *bytes, size_t len);

/* In the parent: takes `len` bytes, waiting for them. Returns 0, or -EPIPE when the child has sent
 * less. */
__attribute__((warn_unused_result)) int child_get(struct child *child, void *ret_bytes, size_t len);

/* Waits for the child's end. Returns 0; -ECANCELED when one of its functions failed, which has been
 * logged; -EIO, which has not, when it ended in any other way. */
__attribute__((warn_unused_result)) int child_finish(struct child *child);
