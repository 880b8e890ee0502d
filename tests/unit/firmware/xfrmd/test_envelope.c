/* The envelope: one row for each thing that a request may get wrong, against a configuration that
 * is route-based and one that is policy-based, since 0.0.0.0/0 fits everything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/envelope.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "sample.h"

static struct envelope envelope;

/* A change to one field: a number, or the text of an address or a prefix. */
struct patch {
	size_t offset, size;
	uint64_t value;
	const char *text;
};

#define IN_REQUEST(field)                                                                          \
	offsetof(struct xfrm_sa_add, field), sizeof(((struct xfrm_sa_add *)0)->field)
#define IN_ENVELOPE(field) offsetof(struct envelope, field), sizeof(((struct envelope *)0)->field)

static void apply(void *object, const struct patch *patch)
{
	unsigned char *field = (unsigned char *)object + patch->offset;
	struct prefix prefix;
	struct addr addr;

	if (patch->text && patch->size == sizeof(struct addr)) {
		addr = sample_addr(patch->text);
		memcpy(field, &addr, sizeof(addr));
	} else if (patch->text) {
		prefix = sample_prefix(patch->text);
		memcpy(field, &prefix, sizeof(prefix));
	} else if (patch->size > 0) {
		memcpy(field, &patch->value, patch->size); /* little endian */
	}
}

#define RESERVED ENVELOPE_SPI_RESERVED
#define UNKNOWN ENVELOPE_SPI_UNKNOWN
#define TAKEN ENVELOPE_SPI_TAKEN

