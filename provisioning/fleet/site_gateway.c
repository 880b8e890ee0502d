/* The Azure end: the virtual network gateway and its public address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "provisioning/fleet/site_parts.h"

/* The addresses at which the gateway's own entry says that it ends tunnels. */
struct tunnel_addresses {
	size_t n;
	struct addr first;
	struct azure_node first_at;
};

static void take_tunnel_address(struct site_joiner *joiner, const struct azure_node *node,
				struct tunnel_addresses *addresses)
{
	struct addr addr;

	/* a gateway can have private ones, for tunnels over private lines */
	if (!site_parse_address(joiner, node, "a tunnel address of the gateway", &addr) ||
	    addr_is_private(&addr))
		return;
	if (addresses->n == 0) {
		addresses->first = addr;
		addresses->first_at = *node;
	} else if (addr_equal(&addresses->first, &addr)) {
		return;
	}
	addresses->n++;
}

static struct tunnel_addresses read_tunnel_addresses(struct site_joiner *joiner)
{
	struct tunnel_addresses addresses = { 0 };
	struct azure_bgp_settings settings;
	struct azure_bgp_address entry;

	if (!azure_is_set(&joiner->gateway.bgp_settings))
		return addresses;
	azure_read(&azure_bgp_settings_table, &joiner->gateway.bgp_settings.node, joiner->findings,
		   &settings);
	for (size_t i = 0; i < json_array_size(settings.addresses.node.json); i++) {
		struct azure_node node = azure_element(&settings.addresses.node, i);

		azure_read(&azure_bgp_address_table, &node, joiner->findings, &entry);
		for (size_t k = 0; k < json_array_size(entry.tunnel_addresses.node.json); k++) {
			node = azure_element(&entry.tunnel_addresses.node, k);
			take_tunnel_address(joiner, &node, &addresses);
		}
	}
	return addresses;
}

/* The address of the public IP resource behind a link; false when it is not there. */
static bool read_public_ip(struct site_joiner *joiner, const struct azure_value *link,
			   bool is_needed, struct addr *ret_addr)
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
		joiner->gateway_at = public_ip.address.node;
		return site_parse_address(joiner, &public_ip.address.node, "ipAddress", ret_addr);
	}
	/* a dynamic one is printed without its address at times, although it has one */
	if (azure_is_missing(&public_ip.address) && is_needed)
		site_missing(joiner, resource, "ipAddress");
	return false;
}

static void join_address(struct site_joiner *joiner, const struct azure_resource *resource,
			 const struct azure_value *public_ip)
{
	struct tunnel_addresses addresses = read_tunnel_addresses(joiner);
	char first[ADDR_TEXT_BYTES], second[ADDR_TEXT_BYTES];
	struct addr addr;

	if (addresses.n > 1) {
		azure_error(joiner->findings, &joiner->gateway.bgp_settings.node, NULL,
			    "the gateway ends tunnels at %zu public addresses: it runs several "
			    "instances, and one is supported",
			    addresses.n);
		return;
	}
	if (addresses.n == 0 && azure_is_missing(public_ip)) {
		site_missing(joiner, resource, "publicIPAddress");
		return;
	}
	if (addresses.n == 1)
		joiner->site->gateway = addresses.first;
	joiner->gateway_at = addresses.first_at;
	if (!read_public_ip(joiner, public_ip, addresses.n == 0, &addr))
		return;
	if (addresses.n == 1 && !addr_equal(&addr, &addresses.first))
		azure_error(joiner->findings, &public_ip->node, NULL,
			    "the public IP address is %s, but the gateway says that it ends "
			    "tunnels at %s; print both anew",
			    addr_print(&addr, first), addr_print(&addresses.first, second));
	else if (addr_is_private(&addr))
		azure_error(joiner->findings, &public_ip->node, NULL,
			    "the public IP address is %s, which is not one of the internet",
			    addr_print(&addr, first));
	else
		joiner->site->gateway = addr;
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

void site_join_gateway(struct site_joiner *joiner)
{
	const struct azure_resource *resource =
		site_follow(joiner, &joiner->connection.gateway, AZURE_KIND_GATEWAY, NULL, "");
	struct azure_gateway *gateway = &joiner->gateway;
	struct azure_ip_configuration configuration = { 0 };
	struct azure_custom_routes custom_routes;
	struct azure_node element, body;
	size_t n;

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

	n = json_array_size(gateway->ip_configurations.node.json);
	if (n == 0 && !gateway->ip_configurations.is_bad) {
		site_missing(joiner, resource, "ipConfigurations");
		return;
	}
	if (n > 0) {
		element = azure_element(&gateway->ip_configurations.node, 0);
		body = azure_properties(&element, joiner->findings);
		azure_read(&azure_ip_configuration_table, &body, joiner->findings, &configuration);
		site_join_networks(joiner, &configuration.subnet);
	}
	if (gateway->active_active.is_bad)
		return; /* several addresses are no second fault */
	if (n > 1)
		azure_error(joiner->findings, &gateway->ip_configurations.node, NULL,
			    "ipConfigurations has %zu entries: the gateway runs several "
			    "instances, and one is supported",
			    n);
	else if (n == 1)
		join_address(joiner, resource, &configuration.public_ip);
}
