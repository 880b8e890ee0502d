/* Golden bytes of every netlink message that xfrmd sends: each case is a message and a file of
 * netlink/, one field a line, `hex bytes  # what they are`. A difference is told by its field.
 *
 * `golden-netlink write DIR` writes the bytes of every case there, to make new files of.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "runtime/netlink_channel.h"
#include "sample.h"
#include "xfrmd/netlink_policy.h"
#include "xfrmd/netlink_route.h"
#include "xfrmd/netlink_sa.h"

#define MAX_LINE_BYTES 512

static void spi_get(void *buf, bool has_sa_dir)
{
	struct xfrm_spi_get request = { .src = sample_addr(SAMPLE_GATEWAY),
					.dst = sample_addr(SAMPLE_BOX) };

	netlink_spi_get(buf, &request, 1, has_sa_dir);
}

static void write_spi_get(void *buf)
{
	spi_get(buf, true);
}

static void write_spi_get_before_6_10(void *buf)
{
	spi_get(buf, false);
}

static void write_sa_in_gcm(void *buf)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_ROUTE_IN);

	netlink_sa_add(buf, &request, true);
}

static void write_sa_out_gcm_in_udp(void *buf)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_ROUTE_OUT);

	request.flags = XFRM_SA_ENCAP;
	request.encap_src_port = request.encap_dst_port = 4500;
	netlink_sa_add(buf, &request, true);
}

static void write_sa_in_cbc_sha256_narrowed(void *buf)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_POLICY_IN);

	request.remote = sample_prefix("10.50.7.0/24");
	request.soft_bytes = request.hard_bytes = 0;
	netlink_sa_add(buf, &request, true);
}

static void write_sa_out_3des_sha1_before_6_10(void *buf)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_POLICY_OUT);

	request.encr = 3;
	request.encr_key_bytes = 24;
	request.integ = 2;
	request.integ_key_bytes = 20;
	netlink_sa_add(buf, &request, false);
}

static void write_sa_in_esn_window_100(void *buf)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_ROUTE_IN);

	request.flags = XFRM_SA_ESN;
	request.replay_window = 100;
	netlink_sa_add(buf, &request, true);
}

static void esn_out(void *buf, bool has_sa_dir)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_ROUTE_OUT);

	request.flags = XFRM_SA_ESN;
	netlink_sa_add(buf, &request, has_sa_dir);
}

static void write_sa_out_esn(void *buf)
{
	esn_out(buf, true);
}

static void write_sa_out_esn_before_6_10(void *buf)
{
	esn_out(buf, false);
}

static void write_sa_in_ipv6_inside(void *buf)
{
	struct xfrm_sa_add request = sample_request(SAMPLE_POLICY_IN);

	request.reqid = 73;
	request.local = sample_prefix("fd00:12::/64");
	request.remote = sample_prefix("fd00:50::/32");
	netlink_sa_add(buf, &request, true);
}

static void write_sa_del(void *buf)
{
	struct addr dst = sample_addr(SAMPLE_GATEWAY);

	netlink_sa_name(buf, XFRM_MSG_DELSA, &dst, 0x01100000);
}

static void write_sa_get(void *buf)
{
	struct addr dst = sample_addr(SAMPLE_BOX);

	netlink_sa_name(buf, XFRM_MSG_GETSA, &dst, 0x010000c0);
}

static struct netlink_policy policy(uint8_t direction, const char *local, const char *remote)
{
	return (struct netlink_policy){ .direction = direction,
					.if_id = 7,
					.reqid = 71,
					.gateway = sample_addr(SAMPLE_GATEWAY_2),
					.local = sample_prefix(local),
					.remote = sample_prefix(remote) };
}

static void write_policy_in(void *buf)
{
	struct netlink_policy in = policy(XFRM_POLICY_IN, "192.168.12.0/24", "10.50.0.0/16");

	netlink_policy_put(buf, &in);
}

static void write_policy_forward(void *buf)
{
	struct netlink_policy forward = policy(XFRM_POLICY_FWD, "192.168.12.0/24", "10.50.0.0/16");

	netlink_policy_put(buf, &forward);
}

static void write_policy_out(void *buf)
{
	struct netlink_policy out = policy(XFRM_POLICY_OUT, "192.168.12.0/24", "10.50.0.0/16");

	netlink_policy_put(buf, &out);
}

static void write_policy_out_ipv6_any(void *buf)
{
	struct netlink_policy out = policy(XFRM_POLICY_OUT, "::/0", "::/0");

	netlink_policy_put(buf, &out);
}

static void write_policy_del(void *buf)
{
	struct netlink_policy out = policy(XFRM_POLICY_OUT, "192.168.12.0/24", "10.50.0.0/16");

	netlink_policy_del(buf, &out);
}

static void write_link_add(void *buf)
{
	netlink_link_add(buf, 65535);
}

static void write_link_set(void *buf)
{
	netlink_link_set(buf, 7, 1400, false);
}

static void write_link_up(void *buf)
{
	netlink_link_set(buf, 7, 1400, true);
}

static void write_link_del(void *buf)
{
	netlink_link_del(buf, 12);
}

static void write_route_unreachable(void *buf)
{
	struct netlink_route route = {
		sample_prefix("10.50.0.0/16"), NETLINK_ROUTE_METRIC_UNREACHABLE, 0, { 0 }
	};

	netlink_route_put(buf, &route);
}

static void write_route_tunnel(void *buf)
{
	struct netlink_route route = { sample_prefix("10.50.0.0/16"), 1000, 1, { 12 } };

	netlink_route_put(buf, &route);
}

static void write_route_ipv6(void *buf)
{
	struct netlink_route route = { sample_prefix("fd00:50::/32"), 1001, 1, { 13 } };

	netlink_route_put(buf, &route);
}

static void write_route_shared(void *buf)
{
	struct netlink_route route = { sample_prefix("10.50.0.0/16"), 1000, 2, { 12, 13 } };

	netlink_route_put(buf, &route);
}

static void write_route_del(void *buf)
{
	struct netlink_route route = { sample_prefix("10.50.0.0/16"), 1000, 1, { 12 } };

	netlink_route_del(buf, &route);
}

static void write_dump_of_sas(void *buf)
{
	netlink_header(buf, XFRM_MSG_GETSA, 0, sizeof(struct xfrm_usersa_id));
}

static void write_dump_of_policies(void *buf)
{
	netlink_header(buf, XFRM_MSG_GETPOLICY, 0, sizeof(struct xfrm_userpolicy_id));
}

static void write_dump_of_links(void *buf)
{
	netlink_header(buf, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
}

static void write_dump_of_routes(void *buf)
{
	netlink_header(buf, RTM_GETROUTE, 0, sizeof(struct rtmsg));
}

static const struct golden {
	const char *name; /* of the file, without .txt */
	void (*write)(void *buf);
} cases[] = {
	{ "spi_get", write_spi_get },
	{ "spi_get_before_6_10", write_spi_get_before_6_10 },
	{ "sa_in_gcm", write_sa_in_gcm },
	{ "sa_out_gcm_in_udp", write_sa_out_gcm_in_udp },
	{ "sa_in_cbc_sha256_narrowed", write_sa_in_cbc_sha256_narrowed },
	{ "sa_out_3des_sha1_before_6_10", write_sa_out_3des_sha1_before_6_10 },
	{ "sa_in_esn_window_100", write_sa_in_esn_window_100 },
	{ "sa_out_esn", write_sa_out_esn },
	{ "sa_out_esn_before_6_10", write_sa_out_esn_before_6_10 },
	{ "sa_in_ipv6_inside", write_sa_in_ipv6_inside },
	{ "sa_del", write_sa_del },
	{ "sa_get", write_sa_get },
	{ "policy_in", write_policy_in },
	{ "policy_forward", write_policy_forward },
	{ "policy_out", write_policy_out },
	{ "policy_out_ipv6_any", write_policy_out_ipv6_any },
	{ "policy_del", write_policy_del },
	{ "link_add", write_link_add },
	{ "link_set", write_link_set },
	{ "link_up", write_link_up },
	{ "link_del", write_link_del },
	{ "route_unreachable", write_route_unreachable },
	{ "route_tunnel", write_route_tunnel },
	{ "route_ipv6", write_route_ipv6 },
	{ "route_shared", write_route_shared },
	{ "route_del", write_route_del },
	{ "dump_of_sas", write_dump_of_sas },
	{ "dump_of_policies", write_dump_of_policies },
	{ "dump_of_links", write_dump_of_links },
	{ "dump_of_routes", write_dump_of_routes },
};

