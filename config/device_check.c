/* What no single value of a device configuration shows: values that clash with others.
 *
 * Each message stands at the later of two values and names the place of the earlier.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/device_keys.h"

/* Where the value lies that is at fault. */
__attribute__((format(printf, 2, 3))) static void point_at(struct device_reader *reader,
							   const char *pointer, ...)
{
	va_list args;

	va_start(args, pointer);
	vsnprintf(reader->pointer, sizeof(reader->pointer), pointer, args);
	va_end(args);
}

/* The error that names the other place too. */
__attribute__((format(printf, 3, 4))) static int clash(struct device_reader *reader,
						       const char *wanted, const char *other, ...)
{
	char pointer[sizeof(reader->pointer)];
	int line, column;
	va_list args;

	va_start(args, other);
	vsnprintf(pointer, sizeof(pointer), other, args);
	va_end(args);
	json_text_place(reader->json, pointer, 0, &line, &column);
	return device_wrong(reader, "%s; this one stands at %s, line %d, too", wanted, pointer,
			    line);
}

static int check_interfaces(struct device_reader *reader, const struct device_config *config)
{
	point_at(reader, "/lan/interface");
	if (strcmp(config->wan_interface, config->lan_interface) == 0)
		return clash(reader, "another interface than the WAN's", "/wan/interface");
	return 0;
}

struct prefix_list {
	const char *pointer;
	const struct prefix *prefixes;
	size_t n;
};

/* No prefix of `a` may overlap one of `b`; for the same list, one before it. */
static int check_overlaps(struct device_reader *reader, const struct prefix_list *a,
			  const struct prefix_list *b)
{
	char text[PREFIX_TEXT_BYTES];
	int line, column;

	for (size_t i = 0; i < a->n; i++) {
		size_t end = a == b ? i : b->n;

		for (size_t k = 0; k < end; k++) {
			if (!prefix_overlaps(&a->prefixes[i], &b->prefixes[k]))
				continue;
			point_at(reader, "%s/%zu", b->pointer, k);
			json_text_place(reader->json, reader->pointer, 0, &line, &column);
			point_at(reader, "%s/%zu", a->pointer, i);
			return device_wrong(
				reader, "no overlap: %s stands at %s/%zu, line %d, already",
				prefix_print(&b->prefixes[k], text), b->pointer, k, line);
		}
	}
	return 0;
}

static int check_prefixes(struct device_reader *reader, const struct device_config *config)
{
	const struct prefix_list office = { "/lan/prefixes", config->office_prefixes,
					    config->n_office_prefixes };
	const struct prefix_list azure = { "/azure/prefixes", config->azure_prefixes,
					   config->n_azure_prefixes };
	int r;

	r = check_overlaps(reader, &office, &office);
	if (r == 0)
		r = check_overlaps(reader, &azure, &azure);
	if (r == 0)
		r = check_overlaps(reader, &azure, &office);
	return r;
}

static bool is_same_name(const struct tunnel *a, const struct tunnel *b)
{
	return strcmp(a->name, b->name) == 0;
}

static bool is_same_if_id(const struct tunnel *a, const struct tunnel *b)
{
	return a->if_id == b->if_id;
}

static bool is_same_gateway(const struct tunnel *a, const struct tunnel *b)
{
	return addr_equal(&a->gateway, &b->gateway);
}

/* What no two tunnels may share. */
static const struct unique {
	const char *key;
	bool (*is_same)(const struct tunnel *a, const struct tunnel *b);
	const char *wanted;
} uniques[] = {
	{ "name", is_same_name, "a name of its own" },
	{ "if_id", is_same_if_id, "an if_id of its own" },
	{ "gateway", is_same_gateway, "a gateway of its own" },
};

static int check_uniques(struct device_reader *reader, const struct device_config *config)
{
	for (size_t i = 0; i < config->n_tunnels; i++)
		for (size_t k = 0; k < i; k++)
			for (size_t u = 0; u < countof(uniques); u++) {
				if (!uniques[u].is_same(&config->tunnels[i], &config->tunnels[k]))
					continue;
				point_at(reader, "/tunnels/%zu/%s", i, uniques[u].key);
				return clash(reader, uniques[u].wanted, "/tunnels/%zu/%s", k,
					     uniques[u].key);
			}
	return 0;
}

static bool is_in_any(const struct prefix *inner, const struct prefix *outer, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_contains(&outer[i], inner))
			return true;
	return false;
}

static bool overlaps_any(const struct prefix *prefix, const struct prefix *others, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (prefix_overlaps(&others[i], prefix))
			return true;
	return false;
}

/* An address that is reached by the WAN lies on neither side of a tunnel. */
static int check_outside(struct device_reader *reader, const struct device_config *config,
			 const struct addr *addr, const char *whose)
{
	struct prefix host = prefix_from_addr(addr);

	if (is_in_any(&host, config->azure_prefixes, config->n_azure_prefixes))
		return device_wrong(reader, "%s public address: this one lies in /azure/prefixes",
				    whose);
	if (is_in_any(&host, config->office_prefixes, config->n_office_prefixes))
		return device_wrong(reader, "%s public address: this one lies in /lan/prefixes",
				    whose);
	return 0;
}

