/* The tables of Azure's resources. What is refused stands beside the member that asks for it.
 *
 * Names and types: Microsoft.Network, api-version 2024-05-01.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "provisioning/fleet/azure_reader.h"

#include "base/cleanup.h"

#define IPSEC_ONLY "only IPsec connections lead to an office"
#define LEAVE_NAT "address translation by Azure is not supported; take the rule off the connection"

#define STATE_NOTE "Azure has not put this in force; print it again when it is Succeeded"

/* Values that need no note. */
static const struct azure_word succeeded[] = { { "Succeeded", 0, NULL }, { NULL, 0, NULL } };
static const struct azure_word connected[] = { { "Connected", 0, NULL }, { NULL, 0, NULL } };

static const struct azure_word connection_types[] = {
	{ "IPsec", 0, NULL },
	{ "Vnet2Vnet", 0, "it joins two virtual networks; " IPSEC_ONLY },
	{ "ExpressRoute", 0, "it is a private line, not a tunnel; " IPSEC_ONLY },
	{ "VPNClient", 0, "it serves single clients; " IPSEC_ONLY },
	{ NULL, 0, NULL },
};

static const struct azure_word protocols[] = {
	{ "IKEv2", 0, NULL },
	{ "IKEv1", 0, "only IKEv2 is spoken; Azure cannot change it, so make the connection anew" },
	{ NULL, 0, NULL },
};

static const struct azure_word modes[] = {
	{ "Default", AZURE_MODE_DEFAULT, NULL },
	{ "ResponderOnly", AZURE_MODE_RESPONDER_ONLY, NULL },
	{ "InitiatorOnly", AZURE_MODE_INITIATOR_ONLY, NULL },
	{ NULL, 0, NULL },
};

static const struct azure_word authentications[] = {
	{ "PSK", AZURE_AUTHENTICATION_PSK, NULL },
	{ "Certificate", AZURE_AUTHENTICATION_CERTIFICATE,
	  "certificates are not supported; let the connection use a shared key" },
	{ NULL, 0, NULL },
};

static const struct azure_word gateway_types[] = {
	{ "Vpn", 0, NULL },
	{ "ExpressRoute", 0,
	  "it ends private lines, not tunnels; a gateway of type Vpn is needed" },
	{ "LocalGateway", 0, "it is no VPN gateway; a gateway of type Vpn is needed" },
	{ NULL, 0, NULL },
};

static const struct azure_word vpn_types[] = {
	{ "RouteBased", 0, NULL },
	{ "PolicyBased", 0, "it speaks only IKEv1; a RouteBased gateway is needed" },
	{ NULL, 0, NULL },
};

#define FIELD(member) offsetof(struct azure_connection, member)
static const struct azure_field connection_fields[] = {
	{ "connectionType", AZURE_WORD, FIELD(type), connection_types, NULL },
	{ "connectionProtocol", AZURE_WORD, FIELD(protocol), protocols, NULL },
	{ "connectionMode", AZURE_WORD, FIELD(mode), modes, NULL },
	{ "virtualNetworkGateway1", AZURE_LINK, FIELD(gateway), NULL, NULL },
	{ "localNetworkGateway2", AZURE_LINK, FIELD(local_gateway), NULL, NULL },
	{ "sharedKey", AZURE_SECRET, FIELD(shared_key), NULL, NULL },
	{ "authenticationType", AZURE_WORD, FIELD(authentication), authentications, NULL },
	{ "certificateAuthentication", AZURE_OBJECT, FIELD(certificate), NULL, NULL },
	{ "dpdTimeoutSeconds", AZURE_NUMBER, FIELD(dpd_timeout_s), NULL, NULL },
	{ "ipsecPolicies", AZURE_LIST, FIELD(policies), NULL, NULL },
	{ "enableBgp", AZURE_BOOL, FIELD(bgp), NULL,
	  "BGP is not supported; turn it off and name the office's prefixes in the local network "
	  "gateway" },
	{ "useLocalAzureIpAddress", AZURE_BOOL, FIELD(local_azure_address), NULL, NULL },
	{ "usePolicyBasedTrafficSelectors", AZURE_BOOL, FIELD(policy_selectors), NULL, NULL },
	{ "trafficSelectorPolicies", AZURE_LIST, FIELD(selectors), NULL, NULL },
	{ "ingressNatRules", AZURE_LIST, FIELD(ingress_nat), NULL, LEAVE_NAT },
	{ "egressNatRules", AZURE_LIST, FIELD(egress_nat), NULL, LEAVE_NAT },
	{ "tunnelProperties", AZURE_UNUSED, FIELD(tunnels), NULL,
	  "the tunnel goes to the gateway's public address, whatever stands here" },
	{ "provisioningState", AZURE_UNUSED, FIELD(state), succeeded, STATE_NOTE },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_selectors, member)
static const struct azure_field selectors_fields[] = {
	{ "localAddressRanges", AZURE_LIST, FIELD(azure), NULL, NULL },
	{ "remoteAddressRanges", AZURE_LIST, FIELD(office), NULL, NULL },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_gateway, member)
