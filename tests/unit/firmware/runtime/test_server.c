/* Server and client, over a real socket: the table of requests, what breaks the protocol, who ends
 * whom. The server runs in a child process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/server.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "runtime/client.h"

enum test_type { TEST_HELLO = 1, TEST_ECHO = 2, TEST_FDS = 3, TEST_QUIT = 4, TEST_SLOW = 5 };

#define STATE_NEW (1u << 0)
#define STATE_READY (1u << 1)

struct test_message {
	uint16_t version;
	uint16_t type;
	uint32_t value;
};

static int fd_to_hand_out[2];

static void reply_with(struct server_reply *reply, const struct test_message *request,
		       uint32_t value)
{
	struct test_message answer = { .version = 1, .type = request->type, .value = value };

	memcpy(reply->bytes, &answer, sizeof(answer));
	reply->len = sizeof(answer);
}

static void answer_hello(struct server_session *session, const void *request,
			 struct server_reply *ret_reply)
{
	session->state = STATE_READY;
	reply_with(ret_reply, request, (uint32_t)session->age);
}

static void answer_echo(struct server_session *session, const void *request,
			struct server_reply *ret_reply)
{
	const struct test_message *message = request;

	(void)session;
	reply_with(ret_reply, request, message->value + 1);
}

static void answer_fds(struct server_session *session, const void *request,
		       struct server_reply *ret_reply)
{
	(void)session;
	reply_with(ret_reply, request, 0);
	ret_reply->n_fds = 2;
	ret_reply->fds[0] = fd_to_hand_out[0];
	ret_reply->fds[1] = dup(fd_to_hand_out[1]);
	ret_reply->fd_to_close = ret_reply->fds[1];
}

static void answer_quit(struct server_session *session, const void *request,
			struct server_reply *ret_reply)
{
	(void)request;
	(void)ret_reply;
	server_end_session(session);
}

static void answer_nothing(struct server_session *session, const void *request,
			   struct server_reply *ret_reply)
{
	(void)session;
	(void)request;
	(void)ret_reply;
	usleep(300000);
}

#define SIZE sizeof(struct test_message)
static const struct server_row rows[] = {
	{ TEST_HELLO, SIZE, STATE_NEW, "hello", answer_hello },
	{ TEST_ECHO, SIZE, STATE_READY, "echo", answer_echo },
	{ TEST_FDS, SIZE, STATE_READY, "fds", answer_fds },
	{ TEST_QUIT, SIZE, STATE_NEW | STATE_READY, "quit", answer_quit },
	{ TEST_SLOW, SIZE, STATE_NEW, "slow", answer_nothing },
	{ .name = NULL },
};

struct fixture {
	pid_t pid;
	char path[64];
};

static void serve(const char *path, const uid_t *uids, int n_sessions)
{
	struct server_config config = {
		.path = path,
		.name = "test",
		.mode = 0600,
		.uids = uids,
		.n_uids = 1,
		.n_sessions = n_sessions,
		.version = 1,
		.rows = rows,
	};
	struct server server;
	struct loop loop;

	if (loop_init(&loop) < 0 || server_open(&server, &loop, &config) < 0 ||
	    pipe(fd_to_hand_out) < 0)
		_exit(1);
	_exit(loop_run(&loop) < 0);
}

static struct fixture start(const uid_t *uids, int n_sessions)
{
	struct fixture fixture;
	struct stat st;

	snprintf(fixture.path, sizeof(fixture.path), "/tmp/fairlead-test-server-%d.sock", getpid());
	unlink(fixture.path);
	fixture.pid = fork();
	if (fixture.pid == 0)
		serve(fixture.path, uids, n_sessions);
	for (int fd, tries = 0; tries < 500; tries++) {
		if (client_connect(fixture.path, &fd) == 0) {
			close(fd);
			assert_int_equal(stat(fixture.path, &st), 0);
			assert_int_equal(st.st_mode & 0777, 0600);
			return fixture;
		}
		usleep(10000);
	}
	fail_msg("the server did not come up");
	return fixture;
}

static void cleanup_fixture(struct fixture *fixture)
{
	kill(fixture->pid, SIGKILL);
	waitpid(fixture->pid, NULL, 0);
	unlink(fixture->path);
}

#define _cleanup_fixture_ _cleanup_(cleanup_fixture)

static int ask(int fd, uint16_t type, uint32_t value, struct test_message *ret_reply)
{
	struct test_message request = { .version = 1, .type = type, .value = value };

	return client_ask(fd, &request, sizeof(request), ret_reply, sizeof(*ret_reply), NULL, 0,
			  5000);
}

static int connect_to(const struct fixture *fixture)
{
	int fd = -1;

	assert_int_equal(client_connect(fixture->path, &fd), 0);
	return fd;
}

/* True when the server has ended the session. */
static bool is_ended(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) <= 0;
}

static void requests_are_answered_in_their_state(void **state)
{
	_cleanup_fixture_ struct fixture fixture = start(NULL, 2);
	_cleanup_close_ int fd = connect_to(&fixture);
	struct test_message reply;

	(void)state;
	assert_int_equal(ask(fd, TEST_HELLO, 0, &reply), 0);
	assert_int_equal(ask(fd, TEST_ECHO, 41, &reply), 0);
	assert_int_equal(reply.value, 42);
	assert_int_equal(reply.type, TEST_ECHO);
}

