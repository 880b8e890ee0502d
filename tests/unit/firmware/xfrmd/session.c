/* A session of iked for xfrmd's tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "xfrmd/xfrmd.h"

struct envelope envelope;
struct xfrmd xfrmd;
const struct server_config session_config = {
	.name = "xfrm.sock",
	.n_sessions = 1,
	.version = XFRM_PROTO_VERSION,
	.rows = answer_rows,
	.owner = &xfrmd,
};
static struct server server = { .config = &session_config };
struct server_session session;
time_t seconds;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	(void)clock;
	*ret_time = (struct timespec){ .tv_sec = seconds };
	return 0;
}

const struct xfrm_reply *ask(const void *request, size_t size)
{
	static struct server_reply reply;

	if (server_dispatch(&session, request, size, &reply) < 0)
		return NULL;
	assert_int_equal(reply.len, sizeof(struct xfrm_reply));
	if (reply.fd_to_close >= 0)
		close(reply.fd_to_close);
	return (const struct xfrm_reply *)reply.bytes;
}

struct xfrm_header header(uint16_t type)
{
	return (struct xfrm_header){ .version = XFRM_PROTO_VERSION, .type = type, .sequence = 77 };
}

void begin_session(void)
{
	static uint64_t age;

	session = (struct server_session){
		.source.fd = 1, .server = &server, .state = 1, .age = ++age
	};
}

void say_hello(void)
{
	struct xfrm_hello hello = { .header = header(XFRM_REQUEST_HELLO) };

	begin_session();
	memcpy(hello.config_sha256, envelope.head.config_sha256, sizeof(hello.config_sha256));
	assert_int_equal(ask(&hello, sizeof(hello))->error, 0);
}

uint32_t get_spi(void)
{
	struct xfrm_spi_get request = { header(XFRM_REQUEST_SPI_GET), sample_addr(SAMPLE_GATEWAY),
					sample_addr(SAMPLE_BOX) };
	const struct xfrm_reply *reply = ask(&request, sizeof(request));

	assert_int_equal(reply->error, 0);
	assert_int_equal(reply->header.sequence, 77);
	return reply->spi_be;
}

int add_sa(enum sample sample, uint32_t spi_be)
{
	struct xfrm_sa_add request = sample_request(sample);

	request.spi_be = spi_be;
	return ask(&request, sizeof(request))->error;
}

const struct xfrm_reply *refer(uint16_t type, enum sample sample, uint32_t spi_be)
{
	struct xfrm_sa_add sa = sample_request(sample);
	struct xfrm_sa_ref ref = { header(type), sa.src, sa.dst, spi_be, sa.if_id };

	return ask(&ref, sizeof(ref));
}

uint32_t add_pair(uint32_t out_spi)
{
	uint32_t spi_be = get_spi();

	assert_int_equal(add_sa(SAMPLE_ROUTE_IN, spi_be), 0);
	assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, htonl(out_spi)), 0);
	return spi_be;
}

unsigned int count_sas(enum sa_state state)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < xfrmd.sas.n_used; i++)
		n += xfrmd.sas.rows[i].state == state;
	return n;
}

int session_set_up(void **state)
{
	(void)state;
	memset(&xfrmd.sas, 0, sizeof(xfrmd.sas));
	memset(&xfrmd.steer, 0, sizeof(xfrmd.steer));
	sample_envelope(&envelope);
	xfrmd.envelope = &envelope;
	for (uint32_t i = 0; i < envelope.head.n_tunnels; i++)
		xfrmd.install.if_indexes[i] = 11 + i;
	xfrmd.event_fd = -1;
	xfrmd.session = xfrmd.n_requests = xfrmd.n_refusals = 0;
	xfrmd.is_orphan_timer_set = false;
	xfrmd.last_refusal[0] = '\0';
	fake_kernel = (struct fake_kernel){ 0 };
	seconds = 1000;
	assert_int_equal(loop_init(&xfrmd.loop), 0);
	xfrmd.orphan_timer.on_time = sa_orphans_due;
	assert_int_equal(loop_timer_open(&xfrmd.loop, &xfrmd.orphan_timer), 0);
	xfrmd.steer_timer.on_time = steer_settled;
	assert_int_equal(loop_timer_open(&xfrmd.loop, &xfrmd.steer_timer), 0);
	return steer_all(&xfrmd);
}

int session_tear_down(void **state)
{
	(void)state;
	answer_end(&session);
	loop_timer_close(&xfrmd.loop, &xfrmd.orphan_timer);
	loop_timer_close(&xfrmd.loop, &xfrmd.steer_timer);
	loop_deinit(&xfrmd.loop);
	return 0;
}
