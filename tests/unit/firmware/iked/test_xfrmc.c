/* The asking end against a small xfrmd that answers, refuses, lies or dies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "iked/xfrmc.h"

enum behaviour {
	ANSWERS,
	REFUSES,     /* -EACCES and a sentence */
	FAILS,	     /* the kernel's -ESRCH */
	LIES,	     /* another sequence number */
	IS_NEWER,    /* another protocol version */
	IS_SHORT,    /* half an answer */
	HANGS_UP,    /* no answer, end of connection */
	IS_STALE,    /* says so to HELLO */
	BRINGS_LESS, /* HELLO with two descriptors */
	CHATTERS,    /* a descriptor with an ordinary answer */
};

/* One end of everything, in a thread of its own. */
struct fake {
	char path[64];
	int listener, connection, event_fd;
	enum behaviour behaviour;
	pthread_t thread;
	struct xfrm_sa_add last_add;
};

static const uint8_t digest[32] = { 0xd1, 0x9e };

static void send_with_fds(int fd, const void *bytes, size_t len, const int *fds, size_t n)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(3 * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)bytes, len };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						   .cmsg_type = SCM_RIGHTS,
						   .cmsg_len = CMSG_LEN(n * sizeof(int)) };
		memcpy(CMSG_DATA(&control.header), fds, n * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	(void)!sendmsg(fd, &message, MSG_NOSIGNAL);
}

static void reply_hello(struct fake *fake, struct xfrm_reply *reply)
{
	int pair[2], udp[2];

	if (fake->behaviour == IS_STALE) {
		reply->error = -ESTALE;
		send_with_fds(fake->connection, reply, sizeof(*reply), NULL, 0);
		return;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0 ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, udp) < 0)
		return;
	fake->event_fd = pair[0];
	send_with_fds(fake->connection, reply, sizeof(*reply), (int[]){ udp[0], udp[1], pair[1] },
		      fake->behaviour == BRINGS_LESS ? 2 : 3);
	close(pair[1]);
	close(udp[0]);
	close(udp[1]);
}

static void reply_other(struct fake *fake, struct xfrm_reply *reply)
{
	size_t len = sizeof(*reply);
	int stray = fake->behaviour == CHATTERS ? dup(0) : -1;

	if (fake->behaviour == REFUSES) {
		reply->error = -EACCES;
		snprintf(reply->refusal, sizeof(reply->refusal), "the SA is for another gateway");
	} else if (fake->behaviour == FAILS) {
		reply->error = -ESRCH;
	} else if (fake->behaviour == LIES) {
		reply->header.sequence++;
	} else if (fake->behaviour == IS_NEWER) {
		reply->header.version++;
	} else if (fake->behaviour == IS_SHORT) {
		len /= 2;
	}
	reply->spi_be = 0xc0ffee11;
	reply->bytes = 1500;
	reply->packets = 3;
	reply->used_ago_s = 7;
	send_with_fds(fake->connection, reply, len, &stray, stray >= 0);
	if (stray >= 0)
		close(stray);
}

static void *serve(void *arg)
{
	struct fake *fake = arg;
	union {
		struct xfrm_header header;
		struct xfrm_hello hello;
		struct xfrm_sa_add add;
	} request;

	fake->connection = accept(fake->listener, NULL, NULL);
	while (recv(fake->connection, &request, sizeof(request), 0) > 0) {
		struct xfrm_reply reply = { .header = request.header };

		if (request.header.type == XFRM_REQUEST_SA_ADD)
			fake->last_add = request.add;
		if (request.header.type == XFRM_REQUEST_HELLO &&
		    memcmp(request.hello.config_sha256, digest, sizeof(digest)) == 0)
			reply_hello(fake, &reply);
		else if (fake->behaviour == HANGS_UP)
			break;
		else
			reply_other(fake, &reply);
	}
	close(fake->connection);
	if (fake->event_fd >= 0)
		close(fake->event_fd);
	return NULL;
}

