/* Counts what a daemon allocates after its start, which is when it first waits for events. To be
 * preloaded; writes the count to the file that COUNT_MALLOC names when the process ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static int is_started, report_fd = -1;
static unsigned long n_before, n_after;

static void count(void)
{
	if (is_started)
		n_after++;
	else
		n_before++;
}

void *malloc(size_t size)
{
	count();
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	count();
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	count();
	return __libc_realloc(old, size);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int max_events, int timeout_ms)
{
	is_started = 1;
	return epoll_pwait(epoll_fd, events, max_events, timeout_ms, NULL);
}

/* The file is opened early: the daemon may lose the right to. */
__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("COUNT_MALLOC");

	if (path)
		report_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

__attribute__((destructor)) static void end(void)
{
	dprintf(report_fd, "%lu %lu\n", n_before, n_after);
}
