/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/addr.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/rows.h"

static const struct addr_row {
	const char *name, *text;
	const char *printed; /* NULL: refused */
	bool is_host, is_private;
} addr_rows[] = {
	{ "a public IPv4 address", "198.51.100.10", "198.51.100.10", true, false },
	{ "the last address before multicast", "223.255.255.255", "223.255.255.255", true, false },
	{ "RFC 1918, 10/8", "10.0.0.1", "10.0.0.1", true, true },
	{ "beside RFC 1918", "11.0.0.1", "11.0.0.1", true, false },
	{ "RFC 1918, 172.16/12", "172.31.255.255", "172.31.255.255", true, true },
	{ "beside 172.16/12", "172.32.0.0", "172.32.0.0", true, false },
	{ "RFC 1918, 192.168/16", "192.168.0.1", "192.168.0.1", true, true },
	{ "shared address space of RFC 6598", "100.127.255.255", "100.127.255.255", true, true },
	{ "beside RFC 6598", "100.128.0.0", "100.128.0.0", true, false },
	{ "link-local IPv4", "169.254.21.2", "169.254.21.2", true, true },
	{ "all zeros is no host", "0.0.0.0", "0.0.0.0", false, false },
	{ "this network is no host", "0.1.2.3", "0.1.2.3", false, false },
	{ "loopback is no host", "127.0.0.1", "127.0.0.1", false, false },
	{ "multicast is no host", "224.0.0.18", "224.0.0.18", false, false },
	{ "reserved addresses are no host", "240.0.0.1", "240.0.0.1", false, false },
	{ "broadcast is no host", "255.255.255.255", "255.255.255.255", false, false },
	{ "a public IPv6 address is printed short", "2001:DB8:0:0:0::1", "2001:db8::1", true,
	  false },
	{ "a unique local IPv6 address", "fd00::1", "fd00::1", true, true },
	{ "a link-local IPv6 address", "fe80::1", "fe80::1", true, true },
	{ "IPv6 loopback is no host", "::1", "::1", false, false },
	{ "the unspecified IPv6 address is no host", "::", "::", false, false },
	{ "IPv6 multicast is no host", "ff02::1", "ff02::1", false, false },
	{ "an IPv4-mapped address is no host", "::ffff:127.0.0.1", "::ffff:127.0.0.1", false,
	  false },
	{ "the longest IPv6 text", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, false },
	{ "an empty text", "", NULL, false, false },
	{ "a leading zero", "10.0.0.01", NULL, false, false },
	{ "two zeros", "10.0.0.00", NULL, false, false },
	{ "three numbers", "10.0.1", NULL, false, false },
	{ "a number of 256", "10.0.0.256", NULL, false, false },
	{ "a blank before", " 10.0.0.1", NULL, false, false },
	{ "a blank behind", "10.0.0.1 ", NULL, false, false },
	{ "hexadecimal digits", "0x0a.0.0.1", NULL, false, false },
	{ "a prefix", "10.0.0.0/8", NULL, false, false },
	{ "a zone", "fe80::1%eth0", NULL, false, false },
	{ "two double colons", "1::2::3", NULL, false, false },
	{ "a name", "localhost", NULL, false, false },
};

static void parses_addr(void **state)
{
	const struct addr_row *row = *state;
	struct addr addr, before, again;
	char text[ADDR_TEXT_BYTES];

	memset(&addr, 0xaa, sizeof(addr));
	before = addr;
	if (!row->printed) {
		assert_int_equal(addr_parse(row->text, &addr), -EINVAL);
		assert_memory_equal(&addr, &before, sizeof(addr));
		return;
	}
	assert_int_equal(addr_parse(row->text, &addr), 0);
	assert_string_equal(addr_print(&addr, text), row->printed);
	assert_int_equal(addr_parse(text, &again), 0);
	assert_true(addr_equal(&addr, &again));
	assert_int_equal(addr_is_host(&addr), row->is_host);
	assert_int_equal(addr_is_private(&addr), row->is_private);
}

