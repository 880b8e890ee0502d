/* The Azure end: the virtual network gateway and the public addresses of its instances.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "provisioning/fleet/site_parts.h"

/* One instance, as an IP configuration of the gateway describes it. */
struct instance {
	const char *configuration_id; /* NULL: it has none here */
	bool is_only;
	struct azure_value public_ip, subnet; /* links */
	struct azure_value private_address;
	/* the addresses at which the gateway's own entry says that the instance ends tunnels,
	 * those that the connection wants: public, or with useLocalAzureIpAddress private */
	size_t n_addresses;
	struct addr address; /* the first, and where it stands */
	struct azure_node address_at;
};

/* For a tunnel inside a private line. */
static bool wants_private(const struct site_joiner *joiner)
{
	return joiner->connection.local_azure_address.number;
}

static void take_tunnel_address(struct site_joiner *joiner, const struct azure_node *node,
				struct instance *instance)
{
	struct addr addr;

	if (!site_parse_address(joiner, node, "a tunnel address of the gateway", &addr) ||
	    addr_is_private(&addr) != wants_private(joiner))
		return;
	if (instance->n_addresses == 0) {
		instance->address = addr;
		instance->address_at = *node;
	} else if (addr_equal(&instance->address, &addr)) {
		return;
	}
	instance->n_addresses++;
}

static bool is_of(const struct azure_bgp_address *entry, const struct instance *instance)
{
	if (instance->is_only)
		return true;
	return azure_is_set(&entry->configuration) && instance->configuration_id &&
	       strcasecmp(azure_text(&entry->configuration.node), instance->configuration_id) == 0;
}

static void read_tunnel_addresses(struct site_joiner *joiner, struct instance *instance)
{
	struct azure_bgp_settings settings;
	struct azure_bgp_address entry;

	if (!azure_is_set(&joiner->gateway.bgp_settings))
		return;
	azure_read(&azure_bgp_settings_table, &joiner->gateway.bgp_settings.node, joiner->findings,
		   &settings);
	for (size_t i = 0; i < json_array_size(settings.addresses.node.json); i++) {
		struct azure_node node = azure_element(&settings.addresses.node, i);

		azure_read(&azure_bgp_address_table, &node, joiner->findings, &entry);
		if (!is_of(&entry, instance))
			continue;
		for (size_t k = 0; k < json_array_size(entry.tunnel_addresses.node.json); k++) {
			node = azure_element(&entry.tunnel_addresses.node, k);
			take_tunnel_address(joiner, &node, instance);
		}
	}
}

/* The address of the public IP resource behind a link; false when it is not there. */
static bool read_public_ip(struct site_joiner *joiner, const struct azure_value *link,
			   bool is_needed, struct addr *ret_addr, struct azure_node *ret_at)
{
	const struct azure_resource *resource;
	struct azure_public_ip public_ip;

	if (is_needed)
		resource = site_follow(joiner, link, AZURE_KIND_PUBLIC_IP, NULL, "");
	else
		resource = azure_is_set(link)
				   ? azure_inventory_find(joiner->inventory, AZURE_KIND_PUBLIC_IP,
							  azure_text(&link->node), joiner->findings)
				   : NULL;
	if (!resource)
		return false;
	azure_read(&azure_public_ip_table, &resource->body, joiner->findings, &public_ip);
	if (azure_is_set(&public_ip.address)) {
		*ret_at = public_ip.address.node;
		return site_parse_address(joiner, &public_ip.address.node, "ipAddress", ret_addr);
	}
	/* a dynamic one is printed without its address at times, although it has one */
	if (azure_is_missing(&public_ip.address) && is_needed)
		site_missing(joiner, resource, "ipAddress");
	return false;
}

static void add_gateway(struct site_joiner *joiner, const struct instance *instance,
			const struct addr *addr, const struct azure_node *at)
{
	struct site *site = joiner->site;
	char text[ADDR_TEXT_BYTES];

	if (site->n_gateways > 0 && addr_equal(&site->gateways[0], addr)) {
		azure_error(joiner->findings, &instance->public_ip.node, NULL,
			    "both instances end tunnels at %s; print gateway and public addresses "
			    "anew",
			    addr_print(addr, text));
		return;
	}
	joiner->gateways_at[site->n_gateways] = *at;
	site->gateways[site->n_gateways++] = *addr;
}

static void join_private_address(struct site_joiner *joiner, const struct azure_resource *resource,
				 struct instance *instance)
{
	const struct azure_value *value = &instance->private_address;
	struct addr addr;

	if (instance->n_addresses == 1)
		add_gateway(joiner, instance, &instance->address, &instance->address_at);
	else if (azure_is_missing(value))
		site_missing(joiner, resource, "privateIPAddress for useLocalAzureIpAddress");
	else if (azure_is_set(value) &&
		 site_parse_address(joiner, &value->node, "privateIPAddress", &addr))
		add_gateway(joiner, instance, &addr, &value->node);
}

