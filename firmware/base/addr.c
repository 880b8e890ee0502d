/* IP addresses and prefixes as plain values.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static unsigned int max_len(const struct addr *addr)
{
	return addr->family == ADDR_FAMILY_IPV6 ? 128 : 32;
}

int addr_parse(const char *text, struct addr *ret_addr)
{
	struct addr addr = { .family = ADDR_FAMILY_IPV4 };

	if (inet_pton(AF_INET, text, addr.bytes) != 1) {
		addr = (struct addr){ .family = ADDR_FAMILY_IPV6 };
		if (inet_pton(AF_INET6, text, addr.bytes) != 1)
			return -EINVAL;
	}
	*ret_addr = addr;
	return 0;
}

const char *addr_print(const struct addr *addr, char buf[static ADDR_TEXT_BYTES])
{
	int af = addr->family == ADDR_FAMILY_IPV6 ? AF_INET6 : AF_INET;

	if (addr->family == ADDR_FAMILY_NONE ||
	    inet_ntop(af, addr->bytes, buf, ADDR_TEXT_BYTES) == NULL)
		snprintf(buf, ADDR_TEXT_BYTES, "none");
	return buf;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool is_in_any(const struct addr *addr, const char *const *blocks)
{
	struct prefix host = prefix_from_addr(addr);
	struct prefix block;

	for (; *blocks; blocks++)
		if (prefix_parse(*blocks, &block) == 0 && prefix_contains(&block, &host))
			return true;
	return false;
}

bool addr_is_host(const struct addr *addr)
{
	static const char *const never[] = { "0.0.0.0/8",	  "127.0.0.0/8", "224.0.0.0/4",
					     "240.0.0.0/4",	  "::/127",	 "ff00::/8",
					     "::ffff:0.0.0.0/96", NULL };

	return addr->family != ADDR_FAMILY_NONE && !is_in_any(addr, never);
}

bool addr_is_private(const struct addr *addr)
{
	static const char *const blocks[] = { "10.0.0.0/8",	"172.16.0.0/12",
					      "192.168.0.0/16", "100.64.0.0/10",
					      "169.254.0.0/16", "fc00::/7",
					      "fe80::/10",	NULL };

	return addr->family != ADDR_FAMILY_NONE && is_in_any(addr, blocks);
}

/* Clears the bits behind `len`; true if one was set. */
static bool clear_host_bits(struct addr *addr, unsigned int len)
{
	bool found = false;

	for (unsigned int bit = len; bit < max_len(addr); bit++) {
		uint8_t mask = (uint8_t)(0x80u >> (bit % 8));

		if (addr->bytes[bit / 8] & mask)
			found = true;
		addr->bytes[bit / 8] &= (uint8_t)~mask;
	}
	return found;
}

/* One to three digits, no sign, no leading zero. */
static int parse_len(const char *text, unsigned int *ret_len)
{
	unsigned int value = 0;
	size_t n = strlen(text);

	if (n < 1 || n > 3 || strspn(text, "0123456789") != n || (n > 1 && text[0] == '0'))
		return -EINVAL;
	for (; *text; text++)
		value = value * 10 + (unsigned int)(*text - '0');
	*ret_len = value;
	return 0;
}

int prefix_parse(const char *text, struct prefix *ret_prefix)
{
	char addr_text[ADDR_TEXT_BYTES];
	const char *slash = strchr(text, '/');
	struct prefix prefix = { 0 };
	unsigned int len;
	bool had_host_bits;

	if (!slash || (size_t)(slash - text) >= sizeof(addr_text))
		return -EINVAL;
	memcpy(addr_text, text, (size_t)(slash - text));
	addr_text[slash - text] = '\0';
	if (addr_parse(addr_text, &prefix.addr) < 0 || parse_len(slash + 1, &len) < 0 ||
	    len > max_len(&prefix.addr))
		return -EINVAL;
	prefix.len = (uint8_t)len;
	had_host_bits = clear_host_bits(&prefix.addr, len);
	*ret_prefix = prefix;
	return had_host_bits ? -EDOM : 0;
}

const char *prefix_print(const struct prefix *prefix, char buf[static PREFIX_TEXT_BYTES])
{
	char addr_text[ADDR_TEXT_BYTES];

	snprintf(buf, PREFIX_TEXT_BYTES, "%s/%u", addr_print(&prefix->addr, addr_text),
		 prefix->len);
	return buf;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
	struct addr head = inner->addr;

	if (outer->addr.family != inner->addr.family || outer->len > inner->len)
		return false;
	clear_host_bits(&head, outer->len);
	return addr_equal(&head, &outer->addr);
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return prefix_contains(a, b) || prefix_contains(b, a);
}

struct prefix prefix_from_addr(const struct addr *addr)
{
	return (struct prefix){ .addr = *addr, .len = (uint8_t)max_len(addr) };
}
