/* What iked and `fairlead` may ask, in which order, and what becomes of the SAs; the kernel is a
 * fake.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
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

#include "base/cleanup.h"
#include "fake_kernel.h"
#include "proto/status_proto.h"
#include "sample.h"
#include "xfrmd/xfrmd.h"

static struct envelope envelope;
static struct xfrmd xfrmd;
static const struct server_config config = {
	.name = "xfrm.sock",
	.n_sessions = 1,
	.version = XFRM_PROTO_VERSION,
	.rows = answer_rows,
	.owner = &xfrmd,
};
static struct server server = { .config = &config };
static struct server_session session;
static time_t seconds; /* what the wrapped clock says */

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	(void)clock;
	*ret_time = (struct timespec){ .tv_sec = seconds };
	return 0;
}

/* Dispatches one request; returns the reply, or NULL for a violation. */
static const struct xfrm_reply *ask(const void *request, size_t size)
{
	static struct server_reply reply;

	if (server_dispatch(&session, request, size, &reply) < 0)
		return NULL;
	assert_int_equal(reply.len, sizeof(struct xfrm_reply));
	if (reply.fd_to_close >= 0)
		close(reply.fd_to_close);
	return (const struct xfrm_reply *)reply.bytes;
}

static struct xfrm_header header(uint16_t type)
{
	return (struct xfrm_header){ .version = XFRM_PROTO_VERSION, .type = type, .sequence = 77 };
}

static void begin_session(void)
{
	static uint64_t age;

	session = (struct server_session){
		.source.fd = 1, .server = &server, .state = 1, .age = ++age
	};
}

static void say_hello(void)
{
	struct xfrm_hello hello = { .header = header(XFRM_REQUEST_HELLO) };

	begin_session();
	memcpy(hello.config_sha256, envelope.head.config_sha256, sizeof(hello.config_sha256));
	assert_int_equal(ask(&hello, sizeof(hello))->error, 0);
}

static uint32_t get_spi(void)
{
	struct xfrm_spi_get request = { header(XFRM_REQUEST_SPI_GET), sample_addr(SAMPLE_GATEWAY),
					sample_addr(SAMPLE_BOX) };
	const struct xfrm_reply *reply = ask(&request, sizeof(request));

	assert_int_equal(reply->error, 0);
	assert_int_equal(reply->header.sequence, 77);
	return reply->spi_be;
}

static int add_sa(enum sample sample, uint32_t spi_be)
{
	struct xfrm_sa_add request = sample_request(sample);

	request.spi_be = spi_be;
	return ask(&request, sizeof(request))->error;
}

static const struct xfrm_reply *refer(uint16_t type, enum sample sample, uint32_t spi_be)
{
	struct xfrm_sa_add sa = sample_request(sample);
	struct xfrm_sa_ref ref = { header(type), sa.src, sa.dst, spi_be, sa.if_id };

	return ask(&ref, sizeof(ref));
}

/* Both directions of the route-based child; returns the inbound SPI. */
static uint32_t add_pair(uint32_t out_spi)
{
	uint32_t spi_be = get_spi();

	assert_int_equal(add_sa(SAMPLE_ROUTE_IN, spi_be), 0);
	assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, htonl(out_spi)), 0);
	return spi_be;
}

static unsigned int count_sas(enum sa_state state)
{
	unsigned int n = 0;

	for (uint32_t i = 0; i < xfrmd.sas.n_used; i++)
		n += xfrmd.sas.rows[i].state == state;
	return n;
}

static int set_up(void **state)
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

static int tear_down(void **state)
{
	(void)state;
	answer_end(&session);
	loop_timer_close(&xfrmd.loop, &xfrmd.orphan_timer);
	loop_timer_close(&xfrmd.loop, &xfrmd.steer_timer);
	loop_deinit(&xfrmd.loop);
	return 0;
}

