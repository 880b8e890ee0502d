/* Running nft.
 *
 * Its three standard descriptors are files in memory: nothing can block on a full pipe.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "netd/nft.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "netd/filter_difference.h"
#include "netd/render_filter.h"

#define TIMEOUT_MS 30000		   /* loading 1,024 tunnels takes nft less than a second */
#define MAX_OUTPUT_BYTES (8 * 1024 * 1024) /* the filter of 1,024 tunnels prints to 400 KB */

/* A file in memory that holds `content`, read from its start. */
static int memory_file(const char *content, int *ret_fd)
{
	_cleanup_close_ int fd = memfd_create("nft", MFD_CLOEXEC);
	size_t len = strlen(content);

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, content + done, len - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int read_memory_file(int fd, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	off_t len = lseek(fd, 0, SEEK_END);
	ssize_t n;

	if (len < 0)
		return -errno;
	if (len > MAX_OUTPUT_BYTES)
		return -EFBIG;
	text = calloc(1, (size_t)len + 1);
	if (!text)
		return -ENOMEM;
	n = pread(fd, text, (size_t)len, 0);
	if (n != len)
		return n < 0 ? -errno : -EIO;
	*ret_text = steal(&text);
	return 0;
}

static int start(const char *program, const char *const arguments[], const int fds[static 3],
		 pid_t *ret_pid)
{
	char *const empty[] = { NULL };
	posix_spawn_file_actions_t actions;
	int r;

	r = posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < 3 && !r; i++)
		r = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	if (!r)
		r = posix_spawn(ret_pid, program, &actions, NULL, (char *const *)arguments, empty);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* Waits for the end of a child; one that takes too long is killed. */
static int wait_for(pid_t pid)
{
	_cleanup_close_ int pidfd = pidfd_open(pid, 0);
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int n, status;

	if (pidfd < 0)
		return -errno;
	n = poll(&poll_fd, 1, TIMEOUT_MS);
	if (n <= 0)
		kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	if (n <= 0)
		return -ETIMEDOUT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBADMSG;
}

static void log_lines(const char *text)
{
	while (*text) {
		int len = (int)strcspn(text, "\n");

		if (len)
			log_error("nft: %.*s", len, text);
		text += len;
		text += strspn(text, "\n");
	}
}

int nft_run(const char *program, const char *const arguments[], const char *input,
	    char **ret_output)
{
	_cleanup_close_ int in = -1, out = -1, err = -1;
	_cleanup_free_ char *errors = NULL;
	pid_t pid;
	int r;

	r = memory_file(input, &in);
	if (r == 0)
		r = memory_file("", &out);
	if (r == 0)
		r = memory_file("", &err);
	if (r < 0)
		return r;
	r = start(program, arguments, (const int[]){ in, out, err }, &pid);
	if (r < 0) {
		log_error("nft cannot be started path=%s error=\"%s\"", program, strerror(-r));
		return r;
	}
	r = wait_for(pid);
	if (read_memory_file(err, &errors) == 0)
		log_lines(errors);
	return r < 0 ? r : read_memory_file(out, ret_output);
}

static const char *const list[] = { "nft",  "--stateless", "list", "table",
				    "inet", FILTER_TABLE,  NULL };

bool nft_is_loaded(const char *program)
{
	_cleanup_free_ char *listed = NULL;

	return nft_run(program, list, "", &listed) == 0;
}

int nft_load(const char *program, const char *rendered)
{
	static const char *const load[] = { "nft", "-f", "-", NULL };
	_cleanup_free_ char *script = NULL, *said = NULL, *listed = NULL;
	char where[MAX_SENTENCE_BYTES];
	int r;

	if (asprintf(&script, "%s%s", FILTER_REPLACE, rendered) < 0)
		return -ENOMEM;
	r = nft_run(program, load, script, &said);
	if (r < 0)
		return r;
	r = nft_run(program, list, "", &listed);
	if (r < 0)
		return r == -EBADMSG ? -EIO : r;
	r = filter_difference(rendered, listed, where);
	if (r > 0) {
		log_error("the loaded filter is not the one asked for; %s", where);
		return -EIO;
	}
	return r;
}