static void start(struct fake *fake, enum behaviour behaviour)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	*fake = (struct fake){ .behaviour = behaviour, .event_fd = -1 };
	snprintf(fake->path, sizeof(fake->path), "/tmp/test_xfrmc.%d", getpid());
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", fake->path);
	unlink(fake->path);
	fake->listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(fake->listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fake->listener, 1), 0);
	assert_int_equal(pthread_create(&fake->thread, NULL, serve, fake), 0);
}

static void end(struct fake *fake)
{
	pthread_join(fake->thread, NULL);
	close(fake->listener);
	unlink(fake->path);
}

static struct xfrmc *connect_to(struct fake *fake)
{
	struct xfrmc *xfrmc;
	int udp[2];

	assert_int_equal(xfrmc_new(fake->path, digest, &xfrmc), 0);
	assert_int_equal(xfrmc_open(xfrmc, udp), 0);
	close(udp[0]);
	close(udp[1]);
	return xfrmc;
}

static void requests_are_answered(void **state)
{
	struct xfrm_sa_add add = { .spi_be = 5, .encr_key = "secret", .integ_key = "secret" };
	static const struct xfrm_sa_add wiped;
	struct xfrm_sa_ref ref = { .spi_be = 5 };
	struct xfrmc_use use;
	struct addr a = { 0 };
	struct xfrmc *xfrmc;
	struct fake fake;
	uint32_t spi;

	(void)state;
	start(&fake, ANSWERS);
	xfrmc = connect_to(&fake);
	assert_int_equal(xfrmc_spi_get(xfrmc, &a, &a, &spi), 0);
	assert_int_equal(spi, 0xc0ffee11);
	assert_int_equal(xfrmc_sa_add(xfrmc, &add), 0);
	assert_memory_equal(&add, &wiped, sizeof(add));
	assert_string_equal((char *)fake.last_add.encr_key, "secret");
	assert_int_equal(fake.last_add.header.version, XFRM_PROTO_VERSION);
	assert_int_equal(xfrmc_sa_query(xfrmc, &ref, &use), 0);
	assert_int_equal(use.bytes, 1500);
	assert_int_equal(use.packets, 3);
	assert_int_equal(use.used_ago_s, 7);
	assert_int_equal(xfrmc_sa_del(xfrmc, &ref), 0);
	xfrmc_free(xfrmc);
	end(&fake);
}

static const struct {
	const char *name;
	enum behaviour behaviour;
	int first, second;   /* results of two requests, one after the other */
	const char *failure; /* begins so */
} troubles[] = {
	{ "a refusal is told and the connection stays", REFUSES, -EACCES, -EACCES,
	  "xfrmd refused: the SA is for another gateway" },
	{ "an error of the kernel too", FAILS, -ESRCH, -ESRCH, "xfrmd could not do SA_ADD: " },
	{ "an answer to another request ends it", LIES, -EPROTO, -ENOTCONN, "xfrmd could not" },
	{ "another version ends it", IS_NEWER, -EPROTO, -ENOTCONN, "xfrmd could not" },
	{ "half an answer ends it", IS_SHORT, -EPROTO, -ENOTCONN, "xfrmd could not" },
	{ "descriptors that nobody asked for end it", CHATTERS, -EPROTO, -ENOTCONN,
	  "xfrmd could not" },
	{ "an xfrmd that dies", HANGS_UP, -EPIPE, -ENOTCONN, "xfrmd could not" },
};

static void trouble(size_t i)
{
	struct xfrm_sa_add add = { .encr_key = "secret" };
	static const struct xfrm_sa_add wiped;
	char failure[MAX_SENTENCE_BYTES];
	struct xfrm_event event;
	struct xfrmc *xfrmc;
	struct fake fake;
	int first, second;

	start(&fake, troubles[i].behaviour);
	xfrmc = connect_to(&fake);
	first = xfrmc_sa_add(xfrmc, &add);
	assert_memory_equal(&add, &wiped, sizeof(add));
	second = xfrmc_sa_add(xfrmc, &add);
	xfrmc_last_failure(xfrmc, failure);
	if (first != troubles[i].first || second != troubles[i].second ||
	    strncmp(failure, troubles[i].failure, strlen(troubles[i].failure)) != 0)
		fail_msg("%s: %d, %d, %s", troubles[i].name, first, second, failure);
	/* the owner is woken when there is no connection any more */
	if (second == -ENOTCONN) {
		struct pollfd pollfd = { .fd = xfrmc_event_fd(xfrmc), .events = POLLIN };

		assert_int_equal(poll(&pollfd, 1, 0), 1);
		assert_int_equal(xfrmc_event_read(xfrmc, &event), -EPIPE);
	}
	xfrmc_free(xfrmc);
	end(&fake);
}