static void join_address(struct site_joiner *joiner, const struct azure_resource *resource,
			 struct instance *instance)
{
	const struct azure_value *public_ip = &instance->public_ip;
	char first[ADDR_TEXT_BYTES], second[ADDR_TEXT_BYTES];
	struct azure_node at = { 0 };
	struct addr addr;
	bool is_known;

	read_tunnel_addresses(joiner, instance);
	is_known = instance->n_addresses == 1;
	if (instance->n_addresses > 1) {
		azure_error(joiner->findings, &joiner->gateway.bgp_settings.node, NULL,
			    "one instance ends tunnels at %zu %s addresses, and a tunnel goes "
			    "to one",
			    instance->n_addresses, wants_private(joiner) ? "private" : "public");
		return;
	}
	if (wants_private(joiner))
		return join_private_address(joiner, resource, instance);
	if (!is_known && azure_is_missing(public_ip)) {
		site_missing(joiner, resource, "publicIPAddress");
		return;
	}
	if (!read_public_ip(joiner, public_ip, !is_known, &addr, &at)) {
		if (is_known)
			add_gateway(joiner, instance, &instance->address, &instance->address_at);
		return;
	}
	if (is_known && !addr_equal(&addr, &instance->address))
		azure_error(joiner->findings, &public_ip->node, NULL,
			    "the public IP address is %s, but the gateway says that it ends "
			    "tunnels at %s; print both anew",
			    addr_print(&addr, first), addr_print(&instance->address, second));
	else if (addr_is_private(&addr))
		azure_error(joiner->findings, &public_ip->node, NULL,
			    "the public IP address is %s, which is not one of the internet",
			    addr_print(&addr, first));
	else
		add_gateway(joiner, instance, &addr, &at);
}

/* Azure's forced tunnelling sends its internet traffic to this office, which drops it. */
static void check_default_site(struct site_joiner *joiner)
{
	const struct azure_value *link = &joiner->gateway.default_site;
	const struct azure_value *office = &joiner->connection.local_gateway;

	if (azure_is_set(link) && azure_is_set(office) &&
	    strcasecmp(azure_text(&link->node), azure_text(&office->node)) == 0)
		azure_error(joiner->findings, &link->node, NULL,
			    "gatewayDefaultSite is this office: Azure's internet traffic through "
			    "the tunnel is not supported; take it off the gateway");
}

static struct instance read_instance(struct site_joiner *joiner, size_t i, size_t n)
{
	struct azure_node element = azure_element(&joiner->gateway.ip_configurations.node, i);
	struct azure_node body = azure_properties(&element, joiner->findings);
	struct azure_node id = azure_member(&element, "id", joiner->findings);
	struct azure_ip_configuration configuration;

	azure_read(&azure_ip_configuration_table, &body, joiner->findings, &configuration);
	return (struct instance){ .configuration_id = azure_text(&id),
				  .is_only = n == 1,
				  .public_ip = configuration.public_ip,
				  .private_address = configuration.private_address,
				  .subnet = configuration.subnet };
}

/* An active-active gateway has an IP configuration for each of its two instances. */
static void join_instances(struct site_joiner *joiner, const struct azure_resource *resource)
{
	struct azure_gateway *gateway = &joiner->gateway;
	size_t n = json_array_size(gateway->ip_configurations.node.json);
	size_t wanted = gateway->active_active.number ? 2 : 1;

	if (n == 0) {
		if (!gateway->ip_configurations.is_bad)
			site_missing(joiner, resource, "ipConfigurations");
		return;
	}
	if (n != wanted && !gateway->active_active.is_bad)
		azure_error(joiner->findings, &gateway->ip_configurations.node, NULL,
			    "ipConfigurations has %zu entries, and activeActive says that the "
			    "gateway runs %zu instance%s; print it anew",
			    n, wanted, wanted > 1 ? "s" : "");
	for (size_t i = 0; i < n && i < wanted; i++) {
		struct instance instance = read_instance(joiner, i, n);

		if (i == 0)
			site_join_networks(joiner, &instance.subnet);
		if (n == wanted && !gateway->active_active.is_bad)
			join_address(joiner, resource, &instance);
	}
}

void site_join_gateway(struct site_joiner *joiner)
{
	const struct azure_resource *resource =
		site_follow(joiner, &joiner->connection.gateway, AZURE_KIND_GATEWAY, NULL, "");
	struct azure_gateway *gateway = &joiner->gateway;
	struct azure_custom_routes custom_routes;

	if (!resource)
		return;
	azure_read(&azure_gateway_table, &resource->body, joiner->findings, gateway);
	if (azure_is_missing(&gateway->type))
		site_missing(joiner, resource, "gatewayType");
	if (azure_is_missing(&gateway->vpn_type) && !gateway->type.is_bad)
		site_missing(joiner, resource, "vpnType");
	if (gateway->type.is_bad)
		return;
	check_default_site(joiner);
	if (azure_is_set(&gateway->custom_routes))
		azure_read(&azure_custom_routes_table, &gateway->custom_routes.node,
			   joiner->findings, &custom_routes);
	join_instances(joiner, resource);
}
