/* ICMP errors off a socket's queue, the kernel's own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "iked/icmp_error.h"

static void codes_are_reasons(void **state)
{
	static const struct {
		uint8_t code;
		enum reason reason;
	} rows[] = {
		{ 0, REASON_ICMP_NET },	   { 1, REASON_ICMP_HOST },   { 2, REASON_NONE },
		{ 3, REASON_ICMP_PORT },   { 4, REASON_NONE },	      { 5, REASON_NONE },
		{ 6, REASON_ICMP_NET },	   { 7, REASON_ICMP_HOST },   { 9, REASON_ICMP_ADMIN },
		{ 10, REASON_ICMP_ADMIN }, { 13, REASON_ICMP_ADMIN }, { 255, REASON_NONE },
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		assert_int_equal(icmp_error_reason(rows[i].code), rows[i].reason);
}

/* A port of this host that nobody listens on. */
static struct sockaddr_in closed_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	close(fd);
	return addr;
}

static void a_closed_port_is_told(void **state)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in to = closed_port();
	struct pollfd waiting = { .fd = fd };
	struct icmp_error error;
	const int on = 1;
	char text[ADDR_TEXT_BYTES];

	(void)state;
	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), 0);
	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)), 0);
	assert_int_equal(icmp_error_take(fd, &error), -EAGAIN);
	assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), 1);
	assert_int_equal(poll(&waiting, 1, 5000), 1);
	assert_int_equal(icmp_error_take(fd, &error), 1);
	assert_int_equal(error.reason, REASON_ICMP_PORT);
	assert_string_equal(addr_print(&error.destination, text), "127.0.0.1");
	assert_string_equal(addr_print(&error.reporter, text), "127.0.0.1");
	assert_int_equal(icmp_error_take(fd, &error), -EAGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_reasons),
		cmocka_unit_test(a_closed_port_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