static void nothing_is_answered_before_hello(void **state)
{
	struct xfrm_sa_add add = sample_request(SAMPLE_ROUTE_OUT);
	struct xfrm_spi_get get = { header(XFRM_REQUEST_SPI_GET), add.dst, add.src };
	struct xfrm_sa_ref ref = { header(XFRM_REQUEST_SA_DEL), add.src, add.dst, add.spi_be, 1 };

	(void)state;
	begin_session();
	assert_null(ask(&add, sizeof(add)));
	assert_null(ask(&get, sizeof(get)));
	assert_null(ask(&ref, sizeof(ref)));
	assert_int_equal(fake_kernel.n_adds + fake_kernel.n_spi_gets + fake_kernel.n_dels, 0);
}

static void violations_are_told_from_requests(void **state)
{
	struct xfrm_sa_add add = sample_request(SAMPLE_ROUTE_OUT);

	(void)state;
	say_hello();
	assert_null(ask(&add, sizeof(add) - 1));
	assert_null(ask(&add, 0));
	add.header.version++;
	assert_null(ask(&add, sizeof(add)));
	add.header = header(7);
	assert_null(ask(&add, sizeof(add)));
	add.header = header(XFRM_REQUEST_SA_DEL); /* the size of another request */
	assert_null(ask(&add, sizeof(add)));
	assert_int_equal(fake_kernel.n_adds + fake_kernel.n_dels, 0);
}

static void another_configuration_is_stale(void **state)
{
	struct xfrm_hello hello = { .header = header(XFRM_REQUEST_HELLO) };
	const struct xfrm_reply *reply;

	(void)state;
	begin_session();
	reply = ask(&hello, sizeof(hello));
	assert_int_equal(reply->error, -ESTALE);
	assert_memory_equal(reply->config_sha256, envelope.head.config_sha256, 32);
	assert_int_equal(session.state, 1);
	assert_int_equal(xfrmd.session, 0);
	/* it may try again */
	memcpy(hello.config_sha256, envelope.head.config_sha256, 32);
	assert_int_equal(ask(&hello, sizeof(hello))->error, 0);
	assert_int_equal(xfrmd.session, session.age);
}

static void hello_brings_three_descriptors(void **state)
{
	struct xfrm_hello hello = { .header = header(XFRM_REQUEST_HELLO) };
	struct server_reply reply;

	(void)state;
	xfrmd.udp_fds[0] = 50;
	xfrmd.udp_fds[1] = 51;
	begin_session();
	memcpy(hello.config_sha256, envelope.head.config_sha256, 32);
	assert_int_equal(server_dispatch(&session, &hello, sizeof(hello), &reply), 0);
	assert_int_equal(reply.n_fds, XFRM_HELLO_N_FDS);
	assert_int_equal(reply.fds[0], 50);
	assert_int_equal(reply.fds[1], 51);
	assert_int_equal(reply.fds[2], reply.fd_to_close);
	close(reply.fd_to_close);
}

static void a_reserved_spi_becomes_an_sa(void **state)
{
	uint32_t spi_be;

	(void)state;
	say_hello();
	spi_be = get_spi();
	assert_int_equal(count_sas(SA_STATE_RESERVED), 1);
	assert_int_equal(add_sa(SAMPLE_ROUTE_IN, spi_be), 0);
	assert_int_equal(count_sas(SA_STATE_RESERVED), 0);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 1);
	assert_int_equal(fake_kernel.last_add.spi_be, spi_be);
	/* it is used up */
	assert_int_equal(add_sa(SAMPLE_ROUTE_IN, spi_be), -EACCES);
}

static void a_refusal_is_a_sentence_and_counted(void **state)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_ROUTE_OUT);
	const struct xfrm_reply *reply;

	(void)state;
	say_hello();
	request.mode = XFRM_MODE_TRANSPORT_ASKED;
	reply = ask(&request, sizeof(request));
	assert_int_equal(reply->error, -EACCES);
	assert_string_equal(reply->refusal, "mode 0 was asked, only tunnel mode is allowed");
	assert_int_equal(xfrmd.n_refusals, 1);
	assert_string_equal(xfrmd.last_refusal, reply->refusal);
	assert_int_equal(fake_kernel.n_adds, 0);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 0);
}

