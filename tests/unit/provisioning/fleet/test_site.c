/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "provisioning/fleet/site.h"

#include <string.h>

#include "fixture.h"

#define CN ID("connections/cn-a")
#define VNG ID("virtualNetworkGateways/vng-hub")
#define LNG ID("localNetworkGateways/lng-a")
#define PIP ID("publicIPAddresses/pip-hub")
#define VNET ID("virtualNetworks/vnet-hub")
#define LINK_VNG "'virtualNetworkGateway1': {'id': '" VNG "'}"
#define LINK_LNG "'localNetworkGateway2': {'id': '" LNG "', 'properties': {}}"

#define MASKED(pointer)                                                                            \
	pointer ": the shared key is masked; print it in clear with: az network vpn-connection "   \
		"shared-key show --ids " CN "\n"

/* One change to the good document, and the errors that come of it; "" for a site. */
static const struct row {
	const char *name, *from, *to, *errors;
} rows[] = {
	{ "Azure's default", "'dpdTimeoutSeconds': 30", "'dpdTimeoutSeconds': 0", "" },
	{ "a link with a full gateway inside", LINK_LNG,
	  "'localNetworkGateway2': {'id': '" LNG "', 'properties': {'gatewayIpAddress': 'x'}}",
	  "" },
	{ "connections of another type", "'IPsec'", "'Vnet2Vnet'",
	  "/0/properties/connectionType: connectionType is Vnet2Vnet: it joins two virtual "
	  "networks; only IPsec connections lead to an office\n" },
	{ "lines that are no tunnels", "'IPsec'", "'ExpressRoute'",
	  "/0/properties/connectionType: connectionType is ExpressRoute: it is a private line, not "
	  "a tunnel; only IPsec connections lead to an office\n" },
	{ "single clients", "'IPsec'", "'VPNClient'",
	  "/0/properties/connectionType: connectionType is VPNClient: it serves single clients; "
	  "only IPsec connections lead to an office\n" },
	{ "no type", "'connectionType': 'IPsec',", "",
	  "/0: the connection cn-a has no connectionType here; print it whole with: az network "
	  "vpn-connection show --ids " CN "\n" },
	{ "IKEv1", "'IKEv2'", "'IKEv1'",
	  "/0/properties/connectionProtocol: connectionProtocol is IKEv1: only IKEv2 is spoken; "
	  "Azure cannot change it, so make the connection anew\n" },
	{ "IKEv2 is Azure's default", "'connectionProtocol': 'IKEv2',", "", "" },
	{ "BGP", "'enableBgp': false", "'enableBgp': 'true'",
	  "/0/properties/enableBgp: enableBgp is true: BGP is not supported; turn it off and name "
	  "the office's prefixes in the local network gateway\n" },
	{ "traffic selectors that are off are no error", "'trafficSelectorPolicies': []",
	  "'trafficSelectorPolicies': [{}]", "" },
	{ "traffic selectors of one side", "'trafficSelectorPolicies': []",
	  "'usePolicyBasedTrafficSelectors': true, 'trafficSelectorPolicies': [{}]",
	  "/0/properties/trafficSelectorPolicies/0: localAddressRanges and remoteAddressRanges "
	  "must both have entries\n" },
	{ "the matrix of prefixes", "'ingressNatRules': []",
	  "'usePolicyBasedTrafficSelectors': true", "" },
	{ "a private tunnel to a gateway without a private address", "'ingressNatRules': []",
	  "'useLocalAzureIpAddress': true",
	  "/1: the virtual network gateway vng-hub has no privateIPAddress for "
	  "useLocalAzureIpAddress here; print it whole with: az network vnet-gateway show --ids "
	  "/subscriptions/sub/resourceGroups/rg-net/providers/Microsoft.Network/"
	  "virtualNetworkGateways/vng-hub\n" },
	{ "NAT rules", "'ingressNatRules': []", "'egressNatRules': [{'id': '/x'}]",
	  "/0/properties/egressNatRules: egressNatRules has 1 entry: address translation by Azure "
	  "is not supported; take the rule off the connection\n" },
	{ "certificates need no key", "'sharedKey': 'invented-key'",
	  "'authenticationType': 'Certificate'",
	  "/0/properties/authenticationType: authenticationType is Certificate: certificates are "
	  "not supported; let the connection use a shared key\n" },
	{ "certificates and a key", "'ingressNatRules': []",
	  "'certificateAuthentication': {'a': 1}",
	  "/0/properties/certificateAuthentication: certificateAuthentication is set: certificates "
	  "are not supported; let the connection use a shared key\n" },
	{ "a dead peer timeout out of range", "'dpdTimeoutSeconds': 30", "'dpdTimeoutSeconds': 8",
	  "/0/properties/dpdTimeoutSeconds: dpdTimeoutSeconds is 8; 9 to 3600 are possible, and 0 "
	  "for Azure's default\n" },
	{ "a policy's refusal comes through", "'SHA384'", "'SHA512'",
	  "/0/properties/ipsecPolicies/0/ikeIntegrity: ikeIntegrity is \"SHA512\", which is none "
	  "of Azure's words for it that are supported: SHA384, SHA256, SHA1, MD5, GCMAES256, "
	  "GCMAES128\n" },

	{ "no key", "'sharedKey': 'invented-key',", "",
	  "/0: the shared key of cn-a is in none of the files; print it with: az network "
	  "vpn-connection shared-key show --ids " CN "\n" },
	{ "an empty key", "'invented-key'", "''",
	  "/0: the shared key of cn-a is in none of the files; print it with: az network "
	  "vpn-connection shared-key show --ids " CN "\n" },
	{ "a masked key", "'invented-key'", "'***'", MASKED("/0/properties/sharedKey") },
	{ "a placeholder", "'invented-key'", "'GEN-UNIQUE'",
	  "/0/properties/sharedKey: the shared key is a template's placeholder; print the key "
	  "with: az "
	  "network vpn-connection shared-key show --ids " CN "\n" },
	{ "a placeholder in brackets", "'invented-key'", "'<your key>'",
	  "/0/properties/sharedKey: the shared key is a template's placeholder; print the key "
	  "with: az "
	  "network vpn-connection shared-key show --ids " CN "\n" },
	{ "a key of other letters", "'invented-key'", "'schl\xc3\xbcssel'",
	  "/0/properties/sharedKey: the shared key has a character that is not printable ASCII; "
	  "print "
	  "it with: az network vpn-connection shared-key show --ids " CN "\n" },
	{ "a key that is a number", "'invented-key'", "12345",
	  "/0/properties/sharedKey: sharedKey must be a string\n" },

	{ "no gateway", LINK_VNG, "'virtualNetworkGateway1': {'id': '/x/vng-other'}",
	  "/0/properties/virtualNetworkGateway1/id: the virtual network gateway vng-other is in "
	  "none of the files; print it with: az network vnet-gateway show --ids /x/vng-other\n" },
	{ "no link to a gateway", LINK_VNG ",", "",
	  "/0: the connection cn-a has no virtualNetworkGateway1 here; print it whole with: az "
	  "network "
	  "vpn-connection show --ids " CN "\n" },
	{ "a gateway of another type", "'gatewayType': 'Vpn'", "'gatewayType': 'ExpressRoute'",
	  "/1/properties/gatewayType: gatewayType is ExpressRoute: it ends private lines, not "
	  "tunnels; a gateway of type Vpn is needed\n" },
	{ "a policy-based gateway", "'RouteBased'", "'PolicyBased'",
	  "/1/properties/vpnType: vpnType is PolicyBased: it speaks only IKEv1; a RouteBased "
	  "gateway is needed\n" },
	{ "two instances and one configuration", "'activeActive': false", "'activeActive': true",
	  "/1/properties/ipConfigurations: ipConfigurations has 1 entries, and activeActive says "
	  "that the gateway runs 2 instances; print it anew\n" },
	{ "two addresses", "'bgpPeeringAddresses': []",
	  "'bgpPeeringAddresses': [{'tunnelIpAddresses': ['198.51.100.10', '10.50.255.4']},"
	  " {'tunnelIpAddresses': ['198.51.100.11']}]",
	  "/1/properties/bgpSettings: one instance ends tunnels at 2 public addresses, and a "
	  "tunnel "
	  "goes to one\n" },
	{ "an entry of its addresses that is no object", "'bgpPeeringAddresses': []",
	  "'bgpPeeringAddresses': ['198.51.100.10']",
	  "/1/properties/bgpSettings/bgpPeeringAddresses/0: an object is needed here\n" },
	{ "the gateway's own word for its address", "'bgpPeeringAddresses': []",
	  "'bgpPeeringAddresses': [{'tunnelIpAddresses': ['198.51.100.10', '10.50.255.4']}]", "" },
	{ "two words for the address", "'bgpPeeringAddresses': []",
	  "'bgpPeeringAddresses': [{'tunnelIpAddresses': ['198.51.100.99']}]",
	  "/1/properties/ipConfigurations/0/properties/publicIPAddress/id: the public IP address "
	  "is 198.51.100.10, but the gateway says that it ends tunnels at 198.51.100.99; print "
	  "both anew\n" },
	{ "forced tunnelling", "'vpnType': 'RouteBased'",
	  "'vpnType': 'RouteBased', 'gatewayDefaultSite': {'id': '" LNG "'}",
	  "/1/properties/gatewayDefaultSite/id: gatewayDefaultSite is this office: Azure's "
	  "internet traffic through the tunnel is not supported; take it off the gateway\n" },
	{ "no public IP", "'name': 'pip-hub', 'id': '" PIP "'", "'name': 'p', 'id': '/p'",
	  "/1/properties/ipConfigurations/0/properties/publicIPAddress/id: the public IP address "
	  "pip-hub is in none of the files; print it with: az network public-ip show --ids " PIP
	  "\n" },
	{ "a public IP without its address", "'ipAddress': '198.51.100.10'", "'x': 1",
	  "/3: the public IP address pip-hub has no ipAddress here; print it whole with: az "
	  "network "
	  "public-ip show --ids " PIP "\n" },
	{ "a public IP that is none", "'198.51.100.10'", "'10.0.0.1'",
	  "/1/properties/ipConfigurations/0/properties/publicIPAddress/id: the public IP address "
	  "is 10.0.0.1, which is not one of the internet\n" },
	{ "a placeholder of an address", "'198.51.100.10'", "'x.x.x.x'",
	  "/3/properties/ipAddress: ipAddress is \"x.x.x.x\", which is not the IPv4 address of a "
	  "host\n" },

	{ "no local gateway", LINK_LNG, "'localNetworkGateway2': {'id': '/x/lng-other'}",
	  "/0/properties/localNetworkGateway2/id: the local network gateway lng-other is in none "
	  "of the files; print it with: az network local-gateway show --ids /x/lng-other\n" },
	{ "no link to a local gateway", LINK_LNG ",", "",
	  "/0: the connection cn-a has no localNetworkGateway2 here; print it whole with: az "
	  "network "
	  "vpn-connection show --ids " CN "\n" },
	{ "a placeholder of the office's address", "'203.0.113.7'", "'x.x.x.x'",
	  "/2/properties/gatewayIpAddress: gatewayIpAddress is \"x.x.x.x\", which is not the IPv4 "
	  "address of a host\n" },
	{ "an office with a name only", "'gatewayIpAddress': '203.0.113.7', 'fqdn': ''",
	  "'fqdn': 'branch7.example'",
	  "/2/properties/fqdn: the office has a name, branch7.example, and no gatewayIpAddress; "
	  "give its public address with --local-id\n" },
	{ "an office without address", "'gatewayIpAddress': '203.0.113.7'",
	  "'gatewayIpAddress': ''",
	  "/2: the local network gateway lng-a has no gatewayIpAddress here; print it whole with: "
	  "az "
	  "network local-gateway show --ids " LNG "\n" },
	{ "an office without prefixes", "['192.168.70.0/24']", "[]",
	  "/2: the local network gateway names no addressPrefixes of the office, and BGP, which "
	  "could bring them, is not supported; add them in Azure\n" },
	{ "an office whose name names no site", LINK_LNG,
	  "'localNetworkGateway2': {'id': '" LNG " b'}",
	  "/0/properties/localNetworkGateway2/id: the local network gateway lng-a b is in none of "
	  "the files; print it with: az network local-gateway show --ids '" LNG " b'\n"
	  "/0/properties/localNetworkGateway2/id: the local network gateway's name cannot name the "
	  "office: 1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit; "
	  "give one with --site\n" },
	{ "a gateway inside the office", "'192.168.70.0/24'", "'198.51.100.0/28'",
	  "/3/properties/ipAddress: the gateway's public address 198.51.100.10 lies in the "
	  "office's 198.51.100.0/28, so that the tunnel would lead through itself; mend the "
	  "prefix\n" },
	{ "custom routes", "'activeActive': false",
	  "'customRoutes': {'addressPrefixes': ['10.70.0.0/16']}",
	  "/1/properties/customRoutes/addressPrefixes: addressPrefixes has 1 entry: custom routes "
	  "of the gateway are not supported; take them off\n" },
	{ "no custom routes", "'activeActive': false", "'customRoutes': {'addressPrefixes': []}",
	  "" },
	{ "an office inside Azure", "'192.168.70.0/24'", "'10.50.7.0/24'",
	  "/2/properties/localNetworkAddressSpace/addressPrefixes/0: the office's 10.50.7.0/24 "
	  "overlaps Azure's 10.50.0.0/16; an address can be on one side only\n" },

	{ "no network", "'name': 'vnet-hub', 'id': '" VNET "'", "'name': 'v', 'id': '/v'",
	  "/1/properties/ipConfigurations/0/properties/subnet/id: the virtual network vnet-hub is "
	  "in "
	  "none of the files, and no --azure-prefix stands for it; print it with: az network vnet "
	  "show "
	  "--ids " VNET "\n" },
	{ "a network without prefixes", "['10.50.0.0/16']", "[]",
	  "/4: the virtual network vnet-hub has no addressSpace here; print it whole with: az "
	  "network "
	  "vnet show --ids " VNET "\n" },
	{ "a peered network that does not use the gateway", "'virtualNetworkPeerings': []",
	  "'virtualNetworkPeerings': [{'properties': {'allowGatewayTransit': false}}]", "" },
	{ "a peered network that brings its prefixes", "'virtualNetworkPeerings': []",
	  "'virtualNetworkPeerings': [{'properties': {'allowGatewayTransit': true,"
	  " 'remoteVirtualNetworkAddressSpace': {'addressPrefixes': ['10.51.0.0/16']},"
	  " 'remoteAddressSpace': {'addressPrefixes': ['10.51.0.0/24']}}}]",
	  "" },
	{ "a peered network that overlaps", "'virtualNetworkPeerings': []",
	  "'virtualNetworkPeerings': [{'allowGatewayTransit': true,"
	  " 'remoteAddressSpace': {'addressPrefixes': ['10.50.1.0/24']}}]",
	  "/4/properties/virtualNetworkPeerings/0/remoteAddressSpace/addressPrefixes/0: the "
	  "prefixes 10.50.1.0/24 and 10.50.0.0/16 overlap; leave out one\n" },
	{ "a peered network that is elsewhere", "'virtualNetworkPeerings': []",
	  "'virtualNetworkPeerings': [{'allowGatewayTransit': true,"
	  " 'remoteVirtualNetwork': {'id': '/x/vnet-spoke'}}]",
	  "/4/properties/virtualNetworkPeerings/0/remoteVirtualNetwork/id: the virtual network "
	  "vnet-spoke is in none of the files, and no --azure-prefix stands for it; print it with: "
	  "az network vnet show --ids /x/vnet-spoke\n" },
	{ "a peered network that nobody knows", "'virtualNetworkPeerings': []",
	  "'virtualNetworkPeerings': [{'allowGatewayTransit': true}]",
	  "/4/properties/virtualNetworkPeerings/0: this peering uses the gateway, but names "
	  "neither its network nor its prefixes; give them with --azure-prefix\n" },
};