static const struct azure_field gateway_fields[] = {
	{ "gatewayType", AZURE_WORD, FIELD(type), gateway_types, NULL },
	{ "vpnType", AZURE_WORD, FIELD(vpn_type), vpn_types, NULL },
	{ "activeActive", AZURE_BOOL, FIELD(active_active), NULL, NULL },
	{ "ipConfigurations", AZURE_LIST, FIELD(ip_configurations), NULL, NULL },
	{ "bgpSettings", AZURE_OBJECT, FIELD(bgp_settings), NULL, NULL },
	{ "gatewayDefaultSite", AZURE_LINK, FIELD(default_site), NULL, NULL },
	{ "customRoutes", AZURE_OBJECT, FIELD(custom_routes), NULL, NULL },
	{ "enableBgp", AZURE_UNUSED, FIELD(bgp), NULL, "only the connection's enableBgp decides" },
	{ "natRules", AZURE_UNUSED, FIELD(nat_rules), NULL,
	  "they translate only for connections that name them" },
	{ "disableIPSecReplayProtection", AZURE_UNUSED, FIELD(replays), NULL,
	  "Azure takes replayed packets; the box refuses them all the same" },
	{ "provisioningState", AZURE_UNUSED, FIELD(state), succeeded, STATE_NOTE },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_custom_routes, member)
static const struct azure_field custom_routes_fields[] = {
	{ "addressPrefixes", AZURE_LIST, FIELD(prefixes), NULL,
	  "custom routes of the gateway are not supported; take them off" },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_bgp_settings, member)
static const struct azure_field bgp_settings_fields[] = {
	{ "bgpPeeringAddresses", AZURE_LIST, FIELD(addresses), NULL, NULL },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_bgp_address, member)
static const struct azure_field bgp_address_fields[] = {
	{ "ipconfigurationId", AZURE_STRING, FIELD(configuration), NULL, NULL },
	{ "tunnelIpAddresses", AZURE_LIST, FIELD(tunnel_addresses), NULL, NULL },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_ip_configuration, member)
static const struct azure_field ip_configuration_fields[] = {
	{ "publicIPAddress", AZURE_LINK, FIELD(public_ip), NULL, NULL },
	{ "privateIPAddress", AZURE_STRING, FIELD(private_address), NULL, NULL },
	{ "subnet", AZURE_LINK, FIELD(subnet), NULL, NULL },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_local_gateway, member)
static const struct azure_field local_gateway_fields[] = {
	{ "gatewayIpAddress", AZURE_STRING, FIELD(address), NULL, NULL },
	{ "fqdn", AZURE_STRING, FIELD(fqdn), NULL, NULL },
	{ "localNetworkAddressSpace", AZURE_OBJECT, FIELD(address_space), NULL, NULL },
	{ "bgpSettings", AZURE_UNUSED, FIELD(bgp_settings), NULL,
	  "they matter only with BGP, which is not supported" },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_public_ip, member)
static const struct azure_field public_ip_fields[] = {
	{ "ipAddress", AZURE_STRING, FIELD(address), NULL, NULL },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_network, member)
static const struct azure_field network_fields[] = {
	{ "addressSpace", AZURE_OBJECT, FIELD(address_space), NULL, NULL },
	{ "virtualNetworkPeerings", AZURE_LIST, FIELD(peerings), NULL, NULL },
};
#undef FIELD

#define FIELD(member) offsetof(struct azure_peering, member)
static const struct azure_field peering_fields[] = {
	{ "allowGatewayTransit", AZURE_BOOL, FIELD(has_gateway_transit), NULL, NULL },
	{ "remoteVirtualNetwork", AZURE_LINK, FIELD(network), NULL, NULL },
	{ "remoteVirtualNetworkAddressSpace", AZURE_OBJECT, FIELD(current_space), NULL, NULL },
	{ "remoteAddressSpace", AZURE_OBJECT, FIELD(synced_space), NULL, NULL },
	{ "peeringState", AZURE_UNUSED, FIELD(state), connected,
	  "nothing passes to that network until it is Connected" },
};
#undef FIELD

const struct azure_table azure_connection_table = {
	connection_fields,
	countof(connection_fields),
};
const struct azure_table azure_selectors_table = {
	selectors_fields,
	countof(selectors_fields),
};
const struct azure_table azure_gateway_table = {
	gateway_fields,
	countof(gateway_fields),
};
const struct azure_table azure_custom_routes_table = {
	custom_routes_fields,
	countof(custom_routes_fields),
};
const struct azure_table azure_bgp_settings_table = {
	bgp_settings_fields,
	countof(bgp_settings_fields),
};
const struct azure_table azure_bgp_address_table = {
	bgp_address_fields,
	countof(bgp_address_fields),
};
const struct azure_table azure_ip_configuration_table = {
	ip_configuration_fields,
	countof(ip_configuration_fields),
};
const struct azure_table azure_local_gateway_table = {
	local_gateway_fields,
	countof(local_gateway_fields),
};
const struct azure_table azure_public_ip_table = {
	public_ip_fields,
	countof(public_ip_fields),
};
const struct azure_table azure_network_table = {
	network_fields,
	countof(network_fields),
};
const struct azure_table azure_peering_table = {
	peering_fields,
	countof(peering_fields),
};