static void an_spi_belongs_to_the_session_that_reserved_it(void **state)
{
	uint32_t spi_be;

	(void)state;
	say_hello();
	spi_be = get_spi();
	begin_session(); /* the same process may not have said farewell yet */
	session.state = 2;
	assert_int_equal(add_sa(SAMPLE_ROUTE_IN, spi_be), -EACCES);
	assert_int_equal(refer(XFRM_REQUEST_SA_DEL, SAMPLE_ROUTE_IN, spi_be)->error, -EACCES);
	assert_int_equal(fake_kernel.n_adds + fake_kernel.n_dels, 0);
}

static void a_reservation_is_for_its_addresses_and_tunnel(void **state)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_POLICY_IN);

	(void)state;
	say_hello();
	request.spi_be = get_spi(); /* of the other tunnel */
	assert_int_equal(ask(&request, sizeof(request))->error, -EACCES);
	request = sample_request(SAMPLE_ROUTE_IN);
	request.spi_be = get_spi();
	request.dst = sample_addr("203.0.113.8");
	assert_int_equal(ask(&request, sizeof(request))->error, -EACCES);
}

static void the_end_of_a_session_takes_reservations_and_leaves_sas(void **state)
{
	uint32_t reserved;

	(void)state;
	say_hello();
	add_pair(0x1001);
	reserved = get_spi();
	answer_end(&session);
	assert_int_equal(fake_kernel.n_dels, 1);
	assert_int_equal(fake_kernel.last_spi_be, reserved);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 2);
	assert_int_equal(count_sas(SA_STATE_RESERVED), 0);
	assert_int_equal(xfrmd.session, 0);
	assert_int_equal(xfrmd.event_fd, -1);
}

static void kernel_errors_are_carried_back(void **state)
{
	struct xfrm_spi_get get = { header(XFRM_REQUEST_SPI_GET), sample_addr(SAMPLE_GATEWAY),
				    sample_addr(SAMPLE_BOX) };
	uint32_t spi_be;

	(void)state;
	say_hello();
	fake_kernel.next_error = -ENOBUFS;
	assert_int_equal(ask(&get, sizeof(get))->error, -ENOBUFS);
	fake_kernel.next_error = -EEXIST;
	assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, htonl(0x1001)), -EEXIST);
	assert_int_equal(count_sas(SA_STATE_INSTALLED) + count_sas(SA_STATE_RESERVED), 0);
	spi_be = get_spi();
	fake_kernel.next_error = -ESRCH;
	assert_int_equal(add_sa(SAMPLE_ROUTE_IN, spi_be), -ESRCH);
	assert_int_equal(count_sas(SA_STATE_RESERVED), 1); /* the reservation stands */
}

static void an_sa_is_queried_and_deleted_by_its_name(void **state)
{
	const struct xfrm_reply *reply;
	uint32_t in, out = htonl(0x1001);

	(void)state;
	say_hello();
	in = add_pair(0x1001);
	fake_kernel.query = (struct netlink_sa){ .bytes = 840,
						 .packets = 10,
						 .used_at_s = (uint64_t)time(NULL) - 5 };
	reply = refer(XFRM_REQUEST_SA_QUERY, SAMPLE_ROUTE_IN, in);
	assert_int_equal(reply->error, 0);
	assert_int_equal(reply->bytes, 840);
	assert_int_equal(reply->packets, 10);
	assert_in_range(reply->used_ago_s, 5, 6);
	fake_kernel.query.used_at_s = 0;
	assert_true(refer(XFRM_REQUEST_SA_QUERY, SAMPLE_ROUTE_OUT, out)->used_ago_s == UINT64_MAX);
	assert_int_equal(refer(XFRM_REQUEST_SA_DEL, SAMPLE_ROUTE_OUT, out)->error, 0);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 1);
	fake_kernel.next_error = -ESRCH; /* it expired a moment ago */
	assert_int_equal(refer(XFRM_REQUEST_SA_DEL, SAMPLE_ROUTE_IN, in)->error, -ESRCH);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 0);
}