static struct site *join(struct fixture *fixture, const char *document,
			 const struct site_options *options)
{
	fixture_init(fixture, document);
	assert_int_equal(
		azure_inventory_add(&fixture->inventory, &fixture->file, &fixture->findings), 0);
	return site_join(&fixture->inventory, &fixture->file, options, &fixture->findings);
}

static void joins_row(void **state)
{
	static const struct site_options options = { 0 };
	const struct row *row = *state;
	_cleanup_free_ char *document = fixture_replace(fixture_good, row->from, row->to);
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site = join(&fixture, document, &options);
	_cleanup_free_ char *errors = fixture_findings(&fixture.findings, true);

	assert_string_equal(errors, row->errors);
	assert_int_equal(site != NULL, !row->errors[0]);
	assert_null(strstr(errors, "invented-key"));
}

/* What is added to the good document, and with which options. */
static const struct more_row {
	const char *name, *more;
	const char *site, *connection, *local_id, *azure_prefix;
	const char *errors;
} more_rows[] = {
	{ "the same key in a file of its own", "{'value': 'invented-key'}", NULL, NULL, NULL, NULL,
	  "" },
	{ "another key in a file of its own", "{'value': 'invented-other'}", NULL, NULL, NULL, NULL,
	  "/0/properties/sharedKey: two different shared keys are given for one connection; print "
	  "the "
	  "one that holds with: az network vpn-connection shared-key show --ids " CN "\n" },
	{ "an empty key in a file of its own", "{'value': ''}", NULL, NULL, NULL, NULL,
	  "/5/value: the shared key is empty; set one in Azure\n" },
	{ "the key of another connection",
	  "{'id': '" CN "-b/sharedkey', 'value': 'invented-other'}", NULL, NULL, NULL, NULL, "" },
	{ "two connections for one site",
	  "{'type': 'Microsoft.Network/connections', 'name': 'cn-b', 'id': '/x/cn-b',"
	  " 'localNetworkGateway2': {'id': '" LNG "'}}",
	  NULL, NULL, NULL, NULL,
	  "/5: 2 connections lead to the site lng-a, and one is supported: cn-a (for lng-a), cn-b "
	  "(for lng-a); choose with --connection\n" },
	{ "two connections for two sites",
	  "{'type': 'Microsoft.Network/connections', 'name': 'cn-b', 'id': '/x/cn-b',"
	  " 'localNetworkGateway2': {'id': '/x/lng-b'}, 'connectionProtocol': 'IKEv1'}",
	  NULL, NULL, NULL, NULL,
	  "/5: the files hold 2 connections, and a configuration is for one: cn-a (for lng-a), "
	  "cn-b (for lng-b); choose with --connection or --site\n"
	  "/5/connectionProtocol: connectionProtocol is IKEv1: only IKEv2 is spoken; Azure cannot "
	  "change it, so make the connection anew\n" },
	{ "one of two, by its name",
	  "{'type': 'Microsoft.Network/connections', 'name': 'cn-b', 'id': '/x/cn-b'}", NULL,
	  "CN-A", NULL, NULL, "" },
	{ "one of two, by its site",
	  "{'type': 'Microsoft.Network/connections', 'name': 'cn-b', 'id': '/x/cn-b'}", "lng-a",
	  NULL, NULL, NULL, "" },
	{ "none of this name", "{'value': []}", NULL, "cn-c", NULL, NULL,
	  "/: no connection is that of --connection cn-c; the files hold cn-a (for lng-a)\n" },
	{ "none of this site",
	  "{'type': 'Microsoft.Network/connections', 'name': 'cn-b', 'id': '/x/cn-b'}", "branch9",
	  NULL, NULL, NULL,
	  "/: no connection is that of --site branch9; the files hold cn-a (for lng-a), cn-b\n" },
	{ "a key that may be another connection's",
	  "{'type': 'Microsoft.Network/connections', 'name': 'cn-b', 'id': '/x/cn-b'},"
	  " {'value': 'invented-other'}",
	  NULL, "cn-a", NULL, NULL,
	  "/6: this shared key does not say for which connection it is, and the files hold "
	  "several; give it with one connection alone\n" },
	{ "more of Azure's prefixes", "{'value': []}", NULL, NULL, NULL, "10.60.0.0/16", "" },
	{ "the office's address from the command line", "{'value': []}", NULL, NULL, "203.0.113.9",
	  NULL, "" },
};

