/* IP addresses and prefixes as plain values, comparable with memcmp.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum addr_family {
	ADDR_FAMILY_NONE = 0, /* unset */
	ADDR_FAMILY_IPV4 = 4,
	ADDR_FAMILY_IPV6 = 6,
};

/* An address. Unused bytes are zero, so equal addresses have equal bytes. Also used on the wire
 * between our own processes: fixed size, no padding. */
struct addr {
	uint8_t family;	     /* enum addr_family */
	uint8_t reserved[3]; /* zero */
	uint8_t bytes[16];   /* network order; IPv4 in the first four */
};

/* An address block. A valid one has no host bits set. */
struct prefix {
	struct addr addr;
	uint8_t len;	     /* 0..32 or 0..128 */
	uint8_t reserved[3]; /* zero */
};

static_assert(sizeof(struct addr) == 20, "no padding");
static_assert(sizeof(struct prefix) == 24, "no padding");

#define ADDR_TEXT_BYTES 46   /* INET6_ADDRSTRLEN */
#define PREFIX_TEXT_BYTES 50 /* the same and "/128" */

/* Parses a numeric IPv4 or IPv6 address (no zone, no leading zeros in IPv4: RFC 6943 3.1.1).
 * Returns 0, or -EINVAL and leaves `ret_addr` untouched. */
__attribute__((warn_unused_result)) int addr_parse(const char *text, struct addr *ret_addr);

/* Prints an address; "none" for an unset one. Returns `buf`. */
const char *addr_print(const struct addr *addr, char buf[static ADDR_TEXT_BYTES]);

bool addr_equal(const struct addr *a, const struct addr *b);

/* True for an address that a host can have on the internet or in a LAN: neither unset, zero,
 * loopback, multicast, broadcast nor IPv4 in IPv6's clothes (RFC 6890). */
bool addr_is_host(const struct addr *addr);

/* True for an address that is private or shared (RFC 1918, RFC 6598, RFC 4193) or link-local. */
bool addr_is_private(const struct addr *addr);

/* Parses "address/length". Returns 0, -EINVAL for what is no prefix, or -EDOM when host bits are
 * set; on -EDOM, and only then, `ret_prefix` holds the prefix with the host bits cleared. */
__attribute__((warn_unused_result)) int prefix_parse(const char *text, struct prefix *ret_prefix);

/* Prints a prefix as "address/length". Returns `buf`. */
const char *prefix_print(const struct prefix *prefix, char buf[static PREFIX_TEXT_BYTES]);

bool prefix_equal(const struct prefix *a, const struct prefix *b);

/* True if every address of `inner` lies in `outer`. False for different families. */
bool prefix_contains(const struct prefix *outer, const struct prefix *inner);

/* True if at least one address lies in both. False for different families. */
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);

/* The prefix that holds this one address (/32 or /128). */
struct prefix prefix_from_addr(const struct addr *addr);
