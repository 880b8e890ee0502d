/* The device configuration: values that clash with others, and the message that names both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/device.h"

#include "tests/unit/rows.h"
#include "spoilt.h"

#define CHILD_1 "/tunnels/0/children/1/"

/* name, after, from, to, line, pointer, met, wanted */
static const struct spoilt rows[] = {
	{ "the WAN is the LAN", NULL, "lan0", "wan0", 4, "/lan/interface", "\"wan0\"",
	  "another interface than the WAN's; this one stands at /wan/interface, line 3, too" },
	{ "a prefix of Azure's twice", NULL, "10.60.0.0/16", "10.50.0.0/16", 6, "/azure/prefixes/1",
	  "\"10.50.0.0/16\"", "no overlap: 10.50.0.0/16 stands at /azure/prefixes/0, line 6" },
	{ "a prefix of Azure's within another", NULL, "10.60.0.0/16", "10.50.128.0/17", 6,
	  "/azure/prefixes/1", "\"10.50.128.0/17\"",
	  "no overlap: 10.50.0.0/16 stands at /azure/prefixes/0, line 6" },
	{ "a prefix of Azure's around another", NULL, "10.60.0.0/16", "10.0.0.0/8", 6,
	  "/azure/prefixes/1", "\"10.0.0.0/8\"",
	  "no overlap: 10.50.0.0/16 stands at /azure/prefixes/0, line 6" },
	{ "a prefix of the office's within another", NULL, "192.168.72.0/24", "192.168.70.7/32", 5,
	  "/lan/prefixes/1", "\"192.168.70.7/32\"",
	  "no overlap: 192.168.70.0/24 stands at /lan/prefixes/0, line 5" },
	{ "a prefix of Azure's around one of the office's", NULL, "10.60.0.0/16", "192.168.0.0/16",
	  6, "/azure/prefixes/1", "\"192.168.0.0/16\"",
	  "no overlap: 192.168.70.0/24 stands at /lan/prefixes/0, line 5" },
	{ "a prefix of Azure's within one of the office's", NULL, "10.60.0.0/16",
	  "192.168.72.64/26", 6, "/azure/prefixes/1", "\"192.168.72.64/26\"",
	  "no overlap: 192.168.72.0/24 stands at /lan/prefixes/1, line 5" },
	{ "two tunnels of one name", NULL, "cn-b", "cn-a", 22, "/tunnels/1/name", "\"cn-a\"",
	  "a name of its own; this one stands at /tunnels/0/name, line 9, too" },
	{ "two tunnels of one if_id", NULL, "\"if_id\": 2", "\"if_id\": 1", 22, "/tunnels/1/if_id",
	  "1", "an if_id of its own; this one stands at /tunnels/0/if_id, line 9, too" },
	{ "two tunnels to one gateway", NULL, "198.51.100.11", "198.51.100.10", 23,
	  "/tunnels/1/gateway", "\"198.51.100.10\"",
	  "a gateway of its own; this one stands at /tunnels/0/gateway, line 10, too" },
	{ "two children of one reqid in one tunnel", NULL, "\"reqid\": 2", "\"reqid\": 1", 20,
	  CHILD_1 "reqid", "1",
	  "a reqid of its own; this one stands at /tunnels/0/children/0/reqid, line 18, too" },
	{ "two children of one reqid in two tunnels", NULL, "\"reqid\": 3", "\"reqid\": 2", 26,
	  "/tunnels/1/children/0/reqid", "2",
	  "a reqid of its own; this one stands at /tunnels/0/children/1/reqid, line 20, too" },
	{ "two children of one name in one tunnel", NULL, "\"c2\"", "\"c1\"", 20, CHILD_1 "name",
	  "\"c1\"", "this one stands at /tunnels/0/children/0/name, line 18, too" },
	{ "two children of the same selectors", NULL,
	  "\"local\": \"192.168.72.0/24\",\n          \"remote\": \"10.60.1.0/24\"",
	  "\"local\": \"192.168.70.0/24\", \"remote\": \"10.50.0.0/16\"", 20, CHILD_1 "remote",
	  "\"10.50.0.0/16\"",
	  "another pair of \"local\" and \"remote\"; this one stands at /tunnels/0/children/0, "
	  "line 18, too" },
	{ "a gateway within Azure's prefixes", NULL, "198.51.100.10", "10.60.0.4", 10,
	  "/tunnels/0/gateway", "\"10.60.0.4\"", "this one lies in /azure/prefixes" },
	{ "a gateway within the office's prefixes", NULL, "198.51.100.11", "192.168.70.1", 23,
	  "/tunnels/1/gateway", "\"192.168.70.1\"", "this one lies in /lan/prefixes" },
	{ "an own address within Azure's prefixes", NULL, "203.0.113.7", "10.60.0.4", 11,
	  "/tunnels/0/local_id", "\"10.60.0.4\"", "this one lies in /azure/prefixes" },
	{ "an own address within the office's prefixes", NULL, "203.0.113.7", "192.168.70.1", 11,
	  "/tunnels/0/local_id", "\"192.168.70.1\"", "this one lies in /lan/prefixes" },
	{ "an own address that is a gateway's", NULL, "203.0.113.7", "198.51.100.11", 11,
	  "/tunnels/0/local_id", "\"198.51.100.11\"", "this one is a gateway's" },
	{ "a child of two address families", NULL, "10.60.1.0/24", "2001:db8::/64", 21,
	  CHILD_1 "remote", "\"2001:db8::/64\"", "the same address family as \"local\"" },
	{ "a child of two address families, though one is everything", NULL, "10.60.1.0/24", "::/0",
	  21, CHILD_1 "remote", "\"::/0\"", "the same address family as \"local\"" },
	{ "a child that reaches beyond Azure's prefixes", NULL, "10.60.1.0/24", "10.61.0.0/24", 21,
	  CHILD_1 "remote", "\"10.61.0.0/24\"", "a prefix within one of /azure/prefixes, or all" },
	{ "a child that is wider than Azure's prefix", NULL, "10.60.1.0/24", "10.60.0.0/15", 21,
	  CHILD_1 "remote", "\"10.60.0.0/15\"", "a prefix within one of /azure/prefixes, or all" },
	{ "a child that no office prefix reaches", "c2", "192.168.72.0/24", "192.168.73.0/24", 20,
	  CHILD_1 "local", "\"192.168.73.0/24\"", "a prefix that reaches one of /lan/prefixes" },
};