static void joins_more(void **state)
{
	const struct more_row *row = *state;
	_cleanup_free_ char *all = fixture_replace(fixture_good, "'virtualNetworkPeerings': []}}]",
						   "'virtualNetworkPeerings': []}}, MORE]");
	_cleanup_free_ char *document = fixture_replace(all, "MORE", row->more);
	struct site_options options = { .site = row->site, .connection = row->connection };
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site = NULL;
	_cleanup_free_ char *errors = NULL;

	if (row->local_id)
		assert_int_equal(addr_parse(row->local_id, &options.local_id), 0);
	if (row->azure_prefix)
		assert_int_equal(prefix_parse(row->azure_prefix,
					      &options.azure_prefixes[options.n_azure_prefixes++]),
				 0);
	site = join(&fixture, document, &options);
	errors = fixture_findings(&fixture.findings, true);
	assert_string_equal(errors, row->errors);
	if (!site)
		return;
	assert_int_equal(site->azure.n, row->azure_prefix ? 2 : 1);
	if (row->local_id)
		assert_true(addr_equal(&site->local_id, &options.local_id));
}

static void joins_the_good_document(void **state)
{
	static const struct site_options options = { 0 };
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site = join(&fixture, fixture_good, &options);
	char text[PREFIX_TEXT_BYTES];

	(void)state;
	assert_non_null(site);
	assert_int_equal(fixture.findings.n, 0);
	assert_string_equal(site->connection, "cn-a");
	assert_string_equal(site->name, "lng-a");
	assert_int_equal(site->mode, AZURE_MODE_DEFAULT);
	assert_int_equal(site->dpd_timeout_s, 30);
	assert_int_equal(site->n_gateways, 1);
	assert_string_equal(addr_print(&site->gateways[0], text), "198.51.100.10");
	assert_string_equal(addr_print(&site->local_id, text), "203.0.113.7");
	assert_int_equal(site->azure.n, 1);
	assert_string_equal(prefix_print(&site->azure.rows[0].prefix, text), "10.50.0.0/16");
	assert_int_equal(site->office.n, 1);
	assert_string_equal(prefix_print(&site->office.rows[0].prefix, text), "192.168.70.0/24");
	assert_int_equal(site->psk.len, strlen("invented-key"));
	assert_memory_equal(site->psk.bytes, "invented-key", site->psk.len);
}