/* clang-format off */
static const struct row {
	const char *name;
	enum sample sample;
	enum envelope_spi spi;
	const char *wanted; /* part of the sentence; NULL: no objection */
	struct patch patches[4];
} rows[] = {
	{ "route-based, in", SAMPLE_ROUTE_IN, RESERVED, NULL, {} },
	{ "route-based, out", SAMPLE_ROUTE_OUT, UNKNOWN, NULL, {} },
	{ "policy-based, in", SAMPLE_POLICY_IN, RESERVED, NULL, {} },
	{ "policy-based, out", SAMPLE_POLICY_OUT, UNKNOWN, NULL, {} },
	{ "the second suite", SAMPLE_POLICY_OUT, UNKNOWN, NULL,
	  { { IN_REQUEST(encr), 3, 0 }, { IN_REQUEST(encr_key_bytes), 24, 0 },
	    { IN_REQUEST(integ), 2, 0 }, { IN_REQUEST(integ_key_bytes), 20, 0 } } },
	{ "narrowed selectors", SAMPLE_POLICY_IN, RESERVED, NULL,
	  { { IN_REQUEST(local), 0, "192.168.12.128/25" }, { IN_REQUEST(remote), 0, "10.50.7.0/24" } } },
	{ "another child of the tunnel", SAMPLE_POLICY_IN, RESERVED, NULL,
	  { { IN_REQUEST(reqid), 72, 0 }, { IN_REQUEST(remote), 0, "10.60.8.0/24" } } },
	{ "an IPv6 child", SAMPLE_POLICY_OUT, UNKNOWN, NULL,
	  { { IN_REQUEST(reqid), 73, 0 }, { IN_REQUEST(local), 0, "fd00:12::/64" },
	    { IN_REQUEST(remote), 0, "fd00:50::/32" } } },
	{ "ESP in UDP", SAMPLE_ROUTE_IN, RESERVED, NULL,
	  { { IN_REQUEST(flags), XFRM_SA_ENCAP, 0 }, { IN_REQUEST(encap_src_port), 4500, 0 },
	    { IN_REQUEST(encap_dst_port), 4500, 0 } } },
	{ "extended sequence numbers", SAMPLE_ROUTE_IN, RESERVED, NULL,
	  { { IN_REQUEST(flags), XFRM_SA_ESN, 0 } } },
	{ "no limit of bytes where none is configured", SAMPLE_POLICY_IN, RESERVED, NULL,
	  { { IN_REQUEST(hard_bytes), 0, 0 }, { IN_REQUEST(soft_bytes), 0, 0 } } },
	{ "the largest replay window", SAMPLE_ROUTE_IN, RESERVED, NULL,
	  { { IN_REQUEST(replay_window), 4096, 0 } } },
	{ "no replay window outbound", SAMPLE_ROUTE_OUT, UNKNOWN, NULL,
	  { { IN_REQUEST(replay_window), 0, 0 } } },
	{ "an own address behind NAT", SAMPLE_ROUTE_IN, RESERVED, NULL,
	  { { IN_REQUEST(dst), 0, "192.168.1.2" } } },

	{ "no direction", SAMPLE_ROUTE_IN, RESERVED, "direction 0", { { IN_REQUEST(direction), 0, 0 } } },
	{ "a third direction", SAMPLE_ROUTE_IN, RESERVED, "direction 3",
	  { { IN_REQUEST(direction), 3, 0 } } },
	{ "an unknown flag", SAMPLE_ROUTE_IN, RESERVED, "flags 0x4", { { IN_REQUEST(flags), 4, 0 } } },
	{ "reserved bytes set", SAMPLE_ROUTE_IN, RESERVED, "reserved",
	  { { IN_REQUEST(reserved_tail), 0x01000000, 0 } } },
	{ "an address of no family", SAMPLE_ROUTE_IN, RESERVED, "malformed",
	  { { IN_REQUEST(src.family), 0, 0 } } },
	{ "an address of family 5", SAMPLE_ROUTE_IN, RESERVED, "malformed",
	  { { IN_REQUEST(dst.family), 5, 0 } } },
	{ "bytes behind an IPv4 address", SAMPLE_ROUTE_IN, RESERVED, "malformed",
	  { { IN_REQUEST(src.bytes[15]), 1, 0 } } },
	{ "reserved bytes of an address", SAMPLE_ROUTE_IN, RESERVED, "malformed",
	  { { IN_REQUEST(src.reserved), 1, 0 } } },
	{ "a selector with host bits", SAMPLE_POLICY_IN, RESERVED, "malformed",
	  { { IN_REQUEST(remote.addr.bytes[3]), 1, 0 } } },
	{ "a selector longer than its family", SAMPLE_POLICY_IN, RESERVED, "malformed",
	  { { IN_REQUEST(remote.len), 33, 0 } } },
	{ "AH", SAMPLE_ROUTE_IN, RESERVED, "IP protocol 51", { { IN_REQUEST(protocol), 51, 0 } } },
	{ "IPComp", SAMPLE_ROUTE_IN, RESERVED, "IP protocol 108", { { IN_REQUEST(protocol), 108, 0 } } },
	{ "transport mode", SAMPLE_ROUTE_IN, RESERVED, "only tunnel mode",
	  { { IN_REQUEST(mode), XFRM_MODE_TRANSPORT_ASKED, 0 } } },
	{ "BEET mode", SAMPLE_ROUTE_IN, RESERVED, "mode 4", { { IN_REQUEST(mode), 4, 0 } } },
	{ "if_id 0, that would take all traffic", SAMPLE_ROUTE_IN, RESERVED, "if_id 0 belongs",
	  { { IN_REQUEST(if_id), 0, 0 } } },
	{ "an unknown if_id", SAMPLE_ROUTE_IN, RESERVED, "if_id 9 belongs",
	  { { IN_REQUEST(if_id), 9, 0 } } },
	{ "the other tunnel's if_id", SAMPLE_ROUTE_IN, RESERVED, "peer 198.51.100.10 was asked",
	  { { IN_REQUEST(if_id), 7, 0 } } },
	{ "another peer, in", SAMPLE_ROUTE_IN, RESERVED, "peer 192.0.2.66 was asked, tunnel cn-route",
	  { { IN_REQUEST(src), 0, "192.0.2.66" } } },
	{ "another peer, out", SAMPLE_ROUTE_OUT, UNKNOWN, "peer 192.0.2.66",
	  { { IN_REQUEST(dst), 0, "192.0.2.66" } } },
	{ "the other tunnel's gateway", SAMPLE_ROUTE_OUT, UNKNOWN, "peer 198.51.100.20",
	  { { IN_REQUEST(dst), 0, SAMPLE_GATEWAY_2 } } },
	{ "ends exchanged", SAMPLE_ROUTE_IN, RESERVED, "peer 203.0.113.7",
	  { { IN_REQUEST(src), 0, SAMPLE_BOX }, { IN_REQUEST(dst), 0, SAMPLE_GATEWAY } } },
	{ "an own address of 0.0.0.0", SAMPLE_ROUTE_IN, RESERVED, "0.0.0.0 cannot be",
	  { { IN_REQUEST(dst), 0, "0.0.0.0" } } },
	{ "an own address that is multicast", SAMPLE_ROUTE_IN, RESERVED, "224.0.0.1 cannot be",
	  { { IN_REQUEST(dst), 0, "224.0.0.1" } } },
	{ "an own address that is loopback", SAMPLE_ROUTE_OUT, UNKNOWN, "127.0.0.1 cannot be",
	  { { IN_REQUEST(src), 0, "127.0.0.1" } } },
	{ "an own address of another family", SAMPLE_ROUTE_IN, RESERVED, "2001:db8::1 cannot be",
	  { { IN_REQUEST(dst), 0, "2001:db8::1" } } },
	{ "another gateway of Azure's as the own address", SAMPLE_ROUTE_IN, RESERVED,
	  "198.51.100.20 cannot be", { { IN_REQUEST(dst), 0, SAMPLE_GATEWAY_2 } } },
	{ "an own address inside an Azure prefix", SAMPLE_ROUTE_OUT, UNKNOWN, "10.50.0.9 cannot be",
	  { { IN_REQUEST(src), 0, "10.50.0.9" } } },
	{ "the gateway at both ends", SAMPLE_ROUTE_IN, RESERVED, "198.51.100.10 cannot be",
	  { { IN_REQUEST(dst), 0, SAMPLE_GATEWAY } } },
	{ "reqid 0", SAMPLE_ROUTE_IN, RESERVED, "reqid 0 is no child", { { IN_REQUEST(reqid), 0, 0 } } },
	{ "the other tunnel's reqid", SAMPLE_ROUTE_IN, RESERVED, "reqid 71 is no child of tunnel cn-route",
	  { { IN_REQUEST(reqid), 71, 0 } } },
	{ "a wider remote selector", SAMPLE_POLICY_IN, RESERVED,
	  "remote traffic selector 10.0.0.0/8 was asked, reqid 71 has 10.50.0.0/16",
	  { { IN_REQUEST(remote), 0, "10.0.0.0/8" } } },
	{ "any remote selector", SAMPLE_POLICY_IN, RESERVED, "remote traffic selector 0.0.0.0/0",
	  { { IN_REQUEST(remote), 0, "0.0.0.0/0" } } },
	{ "a wider local selector", SAMPLE_POLICY_OUT, UNKNOWN, "local traffic selector 192.168.0.0/16",
	  { { IN_REQUEST(local), 0, "192.168.0.0/16" } } },
	{ "another child's remote selector", SAMPLE_POLICY_IN, RESERVED, "remote traffic selector 10.60.8.0/24",
	  { { IN_REQUEST(remote), 0, "10.60.8.0/24" } } },
	{ "selectors exchanged", SAMPLE_POLICY_IN, RESERVED, "local traffic selector 10.50.0.0/16",
	  { { IN_REQUEST(local), 0, "10.50.0.0/16" }, { IN_REQUEST(remote), 0, "192.168.12.0/24" } } },
	{ "an IPv6 selector where IPv4 is any", SAMPLE_ROUTE_IN, RESERVED, "remote traffic selector ::/0",
	  { { IN_REQUEST(remote), 0, "::/0" } } },
	{ "SPI 0", SAMPLE_ROUTE_OUT, UNKNOWN, "SPI 0x0 is reserved", { { IN_REQUEST(spi_be), 0, 0 } } },
	{ "SPI 255", SAMPLE_ROUTE_OUT, UNKNOWN, "SPI 0xff is reserved",
	  { { IN_REQUEST(spi_be), 0xff000000, 0 } } },
	{ "an inbound SPI out of the blue", SAMPLE_ROUTE_IN, UNKNOWN, "was not reserved by this session", {} },
	{ "somebody else's inbound SPI", SAMPLE_ROUTE_IN, TAKEN, "was not reserved by this session", {} },
	{ "an outbound SPI in use", SAMPLE_ROUTE_OUT, TAKEN, "is in use", {} },
	{ "an outbound SPI that was reserved inbound", SAMPLE_ROUTE_OUT, RESERVED, "is in use", {} },
	{ "ESP without encryption (NULL)", SAMPLE_POLICY_IN, RESERVED, "encryption 11, 0 bytes",
	  { { IN_REQUEST(encr), 11, 0 }, { IN_REQUEST(encr_key_bytes), 0, 0 } } },
	{ "DES", SAMPLE_POLICY_IN, RESERVED, "encryption 2, 8 bytes",
	  { { IN_REQUEST(encr), 2, 0 }, { IN_REQUEST(encr_key_bytes), 8, 0 } } },
	{ "a suite of the other tunnel", SAMPLE_ROUTE_IN, RESERVED, "no ESP suite of cn-route",
	  { { IN_REQUEST(encr), 12, 0 }, { IN_REQUEST(encr_key_bytes), 32, 0 } } },
	{ "a shorter key", SAMPLE_ROUTE_IN, RESERVED, "encryption 20, 20 bytes",
	  { { IN_REQUEST(encr_key_bytes), 20, 0 } } },
	{ "a key without its salt", SAMPLE_ROUTE_IN, RESERVED, "encryption 20, 32 bytes",
	  { { IN_REQUEST(encr_key_bytes), 32, 0 } } },
	{ "a key longer than its field", SAMPLE_ROUTE_IN, RESERVED, "encryption 20, 65535 bytes",
	  { { IN_REQUEST(encr_key_bytes), 65535, 0 } } },
	{ "integrity beside AES-GCM", SAMPLE_ROUTE_IN, RESERVED, "integrity 12, 32 bytes",
	  { { IN_REQUEST(integ), 12, 0 }, { IN_REQUEST(integ_key_bytes), 32, 0 } } },
	{ "AES-CBC without integrity", SAMPLE_POLICY_IN, RESERVED, "integrity 0, 0 bytes",
	  { { IN_REQUEST(integ), 0, 0 }, { IN_REQUEST(integ_key_bytes), 0, 0 } } },
	{ "an integrity key of another length", SAMPLE_POLICY_IN, RESERVED, "integrity 12, 20 bytes",
	  { { IN_REQUEST(integ_key_bytes), 20, 0 } } },
	{ "parts of two suites", SAMPLE_POLICY_IN, RESERVED, "no ESP suite",
	  { { IN_REQUEST(integ), 2, 0 }, { IN_REQUEST(integ_key_bytes), 20, 0 } } },
	{ "ESP in UDP from another port", SAMPLE_ROUTE_IN, RESERVED, "UDP ports 53 and 4500",
	  { { IN_REQUEST(flags), XFRM_SA_ENCAP, 0 }, { IN_REQUEST(encap_src_port), 53, 0 },
	    { IN_REQUEST(encap_dst_port), 4500, 0 } } },
	{ "UDP ports without ESP in UDP", SAMPLE_ROUTE_IN, RESERVED, "UDP ports 0 and 4500",
	  { { IN_REQUEST(encap_dst_port), 4500, 0 } } },
	{ "a life longer than configured", SAMPLE_POLICY_IN, RESERVED,
	  "a life of 3601 s was asked, cn-policy allows 3600 s", { { IN_REQUEST(hard_s), 3601, 0 } } },
	{ "a life without end", SAMPLE_ROUTE_IN, RESERVED, "a life of 0 s",
	  { { IN_REQUEST(hard_s), 0, 0 }, { IN_REQUEST(soft_s), 0, 0 } } },
	{ "more bytes than configured", SAMPLE_ROUTE_IN, RESERVED, "a life of 104857600001 bytes",
	  { { IN_REQUEST(hard_bytes), 104857600001, 0 } } },
	{ "no limit of bytes where one is configured", SAMPLE_ROUTE_OUT, UNKNOWN, "a life of 0 bytes",
	  { { IN_REQUEST(hard_bytes), 0, 0 } } },
	{ "a soft limit above the hard one", SAMPLE_ROUTE_IN, RESERVED, "soft limit",
	  { { IN_REQUEST(soft_s), 3601, 0 } } },
	{ "a soft limit of packets above the hard one", SAMPLE_ROUTE_IN, RESERVED, "soft limit",
	  { { IN_REQUEST(soft_packets), 11, 0 }, { IN_REQUEST(hard_packets), 10, 0 } } },
	{ "no replay window inbound", SAMPLE_ROUTE_IN, RESERVED, "replay window of 0",
	  { { IN_REQUEST(replay_window), 0, 0 } } },
	{ "a replay window beyond the kernel's", SAMPLE_ROUTE_OUT, UNKNOWN, "replay window of 4097",
	  { { IN_REQUEST(replay_window), 4097, 0 } } },
};
/* clang-format on */

