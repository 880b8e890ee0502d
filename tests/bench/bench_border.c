/* The round trip over the privilege border, against a bare datagram echo between two processes.
 *
 * Both measured in one run: the same socket type, the same sizes (a request of sa_add's, a reply of
 * xfrm_reply's), once through runtime/server.h and runtime/client.h, once with nothing in between.
 * Prints one JSON object; times are medians in microseconds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "proto/xfrm_proto.h"
#include "runtime/client.h"
#include "runtime/server.h"

#define N_ROUNDS 5000

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return values[n / 2];
}

static void answer_sa_add(struct server_session *session, const void *request,
			  struct server_reply *ret_reply)
{
	const struct xfrm_sa_add *asked = request;
	struct xfrm_reply reply = { .header = asked->header };

	(void)session;
	memcpy(ret_reply->bytes, &reply, sizeof(reply));
	ret_reply->len = sizeof(reply);
}

static const struct server_row rows[] = {
	{ XFRM_REQUEST_SA_ADD, sizeof(struct xfrm_sa_add), 1, "SA_ADD", answer_sa_add },
	{ 0 },
};

static int serve(const char *path, int ready_fd)
{
	struct server_config config = { .path = path,
					.name = "bench",
					.mode = 0600,
					.n_sessions = 1,
					.version = XFRM_PROTO_VERSION,
					.rows = rows };
	struct server server;
	struct loop loop;

	if (loop_init(&loop) < 0 || server_open(&server, &loop, &config) < 0 ||
	    write(ready_fd, "r", 1) != 1)
		return 1;
	return loop_run(&loop) < 0;
}

static int echo(int fd)
{
	static uint8_t buf[sizeof(struct xfrm_sa_add)];

	while (recv(fd, buf, sizeof(buf), 0) > 0)
		if (send(fd, buf, sizeof(struct xfrm_reply), 0) < 0)
			return 1;
	return 0;
}

static double time_border(int fd)
{
	static double took[N_ROUNDS];
	struct xfrm_sa_add request = { .header = { XFRM_PROTO_VERSION, XFRM_REQUEST_SA_ADD, 0 } };
	struct xfrm_reply reply;

	for (size_t i = 0; i < N_ROUNDS; i++) {
		double start = now_us();

		if (client_ask(fd, &request, sizeof(request), &reply, sizeof(reply), NULL, 0, -1) <
		    0)
			exit(1);
		took[i] = now_us() - start;
	}
	return median(took, N_ROUNDS);
}

static double time_echo(int fd)
{
	static double took[N_ROUNDS];
	static uint8_t buf[sizeof(struct xfrm_sa_add)];

	for (size_t i = 0; i < N_ROUNDS; i++) {
		double start = now_us();

		if (send(fd, buf, sizeof(struct xfrm_sa_add), 0) < 0 ||
		    recv(fd, buf, sizeof(buf), 0) < 0)
			exit(1);
		took[i] = now_us() - start;
	}
	return median(took, N_ROUNDS);
}

int main(void)
{
	char path[64], ready;
	int pair[2], ready_pipe[2], fd;
	pid_t server, echoer;
	double border_us, echo_us;

	snprintf(path, sizeof(path), "/tmp/fairlead-bench-%d.sock", (int)getpid());
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0 || pipe(ready_pipe) < 0)
		return 1;
	server = fork();
	if (server == 0)
		_exit(serve(path, ready_pipe[1]));
	echoer = fork();
	if (echoer == 0) {
		close(pair[0]);
		_exit(echo(pair[1]));
	}
	close(pair[1]);
	if (read(ready_pipe[0], &ready, 1) != 1 || client_connect(path, &fd) < 0)
		return 1;
	echo_us = time_echo(pair[0]);
	border_us = time_border(fd);
	printf("{\"border_us\": %.2f, \"echo_us\": %.2f, \"ratio\": %.2f, \"rounds\": %d}\n",
	       border_us, echo_us, border_us / echo_us, N_ROUNDS);
	kill(server, SIGTERM);
	close(pair[0]);
	waitpid(server, NULL, 0);
	waitpid(echoer, NULL, 0);
	unlink(path);
	return 0;
}
