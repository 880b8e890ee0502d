/* The device configuration as a value: defaults, printing, comparing, its largest size.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config/device.h"

#include <errno.h>

#include "document.h"
#include "tests/unit/rows.h"

static struct device_config *parse_good(const char *text, size_t len)
{
	struct config_error error = { 0 };
	struct device_config *config = NULL;

	if (config_parse(text, len, &config, &error) != 0)
		fail_msg("%d:%d: %s: met %s, wanted %s", error.line, error.column, error.pointer,
			 error.met, error.wanted);
	return config;
}

static void assert_prefix(const struct prefix *prefix, const char *expected)
{
	char text[PREFIX_TEXT_BYTES];

	assert_string_equal(prefix_print(prefix, text), expected);
}

static void assert_addr(const struct addr *addr, const char *expected)
{
	char text[ADDR_TEXT_BYTES];

	assert_string_equal(addr_print(addr, text), expected);
}

static void every_key_reaches_its_field(void **state)
{
	struct device_config *config = parse_good(DOCUMENT, sizeof(DOCUMENT) - 1);
	const struct tunnel *tunnel = &config->tunnels[0];
	char text[SUITE_TEXT_BYTES];

	(void)state;
	assert_string_equal(config->site, "branch7");
	assert_string_equal(config->wan_interface, "wan0");
	assert_int_equal(config->wan_services, WAN_SERVICE_DHCP | WAN_SERVICE_DNS);
	assert_string_equal(config->lan_interface, "lan0");
	assert_int_equal(config->n_office_prefixes, 2);
	assert_prefix(&config->office_prefixes[1], "192.168.72.0/24");
	assert_int_equal(config->n_azure_prefixes, 2);
	assert_prefix(&config->azure_prefixes[1], "10.60.0.0/16");
	assert_true(config->local_breakout);
	assert_int_equal(config->n_tunnels, 2);

	assert_string_equal(tunnel->name, "cn-a");
	assert_int_equal(tunnel->if_id, 1);
	assert_addr(&tunnel->gateway, "198.51.100.10");
	assert_addr(&tunnel->gateway_id, "198.51.100.20");
	assert_addr(&tunnel->local_id, "203.0.113.7");
	assert_int_equal(tunnel->role, TUNNEL_ROLE_INITIATOR);
	assert_true(tunnel->force_udp_encapsulation);
	assert_int_equal(tunnel->mss, 1300);
	assert_int_equal(tunnel->n_ike_suites, 2);
	assert_string_equal(ike_suite_print(&tunnel->ike_suites[1], text), "aes256-sha256-ecp256");
	assert_int_equal(tunnel->ike_rekey_s, 20000);
	assert_int_equal(tunnel->dpd_timeout_s, 30);
	assert_int_equal(tunnel->n_esp_suites, 2);
	assert_string_equal(esp_suite_print(&tunnel->esp_suites[1], text), "aes256-sha256");
	assert_int_equal(tunnel->child_life_s, 3600);
	assert_int_equal(tunnel->child_life_kilobytes, 4096);
	assert_int_equal(tunnel->n_children, 2);
	assert_string_equal(tunnel->children[1].name, "c2");
	assert_int_equal(tunnel->children[1].reqid, 2);
	assert_prefix(&tunnel->children[1].local, "192.168.72.0/24");
	assert_prefix(&tunnel->children[1].remote, "10.60.1.0/24");
	config_free(config);
}

static void missing_keys_have_defaults(void **state)
{
	size_t len;
	char *text = spoil_document(NULL, ", \"services\": [\"dhcp\", \"dns\"]", "", &len);
	struct device_config *config = parse_good(text, len);
	const struct tunnel *tunnel = &config->tunnels[1];

	(void)state;
	assert_int_equal(config->wan_services,
			 WAN_SERVICE_DHCP | WAN_SERVICE_DNS | WAN_SERVICE_NTP | WAN_SERVICE_HTTPS);
	assert_addr(&tunnel->gateway_id, "198.51.100.11");
	assert_int_equal(tunnel->role, TUNNEL_ROLE_BOTH);
	assert_false(tunnel->force_udp_encapsulation);
	assert_int_equal(tunnel->mss, 1350);
	assert_int_equal(tunnel->ike_rekey_s, 24000);
	assert_int_equal(tunnel->dpd_timeout_s, 45);
	assert_int_equal(tunnel->child_life_s, 27000);
	assert_int_equal(tunnel->child_life_kilobytes, 102400000);
	config_free(config);
	free(text);

	text = spoil_document(NULL, "\"local_breakout\": true,", "", &len);
	config = parse_good(text, len);
	assert_false(config->local_breakout);
	config_free(config);
	free(text);
}

static const struct change_row {
	const char *name, *after, *from, *to;
} change_rows[] = {
	{ "the document prints to an equal one", NULL, "branch7", "branch7" },
	{ "bounds: the least numbers", NULL, "\"rekey_s\": 20000, \"dpd_timeout_s\": 30",
	  "\"rekey_s\": 300, \"dpd_timeout_s\": 9" },
	{ "bounds: the greatest numbers", NULL, "\"rekey_s\": 20000, \"dpd_timeout_s\": 30",
	  "\"rekey_s\": 28000, \"dpd_timeout_s\": 3600" },
	{ "bounds: the least lifetimes", NULL, "\"life_s\": 3600, \"life_kilobytes\": 4096",
	  "\"life_s\": 300, \"life_kilobytes\": 1024" },
	{ "bounds: the greatest lifetimes", NULL, "\"life_s\": 3600, \"life_kilobytes\": 4096",
	  "\"life_s\": 172799, \"life_kilobytes\": 4294967295" },
	{ "a volume without limit", NULL, "4096", "0" },
	{ "the greatest if_id", NULL, "\"if_id\": 1", "\"if_id\": 65535" },
	{ "the greatest reqid", NULL, "\"reqid\": 2", "\"reqid\": 65535" },
	{ "the least MSS", NULL, "1300", "536" },
	{ "the greatest MSS", NULL, "1300", "1460" },
	{ "no service at all", NULL, "[\"dhcp\", \"dns\"]", "[]" },
	{ "services in another order", NULL, "[\"dhcp\", \"dns\"]", "[\"https\", \"dhcp\"]" },
	{ "the role of a responder", NULL, "initiator", "responder" },
	{ "a PRF of its own", NULL, "aes256-sha256-ecp256", "aes256-sha256-prfsha384-ecp256" },
	{ "a prefix of IPv6", NULL, "10.60.0.0/16\"", "10.60.0.0/16\", \"2001:DB8:0:0::/64\"" },
	{ "an interface of 15 characters", NULL, "wan0", "wan-0123456.789" },
	{ "an interface that only begins like a tunnel's", NULL, "wan0", "ipsec1a" },
	{ "a name of 80 characters", NULL, "cn-a",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
};

static void prints_to_an_equal_one(void **state)
{
	const struct change_row *row = *state;
	struct device_config *config, *again, *original;
	size_t len;
	char *text = spoil_document(row->after, row->from, row->to, &len), *printed, *printed_again;

	config = parse_good(text, len);
	printed = config_print(config);
	again = parse_good(printed, strlen(printed));
	printed_again = config_print(again);
	assert_true(config_equal(config, again));
	assert_string_equal(printed, printed_again);

	original = parse_good(DOCUMENT, sizeof(DOCUMENT) - 1);
	assert_int_equal(config_equal(config, original), row == change_rows);
	config_free(original);
	config_free(again);
	config_free(config);
	free(printed_again);
	free(printed);
	free(text);
}

/* Further changes that config_equal must see; tunnels have tests of their own. */
static const struct change_row difference_rows[] = {
	{ "another site differs", NULL, "branch7", "branch8" },
	{ "another WAN differs", NULL, "wan0", "wan1" },
	{ "another LAN differs", NULL, "lan0", "lan1" },
	{ "another office prefix differs", NULL, "\"192.168.72.0/24\"", "\"192.168.72.0/23\"" },
	{ "fewer office prefixes differ", NULL, "\"192.168.70.0/24\", \"192.168.72.0/24\"",
	  "\"192.168.64.0/19\"" },
	{ "another prefix of Azure's differs", NULL, "10.50.0.0/16", "10.50.0.0/15" },
	{ "more prefixes of Azure's differ", NULL, "\"10.50.0.0/16\"",
	  "\"10.50.0.0/16\", \"10.70.0.0/16\"" },
	{ "no break-out differs", NULL, "\"local_breakout\": true", "\"local_breakout\": false" },
	{ "another tunnel differs", NULL, "cn-b", "cn-c" },
};