static bool is_as_wanted(const char *met, const char *wanted)
{
	return wanted ? met && strstr(met, wanted) : !met;
}

static void each_request_gets_its_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct xfrm_sa_add request = sample_request(rows[i].sample);
		char buf[MAX_SENTENCE_BYTES];
		const char *objection;

		for (size_t n = 0; n < countof(rows[i].patches); n++)
			apply(&request, &rows[i].patches[n]);
		objection = envelope_objection(&envelope, &request, rows[i].spi, buf);
		if (!is_as_wanted(objection, rows[i].wanted))
			fail_msg("%s: %s", rows[i].name, objection ? objection : "no objection");
	}
}

static void a_reservation_needs_a_gateway(void **state)
{
	static const struct {
		const char *name, *src, *dst, *wanted;
		uint32_t if_id;
	} cases[] = {
		{ "from the first gateway", SAMPLE_GATEWAY, SAMPLE_BOX, NULL, 1 },
		{ "from the second gateway", SAMPLE_GATEWAY_2, SAMPLE_BOX, NULL, 7 },
		{ "from nobody we know", "192.0.2.66", SAMPLE_BOX, "peer 192.0.2.66 is no gateway",
		  0 },
		{ "ends exchanged", SAMPLE_BOX, SAMPLE_GATEWAY, "is no gateway", 0 },
		{ "to a gateway", SAMPLE_GATEWAY, SAMPLE_GATEWAY, "cannot be an address", 0 },
		{ "to everybody", SAMPLE_GATEWAY, "255.255.255.255", "cannot be an address", 0 },
		{ "to another family", SAMPLE_GATEWAY, "2001:db8::1", "cannot be an address", 0 },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct xfrm_spi_get request = { .src = sample_addr(cases[i].src),
						.dst = sample_addr(cases[i].dst) };
		const struct envelope_tunnel *tunnel = NULL;
		char buf[MAX_SENTENCE_BYTES];
		const char *objection = envelope_spi_objection(&envelope, &request, &tunnel, buf);

		if (!is_as_wanted(objection, cases[i].wanted) ||
		    (tunnel ? tunnel->if_id : 0) != cases[i].if_id)
			fail_msg("%s: %s", cases[i].name, objection ? objection : "no objection");
	}
}

