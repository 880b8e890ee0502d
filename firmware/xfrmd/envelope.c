/* The envelope: what the configuration allows, and the judgement on a request.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/envelope.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/suite.h"

#define MIN_SPI 256u	 /* RFC 4303 2.1 reserves the others */
#define MAX_WINDOW 4096u /* the kernel's largest */
#define MAX_MTU 1400u	 /* Azure's advice for a tunnel interface */
#define MIN_MTU 576u	 /* what every host takes (RFC 1122 3.3.3) */
#define NAT_T_PORT 4500u /* RFC 3948; Azure's side never moves */
#define KNOWN_FLAGS (XFRM_SA_ENCAP | XFRM_SA_ESN)

#define refuse(buf, ...) (snprintf(buf, MAX_SENTENCE_BYTES, __VA_ARGS__), (const char *)(buf))

const struct envelope_tunnel *envelope_find_tunnel(const struct envelope *envelope, uint32_t if_id)
{
	for (uint32_t i = 0; i < envelope->head.n_tunnels; i++)
		if (envelope->tunnels[i].if_id == if_id)
			return &envelope->tunnels[i];
	return NULL;
}

const struct envelope_tunnel *envelope_find_gateway(const struct envelope *envelope,
						    const struct addr *gateway)
{
	for (uint32_t i = 0; i < envelope->head.n_tunnels; i++)
		if (addr_equal(&envelope->tunnels[i].gateway, gateway))
			return &envelope->tunnels[i];
	return NULL;
}

const struct envelope_child *envelope_find_child(const struct envelope *envelope, uint32_t reqid)
{
	for (uint32_t i = 0; i < envelope->head.n_children; i++)
		if (envelope->children[i].reqid == reqid)
			return &envelope->children[i];
	return NULL;
}

const struct prefix *envelope_route(const struct envelope_child *child,
				    const struct prefix *azure_prefix)
{
	if (prefix_contains(&child->remote, azure_prefix))
		return azure_prefix;
	return prefix_contains(azure_prefix, &child->remote) ? &child->remote : NULL;
}

uint32_t envelope_mtu(const struct envelope_tunnel *tunnel, uint32_t wan_mtu)
{
	uint32_t mtu = MAX_MTU;

	for (uint32_t i = 0; i < tunnel->n_suites; i++) {
		uint32_t room = esp_suite_inner_mtu(&tunnel->suites[i], wan_mtu);

		mtu = room < mtu ? room : mtu;
	}
	return mtu < MIN_MTU ? MIN_MTU : mtu;
}

/* Unused bytes have to be zero, since values are compared as bytes. */
static bool is_valid_prefix(const struct prefix *prefix)
{
	bool is_ipv6 = prefix->addr.family == ADDR_FAMILY_IPV6;
	struct prefix clean = { .addr.family = prefix->addr.family, .len = prefix->len };

	memcpy(clean.addr.bytes, prefix->addr.bytes, is_ipv6 ? 16 : 4);
	return (is_ipv6 || prefix->addr.family == ADDR_FAMILY_IPV4) &&
	       prefix->len <= (is_ipv6 ? 128 : 32) && prefix_equal(&clean, prefix) &&
	       prefix_contains(prefix, prefix); /* no host bits */
}

static bool is_valid_addr(const struct addr *addr)
{
	struct prefix host = prefix_from_addr(addr);

	return is_valid_prefix(&host);
}

/* ESP without encryption and DES have no key length in config/suite.h. */
static bool is_valid_suite(const struct esp_suite *suite)
{
	bool is_aead = suite->encr == ENCR_AES_GCM_16;

	return encr_key_bytes(suite->encr, suite->key_bits) > 0 &&
	       (suite->integ == INTEG_NONE) == is_aead &&
	       (integ_key_bytes(suite->integ) == 0) == is_aead;
}

static bool has_suites(const struct envelope_tunnel *tunnel)
{
	bool is_valid = tunnel->n_suites > 0 && tunnel->n_suites <= MAX_ESP_SUITES;

	for (uint32_t i = 0; is_valid && i < tunnel->n_suites; i++)
		is_valid = is_valid_suite(&tunnel->suites[i]);
	return is_valid;
}