static void what_is_not_ours_is_neither_queried_nor_deleted(void **state)
{
	struct xfrm_sa_ref ref;

	(void)state;
	say_hello();
	add_pair(0x1001);
	assert_int_equal(refer(XFRM_REQUEST_SA_DEL, SAMPLE_ROUTE_OUT, htonl(0x1002))->error,
			 -EACCES);
	assert_int_equal(refer(XFRM_REQUEST_SA_QUERY, SAMPLE_POLICY_OUT, htonl(0x1001))->error,
			 -EACCES);
	ref = (struct xfrm_sa_ref){ header(XFRM_REQUEST_SA_DEL), sample_addr(SAMPLE_BOX),
				    sample_addr(SAMPLE_GATEWAY), htonl(0x1001), 2 };
	assert_int_equal(ask(&ref, sizeof(ref))->error, -EACCES); /* another if_id */
	ref.if_id = 1;
	ref.src = sample_addr("203.0.113.9");
	assert_int_equal(ask(&ref, sizeof(ref))->error, -EACCES); /* another source */
	assert_int_equal(fake_kernel.n_dels + fake_kernel.n_queries, 0);
	assert_int_equal(xfrmd.n_refusals, 4);
}

static void a_child_has_room_for_so_many_sas(void **state)
{
	(void)state;
	say_hello();
	for (uint32_t i = 0; i < SA_MAX_OF_CHILD; i++)
		assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, htonl(0x3001 + i)), 0);
	assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, htonl(0x3101)), -EACCES);
	/* a newer session displaces the oldest of the older one's */
	answer_end(&session);
	say_hello();
	assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, htonl(0x3101)), 0);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), SA_MAX_OF_CHILD);
}

static void a_tunnel_has_room_for_so_many_reservations(void **state)
{
	struct xfrm_spi_get request = { header(XFRM_REQUEST_SPI_GET), sample_addr(SAMPLE_GATEWAY),
					sample_addr(SAMPLE_BOX) };

	(void)state;
	say_hello();
	for (uint32_t i = 0; i < SA_MAX_RESERVED(1); i++)
		get_spi();
	assert_int_equal(ask(&request, sizeof(request))->error, -EACCES);
}

static void orphans_go_a_minute_after_their_successors_came(void **state)
{
	(void)state;
	say_hello();
	add_pair(0x1001);
	answer_end(&session);
	say_hello();
	seconds += 10;
	assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, htonl(0x2001)), 0);
	seconds += 500;
	sa_orphans_due(&xfrmd.orphan_timer);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 3); /* one direction is not enough */
	assert_int_equal(add_sa(SAMPLE_ROUTE_IN, get_spi()), 0);
	seconds += 4;
	sa_orphans_due(&xfrmd.orphan_timer);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 4);
	seconds += 1;
	sa_orphans_due(&xfrmd.orphan_timer); /* the outbound one, which could still be used */
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 3);
	seconds += 54;
	sa_orphans_due(&xfrmd.orphan_timer);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 3);
	assert_true(xfrmd.is_orphan_timer_set);
	seconds += 1;
	sa_orphans_due(&xfrmd.orphan_timer);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 2);
	assert_int_equal(fake_kernel.n_dels, 2);
	assert_false(xfrmd.is_orphan_timer_set);
}

static void rekeying_within_a_session_makes_no_orphans(void **state)
{
	(void)state;
	say_hello();
	add_pair(0x1001);
	add_pair(0x1002);
	assert_false(xfrmd.is_orphan_timer_set);
	seconds += 500;
	sa_orphans_due(&xfrmd.orphan_timer);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 4);
}