static void a_table_from_a_parser_that_lies_is_refused(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name, *wanted;
		struct patch patch;
	} cases[] = {
		{ "as it is", NULL, { 0 } },
		{ "no prefixes", "0 Azure prefixes", { IN_ENVELOPE(head.n_prefixes), 0, 0 } },
		{ "too many prefixes", "257 Azure prefixes", { IN_ENVELOPE(head.n_prefixes), 257, 0 } },
		{ "no tunnels", "0 tunnels", { IN_ENVELOPE(head.n_tunnels), 0, 0 } },
		{ "too many tunnels", "1025 tunnels", { IN_ENVELOPE(head.n_tunnels), 1025, 0 } },
		{ "too many children", "8193 children", { IN_ENVELOPE(head.n_children), 8193, 0 } },
		{ "a prefix with host bits", "Azure prefix 1", { IN_ENVELOPE(prefixes[0].addr.bytes[3]), 1, 0 } },
		{ "all addresses", "Azure prefix 2", { IN_ENVELOPE(prefixes[1]), 0, "0.0.0.0/0" } },
		{ "if_id 0", "tunnel 1 has an if_id", { IN_ENVELOPE(tunnels[0].if_id), 0, 0 } },
		{ "a large if_id", "tunnel 1 has an if_id", { IN_ENVELOPE(tunnels[0].if_id), 0x10000, 0 } },
		{ "a repeated if_id", "tunnel 2 has an if_id", { IN_ENVELOPE(tunnels[1].if_id), 1, 0 } },
		{ "an IPv6 gateway", "tunnel 1 has a gateway", { IN_ENVELOPE(tunnels[0].gateway), 0, "2001:db8::1" } },
		{ "a multicast gateway", "tunnel 1 has a gateway", { IN_ENVELOPE(tunnels[0].gateway), 0, "224.0.0.1" } },
		{ "a repeated gateway", "tunnel 2 has a gateway", { IN_ENVELOPE(tunnels[1].gateway), 0, SAMPLE_GATEWAY } },
		{ "no suites", "tunnel 1 has an ESP suite", { IN_ENVELOPE(tunnels[0].n_suites), 0, 0 } },
		{ "too many suites", "tunnel 1 has an ESP suite", { IN_ENVELOPE(tunnels[0].n_suites), 33, 0 } },
		{ "NULL encryption", "tunnel 2 has an ESP suite", { IN_ENVELOPE(tunnels[1].suites[0].encr), 11, 0 } },
		{ "DES", "tunnel 2 has an ESP suite", { IN_ENVELOPE(tunnels[1].suites[1].encr), 2, 0 } },
		{ "keys of 200 bits", "tunnel 2 has an ESP suite", { IN_ENVELOPE(tunnels[1].suites[0].key_bits), 200, 0 } },
		{ "CBC without integrity", "tunnel 2 has an ESP suite", { IN_ENVELOPE(tunnels[1].suites[0].integ), 0, 0 } },
		{ "an unknown integrity", "tunnel 2 has an ESP suite", { IN_ENVELOPE(tunnels[1].suites[0].integ), 77, 0 } },
		{ "GCM with integrity", "tunnel 1 has an ESP suite", { IN_ENVELOPE(tunnels[0].suites[0].integ), 12, 0 } },
		{ "no lifetime", "tunnel 1 has child SAs", { IN_ENVELOPE(tunnels[0].max_life_s), 0, 0 } },
		{ "no children", "tunnel 1 has children", { IN_ENVELOPE(tunnels[0].n_children), 0, 0 } },
		{ "others' children", "tunnel 2 has children", { IN_ENVELOPE(tunnels[1].first_child), 0, 0 } },
		{ "children that are not there", "tunnel 2 has children", { IN_ENVELOPE(tunnels[1].n_children), 4, 0 } },
		{ "children by the billion", "tunnel 2 has children", { IN_ENVELOPE(tunnels[1].n_children), 0xffffffff, 0 } },
		{ "a child too many", "child 4 belongs", { IN_ENVELOPE(tunnels[1].n_children), 2, 0 } },
		{ "a child of no tunnel", "child 2 belongs", { IN_ENVELOPE(children[1].tunnel), 0xffffffff, 0 } },
		{ "a child of another tunnel", "child 2 belongs", { IN_ENVELOPE(children[1].tunnel), 0, 0 } },
		{ "reqid 0", "child 2 has a reqid", { IN_ENVELOPE(children[1].reqid), 0, 0 } },
		{ "a repeated reqid", "child 2 has a reqid", { IN_ENVELOPE(children[1].reqid), 1, 0 } },
		{ "a malformed selector", "child 2 has a selector", { IN_ENVELOPE(children[1].local.len), 99, 0 } },
		{ "selectors of two families", "child 2 has a selector", { IN_ENVELOPE(children[1].local), 0, "fd00::/16" } },
		{ "a child that leads elsewhere", "child 2 leads to no Azure prefix",
		  { IN_ENVELOPE(children[1].remote), 0, "10.99.0.0/16" } },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		char buf[MAX_SENTENCE_BYTES];
		const char *flaw;

		sample_envelope(&envelope);
		apply(&envelope, &cases[i].patch);
		flaw = envelope_flaw(&envelope, buf);
		if (!is_as_wanted(flaw, cases[i].wanted))
			fail_msg("%s: %s", cases[i].name, flaw ? flaw : "no flaw");
	}
	sample_envelope(&envelope);
}