/* Repeats are looked for among those before `n`. */
static const char *tunnel_flaw(const struct envelope *envelope, uint32_t n, uint32_t *next_child)
{
	const struct envelope_tunnel *tunnel = &envelope->tunnels[n];

	if (!memchr(tunnel->name, '\0', sizeof(tunnel->name)))
		return "has a name without an end";
	if (tunnel->if_id == 0 || tunnel->if_id > ENVELOPE_MAX_ID ||
	    envelope_find_tunnel(envelope, tunnel->if_id) != tunnel)
		return "has an if_id out of range or repeated";
	if (tunnel->gateway.family != ADDR_FAMILY_IPV4 || !is_valid_addr(&tunnel->gateway) ||
	    !addr_is_host(&tunnel->gateway) ||
	    envelope_find_gateway(envelope, &tunnel->gateway) != tunnel)
		return "has a gateway that is no IPv4 host address or repeated";
	if (tunnel->priority == 0 || tunnel->priority > ENVELOPE_MAX_ID)
		return "has a priority out of range";
	if (!has_suites(tunnel))
		return "has an ESP suite without encryption or of a wrong key length";
	if (tunnel->max_life_s == 0)
		return "has child SAs without a lifetime";
	if (tunnel->first_child != *next_child || tunnel->n_children == 0 ||
	    tunnel->n_children > envelope->head.n_children - *next_child)
		return "has children out of range";
	*next_child += tunnel->n_children;
	return NULL;
}

static const char *child_flaw(const struct envelope *envelope, uint32_t n)
{
	const struct envelope_child *child = &envelope->children[n];
	const struct envelope_tunnel *tunnel;

	if (child->tunnel >= envelope->head.n_tunnels)
		return "belongs to no tunnel";
	tunnel = &envelope->tunnels[child->tunnel];
	if (n < tunnel->first_child || n - tunnel->first_child >= tunnel->n_children)
		return "belongs to another tunnel";
	if (child->reqid == 0 || child->reqid > ENVELOPE_MAX_ID ||
	    envelope_find_child(envelope, child->reqid) != child)
		return "has a reqid out of range or repeated";
	if (!is_valid_prefix(&child->local) || !is_valid_prefix(&child->remote) ||
	    child->local.addr.family != child->remote.addr.family)
		return "has a selector that is no prefix";
	for (uint32_t i = 0; i < envelope->head.n_prefixes; i++)
		if (envelope_route(child, &envelope->prefixes[i]))
			return NULL;
	return "leads to no Azure prefix";
}

const char *envelope_flaw(const struct envelope *envelope, char buf[static MAX_SENTENCE_BYTES])
{
	const struct envelope_head *head = &envelope->head;
	const char *flaw = NULL;
	uint32_t next_child = 0, i;

	if (!memchr(head->wan_interface, '\0', sizeof(head->wan_interface)))
		return refuse(buf, "the WAN's interface has a name without an end");
	if (head->n_prefixes == 0 || head->n_prefixes > MAX_PREFIXES || head->n_tunnels == 0 ||
	    head->n_tunnels > MAX_TUNNELS || head->n_children > ENVELOPE_MAX_CHILDREN)
		return refuse(buf, "%u Azure prefixes, %u tunnels, %u children are out of range",
			      head->n_prefixes, head->n_tunnels, head->n_children);
	for (i = 0; i < head->n_prefixes; i++)
		if (!is_valid_prefix(&envelope->prefixes[i]) || envelope->prefixes[i].len == 0)
			return refuse(buf, "Azure prefix %u is none, or takes all", i + 1);
	for (i = 0; !flaw && i < head->n_tunnels; i++)
		flaw = tunnel_flaw(envelope, i, &next_child);
	if (flaw)
		return refuse(buf, "tunnel %u %s", i, flaw);
	for (i = 0; !flaw && i < head->n_children; i++)
		flaw = child_flaw(envelope, i);
	if (!flaw && next_child != head->n_children)
		flaw = "belongs to no tunnel";
	return flaw ? refuse(buf, "child %u %s", i, flaw) : NULL;
}

/* All that the checks look at. They run in order, each may rely on the ones before it. */
struct judgement {
	const struct envelope *envelope;
	const struct xfrm_sa_add *request;
	enum envelope_spi spi;
	const struct envelope_tunnel *tunnel; /* set by check_tunnel */
	const struct envelope_child *child;   /* set by check_reqid */
	bool is_in;
	char *buf;
};

