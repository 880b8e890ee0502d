/* A daemon that answers status requests from given bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fake_daemon.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/status_proto.h"

static void serve(const struct fake_daemon *daemon, int listener)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		struct status_request request;

		while (recv(fd, &request, sizeof(request), 0) == sizeof(request)) {
			size_t row = request.row < daemon->n_replies ? request.row
								     : daemon->n_replies - 1;
			const char *reply =
				(const char *)daemon->replies + row * daemon->reply_size;

			if (request.version != STATUS_PROTO_VERSION)
				break;
			if (daemon->sent_size)
				send(fd, reply, daemon->sent_size, MSG_NOSIGNAL);
		}
		close(fd);
	}
}

void fake_daemon_start(struct fake_daemon *daemon)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	assert_true(strlen(daemon->path) < sizeof(addr.sun_path));
	memcpy(addr.sun_path, daemon->path, strlen(daemon->path) + 1);
	unlink(daemon->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 4), 0);
	daemon->pid = fork();
	assert_true(daemon->pid >= 0);
	if (daemon->pid == 0)
		serve(daemon, fd);
	close(fd);
}

void fake_daemon_stop(struct fake_daemon *daemon)
{
	kill(daemon->pid, SIGKILL);
	waitpid(daemon->pid, NULL, 0);
	unlink(daemon->path);
}