/* A connection whose key is masked, and the response that was fetched for it. */
static void a_response_stands_for_a_masked_key(void **state)
{
	static const struct site_options options = { 0 };
	_cleanup_free_ char *masked = fixture_replace(fixture_good, "'invented-key'", "'***'");
	_cleanup_free_ char *document = fixture_replace(
		masked, "'virtualNetworkPeerings': []}}]",
		"'virtualNetworkPeerings': []}}, {'id': '" CN "/sharedkey', 'value': 'k'}]");
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site = join(&fixture, document, &options);

	(void)state;
	assert_non_null(site);
	assert_int_equal(site->psk.len, 1);
}

static void prefixes_of_the_command_line_stand_for_a_network(void **state)
{
	struct site_options options = { .n_azure_prefixes = 1 };
	_cleanup_free_ char *document = fixture_replace(
		fixture_good, "'name': 'vnet-hub', 'id': '" VNET "'", "'name': 'v', 'id': '/v'");
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site = NULL;

	(void)state;
	assert_int_equal(prefix_parse("10.60.0.0/16", &options.azure_prefixes[0]), 0);
	site = join(&fixture, document, &options);
	assert_non_null(site);
	assert_int_equal(site->azure.n, 1);
	assert_true(prefix_equal(&site->azure.rows[0].prefix, &options.azure_prefixes[0]));
}

