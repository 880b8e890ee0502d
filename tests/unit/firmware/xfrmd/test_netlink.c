/* Netlink codecs: what they read. What they write is compared byte by byte in tests/golden.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/netlink_channel.h"
#include "sample.h"
#include "xfrmd/netlink_policy.h"
#include "xfrmd/netlink_route.h"
#include "xfrmd/netlink_sa.h"

static uint8_t buf[NETLINK_CHANNEL_MESSAGE_BYTES] __attribute__((aligned(8)));
static struct nlmsghdr *const message = (struct nlmsghdr *)buf;

static void an_sa_is_read_as_it_was_written(void **state)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_ROUTE_IN);
	uint64_t used_at_s = 1234567890;
	struct netlink_sa sa;

	(void)state;
	netlink_sa_add(buf, &request, true);
	mnl_attr_put(message, XFRMA_LASTUSED, sizeof(used_at_s), &used_at_s);
	assert_int_equal(netlink_sa_parse(message, &sa), 0);
	assert_true(addr_equal(&sa.src, &request.src));
	assert_true(addr_equal(&sa.dst, &request.dst));
	assert_int_equal(sa.spi_be, request.spi_be);
	assert_int_equal(sa.if_id, 1);
	assert_int_equal(sa.reqid, 1);
	assert_true(sa.is_esp_tunnel && sa.has_keys);
	assert_int_equal(sa.used_at_s, used_at_s);
}

static void a_larval_sa_has_no_keys(void **state)
{
	struct xfrm_usersa_info *info = netlink_header(buf, XFRM_MSG_NEWSA, 0, sizeof(*info));
	struct netlink_sa sa;

	(void)state;
	info->family = AF_INET;
	info->mode = XFRM_MODE_TRANSPORT;
	assert_int_equal(netlink_sa_parse(message, &sa), 0);
	assert_false(sa.has_keys || sa.is_esp_tunnel);
	assert_int_equal(sa.used_at_s, 0);
}

static void a_policy_is_read_as_it_was_written(void **state)
{
	struct netlink_policy policy = { .if_id = 7,
					 .reqid = 71,
					 .gateway = sample_addr(SAMPLE_GATEWAY_2),
					 .local = sample_prefix("fd00:12::/64"),
					 .remote = sample_prefix("fd00:50::/32") };

	(void)state;
	for (uint8_t direction = XFRM_POLICY_IN; direction <= XFRM_POLICY_FWD; direction++) {
		struct netlink_policy read;

		policy.direction = direction;
		netlink_policy_put(buf, &policy);
		assert_int_equal(netlink_policy_parse(message, &read), 0);
		assert_int_equal(read.direction, direction);
		assert_int_equal(read.if_id, 7);
		assert_true(prefix_equal(&read.local, &policy.local));
		assert_true(prefix_equal(&read.remote, &policy.remote));
	}
}

static void a_route_is_read_as_it_was_written(void **state)
{
	static const struct {
		const char *dst;
		uint32_t metric, n_paths;
	} cases[] = {
		{ "10.50.0.0/16", NETLINK_ROUTE_METRIC_UNREACHABLE, 0 },
		{ "10.50.4.1/32", 1007, 1 },
		{ "fd00:50::/32", 1000, 1 },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct netlink_route route = {
			sample_prefix(cases[i].dst), cases[i].metric, cases[i].n_paths, { 0 }
		};
		struct netlink_route read;

		netlink_route_put(buf, &route);
		assert_int_equal(netlink_route_parse(message, &read), 0);
		assert_memory_equal(&read, &route, sizeof(route));
	}
}

static void others_routes_are_not_ours(void **state)
{
	struct netlink_route route = { sample_prefix("10.50.0.0/16"), 1, 1, { 2 } };
	struct rtmsg *head = NLMSG_DATA(buf);

	(void)state;
	netlink_route_put(buf, &route);
	head->rtm_protocol = RTPROT_KERNEL;
	assert_int_equal(netlink_route_parse(message, &route), -ENOMSG);
}

static void shared_paths_follow_each_other(void **state)
{
	struct netlink_route route = { sample_prefix("10.50.0.0/16"), 1000, 3, { 5, 7, 9 } }, read;
	const struct nlattr *paths;
	const struct rtnexthop *path;

	(void)state;
	netlink_route_put(buf, &route);
	assert_int_equal(netlink_route_parse(message, &read), 0);
	assert_int_equal(read.n_paths, 1); /* that there is one */
	paths = netlink_attr(message, sizeof(struct rtmsg), RTA_MULTIPATH, 3 * sizeof(*path));
	assert_non_null(paths);
	path = mnl_attr_get_payload(paths);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(path[i].rtnh_len, sizeof(*path));
		assert_int_equal(path[i].rtnh_ifindex, route.if_indexes[i]);
		assert_int_equal(path[i].rtnh_hops, 0);
	}
}