static void sas_that_fit_are_taken_up_and_others_deleted(void **state)
{
	struct xfrm_sa_add in = sample_request(SAMPLE_ROUTE_IN),
			   out = sample_request(SAMPLE_POLICY_OUT);
	struct xfrm_sa_add of_old_gateway = sample_request(SAMPLE_ROUTE_OUT);

	(void)state;
	of_old_gateway.dst = sample_addr("192.0.2.66");
	fake_kernel.dump[0] = &in;
	fake_kernel.dump[1] = &of_old_gateway;
	fake_kernel.dump[2] = &out;
	assert_int_equal(sa_sync(&xfrmd), 0);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 2);
	assert_int_equal(fake_kernel.n_dels, 1);
	assert_memory_equal(&fake_kernel.last_dst, &of_old_gateway.dst, sizeof(struct addr));
	assert_true(sa_find(&xfrmd.sas, &in.dst, in.spi_be)->is_in);
	assert_false(sa_find(&xfrmd.sas, &out.dst, out.spi_be)->is_in);
	/* whoever asks next may query and delete them */
	say_hello();
	assert_int_equal(refer(XFRM_REQUEST_SA_QUERY, SAMPLE_POLICY_OUT, out.spi_be)->error, 0);
}

static void wrong_tunnel_reqid_or_interface_does_not_fit(void **state)
{
	struct xfrm_sa_add other_reqid = sample_request(SAMPLE_ROUTE_IN);
	struct xfrm_sa_add other_if_id = sample_request(SAMPLE_POLICY_IN);

	(void)state;
	other_reqid.reqid = 71;
	other_if_id.if_id = 9;
	fake_kernel.dump[0] = &other_reqid;
	fake_kernel.dump[1] = &other_if_id;
	assert_int_equal(sa_sync(&xfrmd), 0);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 0);
	assert_int_equal(fake_kernel.n_dels, 2);
}

static void lost_events_are_made_good(void **state)
{
	struct xfrm_sa_add kept = sample_request(SAMPLE_ROUTE_OUT);
	struct xfrm_event event;
	uint32_t lost;
	int fds[2];

	(void)state;
	say_hello();
	lost = add_pair(0x1001);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	close(xfrmd.event_fd);
	xfrmd.event_fd = fds[0];
	fake_kernel.dump[0] = &kept;
	assert_int_equal(sa_sync(&xfrmd), 0);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 1);
	assert_int_equal(recv(fds[1], &event, sizeof(event), 0), sizeof(event));
	assert_int_equal(event.type, XFRM_EVENT_EXPIRE);
	assert_int_equal(event.is_hard, 1);
	assert_int_equal(event.spi_be, lost);
	assert_int_equal(recv(fds[1], &event, sizeof(event), 0), -1);
	close(fds[1]);
}

static void an_expired_sa_is_gone_and_no_refusal(void **state)
{
	struct xfrm_sa_add kept = sample_request(SAMPLE_ROUTE_OUT);
	uint32_t in;

	(void)state;
	say_hello();
	in = add_pair(0x1001);
	fake_kernel.dump[0] = &kept; /* the other one is not there any more */
	assert_int_equal(sa_sync(&xfrmd), 0);
	assert_int_equal(count_sas(SA_STATE_EXPIRED), 1);
	fake_kernel.next_error = -ESRCH;
	assert_int_equal(refer(XFRM_REQUEST_SA_DEL, SAMPLE_ROUTE_IN, in)->error, -ESRCH);
	assert_int_equal(count_sas(SA_STATE_EXPIRED), 0);
	assert_int_equal(xfrmd.n_refusals, 0);
	/* and then it is nobody's */
	assert_int_equal(refer(XFRM_REQUEST_SA_DEL, SAMPLE_ROUTE_IN, in)->error, -EACCES);
}

static void routes_follow_the_sas(void **state)
{
	uint32_t out = htonl(0x1001);
	int n_routes = fake_kernel.n_routes;

	(void)state;
	/* both tunnels reach 10.50.0.0/16; while none is up, the route is there for what waits */
	assert_true(n_routes > 0);
	say_hello();
	add_pair(0x1001);
	assert_true(fake_kernel.n_routes > n_routes);
	assert_int_equal(fake_kernel.last_route.n_paths, 1);
	assert_int_equal(fake_kernel.last_route.if_indexes[0], 11);
	n_routes = fake_kernel.n_routes;
	add_pair(0x1002); /* rekeyed */
	assert_int_equal(refer(XFRM_REQUEST_SA_DEL, SAMPLE_ROUTE_OUT, out)->error, 0);
	assert_int_equal(fake_kernel.n_routes, n_routes);
}

