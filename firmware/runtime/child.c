/* A short-lived child that computes without any right.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/rights.h"

#define PIPE_FD 3
#define CPU_S 20

enum status { STATUS_DONE, STATUS_TOLD, STATUS_LOST };

static enum status run(const struct child_work *work, int fd)
{
	const struct rlimit cpu = { CPU_S, CPU_S };

	if (fd != PIPE_FD && dup2(fd, PIPE_FD) < 0)
		return STATUS_LOST;
	if (close_range(PIPE_FD + 1, ~0u, 0) < 0 || setrlimit(RLIMIT_CPU, &cpu) < 0)
		return STATUS_LOST;
	if (work->read_input(work->context) < 0)
		return STATUS_TOLD;
	if (rights_enter_computing() < 0)
		return STATUS_LOST;
	return work->compute(work->context, PIPE_FD) < 0 ? STATUS_TOLD : STATUS_DONE;
}

int child_start(const struct child_work *work, struct child *ret_child)
{
	int fds[2], rc;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		_exit(run(work, fds[1]));
	rc = pid < 0 ? -errno : 0;
	close(fds[1]);
	if (rc < 0) {
		close(fds[0]);
		return rc;
	}
	*ret_child = (struct child){ .pid = pid, .fd = fds[0] };
	return 0;
}

int child_put(int fd, const void *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0)
			return -errno;
		bytes = (const char *)bytes + n;
		len -= (size_t)n;
	}
	return 0;
}

int child_get(struct child *child, void *ret_bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = read(child->fd, ret_bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EPIPE;
		ret_bytes = (char *)ret_bytes + n;
		len -= (size_t)n;
	}
	return 0;
}

int child_finish(struct child *child)
{
	int status;

	close(child->fd);
	child->fd = -1;
	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -EIO;
	if (status == 0)
		return 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == STATUS_TOLD ? -ECANCELED : -EIO;
}