static void an_unreachable_ipv6_route_has_no_interface(void **state)
{
	struct netlink_route route = { sample_prefix("fd00:50::/32"), 1, 1, { 2 } }, read;
	struct rtmsg *head = NLMSG_DATA(buf);

	(void)state;
	netlink_route_put(buf, &route);
	head->rtm_type = RTN_UNREACHABLE; /* the kernel names lo beside it */
	assert_int_equal(netlink_route_parse(message, &read), 0);
	assert_int_equal(read.n_paths, 0);
}

static void an_interface_has_a_state_and_an_mtu(void **state)
{
	struct netlink_link link;
	struct ifinfomsg *head;

	(void)state;
	netlink_link_set(buf, 7, 1400, true);
	head = NLMSG_DATA(buf);
	assert_int_equal(netlink_link_parse(message, &link), 0);
	assert_true(link.is_up);
	assert_int_equal(link.mtu, 1400);
	head->ifi_flags = 0;
	assert_int_equal(netlink_link_parse(message, &link), 0);
	assert_false(link.is_up);
}

static void an_interface_is_known_by_kind_and_id(void **state)
{
	struct netlink_link link;
	struct ifinfomsg *head;

	(void)state;
	netlink_link_add(buf, 7);
	head = NLMSG_DATA(buf);
	head->ifi_index = 12;
	assert_int_equal(netlink_link_parse(message, &link), 0);
	assert_int_equal(link.if_index, 12);
	assert_int_equal(link.if_id, 7);
	assert_string_equal(link.name, "ipsec7");
}