static void differs(void **state)
{
	const struct change_row *row = *state;
	struct device_config *original = parse_good(DOCUMENT, sizeof(DOCUMENT) - 1), *config;
	size_t len;
	char *text = spoil_document(row->after, row->from, row->to, &len);

	config = parse_good(text, len);
	assert_true(config_equal(config, config));
	assert_false(config_equal(config, original));
	assert_false(config_equal(original, config));
	config_free(config);
	config_free(original);
	free(text);
}

static void examples_are_as_printed(void **state)
{
	static const char *const paths[] = { "config/examples/route-based.json",
					     "config/examples/policy-based.json" };

	(void)state;
	for (size_t i = 0; i < countof(paths); i++) {
		struct device_config *config;
		char *text, *printed;
		size_t len;

		assert_int_equal(config_read_file(paths[i], MAX_CONFIG_BYTES, false, &text, &len),
				 0);
		config = parse_good(text, len);
		printed = config_print(config);
		assert_string_equal(printed, text);
		config_free(config);
		free(printed);
		free(text);
	}
}

#define LONG_NAME "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%05u"

static void fill_tunnel(struct tunnel *tunnel, uint32_t number, uint32_t n_children)
{
	static const uint16_t groups[] = { 1, 2, 14, 19, 20, 24 };
	static const uint16_t hashes[] = { INTEG_HMAC_SHA1_96, INTEG_HMAC_SHA2_256_128 };
	char text[32];

	snprintf(tunnel->name, sizeof(tunnel->name), LONG_NAME, number);
	tunnel->if_id = number + 50000;
	snprintf(text, sizeof(text), "198.100.%u.%u", 100 + number / 250, 1 + number % 250);
	assert_int_equal(addr_parse(text, &tunnel->gateway), 0);
	tunnel->gateway_id = tunnel->gateway;
	assert_int_equal(addr_parse("198.200.100.100", &tunnel->local_id), 0);
	tunnel->role = TUNNEL_ROLE_INITIATOR;
	tunnel->priority = 0xffff;
	tunnel->mss = 1350;
	tunnel->ike_rekey_s = 24000;
	tunnel->dpd_timeout_s = 3600;
	tunnel->child_life_s = 172799;
	tunnel->child_life_kilobytes = UINT32_MAX;
	for (size_t i = 0; i < MAX_IKE_SUITES; i++)
		tunnel->ike_suites[tunnel->n_ike_suites++] =
			(struct ike_suite){ ENCR_AES_CBC, i < 8 ? 256 : 128, hashes[i % 2],
					    i % 4 < 2 ? PRF_HMAC_SHA2_384 : PRF_HMAC_MD5,
					    groups[2 + i % 8 / 2] };
	for (size_t i = 0; i < MAX_ESP_SUITES; i++)
		tunnel->esp_suites[tunnel->n_esp_suites++] =
			(struct esp_suite){ ENCR_AES_CBC, 128 + 64 * (i / 12), hashes[i % 2],
					    groups[i % 12 / 2] };
	tunnel->children = calloc(n_children, sizeof(*tunnel->children));
	assert_non_null(tunnel->children);
	for (; tunnel->n_children < n_children; tunnel->n_children++) {
		struct tunnel_child *child = &tunnel->children[tunnel->n_children];

		child->reqid = 1 + number * n_children + (uint32_t)tunnel->n_children;
		snprintf(child->name, sizeof(child->name), LONG_NAME, child->reqid);
		assert_int_equal(
			prefix_parse("fd01:2345:6789:abcd:ef01:2345:6789:0/112", &child->local), 0);
		snprintf(text, sizeof(text), "fd02:%x::6789:abcd:0/112", 4096 + child->reqid);
		assert_int_equal(prefix_parse(text, &child->remote), 0);
	}
}