/* What looks like a clash and is none. */
static const struct spoilt good_rows[] = {
	{ .name = "neighbouring prefixes do not overlap",
	  .from = "\"10.60.0.0/16\"",
	  .to = "\"10.60.0.0/16\", \"10.61.0.0/16\"" },
	{ .name = "a prefix of IPv6 overlaps none of IPv4",
	  .from = "\"10.60.0.0/16\"",
	  .to = "\"10.60.0.0/16\", \"a32::/16\"" },
	{ .name = "two tunnels may prove one identity",
	  .from = "\"gateway_id\": \"198.51.100.20\"",
	  .to = "\"gateway_id\": \"198.51.100.11\"" },
	{ .name = "two tunnels may send one identity", .from = "203.0.113.8", .to = "203.0.113.7" },
	{ .name = "children of two tunnels may have one name", .from = "\"any\"", .to = "\"c1\"" },
	{ .name = "a child may overlap another", .from = "10.60.1.0/24", .to = "10.50.0.0/24" },
	{ .name = "a child may be all of Azure's prefix",
	  .from = "10.60.1.0/24",
	  .to = "10.60.0.0/16" },
	{ .name = "a child may reach everything", .from = "10.60.1.0/24", .to = "0.0.0.0/0" },
	{ .name = "a child may be wider than the office",
	  .after = "c2",
	  .from = "192.168.72.0/24",
	  .to = "192.168.0.0/16" },
	{ .name = "a child may come from everywhere",
	  .after = "c2",
	  .from = "192.168.72.0/24",
	  .to = "0.0.0.0/0" },
};

static void parses(void **state)
{
	const struct spoilt *row = *state;
	struct config_error error = { 0 };
	struct device_config *config;
	size_t len;
	char *text = spoil_document(row->after, row->from, row->to, &len);

	if (config_parse(text, len, &config, &error) != 0)
		fail_msg("%d:%d: %s: met %s, wanted %s", error.line, error.column, error.pointer,
			 error.met, error.wanted);
	config_free(config);
	free(text);
}

int main(void)
{
	return RUN_ROWS(rows, brings_its_error) + RUN_ROWS(good_rows, parses);
}
