/* What iked and `fairlead` may ask, and in which order; the kernel is a fake.
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
#include "proto/status_proto.h"
#include "session.h"

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

static void status_is_one_row(void **state)
{
	struct server_config status_config = session_config;
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, session_set_up, session_tear_down)

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
		TEST(kernel_errors_are_carried_back),
		TEST(an_sa_is_queried_and_deleted_by_its_name),
		TEST(what_is_not_ours_is_neither_queried_nor_deleted),
		TEST(a_tunnel_is_doubted_by_its_number),
		TEST(status_is_one_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