static const struct prefix_row {
	const char *name, *text;
	int expected;
	const char *printed;
} prefix_rows[] = {
	{ "a prefix of IPv4", "192.168.70.0/24", 0, "192.168.70.0/24" },
	{ "everything of IPv4", "0.0.0.0/0", 0, "0.0.0.0/0" },
	{ "one address of IPv4", "198.51.100.10/32", 0, "198.51.100.10/32" },
	{ "a length within a byte", "10.32.0.0/11", 0, "10.32.0.0/11" },
	{ "a prefix of IPv6", "2001:db8::/32", 0, "2001:db8::/32" },
	{ "everything of IPv6", "::/0", 0, "::/0" },
	{ "one address of IPv6", "2001:db8::1/128", 0, "2001:db8::1/128" },
	{ "the longest text", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", 0,
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	{ "host bits are named", "192.168.70.1/24", -EDOM, "192.168.70.0/24" },
	{ "host bits within a byte", "10.50.0.0/11", -EDOM, "10.32.0.0/11" },
	{ "the last bit is a host bit too", "10.0.0.1/31", -EDOM, "10.0.0.0/31" },
	{ "host bits of everything", "10.0.0.0/0", -EDOM, "0.0.0.0/0" },
	{ "host bits of IPv6", "2001:db8::1/64", -EDOM, "2001:db8::/64" },
	{ "a length of 33", "10.0.0.0/33", -EINVAL, NULL },
	{ "a length of 129", "::/129", -EINVAL, NULL },
	{ "a length of four digits", "::/0128", -EINVAL, NULL },
	{ "a length with a leading zero", "10.0.0.0/08", -EINVAL, NULL },
	{ "a length that would wrap", "10.0.0.0/264", -EINVAL, NULL },
	{ "a negative length", "10.0.0.0/-1", -EINVAL, NULL },
	{ "a length with a sign", "10.0.0.0/+8", -EINVAL, NULL },
	{ "a length with a blank", "10.0.0.0/ 8", -EINVAL, NULL },
	{ "no length", "10.0.0.0/", -EINVAL, NULL },
	{ "no slash", "10.0.0.0", -EINVAL, NULL },
	{ "two slashes", "10.0.0.0/8/8", -EINVAL, NULL },
	{ "no address", "/8", -EINVAL, NULL },
	{ "an address that is too long",
	  "1111111111111111111111111111111111111111111111111111111111111111/8", -EINVAL, NULL },
	{ "an empty text", "", -EINVAL, NULL },
};

static void parses_prefix(void **state)
{
	const struct prefix_row *row = *state;
	struct prefix prefix, before, again;
	char text[PREFIX_TEXT_BYTES];

	memset(&prefix, 0xaa, sizeof(prefix));
	before = prefix;
	assert_int_equal(prefix_parse(row->text, &prefix), row->expected);
	if (row->expected == -EINVAL) {
		assert_memory_equal(&prefix, &before, sizeof(prefix));
		return;
	}
	assert_string_equal(prefix_print(&prefix, text), row->printed);
	assert_int_equal(prefix_parse(text, &again), 0);
	assert_true(prefix_equal(&prefix, &again));
}

static const struct pair_row {
	const char *name, *a, *b;
	bool a_contains_b, b_contains_a, overlap;
} pair_rows[] = {
	{ "a prefix contains itself", "10.0.0.0/8", "10.0.0.0/8", true, true, true },
	{ "a wider one contains a narrower", "10.0.0.0/8", "10.50.0.0/16", true, false, true },
	{ "everything contains one address", "0.0.0.0/0", "198.51.100.10/32", true, false, true },
	{ "neighbours share nothing", "10.50.0.0/16", "10.51.0.0/16", false, false, false },
	{ "halves share nothing", "10.0.0.0/9", "10.128.0.0/9", false, false, false },
	{ "the last bit decides", "10.0.0.0/32", "10.0.0.1/32", false, false, false },
	{ "a length within a byte", "10.32.0.0/11", "10.63.0.0/16", true, false, true },
	{ "beside a length within a byte", "10.32.0.0/11", "10.64.0.0/16", false, false, false },
	{ "IPv6 goes bit by bit too", "2001:db8::/33", "2001:db8:7fff::/48", true, false, true },
	{ "families never mix", "0.0.0.0/0", "::/0", false, false, false },
	{ "families never mix, with equal bytes", "32.1.0.0/16", "2001::/16", false, false, false },
};

static void compares_prefixes(void **state)
{
	const struct pair_row *row = *state;
	struct prefix a, b;

	assert_int_equal(prefix_parse(row->a, &a), 0);
	assert_int_equal(prefix_parse(row->b, &b), 0);
	assert_int_equal(prefix_contains(&a, &b), row->a_contains_b);
	assert_int_equal(prefix_contains(&b, &a), row->b_contains_a);
	assert_int_equal(prefix_overlaps(&a, &b), row->overlap);
	assert_int_equal(prefix_overlaps(&b, &a), row->overlap);
	assert_int_equal(prefix_equal(&a, &b), strcmp(row->a, row->b) == 0);
}

static void an_unset_address_is_nothing(void **state)
{
	const struct addr unset = { 0 };
	char text[ADDR_TEXT_BYTES];

	(void)state;
	assert_string_equal(addr_print(&unset, text), "none");
	assert_false(addr_is_host(&unset));
	assert_false(addr_is_private(&unset));
}

static void an_address_has_a_prefix_of_its_own(void **state)
{
	char text[PREFIX_TEXT_BYTES];
	struct prefix prefix;
	struct addr addr;

	(void)state;
	assert_int_equal(addr_parse("198.51.100.10", &addr), 0);
	prefix = prefix_from_addr(&addr);
	assert_string_equal(prefix_print(&prefix, text), "198.51.100.10/32");
	assert_int_equal(addr_parse("2001:db8::1", &addr), 0);
	prefix = prefix_from_addr(&addr);
	assert_string_equal(prefix_print(&prefix, text), "2001:db8::1/128");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unset_address_is_nothing),
		cmocka_unit_test(an_address_has_a_prefix_of_its_own),
	};

	return RUN_ROWS(addr_rows, parses_addr) + RUN_ROWS(prefix_rows, parses_prefix) +
	       RUN_ROWS(pair_rows, compares_prefixes) + cmocka_run_group_tests(tests, NULL, NULL);
}