static void a_name_without_an_end_is_refused(void **state)
{
	char buf[MAX_SENTENCE_BYTES];

	(void)state;
	memset(envelope.tunnels[0].name, 'x', sizeof(envelope.tunnels[0].name));
	assert_string_equal(envelope_flaw(&envelope, buf), "tunnel 1 has a name without an end");
	sample_envelope(&envelope);
}

static void routes_lead_where_child_and_prefix_meet(void **state)
{
	static const struct {
		const char *remote, *azure, *wanted;
	} cases[] = {
		{ "0.0.0.0/0", "10.50.0.0/16", "10.50.0.0/16" },
		{ "10.50.0.0/16", "10.50.0.0/16", "10.50.0.0/16" },
		{ "10.50.4.0/24", "10.50.0.0/16", "10.50.4.0/24" },
		{ "10.60.0.0/16", "10.50.0.0/16", NULL },
		{ "0.0.0.0/0", "fd00:50::/32", NULL },
		{ "::/0", "fd00:50::/32", "fd00:50::/32" },
	};

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		struct envelope_child child = { .remote = sample_prefix(cases[i].remote) };
		struct prefix azure = sample_prefix(cases[i].azure);
		const struct prefix *route = envelope_route(&child, &azure);
		char buf[PREFIX_TEXT_BYTES];

		if (!is_as_wanted(route ? prefix_print(route, buf) : NULL, cases[i].wanted))
			fail_msg("%s and %s", cases[i].remote, cases[i].azure);
	}
}

static int set_up(void **state)
{
	(void)state;
	sample_envelope(&envelope);
	return 0;
}

static void the_mtu_is_what_every_suite_has_room_for(void **state)
{
	static struct envelope envelope;

	(void)state;
	sample_envelope(&envelope);
	/* AES-GCM; AES-CBC and 3DES */
	assert_int_equal(envelope_mtu(&envelope.tunnels[0], 1500), 1400);
	assert_int_equal(envelope_mtu(&envelope.tunnels[0], 1400), 1338);
	assert_int_equal(envelope_mtu(&envelope.tunnels[1], 1400), 1326);
	assert_int_equal(envelope_mtu(&envelope.tunnels[1], 300), 576);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mtu_is_what_every_suite_has_room_for),
		cmocka_unit_test(each_request_gets_its_answer),
		cmocka_unit_test(a_reservation_needs_a_gateway),
		cmocka_unit_test(a_table_from_a_parser_that_lies_is_refused),
		cmocka_unit_test(a_name_without_an_end_is_refused),
		cmocka_unit_test(routes_lead_where_child_and_prefix_meet),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