static void violations_end_the_session(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		struct test_message message;
	} cases[] = {
		{ "too short for a header", 3, { 1, TEST_HELLO, 0 } },
		{ "one byte short", SIZE - 1, { 1, TEST_HELLO, 0 } },
		{ "one byte long", SIZE + 1, { 1, TEST_HELLO, 0 } },
		{ "empty datagram, which is no end of file", 0, { 0 } },
		{ "longer than any message", SERVER_MAX_MESSAGE_BYTES + 1, { 1, TEST_HELLO, 0 } },
		{ "another version", SIZE, { 2, TEST_HELLO, 0 } },
		{ "unknown type", SIZE, { 1, 99, 0 } },
		{ "echo before hello", SIZE, { 1, TEST_ECHO, 0 } },
	};
	_cleanup_fixture_ struct fixture fixture = start(NULL, 2);

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		_cleanup_close_ int fd = connect_to(&fixture);
		char bytes[SERVER_MAX_MESSAGE_BYTES + 1] = { 0 };
		struct test_message reply;

		memcpy(bytes, &cases[i].message, sizeof(cases[i].message));
		assert_int_equal(send(fd, bytes, cases[i].len, MSG_NOSIGNAL), cases[i].len);
		if (!is_ended(fd))
			fail_msg("the session lives: %s", cases[i].name);
		/* and the server still serves others */
		_cleanup_close_ int next = connect_to(&fixture);
		assert_int_equal(ask(next, TEST_HELLO, 0, &reply), 0);
	}
}

static void hello_twice_is_out_of_turn(void **state)
{
	_cleanup_fixture_ struct fixture fixture = start(NULL, 2);
	_cleanup_close_ int fd = connect_to(&fixture);
	struct test_message reply;

	(void)state;
	assert_int_equal(ask(fd, TEST_HELLO, 0, &reply), 0);
	assert_int_equal(ask(fd, TEST_HELLO, 0, &reply), -EPIPE);
}

static void a_newer_session_ends_the_oldest(void **state)
{
	_cleanup_fixture_ struct fixture fixture = start(NULL, 1);
	_cleanup_close_ int old = connect_to(&fixture);
	struct test_message reply;

	(void)state;
	assert_int_equal(ask(old, TEST_HELLO, 0, &reply), 0);
	_cleanup_close_ int newer = connect_to(&fixture);
	assert_int_equal(ask(newer, TEST_HELLO, 0, &reply), 0);
	assert_true(is_ended(old));
	assert_int_equal(ask(newer, TEST_ECHO, 1, &reply), 0);
}

static void another_user_is_turned_away(void **state)
{
	uid_t other = getuid() + 1;
	_cleanup_fixture_ struct fixture fixture = start(&other, 1);
	_cleanup_close_ int fd = connect_to(&fixture);
	struct test_message reply;

	(void)state;
	assert_int_equal(ask(fd, TEST_HELLO, 0, &reply), -EPIPE);
}

static void descriptors_come_with_the_answer(void **state)
{
	struct test_message request = { 1, TEST_FDS, 0 }, reply;
	_cleanup_fixture_ struct fixture fixture = start(NULL, 1);
	_cleanup_close_ int fd = connect_to(&fixture);
	int fds[2] = { -1, -1 };
	char byte = 0;

	(void)state;
	assert_int_equal(ask(fd, TEST_HELLO, 0, &reply), 0);
	assert_int_equal(client_ask(fd, &request, SIZE, &reply, SIZE, fds, 2, 5000), 2);
	assert_int_equal(write(fds[1], "y", 1), 1);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	close(fds[0]);
	close(fds[1]);
	/* whoever expects another number gets none */
	assert_int_equal(client_ask(fd, &request, SIZE, &reply, SIZE, fds, 1, 5000), -EPROTO);
}

static void a_client_sees_what_goes_wrong(void **state)
{
	struct test_message request = { 1, TEST_HELLO, 0 }, reply;
	_cleanup_fixture_ struct fixture fixture = start(NULL, 4);
	_cleanup_close_ int fd = connect_to(&fixture);
	char small[4];
	int none;

	(void)state;
	assert_int_equal(client_ask(fd, &request, SIZE, small, sizeof(small), NULL, 0, 5000),
			 -EPROTO);
	_cleanup_close_ int quitting = connect_to(&fixture);
	assert_int_equal(ask(quitting, TEST_QUIT, 0, &reply), -EPIPE);
	_cleanup_close_ int slow = connect_to(&fixture);
	request.type = TEST_SLOW;
	assert_int_equal(client_ask(slow, &request, SIZE, &reply, SIZE, NULL, 0, 20), -ETIMEDOUT);
	assert_int_equal(client_connect("/tmp/fairlead-test-nobody.sock", &none), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered_in_their_state),
		cmocka_unit_test(violations_end_the_session),
		cmocka_unit_test(hello_twice_is_out_of_turn),
		cmocka_unit_test(a_newer_session_ends_the_oldest),
		cmocka_unit_test(another_user_is_turned_away),
		cmocka_unit_test(descriptors_come_with_the_answer),
		cmocka_unit_test(a_client_sees_what_goes_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