static uint8_t message[NETLINK_CHANNEL_MESSAGE_BYTES] __attribute__((aligned(8)));

/* The buffer is full of something else before: each byte must have been written. */
static size_t make(const struct golden *golden)
{
	memset(message, 0xa5, sizeof(message));
	golden->write(message);
	return ((const struct nlmsghdr *)message)->nlmsg_len;
}

/* Compares one line of a file with the message from `offset` on; returns the offset behind it. */
static size_t compare_line(const char *name, const char *line, size_t offset, size_t len)
{
	unsigned int wanted;
	int used;

	for (; sscanf(line, " %2x%n", &wanted, &used) == 1; line += used, offset++)
		if (offset >= len || message[offset] != wanted)
			fail_msg("%s: byte %zu is 0x%02x, 0x%02x is wanted; before%s", name, offset,
				 message[offset], wanted,
				 strchr(line, '#') ? strchr(line, '#') : "");
	return offset;
}

static void compare(const struct golden *golden)
{
	char path[256], line[MAX_LINE_BYTES];
	size_t len = make(golden), offset = 0;
	_cleanup_fclose_ FILE *file = NULL;

	snprintf(path, sizeof(path), "tests/golden/netlink/%s.txt", golden->name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot open %s", path);
	while (fgets(line, sizeof(line), file))
		if (line[0] != '#')
			offset = compare_line(golden->name, line, offset, len);
	if (offset != len)
		fail_msg("%s: %zu bytes, %zu are wanted", golden->name, len, offset);
}

static void each_message_has_its_golden_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(cases); i++)
		compare(&cases[i]);
}

static int write_all(const char *dir)
{
	for (size_t i = 0; i < countof(cases); i++) {
		size_t len = make(&cases[i]);
		_cleanup_fclose_ FILE *file = NULL;
		char path[256];

		snprintf(path, sizeof(path), "%s/%s.bin", dir, cases[i].name);
		file = fopen(path, "we");
		if (!file || fwrite(message, 1, len, file) != len)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_message_has_its_golden_bytes) };

	if (argc == 3 && strcmp(argv[1], "write") == 0)
		return write_all(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
