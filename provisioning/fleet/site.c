/* One office and its tunnel, joined from Azure's resources by their ids.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/site.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "provisioning/fleet/site_parts.h"

#define NAME_RULE "1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit"

void site_free(struct site *site)
{
	if (!site)
		return;
	secret_wipe(&site->psk);
	free(site);
}

const struct azure_resource *site_follow(struct site_joiner *joiner, const struct azure_value *link,
					 enum azure_kind kind, const char *id,
					 const char *what_else)
{
	const struct azure_resource *resource = NULL;
	_cleanup_free_ char *command = NULL;

	if (!azure_is_set(link))
		return NULL;
	if (!id)
		id = azure_text(&link->node);
	resource = azure_inventory_find(joiner->inventory, kind, id, joiner->findings);
	/* prefixes of the command line stand for networks that are not there */
	if (resource || (kind == AZURE_KIND_NETWORK && joiner->options->n_azure_prefixes > 0))
		return resource;
	command = azure_show_command(kind, id);
	azure_error(joiner->findings, &link->node, command,
		    "the %s %.80s is in none of the files%s; print it with", azure_kind_name(kind),
		    azure_id_name(id), what_else);
	return NULL;
}

void site_missing(struct site_joiner *joiner, const struct azure_resource *resource,
		  const char *member)
{
	_cleanup_free_ char *command = azure_show_command(resource->kind, resource->id);

	azure_error(joiner->findings, &resource->node, command,
		    "the %s %.80s has no %s here; print it whole with",
		    azure_kind_name(resource->kind), resource->name ? resource->name : "", member);
}

bool site_parse_address(struct site_joiner *joiner, const struct azure_node *node,
			const char *member, struct addr *ret_addr)
{
	const char *text = azure_text(node);
	char quote[AZURE_QUOTE_BYTES];
	struct addr addr;

	if (text && addr_parse(text, &addr) == 0 && addr.family == ADDR_FAMILY_IPV4 &&
	    addr_is_host(&addr)) {
		*ret_addr = addr;
		return true;
	}
	azure_error(joiner->findings, node, NULL,
		    "%s is \"%s\", which is not the IPv4 address of a host", member,
		    azure_quote(text ? text : "no string", quote));
	return false;
}

/* Our address as Azure knows it. */
static void join_local_id(struct site_joiner *joiner, const struct azure_resource *resource,
			  const struct azure_local_gateway *local_gateway)
{
	const struct azure_value *address = &local_gateway->address;
	struct site *site = joiner->site;

	if (joiner->options->local_id.family != ADDR_FAMILY_NONE) {
		site->local_id = joiner->options->local_id;
		return;
	}
	if (azure_is_set(address) &&
	    site_parse_address(joiner, &address->node, "gatewayIpAddress", &site->local_id)) {
		if (addr_is_private(&site->local_id) &&
		    !joiner->connection.local_azure_address.number)
			azure_note(joiner->findings, &address->node, NULL,
				   "gatewayIpAddress is %s, a private address, at which Azure "
				   "cannot reach the office",
				   azure_text(&address->node));
		return;
	}
	if (!azure_is_missing(address))
		return;
	if (azure_is_set(&local_gateway->fqdn))
		azure_error(joiner->findings, &local_gateway->fqdn.node, NULL,
			    "the office has a name, %.80s, and no gatewayIpAddress; give its "
			    "public address with --local-id",
			    azure_text(&local_gateway->fqdn.node));
	else
		site_missing(joiner, resource, "gatewayIpAddress");
}

void site_join_local_gateway(struct site_joiner *joiner)
{
	const struct azure_value *link = &joiner->connection.local_gateway;
	const struct azure_resource *resource =
		site_follow(joiner, link, AZURE_KIND_LOCAL_GATEWAY, NULL, "");
	struct azure_local_gateway local_gateway;
	struct site *site = joiner->site;
	size_t n;

	site->name = joiner->options->site;
	if (!site->name && azure_is_set(link))
		site->name = azure_id_name(azure_text(&link->node));
	if (site->name && !tunnel_name_is_valid(site->name))
		azure_error(joiner->findings, &link->node, NULL,
			    "the local network gateway's name cannot name the office: " NAME_RULE
			    "; give one with --site");
	if (!resource)
		return;
	azure_read(&azure_local_gateway_table, &resource->body, joiner->findings, &local_gateway);
	join_local_id(joiner, resource, &local_gateway);
	n = azure_prefixes_add(&site->office, &local_gateway.address_space, joiner->findings);
	if (n == 0 && !local_gateway.address_space.is_bad)
		azure_error(joiner->findings, &resource->node, NULL,
			    "the local network gateway names no addressPrefixes of the office, and "
			    "BGP, which could bring them, is not supported; add them in Azure");
}

static void join_connection_name(struct site_joiner *joiner)
{
	const struct azure_resource *resource = joiner->resource;
	struct azure_node name = azure_member(&resource->node, "name", joiner->findings);
	struct azure_node id = azure_member(&resource->node, "id", joiner->findings);

	joiner->site->connection = resource->name ? resource->name : joiner->options->connection;
	if (!joiner->site->connection)
		azure_error(joiner->findings, &resource->node, NULL,
			    "the connection has neither name nor id here; give its name with "
			    "--connection");
	else if (!azure_refuse_expression(&name, "name", false, joiner->findings) &&
		 !tunnel_name_is_valid(joiner->site->connection))
		azure_error(joiner->findings, azure_text(&name) ? &name : &id, NULL,
			    "the connection's name is no name: " NAME_RULE);
}

