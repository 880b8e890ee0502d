/* The address prefixes of the two sides, each with its place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/azure_prefix.h"

#include <errno.h>

#include "base/cleanup.h"

static void keep(struct azure_prefixes *prefixes, const struct prefix *prefix,
		 const struct azure_node *node, const struct azure_node *complain_at,
		 struct findings *findings)
{
	if (prefixes->n == MAX_PREFIXES) {
		if (prefixes->is_over)
			return;
		prefixes->is_over = true;
		azure_error(findings, complain_at, NULL,
			    "more than %d address prefixes on one side; that is the bound",
			    MAX_PREFIXES);
		return;
	}
	prefixes->rows[prefixes->n++] = (struct azure_prefix){ .prefix = *prefix, .node = *node };
}

static void add_text(struct azure_prefixes *prefixes, const struct azure_node *node,
		     struct findings *findings)
{
	const char *text = azure_text(node);
	char right[PREFIX_TEXT_BYTES], quote[AZURE_QUOTE_BYTES];
	struct prefix prefix;
	int r;

	if (!text) {
		azure_error(findings, node, NULL, "an address prefix must be a string");
		return;
	}
	if (azure_refuse_expression(node, "the prefix", false, findings))
		return;
	r = prefix_parse(text, &prefix);
	azure_quote(text, quote);
	if (r == 0 && addr_is_host(&prefix.addr))
		keep(prefixes, &prefix, node, node, findings);
	else if (r == 0)
		azure_error(findings, node, NULL,
			    "the prefix %s is not one of hosts, such as 10.1.0.0/16", quote);
	else if (r == -EDOM)
		azure_error(findings, node, NULL, "the prefix %s has host bits set; %s is right",
			    quote, prefix_print(&prefix, right));
	else
		azure_error(findings, node, NULL,
			    "\"%s\" is no address prefix, such as 10.1.0.0/16", quote);
}

size_t azure_prefixes_add(struct azure_prefixes *prefixes, const struct azure_value *space,
			  struct findings *findings)
{
	struct azure_value list = azure_list_in(space, "addressPrefixes", findings);

	return azure_prefixes_add_list(prefixes, &list, findings);
}

size_t azure_prefixes_add_list(struct azure_prefixes *prefixes, const struct azure_value *list,
			       struct findings *findings)
{
	size_t n = 0;

	if (list->is_bad)
		return 1; /* there is a finding already */
	for (size_t i = 0; i < json_array_size(list->node.json); i++) {
		struct azure_node node = azure_element(&list->node, i);

		if (json_is_null(node.json) || (azure_text(&node) && !*azure_text(&node)))
			continue; /* absent */
		add_text(prefixes, &node, findings);
		n++;
	}
	return n;
}

void azure_prefixes_add_given(struct azure_prefixes *prefixes, const struct prefix *prefix,
			      const struct azure_node *complain_at, struct findings *findings)
{
	static const struct azure_node nowhere = { 0 };

	for (size_t i = 0; i < prefixes->n; i++)
		if (prefix_equal(&prefixes->rows[i].prefix, prefix))
			return;
	keep(prefixes, prefix, &nowhere, complain_at, findings);
}

/* The half of a prefix that holds an address of it, or the other one. */
static struct prefix half_of(const struct prefix *whole, const struct addr *addr, bool is_other)
{
	struct prefix half = { .addr = whole->addr, .len = (uint8_t)(whole->len + 1) };
	size_t byte = whole->len / 8u;
	uint8_t bit = (uint8_t)(0x80 >> whole->len % 8);
	bool is_upper = (addr->bytes[byte] & bit) != 0;

	if (is_upper != is_other)
		half.addr.bytes[byte] |= bit;
	return half;
}

static void exempt_from(struct azure_prefixes *prefixes, size_t i, const struct addr *addr,
			const struct azure_node *complain_at, struct findings *findings)
{
	const struct azure_prefix whole = prefixes->rows[i];
	struct prefix rest = whole.prefix;

	prefixes->rows[i] = prefixes->rows[--prefixes->n];
	while (rest.len < prefix_from_addr(addr).len) {
		struct prefix other = half_of(&rest, addr, true);

		keep(prefixes, &other, &whole.node, complain_at, findings);
		rest = half_of(&rest, addr, false);
	}
}

void azure_prefixes_exempt(struct azure_prefixes *prefixes, const struct addr *addr,
			   const struct azure_node *complain_at, struct findings *findings)
{
	struct prefix host = prefix_from_addr(addr);

	for (size_t i = 0; i < prefixes->n; i++)
		if (prefix_contains(&prefixes->rows[i].prefix, &host))
			return exempt_from(prefixes, i, addr, complain_at, findings);
}

/* The finding stands at the second prefix, or where one of the two has a place. */
static void compare(const struct azure_prefix *a, const struct azure_prefix *b, bool is_one_side,
		    struct findings *findings)
{
	const struct azure_prefix *at = b->node.file ? b : a;
	const struct azure_prefix *other = b->node.file ? a : b;
	char at_text[PREFIX_TEXT_BYTES], other_text[PREFIX_TEXT_BYTES];

	if (!at->node.file || !prefix_overlaps(&a->prefix, &b->prefix))
		return;
	prefix_print(&at->prefix, at_text);
	prefix_print(&other->prefix, other_text);
	if (is_one_side)
		azure_error(findings, &at->node, NULL,
			    "the prefixes %s and %s%s overlap; leave out one", at_text, other_text,
			    other->node.file ? "" : " of --azure-prefix");
	else
		azure_error(findings, &at->node, NULL,
			    "the office's %s overlaps Azure's %s%s; an address can be on one side "
			    "only",
			    at_text, other_text, other->node.file ? "" : " of --azure-prefix");
}

void azure_prefixes_compare(const struct azure_prefixes *azure, const struct azure_prefixes *office,
			    struct findings *findings)
{
	for (size_t i = 0; i < azure->n; i++)
		for (size_t k = i + 1; k < azure->n; k++)
			compare(&azure->rows[i], &azure->rows[k], true, findings);
	for (size_t i = 0; i < office->n; i++)
		for (size_t k = i + 1; k < office->n; k++)
			compare(&office->rows[i], &office->rows[k], true, findings);
	for (size_t i = 0; i < azure->n; i++)
		for (size_t k = 0; k < office->n; k++)
			compare(&azure->rows[i], &office->rows[k], false, findings);
}

void azure_prefixes_refuse_gateway(const struct azure_prefixes *azure,
				   const struct azure_prefixes *office, const struct addr *gateway,
				   const struct azure_node *at, struct findings *findings)
{
	const struct azure_prefixes *const sides[] = { azure, office };
	static const char *const owners[] = { "Azure's", "the office's" };
	const struct prefix host = prefix_from_addr(gateway);
	char address[ADDR_TEXT_BYTES], around[PREFIX_TEXT_BYTES];

	for (size_t side = 0; side < countof(sides); side++)
		for (size_t i = 0; i < sides[side]->n; i++)
			if (prefix_contains(&sides[side]->rows[i].prefix, &host))
				azure_error(
					findings, at, NULL,
					"the gateway's public address %s lies in %s %s, so that "
					"the tunnel would lead through itself; mend the prefix",
					addr_print(gateway, address), owners[side],
					prefix_print(&sides[side]->rows[i].prefix, around));
}