static void a_request_takes_its_name_from_the_command_line(void **state)
{
	static const struct site_options options = { .connection = "cn-new" };
	_cleanup_free_ char *document =
		fixture_replace(fixture_good, "'name': 'cn-a', 'id': '" CN "',", "");
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site = join(&fixture, document, &options);

	(void)state;
	assert_non_null(site);
	assert_string_equal(site->connection, "cn-new");
}

static void a_list_entity_is_not_enough(void **state)
{
	static const struct site_options options = { 0 };
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site =
		join(&fixture,
		     "{'value': [{'name': 'cn-a', 'id': '" CN "', 'etag': 'e', 'properties': {"
		     "'connectionType': 'IPsec', 'virtualNetworkGateway1': {'id': '/v'},"
		     "'localNetworkGateway2': {'id': '/l'}}}]}",
		     &options);
	_cleanup_free_ char *errors = fixture_findings(&fixture.findings, true);

	(void)state;
	assert_null(site);
	assert_non_null(strstr(
		errors, "/value/0: the connection was printed by a list, which leaves out "
			"dpdTimeoutSeconds and the NAT rules; print it whole with: az network "
			"vpn-connection show --ids " CN "\n"));
}

static void no_connection_is_one_finding(void **state)
{
	static const struct site_options options = { 0 };
	_cleanup_(fixture_deinit) struct fixture fixture;
	_cleanup_(cleanup_site) struct site *site = join(&fixture, "{'id': '" VNET "'}", &options);
	_cleanup_free_ char *errors = fixture_findings(&fixture.findings, true);

	(void)state;
	assert_null(site);
	assert_string_equal(errors,
			    "/: none of the files holds a connection; print it with: az "
			    "network vpn-connection show --resource-group GROUP --name NAME\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_the_good_document),
		cmocka_unit_test(a_response_stands_for_a_masked_key),
		cmocka_unit_test(prefixes_of_the_command_line_stand_for_a_network),
		cmocka_unit_test(a_request_takes_its_name_from_the_command_line),
		cmocka_unit_test(a_list_entity_is_not_enough),
		cmocka_unit_test(no_connection_is_one_finding),
	};

	return RUN_ROWS(rows, joins_row) + RUN_ROWS(more_rows, joins_more) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
