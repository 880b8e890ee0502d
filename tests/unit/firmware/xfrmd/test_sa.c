/* What becomes of SAs: those of older sessions, those that expire, and those found in the kernel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/sa.h"

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

#include "session.h"

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

static void a_dump_that_fails_forgets_nothing(void **state)
{
	(void)state;
	say_hello();
	add_pair(0x1001);
	fake_kernel.next_error = -ENOMEM;
	assert_int_equal(sa_sync(&xfrmd), -ENOMEM);
	assert_int_equal(count_sas(SA_STATE_INSTALLED), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, session_set_up, session_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_end_of_a_session_takes_reservations_and_leaves_sas),
		TEST(a_child_has_room_for_so_many_sas),
		TEST(a_tunnel_has_room_for_so_many_reservations),
		TEST(orphans_go_a_minute_after_their_successors_came),
		TEST(rekeying_within_a_session_makes_no_orphans),
		TEST(sas_that_fit_are_taken_up_and_others_deleted),
		TEST(wrong_tunnel_reqid_or_interface_does_not_fit),
		TEST(lost_events_are_made_good),
		TEST(an_expired_sa_is_gone_and_no_refusal),
		TEST(routes_follow_the_sas),
		TEST(a_dump_that_fails_forgets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
