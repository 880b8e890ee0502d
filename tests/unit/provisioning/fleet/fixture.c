/* What the fleet's tests share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const char fixture_good[] =
	"[{'name': 'cn-a', 'id': '" ID("connections/cn-a") "',"
	"  'type': 'Microsoft.Network/connections', 'properties': {"
	"   'provisioningState': 'Succeeded',"
	"   'virtualNetworkGateway1': {'id': '" ID("virtualNetworkGateways/vng-hub") "'},"
	"   'localNetworkGateway2': {'id': '" ID("localNetworkGateways/lng-a") "',"
	" 'properties': {}},"
	"   'connectionType': 'IPsec', 'connectionProtocol': 'IKEv2', 'connectionMode': 'Default',"
	"   'sharedKey': 'invented-key', 'dpdTimeoutSeconds': 30, 'enableBgp': false,"
	"   'ipsecPolicies': [{'saLifeTimeSeconds': 3600, 'saDataSizeKilobytes': 1024000,"
	"    'ipsecEncryption': 'GCMAES256', 'ipsecIntegrity': 'GCMAES256',"
	"    'ikeEncryption': 'AES256', 'ikeIntegrity': 'SHA384',"
	"    'dhGroup': 'ECP384', 'pfsGroup': 'ECP384'}],"
	"   'trafficSelectorPolicies': [], 'ingressNatRules': []}},"
	" {'name': 'vng-hub', 'id': '" ID("virtualNetworkGateways/vng-hub") "',"
	"  'type': 'Microsoft.Network/virtualNetworkGateways', 'properties': {"
	"   'gatewayType': 'Vpn', 'vpnType': 'RouteBased', 'activeActive': false,"
	"   'ipConfigurations': [{'properties': {"
	"    'publicIPAddress': {'id': '" ID("publicIPAddresses/pip-hub") "'},"
	"    'subnet': {'id': '" ID("virtualNetworks/vnet-hub/subnets/GatewaySubnet") "'}}}],"
	"   'bgpSettings': {'asn': 65515, 'bgpPeeringAddresses': []}}},"
	" {'name': 'lng-a', 'id': '" ID("localNetworkGateways/lng-a") "',"
	"  'type': 'Microsoft.Network/localNetworkGateways', 'properties': {"
	"   'gatewayIpAddress': '203.0.113.7', 'fqdn': '',"
	"   'localNetworkAddressSpace': {'addressPrefixes': ['192.168.70.0/24']}}},"
	" {'name': 'pip-hub', 'id': '" ID("publicIPAddresses/pip-hub") "',"
	"  'type': 'Microsoft.Network/publicIPAddresses',"
	"  'properties': {'ipAddress': '198.51.100.10'}},"
	" {'name': 'vnet-hub', 'id': '" ID("virtualNetworks/vnet-hub") "',"
	"  'type': 'Microsoft.Network/virtualNetworks',"
	"  'properties': {'addressSpace': {'addressPrefixes': ['10.50.0.0/16']},"
	"   'virtualNetworkPeerings': []}}]";
/* clang-format on */

void fixture_init(struct fixture *fixture, const char *document)
{
	char *text = strdup(document);
	struct config_error error;

	assert_non_null(text);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	*fixture = (struct fixture){ .file = { .path = "t.json" } };
	assert_int_equal(json_text_parse(text, strlen(text), JSON_TEXT_TOLERANT,
					 &fixture->file.json, &error),
			 0);
	free(text);
}

void fixture_deinit(struct fixture *fixture)
{
	azure_inventory_deinit(&fixture->inventory);
	findings_deinit(&fixture->findings);
	json_text_free(fixture->file.json);
}

char *fixture_replace(const char *document, const char *from, const char *to)
{
	const char *at = strstr(document, from);
	char *changed = NULL;

	assert_non_null(at);
	assert_null(strstr(at + 1, from));
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - document), document, to,
			     at + strlen(from)) >= 0);
	return changed;
}

char *fixture_findings(const struct findings *findings, bool errors_only)
{
	char *printed = NULL, *kept = NULL, *save = NULL;
	size_t len, kept_len;
	FILE *out = open_memstream(&printed, &len);
	FILE *kept_out = open_memstream(&kept, &kept_len);

	assert_true(out && kept_out);
	assert_int_equal(findings_print(findings, false, out), 0);
	fclose(out);
	for (char *line = strtok_r(printed, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *pointer = strstr(line, ": /");

		assert_non_null(pointer);
		if (!errors_only || !strstr(line, ": note: "))
			fprintf(kept_out, "%s\n", pointer + 2);
	}
	fclose(kept_out);
	free(printed);
	return kept;
}
