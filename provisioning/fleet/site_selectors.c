/* Which pairs of prefixes have a child SA of their own: usePolicyBasedTrafficSelectors.
 *
 * The pairs are those of trafficSelectorPolicies; without any, each prefix of the office with each
 * of Azure's. Without usePolicyBasedTrafficSelectors Azure does not look at the list.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/site_parts.h"

static bool has_child(const struct site *site, const struct site_child *child)
{
	for (size_t i = 0; i < site->n_children; i++)
		if (prefix_equal(&site->children[i].office, &child->office) &&
		    prefix_equal(&site->children[i].azure, &child->azure))
			return true;
	return false;
}

/* Adds each prefix of one side with each of the other. `at` is where a finding stands. */
static void add_pairs(struct site_joiner *joiner, const struct azure_prefixes *office,
		      const struct azure_prefixes *azure, const struct azure_node *at)
{
	struct site *site = joiner->site;

	for (size_t i = 0; i < office->n * azure->n; i++) {
		struct site_child child = { office->rows[i / azure->n].prefix,
					    azure->rows[i % azure->n].prefix };

		if (child.office.addr.family != child.azure.addr.family || has_child(site, &child))
			continue;
		if (site->n_children == MAX_CHILDREN) {
			azure_error(joiner->findings, at, NULL,
				    "the selectors make more than %d pairs, and Azure keeps so "
				    "many child SAs for a tunnel; name fewer, or turn "
				    "usePolicyBasedTrafficSelectors off",
				    MAX_CHILDREN);
			return;
		}
		site->children[site->n_children++] = child;
	}
}

/* A box carries only what one of its prefixes holds. */
static void check_ranges(struct site_joiner *joiner, const struct azure_prefixes *ranges,
			 const struct azure_prefixes *side, const char *whose)
{
	char text[PREFIX_TEXT_BYTES];

	for (size_t i = 0; i < ranges->n; i++) {
		size_t k = 0;

		while (k < side->n &&
		       !prefix_contains(&side->rows[k].prefix, &ranges->rows[i].prefix))
			k++;
		if (k == side->n)
			azure_error(joiner->findings, &ranges->rows[i].node, NULL,
				    "the range %s lies in none of %s prefixes; mend the one or "
				    "the other",
				    prefix_print(&ranges->rows[i].prefix, text), whose);
	}
}

static void add_entry(struct site_joiner *joiner, const struct azure_node *entry)
{
	struct azure_prefixes office = { 0 }, azure = { 0 };
	struct azure_selectors selectors;

	azure_read(&azure_selectors_table, entry, joiner->findings, &selectors);
	if (azure_prefixes_add_list(&azure, &selectors.azure, joiner->findings) == 0 ||
	    azure_prefixes_add_list(&office, &selectors.office, joiner->findings) == 0) {
		azure_error(joiner->findings, entry, NULL,
			    "localAddressRanges and remoteAddressRanges must both have entries");
		return;
	}
	check_ranges(joiner, &azure, &joiner->site->azure, "Azure's");
	check_ranges(joiner, &office, &joiner->site->office, "the office's");
	add_pairs(joiner, &office, &azure, entry);
}

void site_join_selectors(struct site_joiner *joiner)
{
	const struct azure_value *list = &joiner->connection.selectors;
	const struct azure_value *is_on = &joiner->connection.policy_selectors;
	const struct site *site = joiner->site;
	size_t n = json_array_size(list->node.json);

	if (!is_on->number && n > 0)
		azure_note(joiner->findings, &list->node, NULL,
			   "trafficSelectorPolicies has no effect while "
			   "usePolicyBasedTrafficSelectors is off; the tunnel carries any to any");
	if (!is_on->number || list->is_bad)
		return;
	if (n == 0)
		add_pairs(joiner, &site->office, &site->azure, &is_on->node);
	for (size_t i = 0; i < n; i++) {
		struct azure_node entry = azure_element(&list->node, i);

		add_entry(joiner, &entry);
	}
}