/* With every bound reached at once, the printed text must still be one that is read. */
static void the_largest_configuration_is_read(void **state)
{
	struct device_config *config = calloc(1, sizeof(*config)), *again;
	char text[64], *printed;

	(void)state;
	assert_non_null(config);
	snprintf(config->site, sizeof(config->site), LONG_NAME, 0);
	snprintf(config->wan_interface, sizeof(config->wan_interface), "wan-0123456.789");
	snprintf(config->lan_interface, sizeof(config->lan_interface), "lan-0123456.789");
	config->wan_services = 15;
	config->office_prefixes = calloc(MAX_PREFIXES, sizeof(*config->office_prefixes));
	config->azure_prefixes = calloc(MAX_PREFIXES, sizeof(*config->azure_prefixes));
	config->tunnels = calloc(MAX_TUNNELS, sizeof(*config->tunnels));
	assert_true(config->office_prefixes && config->azure_prefixes && config->tunnels);
	for (unsigned int i = 0; i < MAX_PREFIXES; i++) {
		snprintf(text, sizeof(text), "fd01:2345:6789:abcd:ef01:2345:%x:0/112", 0x6789 + i);
		assert_int_equal(prefix_parse(text, &config->office_prefixes[i]), 0);
		snprintf(text, sizeof(text), "fd%02x::/16", i);
		if (i > 2)
			assert_int_equal(prefix_parse(text, &config->azure_prefixes[i - 2]), 0);
	}
	assert_int_equal(prefix_parse("fd02::/16", &config->azure_prefixes[0]), 0);
	config->n_office_prefixes = MAX_PREFIXES;
	config->n_azure_prefixes = MAX_PREFIXES - 2;
	for (; config->n_tunnels < MAX_TUNNELS; config->n_tunnels++)
		fill_tunnel(&config->tunnels[config->n_tunnels], (uint32_t)config->n_tunnels,
			    MAX_DEVICE_CHILDREN / MAX_TUNNELS);

	printed = config_print(config);
	print_message("%zu bytes\n", strlen(printed));
	assert_in_range(strlen(printed), 0, MAX_CONFIG_BYTES);
	again = parse_good(printed, strlen(printed));
	assert_true(config_equal(config, again));
	config_free(again);
	config_free(config);
	free(printed);
}

