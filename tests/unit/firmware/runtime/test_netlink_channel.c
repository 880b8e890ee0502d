/* Netlink channel, against the rtnetlink of the kernel that the test runs on; it changes nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime/netlink_channel.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#define LOOPBACK_INDEX 1
#define NO_INDEX 0x7fffff

/* Writes a request about one interface; returns it. */
static struct nlmsghdr *link_request(void *buf, uint16_t type, int if_index)
{
	struct nlmsghdr *message = memset(buf, 0, NLMSG_SPACE(sizeof(struct ifinfomsg)));
	struct ifinfomsg *link = NLMSG_DATA(message);

	message->nlmsg_len = NLMSG_LENGTH(sizeof(*link));
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST;
	link->ifi_index = if_index;
	return message;
}

static int count_links(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);

	assert_int_equal(message->nlmsg_type, RTM_NEWLINK);
	*(int *)context += link->ifi_index == LOOPBACK_INDEX;
	return 0;
}

static int refuse_all(const struct nlmsghdr *message, void *context)
{
	(void)message;
	++*(int *)context;
	return -EDOM;
}

static int open_channel(void **state)
{
	static struct netlink_channel channel;

	*state = &channel;
	return netlink_channel_open(&channel, NETLINK_ROUTE);
}

static int close_channel(void **state)
{
	netlink_channel_close(*state);
	return 0;
}

static void a_dump_reads_every_entry(void **state)
{
	uint8_t request[64] __attribute__((aligned(8)));
	int n_loopbacks = 0;

	assert_int_equal(netlink_channel_dump(*state, link_request(request, RTM_GETLINK, 0),
					      count_links, &n_loopbacks),
			 0);
	assert_int_equal(n_loopbacks, 1);
}

static void a_reader_that_refuses_ends_the_dump_and_the_next_one_works(void **state)
{
	uint8_t request[64] __attribute__((aligned(8)));
	int n_calls = 0, n_loopbacks = 0;

	assert_int_equal(netlink_channel_dump(*state, link_request(request, RTM_GETLINK, 0),
					      refuse_all, &n_calls),
			 -EDOM);
	assert_int_equal(n_calls, 1);
	assert_int_equal(netlink_channel_dump(*state, link_request(request, RTM_GETLINK, 0),
					      count_links, &n_loopbacks),
			 0);
	assert_int_equal(n_loopbacks, 1);
}

static void one_question_has_one_answer(void **state)
{
	int n_loopbacks = 0;

	link_request(netlink_channel_space(*state), RTM_GETLINK, LOOPBACK_INDEX);
	assert_int_equal(netlink_channel_ask(*state, RTM_NEWLINK, count_links, &n_loopbacks), 0);
	assert_int_equal(n_loopbacks, 1);
	link_request(netlink_channel_space(*state), RTM_GETLINK, NO_INDEX);
	assert_int_equal(netlink_channel_ask(*state, RTM_NEWLINK, count_links, &n_loopbacks),
			 -ENODEV);
	link_request(netlink_channel_space(*state), RTM_GETLINK, LOOPBACK_INDEX);
	assert_int_equal(netlink_channel_ask(*state, RTM_NEWADDR, count_links, &n_loopbacks),
			 -EPROTO);
	assert_int_equal(n_loopbacks, 1);
}

/* More than one batch, all acknowledged: queries that change nothing. */
static void a_full_batch_is_sent_by_itself(void **state)
{
	struct netlink_channel *channel = *state;

	for (int i = 0; i < 3 * NETLINK_CHANNEL_BATCH_MESSAGES + 1; i++) {
		struct nlmsghdr *message =
			link_request(netlink_channel_space(channel), NLMSG_NOOP, 0);

		message->nlmsg_flags = NLM_F_REQUEST;
		netlink_channel_queue(channel);
	}
	assert_int_equal(channel->n_queued, 1);
	assert_int_equal(netlink_channel_flush(channel), 0);
	assert_int_equal(channel->n_queued, 0);
}

static void the_first_error_is_carried_back_once(void **state)
{
	link_request(netlink_channel_space(*state), NLMSG_NOOP, 0);
	netlink_channel_queue(*state);
	link_request(netlink_channel_space(*state), RTM_DELLINK, NO_INDEX);
	netlink_channel_queue(*state);
	link_request(netlink_channel_space(*state), RTM_BASE + 1000, 0);
	netlink_channel_queue(*state);
	/* without CAP_NET_ADMIN the kernel does not even look for the interface */
	int rc = netlink_channel_flush(*state);

	assert_true(rc == -ENODEV || rc == -EPERM);
	assert_int_equal(netlink_channel_flush(*state), 0);
}

static void a_quiet_subscription_has_nothing_to_read(void **state)
{
	int fd = -1, n = 0;

	(void)state;
	assert_int_equal(
		netlink_channel_subscribe(NETLINK_ROUTE, 1u << (RTNLGRP_MPLS_ROUTE - 1), &fd), 0);
	assert_int_equal(netlink_channel_read(fd, refuse_all, &n), 0);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_reads_every_entry),
		cmocka_unit_test(a_reader_that_refuses_ends_the_dump_and_the_next_one_works),
		cmocka_unit_test(one_question_has_one_answer),
		cmocka_unit_test(a_full_batch_is_sent_by_itself),
		cmocka_unit_test(the_first_error_is_carried_back_once),
		cmocka_unit_test(a_quiet_subscription_has_nothing_to_read),
	};

	return cmocka_run_group_tests(tests, open_channel, close_channel);
}
