/* Azure's address space: the gateway's virtual network, and the peered ones that use the gateway.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "provisioning/fleet/site_parts.h"

#define NOT_GIVEN ", and no --azure-prefix stands for it"

/* A network's own address space. */
static void add_space(struct site_joiner *joiner, const struct azure_resource *resource,
		      const struct azure_network *network)
{
	const struct azure_value *space = &network->address_space;
	size_t n = azure_prefixes_add(&joiner->site->azure, space, joiner->findings);

	if (n == 0 && !space->is_bad)
		site_missing(joiner, resource, "addressSpace");
}

/* A peered network: its space stands in the peering, or in a file of its own. */
static void join_peered(struct site_joiner *joiner, const struct azure_peering *peering,
			const struct azure_node *node)
{
	struct azure_prefixes *azure = &joiner->site->azure;
	const struct azure_resource *resource;
	struct azure_network network;

	if (azure_prefixes_add(azure, &peering->current_space, joiner->findings) > 0 ||
	    azure_prefixes_add(azure, &peering->synced_space, joiner->findings) > 0)
		return;
	if (azure_is_missing(&peering->network)) {
		azure_error(joiner->findings, node, NULL,
			    "this peering uses the gateway, but names neither its network nor its "
			    "prefixes; give them with --azure-prefix");
		return;
	}
	resource = site_follow(joiner, &peering->network, AZURE_KIND_NETWORK, NULL, NOT_GIVEN);
	if (!resource)
		return;
	azure_read(&azure_network_table, &resource->body, joiner->findings, &network);
	add_space(joiner, resource, &network);
}

/* The office does not reach a network that may not use the gateway. */
static void note_left_out(struct site_joiner *joiner, const struct azure_node *peering)
{
	struct azure_node id = azure_member(peering, "id", joiner->findings);
	_cleanup_free_ char *command = azure_peering_command(azure_text(&id));

	azure_note(joiner->findings, peering, command,
		   "this peering does not allow gateway transit, so that its network's prefixes "
		   "are left out; to let the office reach them, allow it and import again, with");
}

static void join_peerings(struct site_joiner *joiner, const struct azure_value *list)
{
	for (size_t i = 0; i < json_array_size(list->node.json); i++) {
		struct azure_node element = azure_element(&list->node, i);
		struct azure_node body = azure_properties(&element, joiner->findings);
		struct azure_peering peering;

		azure_read(&azure_peering_table, &body, joiner->findings, &peering);
		if (peering.has_gateway_transit.number)
			join_peered(joiner, &peering, &element);
		else if (!peering.has_gateway_transit.is_bad)
			note_left_out(joiner, &element);
	}
}

/* The id of the network that a subnet is in. Heap, or NULL. */
static char *network_of(const char *subnet)
{
	const char *end = strcasestr(subnet, "/subnets/");

	return end ? strndup(subnet, (size_t)(end - subnet)) : NULL;
}

static void join_network(struct site_joiner *joiner, const struct azure_value *subnet)
{
	_cleanup_free_ char *id =
		azure_is_set(subnet) ? network_of(azure_text(&subnet->node)) : NULL;
	const struct azure_resource *resource;
	struct azure_network network;

	if (!id) {
		if (!subnet->is_bad && joiner->options->n_azure_prefixes == 0)
			azure_error(joiner->findings, &subnet->node, NULL,
				    "the gateway's subnet names no virtual network; give Azure's "
				    "prefixes with --azure-prefix");
		return;
	}
	resource = site_follow(joiner, subnet, AZURE_KIND_NETWORK, id, NOT_GIVEN);
	if (!resource)
		return;
	azure_read(&azure_network_table, &resource->body, joiner->findings, &network);
	add_space(joiner, resource, &network);
	join_peerings(joiner, &network.peerings);
}

void site_join_networks(struct site_joiner *joiner, const struct azure_value *subnet)
{
	const struct site_options *options = joiner->options;

	join_network(joiner, subnet);
	for (size_t i = 0; i < options->n_azure_prefixes; i++)
		azure_prefixes_add_given(&joiner->site->azure, &options->azure_prefixes[i],
					 &joiner->resource->node, joiner->findings);
}