/* A gateway behind its own tunnel could never be reached. */
static int check_gateways(struct device_reader *reader, const struct device_config *config)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->n_tunnels; i++) {
		point_at(reader, "/tunnels/%zu/gateway", i);
		r = check_outside(reader, config, &config->tunnels[i].gateway, "the gateway's");
	}
	return r;
}

/* The box's own address where it would be taken for somebody else's, or filtered as forged. */
static int check_local_ids(struct device_reader *reader, const struct device_config *config)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->n_tunnels; i++) {
		const struct addr *own = &config->tunnels[i].local_id;

		point_at(reader, "/tunnels/%zu/local_id", i);
		r = check_outside(reader, config, own, "the box's");
		for (size_t k = 0; r == 0 && k < config->n_tunnels; k++)
			if (addr_equal(own, &config->tunnels[k].gateway))
				r = device_wrong(reader, "the box's own address: this one is a "
							 "gateway's");
	}
	return r;
}

/* The child that has a reqid; both numbers count from 1, so 0 is nobody. */
struct reqid_owner {
	uint16_t tunnel, child;
};

static int claim_reqid(struct device_reader *reader, struct reqid_owner *owners, size_t tunnel,
		       size_t child, uint32_t reqid)
{
	struct reqid_owner *owner = &owners[reqid];

	if (owner->tunnel) {
		point_at(reader, "/tunnels/%zu/children/%zu/reqid", tunnel, child);
		return clash(reader, "a reqid of its own", "/tunnels/%u/children/%u/reqid",
			     owner->tunnel - 1u, owner->child - 1u);
	}
	*owner = (struct reqid_owner){ (uint16_t)(tunnel + 1), (uint16_t)(child + 1) };
	return 0;
}

static int check_reqids(struct device_reader *reader, const struct device_config *config)
{
	_cleanup_free_ struct reqid_owner *owners = calloc(0x10000, sizeof(*owners));
	size_t n = 0;
	int r;

	if (!owners)
		return -ENOMEM;
	for (size_t i = 0; i < config->n_tunnels; i++)
		for (size_t k = 0; k < config->tunnels[i].n_children; k++, n++) {
			r = claim_reqid(reader, owners, i, k, config->tunnels[i].children[k].reqid);
			if (r < 0)
				return r;
			point_at(reader, "/tunnels/%zu/children", i);
			if (n >= MAX_DEVICE_CHILDREN)
				return device_wrong(reader, "at most %d children in all tunnels",
						    MAX_DEVICE_CHILDREN);
		}
	return 0;
}

static int check_child(struct device_reader *reader, const struct device_config *config,
		       size_t tunnel, size_t index)
{
	const struct tunnel_child *child = &config->tunnels[tunnel].children[index];

	point_at(reader, "/tunnels/%zu/children/%zu/remote", tunnel, index);
	if (child->local.addr.family != child->remote.addr.family)
		return device_wrong(reader, "the same address family as \"local\"");
	if (child->remote.len > 0 &&
	    !is_in_any(&child->remote, config->azure_prefixes, config->n_azure_prefixes))
		return device_wrong(reader, "a prefix within one of /azure/prefixes, or all");
	point_at(reader, "/tunnels/%zu/children/%zu/local", tunnel, index);
	if (!overlaps_any(&child->local, config->office_prefixes, config->n_office_prefixes) &&
	    child->local.len > 0)
		return device_wrong(reader, "a prefix that reaches one of /lan/prefixes");
	return 0;
}

/* The kernel keeps one policy for one pair of selectors and one if_id. */
static int check_siblings(struct device_reader *reader, const struct tunnel *tunnel, size_t number,
			  size_t a, size_t b)
{
	const struct tunnel_child *later = &tunnel->children[a], *earlier = &tunnel->children[b];

	point_at(reader, "/tunnels/%zu/children/%zu/name", number, a);
	if (strcmp(later->name, earlier->name) == 0)
		return clash(reader, "a name of its own in this tunnel",
			     "/tunnels/%zu/children/%zu/name", number, b);
	point_at(reader, "/tunnels/%zu/children/%zu/remote", number, a);
	if (prefix_equal(&later->local, &earlier->local) &&
	    prefix_equal(&later->remote, &earlier->remote))
		return clash(reader, "another pair of \"local\" and \"remote\"",
			     "/tunnels/%zu/children/%zu", number, b);
	return 0;
}

static int check_children(struct device_reader *reader, const struct device_config *config)
{
	int r;

	for (size_t i = 0; i < config->n_tunnels; i++)
		for (size_t k = 0; k < config->tunnels[i].n_children; k++) {
			r = check_child(reader, config, i, k);
			for (size_t j = 0; r == 0 && j < k; j++)
				r = check_siblings(reader, &config->tunnels[i], i, k, j);
			if (r < 0)
				return r;
		}
	return 0;
}

int device_check(struct device_reader *reader, const struct device_config *config)
{
	static int (*const checks[])(struct device_reader *, const struct device_config *) = {
		check_interfaces, check_prefixes, check_uniques,  check_gateways,
		check_local_ids,  check_reqids,	  check_children,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < countof(checks); i++)
		r = checks[i](reader, config);
	return r;
}