static void one_child_too_many_is_refused(void **state)
{
	struct device_config *config = parse_good(DOCUMENT, sizeof(DOCUMENT) - 1);
	struct config_error error;
	char text[32], *printed;
	size_t n_tunnels = MAX_DEVICE_CHILDREN / MAX_CHILDREN + 1;
	struct tunnel first = config->tunnels[0];

	(void)state;
	free(first.children);
	tunnel_deinit(&config->tunnels[1]);
	free(config->tunnels);
	config->tunnels = calloc(n_tunnels, sizeof(*config->tunnels));
	assert_non_null(config->tunnels);
	config->n_tunnels = n_tunnels;
	for (size_t i = 0; i < n_tunnels; i++) {
		struct tunnel *tunnel = &config->tunnels[i];

		*tunnel = first;
		snprintf(tunnel->name, sizeof(tunnel->name), "t%zu", i);
		tunnel->if_id = (uint32_t)i + 1;
		tunnel->gateway.bytes[3] = (uint8_t)(i + 1);
		tunnel->n_children = MAX_CHILDREN;
		tunnel->children = calloc(MAX_CHILDREN, sizeof(*tunnel->children));
		assert_non_null(tunnel->children);
		for (uint32_t k = 0; k < MAX_CHILDREN; k++) {
			struct tunnel_child *child = &tunnel->children[k];

			child->reqid = (uint32_t)(i * MAX_CHILDREN) + k + 1;
			snprintf(child->name, sizeof(child->name), "c%u", k);
			child->local = config->office_prefixes[0];
			snprintf(text, sizeof(text), "10.50.%u.0/24", k);
			assert_int_equal(prefix_parse(text, &child->remote), 0);
		}
	}
	printed = config_print(config);
	config_free(config);
	assert_int_equal(config_parse(printed, strlen(printed), &config, &error), -EBADMSG);
	assert_string_equal(error.pointer, "/tunnels/40/children");
	assert_non_null(strstr(error.wanted, "at most 4096 children"));
	free(printed);
}

static void a_text_over_the_bound_is_not_read(void **state)
{
	char *text = calloc(1, MAX_CONFIG_BYTES + 1);
	struct device_config *config;
	struct config_error error;

	(void)state;
	assert_non_null(text);
	assert_int_equal(config_parse(text, MAX_CONFIG_BYTES + 1, &config, &error), -EBADMSG);
	assert_string_equal(error.met, "4194305 bytes");
	assert_string_equal(error.wanted, "at most 4194304");
	free(text);
}

static void errors_are_printed_as_one_line(void **state)
{
	struct config_error error = { 3, 5, "/tunnels/0", "\"x\"", "an object" };
	char buf[CONFIG_ERROR_TEXT_BYTES], path[1000];

	(void)state;
	assert_string_equal(config_error_print(&error, "a.json", buf),
			    "a.json:3:5: /tunnels/0: met \"x\", wanted an object");
	error.pointer[0] = '\0';
	assert_string_equal(config_error_print(&error, "a.json", buf),
			    "a.json:3:5: met \"x\", wanted an object");

	/* with all at its longest, the end of the path and all of the sentence are there */
	memset(path, 'p', sizeof(path));
	memcpy(path + sizeof(path) - 8, "/a.json", 8);
	memset(error.pointer, 'o', sizeof(error.pointer) - 1);
	memset(error.met, 'm', sizeof(error.met) - 1);
	memset(error.wanted, 'w', sizeof(error.wanted) - 1);
	error.line = error.column = INT32_MAX;
	config_error_print(&error, path, buf);
	assert_memory_equal(buf, "...pppp", 7);
	assert_non_null(strstr(buf, "/a.json:2147483647:2147483647: ooo"));
	assert_string_equal(buf + strlen(buf) - 4, "wwww");
	assert_non_null(strstr(buf, error.wanted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_reaches_its_field),
		cmocka_unit_test(missing_keys_have_defaults),
		cmocka_unit_test(examples_are_as_printed),
		cmocka_unit_test(the_largest_configuration_is_read),
		cmocka_unit_test(one_child_too_many_is_refused),
		cmocka_unit_test(a_text_over_the_bound_is_not_read),
		cmocka_unit_test(errors_are_printed_as_one_line),
	};

	config_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL) +
	       RUN_ROWS(change_rows, prints_to_an_equal_one) + RUN_ROWS(difference_rows, differs);
}