static const char *check_form(struct judgement *j)
{
	static const uint8_t zero[sizeof(j->request->reserved_tail)];
	const struct xfrm_sa_add *request = j->request;

	if (request->direction != XFRM_DIRECTION_IN && request->direction != XFRM_DIRECTION_OUT)
		return refuse(j->buf, "direction %u is neither in nor out", request->direction);
	if (request->flags & ~KNOWN_FLAGS)
		return refuse(j->buf, "flags 0x%x are unknown", request->flags);
	if (memcmp(request->reserved_tail, zero, sizeof(zero)) != 0)
		return refuse(j->buf, "reserved bytes are not zero");
	if (!is_valid_addr(&request->src) || !is_valid_addr(&request->dst) ||
	    !is_valid_prefix(&request->local) || !is_valid_prefix(&request->remote))
		return refuse(j->buf, "an address or a traffic selector is malformed");
	if (request->protocol != IPPROTO_ESP)
		return refuse(j->buf, "IP protocol %u was asked, only ESP (50) is allowed",
			      request->protocol);
	if (request->mode != XFRM_MODE_TUNNEL_ASKED)
		return refuse(j->buf, "mode %u was asked, only tunnel mode is allowed",
			      request->mode);
	return NULL;
}

static const char *check_tunnel(struct judgement *j)
{
	j->tunnel = envelope_find_tunnel(j->envelope, j->request->if_id);
	return j->tunnel ? NULL
			 : refuse(j->buf, "if_id %u belongs to no tunnel", j->request->if_id);
}

static bool is_azures(const struct envelope *envelope, const struct addr *addr)
{
	struct prefix host = prefix_from_addr(addr);

	for (uint32_t i = 0; i < envelope->head.n_prefixes; i++)
		if (prefix_contains(&envelope->prefixes[i], &host))
			return true;
	return envelope_find_gateway(envelope, addr) != NULL;
}

static const char *own_address_flaw(const struct envelope *envelope, const struct addr *own,
				    const struct addr *peer, char *buf)
{
	char text[ADDR_TEXT_BYTES];

	if (own->family == peer->family && addr_is_host(own) && !is_azures(envelope, own))
		return NULL;
	return refuse(buf, "%s cannot be an address of this box", addr_print(own, text));
}

static const char *check_addresses(struct judgement *j)
{
	const struct addr *peer = j->is_in ? &j->request->src : &j->request->dst;
	const struct addr *own = j->is_in ? &j->request->dst : &j->request->src;
	char asked[ADDR_TEXT_BYTES], allowed[ADDR_TEXT_BYTES];

	if (!addr_equal(peer, &j->tunnel->gateway))
		return refuse(j->buf, "peer %s was asked, tunnel %.40s has %s",
			      addr_print(peer, asked), j->tunnel->name,
			      addr_print(&j->tunnel->gateway, allowed));
	return own_address_flaw(j->envelope, own, peer, j->buf);
}

static const char *check_reqid(struct judgement *j)
{
	j->child = envelope_find_child(j->envelope, j->request->reqid);
	if (!j->child || &j->envelope->tunnels[j->child->tunnel] != j->tunnel)
		return refuse(j->buf, "reqid %u is no child of tunnel %.40s", j->request->reqid,
			      j->tunnel->name);
	return NULL;
}

static const char *check_selectors(struct judgement *j)
{
	const struct prefix *asked[] = { &j->request->local, &j->request->remote };
	const struct prefix *allowed[] = { &j->child->local, &j->child->remote };
	char asked_text[PREFIX_TEXT_BYTES], allowed_text[PREFIX_TEXT_BYTES];

	for (int i = 0; i < 2; i++)
		if (!prefix_contains(allowed[i], asked[i]))
			return refuse(j->buf, "%s traffic selector %s was asked, reqid %u has %s",
				      i ? "remote" : "local", prefix_print(asked[i], asked_text),
				      j->child->reqid, prefix_print(allowed[i], allowed_text));
	return NULL;
}

static const char *check_spi(struct judgement *j)
{
	uint32_t spi = ntohl(j->request->spi_be);

	if (spi < MIN_SPI)
		return refuse(j->buf, "SPI 0x%x is reserved (RFC 4303)", spi);
	if (j->is_in && j->spi != ENVELOPE_SPI_RESERVED)
		return refuse(j->buf, "SPI 0x%x was not reserved by this session", spi);
	if (!j->is_in && j->spi != ENVELOPE_SPI_UNKNOWN)
		return refuse(j->buf, "SPI 0x%x is in use", spi);
	return NULL;
}