static void an_interface_of_another_kind_has_no_id(void **state)
{
	static const char *const kinds[] = { "veth", "xfrm2", "xfr", "" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct netlink_link link;
		struct nlattr *info, *data;

		netlink_header(buf, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
		mnl_attr_put_strz(message, IFLA_IFNAME, "ipsec7");
		info = mnl_attr_nest_start(message, IFLA_LINKINFO);
		mnl_attr_put_strz(message, IFLA_INFO_KIND, kinds[i]);
		data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
		mnl_attr_put_u32(message, IFLA_XFRM_IF_ID, 7);
		mnl_attr_nest_end(message, data);
		mnl_attr_nest_end(message, info);
		assert_int_equal(netlink_link_parse(message, &link), 0);
		assert_int_equal(link.if_id, 0);
	}
}

static void an_expiration_names_its_sa(void **state)
{
	struct xfrm_user_expire *expire = netlink_header(buf, XFRM_MSG_EXPIRE, 0, sizeof(*expire));
	struct addr dst = sample_addr(SAMPLE_BOX);
	struct xfrm_event event;

	(void)state;
	expire->state.family = AF_INET;
	expire->state.id.daddr = netlink_from_addr(&dst);
	expire->state.id.spi = htonl(0xc0000001);
	expire->state.reqid = 71;
	expire->hard = 1;
	assert_int_equal(netlink_event_parse(message, &event), 0);
	assert_int_equal(event.type, XFRM_EVENT_EXPIRE);
	assert_int_equal(event.is_hard, 1);
	assert_int_equal(event.spi_be, htonl(0xc0000001));
	assert_int_equal(event.reqid, 71);
	assert_true(addr_equal(&event.dst, &dst));
}

static void an_acquire_names_its_reqid(void **state)
{
	struct xfrm_user_acquire *acquire =
		netlink_header(buf, XFRM_MSG_ACQUIRE, 0, sizeof(*acquire));
	struct xfrm_user_tmpl template = { .family = AF_INET, .reqid = 72 };
	struct addr dst = sample_addr(SAMPLE_GATEWAY);
	struct xfrm_event event;

	(void)state;
	assert_int_equal(netlink_event_parse(message, &event), -EBADMSG);
	acquire->id.daddr = netlink_from_addr(&dst);
	mnl_attr_put(message, XFRMA_TMPL, sizeof(template), &template);
	assert_int_equal(netlink_event_parse(message, &event), 0);
	assert_int_equal(event.type, XFRM_EVENT_ACQUIRE);
	assert_int_equal(event.reqid, 72);
	assert_true(addr_equal(&event.dst, &dst));
}

static void a_mapping_names_the_new_place(void **state)
{
	struct xfrm_user_mapping *mapping =
		netlink_header(buf, XFRM_MSG_MAPPING, 0, sizeof(*mapping));
	struct addr moved = sample_addr("198.51.100.99");
	struct xfrm_event event;

	(void)state;
	mapping->id.family = AF_INET;
	mapping->id.spi = htonl(0xc0000001);
	mapping->new_saddr = netlink_from_addr(&moved);
	mapping->new_sport = htons(4501);
	assert_int_equal(netlink_event_parse(message, &event), 0);
	assert_int_equal(event.type, XFRM_EVENT_MAPPING);
	assert_int_equal(event.new_src_port, 4501);
	assert_true(addr_equal(&event.new_src, &moved));
}

static void other_messages_are_no_events(void **state)
{
	struct xfrm_event event;

	(void)state;
	netlink_header(buf, XFRM_MSG_NEWSA, 0, sizeof(struct xfrm_usersa_info));
	assert_int_equal(netlink_event_parse(message, &event), -ENOMSG);
}

/* A message cut anywhere in its fixed part is an error; cut behind it, attributes are missing. */
static void cut_messages_are_errors(void **state)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_POLICY_IN);
	struct netlink_policy policy = { 0 };
	struct netlink_route route = { .dst = sample_prefix("10.50.0.0/16") };
	struct netlink_link link;
	struct xfrm_event event;
	struct netlink_sa sa;

	(void)state;
	netlink_sa_add(buf, &request, true);
	for (uint32_t len = message->nlmsg_len; len >= NLMSG_HDRLEN; len--) {
		message->nlmsg_len = len;
		assert_int_equal(netlink_sa_parse(message, &sa),
				 len >= NLMSG_LENGTH(sizeof(struct xfrm_usersa_info)) ? 0
										      : -EBADMSG);
	}
	message->nlmsg_len = NLMSG_LENGTH(3);
	assert_int_equal(netlink_policy_parse(message, &policy), -EBADMSG);
	assert_int_equal(netlink_route_parse(message, &route), -EBADMSG);
	assert_int_equal(netlink_link_parse(message, &link), -EBADMSG);
	message->nlmsg_type = XFRM_MSG_EXPIRE;
	assert_int_equal(netlink_event_parse(message, &event), -EBADMSG);
	message->nlmsg_type = XFRM_MSG_MAPPING;
	assert_int_equal(netlink_event_parse(message, &event), -EBADMSG);
}

/* The bound of a request holds for the largest of all. */
static void the_largest_request_fits(void **state)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_POLICY_IN);

	(void)state;
	request.integ = 13;
	request.integ_key_bytes = 48;
	request.replay_window = 4096;
	request.flags = XFRM_SA_ENCAP | XFRM_SA_ESN;
	netlink_sa_add(buf, &request, true);
	assert_in_range(message->nlmsg_len, 1000, NETLINK_CHANNEL_MESSAGE_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_sa_is_read_as_it_was_written),
		cmocka_unit_test(a_larval_sa_has_no_keys),
		cmocka_unit_test(a_policy_is_read_as_it_was_written),
		cmocka_unit_test(a_route_is_read_as_it_was_written),
		cmocka_unit_test(others_routes_are_not_ours),
		cmocka_unit_test(an_unreachable_ipv6_route_has_no_interface),
		cmocka_unit_test(shared_paths_follow_each_other),
		cmocka_unit_test(an_interface_has_a_state_and_an_mtu),
		cmocka_unit_test(an_interface_is_known_by_kind_and_id),
		cmocka_unit_test(an_interface_of_another_kind_has_no_id),
		cmocka_unit_test(an_expiration_names_its_sa),
		cmocka_unit_test(an_acquire_names_its_reqid),
		cmocka_unit_test(a_mapping_names_the_new_place),
		cmocka_unit_test(other_messages_are_no_events),
		cmocka_unit_test(cut_messages_are_errors),
		cmocka_unit_test(the_largest_request_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