static void trouble_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(troubles); i++)
		trouble(i);
}

static void no_connection_without_a_good_hello(void **state)
{
	static const struct {
		enum behaviour behaviour;
		int rc;
	} rows[] = { { IS_STALE, -ESTALE }, { BRINGS_LESS, -EPROTO } };

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct addr a = { 0 };
		struct xfrmc *xfrmc;
		struct fake fake;
		uint32_t spi;
		int udp[2];

		start(&fake, rows[i].behaviour);
		assert_int_equal(xfrmc_new(fake.path, digest, &xfrmc), 0);
		assert_int_equal(xfrmc_open(xfrmc, udp), rows[i].rc);
		assert_int_equal(xfrmc_spi_get(xfrmc, &a, &a, &spi), -ENOTCONN);
		assert_int_equal(xfrmc_event_fd(xfrmc), -1);
		xfrmc_free(xfrmc);
		end(&fake);
	}
}

static void an_xfrmd_that_is_not_there(void **state)
{
	struct xfrmc *xfrmc;
	int udp[2];

	(void)state;
	assert_int_equal(xfrmc_new("/tmp/no-such-socket", digest, &xfrmc), 0);
	assert_int_equal(xfrmc_open(xfrmc, udp), -ENOENT);
	xfrmc_free(xfrmc);
}

static void a_new_connection_takes_the_place_of_the_old(void **state)
{
	struct addr a = { 0 };
	struct xfrmc *xfrmc;
	struct fake fake;
	uint32_t spi;
	int udp[2];

	(void)state;
	start(&fake, HANGS_UP);
	xfrmc = connect_to(&fake);
	assert_int_equal(xfrmc_spi_get(xfrmc, &a, &a, &spi), -EPIPE);
	end(&fake);
	start(&fake, ANSWERS);
	assert_int_equal(xfrmc_open(xfrmc, udp), 0);
	close(udp[0]);
	close(udp[1]);
	assert_int_equal(xfrmc_spi_get(xfrmc, &a, &a, &spi), 0);
	xfrmc_free(xfrmc);
	end(&fake);
}

static void events_arrive(void **state)
{
	struct xfrm_event sent = { .version = XFRM_PROTO_VERSION,
				   .type = XFRM_EVENT_EXPIRE,
				   .is_hard = 1,
				   .spi_be = 9 },
			  event;
	struct xfrmc *xfrmc;
	struct fake fake;

	(void)state;
	start(&fake, ANSWERS);
	xfrmc = connect_to(&fake);
	assert_int_equal(xfrmc_event_read(xfrmc, &event), -EAGAIN);
	assert_int_equal(send(fake.event_fd, &sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(xfrmc_event_read(xfrmc, &event), 0);
	assert_memory_equal(&event, &sent, sizeof(sent));
	sent.version++;
	assert_int_equal(send(fake.event_fd, &sent, sizeof(sent), 0), sizeof(sent));
	assert_int_equal(xfrmc_event_read(xfrmc, &event), -EPROTO);
	assert_int_equal(send(fake.event_fd, &sent, 5, 0), 5);
	assert_int_equal(xfrmc_event_read(xfrmc, &event), -EPROTO);
	xfrmc_free(xfrmc);
	end(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered),
		cmocka_unit_test(trouble_is_told),
		cmocka_unit_test(no_connection_without_a_good_hello),
		cmocka_unit_test(an_xfrmd_that_is_not_there),
		cmocka_unit_test(a_new_connection_takes_the_place_of_the_old),
		cmocka_unit_test(events_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