static int doubt(uint32_t if_id, uint32_t is_doubted)
{
	struct xfrm_tunnel_doubt request = { header(XFRM_REQUEST_TUNNEL_DOUBT), if_id, is_doubted };

	return ask(&request, sizeof(request))->error;
}

static void a_tunnel_is_doubted_by_its_number(void **state)
{
	(void)state;
	say_hello();
	assert_int_equal(doubt(7, 1), 0);
	assert_true(xfrmd.steer.is_doubted[1]);
	assert_int_equal(doubt(7, 0), 0);
	assert_false(xfrmd.steer.is_doubted[1]);
	assert_int_equal(doubt(8, 1), -EACCES);
	assert_int_equal(doubt(7, 2), -EACCES);
	assert_int_equal(xfrmd.n_refusals, 2);
}

static void a_dump_that_fails_forgets_nothing(void **state)
{
	(void)state;
	say_hello();
	add_pair(0x1001);
	fake_kernel.next_error = -ENOMEM;
	assert_int_equal(sa_sync(&xfrmd), -ENOMEM);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 2);
}

static void status_is_one_row(void **state)
{
	struct server_config status_config = config;
	struct server status_server = { .config = &status_config };
	struct server_session asking = { .source.fd = 1, .server = &status_server, .state = 1 };
	struct status_request request = { STATUS_PROTO_VERSION, STATUS_REQUEST_KERNEL, 0 };
	struct server_reply reply;
	const struct status_kernel *row = (const struct status_kernel *)reply.bytes;

	(void)state;
	status_config.rows = answer_status_rows;
	status_config.version = STATUS_PROTO_VERSION;
	say_hello();
	add_pair(0x1001);
	assert_int_equal(add_sa(SAMPLE_ROUTE_OUT, 0), -EACCES);
	assert_int_equal(server_dispatch(&asking, &request, sizeof(request), &reply), 0);
	assert_int_equal(reply.len, sizeof(*row));
	assert_int_equal(row->error, 0);
	assert_int_equal(row->n_tunnels, 2);
	assert_int_equal(row->n_sas, 2);
	assert_int_equal(row->n_requests, 5);
	assert_int_equal(row->n_refusals, 1);
	assert_int_equal(row->is_iked_connected, 1);
	assert_string_equal(row->last_refusal, "SPI 0x0 is reserved (RFC 4303)");
	request.row = 1;
	assert_int_equal(server_dispatch(&asking, &request, sizeof(request), &reply), 0);
	assert_int_equal(row->error, -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_answered_before_hello),
		TEST(violations_are_told_from_requests),
		TEST(another_configuration_is_stale),
		TEST(hello_brings_three_descriptors),
		TEST(a_reserved_spi_becomes_an_sa),
		TEST(a_refusal_is_a_sentence_and_counted),
		TEST(an_spi_belongs_to_the_session_that_reserved_it),
		TEST(a_reservation_is_for_its_addresses_and_tunnel),
		TEST(the_end_of_a_session_takes_reservations_and_leaves_sas),
		TEST(kernel_errors_are_carried_back),
		TEST(an_sa_is_queried_and_deleted_by_its_name),
		TEST(what_is_not_ours_is_neither_queried_nor_deleted),
		TEST(a_child_has_room_for_so_many_sas),
		TEST(a_tunnel_has_room_for_so_many_reservations),
		TEST(orphans_go_a_minute_after_their_successors_came),
		TEST(rekeying_within_a_session_makes_no_orphans),
		TEST(sas_that_fit_are_taken_up_and_others_deleted),
		TEST(wrong_tunnel_reqid_or_interface_does_not_fit),
		TEST(lost_events_are_made_good),
		TEST(an_expired_sa_is_gone_and_no_refusal),
		TEST(routes_follow_the_sas),
		TEST(a_tunnel_is_doubted_by_its_number),
		TEST(a_dump_that_fails_forgets_nothing),
		TEST(status_is_one_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
