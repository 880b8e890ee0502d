/* The keys of the device configuration: one row for each, in the order in which they are printed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/device_keys.h"

#define KIND(kind) .parse = device_parse_##kind, .print = device_print_##kind
#define REQUIRED .is_required = true
#define CONFIG(field) .offset = offsetof(struct device_config, field)
#define TUNNEL(field) .offset = offsetof(struct tunnel, field)
#define CHILD(field) .offset = offsetof(struct tunnel_child, field)
#define RANGE(least, greatest) .min = (least), .max = (greatest)
#define INITIAL(kind, value) .initial = (value), .set_default = device_default_##kind
#define OBJECT(table) KIND(object), .members = (table)
#define ARRAY(row, type, list, count)                                                              \
	KIND(array), .item = &(row), .item_bytes = sizeof(*((struct type *)NULL)->list),           \
		     .offset = offsetof(struct type, list),                                        \
		     .n_offset = offsetof(struct type, count)

const struct device_word device_roles[] = {
	{ "both", TUNNEL_ROLE_BOTH },
	{ "initiator", TUNNEL_ROLE_INITIATOR },
	{ "responder", TUNNEL_ROLE_RESPONDER },
	{ 0 },
};

const struct device_word device_services[] = {
	{ "dhcp", WAN_SERVICE_DHCP },
	{ "dns", WAN_SERVICE_DNS },
	{ "ntp", WAN_SERVICE_NTP },
	{ "https", WAN_SERVICE_HTTPS },
	{ 0 },
};

/* clang-format off */
static const struct key child_keys[] = {
	{ .name = "name", REQUIRED, KIND(name), CHILD(name) },
	{ .name = "reqid", REQUIRED, KIND(u32), CHILD(reqid), RANGE(1, 0xffff) },
	{ .name = "local", REQUIRED, KIND(selector), CHILD(local) },
	{ .name = "remote", REQUIRED, KIND(selector), CHILD(remote) },
	{ 0 },
};

static const struct key child = { OBJECT(child_keys) };
static const struct key ike_suite = { KIND(ike_suite) };
static const struct key esp_suite = { KIND(esp_suite) };

static const struct key ike_keys[] = {
	{ .name = "suites", REQUIRED, ARRAY(ike_suite, tunnel, ike_suites, n_ike_suites),
	  RANGE(1, MAX_IKE_SUITES), .is_distinct = true },
	{ .name = "rekey_s", KIND(u32), TUNNEL(ike_rekey_s), RANGE(300, 28000),
	  INITIAL(u32, 24000) },
	{ .name = "dpd_timeout_s", KIND(u32), TUNNEL(dpd_timeout_s), RANGE(9, 3600),
	  INITIAL(u32, 45) },
	{ 0 },
};

static const struct key esp_keys[] = {
	{ .name = "suites", REQUIRED, ARRAY(esp_suite, tunnel, esp_suites, n_esp_suites),
	  RANGE(1, MAX_ESP_SUITES), .is_distinct = true },
	{ .name = "life_s", KIND(u32), TUNNEL(child_life_s), RANGE(300, 172799),
	  INITIAL(u32, 27000) },
	{ .name = "life_kilobytes", KIND(u64), TUNNEL(child_life_kilobytes),
	  RANGE(1024, 0xffffffff), .is_zero_allowed = true, INITIAL(u64, 102400000) },
	{ 0 },
};

static const struct key tunnel_keys[] = {
	{ .name = "name", REQUIRED, KIND(name), TUNNEL(name) },
	{ .name = "if_id", REQUIRED, KIND(u32), TUNNEL(if_id), RANGE(1, 0xffff) },
	{ .name = "gateway", REQUIRED, KIND(addr), TUNNEL(gateway) },
	{ .name = "gateway_id", KIND(addr), TUNNEL(gateway_id),
	  .set_default = device_default_gateway_id },
	{ .name = "local_id", REQUIRED, KIND(addr), TUNNEL(local_id) },
	{ .name = "role", KIND(role), TUNNEL(role) },
	{ .name = "priority", KIND(u32), TUNNEL(priority), RANGE(1, 0xffff), INITIAL(u32, 1) },
	{ .name = "force_udp_encapsulation", KIND(bool), TUNNEL(force_udp_encapsulation) },
	{ .name = "mss", KIND(u16), TUNNEL(mss), RANGE(536, 1460), INITIAL(u16, 1350) },
	{ .name = "ike", REQUIRED, OBJECT(ike_keys) },
	{ .name = "esp", REQUIRED, OBJECT(esp_keys) },
	{ .name = "children", REQUIRED, ARRAY(child, tunnel, children, n_children),
	  RANGE(1, MAX_CHILDREN), .is_owned = true, .is_block = true },
	{ 0 },
};

static const struct key tunnel = { OBJECT(tunnel_keys), .is_block = true };
static const struct key network = { KIND(network) };

static const struct key wan_keys[] = {
	{ .name = "interface", REQUIRED, KIND(ifname), CONFIG(wan_interface) },
	{ .name = "services", KIND(services), CONFIG(wan_services),
	  .set_default = device_default_services },
	{ 0 },
};

static const struct key lan_keys[] = {
	{ .name = "interface", REQUIRED, KIND(ifname), CONFIG(lan_interface) },
	{ .name = "prefixes", REQUIRED,
	  ARRAY(network, device_config, office_prefixes, n_office_prefixes),
	  RANGE(1, MAX_PREFIXES), .is_owned = true },
	{ 0 },
};

static const struct key azure_keys[] = {
	{ .name = "prefixes", REQUIRED,
	  ARRAY(network, device_config, azure_prefixes, n_azure_prefixes), RANGE(1, MAX_PREFIXES),
	  .is_owned = true },
	{ 0 },
};

static const struct key document_keys[] = {
	{ .name = "format", REQUIRED, KIND(format) },
	{ .name = "site", REQUIRED, KIND(name), CONFIG(site) },
	{ .name = "wan", REQUIRED, OBJECT(wan_keys) },
	{ .name = "lan", REQUIRED, OBJECT(lan_keys) },
	{ .name = "azure", REQUIRED, OBJECT(azure_keys) },
	{ .name = "local_breakout", KIND(bool), CONFIG(local_breakout) },
	{ .name = "tunnels", REQUIRED, ARRAY(tunnel, device_config, tunnels, n_tunnels),
	  RANGE(1, MAX_TUNNELS), .is_owned = true, .is_block = true },
	{ 0 },
};
/* clang-format on */

const struct key device_document = { OBJECT(document_keys), .is_block = true };