static const char *check_suite(struct judgement *j)
{
	const struct xfrm_sa_add *asked = j->request;

	for (uint32_t i = 0; i < j->tunnel->n_suites; i++) {
		const struct esp_suite *suite = &j->tunnel->suites[i];

		if (asked->encr == suite->encr && asked->integ == suite->integ &&
		    asked->encr_key_bytes == encr_key_bytes(suite->encr, suite->key_bits) &&
		    asked->integ_key_bytes == integ_key_bytes(suite->integ))
			return NULL;
	}
	return refuse(j->buf,
		      "encryption %u, %u bytes, integrity %u, %u bytes are no ESP suite of %.40s",
		      asked->encr, asked->encr_key_bytes, asked->integ, asked->integ_key_bytes,
		      j->tunnel->name);
}

static const char *check_encapsulation(struct judgement *j)
{
	uint16_t port = j->request->flags & XFRM_SA_ENCAP ? NAT_T_PORT : 0;

	if (j->request->encap_src_port != port || j->request->encap_dst_port != port)
		return refuse(j->buf, "UDP ports %u and %u were asked, both have to be %u",
			      j->request->encap_src_port, j->request->encap_dst_port, port);
	return NULL;
}

/* A limit of 0 is none, and so the largest. */
static bool is_over(uint64_t limit, uint64_t max)
{
	return max && (limit == 0 || limit > max);
}

static const char *check_limits(struct judgement *j)
{
	const struct xfrm_sa_add *request = j->request;

	if (is_over(request->hard_s, j->tunnel->max_life_s))
		return refuse(j->buf,
			      "a life of %" PRIu64 " s was asked, %.40s allows %" PRIu64 " s",
			      request->hard_s, j->tunnel->name, j->tunnel->max_life_s);
	if (is_over(request->hard_bytes, j->tunnel->max_life_bytes))
		return refuse(j->buf,
			      "a life of %" PRIu64 " bytes was asked, %.40s allows %" PRIu64,
			      request->hard_bytes, j->tunnel->name, j->tunnel->max_life_bytes);
	if ((request->hard_s && request->soft_s > request->hard_s) ||
	    (request->hard_bytes && request->soft_bytes > request->hard_bytes) ||
	    (request->hard_packets && request->soft_packets > request->hard_packets))
		return refuse(j->buf, "a soft limit is above its hard limit");
	if (request->replay_window > MAX_WINDOW || (j->is_in && request->replay_window == 0))
		return refuse(j->buf,
			      "a replay window of %u packets was asked, 1 to %u are allowed",
			      request->replay_window, MAX_WINDOW);
	return NULL;
}

const char *envelope_objection(const struct envelope *envelope, const struct xfrm_sa_add *request,
			       enum envelope_spi spi, char buf[static MAX_SENTENCE_BYTES])
{
	static const char *(*const checks[])(struct judgement *) = {
		check_form, check_tunnel, check_addresses,     check_reqid,  check_selectors,
		check_spi,  check_suite,  check_encapsulation, check_limits,
	};
	struct judgement judgement = { .envelope = envelope,
				       .request = request,
				       .spi = spi,
				       .is_in = request->direction == XFRM_DIRECTION_IN,
				       .buf = buf };
	const char *objection = NULL;

	for (size_t i = 0; !objection && i < countof(checks); i++)
		objection = checks[i](&judgement);
	return objection;
}

const char *envelope_spi_objection(const struct envelope *envelope,
				   const struct xfrm_spi_get *request,
				   const struct envelope_tunnel **ret_tunnel,
				   char buf[static MAX_SENTENCE_BYTES])
{
	const struct envelope_tunnel *tunnel;
	char text[ADDR_TEXT_BYTES];

	if (!is_valid_addr(&request->src) || !is_valid_addr(&request->dst))
		return refuse(buf, "an address is malformed");
	tunnel = envelope_find_gateway(envelope, &request->src);
	if (!tunnel)
		return refuse(buf, "peer %s is no gateway of the configuration",
			      addr_print(&request->src, text));
	if (own_address_flaw(envelope, &request->dst, &request->src, buf))
		return buf;
	*ret_tunnel = tunnel;
	return NULL;
}