/* The tunnels to several instances are named after the connection, with a number. */
static void check_name_length(struct site_joiner *joiner)
{
	const struct site *site = joiner->site;

	if (site->n_gateways > 1 && site->connection &&
	    strlen(site->connection) + strlen("-0") >= MAX_NAME_BYTES)
		azure_error(joiner->findings, &joiner->resource->node, NULL,
			    "the connection's name has %zu characters; with two instances it may "
			    "have %zu, as the tunnels are named after it",
			    strlen(site->connection), MAX_NAME_BYTES - 1 - strlen("-0"));
}

static void join_dpd_timeout(struct site_joiner *joiner)
{
	const struct azure_value *value = &joiner->connection.dpd_timeout_s;

	joiner->site->dpd_timeout_s = SITE_DEFAULT_DPD_TIMEOUT_S;
	if (!azure_is_set(value) || value->number == 0)
		return;
	if (value->number < 9 || value->number > 3600)
		azure_error(joiner->findings, &value->node, NULL,
			    "dpdTimeoutSeconds is %" PRId64 "; 9 to 3600 are possible, and 0 for "
			    "Azure's default",
			    value->number);
	else
		joiner->site->dpd_timeout_s = (uint32_t)value->number;
}

/* Everything that the connection itself says. */
static void join_connection(struct site_joiner *joiner)
{
	const struct azure_resource *resource = joiner->resource;
	struct azure_connection *connection = &joiner->connection;
	struct site *site = joiner->site;
	_cleanup_free_ char *command = azure_show_command(AZURE_KIND_CONNECTION, resource->id);

	if (resource->rank == AZURE_RANK_LISTED)
		azure_error(joiner->findings, &resource->node, command,
			    "the connection was printed by a list, which leaves out "
			    "dpdTimeoutSeconds and the NAT rules; print it whole with");
	if (azure_is_missing(&connection->type))
		site_missing(joiner, resource, "connectionType");
	if (azure_is_missing(&connection->gateway))
		site_missing(joiner, resource, "virtualNetworkGateway1");
	if (azure_is_missing(&connection->local_gateway))
		site_missing(joiner, resource, "localNetworkGateway2");
	if (azure_is_set(&connection->certificate) && !connection->authentication.is_bad)
		azure_error(joiner->findings, &connection->certificate.node, NULL,
			    "certificateAuthentication is set: certificates are not supported; "
			    "let the connection use a shared key");
	join_connection_name(joiner);
	join_dpd_timeout(joiner);
	site->mode = (enum azure_mode)connection->mode.number;
	azure_policy_read(&connection->policies, resource->id, joiner->findings, &site->policy);
}

/* A gateway inside its own virtual network, which a tunnel inside ExpressRoute has, is reached
 * beside the tunnel. */
static void exempt_gateways(struct site_joiner *joiner)
{
	struct site *site = joiner->site;

	if (joiner->connection.local_azure_address.number)
		for (size_t i = 0; i < site->n_gateways; i++)
			azure_prefixes_exempt(&site->azure, &site->gateways[i],
					      &joiner->gateways_at[i], joiner->findings);
}

/* The tunnels' child SAs are of IPv4. */
static void refuse_ipv6(const struct azure_prefixes *prefixes, const struct azure_node *whole,
			struct findings *findings)
{
	char text[PREFIX_TEXT_BYTES];

	for (size_t i = 0; i < prefixes->n; i++)
		if (prefixes->rows[i].prefix.addr.family == ADDR_FAMILY_IPV6)
			azure_error(
				findings,
				prefixes->rows[i].node.file ? &prefixes->rows[i].node : whole, NULL,
				"%s is IPv6, which the tunnels do not carry yet; take it out, or "
				"name Azure's prefixes with --azure-prefix",
				prefix_print(&prefixes->rows[i].prefix, text));
}

struct site *site_join(const struct azure_inventory *inventory, const struct azure_file *first,
		       const struct site_options *options, struct findings *findings)
{
	size_t n_errors = findings->n_errors;
	_cleanup_(cleanup_site) struct site *site = calloc(1, sizeof(*site));
	struct site_joiner joiner = {
		.inventory = inventory,
		.options = options,
		.findings = findings,
		.site = site,
	};

	if (!site)
		return NULL;
	joiner.resource = site_choose(inventory, first, options, findings);
	if (!joiner.resource)
		return NULL;
	site->node = joiner.resource->node;
	azure_read(&azure_connection_table, &joiner.resource->body, findings, &joiner.connection);
	if (joiner.connection.type.is_bad)
		return NULL; /* of another kind: nothing else about it matters */
	join_connection(&joiner);
	site_join_gateway(&joiner);
	check_name_length(&joiner);
	site_join_local_gateway(&joiner);
	if (!joiner.connection.authentication.is_bad)
		site_join_key(&joiner);
	azure_prefixes_compare(&site->azure, &site->office, findings);
	refuse_ipv6(&site->azure, &site->node, findings);
	refuse_ipv6(&site->office, &site->node, findings);
	exempt_gateways(&joiner);
	site_join_selectors(&joiner);
	for (size_t i = 0; i < site->n_gateways; i++)
		azure_prefixes_refuse_gateway(&site->azure, &site->office, &site->gateways[i],
					      &joiner.gateways_at[i], findings);
	return findings->n_errors > n_errors ? NULL : steal(&site);
}
